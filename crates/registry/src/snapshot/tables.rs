//! The core sections as typed tables, read in place.
//!
//! Rows hold offsets into `core.text` and positions in other tables. [`Tables::open`] checks every one of
//! them once (`check.rs`), so that readers never meet a row that points nowhere.
//!
//! | section | what |
//! | --- | --- |
//! | `core.text` | all strings, UTF-8, each stored once |
//! | `core.institutions` | [`InstitutionRow`]s by ROR id, and a last one that only ends the ranges |
//! | `core.names` | [`NameRow`]s, those of one institution together, its display name first |
//! | `core.links` | positions: of one institution its places, parents, children, related, successors |
//! | `core.places` | [`PlaceRow`]s by GeoNames id |
//! | `core.curated` | [`Curated`], in postcard |

use serde::{Deserialize, Serialize};
use whence_model::{GeonamesId, RorId};
use zerocopy::byteorder::little_endian::{F64, I32, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::bytes::{Container, Section, inconsistent};
use crate::SnapshotError;
use crate::curated::{Country, Group, MetropolitanArea, Policies, Subdivision};

pub(crate) const TEXT: &str = "core.text";
pub(crate) const INSTITUTIONS: &str = "core.institutions";
pub(crate) const NAMES: &str = "core.names";
pub(crate) const LINKS: &str = "core.links";
pub(crate) const PLACES: &str = "core.places";
pub(crate) const CURATED: &str = "core.curated";

/// Where a value that may be missing is missing.
pub(crate) const NO_POSITION: u32 = u32::MAX;
pub(crate) const NO_YEAR: i32 = i32::MIN;

/// A string in `core.text`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct TextRef {
    pub(crate) offset: U32,
    pub(crate) length: U32,
}

/// One institution. Ranges of names and links end where those of the next row begin.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct InstitutionRow {
    pub(crate) ror_id: [u8; 9],
    pub(crate) state: u8,
    pub(crate) types: U16,
    pub(crate) established: I32,
    pub(crate) names_start: U32,
    /// Starts in `core.links` of locations, parents, children, related, successors.
    pub(crate) links_start: [U32; 5],
}

/// One name of an institution.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct NameRow {
    pub(crate) text: TextRef,
    pub(crate) language: TextRef,
    pub(crate) kind: u8,
}

/// One place.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct PlaceRow {
    pub(crate) geonames_id: U32,
    pub(crate) name: TextRef,
    pub(crate) admin1_code: TextRef,
    pub(crate) population: U64,
    pub(crate) latitude: F64,
    pub(crate) longitude: F64,
    /// Position in the table of countries.
    pub(crate) country: U16,
    pub(crate) metropolitan_area: U32,
}

/// What is small enough to be held in memory as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Curated {
    pub(crate) version: String,
    pub(crate) countries: Vec<Country>,
    pub(crate) subdivisions: Vec<Subdivision>,
    pub(crate) metropolitan_areas: Vec<MetropolitanArea>,
    pub(crate) groups: Vec<Group>,
    pub(crate) policies: Policies,
}

/// The core of an open snapshot.
pub(crate) struct Tables {
    pub(super) text: Section,
    pub(super) institutions: Section,
    pub(super) names: Section,
    pub(super) links: Section,
    pub(super) places: Section,
    pub(crate) curated: Curated,
    /// Ids in order, parsed: to answer and to search without touching the rows.
    pub(crate) ror_ids: Vec<RorId>,
    pub(crate) geonames_ids: Vec<GeonamesId>,
}

impl Tables {
    /// Opens and checks the core sections.
    pub(crate) fn open(container: &Container) -> Result<Self, SnapshotError> {
        let section = |name: &str| {
            container
                .section(name)
                .ok_or_else(|| SnapshotError::MissingSection {
                    section: name.to_owned(),
                })
        };
        let curated = section(CURATED)?;
        let mut tables = Self {
            text: section(TEXT)?,
            institutions: section(INSTITUTIONS)?,
            names: section(NAMES)?,
            links: section(LINKS)?,
            places: section(PLACES)?,
            curated: postcard::from_bytes(curated.as_ref())
                .map_err(|error| inconsistent(CURATED, error.to_string()))?,
            ror_ids: Vec::new(),
            geonames_ids: Vec::new(),
        };
        (tables.ror_ids, tables.geonames_ids) = tables.check()?;
        Ok(tables)
    }

    pub(crate) fn text(&self, at: TextRef) -> &str {
        let start = at.offset.get() as usize;
        let bytes = self.text.as_ref().get(start..start + at.length.get() as usize);
        bytes
            .and_then(|bytes| str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    pub(crate) fn institution_rows(&self) -> &[InstitutionRow] {
        rows(&self.institutions)
    }

    pub(crate) fn name_rows(&self) -> &[NameRow] {
        rows(&self.names)
    }

    pub(crate) fn links(&self) -> &[U32] {
        rows(&self.links)
    }

    pub(crate) fn place_rows(&self) -> &[PlaceRow] {
        rows(&self.places)
    }
}

fn rows<T: FromBytes + KnownLayout + Immutable + Unaligned>(section: &Section) -> &[T] {
    <[T]>::ref_from_bytes(section.as_ref()).unwrap_or_default()
}
