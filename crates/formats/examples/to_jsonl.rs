//! Turns any input that Whence reads into Whence JSONL:
//! `cargo run --release -p whence-formats --example to_jsonl -- FILE > articles.jsonl`.
//!
//! What was refused or left out, and the speed, go to standard error.

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use whence_formats::{Record, open, write_article, write_deletion};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("state a file, or - for standard input")?;
    let mut records = open(Path::new(&path), None)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let start = Instant::now();
    let (mut articles, mut refusals, mut deletions) = (0_u32, 0_u32, 0_u32);
    for record in records.by_ref() {
        match record? {
            Record::Article(article) => {
                articles += 1;
                write_article(&mut out, &article)?;
            }
            Record::Deleted(key) => {
                deletions += 1;
                write_deletion(&mut out, &key)?;
            }
            Record::Refused(refused) => {
                refusals += 1;
                eprintln!("{}: {}", refused.location, refused.reason);
            }
        }
    }
    out.flush()?;
    let seconds = start.elapsed().as_secs_f64();
    let rate = f64::from(articles) / seconds;
    eprintln!(
        "{articles} articles, {deletions} deletions, {refusals} refused; {seconds:.2} s, {rate:.0} articles/s"
    );
    for (note, count) in records.notes().iter() {
        eprintln!("{count} × {note}");
    }
    Ok(())
}
