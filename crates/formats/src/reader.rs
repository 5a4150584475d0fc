//! One reader for every format.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::decompress::{Bytes, Counted, decompress, peek};
use crate::detect::Format;
use crate::error::FormatError;
use crate::jsonl::JsonlReader;
use crate::metered::Metered;
use crate::pubmed::PubmedReader;
use crate::record::{Notes, Record};

/// Enough of a text to see its first visible character.
const SNIFFED_BYTES: u64 = 1024;

/// Opens a file, or standard input for `-`. Without a stated format the name decides, else the first
/// bytes; compression is always recognised.
pub fn open(path: &Path, format: Option<Format>) -> Result<RecordReader, FormatError> {
    if path.as_os_str() == "-" {
        return RecordReader::from_read("-", Box::new(io::stdin()), format);
    }
    let failed = |source| FormatError::Open {
        path: path.display().to_string(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(io::ErrorKind::IsADirectory.into()));
    }
    RecordReader::from_read(&path.to_string_lossy(), Box::new(file), format)
}

/// Gives the records of one input in order. After an error it gives nothing more.
pub struct RecordReader {
    source: Source,
    format: Format,
    bytes_read: Arc<AtomicU64>,
    ended: bool,
}

enum Source {
    Pubmed(Box<PubmedReader>),
    Jsonl(Box<JsonlReader>),
}

impl RecordReader {
    /// Reads any stream. The name is for messages, and tells the format unless one is stated.
    pub fn from_read(name: &str, read: Bytes, format: Option<Format>) -> Result<Self, FormatError> {
        let bytes_read = Arc::new(AtomicU64::new(0));
        let text = decompress(name, Box::new(Counted::new(read, Arc::clone(&bytes_read))))?;
        let (format, text) = match format.or_else(|| Format::of_name(name)) {
            Some(format) => (format, text),
            None => sniff(name, text)?,
        };
        let text = Metered::new(text);
        let source = match format {
            Format::Pubmed => Source::Pubmed(Box::new(PubmedReader::new(name, text))),
            Format::Jsonl => Source::Jsonl(Box::new(JsonlReader::new(name, text))),
        };
        Ok(Self {
            source,
            format,
            bytes_read,
            ended: false,
        })
    }

    /// The format being read.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Bytes taken from the input so far, before decompression: against the length of the file this is
    /// the progress.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// What was left out of the records so far.
    pub fn notes(&self) -> &Notes {
        match &self.source {
            Source::Pubmed(reader) => reader.notes(),
            Source::Jsonl(reader) => reader.notes(),
        }
    }
}

impl Iterator for RecordReader {
    type Item = Result<Record, FormatError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = match &mut self.source {
            Source::Pubmed(reader) => reader.next_record(),
            Source::Jsonl(reader) => reader.next_record(),
        };
        self.ended = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

fn sniff(name: &str, text: Bytes) -> Result<(Format, Bytes), FormatError> {
    let failed = |source| FormatError::from_read(name.to_owned(), source);
    let (start, text) = peek(text, SNIFFED_BYTES).map_err(failed)?;
    let unknown = || FormatError::UnknownFormat {
        name: name.to_owned(),
    };
    Ok((Format::of_text(&start).ok_or_else(unknown)?, text))
}
