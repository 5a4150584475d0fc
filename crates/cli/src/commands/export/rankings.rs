//! `whence export rankings`: whole rankings, one kind after another.

use std::path::Path;

use serde::Serialize;
use whence_client::Client;
use whence_proto::metrics;

use crate::commands::rank::{RankedRow, rank};
use crate::error::CliError;
use crate::kinds::Kind;
use crate::output::Row;

use super::rows::{FileForm, RowWriter};

/// A row of a ranking with the kind that is ranked.
#[derive(Serialize)]
struct RankingRow {
    entity_kind: &'static str,
    rank: i64,
    id: String,
    name: String,
    country_code: Option<String>,
    share: f64,
    share_units: String,
    count: i64,
}

impl Row for RankingRow {
    const COLUMNS: &'static [&'static str] = &[
        "entity_kind",
        "rank",
        "id",
        "name",
        "country_code",
        "share",
        "share_units",
        "count",
    ];
}

pub(super) async fn export(
    client: &Client,
    path: &Path,
    form: FileForm,
    kinds: &[Kind],
    selection: &metrics::Selection,
) -> Result<usize, CliError> {
    let mut rows = RowWriter::create(path, form)?;
    rows.begin::<RankingRow>()?;
    for kind in kinds {
        for row in rank(client, *kind, selection, usize::MAX).await?.rows {
            let RankedRow {
                rank,
                id,
                name,
                country_code,
                share,
                share_units,
                count,
                ..
            } = row;
            let entity_kind = kind.singular();
            rows.write(&RankingRow {
                entity_kind,
                rank,
                id,
                name,
                country_code,
                share,
                share_units,
                count,
            })?;
        }
    }
    rows.finish()
}
