//! ISO 3166-1 alpha-2 country codes.

use std::fmt;

use crate::InvalidText;

/// An ISO 3166-1 alpha-2 code such as `CN`, in upper case. Whether the code is assigned is the
/// registry's knowledge, not this type's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Parses two ASCII letters of any case.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        match text.as_bytes() {
            [first, second] if first.is_ascii_alphabetic() && second.is_ascii_alphabetic() => {
                Ok(Self([first.to_ascii_uppercase(), second.to_ascii_uppercase()]))
            }
            _ => Err(InvalidText::new(
                text,
                "an ISO 3166-1 alpha-2 country code, such as CN",
            )),
        }
    }

    /// The two letters.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The two letters as bytes.
    pub fn to_bytes(self) -> [u8; 2] {
        self.0
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CountryCode({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_of_any_case_are_a_code() {
        assert_eq!(CountryCode::parse("cn").unwrap().as_str(), "CN");
        for bad in ["", "C", "CHN", "C1", "é"] {
            assert!(CountryCode::parse(bad).is_err(), "{bad}");
        }
    }
}
