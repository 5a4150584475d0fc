//! Confidence: how often answers with so many points are right.
//!
//! The table was measured on five sets of labelled addresses of equal weight: how often the best answer
//! is right, by points, made to rise monotonically. Between two steps the confidence is linear, in integers.

use whence_model::Confidence;

/// Points and the confidence that they are worth, in ten-thousandths.
const STEPS: &[(i32, u16)] = &[
    (200, 0),
    (400, 1_000),
    (520, 2_500),
    (599, 4_500),
    (600, 5_500),
    (660, 5_800),
    (690, 8_200),
    (710, 8_600),
    (760, 8_700),
    (830, 8_800),
    (850, 9_100),
    (900, 9_200),
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
        assert!(all.is_sorted() && all[0] == 0 && all[all.len() - 1] == 9_200);
    }
}
