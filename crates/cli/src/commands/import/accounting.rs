//! What an import ends with: where every record went, and why some were rejected.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use whence_client::ImportSummary;
use whence_proto::metrics::{ImportAccounting, RefusedRecord, Rejection};

use crate::output::{Row, grouped};

/// Rejections that are shown of each kind.
const SHOWN_OF_A_KIND: usize = 3;

/// The accounting as scripts read it: read = recorded + unchanged + updated + excluded + rejected.
#[derive(Debug, Serialize)]
pub struct AccountingJson {
    read: i64,
    recorded: i64,
    unchanged: i64,
    updated: i64,
    excluded: i64,
    rejected: i64,
    deleted: i64,
    /// Articles in the index afterwards, whatever brought them: several records may be one article.
    articles: i64,
    authors: i64,
    affiliations: i64,
    affiliations_resolved: i64,
    elapsed_seconds: f64,
}

impl Row for AccountingJson {
    const COLUMNS: &'static [&'static str] = &[
        "read",
        "recorded",
        "unchanged",
        "updated",
        "excluded",
        "rejected",
        "deleted",
        "articles",
        "authors",
        "affiliations",
        "affiliations_resolved",
        "elapsed_seconds",
    ];
}

impl AccountingJson {
    /// The form of an accounting, with the number of articles that are stored after the import.
    pub fn of(accounting: &ImportAccounting, articles: i64, elapsed: Duration) -> Self {
        let ImportAccounting {
            read_count,
            recorded_count,
            unchanged_count,
            updated_count,
            excluded_count,
            rejected_count,
            deleted_count,
            author_count,
            affiliation_count,
            resolved_affiliation_count,
        } = *accounting;
        Self {
            read: read_count,
            recorded: recorded_count,
            unchanged: unchanged_count,
            updated: updated_count,
            excluded: excluded_count,
            rejected: rejected_count,
            deleted: deleted_count,
            articles,
            authors: author_count,
            affiliations: affiliation_count,
            affiliations_resolved: resolved_affiliation_count,
            elapsed_seconds: elapsed.as_secs_f64(),
        }
    }

    /// The accounting for people, one line a figure.
    pub fn for_people(&self) -> String {
        let mut lines = vec![
            line("read", self.read, "records"),
            line("recorded", self.recorded, "new articles"),
            line(
                "updated",
                self.updated,
                "replaced an earlier record or joined a stored article",
            ),
            line(
                "unchanged",
                self.unchanged,
                "stored already, or older than what is",
            ),
            line("rejected", self.rejected, "kept with the reason"),
            line("authors", self.authors, "of these records"),
            line("addresses", self.affiliations, &self.resolved()),
        ];
        lines.push(line("stored", self.articles, "articles in the index now"));
        if self.excluded > 0 {
            lines.insert(
                4,
                line("excluded", self.excluded, "left out by a filter of the import"),
            );
        }
        if self.deleted > 0 {
            lines.push(line("deleted", self.deleted, "withdrawn by their source"));
        }
        lines.join("\n")
    }

    /// What part of the addresses names an institution that the registry knows.
    pub fn resolved(&self) -> String {
        match self.affiliations {
            0 => String::new(),
            all => format!(
                "{} of them name a known institution",
                tenths_of_per_cent(self.affiliations_resolved, all)
            ),
        }
    }
}

