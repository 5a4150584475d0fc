//! No bytes make the JSONL reader panic, and an article that it reads is written and read as itself.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use whence_formats::{Format, Record, RecordReader, write_article};

fuzz_target!(|bytes: &[u8]| {
    for record in read(bytes.to_vec()) {
        if let Record::Article(article) = &record {
            let mut line = Vec::new();
            write_article(&mut line, article).expect("a vector takes every byte");
            assert_eq!(read(line), [record]);
        }
    }
});

fn read(bytes: Vec<u8>) -> Vec<Record> {
    let reader = RecordReader::from_read("fuzz", Box::new(Cursor::new(bytes)), Some(Format::Jsonl));
    reader.into_iter().flatten().filter_map(Result::ok).collect()
}
