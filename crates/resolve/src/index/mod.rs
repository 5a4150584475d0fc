//! The index: everything that finds candidates fast, as sections of the registry snapshot.
//!
//! | section | holds |
//! | --- | --- |
//! | `resolve.version` | the version of this layout |
//! | `resolve.tokens` | fst: word → [`TokenId`] |
//! | `resolve.token-stats` | for each token: its weight and in how many countries names use it |
//! | `resolve.names` | one [`NameRow`] for each form of each name, sorted by token sequence |
//! | `resolve.name-tokens` | the token sequences |
//! | `resolve.first-names` | for each token: the first name that begins with it or a later token |
//! | `resolve.posting-starts`, `resolve.postings` | for each token: the names that contain it |
//! | `resolve.acronyms`, `resolve.acronym-lists` | fst: acronym as printed → institutions |
//! | `resolve.places`, `resolve.place-lists` | fst: place name → GeoNames places, the largest first |
//! | `resolve.regions`, `resolve.region-lists` | fst: state or province → country and GeoNames code |
//!
//! Names are sorted by token sequence, so that a binary search narrows the names that begin with the
//! words read so far: the array is a trie without pointers. A list is a length followed by its entries.

mod build;
mod open;
mod words;

use whence_model::CountryCode;
use whence_registry::NameKind;
use zerocopy::byteorder::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

pub use build::{SnapshotWithIndexError, build, snapshot};
pub(crate) use build::{joined, joined_key};
pub use open::{Index, IndexError, NameRange};

/// The longest name of a place, in words: longer ones do not occur in addresses.
pub(crate) const PLACE_WORDS: usize = 5;

/// Version of the layout; a snapshot with another one must be rebuilt.
pub(crate) const INDEX_VERSION: u32 = 2;

/// A word of the registry's names, dense in byte order of the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(pub(crate) u32);

/// A form of a name of an institution, dense in order of token sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub(crate) u32);

/// One form of one name.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct NameRow {
    pub(crate) institution: U32,
    pub(crate) tokens_start: U32,
    /// Sum of the weights of its tokens, in thousandths of a bit.
    pub(crate) weight: U32,
    pub(crate) token_count: U16,
    kind: u8,
    /// Bit 0: every token of it is used by names in many countries. Bit 1: turned.
    flags: u8,
}

impl NameRow {
    /// Which kind of name it is.
    pub fn kind(&self) -> NameKind {
        match self.kind {
            0 => NameKind::Display,
            1 => NameKind::Label,
            2 => NameKind::Alias,
            _ => NameKind::Acronym,
        }
    }

    /// Whether the name needs an anchor: nothing in it is proper to one institution or place.
    pub fn is_generic(&self) -> bool {
        self.flags & 1 == 1
    }

    /// Whether it is the name with its type word on the other side: `University of Durham`.
    pub fn is_turned(&self) -> bool {
        self.flags & 2 == 2
    }
}

/// How telling a token is.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct TokenStats {
    /// Inverse document frequency in thousandths of a bit: 1,000 if half of all institutions have it.
    pub(crate) weight: U32,
    /// In how many countries institutions use it.
    pub(crate) countries: U16,
    padding: U16,
}

/// A state or province: its country and its code in GeoNames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SubdivisionRow {
    pub(crate) country: [u8; 2],
    /// Padded with zero bytes.
    pub(crate) admin1_code: [u8; 6],
}

impl SubdivisionRow {
    /// Whether it is the subdivision with this GeoNames code.
    pub fn is(&self, country: CountryCode, admin1_code: &str) -> bool {
        let code = self.admin1_code.split(|&b| b == 0).next().unwrap_or_default();
        self.country == country.to_bytes() && code == admin1_code.as_bytes()
    }
}

/// What the words with one hash name in the gazetteer.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct GazetteerRow {
    pub(crate) hash: U64,
    /// One more than where the list of places starts; 0 for none.
    pub(crate) localities: U32,
    /// One more than where the list of states starts; 0 for none.
    pub(crate) subdivisions: U32,
    /// 1 if a longer name begins with these words.
    pub(crate) continues: u8,
    padding: [u8; 7],
}

impl GazetteerRow {
    fn new(hash: u64) -> Self {
        Self {
            hash: U64::new(hash),
            localities: U32::new(0),
            subdivisions: U32::new(0),
            continues: 0,
            padding: [0; 7],
        }
    }
}

const VERSION: &str = "resolve.version";
const TOKENS: &str = "resolve.tokens";
const TOKEN_STATS: &str = "resolve.token-stats";
const NAMES: &str = "resolve.names";
const NAME_TOKENS: &str = "resolve.name-tokens";
const FIRST_NAMES: &str = "resolve.first-names";
const POSTING_STARTS: &str = "resolve.posting-starts";
const POSTINGS: &str = "resolve.postings";
const ACRONYMS: &str = "resolve.acronyms";
const ACRONYM_LISTS: &str = "resolve.acronym-lists";
const GAZETTEER: &str = "resolve.gazetteer";
const MENTIONS: &str = "resolve.mentions";
const PLACES: &str = "resolve.places";
const PLACE_LISTS: &str = "resolve.place-lists";
const SUBDIVISIONS: &str = "resolve.regions";
const SUBDIVISION_LISTS: &str = "resolve.region-lists";

/// Base-2 logarithm in thousandths, linear between powers of two: the same on every machine.
pub(crate) fn log2_thousandths(value: u32) -> u32 {
    let whole = value.max(1).ilog2();
    let base = 1_u64 << whole;
    let fraction = (u64::from(value.max(1)) - base) * 1000 / base;
    whole * 1000 + u32::try_from(fraction).unwrap_or(999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_exact_at_powers_of_two_and_grow() {
        assert_eq!(log2_thousandths(1), 0);
        assert_eq!(log2_thousandths(1024), 10_000);
        assert!((1..5000).all(|n| log2_thousandths(n) <= log2_thousandths(n + 1)));
    }
}
