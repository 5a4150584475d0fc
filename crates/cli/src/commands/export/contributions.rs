//! `whence export contributions`: one row for each article and entity that holds a part of it.

use std::path::Path;

use serde::Serialize;
use whence_client::Client;
use whence_proto::metrics;

use crate::error::CliError;
use crate::output::Row;
use crate::paging::{PAGE_MAX, from_the_start};
use crate::shares;

use super::rows::{FileForm, RowWriter};

#[derive(Serialize)]
struct ContributionRow {
    article_id: String,
    entity_kind: String,
    entity_id: String,
    share_units: String,
}

impl Row for ContributionRow {
    const COLUMNS: &'static [&'static str] = &["article_id", "entity_kind", "entity_id", "share_units"];
}

pub(super) async fn export(client: &Client, path: &Path, form: FileForm) -> Result<usize, CliError> {
    let mut rows = RowWriter::create(path, form)?;
    from_the_start(async || write(client, &mut rows).await).await?;
    rows.finish()
}

async fn write(client: &Client, rows: &mut RowWriter) -> Result<(), CliError> {
    rows.begin::<ContributionRow>()?;
    let mut page_token = String::new();
    loop {
        let request = metrics::ListContributionsRequest {
            page_size: PAGE_MAX,
            page_token,
        };
        let page = client.list_contributions(request).await?;
        for contribution in page.contributions {
            let metrics::Contribution {
                article_id,
                entity_kind,
                entity_id,
                share,
            } = contribution;
            let share_units = shares::units(shares::exact(share)?);
            rows.write(&ContributionRow {
                article_id,
                entity_kind,
                entity_id,
                share_units,
            })?;
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}
