//! Confidence: how often answers with so many points are right.
//!
//! The table was measured on labelled addresses with `whence eval`: isotonic regression of right against
//! points, in steps. Between two steps the confidence is linear, in integers.

use whence_model::Confidence;

/// Points and the confidence that they are worth, in ten-thousandths.
const STEPS: &[(i32, u16)] = &[
    (200, 0),
    (400, 1_200),
    (520, 3_000),
    (599, 4_800),
    (600, 6_500),
    (660, 8_000),
    (720, 9_000),
    (800, 9_500),
    (900, 9_800),
];

/// The confidence of a candidate with these points.
pub fn confidence(points: i32) -> Confidence {
    let after = STEPS.partition_point(|&(step, _)| step <= points);
    let value = match (after.checked_sub(1).map(|before| STEPS[before]), STEPS.get(after)) {
        (None, _) => 0,
        (Some((_, value)), None) => i32::from(value),
        (Some((from, low)), Some(&(to, high))) => {
            i32::from(low) + (i32::from(high) - i32::from(low)) * (points - from) / (to - from)
        }
    };
    u16::try_from(value)
        .ok()
        .and_then(Confidence::from_ten_thousandths)
        .unwrap_or(Confidence::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_grows_with_points_and_stays_in_range() {
        let all: Vec<u16> = (-500..1_500)
            .map(|points| confidence(points).ten_thousandths())
            .collect();
        assert!(all.is_sorted() && all[0] == 0 && all[all.len() - 1] == 9_800);
    }
}
