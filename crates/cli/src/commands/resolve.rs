//! `whence resolve`: printed addresses to institutions and places.
//!
//! In process with `--registry`; else through a gateway, if one is named; else in process with the embedded
//! starter registry. One line out for each line in, in order, whatever becomes of it; memory holds a few
//! hundred lines.

mod backend;
mod input;
mod stream;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use clap::Args;

use crate::arguments::Global;
use crate::error::CliError;
use crate::in_order::available_threads;
use crate::registry_source::RegistryArgs;
use crate::resolution_json::Shown;

use self::backend::Backend;

/// What `whence resolve` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence resolve \"Dept. of Physics, Tsinghua Univ., Beijing 100084, China\"\n  \
    whence resolve --explain \"Dept. of Physics, Tsinghua Univ., Beijing 100084, China\"\n  \
    whence resolve --registry ror.snapshot --input addresses.txt --output resolved.jsonl\n  \
    cut -f3 table.tsv | whence resolve --registry ror.snapshot --input -\n\n\
    An input line is an address, or a JSON object with the address as \"affiliation\". A line that fails \
    becomes {\"line\", \"error\"} in its place, and the exit code is 1.")]
pub struct ResolveArgs {
    /// The address as printed
    #[arg(
        value_name = "TEXT",
        required_unless_present = "input",
        conflicts_with = "input"
    )]
    text: Option<String>,
    /// A file with one address a line; - for standard input
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Write the lines to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    registry: RegistryArgs,
    /// Threads that resolve [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Leave out institutions below this confidence, from 0 to 1
    #[arg(long, value_name = "C", default_value_t = 0.0, value_parser = confidence)]
    min_confidence: f64,
    /// Show how the answer came about: what was read, the candidates that were considered, and why each was
    /// chosen or not
    #[arg(long)]
    explain: bool,
    /// With --explain: print the values that the model saw as well (JSON always has them)
    #[arg(long, requires = "explain")]
    features: bool,
}

fn confidence(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.parse().ok();
    let value = value.filter(|value| (0.0..=1.0).contains(value));
    value.ok_or_else(|| "not a confidence from 0 to 1, such as 0.8".to_owned())
}

/// Resolves one text or a whole input.
pub async fn run(args: ResolveArgs, global: &Global) -> Result<(), CliError> {
    if global.output.csv {
        return Err(CliError::usage(
            "resolve answers in JSON lines; --csv is not among its forms",
        ));
    }
    let shown = Shown {
        confidence_min: args.min_confidence,
        explanation: args.explain,
    };
    let input = args.input.as_deref().map(input::open).transpose()?;
    let backend = Backend::of(&args.registry, global).await?;
    let threads = args.threads.map_or_else(available_threads, usize::from);
    match (input, args.text) {
        (Some(input), _) => stream::resolve_all(backend, input, args.output.as_deref(), threads, shown).await,
        (None, Some(text)) => {
            let for_people = io::stdout().is_terminal() && !global.output.json && args.output.is_none();
            let line = backend.resolve(text, shown).await?;
            let line = if for_people {
                line.for_people(args.features)
            } else {
                stream::json(&line)?
            };
            stream::print(args.output.as_deref(), |out| writeln!(out, "{line}"))
        }
        (None, None) => Err(CliError::usage("give an address, or --input with a file of them")),
    }
}
