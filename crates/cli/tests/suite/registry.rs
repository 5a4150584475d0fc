//! Snapshots: built from dumps, looked into, resolved with, and refused when damaged.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;

use crate::support::{Done, Stack, folder, path, repository, run, sample_lines, wait_for, write};

/// Builds the snapshot of the small dumps that the registry's own tests use.
fn build(folder: &TempDir) -> String {
    let sources = repository().join("crates/registry/tests/sources");
    let ror = sources
        .join("v9.9-2024-05-01-ror-data_schema_v2.json")
        .display()
        .to_string();
    let geonames = sources.join("cities500.txt").display().to_string();
    let (out, findings) = (path(folder, "ror.snapshot"), path(folder, "findings"));
    let built = run([
        "registry",
        "build",
        "--ror",
        &ror,
        "--geonames",
        &geonames,
        "--out",
        &out,
        "--findings",
        &findings,
        "--json",
    ]);
    let built = built.succeeded().json();
    assert_eq!(built["version"], "v9.9-2024-05-01");
    let found: u64 = built["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["count"].as_u64().unwrap())
        .sum();
    assert_eq!(
        fs::read_to_string(findings).unwrap().lines().count() as u64,
        found
    );
    out
}

#[test]
fn a_snapshot_is_built_and_looked_into() {
    let folder = folder();
    let snapshot = build(&folder);
    let info = run(["registry", "info", &snapshot, "--json"]).succeeded().json();
    assert!(
        info["institutions"].as_u64().unwrap() > 0 && info["places"].as_u64().unwrap() > 0,
        "{info}"
    );
    let verified = run(["registry", "verify", "--registry", &snapshot])
        .succeeded()
        .out;
    assert!(verified.contains("is sound") && verified.contains(info["checksum"].as_str().unwrap()));

    let found = run([
        "registry",
        "search",
        "university",
        "--registry",
        &snapshot,
        "--json",
    ])
    .succeeded()
    .json();
    let first = &found[0];
    let id = first["ror_id"].as_str().unwrap();
    let shown = run(["registry", "show", id, "--registry", &snapshot, "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&shown["ror_id"], &shown["name"]),
        (&first["ror_id"], &first["name"])
    );
    let name = first["name"].as_str().unwrap();
    let resolved = run(["resolve", "--registry", &snapshot, name]).succeeded();
    assert_eq!(resolved.lines()[0]["affiliation"], name);
    assert!(!resolved.err.contains("starter"), "{resolved:?}");

    run([
        "registry",
        "show",
        "https://ror.org/000000000",
        "--registry",
        &snapshot,
    ])
    .failed(2, &["000000000"]);
    run([
        "registry",
        "show",
        "https://ror.org/05qbk4x57",
        "--registry",
        &snapshot,
    ])
    .failed(1, &["has no institution"]);
}

#[test]
fn a_stack_counts_by_its_snapshot() {
    let folder = folder();
    let snapshot = build(&folder);
    let stack = Stack::up_with(&folder, ["--registry", &snapshot]);
    assert_eq!(stack.index()["registry_version"], "v9.9-2024-05-01");
}

#[test]
fn a_flipped_byte_is_found_wherever_it_is() {
    let folder = folder();
    let snapshot = build(&folder);
    let whole = fs::read(&snapshot).unwrap();
    for at in [0, 40, whole.len() / 3, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        let damaged = write(&folder, "damaged.snapshot", damaged);
        run(["registry", "info", &damaged]).failed(1, &["damaged.snapshot", "registry build"]);
        run(["resolve", "--registry", &damaged, "CERN"]).failed(1, &["damaged.snapshot"]);
        let data = path(&folder, "data");
        run([
            "up",
            "--data-dir",
            &data,
            "--listen",
            "127.0.0.1:0",
            "--registry",
            &damaged,
        ])
        .failed(1, &["damaged.snapshot"]);
    }
    let cut = write(&folder, "cut.snapshot", &whole[..whole.len() - 100]);
    run(["registry", "verify", &cut]).failed(1, &["cut.snapshot"]);
}

#[test]
fn dumps_that_are_none_are_refused() {
    let folder = folder();
    let geonames = repository()
        .join("crates/registry/tests/sources/cities500.txt")
        .display()
        .to_string();
    let build = |ror: &str, geonames: &str| {
        run([
            "registry",
            "build",
            "--ror",
            ror,
            "--geonames",
            geonames,
            "--out",
            &path(&folder, "out"),
        ])
    };
    let schema_1 = r#"[{"id": "https://ror.org/05qbk4x57", "name": "X", "country": {"country_code": "CN"}, "addresses": []}]"#;
    build(&write(&folder, "old.json", schema_1), &geonames).failed(1, &["old.json", "schema", "2.x"]);
    build(&write(&folder, "cut.json", "[{\"id\": "), &geonames).failed(1, &["cut.json"]);
    build(&path(&folder, "none.zip"), &geonames).failed(1, &["none.zip", "No such file"]);
    assert!(!fs::exists(path(&folder, "out")).unwrap());
}

/// Replaces the file by the starter registry as of another version.
fn write_starter(snapshot: &Path, version: &str) {
    let (mut built, _) = whence_registry::starter().unwrap();
    version.clone_into(&mut built.version);
    whence_resolve::index::snapshot(&built)
        .unwrap()
        .write(snapshot)
        .unwrap();
}

#[test]
fn a_stack_whose_snapshot_is_replaced_answers_from_the_new_one_and_loses_no_address() {
    let folder = folder();
    let snapshot = folder.path().join("current.snapshot");
    write_starter(&snapshot, "one");
    let stack = Stack::up_with(&folder, ["--registry".as_ref(), snapshot.as_os_str()]);
    let addresses = write(&folder, "addresses", "University of Oxford, UK\n".repeat(20_000));
    let in_flight = stack
        .command(["resolve", "--input", &addresses])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    write_starter(&snapshot, "two");
    stack.wait_for_log("another registry answers");
    let done = Done::of(in_flight.wait_with_output().unwrap()).succeeded();
    let lines = done.lines();
    assert_eq!(lines.len(), 20_000);
    assert!(
        lines
            .iter()
            .all(|line| line["institutions"][0]["name"] == "University of Oxford")
    );
}

#[test]
fn an_import_goes_on_by_itself_where_the_registry_is_replaced_in_its_midst() {
    let folder = folder();
    let snapshot = folder.path().join("current.snapshot");
    write_starter(&snapshot, "one");
    let stack = Stack::up_with(&folder, ["--registry".as_ref(), snapshot.as_os_str()]);
    let records = sample_lines();
    let mut import = stack
        .command(["import", "--json", "--format", "jsonl", "--import-id", "one", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = import.stdin.take().unwrap();
    stdin.write_all(records[..700].concat().as_bytes()).unwrap();
    wait_for("articles", || {
        (stack.index()["articles"].as_u64()? > 0).then_some(())
    });
    write_starter(&snapshot, "two");
    stack.wait_for_log("another registry answers");
    stdin.write_all(records[700..].concat().as_bytes()).unwrap();
    drop(stdin);
    let done = Done::of(import.wait_with_output().unwrap()).succeeded().json();
    assert_eq!(done["read"], records.len());
    let versions: Vec<String> = stack.index()["resolved_with"]
        .as_array()
        .unwrap()
        .iter()
        .map(|versions| versions["registry_version"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(versions, ["one", "two"]);
}
