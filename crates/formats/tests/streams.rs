//! Compressed, damaged and arbitrary streams: what was good is given, the damage is named, nothing panics.

#![expect(clippy::unwrap_used, reason = "a failure to set up is a failure of the test")]

use std::io::{Cursor, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use whence_formats::{Format, FormatError, Record, RecordReader, open};
use whence_model::ErrorKind;

const REAL: &[u8] = include_bytes!("data/pubmed-33914111.xml");
const LINE: &[u8] = include_bytes!("data/pubmed-33914111.jsonl");

fn read(name: &str, bytes: Vec<u8>, format: Option<Format>) -> (usize, Option<FormatError>) {
    let reader = match RecordReader::from_read(name, Box::new(Cursor::new(bytes)), format) {
        Ok(reader) => reader,
        Err(error) => return (0, Some(error)),
    };
    let mut given = 0;
    for record in reader {
        match record {
            Ok(_) => given += 1,
            Err(error) => return (given, Some(error)),
        }
    }
    (given, None)
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Lines that compress badly, so that a cut stream still has whole ones before the cut.
fn lines(count: usize) -> Vec<u8> {
    let line = |number: usize| {
        format!(
            "{{\"source_id\":\"{number}\",\"title\":\"{:x}\"}}\n",
            number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
        )
    };
    (0..count).map(line).collect::<String>().into_bytes()
}

#[test]
fn every_compression_reads_as_the_plain_text() {
    let zstd = zstd::encode_all(LINE, 3).unwrap();
    let twice = [gzip(LINE), gzip(LINE)].concat();
    for (name, bytes, records) in [
        ("a.xml", REAL.to_vec(), 3),
        ("a.xml.gz", gzip(REAL), 3),
        ("-", gzip(REAL), 3),
        ("-", REAL.to_vec(), 3),
        ("a.jsonl", LINE.to_vec(), 1),
        ("a.jsonl.gz", twice, 2),
        ("a.jsonl.zst", zstd.clone(), 1),
        ("-", zstd, 1),
        ("a.jsonl", Vec::new(), 0),
    ] {
        let (given, error) = read(name, bytes, None);
        assert!(error.is_none(), "{name}: {error:?}");
        assert_eq!(given, records, "{name}");
    }
}

#[test]
fn a_cut_stream_gives_its_good_records_and_then_says_where() {
    let text = lines(20_000);
    for (name, whole) in [
        ("a.jsonl.gz", gzip(&text)),
        ("a.jsonl.zst", zstd::encode_all(&text[..], 3).unwrap()),
    ] {
        let (given, error) = read(name, whole[..whole.len() / 2].to_vec(), None);
        assert!((1..20_000).contains(&given), "{name}: {given}");
        let Some(error @ FormatError::Damaged { .. }) = error else {
            panic!("{name}: {error:?}")
        };
        assert_eq!(error.kind(), ErrorKind::DataLoss);
        let words = error.to_string();
        assert!(
            words.starts_with(&format!("{name}: line ")) && words.contains("cut short"),
            "{words}"
        );
    }
    let whole = gzip(REAL);
    let (_, error) = read("a.xml.gz", whole[..whole.len() - 9].to_vec(), None);
    assert!(matches!(error, Some(FormatError::Damaged { .. })), "{error:?}");
}

#[test]
fn a_flipped_byte_inside_a_compression_is_damage() {
    let mut whole = gzip(&lines(20_000));
    let end = whole.len() - 5;
    whole[end] ^= 1;
    let (given, error) = read("a.jsonl.gz", whole, None);
    assert!(
        given > 0 && matches!(error, Some(FormatError::Damaged { .. })),
        "{given} {error:?}"
    );
}

#[test]
fn an_input_that_is_not_what_it_says_is_named() {
    for (name, bytes, words) in [
        ("a.txt", b"PMID- 1".to_vec(), "cannot tell the format of a.txt"),
        ("-", Vec::new(), "cannot tell the format of -"),
        (
            "a.xml.gz",
            Vec::new(),
            "a.xml.gz is named as gzip but is not compressed so",
        ),
        (
            "a.jsonl.zst",
            LINE.to_vec(),
            "a.jsonl.zst is named as zstd but is not compressed so",
        ),
    ] {
        let (_, error) = read(name, bytes, None);
        let error = error.unwrap();
        assert!(error.to_string().starts_with(words), "{error}");
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
    }
    let error = open(Path::new("no-such.jsonl"), None).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.to_string().starts_with("cannot open no-such.jsonl: "));
    assert!(
        open(Path::new("tests"), Some(Format::Jsonl)).is_err(),
        "a directory"
    );
}

#[test]
fn a_file_opens_by_its_path_and_counts_its_bytes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/pubmed-33914111.xml");
    let mut reader = open(&path, None).unwrap();
    assert_eq!(reader.format(), Format::Pubmed);
    assert!(matches!(reader.next(), Some(Ok(Record::Article(_)))));
    assert_eq!(reader.by_ref().count(), 2);
    assert_eq!(reader.bytes_read(), REAL.len() as u64);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for format in [Some(Format::Pubmed), Some(Format::Jsonl), None] {
            read("-", bytes.clone(), format);
        }
    }

    #[test]
    fn no_change_of_a_real_record_makes_a_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), any::<bool>()), 1..8),
        compressed in any::<bool>(),
    ) {
        for (text, format) in [(REAL, Format::Pubmed), (LINE, Format::Jsonl)] {
            let mut bytes = if compressed { gzip(text) } else { text.to_vec() };
            for (index, byte, remove) in &changes {
                let index = index.index(bytes.len());
                if *remove { bytes.truncate(index.max(1)); } else { bytes[index] = *byte; }
            }
            read("-", bytes, Some(format));
        }
    }
}
