//! What an import may send, and what becomes of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::path::Path;

use support::{id, record, versions};
use whence_model::{ArticleId, ErrorKind, RecordKey, Slug};
use whence_store::{
    Accounting, EntryContent, ExcludedRecord, ImportEntry, ImportId, Outcome, Recorded, RefusedRecord, Store,
    StoreError, StoreOptions,
};

fn open(dir: &Path) -> Store {
    Store::open(dir, &StoreOptions::default()).unwrap().0
}

fn import(name: &str) -> ImportId {
    ImportId::parse(name).unwrap()
}

fn article(record: &support::Record) -> EntryContent {
    EntryContent::Article(Box::new(record.build()))
}

fn deleted(source: &str, source_id: &str) -> EntryContent {
    EntryContent::Deleted(RecordKey {
        source: Slug::parse(source).unwrap(),
        source_id: source_id.into(),
    })
}

fn entries(first: u64, contents: Vec<EntryContent>) -> Vec<ImportEntry> {
    (first..)
        .zip(contents)
        .map(|(sequence, content)| ImportEntry { sequence, content })
        .collect()
}

/// Records in an import of their own.
fn send(store: &Store, name: &str, contents: Vec<EntryContent>) -> Recorded {
    store.open_import(&import(name), &versions("v1")).unwrap();
    store.record(&import(name), entries(1, contents)).unwrap()
}

fn outcomes(recorded: &Recorded) -> Vec<(Outcome, Option<&str>)> {
    recorded
        .outcomes
        .iter()
        .map(|o| (o.outcome, o.article_id.as_ref().map(ArticleId::as_str)))
        .collect()
}

fn changes(recorded: &Recorded) -> Vec<(&str, bool)> {
    recorded
        .changes
        .iter()
        .map(|change| (change.id.as_str(), change.after.is_some()))
        .collect()
}

#[test]
fn every_outcome_is_given_and_accounted_for() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let pubmed = record("pubmed", "7").pmid(7).doi("10.1/ab");
    let recorded = send(
        &store,
        "a",
        vec![
            article(&pubmed),
            article(&pubmed),
            article(&pubmed.clone().revised("2022").title("better")),
            article(&pubmed.clone().title("late, and older")),
            article(&record("crossref", "").doi("10.1/ab")),
            EntryContent::Excluded(ExcludedRecord {
                record_id: "8".into(),
                reason: "--type".into(),
            }),
            EntryContent::Refused(RefusedRecord {
                record_id: "9".into(),
                location: "f: 7".into(),
                reason: "bad".into(),
            }),
            article(&record("jsonl", "")),
            deleted("jsonl", "never seen"),
            deleted("crossref", "10.1/ab"),
        ],
    );
    let id = Some("10.1/ab");
    assert_eq!(
        outcomes(&recorded),
        [
            (Outcome::Recorded, id),
            (Outcome::Unchanged, id),
            (Outcome::Updated, id),
            (Outcome::Unchanged, id),
            (Outcome::Updated, id),
            (Outcome::Excluded, None),
            (Outcome::Rejected, None),
            (Outcome::Rejected, None),
            (Outcome::Deleted, None),
            (Outcome::Deleted, id),
        ]
    );
    let accounting = Accounting {
        read: 8,
        recorded: 1,
        unchanged: 2,
        updated: 2,
        excluded: 1,
        rejected: 2,
        deleted: 1,
        authors: 10,
        affiliations: 15,
        resolved_affiliations: 10,
    };
    assert_eq!(
        (recorded.state.flushed_through, recorded.state.accounting),
        (10, accounting)
    );
    assert_eq!(store.import(&import("a")).unwrap(), Some(recorded.state));
    assert_eq!(changes(&recorded), [("10.1/ab", true)]);
    assert_eq!(
        recorded.changes[0]
            .after
            .as_ref()
            .unwrap()
            .article
            .article()
            .title,
        "better"
    );

    let rejections = store.rejections(&import("a"), 0, 10).unwrap();
    let sequences: Vec<_> = rejections.iter().map(|rejection| rejection.sequence).collect();
    assert_eq!(sequences, [7, 8]);
    assert_eq!(rejections[0].record.location, "f: 7");
    assert!(
        rejections[1].record.reason.contains("no identifier"),
        "{:?}",
        rejections[1]
    );
    assert_eq!(store.rejections(&import("a"), 7, 10).unwrap(), rejections[1..]);
    assert_eq!(store.rejections(&import("a"), 0, 1).unwrap(), rejections[..1]);
    assert_eq!(store.rejections(&import("b"), 0, 1).unwrap(), []);
    assert_eq!(store.rejections(&import("a"), u64::MAX, 1).unwrap(), []);
}

