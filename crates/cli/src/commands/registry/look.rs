//! `whence registry info|verify|show|search`: what stands in a snapshot.

use serde::Serialize;
use whence_model::RorId;
use whence_registry::{Institution, InstitutionIndex, InstitutionType, NameKind, Registry};
use whence_resolve::{ENGINE_VERSION, Resolver};

use crate::error::CliError;
use crate::output::{Column, OutputArgs, Row, grouped};

/// What a snapshot holds.
#[derive(Serialize)]
struct Info {
    version: String,
    checksum: String,
    engine_version: &'static str,
    institutions: usize,
    places: usize,
    metropolitan_areas: usize,
    groups: usize,
    countries: usize,
    size_bytes: usize,
}

impl Row for Info {
    const COLUMNS: &'static [&'static str] = &[
        "version",
        "checksum",
        "engine_version",
        "institutions",
        "places",
        "metropolitan_areas",
        "groups",
        "countries",
        "size_bytes",
    ];
}

impl Info {
    fn of(registry: &Registry) -> Self {
        Self {
            version: registry.version().to_owned(),
            checksum: registry.checksum_hex().to_owned(),
            engine_version: ENGINE_VERSION,
            institutions: registry.institution_count(),
            places: registry.place_count(),
            metropolitan_areas: registry.metropolitan_areas().len(),
            groups: registry.groups().len(),
            countries: registry.countries().len(),
            size_bytes: registry.section_sizes().map(|(_, bytes)| bytes).sum(),
        }
    }

    fn for_people(&self) -> String {
        let counts = [
            ("institutions", self.institutions),
            ("places", self.places),
            ("metropolitan areas", self.metropolitan_areas),
            ("groups", self.groups),
            ("countries", self.countries),
            ("bytes", self.size_bytes),
        ];
        let counts = counts.map(|(what, count)| format!("{what:<19}{:>12}", grouped(count)));
        format!(
            "registry           {}\nchecksum           {}\nengine             {}\n{}",
            self.version,
            self.checksum,
            self.engine_version,
            counts.join("\n")
        )
    }
}

/// Tells what a snapshot holds.
pub(super) fn info(registry: &Registry, output: OutputArgs) -> Result<(), CliError> {
    let printed = output.print_one(&Info::of(registry), Info::for_people);
    printed.map_err(CliError::writing("standard output"))
}

/// Checks every byte.
pub(super) fn verify(registry: &Registry, output: OutputArgs) -> Result<(), CliError> {
    registry.verify()?;
    let sound = |info: &Info| format!("registry {} is sound; checksum {}", info.version, info.checksum);
    output
        .print_one(&Info::of(registry), sound)
        .map_err(CliError::writing("standard output"))
}

/// An institution, as scripts read it.
#[derive(Serialize)]
struct Shown {
    ror_id: String,
    name: String,
    state: &'static str,
    types: String,
    country_code: Option<String>,
    city: Option<String>,
    names: Vec<String>,
    acronyms: Vec<String>,
    locations: Vec<Location>,
    parents: Vec<Relative>,
    children: Vec<Relative>,
    successors: Vec<Relative>,
}

#[derive(Serialize)]
struct Location {
    geonames_id: u32,
    name: String,
    country_code: String,
}

#[derive(Serialize)]
struct Relative {
    ror_id: String,
    name: String,
}

/// Shows one institution.
pub(super) fn show(registry: &Registry, id: &str, output: OutputArgs) -> Result<(), CliError> {
    let id = RorId::parse(id).map_err(|error| CliError::usage(error.to_string()))?;
    let found = registry.find(id).ok_or_else(|| {
        let version = registry.version();
        CliError::Partly(format!(
            "registry {version} has no institution {id}; `whence registry search` finds by name"
        ))
    })?;
    if output.csv {
        return Err(CliError::usage("an institution has lists in it; ask for --json"));
    }
    let shown = Shown::of(registry, &registry.institution(found));
    output
        .print_document(&shown, Shown::for_people)
        .map_err(CliError::writing("standard output"))
}

