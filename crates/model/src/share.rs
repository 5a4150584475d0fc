//! Share: how much of the literature an entity holds, counted exactly in units of 10⁻¹² article.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// An exact amount of articles in units of 10⁻¹² article. There is no conversion from floating point:
/// every Share is a sum of integer parts. 128 bits hold any sum that an index can reach.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Share {
    units: i128,
}

impl Share {
    /// Units in one article.
    pub const UNITS_PER_ARTICLE: u64 = 1_000_000_000_000;
    /// Nothing.
    pub const ZERO: Self = Self { units: 0 };
    /// One article.
    pub const ONE: Self = Self {
        units: Self::UNITS_PER_ARTICLE as i128,
    };

    /// A Share of this many units.
    pub const fn from_units(units: i128) -> Self {
        Self { units }
    }

    /// A Share of this many whole articles.
    pub fn from_articles(articles: u64) -> Self {
        Self {
            units: i128::from(articles) * i128::from(Self::UNITS_PER_ARTICLE),
        }
    }

    /// The exact amount in units of 10⁻¹² article.
    pub const fn units(self) -> i128 {
        self.units
    }

    /// For display only: the nearest double, in articles.
    #[expect(
        clippy::cast_precision_loss,
        reason = "display is the one place where rounding is allowed"
    )]
    pub fn to_f64(self) -> f64 {
        self.units as f64 / Self::UNITS_PER_ARTICLE as f64
    }
}

impl Add for Share {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self {
            units: self.units + other.units,
        }
    }
}

impl Sub for Share {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self {
            units: self.units - other.units,
        }
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.units += other.units;
    }
}

impl SubAssign for Share {
    fn sub_assign(&mut self, other: Self) {
        self.units -= other.units;
    }
}

impl Sum for Share {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::ZERO, Add::add)
    }
}

/// Prints in articles, exactly: `1.5`, `0.333333333333`.
impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_article = u128::from(Self::UNITS_PER_ARTICLE);
        let magnitude = self.units.unsigned_abs();
        if self.units < 0 {
            f.write_str("-")?;
        }
        write!(f, "{}", magnitude / per_article)?;
        let fraction = format!("{:012}", magnitude % per_article);
        match fraction.trim_end_matches('0') {
            "" => Ok(()),
            digits => write!(f, ".{digits}"),
        }
    }
}

impl fmt::Debug for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Share({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_prints_exactly() {
        for (units, text) in [
            (0, "0"),
            (1, "0.000000000001"),
            (1_500_000_000_000, "1.5"),
            (-250_000_000_000, "-0.25"),
            (333_333_333_333, "0.333333333333"),
        ] {
            assert_eq!(Share::from_units(units).to_string(), text);
        }
    }

    #[test]
    fn sums_beyond_64_bits_are_exact() {
        let many = Share::from_articles(10_000_000);
        assert_eq!(many.units(), 10_000_000_000_000_000_000);
        assert_eq!(many + Share::from_units(1) - many, Share::from_units(1));
    }
}
