//! An open registry: read in place from a snapshot, shared by all who hold it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use whence_model::{CityId, CountryCode, GeonamesId, RorId, Slug};

use crate::curated::{Country, Group, MetropolitanArea, Policies, Subdivision};
use crate::snapshot::{Bytes, Container, Section, Tables, map_file};
use crate::{
    CityIndex, Institution, InstitutionIndex, MetropolitanAreaIndex, PlaceIndex, PlaceView, SnapshotError,
};

/// An open registry. Cheap to clone; strings are borrowed from the snapshot.
///
/// Indexes come from this registry's own answers: one from another registry may be out of range, which
/// panics as indexing a slice does.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    container: Container,
    tables: Tables,
}

impl Registry {
    /// Opens a snapshot file and verifies the checksums of all its sections.
    pub fn open(path: &Path) -> Result<Self, SnapshotError> {
        Self::from_container(Bytes::Mapped(map_file(path)?))
    }

    /// Opens a snapshot held in memory.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Result<Self, SnapshotError> {
        Self::from_container(Bytes::owned(bytes.as_ref()))
    }

    fn from_container(bytes: Bytes) -> Result<Self, SnapshotError> {
        let container = Container::open(bytes)?;
        let tables = Tables::open(&container)?;
        Ok(Self {
            inner: Arc::new(Inner { container, tables }),
        })
    }

    /// Recomputes the SHA-256 of every section. Opening checks faster checksums already; this one also
    /// tells that the snapshot is the one that its checksum names.
    pub fn verify(&self) -> Result<(), SnapshotError> {
        self.inner.container.verify()
    }

    /// Version, from the name of the ROR dump.
    pub fn version(&self) -> &str {
        &self.tables().curated.version
    }

    /// SHA-256 over names and contents of all sections, in lower-case hexadecimal.
    pub fn checksum_hex(&self) -> &str {
        self.inner.container.checksum_hex()
    }

    /// A section by name.
    pub fn section(&self, name: &str) -> Option<Section> {
        self.inner.container.section(name)
    }

    /// Names and lengths in bytes of all sections, in order of name.
    pub fn section_sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.inner.container.section_sizes()
    }

    /// How many institutions there are, whatever their state.
    pub fn institution_count(&self) -> usize {
        self.tables().ror_ids.len()
    }

    /// The institution at this index.
    pub fn institution(&self, index: InstitutionIndex) -> Institution<'_> {
        Institution::new(self.tables(), index)
    }

    /// All institutions, in order of index.
    pub fn institutions(&self) -> impl ExactSizeIterator<Item = Institution<'_>> {
        (0..self.institution_count()).map(|at| self.institution(InstitutionIndex::from_usize(at)))
    }

    /// The institution with this id.
    pub fn find(&self, id: RorId) -> Option<InstitutionIndex> {
        self.tables()
            .ror_ids
            .binary_search(&id)
            .ok()
            .map(InstitutionIndex::from_usize)
    }

    /// How many places there are.
    pub fn place_count(&self) -> usize {
        self.tables().geonames_ids.len()
    }

    /// The place at this index.
    pub fn place(&self, index: PlaceIndex) -> PlaceView<'_> {
        PlaceView::new(self.tables(), index)
    }

    /// All places, in order of index.
    pub fn places(&self) -> impl ExactSizeIterator<Item = PlaceView<'_>> {
        (0..self.place_count()).map(|at| self.place(PlaceIndex::from_usize(at)))
    }

    /// The place with this id.
    pub fn find_place(&self, id: GeonamesId) -> Option<PlaceIndex> {
        self.tables()
            .geonames_ids
            .binary_search(&id)
            .ok()
            .map(PlaceIndex::from_usize)
    }

    /// Metropolitan areas, in order of index.
    pub fn metropolitan_areas(&self) -> &[MetropolitanArea] {
        &self.tables().curated.metropolitan_areas
    }

    /// The metropolitan area at this index.
    pub fn metropolitan_area(&self, index: MetropolitanAreaIndex) -> &MetropolitanArea {
        &self.metropolitan_areas()[index.to_usize()]
    }

    /// The metropolitan area of this name.
    pub fn find_metropolitan_area(&self, slug: &Slug) -> Option<MetropolitanAreaIndex> {
        let found = self
            .metropolitan_areas()
            .binary_search_by(|area| area.slug.cmp(slug))
            .ok();
        found.map(MetropolitanAreaIndex::from_usize)
    }

    /// The city that a place belongs to, cheaply.
    pub fn city_index(&self, place: PlaceIndex) -> CityIndex {
        match self.place(place).metropolitan_area() {
            Some(area) => CityIndex::MetropolitanArea(area),
            None => CityIndex::Locality(place),
        }
    }

    /// The city that a place belongs to.
    pub fn city_of(&self, place: PlaceIndex) -> CityId {
        self.city_id(self.city_index(place))
    }

    /// The id of a city.
    pub fn city_id(&self, city: CityIndex) -> CityId {
        match city {
            CityIndex::Locality(place) => CityId::Locality(self.place(place).geonames_id()),
            CityIndex::MetropolitanArea(area) => {
                CityId::MetropolitanArea(self.metropolitan_area(area).slug.clone())
            }
        }
    }

    /// The city with this id, if the registry has it.
    pub fn find_city(&self, id: &CityId) -> Option<CityIndex> {
        match id {
            CityId::Locality(id) => self.find_place(*id).map(CityIndex::Locality),
            CityId::MetropolitanArea(slug) => {
                self.find_metropolitan_area(slug).map(CityIndex::MetropolitanArea)
            }
        }
    }

    /// The name of a city.
    pub fn city_name(&self, city: CityIndex) -> &str {
        match city {
            CityIndex::Locality(place) => self.place(place).name(),
            CityIndex::MetropolitanArea(area) => &self.metropolitan_area(area).name,
        }
    }

    /// The country of a city.
    pub fn city_country(&self, city: CityIndex) -> CountryCode {
        match city {
            CityIndex::Locality(place) => self.place(place).country(),
            CityIndex::MetropolitanArea(area) => self.metropolitan_area(area).country,
        }
    }

    /// Countries and territories, in order of code.
    pub fn countries(&self) -> &[Country] {
        &self.tables().curated.countries
    }

    /// The English short name of a country; none if the code is not assigned.
    pub fn country_name(&self, code: CountryCode) -> Option<&str> {
        let found = self
            .countries()
            .binary_search_by_key(&code, |country| country.code)
            .ok()?;
        self.countries().get(found).map(|country| country.name.as_str())
    }

    /// First-order subdivisions that ROR names, in order of country and GeoNames code.
    pub fn subdivisions(&self) -> &[Subdivision] {
        &self.tables().curated.subdivisions
    }

    /// Groups of institutions, in order of slug.
    pub fn groups(&self) -> &[Group] {
        &self.tables().curated.groups
    }

    /// The group of this name.
    pub fn find_group(&self, slug: &Slug) -> Option<&Group> {
        let found = self
            .groups()
            .binary_search_by(|group| group.slug.cmp(slug))
            .ok()?;
        self.groups().get(found)
    }

    /// Roll-up, sectors, joint institutions, territories.
    pub fn policies(&self) -> &Policies {
        &self.tables().curated.policies
    }

    fn tables(&self) -> &Tables {
        &self.inner.tables
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("version", &self.version())
            .field("checksum", &self.checksum_hex())
            .finish_non_exhaustive()
    }
}
