//! 95 % intervals: Wilson's for shares, a seeded bootstrap over the rows for everything else.

/// The lower and the upper end.
pub type Interval = [f64; 2];

/// The normal quantile of 97.5 %.
const Z: f64 = 1.959_963_984_540_054;
/// How often rows are drawn anew: the ends shake by about a tenth of the half-width.
const SAMPLES: usize = 1_000;
const SEED: u64 = 4;

/// A share of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proportion {
    /// Those that are so.
    pub hits: usize,
    /// Those that are asked.
    pub of: usize,
}

impl Proportion {
    /// Counts the rows that a test says something of.
    pub fn of<'a, T: 'a>(
        rows: impl IntoIterator<Item = &'a T>,
        test: impl Fn(&'a T) -> Option<bool>,
    ) -> Self {
        let outcomes = rows.into_iter().filter_map(test);
        outcomes.fold(Self::default(), |sum, hit| Self {
            hits: sum.hits + usize::from(hit),
            of: sum.of + 1,
        })
    }

    /// The share; 0 of nothing.
    pub fn value(self) -> f64 {
        self.known().unwrap_or_default()
    }

    /// The share; none of nothing.
    pub fn known(self) -> Option<f64> {
        (self.of > 0).then(|| float(self.hits) / float(self.of))
    }

    /// Wilson's score interval, which holds near 0 and 1 and for few rows as well.
    pub fn interval(self) -> Interval {
        let (n, share) = (float(self.of), self.value());
        if self.of == 0 {
            return [0.0, 1.0];
        }
        let spread = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        let middle = share + Z * Z / (2.0 * n);
        let scale = 1.0 + Z * Z / n;
        [
            ((middle - spread) / scale).max(0.0),
            ((middle + spread) / scale).min(1.0),
        ]
    }
}

/// The interval in which a measure lies when the rows are drawn anew, with repetition, many times. The
/// same rows give the same interval.
pub fn bootstrap<T>(rows: &[T], measure: impl Fn(&[&T]) -> f64) -> Interval {
    if rows.is_empty() {
        return [0.0, 0.0];
    }
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut values: Vec<f64> = (0..SAMPLES)
        .map(|_| {
            let sample: Vec<&T> = rows.iter().map(|_| &rows[random.usize(..rows.len())]).collect();
            measure(&sample)
        })
        .collect();
    values.sort_by(f64::total_cmp);
    [values[SAMPLES / 40], values[SAMPLES - 1 - SAMPLES / 40]]
}

#[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_gives_the_intervals_of_the_textbooks() {
        for (hits, of, low, high) in [
            (8, 10, 0.490_2, 0.943_3),
            (0, 10, 0.0, 0.277_5),
            (10, 10, 0.722_5, 1.0),
            (950, 1_000, 0.934_7, 0.961_9),
        ] {
            let [lower, upper] = Proportion { hits, of }.interval();
            assert!(
                (lower - low).abs() < 1e-4 && (upper - high).abs() < 1e-4,
                "{hits}/{of}: {lower} {upper}"
            );
        }
        assert_eq!(Proportion::default().known(), None);
    }

    #[test]
    fn the_bootstrap_of_a_share_is_about_wilsons_interval_and_the_same_each_time() {
        let rows: Vec<bool> = (0..1_000).map(|row| row % 10 != 0).collect();
        let share = |sample: &[&bool]| Proportion::of(sample.iter().copied(), |hit| Some(*hit)).value();
        let [low, high] = bootstrap(&rows, share);
        let [lower, upper] = Proportion { hits: 900, of: 1_000 }.interval();
        assert!(
            (low - lower).abs() < 0.005 && (high - upper).abs() < 0.005,
            "{low} {high}"
        );
        assert_eq!(
            bootstrap(&rows, share).map(f64::to_bits),
            [low, high].map(f64::to_bits)
        );
    }
}
