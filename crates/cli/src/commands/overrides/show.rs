//! Overrides for people and for programs.

use serde::Serialize;
use whence_client::Client;
use whence_proto::affiliation::GetInstitutionRequest;
use whence_proto::curation;

use crate::error::CliError;
use crate::output::{Column, OutputArgs, Row, grouped, print_text, table};

use super::form::OverrideJson;

/// One override, flat.
#[derive(Debug, Serialize)]
struct OverrideRow {
    override_id: String,
    address: Option<String>,
    name: Option<String>,
    country_code: Option<String>,
    geonames_id: Option<u32>,
    ror_ids: String,
    curator: String,
    reason: String,
    time: String,
    revision: i64,
    deleted_by: Option<String>,
    deletion_reason: Option<String>,
    deletion_time: Option<String>,
}

impl Row for OverrideRow {
    const COLUMNS: &'static [&'static str] = &[
        "override_id",
        "address",
        "name",
        "country_code",
        "geonames_id",
        "ror_ids",
        "curator",
        "reason",
        "time",
        "revision",
        "deleted_by",
        "deletion_reason",
        "deletion_time",
    ];
}

impl OverrideRow {
    fn of(entry: &OverrideJson) -> Self {
        let entry = entry.clone();
        let deleted = entry.deleted.as_ref();
        Self {
            deleted_by: deleted.map(|change| change.curator.clone()),
            deletion_reason: deleted.map(|change| change.reason.clone()),
            deletion_time: deleted.map(|change| change.time.clone()),
            override_id: entry.override_id.unwrap_or_default(),
            address: entry.address,
            name: entry.name,
            country_code: entry.country_code,
            geonames_id: entry.geonames_id,
            ror_ids: entry.ror_ids.join(" "),
            curator: entry.curator,
            reason: entry.reason,
            time: entry.time,
            revision: entry.revision,
        }
    }
}

/// Prints a list.
pub(super) fn list(
    overrides: &[curation::Override],
    revision: i64,
    output: OutputArgs,
) -> Result<(), CliError> {
    let forms: Vec<_> = overrides.iter().cloned().map(OverrideJson::of).collect();
    let failed = CliError::writing("standard output");
    if output.json {
        return output.print_document(&forms, |_| String::new()).map_err(failed);
    }
    if output.csv {
        let rows: Vec<_> = forms.iter().map(OverrideRow::of).collect();
        return output.print_rows(&rows, &[]).map_err(failed);
    }
    let columns = [
        Column::number("id", |it: &OverrideJson| {
            it.override_id.clone().unwrap_or_default()
        }),
        Column::text("stands for", OverrideJson::stands_for),
        Column::text("means", |it| match it.ror_ids.as_slice() {
            [] => "none".to_owned(),
            ids => ids.join("\n"),
        }),
        Column::text("curator", |it| it.curator.clone()),
        Column::text("reason", |it| it.reason.clone()),
        Column::text("deleted", |it| {
            it.deleted
                .as_ref()
                .map(|change| change.time.clone())
                .unwrap_or_default()
        }),
    ];
    let table = table(&forms, &columns).trim_fmt();
    let count = grouped(forms.len() as u64);
    print_text(&format!("{table}\n\n{count} overrides, revision {revision}"))
}

/// An override, and which stored articles it touches if that was asked for.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    entry: OverrideJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    touched: Option<TouchedJson>,
}

#[derive(Serialize)]
struct TouchedJson {
    articles: i64,
    article_ids: Vec<String>,
    read_articles: i64,
    complete: bool,
}

/// Prints one override.
pub(super) async fn one(
    client: &Client,
    entry: Option<curation::Override>,
    touched: Option<curation::TouchedArticles>,
    output: OutputArgs,
) -> Result<(), CliError> {
    let entry = OverrideJson::of(entry.unwrap_or_default());
    if output.for_people() {
        return print_text(&for_people(client, &entry, touched.as_ref()).await);
    }
    let failed = CliError::writing("standard output");
    if output.csv {
        return output
            .print_one(&OverrideRow::of(&entry), |_| String::new())
            .map_err(failed);
    }
    let touched = touched.map(|touched| TouchedJson {
        articles: touched.article_count,
        article_ids: touched.article_ids,
        read_articles: touched.read_article_count,
        complete: touched.complete,
    });
    output
        .print_document(&Shown { entry, touched }, |_| String::new())
        .map_err(failed)
}

async fn for_people(
    client: &Client,
    entry: &OverrideJson,
    touched: Option<&curation::TouchedArticles>,
) -> String {
    let id = entry.override_id.as_deref().unwrap_or_default();
    let mut lines = vec![
        format!("override {id}"),
        format!("  for      {}", entry.stands_for()),
    ];
    if entry.ror_ids.is_empty() {
        lines.push("  means    no institution".to_owned());
    }
    for ror_id in &entry.ror_ids {
        lines.push(format!("  means    {ror_id}  {}", name(client, ror_id).await));
    }
    let decided = |what: &str, curator: &str, time: &str, reason: &str| {
        format!("  {what:<8} by {curator}, {time}: {reason}")
    };
    lines.push(decided("created", &entry.curator, &entry.time, &entry.reason));
    if let Some(change) = &entry.deleted {
        lines.push(decided("deleted", &change.curator, &change.time, &change.reason));
    }
    lines.extend(touched.map(touched_for_people));
    lines.join("\n")
}

/// What the registry calls it, as far as the resolver can be asked.
async fn name(client: &Client, ror_id: &str) -> String {
    let ror_id = ror_id.to_owned();
    let answer = client.get_institution(GetInstitutionRequest { ror_id }).await;
    let record = answer.ok().and_then(|answer| answer.institution);
    record.map(|record| record.name).unwrap_or_default()
}

fn touched_for_people(touched: &curation::TouchedArticles) -> String {
    let (count, read) = (
        grouped(touched.article_count),
        grouped(touched.read_article_count),
    );
    let scope = if touched.complete {
        format!("{read} stored articles")
    } else {
        format!("the first {read} stored articles")
    };
    let ids = touched.article_ids.join(" ");
    match touched.article_count {
        0 => format!("  touches  none of {scope}"),
        _ => format!("  touches  {count} of {scope}, which keep what was decided at their import: {ids}"),
    }
}
