//! The learnt part: three sums of trees, two thresholds and the calibration, as `training/train.py` wrote
//! them to `data/model/matcher.txt`.
//!
//! The first look scores every candidate by itself. The second look sees the best few together and scores
//! twice: whether a labeller would name the candidate first, and whether it belongs to the set.

use whence_model::Confidence;

use crate::compare::COMPARED;
use crate::features::Features;
use crate::trees::{ModelError, Trees};

const SHIPPED: &str = include_str!("../../../data/model/matcher.txt");

/// The trained model.
#[derive(Clone, Debug)]
pub struct Model {
    /// Scores every candidate by itself.
    pub first: Trees,
    /// Scores the kept ones: which is named first.
    pub rank: Trees,
    /// Scores the kept ones: which belong to the set.
    pub set: Trees,
    /// A candidate that ranks at least so high is stood behind.
    pub rank_min: i32,
    /// A candidate that belongs at least so surely is stood behind.
    pub set_min: i32,
    /// Scores and the confidence that they are worth, both rising.
    calibration: Vec<(i32, u16)>,
}

impl Model {
    /// The model that comes with the program.
    pub fn shipped() -> Result<Self, ModelError> {
        Self::parse(SHIPPED)
    }

    /// A model that knows nothing: for measuring what another one is to be trained on.
    pub fn untrained() -> Self {
        Self {
            first: Trees::default(),
            rank: Trees::default(),
            set: Trees::default(),
            rank_min: i32::MAX,
            set_min: i32::MAX,
            calibration: vec![(0, 0)],
        }
    }

    /// Reads a model: its parts begin with a line in square brackets.
    pub fn parse(text: &str) -> Result<Self, ModelError> {
        let part = |name: &str| part(text, name).ok_or_else(|| ModelError::Part(name.to_owned()));
        let all: Vec<&str> = Features::NAMES.iter().chain(&COMPARED).copied().collect();
        let (rank_min, set_min) =
            thresholds(part("thresholds")?).ok_or_else(|| ModelError::Part("thresholds".to_owned()))?;
        let calibration =
            calibration(part("calibration")?).ok_or_else(|| ModelError::Part("calibration".to_owned()))?;
        Ok(Self {
            first: Trees::parse(part("first")?, Features::NAMES)?,
            rank: Trees::parse(part("rank")?, &all)?,
            set: Trees::parse(part("set")?, &all)?,
            rank_min,
            set_min,
            calibration,
        })
    }

    /// How often answers with these two scores are right: linear between the steps of the calibration.
    pub fn confidence(&self, rank: i32, set: i32) -> Confidence {
        let value = rank / 2 + set / 2;
        let after = self.calibration.partition_point(|&(step, _)| step <= value);
        let before = after.checked_sub(1).map(|at| self.calibration[at]);
        let worth = match (before, self.calibration.get(after)) {
            (None, first) => first.map_or(0, |&(_, worth)| worth),
            (Some((_, worth)), None) => worth,
            (Some((from, low)), Some(&(to, high))) => {
                let along = i64::from(value - from) * i64::from(high - low) / i64::from(to - from).max(1);
                low + u16::try_from(along).unwrap_or(0)
            }
        };
        Confidence::from_ten_thousandths(worth).unwrap_or(Confidence::MAX)
    }

    /// How likely a candidate is by itself, by its first score.
    pub fn probability(first: i32) -> Confidence {
        // The logistic function in steps of half a logit; in between it is linear.
        const STEPS: [u16; 21] = [
            67, 110, 180, 293, 474, 759, 1192, 1824, 2689, 3775, 5000, 6225, 7311, 8176, 8808, 9241, 9526,
            9707, 9820, 9890, 9933,
        ];
        let half = crate::trees::LOGIT / 2;
        let at = (first + 10 * half).clamp(0, 20 * half);
        let (step, rest) = (usize::try_from(at / half).unwrap_or(0), at % half);
        let (low, high) = (i32::from(STEPS[step]), i32::from(STEPS[(step + 1).min(20)]));
        let worth = u16::try_from(low + (high - low) * rest / half).unwrap_or(0);
        Confidence::from_ten_thousandths(worth).unwrap_or(Confidence::MAX)
    }
}

fn part<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("[{name}]\n"))?;
    Some(rest.split_once("\n[").map_or(rest, |(part, _)| part))
}

fn thresholds(text: &str) -> Option<(i32, i32)> {
    let (rank, set) = text.trim().split_once(' ')?;
    Some((rank.parse().ok()?, set.parse().ok()?))
}

fn calibration(text: &str) -> Option<Vec<(i32, u16)>> {
    let step = |step: &str| {
        let (score, worth) = step.split_once(':')?;
        Some((score.parse().ok()?, worth.parse().ok()?))
    };
    let steps: Vec<(i32, u16)> = text.split_whitespace().map(step).collect::<Option<_>>()?;
    let rises = steps.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1);
    (rises && !steps.is_empty()).then_some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_model_was_trained_on_the_features_of_this_program() {
        assert!(Model::shipped().is_ok());
    }

    #[test]
    fn confidence_rises_with_the_scores() {
        let model = Model::shipped().unwrap();
        let all: Vec<u16> = (-40..40)
            .map(|z| model.confidence(z * 1000, z * 1000).ten_thousandths())
            .collect();
        assert!(all.is_sorted());
    }

    #[test]
    fn a_model_of_other_features_is_refused() {
        let other = SHIPPED.replacen("coverage", "cover", 1);
        assert!(matches!(Model::parse(&other), Err(ModelError::Features)));
    }

    #[test]
    fn the_first_probability_is_the_logistic_function() {
        for (logits, expected) in [(-5, 67), (0, 5_000), (1, 7_311), (9, 9_933)] {
            assert_eq!(
                Model::probability(logits * crate::trees::LOGIT).ten_thousandths(),
                expected
            );
        }
    }
}
