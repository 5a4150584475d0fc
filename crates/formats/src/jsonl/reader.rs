//! Reads lines, one at a time, each at most as long as a record may be.

use std::io::{self, BufRead};

use crate::error::FormatError;
use crate::jsonl::line::Line;
use crate::metered::{Metered, RECORD_BYTES_MAX};
use crate::record::{Notes, Record, Refused};

/// Gives the record of each line in order; blank lines are none.
pub(crate) struct JsonlReader {
    name: String,
    text: Metered,
    line: Vec<u8>,
    notes: Notes,
}

/// How a line ended.
#[derive(PartialEq, Eq)]
enum Read {
    /// Its bytes are in the buffer.
    Whole,
    /// It was longer than a record may be, and was passed over.
    TooLong,
    /// There is no further line.
    End,
}

impl JsonlReader {
    pub(crate) fn new(name: &str, text: Metered) -> Self {
        Self {
            name: name.to_owned(),
            text,
            line: Vec::new(),
            notes: Notes::default(),
        }
    }

    pub(crate) fn notes(&self) -> &Notes {
        &self.notes
    }

    pub(crate) fn next_record(&mut self) -> Result<Option<Record>, FormatError> {
        loop {
            let number = self.text.line();
            let read = self.read_line().map_err(|source| {
                let (line, byte) = (self.text.line(), self.text.position());
                FormatError::from_read(
                    format!("{}: line {line}, byte {byte} of the text", self.name),
                    source,
                )
            })?;
            let record = match read {
                Read::End => return Ok(None),
                Read::TooLong => {
                    let reason = format!(
                        "the line has more than {RECORD_BYTES_MAX} bytes: leave the record out or shorten it"
                    );
                    Err((String::new(), reason))
                }
                Read::Whole => {
                    let text = without_mark(&self.line, number).trim_ascii();
                    if text.is_empty() {
                        continue;
                    }
                    parse(text)
                }
            };
            return Ok(Some(record.unwrap_or_else(|(record_id, reason)| {
                let location = format!("{}: line {number}", self.name);
                Record::Refused(Refused {
                    record_id,
                    location,
                    reason,
                })
            })));
        }
    }

    fn read_line(&mut self) -> io::Result<Read> {
        self.line.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let available = match self.text.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() && !any {
                return Ok(Read::End);
            }
            any = true;
            let newline = memchr::memchr(b'\n', available);
            let piece = &available[..newline.unwrap_or(available.len())];
            too_long |= (self.line.len() + piece.len()) as u64 > RECORD_BYTES_MAX;
            if !too_long {
                self.line.extend_from_slice(piece);
            }
            let ends = newline.is_some() || available.is_empty();
            let length = piece.len() + usize::from(newline.is_some());
            self.text.consume(length);
            if ends {
                return Ok(if too_long { Read::TooLong } else { Read::Whole });
            }
        }
    }
}

/// The line without a byte order mark, which some programs write at the start of a file.
fn without_mark(line: &[u8], number: u64) -> &[u8] {
    line.strip_prefix(b"\xef\xbb\xbf")
        .filter(|_| number == 1)
        .unwrap_or(line)
}

/// The record of a line, or its id as far as known and why it is refused.
fn parse(text: &[u8]) -> Result<Record, (String, String)> {
    // An array would be taken as the members in order.
    if !text.starts_with(b"{") {
        return Err((
            String::new(),
            "the line is no JSON object: each line must be one".to_owned(),
        ));
    }
    let mut json = serde_json::Deserializer::from_slice(text);
    let line: Line = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let (member, reason) = (error.path().to_string(), json_reason(error.inner()));
        // The path of a syntax error, or of the whole line, says nothing.
        let named = error.inner().is_data() && member != ".";
        (
            String::new(),
            if named {
                format!("{member}: {reason}")
            } else {
                reason
            },
        )
    })?;
    json.end()
        .map_err(|error| (line.record_id(), json_reason(&error)))?;
    let record_id = line.record_id();
    line.into_record().map_err(|reason| (record_id, reason))
}

/// The parser's words with the column alone: the line is that of the file.
fn json_reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let words = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(words, _)| words);
    if error.is_data() {
        return format!("{words} (column {})", error.column());
    }
    format!(
        "{words} (column {}): each line must be one JSON object",
        error.column()
    )
}
