//! Reads a ROR dump of schema 2.x: one JSON array of organisation records
//! (<https://ror.readme.io/docs/ror-data-structure>).
//!
//! Gives organisations whose ids are valid and whose words are known, in the order of the file; relations
//! still point at ids, which may be missing. A record that cannot be used is noted and skipped.

use std::io::Read;

use serde::Deserialize;
use serde_json::value::RawValue;
use whence_model::{CountryCode, GeonamesId, RorId};

use super::json;
use crate::{
    BuildReport, InstitutionState, InstitutionType, InstitutionTypes, NameKind, NameRecord, Position,
    Problem, RegistryError,
};

/// One organisation of a dump, read and checked but not yet linked.
#[derive(Clone, Debug, PartialEq)]
pub struct Organisation {
    /// Its id.
    pub ror_id: RorId,
    /// Names, the display name first.
    pub names: Vec<NameRecord>,
    /// What it is.
    pub types: InstitutionTypes,
    /// Whether it still exists.
    pub state: InstitutionState,
    /// Year of foundation.
    pub established: Option<i32>,
    /// Where it stands; the first is the main one.
    pub locations: Vec<ReportedLocation>,
    /// How it is tied to others.
    pub relations: Vec<Relation>,
    /// Date of the last change, `YYYY-MM-DD`; empty if unknown.
    pub last_modified: String,
}

/// A location as ROR reports it, with what it knows of the place.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportedLocation {
    /// The place.
    pub geonames_id: GeonamesId,
    /// Its name.
    pub name: String,
    /// The country it is in.
    pub country: CountryCode,
    /// Code of the subdivision, mostly of ISO 3166-2; may be empty.
    pub subdivision_code: String,
    /// Name of the subdivision; may be empty.
    pub subdivision_name: String,
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// A tie to another organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// What the other one is to this one.
    pub kind: RelationKind,
    /// The other one.
    pub ror_id: RorId,
}

/// What another organisation is to this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RelationKind {
    /// This one is a part of it.
    Parent,
    /// It is a part of this one.
    Child,
    /// Something else.
    Related,
    /// It took this one's place.
    Successor,
    /// This one took its place.
    Predecessor,
}

impl RelationKind {
    /// The word of ROR.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parent => "parent",
            Self::Child => "child",
            Self::Related => "related",
            Self::Successor => "successor",
            Self::Predecessor => "predecessor",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        let all = [
            Self::Parent,
            Self::Child,
            Self::Related,
            Self::Successor,
            Self::Predecessor,
        ];
        all.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Reads the organisations of a dump called `file`, noting in `report` what is skipped.
pub fn read_ror(
    file: &str,
    input: impl Read,
    report: &mut BuildReport,
) -> Result<Vec<Organisation>, RegistryError> {
    let mut reader = RorReader {
        file,
        report,
        read: 0,
        organisations: Vec::new(),
        first_problem: None,
    };
    json::for_each_element(input, |record| reader.take(record)).map_err(|error| {
        RegistryError::Malformed {
            file: file.to_owned(),
            reason: json::reason(&error),
        }
    })?;
    reader.finish()
}

struct RorReader<'a> {
    file: &'a str,
    report: &'a mut BuildReport,
    read: u64,
    organisations: Vec<Organisation>,
    first_problem: Option<Problem>,
}

