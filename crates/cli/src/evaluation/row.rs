//! A labelled row with its answer: what about it is right.

use std::collections::BTreeSet;
use std::time::Duration;

use whence_model::RorId;

use super::calibration::CONFIDENT;
use super::error_kind::ErrorKind;

/// A row with its answer, ready to be measured.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// For each label, the ids that meet it: itself and, if it is retired, its successors.
    pub labels: Vec<BTreeSet<RorId>>,
    /// How many institutions it names that the registry lacks.
    pub outside_count: usize,
    /// Parents that may be there as well, and those that meet them; none if the row does not ask for the
    /// exact set.
    pub named_parents: Option<BTreeSet<RorId>>,
    /// The answer, best first, with confidences from 0 to 1.
    pub answer: Vec<(RorId, f64)>,
    /// Whether its country is right; none if the row says no country.
    pub country_right: Option<bool>,
    /// Whether its locality is right; none if the row says no locality.
    pub locality_right: Option<bool>,
    /// Whether a label is among the candidates that were considered; none if the row has no label.
    pub candidate_found: Option<bool>,
    /// What kind of error it is; none if it is right.
    pub error: Option<ErrorKind>,
    /// Processor time of the resolving.
    pub cpu: Duration,
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

    /// Whether the best answer is there and right; none if the row has no label.
    pub fn is_found(&self) -> Option<bool> {
        self.is_labelled().then(|| self.is_right() == Some(true))
    }

    /// Whether there is no answer; none if the row has a label.
    pub fn is_left_alone(&self) -> Option<bool> {
        (!self.is_labelled()).then_some(self.answer.is_empty())
    }

    /// Whether the best answer is right; none if there is none, or not a confident one.
    pub fn is_confident_right(&self) -> Option<bool> {
        let (_, confidence) = self.answer.first()?;
        (*confidence >= CONFIDENT).then(|| self.is_right())?
    }

    /// Whether the answer is exactly the labelled set; none if the row does not ask.
    pub fn is_exact(&self) -> Option<bool> {
        let answer: BTreeSet<RorId> = self.answer.iter().map(|(ror_id, _)| *ror_id).collect();
        let complete = self.labels.iter().all(|label| !label.is_disjoint(&answer));
        Some(self.unnamed()? == 0 && complete)
    }

    /// The same; none as well if the row does not name several institutions.
    pub fn is_exact_of_several(&self) -> Option<bool> {
        let several = self.labels.len() + self.outside_count > 1;
        several.then(|| self.is_exact())?
    }

    /// How many institutions of the answer the text does not name; none if the row does not ask.
    pub fn unnamed(&self) -> Option<usize> {
        let named_parents = self.named_parents.as_ref()?;
        let unnamed = |id: &RorId| !self.meets_a_label(*id) && !named_parents.contains(id);
        Some(self.answer.iter().filter(|(id, _)| unnamed(id)).count())
    }

    /// Whether the best answer is wrong, or missing, or the set is not exact where the row asks for that.
    pub fn is_wrong(&self) -> bool {
        let right = self.is_right().unwrap_or(!self.is_labelled());
        !right || self.is_exact() == Some(false)
    }

    /// The row with the answers of at least this confidence.
    #[must_use]
    pub fn above(&self, confidence_min: f64) -> Self {
        let mut row = self.clone();
        row.answer.retain(|(_, confidence)| *confidence >= confidence_min);
        row
    }

    /// Whether an id is a label, or meets one.
    pub fn meets_a_label(&self, ror_id: RorId) -> bool {
        self.labels.iter().any(|label| label.contains(&ror_id))
    }
}
