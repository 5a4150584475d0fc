//! Reads a ROR dump of schema 2.x: one JSON array of organisation records
//! (<https://ror.readme.io/docs/ror-data-structure>).
//!
//! Gives organisations whose ids are valid and whose words are known, in the order of the file; relations
//! still point at ids, which may be missing. A record that cannot be used is noted and skipped.

mod record;

use std::io::Read;

use serde_json::value::RawValue;
use whence_model::{CountryCode, GeonamesId, RorId};

use self::record::{Record, names, state, types, unusable};
use super::json;
use crate::{BuildReport, InstitutionState, InstitutionTypes, NameRecord, Position, Problem, RegistryError};

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

#[cfg(test)]
mod tests;
