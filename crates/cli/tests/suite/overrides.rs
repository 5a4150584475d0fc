//! `whence override` against a whole stack: at once, after a restart, gone again, and as a file.

use std::fs;

use serde_json::{Value, json};

use crate::support::{Done, Stack, folder, path, write};

const OXFORD: &str = "https://ror.org/052gg0110";
const ETH: &str = "https://ror.org/05a28rw58";
const ADDRESS: &str = "Dept. of Physics, University of Oxford, Oxford OX1 3PU, UK";

const BY: [&str; 4] = ["--curator", "ann", "--reason", "a test"];

fn resolved(stack: &Stack, address: &str) -> Vec<String> {
    let line = &stack.run(["resolve", address, "--json"]).succeeded().lines()[0];
    let institutions = line["institutions"].as_array().unwrap();
    institutions
        .iter()
        .map(|found| found["ror_id"].as_str().unwrap().to_owned())
        .collect()
}

fn overriding(stack: &Stack, arguments: &[&str]) -> Done {
    stack.run([&["override"], arguments].concat())
}

fn create(stack: &Stack, arguments: &[&str]) -> Value {
    let arguments = [&["create"], arguments, &BY, &["--json"]].concat();
    overriding(stack, &arguments).succeeded().json()
}

fn list(stack: &Stack, arguments: &[&str]) -> Vec<Value> {
    let listed = overriding(stack, &[&["list", "--json"], arguments].concat());
    listed.succeeded().json().as_array().unwrap().clone()
}

#[test]
fn an_override_acts_at_once_survives_a_restart_and_goes_again() {
    let folder = folder();
    let stack = Stack::up(&folder);
    assert_eq!(resolved(&stack, ADDRESS), [OXFORD]);
    let shouted = ADDRESS.to_uppercase().replace(',', " ");
    let created = create(&stack, &["--address", &shouted, "--ror", ETH]);
    assert_eq!(
        (&created["override_id"], &created["ror_ids"], &created["curator"]),
        (&json!("1"), &json!([ETH]), &json!("ann"))
    );
    assert_eq!(resolved(&stack, ADDRESS), [ETH]);
    create(
        &stack,
        &["--name", "Univ. of Oxford", "--country", "GB", "--none"],
    );
    assert_eq!(resolved(&stack, "University of Oxford, Oxford, UK"), [""; 0]);
    assert_eq!(stack.stop().0, Some(0));

    let stack = Stack::up(&folder);
    assert_eq!(resolved(&stack, ADDRESS), [ETH], "the longer decision goes first");
    for id in ["1", "2"] {
        overriding(&stack, &[&["delete", id], &BY[..]].concat()).succeeded();
    }
    assert_eq!(resolved(&stack, ADDRESS), [OXFORD]);
    assert_eq!(list(&stack, &[]), [Value::Null; 0]);
    let history = list(&stack, &["--deleted"]);
    assert_eq!(
        (history.len(), &history[1]["deleted"]["revision"]),
        (2, &json!(4))
    );
    let shown = overriding(&stack, &["show", "1"]).succeeded().out;
    assert!(
        shown.contains("ETH Zurich") && shown.contains("deleted") && shown.contains("by ann"),
        "{shown}"
    );
}

#[test]
fn an_import_resolves_with_the_overrides_and_stored_articles_keep_what_was_decided() {
    let folder = folder();
    let stack = Stack::up(&folder);
    create(&stack, &["--name", "University of Oxford", "--ror", ETH]);
    stack.import_sample();
    let index = stack.index();
    assert_eq!(index["resolved_with"][0]["override_revision"], 1);
    let stored = || {
        let exported = stack.run(["export", "resolutions", "--output", "-"]).succeeded();
        let of_oxford = |row: &Value| {
            row["affiliation"]
                .as_str()
                .unwrap()
                .contains("University of Oxford")
        };
        let rows: Vec<_> = exported.lines().into_iter().filter(of_oxford).collect();
        assert!(!rows.is_empty());
        rows
    };
    let before = stored();
    assert!(before.iter().any(|row| row["ror_id"] == ETH));
    assert!(before.iter().all(|row| row["ror_id"] != OXFORD));
    overriding(&stack, &[&["delete", "1"], &BY[..]].concat()).succeeded();
    assert_eq!(stored(), before);
    assert_eq!(stack.index()["checksum"], index["checksum"]);
    let created = create(&stack, &["--name", "University of Oxford", "--none"]);
    let touched = &created["touched"];
    assert!(touched["articles"].as_i64().unwrap() > 0, "{touched}");
    assert_eq!(
        (&touched["read_articles"], &touched["complete"]),
        (&index["articles"], &json!(true))
    );
}

