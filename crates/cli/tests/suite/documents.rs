//! Documents: every path that they name is there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;

/// Folders at the top whose paths are named in documents.
const TOP: &[&str] = &[
    ".ci/",
    "crates/",
    "data/",
    "docs/",
    "examples/",
    "proto/",
    "services/",
    "tests/",
];

fn documents() -> Vec<PathBuf> {
    let mut documents = Vec::new();
    let mut folders = vec![repository()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() && name != "target" && name != ".git" && name != "node_modules" {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "md") {
                documents.push(path);
            }
        }
    }
    documents
}

/// The targets of links that stay inside the repository.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let inside = targets.filter(|target| !target.contains("://") && !target.starts_with(['#', '<']));
    inside.filter_map(|target| target.split('#').next()).collect()
}

/// Words in code that are paths from the top.
fn paths(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| c.is_whitespace() || "`\"'()<>,;|=".contains(c));
    let words = words.map(|word| word.trim_end_matches(['.', ':']));
    let plain = |word: &&str| !word.contains(['*', '{', '…', '$']);
    words
        .filter(|word| TOP.iter().any(|top| word.starts_with(top)))
        .filter(plain)
        .collect()
}

fn exists(document: &Path, path: &str) -> bool {
    let beside = document.parent().unwrap().join(path);
    beside.exists() || repository().join(path).exists()
}

#[test]
fn every_path_named_in_a_document_is_there() {
    let documents = documents();
    assert!(documents.iter().any(|document| document.ends_with("README.md")));
    let mut missing = Vec::new();
    for document in &documents {
        let text = fs::read_to_string(document).unwrap();
        let named = links(&text).into_iter().chain(paths(&text));
        missing.extend(
            named
                .filter(|path| !exists(document, path))
                .map(|path| format!("{}: {path}", document.display())),
        );
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn paths_are_found_in_text() {
    let text = "See [b](docs/b.md#x), [w](https://w.org) and `crates/model`, crates/*/src; run .ci/run.";
    assert_eq!(links(text), ["docs/b.md"]);
    assert_eq!(paths(text), ["docs/b.md#x", "crates/model", ".ci/run"]);
}
