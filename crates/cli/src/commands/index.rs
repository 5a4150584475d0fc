//! `whence index`: what is stored.

use clap::Args;
use whence_client::Client;
use whence_proto::metrics;

use crate::arguments::Global;
use crate::error::CliError;
use crate::index_json::{IndexJson, for_people};

/// What `whence index` takes.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  whence index\n  whence index --json | jq -r .checksum\n\n\
    Two stacks with the same checksum hold the same articles with the same resolutions and count alike."
)]
pub struct IndexArgs {}

/// Asks and prints.
pub async fn run(IndexArgs {}: IndexArgs, global: &Global) -> Result<(), CliError> {
    if global.output.csv {
        return Err(CliError::usage("the index has lists in it; ask for --json"));
    }
    let client = Client::connect(global.gateway_url()).await?;
    let index = get(&client).await?;
    let text = for_people(&index)?;
    let printed = global.output.print_document(&IndexJson::of(index)?, |_| text);
    printed.map_err(CliError::writing("standard output"))
}

/// What is stored.
pub async fn get(client: &Client) -> Result<metrics::Index, CliError> {
    Ok(client
        .get_index(metrics::GetIndexRequest {})
        .await?
        .index
        .unwrap_or_default())
}
