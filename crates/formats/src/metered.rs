//! A buffered stream of text that knows its line and byte, and refuses to give more than a bound.

use std::io::{self, BufRead, BufReader, Read};

use crate::decompress::Bytes;

/// A record may have at most this many bytes of uncompressed text.
pub const RECORD_BYTES_MAX: u64 = 64 << 20;

/// The stream. A parser may ask for one record without end; the limit is what ends it.
pub(crate) struct Metered {
    inner: BufReader<Bytes>,
    position: u64,
    newlines: u64,
    limit: u64,
}

/// What a [`Metered`] stream answers at its limit.
#[derive(Debug, thiserror::Error)]
#[error("a record has more than {RECORD_BYTES_MAX} bytes")]
pub(crate) struct RecordTooLarge;

impl Metered {
    pub(crate) fn new(bytes: Bytes) -> Self {
        Self {
            inner: BufReader::with_capacity(1 << 16, bytes),
            position: 0,
            newlines: 0,
            limit: u64::MAX,
        }
    }

    /// Lets [`RECORD_BYTES_MAX`] more bytes pass.
    pub(crate) fn begin_record(&mut self) {
        self.limit = self.position + RECORD_BYTES_MAX;
    }

    /// Bytes of text consumed.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The line of the next byte, from 1.
    pub(crate) fn line(&self) -> u64 {
        self.newlines + 1
    }
}

impl BufRead for Metered {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let left = self.limit.saturating_sub(self.position);
        let available = self.inner.fill_buf()?;
        if left == 0 && !available.is_empty() {
            return Err(io::Error::other(RecordTooLarge));
        }
        let length = available.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        Ok(&available[..length])
    }

    fn consume(&mut self, length: usize) {
        let consumed = self.inner.buffer().get(..length).unwrap_or_default();
        self.newlines += memchr::memchr_iter(b'\n', consumed).count() as u64;
        self.position += length as u64;
        self.inner.consume(length);
    }
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}
