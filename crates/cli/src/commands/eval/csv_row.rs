//! The measures of one set as a row of a table: intervals as two columns, errors as one for each kind.

use serde::Serialize;
use serde_json::Value;

use crate::evaluation::Evaluation;
use crate::output::Row;

/// The values in the order of the columns; those that were not measured are empty.
#[derive(Serialize)]
#[serde(transparent)]
pub(super) struct CsvRow(Vec<String>);

impl Row for CsvRow {
    const COLUMNS: &'static [&'static str] = &[
        "set",
        "rows",
        "labelled",
        "answered",
        "right",
        "precision",
        "precision_low",
        "precision_high",
        "recall",
        "recall_low",
        "recall_high",
        "f1",
        "f1_low",
        "f1_high",
        "f0_5",
        "f0_5_low",
        "f0_5_high",
        "unlabelled",
        "unlabelled_unanswered",
        "left_alone",
        "left_alone_low",
        "left_alone_high",
        "ece",
        "ece_low",
        "ece_high",
        "confident",
        "confident_right",
        "confident_right_low",
        "confident_right_high",
        "candidate_recall",
        "candidate_recall_low",
        "candidate_recall_high",
        "exact",
        "exact_low",
        "exact_high",
        "exact_rows",
        "exact_several",
        "exact_several_low",
        "exact_several_high",
        "several_rows",
        "unnamed",
        "unnamed_low",
        "unnamed_high",
        "unnamed_answers",
        "country",
        "country_low",
        "country_high",
        "country_rows",
        "locality",
        "locality_low",
        "locality_high",
        "locality_rows",
        "error_should_be_none",
        "error_missed",
        "error_extra",
        "error_parent_instead_of_child",
        "error_child_instead_of_parent",
        "error_wrong_country",
        "error_sibling",
        "error_namesake",
        "error_acronym",
        "error_other",
        "seconds",
        "cpu_seconds",
        "addresses_per_cpu_second",
    ];
}

impl CsvRow {
    /// The row of a set.
    pub(super) fn of(set: &str, evaluation: &Evaluation) -> Self {
        // The form is made of numbers: it always serialises.
        let measured = serde_json::to_value(evaluation).unwrap_or_default();
        let text = |column: &&str| match *column {
            "set" => set.to_owned(),
            column => number(&measured, column),
        };
        Self(Self::COLUMNS.iter().map(text).collect())
    }
}

fn number(measured: &Value, column: &str) -> String {
    let value = if let Some(kind) = column.strip_prefix("error_") {
        return measured["errors"][kind].as_u64().unwrap_or_default().to_string();
    } else if let Some(name) = column.strip_suffix("_low") {
        &measured["intervals"][name][0]
    } else if let Some(name) = column.strip_suffix("_high") {
        &measured["intervals"][name][1]
    } else {
        &measured[column]
    };
    match value {
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::{Answered, ErrorKind, evaluate};

    #[test]
    fn every_measure_has_its_column() {
        let rows = [Answered {
            error: Some(ErrorKind::Missed),
            named_parents: Some([].into()),
            ..Answered::default()
        }];
        let evaluation = evaluate(&rows);
        let row = CsvRow::of("gold", &evaluation).0;
        let value = |column: &str| {
            let at = CsvRow::COLUMNS.iter().position(|name| *name == column).unwrap();
            row[at].as_str()
        };
        assert_eq!(
            (value("set"), value("rows"), value("exact"), value("exact_high")),
            ("gold", "1", "1.0", "1.0")
        );
        assert_eq!(
            (value("error_missed"), value("error_extra"), value("country")),
            ("1", "0", "")
        );
        let known = serde_json::to_value(&evaluation).unwrap();
        for (name, value) in known.as_object().unwrap() {
            assert!(
                !value.is_number() || CsvRow::COLUMNS.contains(&name.as_str()),
                "{name}"
            );
        }
        for kind in ErrorKind::ALL {
            let name = serde_json::to_value(kind).unwrap();
            let name = format!("error_{}", name.as_str().unwrap());
            assert!(CsvRow::COLUMNS.contains(&name.as_str()), "{name}");
        }
    }
}
