//! Accuracy on labelled addresses: the measures of `whence eval`, as a pure function of rows and answers.
//!
//! Top-1: precision is right ÷ answered, where an answer on a row that should match nothing is wrong;
//! recall is right ÷ labelled rows. A label that the registry has retired is also met by its successor.
//! Exact: the answer is the labelled set, with or without the parents that the text also names, and
//! nothing else. Every measure has its 95 % interval beside it.
//!
//! [`gold`] is a labelled row as files hold it, [`row`] one with its answer, [`place`] whether its place is
//! right, [`error_kind`] what kind of error it is; [`interval`] and [`calibration`] are the arithmetic.

pub mod calibration;
pub mod error_kind;
pub mod gold;
pub mod interval;
pub mod place;
pub mod row;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

pub use self::error_kind::ErrorKind;
pub use self::gold::GoldRow;
pub use self::row::Answered;

use self::calibration::{CONFIDENT, calibration_error, top_answers};
use self::interval::{Interval, Proportion, bootstrap};

/// The measures over a set of rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    /// Share of the rows that should match nothing which were left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone: Option<f64>,
    /// Best answers of a confidence of at least 0.9.
    pub confident: usize,
    /// Share of them that are right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confident_right: Option<f64>,
    /// Share of labelled rows with a label among the candidates that were considered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub candidate_recall: Option<f64>,
    /// Share of rows answered with exactly the labelled set, where rows ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<f64>,
    /// Rows that ask for it.
    pub exact_rows: usize,
    /// The same of the rows that name several institutions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact_several: Option<f64>,
    /// Rows that ask for it and name several institutions.
    pub several_rows: usize,
    /// Share of the rows that ask for the exact set with an institution that the text does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unnamed: Option<f64>,
    /// Share of the institutions answered on those rows that the text does not name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unnamed_answers: Option<f64>,
    /// Share of the rows with a country whose country is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<f64>,
    /// Rows with a country.
    pub country_rows: usize,
    /// Share of the rows with a locality whose locality is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<f64>,
    /// Rows with a locality.
    pub locality_rows: usize,
    /// Time of the whole run over the rows, all threads together; 0 where nobody has measured it.
    pub seconds: f64,
    /// Processor time of the resolving alone.
    pub cpu_seconds: f64,
    /// Rows ÷ processor seconds: what one thread does.
    pub addresses_per_cpu_second: f64,
    /// 95 % intervals of the measures, by name.
    pub intervals: BTreeMap<&'static str, Interval>,
    /// Errors by kind.
    pub errors: BTreeMap<ErrorKind, usize>,
    /// The measures where answers below a confidence are left out.
    pub thresholds: Vec<AtThreshold>,
}

/// The measures where answers below a confidence are left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtThreshold {
    /// The least confidence.
    pub confidence_min: f64,
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
    /// Share of the rows that should match nothing which were left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_alone: Option<f64>,
    /// Share of rows answered with exactly the labelled set, where rows ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exact: Option<f64>,
}

/// Measures.
pub fn evaluate(rows: &[Answered]) -> Evaluation {
    let precision = Proportion::of(rows, Answered::is_right);
    let recall = Proportion::of(rows, Answered::is_found);
    let left_alone = Proportion::of(rows, Answered::is_left_alone);
    let confident_right = Proportion::of(rows, Answered::is_confident_right);
    let exact = Proportion::of(rows, Answered::is_exact);
    let exact_several = Proportion::of(rows, Answered::is_exact_of_several);
    let unnamed = Proportion::of(rows, |row| Some(row.unnamed()? > 0));
    let unnamed_answers = unnamed_answers(rows);
    let country = Proportion::of(rows, |row| row.country_right);
    let locality = Proportion::of(rows, |row| row.locality_right);
    let candidate_recall = Proportion::of(rows, |row| row.candidate_found);
    let cpu_seconds = rows.iter().map(|row| row.cpu).sum::<Duration>().as_secs_f64();
    let intervals = [
        ("precision", precision),
        ("recall", recall),
        ("left_alone", left_alone),
        ("confident_right", confident_right),
        ("candidate_recall", candidate_recall),
        ("exact", exact),
        ("exact_several", exact_several),
        ("unnamed", unnamed),
        ("unnamed_answers", unnamed_answers),
        ("country", country),
        ("locality", locality),
    ];
    let intervals = intervals.into_iter().filter(|(_, share)| share.of > 0);
    Evaluation {
        rows: rows.len(),
        labelled: recall.of,
        answered: precision.of,
        right: precision.hits,
        precision: precision.value(),
        recall: recall.value(),
        f1: f_measure(precision.value(), recall.value(), 1.0),
        f0_5: f_measure(precision.value(), recall.value(), 0.5),
        unlabelled: left_alone.of,
        unlabelled_unanswered: left_alone.hits,
        ece: calibration_error(top_answers(rows)),
        left_alone: left_alone.known(),
        confident: confident_right.of,
        confident_right: confident_right.known(),
        candidate_recall: candidate_recall.known(),
        exact: exact.known(),
        exact_rows: exact.of,
        exact_several: exact_several.known(),
        several_rows: exact_several.of,
        unnamed: unnamed.known(),
        unnamed_answers: unnamed_answers.known(),
        country: country.known(),
        country_rows: country.of,
        locality: locality.known(),
        locality_rows: locality.of,
        seconds: 0.0,
        cpu_seconds,
        addresses_per_cpu_second: per_second(rows.len(), cpu_seconds),
        intervals: intervals
            .map(|(name, share)| (name, share.interval()))
            .chain(resampled(rows))
            .collect(),
        errors: error_kind::count(rows),
        thresholds: thresholds(rows),
    }
}

