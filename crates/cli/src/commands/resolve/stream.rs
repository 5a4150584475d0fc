//! A whole input, line by line: one JSON line out for each line in, in order.

use std::io::{self, Write};
use std::path::Path;

use futures::TryStreamExt;
use serde::Serialize;
use whence_client::Client;

use crate::error::CliError;
use crate::in_order::in_order;
use crate::pending_file::PendingFile;
use crate::resolution_json::{ErrorLine, ResolutionLine, Shown};

use super::backend::{Backend, Engine, resolve_batch};
use super::input::{Addressed, Chunk, Chunks};

/// What became of one line.
type Outcome = Result<ResolutionLine, ErrorLine>;

/// Resolves all lines; fails at the end if some of them did.
pub(super) async fn resolve_all(
    backend: Backend,
    input: Chunks,
    output: Option<&Path>,
    threads: usize,
    shown: Shown,
) -> Result<(), CliError> {
    let mut writer = LineWriter::new(output)?;
    match backend {
        Backend::InProcess(engine) => in_process(&engine, input, threads, shown, &mut writer)?,
        Backend::Gateway(client) => through_gateway(&client, input, threads, shown, &mut writer).await?,
    }
    writer.finish()
}

fn in_process(
    engine: &Engine,
    input: Chunks,
    threads: usize,
    shown: Shown,
    writer: &mut LineWriter,
) -> Result<(), CliError> {
    let work = |chunk: io::Result<Chunk>| {
        let resolve = |Addressed { line, affiliation }| {
            let resolved = affiliation.and_then(|affiliation| engine.resolve(affiliation, shown));
            lines_of(&resolved.map_err(|error| ErrorLine { line, error }))
        };
        Ok(chunk
            .map_err(CliError::reading("the input"))?
            .into_iter()
            .map(resolve)
            .collect::<Vec<_>>())
    };
    in_order(input, threads, work, |chunk: Result<Vec<_>, CliError>| {
        writer.write(chunk?)
    })
}

async fn through_gateway(
    client: &Client,
    input: Chunks,
    threads: usize,
    shown: Shown,
    writer: &mut LineWriter,
) -> Result<(), CliError> {
    let chunks = futures::stream::iter(input).map_err(|error| CliError::reading("the input")(error));
    let mut resolved = std::pin::pin!(
        chunks
            .map_ok(|chunk| resolve_chunk(client, chunk, shown))
            .try_buffered(threads)
    );
    while let Some(outcomes) = resolved.try_next().await? {
        writer.write(outcomes.iter().map(lines_of).collect())?;
    }
    Ok(())
}

async fn resolve_chunk(client: &Client, chunk: Chunk, shown: Shown) -> Result<Vec<Outcome>, CliError> {
    let good = chunk
        .iter()
        .filter_map(|addressed| addressed.affiliation.as_ref().ok());
    let mut resolved = resolve_batch(client, good.cloned().collect(), shown)
        .await?
        .into_iter();
    let outcomes = chunk.into_iter().filter_map(|Addressed { line, affiliation }| {
        let resolved = match affiliation {
            Ok(_) => resolved.next()?,
            Err(error) => Err(error),
        };
        Some(resolved.map_err(|error| ErrorLine { line, error }))
    });
    Ok(outcomes.collect())
}

/// The JSON of one line, and whether it failed.
type Written = (Vec<u8>, bool);

fn lines_of(outcome: &Outcome) -> Written {
    // The forms are made of texts and numbers: they always serialise.
    match outcome {
        Ok(line) => (serde_json::to_vec(line).unwrap_or_default(), false),
        Err(line) => (serde_json::to_vec(line).unwrap_or_default(), true),
    }
}

/// One value as one line of JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string(value).map_err(|error| CliError::Fault(error.to_string()))
}

/// Prints to a file or standard output.
pub(super) fn print(
    path: Option<&Path>,
    write: impl FnOnce(&mut PendingFile) -> io::Result<()>,
) -> Result<(), CliError> {
    let mut out = path.map_or_else(|| Ok(PendingFile::stdout()), PendingFile::create)?;
    write(&mut out).map_err(out.failed())?;
    out.finish()
}

/// Writes lines and counts those that failed.
struct LineWriter {
    out: PendingFile,
    failed_count: usize,
}

impl LineWriter {
    fn new(path: Option<&Path>) -> Result<Self, CliError> {
        let out = path.map_or_else(|| Ok(PendingFile::stdout()), PendingFile::create)?;
        Ok(Self { out, failed_count: 0 })
    }

    fn write(&mut self, lines: Vec<Written>) -> Result<(), CliError> {
        for (mut line, failed) in lines {
            self.failed_count += usize::from(failed);
            line.push(b'\n');
            self.out.write_all(&line).map_err(self.out.failed())?;
        }
        Ok(())
    }

    fn finish(self) -> Result<(), CliError> {
        self.out.finish()?;
        if self.failed_count > 0 {
            let message = format!(
                "{} lines could not be resolved; each says why in its place",
                self.failed_count
            );
            return Err(CliError::Partly(message));
        }
        Ok(())
    }
}
