//! Identifiers of the field: ROR, GeoNames, DOI, PMID, PMCID, ISSN and ORCID.
//!
//! Each parses the forms that records really carry (with or without a resolver prefix, in any case),
//! holds one canonical form, and prints it.

use std::fmt;

use crate::InvalidText;

const ROR_PREFIX: &str = "https://ror.org/";

/// A ROR id: `0`, six characters of Crockford's base 32, two check digits (ISO/IEC 7064 MOD 97-10).
/// Orders by its bytes, as the tie rules of the methodology ask.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RorId([u8; 9]);

impl RorId {
    /// Parses `https://ror.org/05qbk4x57`, `ror.org/05qbk4x57` or `05qbk4x57`, and checks the digits.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let invalid = || {
            InvalidText::new(
                text,
                "a ROR id with valid check digits, such as https://ror.org/05qbk4x57",
            )
        };
        let lower = text.trim().to_ascii_lowercase();
        let bare = lower
            .trim_start_matches("https://")
            .trim_start_matches("http://")
            .trim_start_matches("ror.org/");
        let bytes: [u8; 9] = bare.as_bytes().try_into().map_err(|_| invalid())?;
        let (body, check) = bytes.split_at(7);
        if body[0] != b'0' {
            return Err(invalid());
        }
        let mut number = 0_u64;
        for &byte in body {
            number = number * 32 + crockford_value(byte).ok_or_else(invalid)?;
        }
        let printed = str::from_utf8(check)
            .ok()
            .filter(|c| c.bytes().all(|b| b.is_ascii_digit()));
        let printed: u64 = printed.and_then(|c| c.parse().ok()).ok_or_else(invalid)?;
        if printed != 98 - (number * 100) % 97 {
            return Err(invalid());
        }
        Ok(Self(bytes))
    }

    /// The nine characters without the prefix.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The nine characters as bytes.
    pub fn to_bytes(self) -> [u8; 9] {
        self.0
    }
}

fn crockford_value(byte: u8) -> Option<u64> {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    ALPHABET.iter().position(|&c| c == byte).map(|value| value as u64)
}

impl fmt::Display for RorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ROR_PREFIX}{}", self.as_str())
    }
}

impl fmt::Debug for RorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RorId({})", self.as_str())
    }
}

/// The number of a GeoNames feature, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GeonamesId(u32);

impl GeonamesId {
    /// The feature with this number; none has the number 0.
    pub fn new(number: u32) -> Option<Self> {
        (number > 0).then_some(Self(number))
    }

    /// Parses decimal digits.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        parse_positive(text)
            .map(Self)
            .ok_or_else(|| InvalidText::new(text, "a GeoNames id, such as 1816670"))
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for GeonamesId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn parse_positive(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|&number| digits && number > 0)
}

/// A DOI without resolver prefix, in lower case (DOIs do not distinguish case).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Doi(String);

impl Doi {
    /// Parses `10.1038/x`, `doi:10.1038/x` or `https://doi.org/10.1038/x`.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let invalid = || InvalidText::new(text, "a DOI, such as 10.1038/s41586-021-03819-2");
        let lower = text.trim().to_lowercase();
        let prefixes = [
            "https://",
            "http://",
            "dx.doi.org/",
            "www.doi.org/",
            "doi.org/",
            "doi:",
        ];
        let bare = prefixes
            .iter()
            .fold(lower.as_str(), |rest, prefix| {
                rest.strip_prefix(prefix).unwrap_or(rest)
            })
            .trim();
        let (registrant, suffix) = bare
            .strip_prefix("10.")
            .and_then(|rest| rest.split_once('/'))
            .ok_or_else(invalid)?;
        let registrant_valid =
            !registrant.is_empty() && registrant.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let suffix_valid = !suffix.is_empty() && !suffix.chars().any(|c| c.is_control() || c.is_whitespace());
        if registrant_valid && suffix_valid {
            Ok(Self(bare.to_owned()))
        } else {
            Err(invalid())
        }
    }

    /// The canonical form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Doi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A PubMed id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pmid(u32);

impl Pmid {
    /// Parses decimal digits.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        parse_positive(text.trim())
            .map(Self)
            .ok_or_else(|| InvalidText::new(text, "a PMID, such as 34097368"))
    }

    /// The number.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Pmid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A PubMed Central id; prints as `PMC1234567`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pmcid(u32);

impl Pmcid {
    /// Parses `PMC` and digits, or the digits alone.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let upper = text.trim().to_ascii_uppercase();
        parse_positive(upper.strip_prefix("PMC").unwrap_or(&upper))
            .map(Self)
            .ok_or_else(|| InvalidText::new(text, "a PMCID, such as PMC8175132"))
    }
}

impl fmt::Display for Pmcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PMC{}", self.0)
    }
}

/// An ISSN with a valid check digit; prints as `NNNN-NNNC`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Issn([u8; 8]);

