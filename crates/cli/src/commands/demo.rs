//! `whence demo`: a stranger's first five minutes.
//!
//! A stack on the embedded starter registry with a store in a temporary folder; the embedded sample of real
//! articles goes in through the gateway; out come the top cities, the top institutions and one Share
//! explained. Nothing is left behind. It needs no data, no network and no port of its own.

mod explained;

use std::io::Cursor;
use std::net::SocketAddr;
use std::time::Instant;

use clap::Args;
use whence_client::{Client, ImportSummary};
use whence_formats::RecordReader;
use whence_proto::{affiliation, metrics};
use whence_runtime::serve::stop_on_signals;

use crate::commands::import::{AccountingJson, content};
use crate::commands::index;
use crate::commands::rank::{Ranked, columns, rank};
use crate::error::CliError;
use crate::kinds::Kind;
use crate::output::{grouped, print_text, table};
use crate::stack::{Stack, StackOptions};

const SAMPLE: &[u8] = include_bytes!("../../../../data/sample/articles.jsonl.zst");
const SAMPLE_NAME: &str = "data/sample/articles.jsonl.zst";
const ROWS: usize = 10;

/// What `whence demo` takes.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  whence demo --keep     then, in another terminal:  whence rank countries --gateway URL"
)]
pub struct DemoArgs {
    /// Leave the stack running until Ctrl-C, to ask it more
    #[arg(long)]
    keep: bool,
}

/// Shows everything once and cleans up.
pub async fn run(args: DemoArgs) -> Result<(), CliError> {
    let stop = stop_on_signals().map_err(CliError::reading("signals"))?;
    let folder = tempfile::Builder::new().prefix("whence-demo-").tempdir();
    let folder = folder.map_err(CliError::writing("a temporary folder"))?;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let options = StackOptions {
        data_dir: folder.path().to_owned(),
        registry: None,
        listen,
    };
    let stack = Stack::start(options).await?;
    let shown = tokio::select! {
        shown = show(&stack) => shown,
        () = stop.cancelled() => Ok(()),
    };
    if args.keep && shown.is_ok() && !stop.is_cancelled() {
        print_text(&next_steps_kept(stack.url()))?;
        stop.cancelled().await;
    }
    stack.stop().await?;
    shown?;
    folder
        .close()
        .map_err(CliError::writing("the temporary folder"))?;
    if args.keep || stop.is_cancelled() {
        Ok(())
    } else {
        print_text(NEXT_STEPS)
    }
}

async fn show(stack: &Stack) -> Result<(), CliError> {
    let client = stack.client();
    print_text(
        "Whence: from the address an author printed to the Share of an institution, a city and a country.\n",
    )?;
    let registry = client
        .get_registry(affiliation::GetRegistryRequest {})
        .await?
        .registry
        .unwrap_or_default();
    let (institutions, url) = (grouped(registry.institution_count), stack.url());
    print_text(&format!(
        "A stack of three services answers at {url}: affiliation-resolver, metrics and gateway.\n\
         Its starter registry knows {institutions} institutions; the real one, ROR, knows over 100,000.\n"
    ))?;
    import(client).await?;

    let selection = metrics::Selection::default();
    let cities = rank(client, Kind::Cities, &selection, ROWS).await?;
    heading("Which cities lead?")?;
    print_text(&ranking(&cities, Kind::Cities))?;
    let institutions = rank(client, Kind::Institutions, &selection, ROWS).await?;
    heading("Which institutions lead?")?;
    print_text(&ranking(&institutions, Kind::Institutions))?;
    print_text(&format!("\n{}", institutions.coverage_note(Kind::Institutions)?))?;
    print_text(
        "Count is the number of articles with at least one author there; Share divides each article fairly.",
    )?;
    if let Some(text) = explained::one_share(client, &institutions, &selection).await? {
        heading("Where does a Share come from?")?;
        print_text(&text)?;
    }
    Ok(())
}

async fn import(client: &Client) -> Result<(), CliError> {
    let start = Instant::now();
    let reader = RecordReader::from_read(SAMPLE_NAME, Box::new(Cursor::new(SAMPLE)), None)?;
    let records = reader.collect::<Result<Vec<_>, _>>()?;
    let records = tokio_stream::iter(records.into_iter().map(content));
    let summary: ImportSummary = client.import("demo", records, |_| {}).await?;
    let elapsed = start.elapsed();
    let accounting = AccountingJson::of(
        &summary.accounting,
        index::get(client).await?.article_count,
        elapsed,
    );
    print_text(&format!(
        "Imported {} real articles from a PubMed file of June 2021 ({SAMPLE_NAME}) in {:.1} s:\n{}",
        grouped(summary.record_count),
        elapsed.as_secs_f64(),
        accounting.for_people()
    ))
}

fn ranking(ranked: &Ranked, kind: Kind) -> String {
    table(&ranked.rows, &columns(kind)).trim_fmt()
}

fn heading(text: &str) -> Result<(), CliError> {
    print_text(&format!("\n{text}\n"))
}

const NEXT_STEPS: &str = "
What next? (`cargo install --locked --path crates/cli` puts whence on your path.)

  whence demo --keep                                 the same, and leaves the stack running to be asked more
  whence resolve \"Dept. of Physics, ETH Zürich\"      which institution an address names
  whence registry build --ror … --geonames … --out ror.snapshot
                                                     the whole registry, from official dumps
  whence up --data-dir ./whence-data --registry ror.snapshot
  whence import articles.xml.gz                      your own records
  whence rank cities --from 2021-01 --to 2021-12

The sample shows how whence counts, not who leads: it is one day's file, read with a small registry.
The stack has been stopped and its folder removed.";

fn next_steps_kept(url: &str) -> String {
    format!(
        "
The stack goes on running until Ctrl-C. In another terminal:

  export WHENCE_GATEWAY={url}
  whence rank countries
  whence rank institutions --city metro:beijing --level credited
  whence explain city metro:beijing --limit 2
  whence index"
    )
}