impl Shown {
    fn of(registry: &Registry, institution: &Institution<'_>) -> Self {
        let names = |acronyms: bool| {
            let names = institution.names().filter(move |name| {
                name.kind != NameKind::Display && (name.kind == NameKind::Acronym) == acronyms
            });
            names.map(|name| name.text.to_owned()).collect()
        };
        let city = institution
            .main_location()
            .map(|place| registry.city_index(place));
        let location = |place| {
            let place = registry.place(place);
            Location {
                geonames_id: place.geonames_id().get(),
                name: place.name().to_owned(),
                country_code: place.country().to_string(),
            }
        };
        let types: Vec<_> = institution.types().iter().map(InstitutionType::as_str).collect();
        Self {
            ror_id: institution.ror_id().to_string(),
            name: institution.name().to_owned(),
            state: institution.state().as_str(),
            types: types.join(", "),
            country_code: institution.country().map(|country| country.to_string()),
            city: city.map(|city| registry.city_id(city).to_string()),
            names: names(false),
            acronyms: names(true),
            locations: institution.locations().map(location).collect(),
            parents: relatives(registry, institution.parents()),
            children: relatives(registry, institution.children()),
            successors: relatives(registry, institution.successors()),
        }
    }

    fn for_people(&self) -> String {
        let located =
            |at: &Location| format!("{}, {} (GeoNames {})", at.name, at.country_code, at.geonames_id);
        let related = |list: &[Relative]| -> Vec<String> {
            list.iter()
                .map(|relative| format!("{}  {}", relative.ror_id, relative.name))
                .collect()
        };
        let lists = [
            ("also", self.names.clone()),
            ("acronyms", self.acronyms.clone()),
            ("at", self.locations.iter().map(located).collect()),
            ("part of", related(&self.parents)),
            ("parts", related(&self.children)),
            ("followed by", related(&self.successors)),
        ];
        let mut lines = vec![
            self.name.clone(),
            format!("  {}  {}  {}", self.ror_id, self.types, self.state),
        ];
        for (what, list) in lists {
            for (index, item) in list.iter().enumerate() {
                lines.push(format!("  {:<12}{item}", if index == 0 { what } else { "" }));
            }
        }
        lines.join("\n")
    }
}

fn relatives(registry: &Registry, indexes: impl Iterator<Item = InstitutionIndex>) -> Vec<Relative> {
    let named = |index| {
        let institution = registry.institution(index);
        Relative {
            ror_id: institution.ror_id().to_string(),
            name: institution.name().to_owned(),
        }
    };
    indexes.map(named).collect()
}

/// A row of a search.
#[derive(Serialize)]
struct Found {
    ror_id: String,
    name: String,
    country_code: Option<String>,
    city: Option<String>,
    state: &'static str,
}

impl Row for Found {
    const COLUMNS: &'static [&'static str] = &["ror_id", "name", "country_code", "city", "state"];
}

/// Finds institutions by name, best first.
pub(super) fn search(
    registry: Registry,
    text: &str,
    limit: usize,
    output: OutputArgs,
) -> Result<(), CliError> {
    let resolver = Resolver::new(registry)?;
    let registry = resolver.registry();
    let found = |index: &InstitutionIndex| {
        let institution = registry.institution(*index);
        let city = institution
            .main_location()
            .map(|place| registry.city_index(place));
        Found {
            ror_id: institution.ror_id().to_string(),
            name: institution.name().to_owned(),
            country_code: institution.country().map(|country| country.to_string()),
            city: city.map(|city| registry.city_name(city).to_owned()),
            state: institution.state().as_str(),
        }
    };
    let rows: Vec<Found> = resolver.search(text).iter().take(limit).map(found).collect();
    if rows.is_empty() {
        eprintln!("nothing in registry {} matches {text:?}", registry.version());
    }
    let columns = [
        Column::text("ROR id", |row: &Found| row.ror_id.clone()),
        Column::text("name", |row| row.name.clone()),
        Column::text("city", |row| row.city.clone().unwrap_or_default()),
        Column::text("country", |row| row.country_code.clone().unwrap_or_default()),
        Column::text("state", |row| row.state.to_owned()),
    ];
    output
        .print_rows(&rows, &columns)
        .map_err(CliError::writing("standard output"))
}
