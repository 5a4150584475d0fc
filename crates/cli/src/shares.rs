//! Shares from the wire: exact as text, rounded for display.

use whence_model::Share;
use whence_proto::{IntoModel, types};

use crate::error::CliError;

/// The exact Share of a message; an absent one is zero.
pub fn exact(share: Option<types::Share>) -> Result<Share, CliError> {
    let share = share.unwrap_or_default().into_model();
    share.map_err(|error| CliError::Fault(format!("the gateway sent a Share that is none ({error})")))
}

/// The units of 10⁻¹² article, as scripts read them.
pub fn units(share: Share) -> String {
    share.units().to_string()
}

/// As people read it: two decimals, with groups of three.
pub fn for_people(share: Share) -> String {
    let cents_per_article = 100;
    let unit_per_cent = i128::from(Share::UNITS_PER_ARTICLE) / cents_per_article;
    let cents = (share.units() + unit_per_cent / 2).div_euclid(unit_per_cent);
    let articles = crate::output::grouped(cents.div_euclid(cents_per_article));
    format!("{articles}.{:02}", cents.rem_euclid(cents_per_article))
}

/// A part of a whole in per cent, with one decimal; none of nothing.
pub fn per_cent(part: Share, whole: Share) -> Option<String> {
    (whole > Share::ZERO).then(|| format!("{:.1} %", 100.0 * part.to_f64() / whole.to_f64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_two_decimals() {
        for (units, text) in [
            (0, "0.00"),
            (4_999_999_999, "0.00"),
            (5_000_000_000, "0.01"),
            (333_333_333_333, "0.33"),
            (999_999_999_999, "1.00"),
            (1_234_567_890_000_000, "1,234.57"),
        ] {
            assert_eq!(for_people(Share::from_units(units)), text);
        }
        assert_eq!(per_cent(Share::from_units(1), Share::ZERO), None);
        assert_eq!(
            per_cent(Share::ONE, Share::from_articles(8)).as_deref(),
            Some("12.5 %")
        );
    }
}