impl RorReader<'_> {
    fn take(&mut self, record: &RawValue) {
        self.read += 1;
        self.report.ror_records_read += 1;
        let parsed: Result<Record, _> = serde_json::from_str(record.get());
        let usable = match parsed {
            Ok(record) if !record.is_schema_2() => {
                Err((record.id.clone(), Problem::UnknownSchema(record.schema())))
            }
            Ok(record) => self.organisation(record),
            Err(error) => Err(unusable(record.get(), &error)),
        };
        match usable {
            Ok(organisation) => self.organisations.push(organisation),
            Err((id, problem)) => {
                self.first_problem.get_or_insert_with(|| problem.clone());
                let position = if id.is_empty() {
                    Position::Number(self.read)
                } else {
                    Position::Record(id)
                };
                self.report.note(self.file, position, problem);
            }
        }
    }

    fn organisation(&mut self, record: Record) -> Result<Organisation, (String, Problem)> {
        let ror_id = RorId::parse(&record.id)
            .map_err(|error| (record.id.clone(), Problem::InvalidId(error.to_string())))?;
        let mut notes = Vec::new();
        let names = names(&record.names, &mut notes).ok_or_else(|| (record.id.clone(), Problem::NoName))?;
        let organisation = Organisation {
            ror_id,
            names,
            types: types(&record.types, &mut notes),
            state: state(&record.status, &mut notes),
            established: record.established,
            locations: record
                .locations
                .into_iter()
                .filter_map(|at| at.checked(&mut notes))
                .collect(),
            relations: record
                .relationships
                .iter()
                .filter_map(|tie| tie.checked(&mut notes))
                .collect(),
            last_modified: record.admin.last_modified.date,
        };
        for problem in notes {
            self.report
                .note(self.file, Position::Record(record.id.clone()), problem);
        }
        Ok(organisation)
    }

    fn finish(self) -> Result<Vec<Organisation>, RegistryError> {
        let file = self.file.to_owned();
        match self.first_problem {
            Some(Problem::UnknownSchema(schema)) if self.organisations.is_empty() => {
                Err(RegistryError::UnknownRorSchema { file, schema })
            }
            Some(problem) if self.organisations.is_empty() => Err(RegistryError::NothingUsable {
                file,
                read: self.read,
                first: problem.to_string(),
            }),
            None if self.organisations.is_empty() => Err(RegistryError::Malformed {
                file,
                reason: "holds no ROR record".to_owned(),
            }),
            _ => Ok(self.organisations),
        }
    }
}

/// Tells a record of schema 1, which has one `name` and `addresses`, from one that is merely broken.
fn unusable(text: &str, error: &serde_json::Error) -> (String, Problem) {
    #[derive(Deserialize)]
    struct AnySchema {
        #[serde(default)]
        id: serde_json::Value,
        name: Option<serde_json::Value>,
        addresses: Option<serde_json::Value>,
        names: Option<serde_json::Value>,
    }
    let Ok(record) = serde_json::from_str::<AnySchema>(text) else {
        return (String::new(), Problem::Malformed(error.to_string()));
    };
    let id = record.id.as_str().unwrap_or_default().to_owned();
    if record.names.is_none() && (record.name.is_some() || record.addresses.is_some()) {
        (id, Problem::UnknownSchema("1.x".to_owned()))
    } else {
        (id, Problem::Malformed(error.to_string()))
    }
}

fn names(reported: &[Name], notes: &mut Vec<Problem>) -> Option<Vec<NameRecord>> {
    let mut names: Vec<NameRecord> = Vec::with_capacity(reported.len());
    for name in reported.iter().filter(|name| !name.value.trim().is_empty()) {
        names.push(NameRecord {
            text: name.value.trim().to_owned(),
            kind: name.kind(notes),
            language: name.lang.clone().filter(|language| !language.is_empty()),
        });
    }
    let display = names.iter().position(|name| name.kind == NameKind::Display);
    if display.is_none() && !names.is_empty() {
        notes.push(Problem::NoDisplayName);
    }
    let at = display.unwrap_or(0);
    names.get_mut(at)?.kind = NameKind::Display;
    names[..=at].rotate_right(1);
    for other in names
        .iter_mut()
        .skip(1)
        .filter(|name| name.kind == NameKind::Display)
    {
        other.kind = NameKind::Label;
    }
    Some(names)
}

fn types(words: &[String], notes: &mut Vec<Problem>) -> InstitutionTypes {
    let mut parse = |word: &String| {
        let kind = InstitutionType::parse(word);
        if kind.is_none() {
            notes.push(Problem::UnknownWord {
                field: "type",
                word: word.clone(),
            });
        }
        kind
    };
    words.iter().filter_map(&mut parse).collect()
}

fn state(word: &str, notes: &mut Vec<Problem>) -> InstitutionState {
    InstitutionState::parse(word).unwrap_or_else(|| {
        notes.push(Problem::UnknownWord {
            field: "status",
            word: word.to_owned(),
        });
        InstitutionState::Active
    })
}

