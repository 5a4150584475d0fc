//! Whether confidence means what it says: the expected calibration error of the best answers.

use super::row::Answered;

/// Bins of the calibration error, of equal mass.
const BINS: usize = 15;
/// From here on an answer is a confident one.
pub const CONFIDENT: f64 = 0.9;

/// The best answer of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TopAnswer {
    /// From 0 to 1.
    pub confidence: f64,
    /// Whether it is right.
    pub right: bool,
    /// How much it counts.
    pub weight: f64,
}

impl TopAnswer {
    /// The same with another weight.
    #[must_use]
    pub fn weighing(self, weight: f64) -> Self {
        Self { weight, ..self }
    }
}

/// The best answers of the rows that have one, each with the same weight.
pub fn top_answers<'a>(rows: impl IntoIterator<Item = &'a Answered>) -> Vec<TopAnswer> {
    let answer = |row: &Answered| {
        Some(TopAnswer {
            confidence: row.answer.first()?.1,
            right: row.is_right()?,
            weight: 1.0,
        })
    };
    rows.into_iter().filter_map(answer).collect()
}

/// The mean gap between confidence and truth over bins of equal mass, in order of confidence.
pub fn calibration_error(mut answers: Vec<TopAnswer>) -> f64 {
    answers.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let whole: f64 = answers.iter().map(|answer| answer.weight).sum();
    let bins = BINS.min(answers.len());
    let (mut error, mut before) = (0.0, 0.0);
    let mut rest = answers.into_iter().peekable();
    for bin in 1..=bins {
        let end = whole * float(bin) / float(bins);
        let mut gap = 0.0;
        // An answer belongs to the bin in which its end lies; rounding must not move it to the next.
        while let Some(answer) = rest.next_if(|answer| bin == bins || before + answer.weight <= end + 1e-9) {
            before += answer.weight;
            gap += answer.weight * (answer.confidence - f64::from(u8::from(answer.right)));
        }
        error += gap.abs();
    }
    if whole > 0.0 { error / whole } else { 0.0 }
}

#[expect(clippy::cast_precision_loss, reason = "a count of bins is small")]
fn float(count: usize) -> f64 {
    count as f64
}
