//! The addresses of an input: plain lines, or JSON objects with an `affiliation`.

use std::io;
use std::path::Path;

use serde::Deserialize;
use whence_resolve::{AFFILIATION_BYTES_MAX, AffiliationTooLong};

use crate::error::CliError;
use crate::lines::{self, Line, Lines};

/// Lines that are resolved together.
const CHUNK: usize = 128;

/// One line of the input.
#[derive(Debug)]
pub(super) struct Addressed {
    /// Its number, from 1.
    pub line: usize,
    /// The address, or what is wrong with the line.
    pub affiliation: Result<String, String>,
}

/// A run of lines in their order.
pub(super) type Chunk = Vec<Addressed>;

/// Opens an input; it is read as its chunks are taken.
pub(super) fn open(path: &Path) -> Result<Chunks, CliError> {
    Ok(Chunks {
        lines: lines::open(path)?,
        failed: None,
    })
}

/// The chunks of an input.
pub(super) struct Chunks {
    lines: Lines,
    failed: Option<io::Error>,
}

impl Iterator for Chunks {
    type Item = io::Result<Chunk>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.failed.take() {
            return Some(Err(error));
        }
        let mut chunk = Chunk::new();
        for line in self.lines.by_ref().take(CHUNK) {
            match line {
                Ok(line) => chunk.push(addressed(line)),
                Err(error) => {
                    self.failed = Some(error);
                    break;
                }
            }
        }
        if chunk.is_empty() {
            self.failed.take().map(Err)
        } else {
            Some(Ok(chunk))
        }
    }
}

/// A JSON line; whatever else it holds is the caller's.
#[derive(Deserialize)]
struct Object {
    affiliation: String,
}

fn addressed(line: Line) -> Addressed {
    let Line { number, text } = line;
    Addressed {
        line: number,
        affiliation: text.and_then(affiliation),
    }
}

fn affiliation(text: String) -> Result<String, String> {
    let affiliation = if text.trim_start().starts_with('{') {
        let object = serde_json::from_str(&text);
        let object: Object = object
            .map_err(|error| format!("not a JSON object with the address as \"affiliation\": {error}"))?;
        object.affiliation
    } else {
        text
    };
    if affiliation.len() > AFFILIATION_BYTES_MAX {
        return Err(AffiliationTooLong {
            bytes: affiliation.len(),
        }
        .to_string());
    }
    Ok(affiliation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_or_an_object_that_holds_one() {
        let read = |text: &str| affiliation(text.to_owned());
        assert_eq!(read("CERN, Geneva").unwrap(), "CERN, Geneva");
        assert_eq!(
            read(" {\"id\": 7, \"affiliation\": \"CERN\\n\"}").unwrap(),
            "CERN\n"
        );
        assert_eq!(read("").unwrap(), "");
        for bad in ["{", "{\"address\": \"CERN\"}", "{\"affiliation\": 7}"] {
            assert!(read(bad).unwrap_err().contains("\"affiliation\""), "{bad}");
        }
        assert!(read(&"x".repeat(AFFILIATION_BYTES_MAX + 1)).is_err());
    }
}
