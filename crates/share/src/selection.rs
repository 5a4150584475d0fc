//! A selection: which articles are counted, which of their parts, and how.
//!
//! Article filters choose articles, entity filters choose parts of them. Filters combine with "and",
//! several values of one filter with "or". The default selection is primary research of all time.

use whence_model::{CityId, CountryCode, InvalidText, Issn, Sector, Slug, Window};

use crate::article_type::type_slug;
use crate::divide::Method;
use crate::territory::Territories;

/// A query's filters and ways of counting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selection {
    /// Months, both ends in.
    pub window: Window,
    /// A journal set; none for all venues.
    pub journal_set: Option<Slug>,
    /// Journals by ISSN; empty for all.
    pub journals: Vec<Issn>,
    /// Subjects of the journal set; empty for all.
    pub subjects: Vec<Slug>,
    /// Fields of research; empty for all.
    pub fields: Vec<FieldCode>,
    /// Types; empty for primary research.
    pub types: Vec<TypeFilter>,
    /// At most this many personal authors.
    pub max_authors: Option<u32>,
    /// Articles of which some part is in this country.
    pub with_country: Option<CountryCode>,
    /// Parts in these countries; empty for all.
    pub countries: Vec<CountryCode>,
    /// Parts in these sectors; empty for all.
    pub sectors: Vec<Sector>,
    /// Parts in these groups; empty for all.
    pub groups: Vec<Slug>,
    /// Parts in these cities; empty for all.
    pub cities: Vec<CityId>,
    /// How an article is split.
    pub method: Method,
    /// Which territories count as countries.
    pub territories: Territories,
}

/// A field of research by scheme and code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldCode {
    /// The scheme.
    pub scheme: Slug,
    /// Code within the scheme.
    pub code: String,
}

impl FieldCode {
    /// Parses `mesh:D012345`; none if it is not of this form.
    pub fn parse(text: &str) -> Option<Self> {
        let (scheme, code) = text.trim().split_once(':')?;
        let scheme = Slug::parse(scheme).ok()?;
        (!code.is_empty()).then(|| Self {
            scheme,
            code: code.to_owned(),
        })
    }
}

/// Which types of article are chosen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TypeFilter {
    /// Primary research that has not been retracted.
    Research,
    /// Everything stored, notices and retracted articles included.
    All,
    /// Retracted articles.
    Retracted,
    /// One of the source's own types. Neither retracted articles nor notices, unless it says so itself.
    Own(Slug),
}

impl TypeFilter {
    /// Parses `research`, `all`, `retracted` or a type in its source's words or as a slug.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        Ok(match text.trim() {
            "research" => Self::Research,
            "all" => Self::All,
            "retracted" => Self::Retracted,
            own => Self::Own(type_slug(own).map_or_else(|| Slug::parse(own), Ok)?),
        })
    }
}
