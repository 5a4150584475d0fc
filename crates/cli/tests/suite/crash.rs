//! Stops and crashes: what was acknowledged is there afterwards, to the last unit.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Stack, folder, sample, sample_lines, wait_for};

fn undisturbed() -> Value {
    let folder = folder();
    let stack = Stack::up(&folder);
    stack.import_sample();
    let mut index = stack.index();
    // The revision counts changes, and a disturbed import has made more of them.
    index["revision"] = Value::Null;
    index
}

/// Begins an import of the sample that waits in its middle until some of it is stored, then disturbs the
/// stack, starts another on the same data and imports again.
fn disturbed(disturb: impl FnOnce(Stack)) -> Value {
    let folder = folder();
    let stack = Stack::up(&folder);
    let import = ["import", "--format", "jsonl", "--import-id", "sample", "-"];
    let mut command = stack.command(import);
    let mut importing = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = importing.stdin.take().unwrap();
    stdin
        .write_all(sample_lines()[..700].concat().as_bytes())
        .unwrap();
    stdin.flush().unwrap();
    let stored = wait_for("some articles", || {
        stack.index()["articles"].as_i64().filter(|count| *count > 0)
    });
    disturb(stack);
    importing.kill().unwrap();
    importing.wait().unwrap();

    let stack = Stack::up(&folder);
    let after = stack.index()["articles"].as_i64().unwrap();
    assert!(
        after >= stored,
        "{stored} articles were seen before, {after} after"
    );
    assert!(after < 1_500);
    let path = sample().display().to_string();
    let accounting = stack
        .run(["import", "--json", "--import-id", "sample", &path])
        .succeeded()
        .json();
    assert_eq!(
        (&accounting["read"], &accounting["recorded"]),
        (&1_500.into(), &1_500.into())
    );
    let mut index = stack.index();
    index["revision"] = Value::Null;
    index
}

#[test]
fn a_kill_in_the_middle_of_an_import_costs_nothing() {
    assert_eq!(disturbed(Stack::kill), undisturbed());
}

#[test]
fn a_stop_in_the_middle_of_an_import_costs_nothing() {
    let stop = |stack: Stack| {
        let ready_file = stack.ready_file.clone();
        let (code, log) = stack.stop();
        assert_eq!(code, Some(0), "{log}");
        assert!(
            !fs::exists(ready_file).unwrap(),
            "nobody may take the stack for ready"
        );
    };
    assert_eq!(disturbed(stop), undisturbed());
}
