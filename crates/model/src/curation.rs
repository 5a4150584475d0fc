//! Overrides: what curators have decided about addresses that the resolver reads wrongly.
//!
//! Each creation and each deletion makes a revision; they count from 1 without gaps. Nothing is ever
//! forgotten: a deleted override keeps who created and who deleted it, when and why.

use std::fmt;

use crate::{CountryCode, GeonamesId, InvalidText, RorId};

/// The id of an override: the revision of its creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OverrideId(u64);

impl OverrideId {
    /// The override that was created by this revision; none for 0.
    pub fn new(revision: u64) -> Option<Self> {
        (revision > 0).then_some(Self(revision))
    }

    /// Parses a positive decimal number without leading zeros.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        let number = text.parse().ok().filter(|_| digits);
        number
            .map(Self)
            .ok_or_else(|| InvalidText::new(text, "the id of an override, such as 17"))
    }

    /// The revision.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for OverrideId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What makes a creation safe to repeat: 1 to 128 of the characters `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(String);

impl RequestId {
    /// Parses an id; nothing is mended.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let valid = (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidText::new(
                text,
                "a request id of 1 to 128 of the characters A-Z a-z 0-9 . _ -, such as a UUID",
            ))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an override stands for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OverrideSubject {
    /// A whole address, and every other with the same words.
    Address(String),
    /// A name within addresses.
    Pattern(NamePattern),
}

/// A name within addresses, with a place where that is needed to tell it from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NamePattern {
    /// Words that stand next to each other in the address.
    pub name: String,
    /// The country that the address says; any if none.
    pub country: Option<CountryCode>,
    /// The locality that the address says; any if none.
    pub locality: Option<GeonamesId>,
}

/// Who decided something, why and when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decision {
    /// Who.
    pub curator: String,
    /// Why.
    pub reason: String,
    /// When, in milliseconds since 1970 began (UTC).
    pub unix_milliseconds: i64,
}

/// A decision that made a revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OverrideChange {
    /// The decision.
    pub decision: Decision,
    /// The revision.
    pub revision: u64,
}

/// What a curator has decided about an address or a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Override {
    /// Its id.
    pub id: OverrideId,
    /// What it stands for.
    pub subject: OverrideSubject,
    /// The institutions that it means, in the curator's order; empty if it means none.
    pub ror_ids: Vec<RorId>,
    /// Its creation, whose revision is its id.
    pub created: OverrideChange,
    /// Its deletion; none while it stands.
    pub deleted: Option<OverrideChange>,
}

impl Override {
    /// Whether it acts.
    pub fn stands(&self) -> bool {
        self.deleted.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_overrides_have_one_form() {
        assert_eq!(OverrideId::parse("17").unwrap().to_string(), "17");
        for bad in ["", "0", "017", "+1", "1 ", "x", "99999999999999999999"] {
            assert!(OverrideId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn request_ids_are_short_and_plain() {
        assert!(RequestId::parse("7f1c0b9e-6d0e-4f1c-8b57-0a1f5f1f2a11").is_ok());
        for bad in ["", "a b", "é", &"x".repeat(129)] {
            assert!(RequestId::parse(bad).is_err(), "{bad}");
        }
    }
}
