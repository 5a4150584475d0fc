//! Inputs and states that cannot be worked with: each has an error that says what, where and how to mend it.

use std::fs;
use std::io::Write;
use std::net::TcpListener;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::{Stack, folder, path, repository, run, sample_lines, write};

#[test]
fn a_truncated_file_is_imported_up_to_where_it_breaks_off() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder
        .write_all(sample_lines()[..400].concat().as_bytes())
        .unwrap();
    let whole = encoder.finish().unwrap();
    let cut = write(&folder, "cut.jsonl.gz", &whole[..whole.len() / 2]);
    let done = stack
        .run(["import", "--json", &cut])
        .failed(1, &["cut.jsonl.gz", "cut short or damaged"]);
    let read = done.json()["read"].as_i64().unwrap();
    assert!((50..400).contains(&read), "{read}");
    assert_eq!(stack.index()["articles"], read);
    assert!(
        done.err
            .contains(&format!("the {read} records before it are imported")),
        "{}",
        done.err
    );
}

#[test]
fn malformed_xml_is_imported_up_to_the_fault() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let xml = fs::read_to_string(repository().join("crates/formats/tests/data/pubmed-33914111.xml")).unwrap();
    let (articles, _) = xml.split_once("<DeleteCitation>").unwrap();
    let file = write(
        &folder,
        "bad.xml",
        format!("{articles}<PubmedArticle><PMID>7</Wrong>"),
    );
    let done = stack
        .run(["import", "--json", &file])
        .failed(1, &["bad.xml", "records before it are imported"]);
    assert_eq!(done.json()["recorded"], 1);
}

#[test]
fn records_that_are_none_are_rejected_and_the_others_imported() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let good = &sample_lines()[0];
    let lines = format!("{{\"title\": \"no id\"}}\n{good}{{\"pmid\": 7, \"unknown\": 1}}\nnot json\n");
    let file = write(&folder, "mixed.jsonl", lines);
    let done = stack.run(["import", "--json", &file]).failed(1, &["rejected"]);
    let accounting = done.json();
    assert_eq!(
        (
            &accounting["read"],
            &accounting["recorded"],
            &accounting["rejected"]
        ),
        (&4.into(), &1.into(), &3.into())
    );
    for line in ["line 1", "line 3", "line 4"] {
        assert!(done.err.contains(line), "no {line} in {}", done.err);
    }
    let people = stack
        .run(["import", &file])
        .failed(1, &["3 records were rejected"]);
    assert!(
        people.out.contains("rejected") && people.out.contains("mixed.jsonl"),
        "{}",
        people.out
    );
}

#[test]
fn files_are_looked_at_before_anything_is_sent() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let good = write(&folder, "a.jsonl", sample_lines()[..2].concat());
    stack
        .run(["import", &good, &path(&folder, "none.jsonl")])
        .failed(1, &["none.jsonl", "No such file"]);
    stack
        .run(["import", &good, &write(&folder, "b.txt", "what is this?")])
        .failed(1, &["b.txt", "format"]);
    stack
        .run(["import", &good, &write(&folder, "c.jsonl.gz", "plain")])
        .failed(1, &["c.jsonl.gz", "gzip"]);
    stack
        .run(["import", "--format", "bibtex", &good])
        .failed(2, &["bibtex", "pubmed"]);
    stack
        .run(["import", "--import-id", "a b", &good])
        .failed(2, &["a b"]);
    assert_eq!(stack.index()["articles"], 0);
}

#[test]
fn another_input_under_the_same_name_is_refused() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let lines = sample_lines();
    let import = |name: &str, lines: &[String]| {
        stack.run([
            "import",
            "--import-id",
            "x",
            &write(&folder, name, lines.concat()),
        ])
    };
    import("a.jsonl", &lines[..5]).succeeded();
    import("b.jsonl", &lines[..2]).failed(1, &["another input has the same import id"]);
}

#[test]
fn a_port_in_use_and_a_store_in_use_are_said() {
    let folder = folder();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let other = path(&folder, "other");
    run(["up", "--data-dir", &other, "--listen", &address]).failed(1, &[&address, "already in use"]);
    assert!(
        !fs::exists(&other).unwrap(),
        "nothing is made before the port is had"
    );

    let _stack = Stack::up(&folder);
    let data = path(&folder, "data");
    run(["up", "--data-dir", &data, "--listen", "127.0.0.1:0"]).failed(1, &["open in another process"]);
}

#[test]
fn a_store_of_a_newer_schema_is_refused() {
    let folder = folder();
    assert_eq!(Stack::up(&folder).stop().0, Some(0));
    let witness = folder.path().join("data/store/witness");
    let line = fs::read_to_string(&witness).unwrap();
    let (magic, rest) = line.split_once(' ').unwrap();
    let (_, rest) = rest.split_once(' ').unwrap();
    fs::write(&witness, format!("{magic} 999 {rest}")).unwrap();
    let data = path(&folder, "data");
    run(["up", "--data-dir", &data, "--listen", "127.0.0.1:0"])
        .failed(1, &["newer whence", "999", "upgrade"]);
}

#[test]
fn no_stack_at_all_is_said_with_how_to_start_one() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{free}");
    for command in ["index", "health"] {
        run([command, "--gateway", &url]).failed(1, &[&url]);
    }
    run(["rank", "cities", "--gateway", &url]).failed(1, &["whence up --data-dir", "WHENCE_GATEWAY"]);
    run(["index", "--gateway", "nonsense"]).failed(2, &["nonsense"]);
}
