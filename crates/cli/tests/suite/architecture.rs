//! The rooms of the house and who may use whom: every manifest against the table of `ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::support::repository;

/// For each room, the rooms that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The table `| path | what lives there | may use |`, its rows with a folder of ours.
fn allowed() -> Uses {
    let text = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line
            .trim()
            .strip_prefix('|')?
            .strip_suffix('|')?
            .split('|')
            .map(str::trim)
            .collect();
        let path = cells.first()?.strip_prefix('`')?.strip_suffix('`')?;
        let room = path
            .strip_prefix("crates/")
            .or_else(|| path.strip_prefix("services/"))?;
        let uses = cells
            .last()?
            .split(',')
            .map(|name| name.trim().to_owned())
            .filter(|name| name != "–");
        Some((room.to_owned(), uses.collect()))
    });
    rows.collect()
}

/// What every manifest says; dependencies for tests alone are free.
fn actual() -> Uses {
    let mut uses = Uses::new();
    for floor in ["crates", "services"] {
        for room in fs::read_dir(repository().join(floor)).unwrap() {
            let room = room.unwrap();
            let Ok(manifest) = fs::read_to_string(room.path().join("Cargo.toml")) else {
                continue;
            };
            uses.insert(room.file_name().into_string().unwrap(), dependencies(&manifest));
        }
    }
    uses
}

fn dependencies(manifest: &str) -> BTreeSet<String> {
    let mut section = "";
    let mut found = BTreeSet::new();
    for line in manifest.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if let Some(rest) = line
            .strip_prefix("whence-")
            .filter(|_| is_used_in_the_product(section))
        {
            found.insert(rest.split(['.', ' ', '=']).next().unwrap().to_owned());
        }
    }
    found
}

fn is_used_in_the_product(section: &str) -> bool {
    section.ends_with("dependencies]") && !section.ends_with("dev-dependencies]")
}

#[test]
fn every_manifest_uses_what_the_architecture_allows() {
    let (allowed, actual) = (allowed(), actual());
    assert_eq!(
        allowed.keys().collect::<Vec<_>>(),
        actual.keys().collect::<Vec<_>>(),
        "the table of ARCHITECTURE.md has one row for each crate and service"
    );
    for (room, uses) in &actual {
        let beyond: Vec<_> = uses.difference(&allowed[room]).collect();
        assert!(
            beyond.is_empty(),
            "{room} uses {beyond:?}: mend its Cargo.toml, or discuss the architecture"
        );
    }
}

#[test]
fn arrows_point_one_way() {
    let uses = allowed();
    let mut free: BTreeSet<&String> = BTreeSet::new();
    while free.len() < uses.len() {
        let next: Vec<_> = uses
            .iter()
            .filter(|(room, uses)| !free.contains(room) && uses.iter().all(|used| free.contains(used)))
            .map(|(room, _)| room)
            .collect();
        assert!(
            !next.is_empty(),
            "a circle, or a room that is not in the table, beyond {free:?}"
        );
        free.extend(next);
    }
}
