//! Accuracy on labelled addresses: the measures of `whence eval`, as a pure function of rows and answers.
//!
//! Top-1: precision is right ÷ answered, where an answer on a row that should match nothing is wrong;
//! recall is right ÷ labelled rows. A label that the registry has retired is also met by its successor.
//! Exact: the answer is the labelled set, with or without the parents that the text also names, and
//! nothing else. The expected calibration error takes 15 bins of equal mass over the answered rows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use whence_model::RorId;

use crate::output::Row;

/// Bins of the calibration error.
const BINS: usize = 15;

/// One labelled address, as the gold files hold it.
#[derive(Clone, Debug, Deserialize)]
pub struct GoldRow {
    /// The address.
    pub affiliation: String,
    /// What it should give; empty if nothing.
    pub ror_ids: Vec<String>,
    /// Whether the label is in the registry at all; rows where it is not are left out.
    #[serde(default = "present")]
    pub in_registry: bool,
    /// Parents that the text also names: right with or without them. Their presence asks for `exact`.
    pub named_parents: Option<Vec<String>>,
}

fn present() -> bool {
    true
}

/// A row with its answer, ready to be measured.
#[derive(Clone, Debug)]
pub struct Answered {
    /// For each label, the ids that meet it: itself and, if it is retired, its successors.
    pub labels: Vec<BTreeSet<RorId>>,
    /// Parents that may be there as well.
    pub named_parents: Option<BTreeSet<RorId>>,
    /// The answer, best first, with confidences from 0 to 1.
    pub answer: Vec<(RorId, f64)>,
}

impl Answered {
    /// Whether the row has a label.
    pub fn is_labelled(&self) -> bool {
        !self.labels.is_empty()
    }

    /// Whether the best answer is right; none if there is no answer.
    pub fn is_right(&self) -> Option<bool> {
        self.answer.first().map(|(ror_id, _)| self.meets_a_label(*ror_id))
    }

    /// Whether the answer is exactly the labelled set; none if the row does not ask.
    pub fn is_exact(&self) -> Option<bool> {
        let named_parents = self.named_parents.as_ref()?;
        let answer: BTreeSet<RorId> = self.answer.iter().map(|(ror_id, _)| *ror_id).collect();
        let complete = self.labels.iter().all(|label| !label.is_disjoint(&answer));
        Some(
            complete
                && answer
                    .iter()
                    .all(|id| self.meets_a_label(*id) || named_parents.contains(id)),
        )
    }

    fn meets_a_label(&self, ror_id: RorId) -> bool {
        self.labels.iter().any(|label| label.contains(&ror_id))
    }
}

/// The measures over a set of rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// Rows measured.
    pub rows: usize,
    /// Rows that have a label.
    pub labelled: usize,
    /// Rows that were answered.
    pub answered: usize,
    /// Rows whose best answer is right.
    pub right: usize,
    /// Right ÷ answered.
    pub precision: f64,
    /// Right ÷ labelled.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// The same, precision counting twice.
    pub f0_5: f64,
    /// Rows that should match nothing.
    pub unlabelled: usize,
    /// Those of them that were left alone.
    pub unlabelled_unanswered: usize,
    /// Expected calibration error.
    pub ece: f64,
    /// Share of rows answered with exactly the labelled set, where rows ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<f64>,
}

impl Row for Evaluation {
    const COLUMNS: &'static [&'static str] = &[
        "rows",
        "labelled",
        "answered",
        "right",
        "precision",
        "recall",
        "f1",
        "f0_5",
        "unlabelled",
        "unlabelled_unanswered",
        "ece",
        "exact",
    ];
}

