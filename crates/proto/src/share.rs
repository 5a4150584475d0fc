//! Exact Shares in two fields: whole articles and 10⁻¹² parts.

use whence_model::Share;

use crate::types;
use crate::violations::{IntoModel, Violations};

impl From<Share> for types::Share {
    fn from(share: Share) -> Self {
        let per_article = i128::from(Share::UNITS_PER_ARTICLE);
        let saturated = |value: i128| i64::try_from(value).unwrap_or(i64::MAX);
        // 2⁶³ articles are more than will ever be written, and a Share of an entity is never negative.
        Self {
            articles: saturated(share.units().div_euclid(per_article)),
            units: saturated(share.units().rem_euclid(per_article)),
        }
    }
}

impl IntoModel for types::Share {
    type Model = Share;

    fn check(self, violations: &mut Violations) -> Option<Share> {
        let Self { articles, units } = self;
        let whole = u64::try_from(articles).map_err(|_| format!("{articles} is negative"));
        let whole = violations.accept("articles", whole);
        let below_one = u64::try_from(units)
            .ok()
            .filter(|&units| units < Share::UNITS_PER_ARTICLE);
        let below_one = below_one.ok_or_else(|| format!("{units} is not from 0 to 999,999,999,999"));
        let below_one = violations.accept("units", below_one);
        Some(Share::from_articles(whole?) + Share::from_units(below_one?.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_beyond_64_bits_of_units_fits_two_fields() {
        let share = Share::from_articles(20_000_000) + Share::from_units(7);
        let message = types::Share::from(share);
        assert_eq!(
            message,
            types::Share {
                articles: 20_000_000,
                units: 7
            }
        );
        assert_eq!(message.into_model().unwrap(), share);
    }

    #[test]
    fn parts_out_of_range_are_both_named() {
        let invalid = types::Share {
            articles: -1,
            units: 1_000_000_000_000,
        }
        .into_model()
        .unwrap_err();
        assert_eq!(
            invalid.to_string(),
            "articles: -1 is negative; units: 1000000000000 is not from 0 to 999,999,999,999"
        );
    }
}
