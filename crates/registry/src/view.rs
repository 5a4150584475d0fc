//! Institutions and places of an open registry, as views that borrow from the snapshot.

use std::ops::Range;

use whence_model::{CountryCode, GeonamesId, RorId};

use crate::snapshot::{InstitutionRow, NO_POSITION, NO_YEAR, PlaceRow, Tables};
use crate::{
    InstitutionIndex, InstitutionState, InstitutionTypes, MetropolitanAreaIndex, NameKind, PlaceIndex,
};

/// An institution.
#[derive(Clone, Copy)]
pub struct Institution<'r> {
    tables: &'r Tables,
    index: InstitutionIndex,
}

/// One name of an institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'r> {
    /// The words.
    pub text: &'r str,
    /// How they are meant.
    pub kind: NameKind,
    /// ISO 639-1 code of the language, where given.
    pub language: Option<&'r str>,
}

const LOCATIONS: usize = 0;
const PARENTS: usize = 1;
const CHILDREN: usize = 2;
const RELATED: usize = 3;
const SUCCESSORS: usize = 4;

impl<'r> Institution<'r> {
    pub(crate) fn new(tables: &'r Tables, index: InstitutionIndex) -> Self {
        Self { tables, index }
    }

    fn row(self) -> &'r InstitutionRow {
        &self.tables.institution_rows()[self.index.to_usize()]
    }

    fn next_row(self) -> &'r InstitutionRow {
        &self.tables.institution_rows()[self.index.to_usize() + 1]
    }

    /// Its index.
    pub fn index(self) -> InstitutionIndex {
        self.index
    }

    /// Its id.
    pub fn ror_id(self) -> RorId {
        self.tables.ror_ids[self.index.to_usize()]
    }

    /// The display name.
    pub fn name(self) -> &'r str {
        self.names().next().map_or("", |name| name.text)
    }

    /// All names, the display name first.
    pub fn names(self) -> impl ExactSizeIterator<Item = Name<'r>> + Clone {
        let range = self.row().names_start.get() as usize..self.next_row().names_start.get() as usize;
        let tables = self.tables;
        tables.name_rows()[range].iter().map(move |row| {
            let language = tables.text(row.language);
            Name {
                text: tables.text(row.text),
                kind: NameKind::ALL[usize::from(row.kind)],
                language: (!language.is_empty()).then_some(language),
            }
        })
    }

    /// What it is.
    pub fn types(self) -> InstitutionTypes {
        InstitutionTypes::from_bits(self.row().types.get()).unwrap_or_default()
    }

    /// Whether it still exists.
    pub fn state(self) -> InstitutionState {
        InstitutionState::ALL[usize::from(self.row().state)]
    }

    /// Year of foundation.
    pub fn established(self) -> Option<i32> {
        Some(self.row().established.get()).filter(|year| *year != NO_YEAR)
    }

    /// Where it stands; the first is the main one.
    pub fn locations(self) -> impl ExactSizeIterator<Item = PlaceIndex> + Clone + use<'r> {
        self.links(LOCATIONS).map(PlaceIndex::new)
    }

    /// Its main location.
    pub fn main_location(self) -> Option<PlaceIndex> {
        self.locations().next()
    }

    /// The country of its main location.
    pub fn country(self) -> Option<CountryCode> {
        self.main_location()
            .map(|place| PlaceView::new(self.tables, place).country())
    }

    /// Institutions of which it is a part, in order of index.
    pub fn parents(self) -> impl ExactSizeIterator<Item = InstitutionIndex> + Clone + use<'r> {
        self.links(PARENTS).map(InstitutionIndex::new)
    }

    /// Its parts, in order of index.
    pub fn children(self) -> impl ExactSizeIterator<Item = InstitutionIndex> + Clone + use<'r> {
        self.links(CHILDREN).map(InstitutionIndex::new)
    }

    /// Institutions related otherwise, in order of index.
    pub fn related(self) -> impl ExactSizeIterator<Item = InstitutionIndex> + Clone + use<'r> {
        self.links(RELATED).map(InstitutionIndex::new)
    }

    /// What took its place, in order of index.
    pub fn successors(self) -> impl ExactSizeIterator<Item = InstitutionIndex> + Clone + use<'r> {
        self.links(SUCCESSORS).map(InstitutionIndex::new)
    }

    fn links(self, which: usize) -> impl ExactSizeIterator<Item = u32> + Clone + use<'r> {
        let (row, next) = (self.row(), self.next_row());
        let end = row.links_start.get(which + 1).unwrap_or(&next.links_start[0]);
        let range: Range<usize> = row.links_start[which].get() as usize..end.get() as usize;
        self.tables.links()[range].iter().map(|link| link.get())
    }
}

/// A place.
#[derive(Clone, Copy)]
pub struct PlaceView<'r> {
    tables: &'r Tables,
    index: PlaceIndex,
}

impl<'r> PlaceView<'r> {
    pub(crate) fn new(tables: &'r Tables, index: PlaceIndex) -> Self {
        Self { tables, index }
    }

    fn row(self) -> &'r PlaceRow {
        &self.tables.place_rows()[self.index.to_usize()]
    }

    /// Its index.
    pub fn index(self) -> PlaceIndex {
        self.index
    }

    /// Its id.
    pub fn geonames_id(self) -> GeonamesId {
        self.tables.geonames_ids[self.index.to_usize()]
    }

    /// Name in GeoNames' spelling.
    pub fn name(self) -> &'r str {
        self.tables.text(self.row().name)
    }

    /// The country it is in.
    pub fn country(self) -> CountryCode {
        self.tables.curated.countries[usize::from(self.row().country.get())].code
    }

    /// GeoNames' code of the first-order subdivision; empty if unknown.
    pub fn admin1_code(self) -> &'r str {
        self.tables.text(self.row().admin1_code)
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        self.row().latitude.get()
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        self.row().longitude.get()
    }

    /// Inhabitants; 0 if unknown.
    pub fn population(self) -> u64 {
        self.row().population.get()
    }

    /// The metropolitan area it falls in.
    pub fn metropolitan_area(self) -> Option<MetropolitanAreaIndex> {
        let area = self.row().metropolitan_area.get();
        (area != NO_POSITION).then_some(MetropolitanAreaIndex::new(area))
    }
}
