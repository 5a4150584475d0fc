//! Months, windows of months, and publication dates as exact as known.

use std::fmt;

use crate::InvalidText;

/// A calendar month, ordered and countable.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month {
    /// Months since January of year 0.
    ordinal: u32,
}

impl Month {
    /// The month `month` (1 to 12) of `year` (1 to 9999).
    pub fn new(year: u16, month: u8) -> Option<Self> {
        ((1..=9999).contains(&year) && (1..=12).contains(&month)).then(|| Self {
            ordinal: u32::from(year) * 12 + u32::from(month) - 1,
        })
    }

    /// Parses `YYYY-MM`.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let invalid = || InvalidText::new(text, "a month as YYYY-MM, such as 2021-06");
        let (year, month) = text.split_once('-').ok_or_else(invalid)?;
        if year.len() != 4 || month.len() != 2 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return Err(invalid());
        }
        let year = year.parse().map_err(|_| invalid())?;
        let month = month.parse().map_err(|_| invalid())?;
        Self::new(year, month).ok_or_else(invalid)
    }

    /// The year, from 1 to 9999.
    pub fn year(self) -> u16 {
        u16::try_from(self.ordinal / 12).unwrap_or(u16::MAX)
    }

    /// The month of the year, from 1 to 12.
    pub fn month(self) -> u8 {
        u8::try_from(self.ordinal % 12 + 1).unwrap_or(12)
    }

    /// Months since January of year 0: consecutive months differ by one.
    pub fn ordinal(self) -> u32 {
        self.ordinal
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Month({self})")
    }
}

/// A window of months that includes both its ends; an absent end is no bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Window {
    /// First month.
    pub from: Option<Month>,
    /// Last month.
    pub to: Option<Month>,
}

impl Window {
    /// Whether the month lies inside.
    pub fn contains(&self, month: Month) -> bool {
        self.from.is_none_or(|from| from <= month) && self.to.is_none_or(|to| month <= to)
    }

    /// Whether every month of the year lies inside.
    pub fn contains_year(&self, year: u16) -> bool {
        match (Month::new(year, 1), Month::new(year, 12)) {
            (Some(first), Some(last)) => self.contains(first) && self.contains(last),
            _ => false,
        }
    }

    /// Whether some month of the year lies inside.
    pub fn overlaps_year(&self, year: u16) -> bool {
        match (Month::new(year, 1), Month::new(year, 12)) {
            (Some(first), Some(last)) => {
                self.from.is_none_or(|from| from <= last) && self.to.is_none_or(|to| first <= to)
            }
            _ => false,
        }
    }
}

/// A Gregorian date that keeps what the record knows: a year, perhaps a month, perhaps a day.
/// Dates order by year, then month, then day, an unknown one before the known ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PublicationDate {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl PublicationDate {
    /// A date whose parts exist: year 1 to 9999, month 1 to 12, day 1 to the length of the month, and
    /// no day without a month.
    pub fn new(year: u16, month: Option<u8>, day: Option<u8>) -> Option<Self> {
        let valid = match (month, day) {
            (None, None) => (1..=9999).contains(&year),
            (None, Some(_)) => false,
            (Some(month), day) => {
                Month::new(year, month).is_some()
                    && day.is_none_or(|d| (1..=days_in(year, month)).contains(&d))
            }
        };
        valid.then_some(Self { year, month, day })
    }

    /// Parses `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let invalid = || InvalidText::new(text, "a date as YYYY, YYYY-MM or YYYY-MM-DD, such as 2021-06-08");
        let lengths = [4, 2, 2];
        let mut numbers = [None; 3];
        for (index, part) in text.split('-').enumerate() {
            if index > 2 || part.len() != lengths[index] || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(invalid());
            }
            numbers[index] = part.parse::<u16>().ok();
        }
        let small = |n: Option<u16>| n.and_then(|n| u8::try_from(n).ok());
        let year = numbers[0].ok_or_else(invalid)?;
        Self::new(year, small(numbers[1]), small(numbers[2])).ok_or_else(invalid)
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, if known.
    pub fn month(self) -> Option<Month> {
        self.month.and_then(|month| Month::new(self.year, month))
    }

    /// The day of the month, if known.
    pub fn day(self) -> Option<u8> {
        self.day
    }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

impl fmt::Display for PublicationDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if let Some(month) = self.month {
            write!(f, "-{month:02}")?;
        }
        if let Some(day) = self.day {
            write!(f, "-{day:02}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    #[test]
    fn months_parse_print_and_follow_each_other() {
        assert_eq!(month("2021-06").to_string(), "2021-06");
        assert_eq!(month("2022-01").ordinal(), month("2021-12").ordinal() + 1);
        for bad in [
            "2021-13",
            "2021-00",
            "2021-6",
            "21-06",
            "2021",
            "2021-06-01",
            "0000-01",
            "+021-01",
            "２０21-01",
        ] {
            assert!(Month::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_window_includes_both_its_ends() {
        let window = Window {
            from: Some(month("2021-01")),
            to: Some(month("2021-12")),
        };
        assert!(window.contains(month("2021-01")) && window.contains(month("2021-12")));
        assert!(!window.contains(month("2020-12")) && !window.contains(month("2022-01")));
        assert!(window.contains_year(2021));
        let half = Window {
            from: Some(month("2021-01")),
            to: Some(month("2021-06")),
        };
        assert!(!half.contains_year(2021) && half.overlaps_year(2021) && !half.overlaps_year(2022));
    }

    #[test]
    fn dates_keep_what_is_known() {
        for text in ["2021", "2021-06", "2021-06-08", "2020-02-29"] {
            assert_eq!(PublicationDate::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "",
            "21",
            "2021-13",
            "2021-02-29",
            "2021-06-31",
            "2021-06-08-01",
            "2021/06",
            "2021-",
        ] {
            assert!(PublicationDate::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(PublicationDate::parse("2021").unwrap().month(), None);
    }
}