#[derive(Deserialize)]
struct Record {
    id: String,
    names: Vec<Name>,
    types: Vec<String>,
    status: String,
    established: Option<i32>,
    locations: Vec<Location>,
    #[serde(default)]
    relationships: Vec<Relationship>,
    #[serde(default)]
    admin: Admin,
}

impl Record {
    /// The form decides: records converted from schema 1 may still say so. Only a greater one is unknown.
    fn is_schema_2(&self) -> bool {
        matches!(self.schema().split('.').next(), Some("" | "1" | "2"))
    }

    fn schema(&self) -> String {
        self.admin.last_modified.schema_version.clone()
    }
}

#[derive(Deserialize)]
struct Name {
    value: String,
    #[serde(default)]
    types: Vec<String>,
    lang: Option<String>,
}

impl Name {
    fn kind(&self, notes: &mut Vec<Problem>) -> NameKind {
        let mut found = Vec::new();
        for word in &self.types {
            match word.as_str() {
                "ror_display" => found.push((0, NameKind::Display)),
                "acronym" => found.push((1, NameKind::Acronym)),
                "label" => found.push((2, NameKind::Label)),
                "alias" => found.push((3, NameKind::Alias)),
                _ => notes.push(Problem::UnknownWord {
                    field: "name type",
                    word: word.clone(),
                }),
            }
        }
        found
            .into_iter()
            .min_by_key(|(rank, _)| *rank)
            .map_or(NameKind::Alias, |(_, kind)| kind)
    }
}

#[derive(Deserialize)]
struct Location {
    geonames_id: i64,
    geonames_details: LocationDetails,
}

#[derive(Deserialize)]
struct LocationDetails {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    country_code: Option<String>,
    #[serde(default)]
    country_subdivision_code: Option<String>,
    #[serde(default)]
    country_subdivision_name: Option<String>,
    lat: Option<f64>,
    lng: Option<f64>,
}

impl Location {
    fn checked(self, notes: &mut Vec<Problem>) -> Option<ReportedLocation> {
        let geonames_id = self.geonames_id;
        self.parse()
            .map_err(|reason| notes.push(Problem::InvalidLocation { geonames_id, reason }))
            .ok()
    }

    fn parse(self) -> Result<ReportedLocation, String> {
        let details = self.geonames_details;
        let number = u32::try_from(self.geonames_id).ok().and_then(GeonamesId::new);
        let country = CountryCode::parse(&details.country_code.unwrap_or_default());
        let (latitude, longitude) = (details.lat.unwrap_or(f64::NAN), details.lng.unwrap_or(f64::NAN));
        if !super::on_earth(latitude, longitude) {
            return Err("no coordinates on earth".to_owned());
        }
        Ok(ReportedLocation {
            geonames_id: number.ok_or("not a GeoNames id")?,
            name: details.name.unwrap_or_default(),
            country: country.map_err(|error| error.to_string())?,
            subdivision_code: details.country_subdivision_code.unwrap_or_default(),
            subdivision_name: details.country_subdivision_name.unwrap_or_default(),
            latitude,
            longitude,
        })
    }
}

#[derive(Deserialize)]
struct Relationship {
    #[serde(rename = "type")]
    kind: String,
    id: String,
}

impl Relationship {
    fn checked(&self, notes: &mut Vec<Problem>) -> Option<Relation> {
        let Some(kind) = RelationKind::parse(&self.kind) else {
            notes.push(Problem::UnknownWord {
                field: "relation",
                word: self.kind.clone(),
            });
            return None;
        };
        let Ok(ror_id) = RorId::parse(&self.id) else {
            notes.push(Problem::MissingRelative {
                relation: kind.as_str(),
                id: self.id.clone(),
            });
            return None;
        };
        Some(Relation { kind, ror_id })
    }
}

#[derive(Default, Deserialize)]
struct Admin {
    #[serde(default)]
    last_modified: Change,
}

#[derive(Default, Deserialize)]
struct Change {
    #[serde(default)]
    date: String,
    #[serde(default)]
    schema_version: String,
}
