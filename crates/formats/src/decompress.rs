//! Takes the bytes of an input, gives its text: undoes gzip and zstd, recognised by their first bytes.

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;

use crate::detect::Compression;
use crate::error::FormatError;

/// Any stream of bytes.
pub(crate) type Bytes = Box<dyn Read + Send>;

/// The uncompressed text of an input. A name that promises a compression which the bytes lack is an
/// error: an empty `.gz` is a failed download, not an empty list of articles.
pub(crate) fn decompress(name: &str, bytes: Bytes) -> Result<Bytes, FormatError> {
    let failed = |source| FormatError::from_read(name.to_owned(), source);
    let (start, bytes) = peek(bytes, 4).map_err(failed)?;
    let found = Compression::of_bytes(&start);
    match (found, Compression::of_name(name)) {
        (None, Some(promised)) => Err(FormatError::WrongCompression {
            name: name.to_owned(),
            expected: promised.name(),
        }),
        (None, None) => Ok(bytes),
        (Some(Compression::Gzip), _) => Ok(Box::new(MultiGzDecoder::new(bytes))),
        (Some(Compression::Zstd), _) => Ok(Box::new(zstd::Decoder::new(bytes).map_err(failed)?)),
    }
}

/// The first `length` bytes, or fewer at the end, and the whole stream again.
pub(crate) fn peek(mut bytes: Bytes, length: u64) -> io::Result<(Vec<u8>, Bytes)> {
    let mut start = Vec::new();
    bytes.by_ref().take(length).read_to_end(&mut start)?;
    let whole = Cursor::new(start.clone()).chain(bytes);
    Ok((start, Box::new(whole)))
}

/// Counts the bytes that pass, for a progress bar.
pub(crate) struct Counted {
    inner: Bytes,
    count: Arc<AtomicU64>,
}

impl Counted {
    pub(crate) fn new(inner: Bytes, count: Arc<AtomicU64>) -> Self {
        Self { inner, count }
    }
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.count.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
