//! A registry in memory, as it is built: plain records, each table sorted as its index says.
//!
//! This is what other crates read to make index sections of their own before the snapshot is written.
//! It always holds that indexes point into their tables, that `parents` and `children` mirror each other
//! and have no cycle, and that every institution has exactly one display name, its first.

use whence_model::{CountryCode, GeonamesId, RorId};

use crate::{
    Country, Group, InstitutionIndex, InstitutionState, InstitutionTypes, MetropolitanArea,
    MetropolitanAreaIndex, NameKind, PlaceIndex, Policies, Subdivision,
};

/// A registry as built from its sources.
#[derive(Clone, Debug, Default)]
pub struct BuiltRegistry {
    /// Version, from the name of the ROR dump.
    pub version: String,
    /// Institutions, in byte order of ROR id.
    pub institutions: Vec<InstitutionRecord>,
    /// Places, in order of GeoNames id.
    pub places: Vec<PlaceRecord>,
    /// First-order subdivisions that ROR names, in order of country and code.
    pub subdivisions: Vec<Subdivision>,
    /// Metropolitan areas, in order of slug.
    pub metropolitan_areas: Vec<MetropolitanArea>,
    /// Groups of institutions, in order of slug.
    pub groups: Vec<Group>,
    /// Roll-up, sectors, joint institutions, territories.
    pub policies: Policies,
    /// Countries, in order of code.
    pub countries: Vec<Country>,
}

impl BuiltRegistry {
    /// The institution with this id.
    pub fn find(&self, ror_id: RorId) -> Option<InstitutionIndex> {
        let found = self
            .institutions
            .binary_search_by_key(&ror_id, |institution| institution.ror_id);
        found.ok().map(InstitutionIndex::from_usize)
    }

    /// The place with this id.
    pub fn find_place(&self, id: GeonamesId) -> Option<PlaceIndex> {
        let found = self.places.binary_search_by_key(&id, |place| place.geonames_id);
        found.ok().map(PlaceIndex::from_usize)
    }
}

/// One institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstitutionRecord {
    /// Its id.
    pub ror_id: RorId,
    /// Names, the display name first, the others in the order of the record.
    pub names: Vec<NameRecord>,
    /// What it is.
    pub types: InstitutionTypes,
    /// Whether it still exists.
    pub state: InstitutionState,
    /// Where it stands; the first is the main one.
    pub locations: Vec<PlaceIndex>,
    /// Year of foundation.
    pub established: Option<i32>,
    /// Institutions of which it is a part, in order of index.
    pub parents: Vec<InstitutionIndex>,
    /// Its parts, in order of index.
    pub children: Vec<InstitutionIndex>,
    /// Institutions related otherwise, in order of index.
    pub related: Vec<InstitutionIndex>,
    /// What took its place, in order of index.
    pub successors: Vec<InstitutionIndex>,
}

impl InstitutionRecord {
    /// The display name.
    pub fn name(&self) -> &str {
        self.names.first().map_or("", |name| name.text.as_str())
    }
}

/// One name of an institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRecord {
    /// The words, trimmed, never empty.
    pub text: String,
    /// How they are meant.
    pub kind: NameKind,
    /// ISO 639-1 code of the language, where given.
    pub language: Option<String>,
}

/// One populated place.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaceRecord {
    /// Its id.
    pub geonames_id: GeonamesId,
    /// Name in GeoNames' spelling.
    pub name: String,
    /// Other names and spellings in any script; kept here only, not in the snapshot's core.
    pub alternate_names: Vec<String>,
    /// The country it is in.
    pub country: CountryCode,
    /// GeoNames' code of the first-order subdivision, such as `22`; empty if unknown.
    pub admin1_code: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Inhabitants; 0 if unknown.
    pub population: u64,
    /// The metropolitan area it falls in.
    pub metropolitan_area: Option<MetropolitanAreaIndex>,
}
