//! Reads the lines of any stream with bounded memory.
//!
//! Takes bytes, gives one [`Line`] for each line in order; a line that is too long or no UTF-8 is given as
//! what is wrong with it, and reading goes on behind it. Line ends are `\n` or `\r\n`; a byte order mark
//! at the start is no part of the first line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::error::CliError;

/// A line may have at most this many bytes: far more than an address, and a bound for the memory.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its text, or what is wrong with it.
    pub text: Result<String, String>,
}

/// The lines of a stream.
pub struct Lines {
    source: Box<dyn BufRead + Send>,
    number: usize,
}

/// Opens a file, or standard input for `-`.
pub fn open(path: &Path) -> Result<Lines, CliError> {
    if path.as_os_str() == "-" {
        return Ok(Lines::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(CliError::reading_file(path))?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(CliError::reading_file(path)(io::ErrorKind::IsADirectory.into()));
    }
    Ok(Lines::new(BufReader::with_capacity(1 << 16, file)))
}

impl Lines {
    /// Reads any stream.
    pub fn new(source: impl BufRead + Send + 'static) -> Self {
        Self {
            source: Box::new(source),
            number: 0,
        }
    }

    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let limit = LINE_BYTES_MAX as u64 + 1;
        if self.source.by_ref().take(limit).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let ended = bytes.last() == Some(&b'\n');
        if bytes.len() > LINE_BYTES_MAX && !ended {
            self.source.skip_until(b'\n')?;
            let text = Err(format!(
                "the line has more than {LINE_BYTES_MAX} bytes; is this a text file with one address a line?"
            ));
            return Ok(Some(Line {
                number: self.number,
                text,
            }));
        }
        Ok(Some(Line {
            number: self.number,
            text: self.text(&bytes),
        }))
    }

    fn text(&self, bytes: &[u8]) -> Result<String, String> {
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let text = str::from_utf8(bytes).map_err(|error| {
            format!(
                "the line is not UTF-8 from byte {} on; convert the file to UTF-8",
                error.valid_up_to()
            )
        })?;
        let text = if self.number == 1 {
            text.strip_prefix('\u{feff}').unwrap_or(text)
        } else {
            text
        };
        Ok(text.to_owned())
    }
}

impl Iterator for Lines {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<Result<String, String>> {
        let lines = Lines::new(io::Cursor::new(bytes.to_vec())).map(Result::unwrap);
        lines
            .enumerate()
            .map(|(index, line)| (line.number == index + 1).then_some(line.text).unwrap())
            .collect()
    }

    #[test]
    fn every_line_is_given_and_line_ends_are_not() {
        let ok = |text: &str| Ok(text.to_owned());
        assert_eq!(read("\u{feff}a\r\n\nb".as_bytes()), [ok("a"), ok(""), ok("b")]);
        assert_eq!(read(b"a\n"), [ok("a")]);
        assert!(read(b"").is_empty());
    }

    #[test]
    fn a_bad_line_does_not_stop_the_others() {
        let mut bytes = vec![b'x'; LINE_BYTES_MAX + 7];
        bytes.extend(b"\nok\n\xff\nok");
        let lines = read(&bytes);
        assert!(lines[0].as_ref().is_err_and(|text| text.contains("more than")));
        assert!(
            lines[2]
                .as_ref()
                .is_err_and(|text| text.contains("not UTF-8 from byte 0"))
        );
        assert_eq!((&lines[1], &lines[3]), (&Ok("ok".into()), &Ok("ok".into())));
    }
}