/// Intervals of the measures that are no shares.
fn resampled(rows: &[Answered]) -> [(&'static str, Interval); 3] {
    let f = |beta: f64| {
        move |sample: &[&Answered]| {
            let share =
                |test: fn(&Answered) -> Option<bool>| Proportion::of(sample.iter().copied(), test).value();
            f_measure(share(Answered::is_right), share(Answered::is_found), beta)
        }
    };
    [
        ("f1", bootstrap(rows, f(1.0))),
        ("f0_5", bootstrap(rows, f(0.5))),
        (
            "ece",
            bootstrap(rows, |sample| {
                calibration_error(top_answers(sample.iter().copied()))
            }),
        ),
    ]
}

fn unnamed_answers(rows: &[Answered]) -> Proportion {
    let asked = rows
        .iter()
        .filter_map(|row| Some((row.unnamed()?, row.answer.len())));
    asked.fold(Proportion::default(), |sum, (unnamed, answered)| Proportion {
        hits: sum.hits + unnamed,
        of: sum.of + answered,
    })
}

/// The curve from 0.5 to 0.95, in steps of 0.05.
fn thresholds(rows: &[Answered]) -> Vec<AtThreshold> {
    let confidences = (10..=19).map(|twentieths| f64::from(twentieths) / 20.0);
    confidences
        .map(|confidence_min| at_threshold(rows, confidence_min))
        .collect()
}

fn at_threshold(rows: &[Answered], confidence_min: f64) -> AtThreshold {
    let rows: Vec<Answered> = rows.iter().map(|row| row.above(confidence_min)).collect();
    let precision = Proportion::of(&rows, Answered::is_right);
    let recall = Proportion::of(&rows, Answered::is_found);
    AtThreshold {
        confidence_min,
        answered: precision.of,
        right: precision.hits,
        precision: precision.value(),
        recall: recall.value(),
        f1: f_measure(precision.value(), recall.value(), 1.0),
        left_alone: Proportion::of(&rows, Answered::is_left_alone).known(),
        exact: Proportion::of(&rows, Answered::is_exact).known(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
fn per_second(count: usize, seconds: f64) -> f64 {
    if seconds > 0.0 {
        count as f64 / seconds
    } else {
        0.0
    }
}

fn f_measure(precision: f64, recall: f64, beta: f64) -> f64 {
    let weighted = beta * beta * precision + recall;
    if weighted == 0.0 {
        0.0
    } else {
        (1.0 + beta * beta) * precision * recall / weighted
    }
}

/// Calibration over several sets together, each with the same weight.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mixed {
    /// Expected calibration error.
    pub ece: f64,
    /// Share of the best answers of a confidence of at least 0.9 that are right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confident_right: Option<f64>,
}

/// Measures the calibration over several sets together.
pub fn mix(sets: &[&[Answered]]) -> Mixed {
    let weighted = |rows: &[Answered]| {
        let answers = top_answers(rows);
        let weight = per_second(1, per_second(answers.len(), 1.0));
        answers
            .into_iter()
            .map(move |answer| answer.weighing(weight))
            .collect::<Vec<_>>()
    };
    let answers: Vec<_> = sets.iter().flat_map(|rows| weighted(rows)).collect();
    let weight = |confident_right: Option<bool>| -> f64 {
        let confident = answers.iter().filter(|answer| answer.confidence >= CONFIDENT);
        let chosen = confident.filter(|answer| confident_right.is_none_or(|right| answer.right == right));
        chosen.map(|answer| answer.weight).sum()
    };
    let (right, all) = (weight(Some(true)), weight(None));
    Mixed {
        confident_right: (all > 0.0).then(|| right / all),
        ece: calibration_error(answers),
    }
}

#[cfg(test)]
mod tests;
