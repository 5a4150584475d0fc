//! The starter registry: a small part of ROR and GeoNames that comes with whence, so that the first command
//! needs no download.
//!
//! Its files are plain facts (`data/starter/README.md`): institutions with names, types and places, lists
//! separated by `|`; and compressed places. It is built as any other registry is.

use whence_model::{CountryCode, GeonamesId, RorId};

use crate::build::{RegistryParts, build_from_parts};
use crate::read::{Organisation, Relation, RelationKind, ReportedLocation, on_earth};
use crate::table::{Row, Table};
use crate::{
    BuildReport, BuiltRegistry, InstitutionState, InstitutionType, InstitutionTypes, NameKind, NameRecord,
    PlaceRecord, RegistryError,
};

const INSTITUTIONS: &str = include_str!("../../../data/starter/institutions.csv");
const PLACES: &[u8] = include_bytes!("../../../data/starter/places.csv.zst");
const VERSION: &str = include_str!("../../../data/starter/VERSION");

const INSTITUTIONS_FILE: &str = "data/starter/institutions.csv";
const PLACES_FILE: &str = "data/starter/places.csv.zst";
const INSTITUTION_COLUMNS: [&str; 11] = [
    "ror_id",
    "name",
    "labels",
    "aliases",
    "acronyms",
    "types",
    "status",
    "geonames_ids",
    "parents",
    "successors",
    "related",
];
const PLACE_COLUMNS: [&str; 8] = [
    "geonames_id",
    "name",
    "country_code",
    "admin1_code",
    "latitude",
    "longitude",
    "population",
    "alternate_names",
];

/// Builds the starter registry that comes with whence.
pub fn starter() -> Result<(BuiltRegistry, BuildReport), RegistryError> {
    read_starter(INSTITUTIONS, PLACES)
}

/// Builds a registry from the two files of a starter.
pub fn read_starter(
    institutions_csv: &str,
    places_csv_zst: &[u8],
) -> Result<(BuiltRegistry, BuildReport), RegistryError> {
    let unreadable = |reason: String| RegistryError::Archive {
        file: PLACES_FILE.to_owned(),
        reason,
    };
    let places = zstd::decode_all(places_csv_zst).map_err(|error| unreadable(error.to_string()))?;
    let places = str::from_utf8(&places).map_err(|error| unreadable(error.to_string()))?;
    let places = read_places(Table {
        file: PLACES_FILE,
        text: places,
    })?;
    let organisations = read_organisations(
        Table {
            file: INSTITUTIONS_FILE,
            text: institutions_csv,
        },
        &places,
    )?;
    let mut report = BuildReport {
        ror_records_read: organisations.len() as u64,
        geonames_rows_read: places.len() as u64,
        findings: Vec::new(),
    };
    let parts = RegistryParts {
        version: VERSION.trim().to_owned(),
        ror_file: INSTITUTIONS_FILE.to_owned(),
        organisations,
        places,
        ..RegistryParts::default()
    };
    Ok((build_from_parts(parts, &mut report)?, report))
}

/// In order of id.
fn read_places(table: Table<'_>) -> Result<Vec<PlaceRecord>, RegistryError> {
    let mut places = Vec::new();
    table.for_each_row(&PLACE_COLUMNS, |row| {
        let (latitude, longitude) = (number(row, "latitude")?, number(row, "longitude")?);
        if !on_earth(latitude, longitude) {
            return Err(row.refuse("no coordinates on earth"));
        }
        places.push(PlaceRecord {
            geonames_id: row.parse("geonames_id", GeonamesId::parse)?,
            name: row.get("name").to_owned(),
            alternate_names: row.list("alternate_names").map(str::to_owned).collect(),
            country: row.parse("country_code", CountryCode::parse)?,
            admin1_code: row.get("admin1_code").to_owned(),
            latitude,
            longitude,
            population: number(row, "population")?,
            metropolitan_area: None,
        });
        Ok(())
    })?;
    places.sort_by_key(|place| place.geonames_id);
    Ok(places)
}

fn number<T: std::str::FromStr>(row: &Row<'_>, column: &str) -> Result<T, RegistryError> {
    let text = row.get(column);
    text.parse()
        .map_err(|_| row.refuse(format!("{column}: {text:?} is not a number")))
}

