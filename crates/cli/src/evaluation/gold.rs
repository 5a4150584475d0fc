//! A labelled address, as the gold files hold it.

use serde::Deserialize;
use sha1::{Digest, Sha1};

/// One labelled address. Other fields are the file's own.
#[derive(Clone, Debug, Deserialize)]
pub struct GoldRow {
    /// The address.
    pub affiliation: String,
    /// What it should give; empty if nothing.
    pub ror_ids: Vec<String>,
    /// Whether the label is in the registry at all; rows where it is not are left out.
    #[serde(default = "present")]
    pub in_registry: bool,
    /// Parents that the text also names: right with or without them. Their presence asks for `exact`.
    pub named_parents: Option<Vec<String>>,
    /// Institutions that the text also names and the registry lacks.
    #[serde(default)]
    pub outside: Vec<String>,
    /// Where it is.
    pub locality: Option<String>,
    /// ISO 3166-1 alpha-2 code of the country where it is.
    pub country: Option<String>,
}

fn present() -> bool {
    true
}

/// One part of the rows, the same for every order of them: those whose address has this remainder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fold {
    remainder: u32,
    modulus: u32,
}

impl Fold {
    /// Reads `K/N`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || "not K/N with K below N, such as 0/5".to_owned();
        let (remainder, modulus) = text.split_once('/').ok_or_else(wrong)?;
        let number = |text: &str| text.parse().map_err(|_| wrong());
        let (remainder, modulus) = (number(remainder)?, number(modulus)?);
        if remainder < modulus {
            Ok(Self { remainder, modulus })
        } else {
            Err(wrong())
        }
    }

    /// Whether an address falls into it: its SHA-1, read as one number, leaves the remainder.
    pub fn holds(self, affiliation: &str) -> bool {
        let digest = Sha1::digest(affiliation);
        let modulus = u64::from(self.modulus);
        let remainder = digest
            .iter()
            .fold(0, |rest, byte| (rest * 256 + u64::from(*byte)) % modulus);
        remainder == u64::from(self.remainder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_are_those_of_the_hash_as_a_number() {
        // As `int(hashlib.sha1(text.encode()).hexdigest(), 16) % n` gives them.
        for (text, n, remainder) in FOLDS {
            for k in 0..n {
                let fold = Fold::parse(&format!("{k}/{n}")).unwrap();
                assert_eq!(fold.holds(text), k == remainder, "{text} {k}/{n}");
            }
        }
        for wrong in ["", "1", "5/5", "-1/5", "0/0", "a/b"] {
            assert!(Fold::parse(wrong).is_err(), "{wrong}");
        }
    }

    const FOLDS: [(&str, u32, u32); 3] = [
        ("University of Oxford, UK", 5, 2),
        ("ETH Zürich", 7, 1),
        ("", 1000, 305),
    ];
}
