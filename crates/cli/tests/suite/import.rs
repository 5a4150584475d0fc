//! Imports through the gateway: accounting, repetition, several inputs.

use std::ffi::OsStr;
use std::io::Write;
use std::process::Stdio;

use crate::support::{Done, Stack, folder, sample, sample_lines, write};

#[test]
fn every_record_is_accounted_for_and_a_repetition_changes_nothing() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let accounting = stack.import_sample();
    let count = |key: &str| accounting[key].as_i64().unwrap();
    let sum: i64 = ["recorded", "unchanged", "updated", "excluded", "rejected"]
        .into_iter()
        .map(count)
        .sum();
    assert_eq!(
        (count("read"), sum, count("recorded"), count("articles")),
        (1_500, 1_500, 1_500, 1_500)
    );
    assert!(
        count("affiliations_resolved") > count("affiliations") * 8 / 10,
        "{accounting}"
    );
    assert!(accounting["elapsed_seconds"].as_f64().unwrap() > 0.0);

    let index = stack.index();
    assert_eq!(index["articles"], 1_500);
    let mut again = stack.import_sample();
    again["elapsed_seconds"] = accounting["elapsed_seconds"].clone();
    assert_eq!(again, accounting, "the same command resumes a finished import");
    assert_eq!(stack.index()["checksum"], index["checksum"]);

    let renamed = stack.run([
        OsStr::new("import"),
        OsStr::new("--json"),
        OsStr::new("--import-id"),
        OsStr::new("other"),
        sample().as_os_str(),
    ]);
    let renamed = renamed.succeeded().json();
    assert_eq!(
        (&renamed["read"], &renamed["unchanged"]),
        (&1_500.into(), &1_500.into())
    );
    assert_eq!(stack.index()["checksum"], index["checksum"]);
}

#[test]
fn files_and_standard_input_in_any_cut_give_one_index() {
    let lines = sample_lines();
    let (first, second) = lines.split_at(100);
    let second = &second[..200];
    let one_folder = folder();
    let one = Stack::up(&one_folder);
    let a = write(&one_folder, "a.jsonl", first.concat());
    let b = write(&one_folder, "b.jsonl", second.concat());
    let accounting = one.run(["import", "--json", &a, &b]).succeeded().json();
    assert_eq!(accounting["read"], 300);

    let other_folder = folder();
    let other = Stack::up(&other_folder);
    let mut child = other
        .command(["import", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // The order of records is of no account either.
    stdin
        .write_all([second, first].concat().concat().as_bytes())
        .unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(Done::of(output).succeeded().json()["read"], 300);
    assert_eq!(one.index()["checksum"], other.index()["checksum"]);
}

#[test]
fn deletions_of_the_source_delete() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let lines = sample_lines();
    stack
        .run(["import", &write(&folder, "a.jsonl", lines[..2].concat())])
        .succeeded();
    let first: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    let delete = serde_json::json!({"delete": {"source": first["source"], "source_id": first["source_id"]}});
    let deletion = write(&folder, "b.jsonl", format!("{delete}\n"));
    let accounting = stack.run(["import", "--json", &deletion]).succeeded().json();
    assert_eq!(
        (&accounting["read"], &accounting["deleted"]),
        (&0.into(), &1.into())
    );
    assert_eq!(stack.index()["articles"], 1);
}