fn read_organisations(table: Table<'_>, places: &[PlaceRecord]) -> Result<Vec<Organisation>, RegistryError> {
    let mut organisations = Vec::new();
    table.for_each_row(&INSTITUTION_COLUMNS, |row| {
        let types: Option<InstitutionTypes> = row.list("types").map(InstitutionType::parse).collect();
        let state = InstitutionState::parse(row.get("status"));
        organisations.push(Organisation {
            ror_id: row.parse("ror_id", RorId::parse)?,
            names: names(row)?,
            types: types.ok_or_else(|| row.refuse("an unknown type"))?,
            state: state.ok_or_else(|| row.refuse("an unknown status"))?,
            established: None,
            locations: locations(row, places)?,
            relations: relations(row)?,
            last_modified: String::new(),
        });
        Ok(())
    })?;
    Ok(organisations)
}

fn names(row: &Row<'_>) -> Result<Vec<NameRecord>, RegistryError> {
    let name = |text: &str, kind| NameRecord {
        text: text.to_owned(),
        kind,
        language: None,
    };
    if row.get("name").is_empty() {
        return Err(row.refuse("no name"));
    }
    let mut names = vec![name(row.get("name"), NameKind::Display)];
    for (column, kind) in [
        ("labels", NameKind::Label),
        ("aliases", NameKind::Alias),
        ("acronyms", NameKind::Acronym),
    ] {
        names.extend(row.list(column).map(|text| name(text, kind)));
    }
    Ok(names)
}

fn locations(row: &Row<'_>, places: &[PlaceRecord]) -> Result<Vec<ReportedLocation>, RegistryError> {
    row.list("geonames_ids")
        .map(|id| location(row, id, places))
        .collect()
}

fn location(row: &Row<'_>, id: &str, places: &[PlaceRecord]) -> Result<ReportedLocation, RegistryError> {
    let geonames_id = GeonamesId::parse(id).map_err(|error| row.refuse(error.to_string()))?;
    let found = places
        .binary_search_by_key(&geonames_id, |place| place.geonames_id)
        .ok();
    let place = found
        .and_then(|at| places.get(at))
        .ok_or_else(|| row.refuse(format!("no place {id}")))?;
    Ok(ReportedLocation {
        geonames_id,
        name: place.name.clone(),
        country: place.country,
        subdivision_code: String::new(),
        subdivision_name: String::new(),
        latitude: place.latitude,
        longitude: place.longitude,
    })
}

fn relations(row: &Row<'_>) -> Result<Vec<Relation>, RegistryError> {
    let columns = [
        ("parents", RelationKind::Parent),
        ("successors", RelationKind::Successor),
        ("related", RelationKind::Related),
    ];
    let mut relations = Vec::new();
    for (column, kind) in columns {
        for id in row.list(column) {
            let ror_id = RorId::parse(id).map_err(|error| row.refuse(format!("{column}: {error}")))?;
            relations.push(Relation { kind, ror_id });
        }
    }
    Ok(relations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, SnapshotBuilder};

    #[test]
    fn the_starter_that_comes_with_whence_is_sound() {
        let (built, report) = starter().unwrap();
        assert!(built.version.starts_with("starter-"));
        assert!(built.institutions.len() >= 400, "{}", built.institutions.len());
        let unexpected: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| {
                !finding.file.starts_with("data/policies") && !finding.file.starts_with("data/groups")
            })
            .map(ToString::to_string)
            .collect();
        assert_eq!(unexpected, Vec::<String>::new());
        let registry = Registry::from_bytes(SnapshotBuilder::new(&built).unwrap().to_bytes()).unwrap();
        let peking = registry.institution(registry.find(RorId::parse("02v51f717").unwrap()).unwrap());
        assert_eq!(peking.name(), "Peking University");
        let city = registry.city_of(peking.main_location().unwrap());
        assert_eq!(city.to_string(), "metro:beijing");
    }

    #[test]
    fn a_row_that_cannot_be_meant_is_cited_by_file_and_line() {
        let header = INSTITUTION_COLUMNS.join(",");
        let csv = format!("{header}\n02v51f717,Peking University,,,,school,active,,,,\n");
        let error = read_starter(&csv, PLACES).unwrap_err().to_string();
        assert_eq!(error, "data/starter/institutions.csv, line 2: an unknown type");
    }
}
