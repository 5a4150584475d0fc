//! `whence export`: what is stored, as a file for other programs.
//!
//! The form follows from the ending of the file. It is written under a temporary name and renamed when it is
//! complete; if the index changes in the meantime, the export begins again, so that a file is always of one
//! state. Memory holds one page.

mod articles;
mod contributions;
mod rankings;
mod resolutions;
mod rows;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use whence_client::Client;

use crate::arguments::Global;
use crate::error::CliError;
use crate::filters::Filters;
use crate::kinds::Kind;
use crate::output::grouped;

use self::rows::FileForm;

/// What `whence export` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence export contributions --output contributions.csv\n  \
    whence export resolutions --candidates --output resolutions.jsonl\n  \
    whence export rankings --kind cities --from 2021-01 --to 2021-12 --output cities.csv\n\n\
    share_units and the other Shares are exact, in units of 10⁻¹² article, as decimal strings.")]
pub struct ExportArgs {
    /// The file to write, .jsonl or .csv; - for JSON lines on standard output
    #[arg(long, global = true, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(subcommand)]
    what: What,
}

/// What is exported.
#[derive(Debug, Subcommand)]
enum What {
    /// Stored articles; as JSONL in the form that `whence import` reads
    Articles,
    /// What each printed address of each author resolved to
    Resolutions {
        /// Add the candidates that were kept and not chosen, and a column that tells
        #[arg(long)]
        candidates: bool,
    },
    /// The exact part of each article that each entity holds, over all types
    Contributions,
    /// Whole rankings
    Rankings(Box<RankingsArgs>),
}

#[derive(Args, Debug)]
struct RankingsArgs {
    /// What is ranked; may be repeated [default: everything]
    #[arg(long, value_enum)]
    kind: Vec<Kind>,
    #[command(flatten)]
    filters: Filters,
}

/// Writes the file.
pub async fn run(args: ExportArgs, global: &Global) -> Result<(), CliError> {
    let ExportArgs { output, what } = args;
    let path =
        output.ok_or_else(|| CliError::usage("say where to write with --output FILE (.jsonl or .csv)"))?;
    let form = FileForm::of(&path)?;
    let client = Client::connect(global.gateway_url()).await?;
    let row_count = match what {
        What::Articles => articles::export(&client, &path, form).await?,
        What::Resolutions { candidates } => resolutions::export(&client, &path, form, candidates).await?,
        What::Contributions => contributions::export(&client, &path, form).await?,
        What::Rankings(args) => {
            let RankingsArgs { kind, filters } = *args;
            let kinds = if kind.is_empty() { Kind::ALL.to_vec() } else { kind };
            rankings::export(&client, &path, form, &kinds, &filters.into()).await?
        }
    };
    if path.as_os_str() != "-" {
        eprintln!("wrote {} rows to {}", grouped(row_count), path.display());
    }
    Ok(())
}
