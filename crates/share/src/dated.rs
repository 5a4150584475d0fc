//! Whether a date lies in a window, when the date is only as exact as the record knows.
//!
//! A year without a month counts only in windows that hold the whole year, and is undated where a window
//! holds part of it: never read as January. No date at all counts only where there is no bound.

use whence_model::{PublicationDate, Window};

/// How a date stands to a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dated {
    /// In it, whatever the month.
    Inside,
    /// Perhaps in it: the record does not say.
    Undated,
    /// Not in it, whatever the month.
    Outside,
}

/// Compares a date with a window.
pub(crate) fn dated(window: Window, date: Option<PublicationDate>) -> Dated {
    let (inside, possible) = match date {
        None => (window == Window::default(), true),
        Some(date) => match date.month() {
            Some(month) => (window.contains(month), false),
            None => (
                window.contains_year(date.year()),
                window.overlaps_year(date.year()),
            ),
        },
    };
    match (inside, possible) {
        (true, _) => Dated::Inside,
        (false, true) => Dated::Undated,
        (false, false) => Dated::Outside,
    }
}

#[cfg(test)]
mod tests {
    use whence_model::Month;

    use super::*;

    #[test]
    fn a_year_counts_only_in_windows_that_hold_it() {
        let month = |text: &str| (!text.is_empty()).then(|| Month::parse(text).unwrap());
        for (date, from, to, expected) in [
            ("2021", "2021-01", "2021-12", Dated::Inside),
            ("2021", "2021-01", "2021-06", Dated::Undated),
            ("2021", "2021-06", "", Dated::Undated),
            ("2021", "2020-01", "", Dated::Inside),
            ("2021", "2022-01", "2022-12", Dated::Outside),
            ("2021-06-08", "2021-06", "2021-06", Dated::Inside),
            ("2021-05", "2021-06", "2021-06", Dated::Outside),
            ("", "2021-01", "2021-12", Dated::Undated),
            ("", "", "", Dated::Inside),
        ] {
            let date = (!date.is_empty()).then(|| PublicationDate::parse(date).unwrap());
            let window = Window {
                from: month(from),
                to: month(to),
            };
            assert_eq!(dated(window, date), expected, "{date:?} {window:?}");
        }
    }
}