#[test]
fn a_replay_gives_the_first_outcome_and_other_content_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let pubmed = record("pubmed", "7").pmid(7);
    let first = send(
        &store,
        "a",
        vec![article(&pubmed), article(&record("pubmed", "8").pmid(8))],
    );
    let third = store
        .record(&import("a"), entries(3, vec![article(&pubmed)]))
        .unwrap();
    assert_eq!(third.outcomes[0].outcome, Outcome::Unchanged);

    // All three again, with a new one behind them, by a store that was opened anew.
    drop(store);
    let store = open(dir.path());
    let all = vec![
        article(&pubmed),
        article(&record("pubmed", "8").pmid(8)),
        article(&pubmed),
        deleted("pubmed", "8"),
    ];
    let again = store.record(&import("a"), entries(1, all)).unwrap();
    assert_eq!(again.outcomes[..2], first.outcomes);
    assert_eq!(again.outcomes[2], third.outcomes[0]);
    assert_eq!(changes(&again), [("pmid:8", false)]);
    assert_eq!(again.state.accounting.read, 3);

    // A pure replay writes nothing.
    let replay = store
        .record(&import("a"), entries(1, vec![article(&pubmed)]))
        .unwrap();
    assert_eq!((replay.revision, replay.changes.len()), (again.revision, 0));

    let error = store
        .record(&import("a"), entries(2, vec![article(&pubmed)]))
        .unwrap_err();
    assert!(
        matches!(error, StoreError::SequenceConflict { sequence: 2, .. }),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::Aborted);
    let gap = store
        .record(&import("a"), entries(6, vec![article(&pubmed)]))
        .unwrap_err();
    assert!(
        matches!(
            gap,
            StoreError::SequenceGap {
                expected: 5,
                found: 6,
                ..
            }
        ),
        "{gap}"
    );
    let zero = store
        .record(&import("a"), entries(0, vec![article(&pubmed)]))
        .unwrap_err();
    assert!(
        matches!(
            zero,
            StoreError::SequenceGap {
                expected: 5,
                found: 0,
                ..
            }
        ),
        "{zero}"
    );
    let unknown = store.record(&import("b"), vec![]).unwrap_err();
    assert_eq!(unknown.kind(), ErrorKind::NotFound);
    assert_eq!(
        store.revision(),
        again.revision,
        "what is refused leaves no trace"
    );
}

#[test]
fn a_batch_with_one_wrong_sequence_leaves_no_trace() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    store.open_import(&import("a"), &versions("v1")).unwrap();
    let mut batch = entries(1, vec![article(&record("x", "1")), article(&record("x", "2"))]);
    batch[1].sequence = 3;
    store.record(&import("a"), batch).unwrap_err();
    assert_eq!(
        (
            store.article_count(),
            store.articles_after(None, 9).unwrap().len()
        ),
        (0, 0)
    );
    assert_eq!(store.import(&import("a")).unwrap().unwrap().flushed_through, 0);
}

