//! Readers: one file each for ROR dumps and GeoNames, and how a file or the right member of a zip is opened.
//!
//! Readers stream: memory grows with what they keep, not with the text. They do not stop at the first
//! oddity but note it with the record's id or line; only a file that is something else altogether is an
//! error.

mod geonames;
mod json;
mod member;
mod ror;

pub(crate) use geonames::on_earth;
pub use geonames::{GeonamesFormat, read_geonames};
pub use member::open_member;
pub use ror::{Organisation, Relation, RelationKind, ReportedLocation, read_ror};
