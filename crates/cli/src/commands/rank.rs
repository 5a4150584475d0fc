//! `whence rank`: entities of one kind by Share.

use clap::Args;
use serde::Serialize;
use whence_client::Client;
use whence_model::Share;
use whence_proto::metrics;

use crate::arguments::Global;
use crate::error::CliError;
use crate::filters::Filters;
use crate::kinds::Kind;
use crate::output::{Column, Row, grouped, print_text, table};
use crate::paging::{PAGE_MAX, from_the_start};
use crate::shares;

/// What `whence rank` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence rank cities --from 2021-01 --to 2021-12\n  \
    whence rank institutions --country CN --level credited --limit 50 --json\n  \
    whence rank countries --journal-set nature-index --type all --csv > countries.csv")]
pub struct RankArgs {
    /// What is ranked
    #[arg(value_enum)]
    kind: Kind,
    /// Show at most this many rows
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: u64,
    #[command(flatten)]
    filters: Filters,
}

/// A row of a ranking.
#[derive(Clone, Debug, Serialize)]
pub struct RankedRow {
    /// Its rank; equal Shares have equal ranks.
    pub rank: i64,
    /// Id of the entity.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its country, where it has one.
    pub country_code: Option<String>,
    /// Its Share, for display.
    pub share: f64,
    /// Its exact Share in 10⁻¹² article.
    pub share_units: String,
    /// Articles with a part of it.
    pub count: i64,
    #[serde(skip)]
    exact: Share,
}

impl Row for RankedRow {
    const COLUMNS: &'static [&'static str] = &[
        "rank",
        "id",
        "name",
        "country_code",
        "share",
        "share_units",
        "count",
    ];
}

/// A ranking up to some limit, with what it was taken from.
pub struct Ranked {
    /// The rows.
    pub rows: Vec<RankedRow>,
    /// Rows of the whole ranking.
    pub row_count: i64,
    coverage: metrics::Coverage,
}

/// Asks for the ranking and prints it.
pub async fn run(args: RankArgs, global: &Global) -> Result<(), CliError> {
    let RankArgs { kind, limit, filters } = args;
    let client = Client::connect(global.gateway_url()).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let ranked = rank(&client, kind, &filters.into(), limit).await?;
    let failed = CliError::writing("standard output");
    if global.output.for_people() {
        return print_text(&ranked.for_people(kind)?);
    }
    global
        .output
        .print_rows(&ranked.rows, &columns(kind))
        .map_err(failed)
}

/// The first rows of a ranking.
pub async fn rank(
    client: &Client,
    kind: Kind,
    selection: &metrics::Selection,
    limit: usize,
) -> Result<Ranked, CliError> {
    from_the_start(async || read_pages(client, kind, selection, limit).await).await
}

async fn read_pages(
    client: &Client,
    kind: Kind,
    selection: &metrics::Selection,
    limit: usize,
) -> Result<Ranked, CliError> {
    let mut rows = Vec::new();
    let mut page_token = String::new();
    loop {
        let missing = limit - rows.len();
        let request = metrics::ListRankingsRequest {
            entity_kind: kind.on_the_wire().into(),
            selection: Some(selection.clone()),
            page_size: i32::try_from(missing).unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX),
            page_token,
        };
        let page = client.list_rankings(request).await?;
        for row in page.rows.into_iter().take(missing) {
            rows.push(RankedRow::of(row)?);
        }
        page_token = page.next_page_token;
        if page_token.is_empty() || rows.len() >= limit {
            return Ok(Ranked {
                rows,
                row_count: page.row_count,
                coverage: page.coverage.unwrap_or_default(),
            });
        }
    }
}

impl RankedRow {
    fn of(row: metrics::RankingRow) -> Result<Self, CliError> {
        let metrics::RankingRow { rank, entity_share } = row;
        let metrics::EntityShare {
            entity,
            name,
            country_code,
            share,
            count,
        } = entity_share.unwrap_or_default();
        let exact = shares::exact(share)?;
        Ok(Self {
            rank,
            id: entity.unwrap_or_default().id,
            name,
            country_code: Some(country_code).filter(|code| !code.is_empty()),
            share: exact.to_f64(),
            share_units: shares::units(exact),
            count,
            exact,
        })
    }
}

/// The columns of a ranking for people.
pub fn columns(kind: Kind) -> Vec<Column<'static, RankedRow>> {
    let mut columns = vec![
        Column::number("rank", |row: &RankedRow| row.rank.to_string()),
        Column::text(kind.singular(), |row| row.name.clone()),
    ];
    if matches!(kind, Kind::Institutions | Kind::Cities | Kind::Localities) {
        columns.push(Column::text("country", |row| {
            row.country_code.clone().unwrap_or_default()
        }));
    }
    columns.push(Column::number("Share", |row| shares::for_people(row.exact)));
    columns.push(Column::number("Count", |row| grouped(row.count)));
    columns
}

impl Ranked {
    /// The table, and under it what it was taken from.
    pub fn for_people(&self, kind: Kind) -> Result<String, CliError> {
        let table = table(&self.rows, &columns(kind)).trim_fmt();
        Ok(format!("{table}\n\n{}", self.coverage_note(kind)?))
    }

    /// What the ranking was taken from, in a line.
    pub fn coverage_note(&self, kind: Kind) -> Result<String, CliError> {
        let metrics::Coverage {
            article_count,
            unresolved,
            undated_count,
            flag_missing_count,
        } = self.coverage;
        let unresolved = shares::exact(unresolved)?;
        let whole = Share::from_articles(u64::try_from(article_count).unwrap_or_default());
        let mut notes = vec![format!("from {} articles", grouped(article_count))];
        if let Some(part) = shares::per_cent(unresolved, whole) {
            let share = shares::for_people(unresolved);
            notes.push(format!(
                "{part} of their Share ({share}) holds no {}",
                kind.singular()
            ));
        }
        if undated_count > 0 {
            notes.push(format!(
                "{} left out because their month is unknown",
                grouped(undated_count)
            ));
        }
        if flag_missing_count > 0 {
            notes.push(format!(
                "{} left out for want of a flag",
                grouped(flag_missing_count)
            ));
        }
        let shown = i64::try_from(self.rows.len()).unwrap_or(i64::MAX);
        if shown < self.row_count {
            notes.push(format!(
                "{} of {} {} shown",
                grouped(shown),
                grouped(self.row_count),
                kind.plural()
            ));
        }
        Ok(notes.join("; "))
    }
}