/// Measures.
pub fn evaluate(rows: &[Answered]) -> Evaluation {
    let count = |test: &dyn Fn(&Answered) -> bool| rows.iter().filter(|row| test(row)).count();
    let labelled = count(&Answered::is_labelled);
    let answered = count(&|row| !row.answer.is_empty());
    let right = count(&|row| row.is_right() == Some(true));
    let precision = ratio(right, answered);
    let recall = ratio(right, labelled);
    let exact: Vec<bool> = rows.iter().filter_map(Answered::is_exact).collect();
    Evaluation {
        rows: rows.len(),
        labelled,
        answered,
        right,
        precision,
        recall,
        f1: f_measure(precision, recall, 1.0),
        f0_5: f_measure(precision, recall, 0.5),
        unlabelled: rows.len() - labelled,
        unlabelled_unanswered: count(&|row| !row.is_labelled() && row.answer.is_empty()),
        ece: calibration_error(rows),
        exact: (!exact.is_empty()).then(|| ratio(exact.iter().filter(|exact| **exact).count(), exact.len())),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

fn f_measure(precision: f64, recall: f64, beta: f64) -> f64 {
    let weight = beta * beta;
    let denominator = weight * precision + recall;
    if denominator == 0.0 {
        0.0
    } else {
        (1.0 + weight) * precision * recall / denominator
    }
}

fn calibration_error(rows: &[Answered]) -> f64 {
    let mut answers: Vec<(f64, bool)> = rows
        .iter()
        .filter_map(|row| Some((row.answer.first()?.1, row.is_right()?)))
        .collect();
    answers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bins = BINS.min(answers.len());
    let mut error = 0.0;
    for bin in 0..bins {
        let part = &answers[answers.len() * bin / bins..answers.len() * (bin + 1) / bins];
        let confidence: f64 = part.iter().map(|(confidence, _)| confidence).sum();
        let right = ratio(part.iter().filter(|(_, right)| *right).count(), 1);
        error += (confidence - right).abs();
    }
    if answers.is_empty() {
        0.0
    } else {
        error / ratio(answers.len(), 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "https://ror.org/05qbk4x57";
    const B: &str = "https://ror.org/034t30j35";

    fn ids(ids: &[&str]) -> BTreeSet<RorId> {
        ids.iter().map(|id| RorId::parse(id).unwrap()).collect()
    }

    fn row(labels: &[&str], answer: &[&str], named_parents: Option<&[&str]>) -> Answered {
        Answered {
            labels: labels.iter().map(|label| ids(&[label])).collect(),
            named_parents: named_parents.map(ids),
            answer: answer.iter().map(|id| (RorId::parse(id).unwrap(), 0.8)).collect(),
        }
    }

    #[test]
    fn an_answer_on_a_row_without_label_lowers_precision_only() {
        let rows = [
            row(&[A], &[A], None),
            row(&[A], &[], None),
            row(&[], &[B], None),
            row(&[], &[], None),
        ];
        let evaluation = evaluate(&rows);
        assert_eq!(
            (evaluation.labelled, evaluation.answered, evaluation.right),
            (2, 2, 1)
        );
        assert_eq!((evaluation.unlabelled, evaluation.unlabelled_unanswered), (2, 1));
        assert!((evaluation.precision - 0.5).abs() < 1e-9 && (evaluation.recall - 0.5).abs() < 1e-9);
        assert_eq!(evaluation.exact, None);
    }

    #[test]
    fn exact_allows_named_parents_and_nothing_else() {
        assert_eq!(row(&[A], &[A], Some(&[])).is_exact(), Some(true));
        assert_eq!(row(&[A], &[A, B], Some(&[B])).is_exact(), Some(true));
        assert_eq!(row(&[A], &[A, B], Some(&[])).is_exact(), Some(false));
        assert_eq!(row(&[A, B], &[A], Some(&[])).is_exact(), Some(false));
        assert_eq!(row(&[], &[], Some(&[])).is_exact(), Some(true));
    }

    #[test]
    fn calibration_error_is_the_gap_between_confidence_and_truth() {
        let rows: Vec<Answered> = (0..10)
            .map(|n| row(if n < 8 { &[A] } else { &[B] }, &[A], None))
            .collect();
        // Ten bins of one row each: eight are 0.2 too low, two 0.8 too high.
        assert!((evaluate(&rows).ece - (8.0 * 0.2 + 2.0 * 0.8) / 10.0).abs() < 1e-9);
    }
}