impl Issn {
    /// Parses eight characters with or without the hyphen, and checks the last.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let invalid = || InvalidText::new(text, "an ISSN with a valid check digit, such as 0028-0836");
        let compact = text.trim().replacen('-', "", 1).to_ascii_uppercase();
        let bytes: [u8; 8] = compact.as_bytes().try_into().map_err(|_| invalid())?;
        let mut sum = 0;
        for (&byte, weight) in bytes.iter().zip((1..=8_u32).rev()) {
            let value = match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                b'X' if weight == 1 => 10,
                _ => return Err(invalid()),
            };
            sum += value * weight;
        }
        if sum % 11 == 0 {
            Ok(Self(bytes))
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for Issn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = str::from_utf8(&self.0).unwrap_or_default();
        write!(f, "{}-{}", &text[..4], &text[4..])
    }
}

impl fmt::Debug for Issn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Issn({self})")
    }
}

/// An ORCID iD with a valid check character (ISO/IEC 7064 MOD 11-2); prints as `NNNN-NNNN-NNNN-NNNC`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Orcid([u8; 16]);

impl Orcid {
    /// Parses the iD with or without resolver prefix and hyphens, and checks the last character.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let invalid = || {
            InvalidText::new(
                text,
                "an ORCID iD with a valid check character, such as 0000-0002-1825-0097",
            )
        };
        let last = text
            .trim()
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or_default();
        let compact = last.replace('-', "").to_ascii_uppercase();
        let bytes: [u8; 16] = compact.as_bytes().try_into().map_err(|_| invalid())?;
        let mut total = 0_u32;
        for &byte in &bytes[..15] {
            if !byte.is_ascii_digit() {
                return Err(invalid());
            }
            total = (total + u32::from(byte - b'0')) * 2 % 11;
        }
        let check = match (12 - total) % 11 {
            10 => b'X',
            digit => b'0' + u8::try_from(digit).unwrap_or_default(),
        };
        if bytes[15] == check {
            Ok(Self(bytes))
        } else {
            Err(invalid())
        }
    }
}

impl fmt::Display for Orcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = str::from_utf8(&self.0).unwrap_or_default();
        write!(
            f,
            "{}-{}-{}-{}",
            &text[..4],
            &text[4..8],
            &text[8..12],
            &text[12..]
        )
    }
}

impl fmt::Debug for Orcid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Orcid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ror_id_checks_its_digits() {
        for good in [
            "https://ror.org/05qbk4x57",
            "ror.org/05qbk4x57",
            "05qbk4x57",
            " HTTPS://ROR.ORG/05QBK4X57 ",
        ] {
            assert_eq!(
                RorId::parse(good).unwrap().to_string(),
                "https://ror.org/05qbk4x57"
            );
        }
        for bad in [
            "05qbk4x58",
            "15qbk4x57",
            "05qbk4x5",
            "05qbk4x577",
            "",
            "05qbklx57",
            "05qbk4x5é",
        ] {
            assert!(RorId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_doi_loses_prefix_and_case() {
        for good in [
            "10.1000/AbC",
            "doi:10.1000/abc",
            "https://doi.org/10.1000/ABC",
            "http://dx.doi.org/10.1000/abc",
        ] {
            assert_eq!(Doi::parse(good).unwrap().as_str(), "10.1000/abc");
        }
        assert_eq!(
            Doi::parse("10.1016/s0960-9822(00)00336-5").unwrap().as_str(),
            "10.1016/s0960-9822(00)00336-5"
        );
        for bad in ["", "10.1000", "10.1000/", "11.1000/a", "10.x/a", "10.1/a b"] {
            assert!(Doi::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_issn_checks_its_digit() {
        assert_eq!(Issn::parse("00280836").unwrap().to_string(), "0028-0836");
        assert_eq!(Issn::parse("2050-084x").unwrap().to_string(), "2050-084X");
        for bad in ["0028-0837", "0028-083", "X028-0836", "0028--836", ""] {
            assert!(Issn::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_orcid_checks_its_character() {
        for good in [
            "0000-0002-1825-0097",
            "https://orcid.org/0000-0002-1825-0097",
            "0000000218250097",
        ] {
            assert_eq!(Orcid::parse(good).unwrap().to_string(), "0000-0002-1825-0097");
        }
        assert!(Orcid::parse("0000-0002-1694-233X").is_ok());
        assert!(Orcid::parse("0000-0002-1825-0098").is_err());
    }

    #[test]
    fn numbers_are_positive_and_plain() {
        assert_eq!(Pmid::parse("34097368").unwrap().get(), 34_097_368);
        assert_eq!(Pmcid::parse("pmc12").unwrap().to_string(), "PMC12");
        for bad in ["0", "-1", "+1", "1.0", "", "99999999999"] {
            assert!(
                Pmid::parse(bad).is_err() && GeonamesId::parse(bad).is_err(),
                "{bad}"
            );
        }
    }
}
