//! The core sections as typed tables, read in place.
//!
//! Rows hold offsets into `core.text` and positions in other tables. [`Tables::open`] checks every one of
//! them once, so that readers never meet a row that points nowhere.
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
use crate::curated::{Country, Group, MetropolitanArea, Policies, Subdivision};
use crate::kinds::{InstitutionState, InstitutionTypes, NameKind};
use crate::read::on_earth;
use crate::{InstitutionIndex, SnapshotError};

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
    text: Section,
    institutions: Section,
    names: Section,
    links: Section,
    places: Section,
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
        tables.check_rows()?;
        tables.ror_ids = tables.check_institutions()?;
        tables.geonames_ids = tables.check_places()?;
        tables.check_curated()?;
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

    fn check_rows(&self) -> Result<(), SnapshotError> {
        let whole = |section: &Section, row: usize, name: &str| match section.as_ref().len() % row {
            0 => Ok(()),
            _ => Err(inconsistent(name, "it ends in mid-row")),
        };
        whole(&self.institutions, size_of::<InstitutionRow>(), INSTITUTIONS)?;
        whole(&self.names, size_of::<NameRow>(), NAMES)?;
        whole(&self.links, size_of::<U32>(), LINKS)?;
        whole(&self.places, size_of::<PlaceRow>(), PLACES)?;
        str::from_utf8(self.text.as_ref()).map_err(|error| inconsistent(TEXT, error.to_string()))?;
        Ok(())
    }

    fn check_institutions(&self) -> Result<Vec<RorId>, SnapshotError> {
        let wrong = |at: usize, what: &str| inconsistent(INSTITUTIONS, format!("row {at}: {what}"));
        let all = self.institution_rows();
        let Some((last, real)) = all.split_last() else {
            return Err(wrong(0, "missing"));
        };
        let mut ids: Vec<RorId> = Vec::with_capacity(real.len());
        for (at, (row, next)) in real.iter().zip(&all[1..]).enumerate() {
            let id = str::from_utf8(&row.ror_id)
                .ok()
                .and_then(|text| RorId::parse(text).ok());
            let id = id
                .filter(|id| ids.last().is_none_or(|last| last < id))
                .ok_or_else(|| wrong(at, "ROR id"))?;
            ids.push(id);
            if InstitutionTypes::from_bits(row.types.get()).is_none() {
                return Err(wrong(at, "types"));
            }
            if usize::from(row.state) >= InstitutionState::ALL.len() {
                return Err(wrong(at, "state"));
            }
            if row.names_start.get() >= next.names_start.get() {
                return Err(wrong(at, "names"));
            }
            let bounds: Vec<u32> = row
                .links_start
                .iter()
                .chain([&next.links_start[0]])
                .map(|start| start.get())
                .collect();
            if !bounds.is_sorted() {
                return Err(wrong(at, "links"));
            }
            self.check_links(&bounds, real.len())
                .ok_or_else(|| wrong(at, "links"))?;
        }
        let ends = (
            last.names_start.get() as usize,
            last.links_start[0].get() as usize,
        );
        if ends != (self.name_rows().len(), self.links().len()) {
            return Err(wrong(real.len(), "ends"));
        }
        self.check_names()?;
        Ok(ids)
    }

    /// Places exist, and so do institutions.
    fn check_links(&self, bounds: &[u32], institutions: usize) -> Option<()> {
        let places = self.place_rows().len();
        let links = self.links().get(bounds[0] as usize..bounds[5] as usize)?;
        let (locations, others) = links.split_at_checked((bounds[1] - bounds[0]) as usize)?;
        let within = |links: &[U32], count: usize| links.iter().all(|link| (link.get() as usize) < count);
        (within(locations, places) && within(others, institutions)).then_some(())
    }

    fn check_names(&self) -> Result<(), SnapshotError> {
        for (at, row) in self.name_rows().iter().enumerate() {
            let kind = usize::from(row.kind) < NameKind::ALL.len();
            if !kind || !self.is_text(row.text) || !self.is_text(row.language) {
                return Err(inconsistent(NAMES, format!("row {at}")));
            }
        }
        Ok(())
    }

    fn check_places(&self) -> Result<Vec<GeonamesId>, SnapshotError> {
        let wrong = |at: usize, what: &str| inconsistent(PLACES, format!("row {at}: {what}"));
        let mut ids: Vec<GeonamesId> = Vec::with_capacity(self.place_rows().len());
        for (at, row) in self.place_rows().iter().enumerate() {
            let id =
                GeonamesId::new(row.geonames_id.get()).filter(|id| ids.last().is_none_or(|last| last < id));
            ids.push(id.ok_or_else(|| wrong(at, "GeoNames id"))?);
            if !self.is_text(row.name) || !self.is_text(row.admin1_code) {
                return Err(wrong(at, "text"));
            }
            if usize::from(row.country.get()) >= self.curated.countries.len() {
                return Err(wrong(at, "country"));
            }
            let area = row.metropolitan_area.get();
            if area != NO_POSITION && area as usize >= self.curated.metropolitan_areas.len() {
                return Err(wrong(at, "metropolitan area"));
            }
            if !on_earth(row.latitude.get(), row.longitude.get()) {
                return Err(wrong(at, "coordinates"));
            }
        }
        Ok(ids)
    }

    fn check_curated(&self) -> Result<(), SnapshotError> {
        let policies = &self.curated.policies;
        let roll_up = &policies.roll_up;
        let lists = [
            &roll_up.barred_parents,
            &roll_up.standing_institutions,
            &roll_up.rolling_institutions,
        ];
        let joint = policies
            .joint_institutions
            .iter()
            .flat_map(|row| [&row.institution, &row.parent]);
        let exceptions = policies.sector_exceptions.iter().map(|row| &row.institution);
        let members = self.curated.groups.iter().flat_map(|group| &group.members);
        let mut named = members
            .chain(lists.into_iter().flatten())
            .chain(joint)
            .chain(exceptions);
        let exists = |index: &InstitutionIndex| index.to_usize() < self.ror_ids.len();
        if !named.all(exists) {
            return Err(inconsistent(CURATED, "it names an institution that is not there"));
        }
        let sorted = self.curated.countries.is_sorted_by(|a, b| a.code < b.code)
            && self
                .curated
                .metropolitan_areas
                .is_sorted_by(|a, b| a.slug < b.slug)
            && self.curated.groups.is_sorted_by(|a, b| a.slug < b.slug);
        if sorted {
            Ok(())
        } else {
            Err(inconsistent(CURATED, "a table is out of order"))
        }
    }

    fn is_text(&self, at: TextRef) -> bool {
        let start = at.offset.get() as usize;
        let text = self.text.as_ref();
        let boundary = |at: usize| text.get(at).is_none_or(|byte| byte & 0xC0 != 0x80);
        let end = start + at.length.get() as usize;
        end <= text.len() && boundary(start) && boundary(end)
    }
}

fn rows<T: FromBytes + KnownLayout + Immutable + Unaligned>(section: &Section) -> &[T] {
    <[T]>::ref_from_bytes(section.as_ref()).unwrap_or_default()
}
