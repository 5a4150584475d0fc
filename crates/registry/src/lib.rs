//! Registry snapshots: institutions from ROR, places from GeoNames, and the policies that go with them.
//!
//! The way through: [`read`] streams the official dumps, [`build`] joins them with the reviewed tables of
//! `data/` into a [`BuiltRegistry`], [`SnapshotBuilder`] writes that (and what other crates add) as one
//! checksummed file, and [`Registry`] opens the file and answers from it in place. Whatever is skipped on
//! the way stands in the [`BuildReport`], with record or line and the reason.

mod build;
mod curated;
mod error;
mod finding;
mod index;
mod kinds;
pub mod read;
mod record;
mod registry;
mod snapshot;
mod starter;
mod table;
mod text_form;
mod view;

pub use build::{BuildInputs, RegistryParts, build, build_from_parts};
pub use curated::{
    Country, Group, JointInstitution, MetropolitanArea, Policies, RollUpPolicy, SectorException, Subdivision,
    Territory, TerritoryPolicy,
};
pub use error::{RegistryError, SnapshotError};
pub use finding::{BuildReport, Finding, Position, Problem};
pub use index::{CityIndex, InstitutionIndex, MetropolitanAreaIndex, PlaceIndex};
pub use kinds::{InstitutionState, InstitutionType, InstitutionTypes, NameKind};
pub use record::{BuiltRegistry, InstitutionRecord, NameRecord, PlaceRecord};
pub use registry::Registry;
pub use snapshot::{FORMAT_VERSION, Section, SnapshotBuilder, SnapshotSummary};
pub use starter::{read_starter, starter};
pub use view::{Institution, Name, PlaceView};
