//! What an address was found to name: institutions with their spans, and a place.

use std::collections::HashSet;

use crate::{Article, CountryCode, GeonamesId, InvalidText, RorId};

/// A calibrated confidence in units of 1/10,000: 9,000 is right nine times in ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Confidence(u16);

impl Confidence {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// Certainty.
    pub const MAX: Self = Self(10_000);

    /// A confidence of this many ten-thousandths, at most 10,000.
    pub fn from_ten_thousandths(value: u16) -> Option<Self> {
        (value <= 10_000).then_some(Self(value))
    }

    /// The value, from 0 to 10,000.
    pub fn ten_thousandths(self) -> u16 {
        self.0
    }

    /// For display: from 0 to 1.
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

/// A half-open range of byte offsets into an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The words at this span; none if it does not lie inside on character boundaries.
    pub fn text(self, affiliation: &str) -> Option<&str> {
        affiliation.get(self.start as usize..self.end as usize)
    }
}

/// Where something stands, as far as known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// Nothing is known.
    #[default]
    Unknown,
    /// Only the country.
    Country(CountryCode),
    /// A populated place and its country.
    Locality(GeonamesId, CountryCode),
}

impl Place {
    /// The populated place, if known.
    pub fn locality(self) -> Option<GeonamesId> {
        match self {
            Self::Locality(id, _) => Some(id),
            Self::Country(_) | Self::Unknown => None,
        }
    }

    /// The country, if known.
    pub fn country(self) -> Option<CountryCode> {
        match self {
            Self::Locality(_, country) | Self::Country(country) => Some(country),
            Self::Unknown => None,
        }
    }
}

/// What an address is to its author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Where the work was done.
    #[default]
    Affiliation,
    /// Where the author is now; holds no Share unless it is the author's only address.
    PresentAddress,
}

/// One institution found in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct InstitutionMatch {
    /// The institution, the most specific one that the words name.
    pub ror_id: RorId,
    /// How sure the resolver is.
    pub confidence: Confidence,
    /// Where the address names it.
    pub span: Span,
    /// What the address is to the author.
    pub role: Role,
    /// The place printed beside it, else the registry's first location.
    pub place: Place,
}

/// An institution that an address names and the registry lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnmatchedInstitution {
    /// Where the address names it.
    pub span: Span,
}

/// The answer to one address: the set of institutions it names, and its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolution {
    /// Institutions that the resolver stands behind, best first, each once.
    pub institutions: Vec<InstitutionMatch>,
    /// Candidates with a confidence of at least 0.1 that were not chosen, best first.
    pub candidates: Vec<InstitutionMatch>,
    /// Institutions that the address names and the registry lacks.
    pub unmatched: Vec<UnmatchedInstitution>,
    /// What the address itself says about its place, apart from any institution.
    pub place: Place,
}

impl Resolution {
    /// The place of the first institution, else of the address itself.
    pub fn main_place(&self) -> Place {
        let first = self
            .institutions
            .first()
            .map_or(Place::Unknown, |found| found.place);
        if first == Place::Unknown {
            self.place
        } else {
            first
        }
    }
}

/// An address as printed, with what it resolved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressResolution {
    /// The address as printed.
    pub affiliation: String,
    /// What it resolved to.
    pub resolution: Resolution,
}

/// Which versions of the resolver's knowledge gave an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResolverVersions {
    /// Version of the registry, from the name of the ROR dump.
    pub registry_version: String,
    /// SHA-256 of the registry snapshot, in lower-case hexadecimal.
    pub registry_checksum: String,
    /// Version of the matching engine.
    pub engine_version: String,
    /// Revision of the overrides that acted; 0 without any.
    pub override_revision: u64,
}

/// An article with one resolution for each distinct address of its personal authors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedArticle {
    article: Article,
    resolutions: Vec<AddressResolution>,
}

impl ResolvedArticle {
    /// Joins the two; the resolutions must be those of [`Article::distinct_affiliations`], in its order.
    pub fn new(article: Article, resolutions: Vec<AddressResolution>) -> Result<Self, InvalidText> {
        let printed = article.distinct_affiliations();
        let expected =
            "resolved exactly once and in order of first appearance, as every address of an article must be";
        for index in 0..printed.len().max(resolutions.len()) {
            let printed = printed.get(index).copied();
            let resolved = resolutions.get(index).map(|r| r.affiliation.as_str());
            if printed != resolved {
                return Err(InvalidText::new(
                    printed.or(resolved).unwrap_or_default(),
                    expected,
                ));
            }
        }
        Ok(Self { article, resolutions })
    }

    /// The article.
    pub fn article(&self) -> &Article {
        &self.article
    }

    /// One resolution for each distinct address, in order of first appearance.
    pub fn resolutions(&self) -> &[AddressResolution] {
        &self.resolutions
    }

    /// What an address of this article resolved to.
    pub fn resolution(&self, affiliation: &str) -> Option<&Resolution> {
        self.resolutions
            .iter()
            .find(|r| r.affiliation == affiliation)
            .map(|r| &r.resolution)
    }

    /// The two parts.
    pub fn into_parts(self) -> (Article, Vec<AddressResolution>) {
        (self.article, self.resolutions)
    }
}

pub(crate) fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = HashSet::new();
    texts.filter(|text| seen.insert(*text)).collect()
}