#[test]
fn records_merge_and_split_as_their_identifiers_say() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let bridge = record("openalex", "W1").doi("10.1/a").pmid(7);
    let apart = send(
        &store,
        "a",
        vec![
            article(&record("crossref", "").doi("10.1/a").title("crossref")),
            article(&record("pubmed", "7").pmid(7).title("pubmed")),
        ],
    );
    assert_eq!(changes(&apart), [("10.1/a", true), ("pmid:7", true)]);
    let merged = send(&store, "b", vec![article(&bridge)]);
    assert_eq!(changes(&merged), [("10.1/a", true), ("pmid:7", false)]);
    for key in [
        "10.1/a",
        "https://doi.org/10.1/A",
        "pmid:7",
        "pubmed:7",
        "openalex:W1",
        "crossref:10.1/a",
    ] {
        let found = store
            .article(&id(key))
            .unwrap()
            .unwrap_or_else(|| panic!("{key}"));
        assert_eq!(
            (found.id.as_str(), found.article.article().title.as_str()),
            ("10.1/a", "pubmed"),
            "{key}"
        );
    }
    let split = send(
        &store,
        "c",
        vec![article(&record("openalex", "W1").doi("10.1/b").revised("2022"))],
    );
    assert_eq!(
        changes(&split),
        [("10.1/a", true), ("10.1/b", true), ("pmid:7", true)]
    );
    assert_eq!(store.article_count(), 3);
    let deleted = store.delete_article(&id("openalex:W1")).unwrap().unwrap();
    assert_eq!((deleted.id, deleted.changes.len()), (id("10.1/b"), 1));
    assert_eq!(store.article(&id("openalex:W1")).unwrap(), None);
    assert_eq!(store.delete_article(&id("10.1/b")).unwrap(), None);
}

#[test]
fn two_dois_under_one_pmid_are_a_conflict() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let first = record("pubmed", "7").pmid(7).doi("10.1/v1");
    send(
        &store,
        "a",
        vec![article(&first), article(&first.clone().doi("10.1/v2").version(2))],
    );
    let found = store.article(&id("pmid:7")).unwrap().unwrap();
    assert_eq!(
        (found.id, found.conflicting_ids),
        (id("10.1/v2"), vec![id("10.1/v1")])
    );
    send(
        &store,
        "b",
        vec![article(&record("openalex", "W1").pmid(7).doi("10.1/other"))],
    );
    let found = store.article(&id("10.1/other")).unwrap().unwrap();
    assert_eq!(
        (found.id, found.conflicting_ids),
        (id("10.1/v2"), vec![id("10.1/other"), id("10.1/v1")])
    );
}

#[test]
fn importing_again_with_another_registry_refreshes_the_resolutions() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let pubmed = record("pubmed", "7").pmid(7);
    send(&store, "a", vec![article(&pubmed)]);
    store.open_import(&import("b"), &versions("v2")).unwrap();
    let again = store
        .record(&import("b"), entries(1, vec![article(&pubmed)]))
        .unwrap();
    assert_eq!(again.outcomes[0].outcome, Outcome::Updated);
    assert_eq!(
        store.article(&id("pmid:7")).unwrap().unwrap().resolved_with,
        versions("v2")
    );
    drop(store);
    assert_eq!(
        open(dir.path())
            .article(&id("pmid:7"))
            .unwrap()
            .unwrap()
            .resolved_with,
        versions("v2")
    );
}

#[test]
fn pages_of_articles_come_in_order_of_id() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    send(
        &store,
        "a",
        ["b", "a", "aa", "c"]
            .map(|doi| article(&record("x", "").doi(&format!("10.1/{doi}"))))
            .into(),
    );
    let mut seen = vec![];
    while let [article] = store.articles_after(seen.last(), 1).unwrap().as_slice() {
        seen.push(article.id.clone());
    }
    assert_eq!(seen, ["10.1/a", "10.1/aa", "10.1/b", "10.1/c"].map(id));
}

#[test]
fn a_name_that_another_article_could_bear_is_rejected() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let long = format!("10.1/{}", "x".repeat(2000));
    let wrong = [
        record("pmid", "7"),
        record("doi", "10.1/a"),
        record("x", " 7 "),
        record("x", "7").doi(&long),
    ];
    let recorded = send(&store, "a", wrong.iter().map(article).collect());
    assert!(
        recorded
            .outcomes
            .iter()
            .all(|outcome| outcome.outcome == Outcome::Rejected),
        "{recorded:?}"
    );
    assert_eq!(store.rejections(&import("a"), 0, 9).unwrap().len(), wrong.len());
}

#[test]
fn one_process_opens_a_store_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let error = Store::open(dir.path(), &StoreOptions::default()).unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
    drop(store);
    let (_, report) = Store::open(dir.path(), &StoreOptions::default()).unwrap();
    assert!(
        !report.created && report.verified && report.adopted_revisions == 0,
        "{report:?}"
    );
}
