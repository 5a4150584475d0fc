//! Dates as PubMed prints them: year, month by number or name and day, or free text such as
//! `1998 Dec-1999 Jan`.
//!
//! A range counts from its first month; a season names only its year. The parts of an itemised date
//! must exist, else the record is refused; free text gives what it can.

use whence_model::PublicationDate;

/// The parts of a date as printed; empty where absent.
#[derive(Debug, Default)]
pub(super) struct PrintedDate {
    pub(super) year: String,
    pub(super) month: String,
    pub(super) day: String,
    pub(super) medline_date: String,
}

impl PrintedDate {
    /// The date, as exact as printed. None if free text names no year; an error if a part does not
    /// exist.
    pub(super) fn parse(&self, field: &str) -> Result<Option<PublicationDate>, String> {
        if self.year.is_empty() && !self.medline_date.is_empty() {
            return Ok(parse_free_text(&self.medline_date));
        }
        let month = if self.month.is_empty() {
            Some(None)
        } else {
            month_number(&self.month).map(Some)
        };
        let day = if self.day.is_empty() {
            Some(None)
        } else {
            number(&self.day).map(Some)
        };
        let date = match (year_number(&self.year), month, day) {
            (Some(year), Some(month), Some(day)) => PublicationDate::new(year, month, day),
            _ => None,
        };
        date.map(Some)
            .ok_or_else(|| format!("{field}: {self} is not a date: give an existing year, month and day"))
    }
}

impl std::fmt::Display for PrintedDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts =
            [&self.year, &self.month, &self.day].map(|part| part.chars().take(20).collect::<String>());
        write!(f, "{:?}", parts.join(" ").trim_end())
    }
}

/// The first four-digit word is the year; the first month named before a second year is the month; a
/// number right behind it is the day.
fn parse_free_text(text: &str) -> Option<PublicationDate> {
    let words: Vec<&str> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let mut years = (0..words.len()).filter(|&index| year_number(words[index]).is_some());
    let year = year_number(words[years.next()?])?;
    let words = &words[..years.next().unwrap_or(words.len())];
    let named = words.iter().position(|word| named_month(word).is_some());
    let month = named.and_then(|index| named_month(words[index]));
    let day = named.and_then(|index| number::<u8>(words.get(index + 1)?));
    let exact = PublicationDate::new(year, month, day);
    exact
        .or_else(|| PublicationDate::new(year, month, None))
        .or_else(|| PublicationDate::new(year, None, None))
}

fn year_number(word: &str) -> Option<u16> {
    (word.len() == 4).then(|| number(word)).flatten()
}

fn month_number(text: &str) -> Option<u8> {
    number(text).or_else(|| named_month(text.trim_end_matches('.')))
}

fn number<N: std::str::FromStr>(text: &str) -> Option<N> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// An English name or any abbreviation of it by at least three letters.
fn named_month(word: &str) -> Option<u8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = word.to_ascii_lowercase();
    let position = NAMES
        .iter()
        .position(|name| lower.len() >= 3 && name.starts_with(&lower))?;
    u8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(text: &str) -> Option<String> {
        parse_free_text(text).map(|date| date.to_string())
    }

    #[test]
    fn free_text_counts_from_its_first_month() {
        for (text, date) in [
            ("2000 Nov-Dec", Some("2000-11")),
            ("1998 Dec-1999 Jan", Some("1998-12")),
            ("1977 Apr 17-21", Some("1977-04-17")),
            ("2021 Apr-Jun 01", Some("2021-04")),
            ("1977-1978", Some("1977")),
            ("1977-1978 Jan", Some("1977")),
            ("2021 Spring", Some("2021")),
            ("2021 3rd Quarter", Some("2021")),
            ("Dec 1977", Some("1977-12")),
            ("1979 Sept.-Oct.", Some("1979-09")),
            ("1979 Feb 30-31", Some("1979-02")),
            ("Winter", None),
            ("", None),
        ] {
            assert_eq!(free(text).as_deref(), date, "{text}");
        }
    }

    #[test]
    fn parts_must_exist() {
        for (year, month, day, date) in [
            ("2021", "", "", Some("2021")),
            ("2021", "Jun", "", Some("2021-06")),
            ("2021", "06", "8", Some("2021-06-08")),
            ("2021", "September", "", Some("2021-09")),
            ("2021", "13", "", None),
            ("2021", "Juin", "", None),
            ("2021", "Jun", "31", None),
            ("21", "", "", None),
            ("", "", "", None),
            ("2021", "", "8", None),
        ] {
            let printed = PrintedDate {
                year: year.into(),
                month: month.into(),
                day: day.into(),
                ..Default::default()
            };
            let parsed = printed
                .parse("PubDate")
                .ok()
                .flatten()
                .map(|date| date.to_string());
            assert_eq!(parsed.as_deref(), date, "{year} {month} {day}");
        }
    }
}
