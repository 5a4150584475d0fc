//! kill -9 in the middle of an import: what was acknowledged is there, and importing again gives the
//! same store as an undisturbed import.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use support::{decision, no_institution, record, versions};
use whence_model::RequestId;
use whence_store::{EntryContent, ImportEntry, ImportId, Store, StoreOptions, StoredArticle};

const DIRECTORY: &str = "WHENCE_STORE_CRASH_DIRECTORY";
const RECORDS: u64 = 2_000;
const BATCH: usize = 7;

/// Every fifth record corrects, merges or deletes an earlier one.
fn entry(sequence: u64) -> ImportEntry {
    let earlier = u32::try_from(sequence / 2 + 1).unwrap();
    let own = u32::try_from(sequence).unwrap();
    let article = match sequence % 15 {
        4 => record("pubmed", &earlier.to_string())
            .pmid(earlier)
            .version(2)
            .title("corrected"),
        9 => record("crossref", "").doi(&format!("10.1/{own}")).pmid(earlier),
        _ => record("pubmed", &own.to_string())
            .pmid(own)
            .title(&"some title ".repeat(20)),
    };
    let content = EntryContent::Article(Box::new(article.build()));
    let key = article.build().article().record_key();
    match key {
        Some(key) if sequence % 15 == 14 => ImportEntry {
            sequence,
            content: EntryContent::Deleted(key),
        },
        _ => ImportEntry { sequence, content },
    }
}

/// Imports from where the store stands, telling each acknowledgement.
fn import(dir: &Path, mut acknowledge: impl FnMut(u64)) -> Store {
    let store = Store::open(dir, &StoreOptions::default()).unwrap().0;
    let id = ImportId::parse("crash").unwrap();
    let mut done = store.open_import(&id, &versions("v1")).unwrap().flushed_through;
    while done < RECORDS {
        let entries = (done + 1..=RECORDS).take(BATCH).map(entry).collect();
        done = store.record(&id, entries).unwrap().state.flushed_through;
        curate(&store, done);
        acknowledge(done);
    }
    store
}

/// Every acknowledged step has an override, every third of which is deleted again. What an earlier
/// process has done is found by its request.
fn curate(store: &Store, step: u64) {
    let request = RequestId::parse(&step.to_string()).unwrap();
    let new = no_institution(&format!("Institute {step}"));
    let created = store.create_override(new, Some(&request)).unwrap();
    if step.is_multiple_of(3) {
        store.delete_override(created.id, decision("mistaken")).unwrap();
    }
}

/// Whether the override of an acknowledged step is as it was left.
fn is_curated(store: &Store, step: u64) -> bool {
    let request = RequestId::parse(&step.to_string()).unwrap();
    let new = no_institution(&format!("Institute {step}"));
    let created = store.requested_override(&request, &new).unwrap();
    created.is_some_and(|created| created.stands() != step.is_multiple_of(3))
}

/// Not a test of its own: the process that is killed.
#[test]
fn child() {
    if let Some(dir) = env::var_os(DIRECTORY) {
        import(Path::new(&dir), |done| println!("acknowledged {done}"));
    }
}

/// Starts the child, kills it after so many acknowledgements; gives the last one that it told.
fn kill_after(dir: &Path, acknowledgements: usize) -> u64 {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(DIRECTORY, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    // The harness may print before the first acknowledgement on the same line.
    let mut told = lines.filter_map(|line| line.split_once("acknowledged ")?.1.parse::<u64>().ok());
    let mut last = told.by_ref().take(acknowledgements).last().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    // What was in the pipe when it died was acknowledged, too.
    last = told.last().unwrap_or(last);
    last
}

fn content(store: &Store) -> Vec<StoredArticle> {
    store.articles_after(None, usize::MAX).unwrap()
}

#[test]
fn what_was_acknowledged_survives_kill_9_and_the_rest_can_be_sent_again() {
    let undisturbed = tempfile::tempdir().unwrap();
    let expected = import(undisturbed.path(), |_| ());
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for acknowledgements in [1, 13, 40, 3, 70, 2] {
        acknowledged = kill_after(dir.path(), acknowledgements);
        let (store, report) = Store::open(dir.path(), &StoreOptions::default()).unwrap();
        let state = store.import(&ImportId::parse("crash").unwrap()).unwrap().unwrap();
        assert!(
            state.flushed_through >= acknowledged,
            "{acknowledged}: {state:?}, {report:?}"
        );
        assert!(report.verified && is_curated(&store, acknowledged));
    }
    assert!(acknowledged < RECORDS, "the last kill came in the middle");
    let again = import(dir.path(), |_| ());
    assert_eq!(content(&again), content(&expected));
    let id = ImportId::parse("crash").unwrap();
    assert_eq!(again.import(&id).unwrap(), expected.import(&id).unwrap());
}
