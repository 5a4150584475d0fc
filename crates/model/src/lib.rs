//! The domain's words as types, defined as the methodology defines them.
//!
//! Text becomes a type here, at the edge, and is never checked again further in: [`RorId`] has valid
//! check digits, [`Month`] is a month that exists, [`Share`] is exact. The crate does no I/O, knows no
//! wire format and derives no serialisation, so that no layout is frozen by accident.

mod article;
mod country;
mod curation;
mod entity;
mod error;
mod identifiers;
mod month;
mod resolution;
mod share;

pub use article::{
    Article, ArticleId, ArticleIdentifiers, Author, AuthorKind, RecordKey, RecordRank, ResearchField, Venue,
};
pub use country::CountryCode;
pub use curation::{Decision, NamePattern, Override, OverrideChange, OverrideId, OverrideSubject, RequestId};
pub use entity::{CityId, Entity, EntityKind, Level, Sector, Slug};
pub use error::{ErrorKind, InvalidText};
pub use identifiers::{Doi, GeonamesId, Issn, Orcid, Pmcid, Pmid, RorId};
pub use month::{Month, PublicationDate, Window};
pub use resolution::{
    AddressResolution, Confidence, InstitutionMatch, Place, Resolution, ResolvedArticle, ResolverVersions,
    Role, Span, UnmatchedInstitution,
};
pub use share::Share;
