//! Completes the places: sorts them, adds those that only ROR knows, and learns the subdivisions.
//!
//! ROR gives the name and, mostly, the ISO code of a location's subdivision, GeoNames its own code. Where a
//! location is in both, the two are joined by the vote of all such locations, which overrules the table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use whence_model::{CountryCode, GeonamesId};

use crate::curated::subdivisions::Subdivisions;
use crate::read::{Organisation, ReportedLocation};
use crate::{BuildReport, Country, PlaceRecord, Position, Problem, Subdivision};

/// Sorts `places`, adds the locations that they lack, and gives the subdivisions in order of country and
/// code.
pub(super) fn complete(
    places: &mut Vec<PlaceRecord>,
    known: Subdivisions,
    organisations: &[Organisation],
    ror_file: &str,
    report: &mut BuildReport,
) -> Vec<Subdivision> {
    places.sort_by_key(|place| place.geonames_id);
    places.dedup_by_key(|place| place.geonames_id);
    let votes = Votes::count(places, organisations);
    add_missing(places, organisations, &votes, ror_file, report);
    votes.subdivisions(known)
}

/// Gives every country of a place a row, since rows of places point at rows of countries.
pub(super) fn complete_countries(
    countries: &mut Vec<Country>,
    places: &[PlaceRecord],
    report: &mut BuildReport,
) {
    let known: BTreeSet<CountryCode> = countries.iter().map(|country| country.code).collect();
    let used: BTreeSet<CountryCode> = places.iter().map(|place| place.country).collect();
    for &code in used.difference(&known) {
        let place = places
            .iter()
            .find(|place| place.country == code)
            .map(|place| place.geonames_id.to_string());
        let problem = Problem::UnknownCountry {
            code: code.to_string(),
        };
        report.note(
            "data/gazetteer/countries.csv",
            Position::Record(place.unwrap_or_default()),
            problem,
        );
        countries.push(Country {
            code,
            name: code.to_string(),
            alternates: Vec::new(),
        });
    }
    countries.sort_by_key(|country| country.code);
}

/// How often ROR gives which name and code to a GeoNames subdivision, and the other way round.
#[derive(Default)]
struct Votes<'a> {
    by_admin1: BTreeMap<(CountryCode, String), NameVotes<'a>>,
    /// By name, since the same code may be ISO's for one subdivision and GeoNames' for another.
    admin1_by_name: HashMap<(CountryCode, &'a str), BTreeMap<String, usize>>,
}

/// Votes for a name and code.
type NameVotes<'a> = BTreeMap<(&'a str, &'a str), usize>;

impl<'a> Votes<'a> {
    fn count(places: &[PlaceRecord], organisations: &'a [Organisation]) -> Self {
        let mut votes = Self::default();
        for location in organisations
            .iter()
            .flat_map(|organisation| &organisation.locations)
        {
            let Some(place) = find(places, location.geonames_id) else {
                continue;
            };
            let (name, code) = (
                location.subdivision_name.as_str(),
                location.subdivision_code.as_str(),
            );
            if name.is_empty() || place.admin1_code.is_empty() || place.country != location.country {
                continue;
            }
            let admin1 = (place.country, place.admin1_code.clone());
            *votes
                .by_admin1
                .entry(admin1)
                .or_default()
                .entry((name, code))
                .or_default() += 1;
            let by_name = votes.admin1_by_name.entry((place.country, name)).or_default();
            *by_name.entry(place.admin1_code.clone()).or_default() += 1;
        }
        votes
    }

    fn admin1_code(&self, location: &ReportedLocation) -> String {
        let votes = self
            .admin1_by_name
            .get(&(location.country, location.subdivision_name.as_str()));
        votes.and_then(winner).cloned().unwrap_or_default()
    }

    /// What is known already, with what the votes say of it.
    fn subdivisions(self, mut known: Subdivisions) -> Vec<Subdivision> {
        for ((country, admin1_code), votes) in self.by_admin1 {
            let Some(&(name, code)) = winner(&votes) else {
                continue;
            };
            let key = (country, admin1_code.clone());
            let (name, code) = (name.to_owned(), code.to_owned());
            known.insert(
                key,
                Subdivision {
                    country,
                    admin1_code,
                    name,
                    code,
                },
            );
        }
        known.into_values().collect()
    }
}

/// The choice with the most votes; of equals the first.
fn winner<T: Ord>(votes: &BTreeMap<T, usize>) -> Option<&T> {
    votes
        .iter()
        .rev()
        .max_by_key(|(_, count)| **count)
        .map(|(choice, _)| choice)
}

fn find(places: &[PlaceRecord], id: GeonamesId) -> Option<&PlaceRecord> {
    places
        .binary_search_by_key(&id, |place| place.geonames_id)
        .ok()
        .and_then(|at| places.get(at))
}

fn add_missing(
    places: &mut Vec<PlaceRecord>,
    organisations: &[Organisation],
    votes: &Votes<'_>,
    ror_file: &str,
    report: &mut BuildReport,
) {
    let mut missing: BTreeMap<GeonamesId, PlaceRecord> = BTreeMap::new();
    for organisation in organisations {
        for location in &organisation.locations {
            let id = location.geonames_id;
            if find(places, id).is_some() || missing.contains_key(&id) || location.name.is_empty() {
                continue;
            }
            let position = Position::Record(organisation.ror_id.to_string());
            report.note(
                ror_file,
                position,
                Problem::PlaceFromRecord {
                    geonames_id: id.get(),
                },
            );
            missing.insert(id, from_location(location, votes.admin1_code(location)));
        }
    }
    places.extend(missing.into_values());
    places.sort_by_key(|place| place.geonames_id);
}

fn from_location(location: &ReportedLocation, admin1_code: String) -> PlaceRecord {
    PlaceRecord {
        geonames_id: location.geonames_id,
        name: location.name.clone(),
        alternate_names: Vec::new(),
        country: location.country,
        admin1_code,
        latitude: location.latitude,
        longitude: location.longitude,
        population: 0,
        metropolitan_area: None,
    }
}
