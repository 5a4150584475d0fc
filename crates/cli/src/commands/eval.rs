//! `whence eval`: accuracy on labelled addresses. The measures stand in [`crate::evaluation`].
//!
//! One file gives one document, several give one with a part for each and the calibration over all.

mod answer;
mod csv_row;
mod errors;
mod table;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use whence_resolve::Resolver;

use crate::arguments::Global;
use crate::error::CliError;
use crate::evaluation::gold::Fold;
use crate::evaluation::{Answered, Evaluation, GoldRow, Mixed, evaluate, mix};
use crate::in_order::{available_threads, in_order};
use crate::lines::{self, Line};
use crate::pending_file::PendingFile;
use crate::registry_source::RegistryArgs;

use self::answer::answer;
use self::csv_row::CsvRow;

/// What `whence eval` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence eval gold.jsonl --registry ror.snapshot\n  \
    whence eval crossref.jsonl logs.jsonl --registry ror.snapshot --thresholds\n  \
    whence eval gold.jsonl --registry ror.snapshot --errors wrong.jsonl --json\n\n\
    A row is {\"affiliation\": TEXT, \"ror_ids\": [URL, …]}, with no ids if nothing should match. Rows with \
    \"in_registry\": false are left out. \"named_parents\": [URL, …] allows these as well and asks whether the \
    answer is exactly the labelled set; \"outside\": [TEXT, …] are further institutions that it names and the \
    registry lacks. \"locality\" and \"country\" ask whether the place is right.")]
pub struct EvalArgs {
    /// Labelled addresses, one JSON object a line; several files are measured each and set side by side
    #[arg(value_name = "GOLD.jsonl", required = true)]
    gold: Vec<PathBuf>,
    #[command(flatten)]
    registry: RegistryArgs,
    /// Leave out rows that should match nothing
    #[arg(long)]
    labelled_only: bool,
    /// Measure only the rows whose address, by its SHA-1 as a number, leaves the remainder K modulo N
    #[arg(long, value_name = "K/N", value_parser = Fold::parse)]
    fold: Option<Fold>,
    /// Write the rows whose institutions or place are wrong to this file, as JSON lines with the kind of error
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Print precision and recall at minimum confidences from 0.5 to 0.95 as well (JSON always has them)
    #[arg(long)]
    thresholds: bool,
    /// Threads that resolve [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// One file and its measures.
#[derive(Debug, Serialize)]
struct Set {
    set: String,
    #[serde(flatten)]
    evaluation: Evaluation,
}

/// Several files.
#[derive(Debug, Serialize)]
struct Sets {
    sets: Vec<Set>,
    mixed: Mixed,
}

/// Resolves every row of every file and measures.
pub fn run(args: &EvalArgs, global: &Global) -> Result<(), CliError> {
    let inputs: Vec<lines::Lines> = args
        .gold
        .iter()
        .map(|path| lines::open(path))
        .collect::<Result<_, _>>()?;
    let mut errors = args.errors.as_deref().map(PendingFile::create).transpose()?;
    let resolver = Resolver::new(args.registry.open()?)?;
    let (mut sets, mut rows) = (Vec::new(), Vec::new());
    for (path, lines) in args.gold.iter().zip(inputs) {
        let (set, answered) = measure(args, path, lines, &resolver, errors.as_mut())?;
        sets.push(set);
        rows.push(answered);
    }
    errors.map_or(Ok(()), PendingFile::finish)?;
    let rows: Vec<&[Answered]> = rows.iter().map(Vec::as_slice).collect();
    let mixed = mix(&rows);
    print(args, global, sets, mixed).map_err(CliError::writing("standard output"))
}

fn print(args: &EvalArgs, global: &Global, sets: Vec<Set>, mixed: Mixed) -> std::io::Result<()> {
    if global.output.csv {
        let rows: Vec<CsvRow> = sets
            .iter()
            .map(|set| CsvRow::of(&set.set, &set.evaluation))
            .collect();
        return global.output.print_rows(&rows, &[]);
    }
    match sets.as_slice() {
        [Set { set: _, evaluation }] => global
            .output
            .print_document(evaluation, |it| table::one(it, args.thresholds)),
        _ => global
            .output
            .print_document(&Sets { sets, mixed }, |it| table::several(it, args.thresholds)),
    }
}

/// Measures the rows of one file.
fn measure(
    args: &EvalArgs,
    path: &Path,
    lines: lines::Lines,
    resolver: &Resolver,
    mut errors: Option<&mut PendingFile>,
) -> Result<(Set, Vec<Answered>), CliError> {
    let set = path
        .file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let file = path.display().to_string();
    let threads = args.threads.map_or_else(available_threads, usize::from);
    let begun = Instant::now();
    let work = |line: std::io::Result<Line>| {
        let row = read(&file, line.map_err(CliError::reading_file(path))?)?;
        row.filter(|(_, row)| args.wants(row))
            .map(|(line, row)| answer(resolver, line, row))
            .transpose()
    };
    let mut answered = Vec::new();
    in_order(lines, threads, work, |row| {
        if let Some(row) = row? {
            if let Some(out) = errors.as_mut().filter(|_| row.is_wrong()) {
                errors::write(resolver.registry(), &set, &row, out)?;
            }
            answered.push(row.answered);
        }
        Ok::<(), CliError>(())
    })?;
    let mut evaluation = evaluate(&answered);
    evaluation.seconds = begun.elapsed().as_secs_f64();
    Ok((Set { set, evaluation }, answered))
}

impl EvalArgs {
    fn wants(&self, row: &GoldRow) -> bool {
        row.in_registry
            && !(self.labelled_only && row.ror_ids.is_empty())
            && self.fold.is_none_or(|fold| fold.holds(&row.affiliation))
    }
}

/// A row with the number of its line; none for an empty line.
fn read(file: &str, line: Line) -> Result<Option<(usize, GoldRow)>, CliError> {
    let Line { number, text } = line;
    let at = |reason: String| CliError::Partly(format!("{file}: line {number}: {reason}"));
    let text = text.map_err(at)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let row: Result<GoldRow, _> = serde_json::from_str(&text);
    let row = row.map_err(|error| at(format!("not a labelled address: {error}")))?;
    Ok(Some((number, row)))
}
