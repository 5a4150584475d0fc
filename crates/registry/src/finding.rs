//! Findings: what a build skipped or mended, where, and why.

use std::collections::BTreeMap;
use std::fmt;

use whence_model::CountryCode;

/// Where in its file something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The record with this id, as the file spells it.
    Record(String),
    /// The record at this position, from 1, which has no usable id.
    Number(u64),
    /// This line, from 1.
    Line(u64),
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(id) => write!(f, "record {id}"),
            Self::Number(number) => write!(f, "record number {number}"),
            Self::Line(line) => write!(f, "line {line}"),
        }
    }
}

/// What is the matter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A ROR record of schema 1 or of one to come.
    #[error("skipped: schema {0}, and whence reads schema 2.x")]
    UnknownSchema(String),
    /// Not the fields that the format asks for.
    #[error("skipped: {0}")]
    Malformed(String),
    /// An id that is none.
    #[error("skipped: {0}")]
    InvalidId(String),
    /// The same id was seen before.
    #[error("skipped: the id occurs a second time")]
    DuplicateId,
    /// No name at all.
    #[error("skipped: no name")]
    NoName,
    /// A word that ROR does not have in this place.
    #[error("left out the unknown {field} {word:?}")]
    UnknownWord {
        /// The field, such as `type`.
        field: &'static str,
        /// The word.
        word: String,
    },
    /// No name is marked for display.
    #[error("no display name; took the first name")]
    NoDisplayName,
    /// A relation to a record that the dump lacks.
    #[error("left out {relation} {id}, which the dump lacks")]
    MissingRelative {
        /// The relation, such as `parent`.
        relation: &'static str,
        /// The id of the missing record.
        id: String,
    },
    /// Being its own ancestor.
    #[error("left out parent {parent}, which closes a cycle")]
    ParentCycle {
        /// The parent that was cut off.
        parent: String,
    },
    /// A location without valid country or coordinates.
    #[error("left out location {geonames_id}: {reason}")]
    InvalidLocation {
        /// The place.
        geonames_id: i64,
        /// Why.
        reason: String,
    },
    /// A place that had to be taken from the ROR record.
    #[error("location {geonames_id} is not in the GeoNames file; took it from the record")]
    PlaceFromRecord {
        /// The place.
        geonames_id: u32,
    },
    /// A country code without a row in the table of countries.
    #[error("country {code} is not in the table of countries")]
    UnknownCountry {
        /// The code.
        code: String,
    },
    /// A row that names an institution which the dump lacks.
    #[error("left out {id}, which the dump lacks")]
    UnknownInstitution {
        /// The id.
        id: String,
    },
    /// A row whose country is not that of the place.
    #[error("place {id} is listed under {listed} and is in {found}; kept it")]
    OtherCountry {
        /// The place.
        id: u32,
        /// The country of the row.
        listed: CountryCode,
        /// The country of the place.
        found: CountryCode,
    },
    /// A row that names a place which the GeoNames file lacks.
    #[error("left out place {id}, which the GeoNames file lacks")]
    UnknownPlace {
        /// The id.
        id: u32,
    },
}

impl Problem {
    /// A few words that all problems of this kind share, for counting.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::UnknownSchema(_) => "records of another schema, skipped",
            Self::Malformed(_) => "malformed records, skipped",
            Self::InvalidId(_) => "records with an invalid id, skipped",
            Self::DuplicateId => "records with an id seen before, skipped",
            Self::NoName => "records without a name, skipped",
            Self::UnknownWord { .. } => "unknown words, left out",
            Self::NoDisplayName => "records without a display name",
            Self::MissingRelative { .. } => "relations to records that the dump lacks, left out",
            Self::ParentCycle { .. } => "parents that close a cycle, left out",
            Self::InvalidLocation { .. } => "invalid locations, left out",
            Self::PlaceFromRecord { .. } => "places taken from ROR records because GeoNames lacks them",
            Self::UnknownCountry { .. } => "countries without a row in the table",
            Self::UnknownInstitution { .. } => "rows naming institutions that the dump lacks, left out",
            Self::OtherCountry { .. } => "rows whose country is not that of the place",
            Self::UnknownPlace { .. } => "rows naming places that GeoNames lacks, left out",
        }
    }
}

/// One thing found while building.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, by name.
    pub file: String,
    /// Where in it.
    pub position: Position,
    /// What.
    pub problem: Problem,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.file, self.position, self.problem)
    }
}

/// What was read and what was found on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildReport {
    /// ROR records seen, good or bad.
    pub ror_records_read: u64,
    /// GeoNames rows seen, good or bad.
    pub geonames_rows_read: u64,
    /// Everything skipped, left out or mended, in order of discovery.
    pub findings: Vec<Finding>,
}

impl BuildReport {
    /// How often each kind of problem occurs, by its summary.
    pub fn counts(&self) -> BTreeMap<&'static str, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.problem.summary()).or_default() += 1;
        }
        counts
    }

    pub(crate) fn note(&mut self, file: &str, position: Position, problem: Problem) {
        self.findings.push(Finding {
            file: file.to_owned(),
            position,
            problem,
        });
    }
}
