//! Writes the features of every candidate of labelled addresses, for `training/train.py`.
//!
//! ```text
//! cargo run --release -p whence-resolve --example features -- SNAPSHOT FOLDER GOLD.jsonl …
//! ```
//!
//! Into FOLDER go `names.txt` (the features, in order), `features.i32` (one row a candidate, little-endian)
//! and `rows.jsonl` (each labelled row with its set and its candidates: id, first word, one past the last).

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::{Value, json};
use whence_registry::Registry;
use whence_resolve::Resolver;
use whence_resolve::features::Features;
use whence_resolve::model::Model;

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [snapshot, folder, gold @ ..] = arguments.as_slice() else {
        return Err("give a snapshot, a folder and files of labelled addresses".into());
    };
    // What is measured does not depend on what was learnt before.
    let resolver = Resolver::with_model(Registry::open(Path::new(snapshot))?, Model::untrained())?;
    let folder = Path::new(folder);
    fs::create_dir_all(folder)?;
    fs::write(folder.join("names.txt"), Features::NAMES.join(" "))?;
    let mut values = BufWriter::new(File::create(folder.join("features.i32"))?);
    let mut rows = BufWriter::new(File::create(folder.join("rows.jsonl"))?);
    for file in gold {
        let set = Path::new(file).file_stem().unwrap_or_default().to_string_lossy();
        for line in fs::read_to_string(file)?.lines() {
            write_row(
                &resolver,
                &set,
                serde_json::from_str(line)?,
                &mut values,
                &mut rows,
            )?;
        }
    }
    values.flush()?;
    Ok(rows.flush()?)
}

fn write_row(
    resolver: &Resolver,
    set: &str,
    mut row: Value,
    values: &mut impl Write,
    rows: &mut impl Write,
) -> Result<(), Error> {
    let affiliation = row["affiliation"]
        .as_str()
        .ok_or("a row has no affiliation")?
        .to_owned();
    let mut candidates = Vec::new();
    for (candidate, features) in resolver.measure(&affiliation)? {
        for value in features.values() {
            values.write_all(&value.to_le_bytes())?;
        }
        let ror_id = resolver
            .registry()
            .institution(candidate.hit.institution)
            .ror_id();
        candidates.push(json!([
            ror_id.to_string(),
            candidate.hit.tokens.start,
            candidate.hit.tokens.end
        ]));
    }
    row["set"] = set.into();
    row["candidates"] = candidates.into();
    Ok(writeln!(rows, "{row}")?)
}
