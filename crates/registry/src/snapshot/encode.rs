//! Turns a built registry into the core sections.

use std::collections::HashMap;

use whence_model::CountryCode;
use zerocopy::IntoBytes;
use zerocopy::byteorder::little_endian::{F64, I32, U16, U32, U64};

use super::tables::{
    CURATED, Curated, INSTITUTIONS, InstitutionRow, LINKS, NAMES, NO_POSITION, NO_YEAR, NameRow, PLACES,
    PlaceRow, TEXT, TextRef,
};
use crate::{
    BuiltRegistry, InstitutionIndex, InstitutionRecord, MetropolitanAreaIndex, PlaceRecord, SnapshotError,
};

/// The core sections by name, in the order of the file.
pub(crate) fn sections(registry: &BuiltRegistry) -> Result<Vec<(String, Vec<u8>)>, SnapshotError> {
    let mut encoder = Encoder::default();
    for institution in &registry.institutions {
        encoder.institution(institution)?;
    }
    encoder.end_of_institutions()?;
    let countries: Vec<CountryCode> = registry.countries.iter().map(|country| country.code).collect();
    for place in &registry.places {
        encoder.place(place, &countries)?;
    }
    let curated = postcard::to_stdvec(&curated(registry))
        .map_err(|_| SnapshotError::TooLarge { what: "its tables" })?;
    let named = [
        (TEXT, encoder.text.bytes),
        (INSTITUTIONS, encoder.institutions),
        (NAMES, encoder.names.as_bytes().to_vec()),
        (LINKS, encoder.links.as_bytes().to_vec()),
        (PLACES, encoder.places),
        (CURATED, curated),
    ];
    Ok(named
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect())
}

fn curated(registry: &BuiltRegistry) -> Curated {
    Curated {
        version: registry.version.clone(),
        countries: registry.countries.clone(),
        subdivisions: registry.subdivisions.clone(),
        metropolitan_areas: registry.metropolitan_areas.clone(),
        groups: registry.groups.clone(),
        policies: registry.policies.clone(),
    }
}

#[derive(Default)]
struct Encoder {
    text: Text,
    institutions: Vec<u8>,
    names: Vec<NameRow>,
    links: Vec<U32>,
    places: Vec<u8>,
}

impl Encoder {
    fn institution(&mut self, institution: &InstitutionRecord) -> Result<(), SnapshotError> {
        let names_start = position(self.names.len(), "its names")?;
        for name in &institution.names {
            let language = name.language.as_deref().unwrap_or_default();
            let row = NameRow {
                text: self.text.add(&name.text)?,
                language: self.text.add(language)?,
                kind: name.kind as u8,
            };
            self.names.push(row);
        }
        let places: Vec<U32> = institution
            .locations
            .iter()
            .map(|place| U32::new(place.get()))
            .collect();
        let links_start = [
            self.link(places)?,
            self.link_institutions(&institution.parents)?,
            self.link_institutions(&institution.children)?,
            self.link_institutions(&institution.related)?,
            self.link_institutions(&institution.successors)?,
        ];
        let row = InstitutionRow {
            ror_id: institution.ror_id.to_bytes(),
            state: institution.state as u8,
            types: U16::new(institution.types.bits()),
            established: I32::new(institution.established.unwrap_or(NO_YEAR)),
            names_start,
            links_start,
        };
        self.institutions.extend_from_slice(row.as_bytes());
        Ok(())
    }

    fn end_of_institutions(&mut self) -> Result<(), SnapshotError> {
        let end = InstitutionRow {
            ror_id: [0; 9],
            state: 0,
            types: U16::new(0),
            established: I32::new(NO_YEAR),
            names_start: position(self.names.len(), "its names")?,
            links_start: [position(self.links.len(), "its relations")?; 5],
        };
        self.institutions.extend_from_slice(end.as_bytes());
        Ok(())
    }

    fn link_institutions(&mut self, others: &[InstitutionIndex]) -> Result<U32, SnapshotError> {
        self.link(others.iter().map(|other| U32::new(other.get())))
    }

    fn link(&mut self, positions: impl IntoIterator<Item = U32>) -> Result<U32, SnapshotError> {
        let start = position(self.links.len(), "its relations")?;
        self.links.extend(positions);
        Ok(start)
    }

    fn place(&mut self, place: &PlaceRecord, countries: &[CountryCode]) -> Result<(), SnapshotError> {
        let too_many = SnapshotError::TooLarge {
            what: "its countries",
        };
        let country = countries
            .binary_search(&place.country)
            .ok()
            .and_then(|at| u16::try_from(at).ok());
        let row = PlaceRow {
            geonames_id: U32::new(place.geonames_id.get()),
            name: self.text.add(&place.name)?,
            admin1_code: self.text.add(&place.admin1_code)?,
            population: U64::new(place.population),
            latitude: F64::new(place.latitude),
            longitude: F64::new(place.longitude),
            country: U16::new(country.ok_or(too_many)?),
            metropolitan_area: U32::new(
                place
                    .metropolitan_area
                    .map_or(NO_POSITION, MetropolitanAreaIndex::get),
            ),
        };
        self.places.extend_from_slice(row.as_bytes());
        Ok(())
    }
}

fn position(count: usize, what: &'static str) -> Result<U32, SnapshotError> {
    u32::try_from(count)
        .map(U32::new)
        .map_err(|_| SnapshotError::TooLarge { what })
}

/// All strings, each stored once.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    known: HashMap<String, TextRef>,
}

impl Text {
    fn add(&mut self, text: &str) -> Result<TextRef, SnapshotError> {
        if let Some(&known) = self.known.get(text) {
            return Ok(known);
        }
        let offset = position(self.bytes.len(), "its text")?;
        let length = position(text.len(), "its text")?;
        position(self.bytes.len() + text.len(), "its text")?;
        self.bytes.extend_from_slice(text.as_bytes());
        let at = TextRef { offset, length };
        self.known.insert(text.to_owned(), at);
        Ok(at)
    }
}
