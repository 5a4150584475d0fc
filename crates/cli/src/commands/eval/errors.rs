//! The wrong rows, for people who look for the reason.

use std::io::Write;

use serde::Serialize;
use whence_model::{InstitutionMatch, RorId};
use whence_registry::Registry;

use crate::error::CliError;
use crate::evaluation::ErrorKind;
use crate::pending_file::PendingFile;

use super::answer::Row;

/// A row whose institutions or whose place are wrong.
#[derive(Serialize)]
struct WrongRow<'a> {
    set: &'a str,
    line: usize,
    /// None where only the place is wrong.
    kind: Option<ErrorKind>,
    affiliation: &'a str,
    expected: Vec<Named>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    named_parents: Vec<Named>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    outside: &'a [String],
    answered: Vec<Named>,
    candidates: Vec<Named>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<WrongPlace<'a>>,
}

#[derive(Serialize)]
struct WrongPlace<'a> {
    expected: Printed<'a>,
    answered: Printed<'a>,
}

#[derive(Serialize)]
struct Printed<'a> {
    locality: Option<&'a str>,
    country_code: Option<String>,
}

#[derive(Serialize)]
struct Named {
    ror_id: String,
    name: Option<String>,
    country_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Writes one.
pub(super) fn write(
    registry: &Registry,
    set: &str,
    row: &Row,
    out: &mut PendingFile,
) -> Result<(), CliError> {
    let gold = &row.gold;
    let labels = |ids: &[String]| ids.iter().map(|id| Named::label(registry, id)).collect();
    let found = |found: &[InstitutionMatch]| {
        let found = found.iter();
        found
            .map(|found| Named::found(registry, &gold.affiliation, found))
            .collect()
    };
    let row = WrongRow {
        set,
        line: row.line,
        kind: row.answered.error,
        affiliation: &gold.affiliation,
        expected: labels(&gold.ror_ids),
        named_parents: labels(gold.named_parents.as_deref().unwrap_or_default()),
        outside: &gold.outside,
        answered: found(&row.resolution.institutions),
        candidates: found(&row.resolution.candidates),
        place: row.has_wrong_place().then(|| WrongPlace::of(registry, row)),
    };
    let failed = out.failed();
    let line = serde_json::to_string(&row).map_err(std::io::Error::other);
    line.and_then(|line| writeln!(out, "{line}")).map_err(failed)
}

impl<'a> WrongPlace<'a> {
    fn of(registry: &'a Registry, row: &'a Row) -> Self {
        let place = row.resolution.main_place();
        let locality = place.locality().and_then(|id| registry.find_place(id));
        Self {
            expected: Printed {
                locality: row.gold.locality.as_deref(),
                country_code: row.gold.country.clone(),
            },
            answered: Printed {
                locality: locality.map(|index| registry.place(index).name()),
                country_code: place.country().map(|country| country.to_string()),
            },
        }
    }
}

impl Named {
    fn label(registry: &Registry, ror_id: &str) -> Self {
        let index = RorId::parse(ror_id).ok().and_then(|id| registry.find(id));
        let record = index.map(|index| registry.institution(index));
        Self {
            ror_id: ror_id.to_owned(),
            name: record.map(|record| record.name().to_owned()),
            country_code: record.and_then(|record| Some(record.country()?.to_string())),
            confidence: None,
            text: None,
        }
    }

    fn found(registry: &Registry, affiliation: &str, found: &InstitutionMatch) -> Self {
        Self {
            confidence: Some(found.confidence.to_f64()),
            text: found.span.text(affiliation).map(str::to_owned),
            ..Self::label(registry, &found.ror_id.to_string())
        }
    }
}
