//! `whence import`: streams article records into a stack.
//!
//! Several files are one import whose sequences go on from file to file. Nothing is sent before every file
//! has been seen to exist and to have a known format. A file that breaks off in the middle is imported up to
//! there, and the command says where and fails. The default id of an import is a digest of its input, so
//! that the same command resumes it.

mod accounting;
mod input;
mod progress;
mod reading;

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use whence_client::Client;
use whence_formats::Format;
use whence_proto::ingest::ListRejectionsRequest;
use whence_proto::metrics::Rejection;

use crate::arguments::Global;
use crate::commands::index;
use crate::error::CliError;
use crate::output::{grouped, print_text};
use crate::paging::PAGE_MAX;

pub use self::accounting::AccountingJson;
pub use self::reading::content;

use self::accounting::Report;
use self::input::Input;
use self::progress::Progress;
use self::reading::ReadReport;

/// Rejections that are looked at to say what is wrong with them.
const REJECTIONS_MAX: usize = 10_000;

/// What `whence import` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence import pubmed21n1298.xml.gz\n  \
    whence import --json 2021/*.jsonl.zst > accounting.json\n  \
    zcat articles.jsonl.gz | whence import --format jsonl -\n\n\
    Formats: PubMed XML (.xml, .xml.gz) and Whence JSONL (.jsonl, .jsonl.gz, .jsonl.zst). The exit code is 1 \
    if a record was rejected or a file could not be read to its end; what could be read is imported.\n\n\
    --json ends with the accounting: read = recorded + unchanged + updated + excluded + rejected. authors and \
    affiliations are those of the records read; articles is what the index holds afterwards.")]
pub struct ImportArgs {
    /// Files with records; - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Format of the files, pubmed or jsonl; told from name or first bytes if not given
    #[arg(long, value_name = "NAME")]
    format: Option<Format>,
    /// Name of the import [default: format and SHA-256 of the input]
    #[arg(long, value_name = "ID", value_parser = import_id)]
    import_id: Option<String>,
}

fn import_id(text: &str) -> Result<String, String> {
    let valid = (1..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if valid {
        Ok(text.to_owned())
    } else {
        Err("not 1 to 128 of the characters A-Z a-z 0-9 . _ -".to_owned())
    }
}

/// Imports and accounts for every record.
pub async fn run(args: ImportArgs, global: &Global) -> Result<(), CliError> {
    let start = Instant::now();
    let ImportArgs {
        files,
        format,
        import_id,
    } = args;
    let input = tokio::task::spawn_blocking(move || Input::open(&files, format, import_id));
    let input = input
        .await
        .map_err(|error| CliError::Fault(error.to_string()))??;
    let client = Client::connect(global.gateway_url()).await?;
    let import_id = input.import_id.clone();

    let mut progress = Progress::new(&input);
    let (records, reading) = reading::spawn(input, progress.bytes_read());
    let imported = client
        .import(&import_id, records, |reached| progress.show(&reached))
        .await;
    progress.finish();
    let reading = reading
        .await
        .map_err(|error| CliError::Fault(error.to_string()))?;
    let ReadReport { notes, broken } = reading;
    let summary = imported?;

    let elapsed = start.elapsed();
    let articles = index::get(&client).await?.article_count;
    let accounting = AccountingJson::of(&summary.accounting, articles, elapsed);
    let report = Report {
        import_id,
        summary,
        notes,
        rejections: Vec::new(),
    };
    let report = Report {
        rejections: rejections(&client, &report).await?,
        ..report
    };
    if global.output.for_people() {
        print_text(&report.for_people(&accounting))?;
    } else {
        eprint!("{}", report.troubles());
        global
            .output
            .print_one(&accounting, |_| String::new())
            .map_err(CliError::writing("standard output"))?;
    }
    verdict(&report, broken)
}

async fn rejections(client: &Client, report: &Report) -> Result<Vec<Rejection>, CliError> {
    let mut rejections = Vec::new();
    let mut page_token = String::new();
    while report.summary.accounting.rejected_count > 0 && rejections.len() < REJECTIONS_MAX {
        let import_id = report.import_id.clone();
        let request = ListRejectionsRequest {
            import_id,
            page_size: PAGE_MAX,
            page_token,
        };
        let page = client.list_rejections(request).await?;
        rejections.extend(page.rejections);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(rejections)
}

/// Fails if not everything was imported.
fn verdict(report: &Report, broken: Option<CliError>) -> Result<(), CliError> {
    let rejected = report.summary.accounting.rejected_count;
    match broken {
        Some(error) => {
            let before = grouped(report.summary.record_count);
            Err(CliError::Partly(format!(
                "{}; the {before} records before it are imported",
                chain(&error)
            )))
        }
        None if rejected > 0 => {
            let message = format!(
                "{} records were rejected; everything else is imported",
                grouped(rejected)
            );
            Err(CliError::Partly(message))
        }
        None => Ok(()),
    }
}

/// An error with its causes on one line.
fn chain(error: &CliError) -> String {
    let message = error.message();
    let lines: Vec<&str> = message
        .lines()
        .map(|line| line.trim().trim_start_matches("error: "))
        .collect();
    lines.join("; ")
}