#[test]
fn what_is_exported_is_imported_once() {
    let (one, other) = (folder(), folder());
    let stack = Stack::up(&one);
    create(&stack, &["--address", ADDRESS, "--ror", ETH, "--ror", OXFORD]);
    create(&stack, &["--address", "a mistake", "--none"]);
    create(
        &stack,
        &["--name", "Paris Institute", "--locality", "2988507", "--none"],
    );
    overriding(&stack, &[&["delete", "2"], &BY[..]].concat()).succeeded();
    let file = path(&one, "overrides.jsonl");
    let done = overriding(&stack, &["export", "--deleted", "--output", &file]).succeeded();
    assert!(done.err.contains("wrote 3 overrides"), "{done:?}");
    let again = overriding(&stack, &["import", &file, "--json"])
        .succeeded()
        .json();
    assert_eq!(
        again,
        json!({"read": 3, "created": 0, "unchanged": 2, "deleted": 1, "refused": 0})
    );

    let fresh = Stack::up(&other);
    let imported = overriding(&fresh, &["import", &file, "--json"])
        .succeeded()
        .json();
    assert_eq!(
        (&imported["created"], &imported["deleted"]),
        (&json!(2), &json!(1))
    );
    let again = overriding(&fresh, &["import", &file, "--json"])
        .succeeded()
        .json();
    assert_eq!((&again["created"], &again["unchanged"]), (&json!(0), &json!(2)));
    let decided = |stack: &Stack| -> Vec<Value> {
        let told = |entry: &Value| {
            json!([
                entry["address"],
                entry["name"],
                entry["geonames_id"],
                entry["ror_ids"],
                entry["curator"]
            ])
        };
        list(stack, &[]).iter().map(told).collect()
    };
    assert_eq!(decided(&fresh), decided(&stack));
    assert_eq!(resolved(&fresh, ADDRESS), [ETH, OXFORD]);
    let printed = overriding(&fresh, &["export", "--output", "-"]).succeeded();
    assert_eq!(printed.lines().len(), 2);
    assert!(fs::read_to_string(&file).unwrap().ends_with("}\n"));
}

#[test]
fn bad_lines_are_told_with_their_numbers_and_the_others_imported() {
    let folder = folder();
    let stack = Stack::up(&folder);
    let lines = [
        json!({"address": "a shed", "ror_ids": []}).to_string(),
        String::new(),
        "{\"address\": ".to_owned(),
        json!({"address": "b", "ror_ids": ["https://ror.org/05qbk4x58"]}).to_string(),
        json!({"address": "A SHED!", "ror_ids": [OXFORD]}).to_string(),
        json!({"adress": "c", "ror_ids": []}).to_string(),
        json!({"name": "of the", "ror_ids": []}).to_string(),
        json!({"address": "d", "ror_ids": [], "curator": "bob", "reason": "why"}).to_string(),
    ];
    let file = write(&folder, "in.jsonl", lines.join("\n"));
    let arguments = [&["import", &file], &BY[..]].concat();
    let done = overriding(&stack, &arguments).failed(
        1,
        &[
            "in.jsonl: line 3:",
            "line 4: ror_ids[0]",
            "line 5: override 1 stands",
            "line 6: unknown field `adress`",
            "line 7: pattern.name",
            "5 lines were refused",
        ],
    );
    assert!(done.out.contains("7 overrides read: 2 created"), "{}", done.out);
    let curators: Vec<_> = list(&stack, &[]).iter().map(|it| it["curator"].clone()).collect();
    assert_eq!(curators, [json!("ann"), json!("bob")]);

    let none = ["create", "--address", "x", "--reason", "y", "--none"];
    overriding(&stack, &none).failed(2, &["--curator"]);
    overriding(&stack, &[&["create", "--address", "x"], &BY[..]].concat()).failed(2, &["--none"]);
    overriding(
        &stack,
        &[&["create", "--address", "x", "--ror", "y"], &BY[..]].concat(),
    )
    .failed(2, &["ror_ids[0]", "INVALID_REQUEST"]);
    overriding(&stack, &["show", "77"]).failed(1, &["there is no override 77"]);
}
