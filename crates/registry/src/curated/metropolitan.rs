//! Metropolitan areas: which places rank as one city.
//!
//! Each row puts something into the area `metro_area`: one place (`geonames_id`) or a whole first-order
//! subdivision of the country (`admin1_code`; `*` is the whole country), so that a suburb which only addresses
//! name falls in too. A
//! place listed by id belongs where its row says, whatever its subdivision. Every place is in at most one
//! area.

use std::collections::{BTreeMap, HashMap};

use whence_model::{CountryCode, GeonamesId, Slug};

use super::MetropolitanArea;
use crate::table::{Row, Table};
use crate::{BuildReport, MetropolitanAreaIndex, PlaceRecord, Position, Problem, RegistryError};

/// In the column `admin1_code`.
const WHOLE_COUNTRY: &str = "*";

/// The table as read: areas in order of slug, and what each holds.
#[derive(Debug, Default)]
pub(crate) struct MetropolitanTable {
    areas: BTreeMap<Slug, MetropolitanArea>,
    by_place: HashMap<GeonamesId, Member>,
    by_subdivision: HashMap<(CountryCode, String), Slug>,
}

#[derive(Debug)]
struct Member {
    slug: Slug,
    country: CountryCode,
    line: u64,
}

impl MetropolitanTable {
    /// Reads the table.
    pub(crate) fn read(table: Table<'_>) -> Result<Self, RegistryError> {
        let mut read = Self::default();
        table.for_each_row(&["metro_area", "country_code", "geonames_id"], |row| {
            read.take(row)
        })?;
        Ok(read)
    }

    fn take(&mut self, row: &Row<'_>) -> Result<(), RegistryError> {
        let name = row.get("metro_area");
        let slug = Slug::from_name(name).ok_or_else(|| row.refuse(format!("{name:?} gives no slug")))?;
        let country = row.parse("country_code", CountryCode::parse)?;
        let area = MetropolitanArea {
            slug: slug.clone(),
            name: name.to_owned(),
            country,
        };
        let known = self.areas.entry(slug.clone()).or_insert_with(|| area.clone());
        if *known != area {
            return Err(row.refuse(format!(
                "{name} ({country}) is elsewhere {} ({})",
                known.name, known.country
            )));
        }
        let earlier = match (row.get("geonames_id"), row.get("admin1_code")) {
            ("", "") => return Err(row.refuse("neither geonames_id nor admin1_code")),
            ("", code) => self.by_subdivision.insert((country, code.to_owned()), slug),
            (_, _) => {
                let id = row.parse("geonames_id", GeonamesId::parse)?;
                let member = Member {
                    slug,
                    country,
                    line: row.line(),
                };
                self.by_place.insert(id, member).map(|earlier| earlier.slug)
            }
        };
        match earlier {
            Some(slug) => Err(row.refuse(format!("is in {slug} already"))),
            None => Ok(()),
        }
    }

    /// Gives every place its area, and the areas in order of slug.
    pub(crate) fn assign(
        self,
        file: &str,
        places: &mut [PlaceRecord],
        report: &mut BuildReport,
    ) -> Vec<MetropolitanArea> {
        let index: HashMap<&Slug, MetropolitanAreaIndex> = self
            .areas
            .keys()
            .enumerate()
            .map(|(at, slug)| (slug, MetropolitanAreaIndex::from_usize(at)))
            .collect();
        for place in places.iter_mut() {
            let by_id = self.by_place.get(&place.geonames_id).map(|member| &member.slug);
            let by_code = |code: &str| self.by_subdivision.get(&(place.country, code.to_owned()));
            let slug = by_id
                .or_else(|| by_code(&place.admin1_code))
                .or_else(|| by_code(WHOLE_COUNTRY));
            place.metropolitan_area = slug.and_then(|slug| index.get(slug).copied());
        }
        self.note_strangers(file, places, report);
        self.areas.into_values().collect()
    }

    fn note_strangers(&self, file: &str, places: &[PlaceRecord], report: &mut BuildReport) {
        let mut members: Vec<_> = self.by_place.iter().collect();
        members.sort_by_key(|(_, member)| member.line);
        for (id, member) in members {
            let found = places
                .binary_search_by_key(id, |place| place.geonames_id)
                .ok()
                .map(|at| &places[at]);
            let problem = match found {
                None => Problem::UnknownPlace { id: id.get() },
                Some(place) if place.country != member.country => Problem::OtherCountry {
                    id: id.get(),
                    listed: member.country,
                    found: place.country,
                },
                Some(_) => continue,
            };
            report.note(file, Position::Line(member.line), problem);
        }
    }
}
