//! No bytes make the PubMed reader panic, and after an error it gives nothing.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use whence_formats::{Format, RecordReader};

fuzz_target!(|bytes: &[u8]| {
    let bytes = Box::new(Cursor::new(bytes.to_vec()));
    let Ok(mut reader) = RecordReader::from_read("fuzz", bytes, Some(Format::Pubmed)) else {
        return;
    };
    let failed = reader.by_ref().any(|record| record.is_err());
    assert!(!failed || reader.next().is_none());
});