fn tenths_of_per_cent(part: i64, whole: i64) -> String {
    let tenths = (part * 1_000 + whole / 2) / whole;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn line(what: &str, count: i64, note: &str) -> String {
    format!("  {what:<10}{:>12}   {note}", grouped(count))
        .trim_end()
        .to_owned()
}

/// An import that is done, with everything that is to be said about it.
pub(super) struct Report {
    /// Its name.
    pub import_id: String,
    /// How it went.
    pub summary: ImportSummary,
    /// What was left out of records, and how often.
    pub notes: BTreeMap<&'static str, u64>,
    /// What was rejected.
    pub rejections: Vec<Rejection>,
}

impl Report {
    /// Everything.
    pub(super) fn for_people(&self, accounting: &AccountingJson) -> String {
        let ImportSummary {
            record_count,
            resumed_after,
            ..
        } = self.summary;
        let seconds = accounting.elapsed_seconds;
        let head = match record_count - resumed_after {
            0 if record_count > 0 => format!("import {} was done before; nothing was sent", self.import_id),
            done => {
                let rate = f64::from(u32::try_from(done).unwrap_or(u32::MAX)) / seconds.max(0.001);
                let done = grouped(done);
                let resumed = match resumed_after {
                    0 => String::new(),
                    before => format!(", after {} done before", grouped(before)),
                };
                format!(
                    "import {}: {done} records in {seconds:.1} s ({rate:.0}/s){resumed}",
                    self.import_id
                )
            }
        };
        let troubles = self.troubles();
        format!("{head}\n{}\n{troubles}", accounting.for_people())
            .trim_end()
            .to_owned()
    }

    /// Rejections by reason and what was left out; empty if there is neither.
    pub(super) fn troubles(&self) -> String {
        let mut lines = Vec::new();
        for (reason, rejections) in by_reason(&self.rejections) {
            lines.push(format!("rejected {}: {reason}", grouped(rejections.len())));
            lines.extend(
                rejections
                    .iter()
                    .take(SHOWN_OF_A_KIND)
                    .map(|rejection| shown(rejection)),
            );
        }
        let notes = self.notes.iter();
        lines.extend(notes.map(|(note, count)| format!("left out {}: {note}", grouped(*count))));
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

fn shown(rejection: &Rejection) -> String {
    let RefusedRecord {
        record_id,
        location,
        reason,
    } = rejection.record.clone().unwrap_or_default();
    let id = if record_id.is_empty() { "no id" } else { &record_id };
    format!("  {location} ({id}): {reason}")
}

/// Rejections by their reason, the values in it apart.
fn by_reason(rejections: &[Rejection]) -> BTreeMap<String, Vec<&Rejection>> {
    let mut groups: BTreeMap<String, Vec<&Rejection>> = BTreeMap::new();
    for rejection in rejections {
        let reason = rejection
            .record
            .as_ref()
            .map(|record| without_values(&record.reason))
            .unwrap_or_default();
        groups.entry(reason).or_default().push(rejection);
    }
    groups
}

/// A reason without quoted texts and numbers.
fn without_values(reason: &str) -> String {
    let mut general = String::new();
    let mut quoted = false;
    for c in reason.chars() {
        match c {
            '"' => {
                if !quoted {
                    general.push('…');
                }
                quoted = !quoted;
            }
            _ if quoted => {}
            _ if c.is_ascii_digit() => {
                if !general.ends_with('#') {
                    general.push('#');
                }
            }
            _ => general.push(c),
        }
    }
    general
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_is_accounted_for() {
        let accounting = ImportAccounting {
            read_count: 10,
            recorded_count: 4,
            unchanged_count: 3,
            updated_count: 1,
            rejected_count: 2,
            affiliation_count: 3,
            resolved_affiliation_count: 2,
            ..Default::default()
        };
        let json =
            serde_json::to_value(AccountingJson::of(&accounting, 8, Duration::from_millis(1_500))).unwrap();
        assert_eq!(
            (&json["articles"], &json["elapsed_seconds"]),
            (&8.into(), &1.5.into())
        );
        let sum: i64 = ["recorded", "unchanged", "updated", "excluded", "rejected"]
            .iter()
            .map(|key| json[key].as_i64().unwrap())
            .sum();
        assert_eq!(json["read"], sum);
        assert_eq!(tenths_of_per_cent(2, 3), "66.7 %");
    }

    #[test]
    fn rejections_are_grouped_by_what_is_wrong() {
        let rejection = |reason: &str| Rejection {
            sequence: 1,
            record: Some(RefusedRecord {
                reason: reason.into(),
                ..Default::default()
            }),
        };
        let rejections = [
            rejection("\"2021-13\" is not a date"),
            rejection("\"x\" is not a date"),
            rejection("no identifier"),
        ];
        let groups: Vec<_> = by_reason(&rejections)
            .into_iter()
            .map(|(reason, all)| (reason, all.len()))
            .collect();
        assert_eq!(
            groups,
            [("no identifier".to_owned(), 1), ("… is not a date".to_owned(), 2)]
        );
    }
}
