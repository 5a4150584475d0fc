use std::io::{self, Cursor, Read};

use crate::{Record, RecordReader, Refused};

fn read(text: &str) -> Vec<Record> {
    read_bytes(Box::new(Cursor::new(text.to_owned())))
}

fn read_bytes(bytes: Box<dyn Read + Send>) -> Vec<Record> {
    RecordReader::from_read("t.jsonl", bytes, None)
        .unwrap()
        .map(Result::unwrap)
        .collect()
}

#[test]
fn every_member_is_read_and_written() {
    let line = "{\"doi\":\"10.1/ab\",\"pmid\":7,\"pmcid\":\"PMC7\",\"source\":\"mine\",\"source_id\":\"a-7\",\"version\":2,\
        \"revision_date\":\"2021-07-01\",\"journal\":{\"title\":\"Nature\",\"issns\":[\"0028-0836\"]},\"electronic_date\":\"2021-06-08\",\
        \"print_date\":\"2021-07\",\"types\":[\"Journal Article\"],\"retracted\":true,\"flags\":[\"letter\"],\"title\":\"On addresses\",\
        \"fields\":[{\"scheme\":\"mesh\",\"code\":\"D000818\",\"label\":\"Animals\"}],\"authors\":[{\"name\":\"Ada Lovelace\",\
        \"orcid\":\"0000-0002-1825-0097\",\"affiliations\":[\"Peking University, Beijing, China\"]},{\"name\":\"ATLAS\",\"kind\":\"consortium\"}]}\n";
    let records = read(line);
    let [Record::Article(article)] = records.as_slice() else {
        panic!("{records:?}")
    };
    let mut written = Vec::new();
    crate::write_article(&mut written, article).unwrap();
    assert_eq!(String::from_utf8(written).unwrap(), line);
}

#[test]
fn a_pmid_may_be_a_string_and_the_rest_has_defaults() {
    let records = read(
        "\u{feff}{\"pmid\":\"7\"}\r\n\n  \n{\"source_id\":\"x\",\"authors\":[{\"affiliations\":[\" A \",\" \"]}]}",
    );
    let [Record::Article(first), Record::Article(second)] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(first.id().unwrap().as_str(), "pmid:7");
    assert_eq!((first.source.to_string().as_str(), first.version), ("jsonl", 1));
    assert_eq!(second.id().unwrap().as_str(), "jsonl:x");
    assert_eq!(second.authors[0].affiliations, ["A"]);
}

#[test]
fn a_deletion_is_a_line_of_its_own() {
    let records = read("{\"delete\":{\"source\":\"mine\",\"source_id\":\"a-7\"}}\n");
    let [Record::Deleted(key)] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!(key.to_string(), "mine:a-7");
    let mut written = Vec::new();
    crate::write_deletion(&mut written, key).unwrap();
    assert_eq!(read(&String::from_utf8(written).unwrap()), records);
}

#[test]
fn a_bad_line_is_refused_with_its_member_and_reason() {
    for (line, id, reason) in [
        (
            "{}",
            "",
            "no identifier: give at least one of doi, pmid, pmcid and source_id",
        ),
        ("{\"doi\":\"x\",\"pmid\":7}", "x", "doi: \"x\" is not a DOI"),
        ("{\"pmid\":0}", "0", "pmid: \"0\" is not a PMID"),
        ("{\"pmid\":1.5}", "", "pmid: "),
        (
            "{\"pmid\":7,\"print_date\":\"2021-13\"}",
            "7",
            "print_date: \"2021-13\" is not a date",
        ),
        ("{\"pmid\":7,\"version\":0}", "7", "version: 0 is not a version"),
        (
            "{\"pmid\":7,\"journal\":{\"issns\":[\"0028-0836\",\"1\"]}}",
            "7",
            "journal.issns[1]: \"1\" is not an ISSN",
        ),
        (
            "{\"pmid\":7,\"flags\":[\"A b\"]}",
            "7",
            "flags[0]: \"A b\" is not a slug",
        ),
        (
            "{\"pmid\":7,\"authors\":[{},{\"orcid\":\"1\"}]}",
            "7",
            "authors[1].orcid: \"1\" is not an ORCID",
        ),
        (
            "{\"pmid\":7,\"authors\":[{\"affiliation\":\"x\"}]}",
            "",
            "authors[0].affiliation: unknown field `affiliation`, expected one of",
        ),
        (
            "{\"pmid\":7,\"authors\":[{\"affiliations\":\"x\"}]}",
            "",
            "authors[0].affiliations: invalid type: string",
        ),
        ("{\"pmid\":7,\"pmid\":8}", "", "duplicate field `pmid`"),
        (
            "{\"pmid\":7",
            "",
            "EOF while parsing an object (column 9): each line must be one JSON object",
        ),
        ("{\"pmid\":7} {", "7", "trailing characters"),
        ("[1]", "", "the line is no JSON object"),
        (
            "{\"delete\":{\"source\":\"mine\",\"source_id\":\"a\"},\"pmid\":7}",
            "7",
            "delete: stands beside other members",
        ),
        (
            "{\"delete\":{\"source\":\"Mine\",\"source_id\":\"a\"}}",
            "a",
            "delete.source: \"Mine\" is not a slug",
        ),
        (
            "{\"delete\":{\"source\":\"mine\",\"source_id\":\"\"}}",
            "",
            "delete.source_id: empty",
        ),
    ] {
        let records = read(&format!("\n{line}\n{{\"pmid\":9}}\n"));
        let [
            Record::Refused(Refused {
                record_id,
                location,
                reason: found,
            }),
            Record::Article(_),
        ] = records.as_slice()
        else {
            panic!("{line}: {records:?}")
        };
        assert_eq!(
            (record_id.as_str(), location.as_str()),
            (id, "t.jsonl: line 2"),
            "{line}"
        );
        assert!(found.starts_with(reason), "{line}: {found}");
    }
}

#[test]
fn bytes_that_are_not_text_are_refused_as_a_line() {
    let records = read_bytes(Box::new(Cursor::new(
        b"{\"title\":\"\xff\"}\n{\"pmid\":9}\n".to_vec(),
    )));
    assert!(
        matches!(records.as_slice(), [Record::Refused(_), Record::Article(_)]),
        "{records:?}"
    );
}

#[test]
fn a_line_longer_than_a_record_may_be_is_refused_and_passed_over() {
    let long = io::repeat(b'x')
        .take(crate::RECORD_BYTES_MAX + 1)
        .chain(Cursor::new("\n{\"pmid\":9}\n"));
    let records = read_bytes(Box::new(long));
    let [Record::Refused(refused), Record::Article(_)] = records.as_slice() else {
        panic!("{}", records.len())
    };
    assert!(
        refused
            .reason
            .starts_with("the line has more than 67108864 bytes"),
        "{}",
        refused.reason
    );
}
