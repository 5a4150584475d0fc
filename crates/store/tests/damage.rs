//! Files cut short or with a byte flipped: opening refuses, or all that was acknowledged is served.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::path::{Path, PathBuf};
use std::{env, fs};

use support::{decision, no_institution, record, versions};
use whence_model::{ErrorKind, Override, OverrideId};
use whence_store::{EntryContent, ImportEntry, ImportId, Store, StoreError, StoreOptions, StoredArticle};

/// Everything that a store serves.
type Content = (Vec<StoredArticle>, Vec<Override>);

fn content(store: &Store) -> Result<Content, StoreError> {
    Ok((
        store.articles_after(None, usize::MAX)?,
        store.overrides_after(None, usize::MAX)?,
    ))
}

/// A closed store with some articles and overrides, and what it holds.
fn filled() -> (tempfile::TempDir, Content) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
    let id = ImportId::parse("a").unwrap();
    store.open_import(&id, &versions("v1")).unwrap();
    for first in (1..400_u64).step_by(40) {
        let entries = (first..first + 40).map(|sequence| {
            let pmid = u32::try_from(sequence).unwrap();
            let record = record("pubmed", &pmid.to_string())
                .pmid(pmid)
                .title(&format!("title {sequence} ").repeat(30));
            ImportEntry {
                sequence,
                content: EntryContent::Article(Box::new(record.build())),
            }
        });
        store.record(&id, entries.collect()).unwrap();
        let address = format!("Institute {first}, Paris");
        let created = store.create_override(no_institution(&address), None).unwrap();
        if first % 80 == 1 {
            store.delete_override(created.id, decision("mistaken")).unwrap();
        }
    }
    let content = content(&store).unwrap();
    assert_eq!((content.0.len(), content.1.len()), (400, 10));
    (dir, content)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else if entry.metadata().unwrap().len() > 0 {
            found.push(entry.path());
        }
    }
    found.sort();
    found
}

/// Damages one file of a copy; true if the damaged store is refused, false if it serves everything.
fn refused(filled: &Path, expected: &Content, file: &Path, damage: impl FnOnce(&mut Vec<u8>)) -> bool {
    let work = tempfile::tempdir().unwrap();
    copy(filled, work.path());
    let target = work.path().join(file.strip_prefix(filled).unwrap());
    let mut bytes = fs::read(&target).unwrap();
    damage(&mut bytes);
    fs::write(&target, bytes).unwrap();
    let read = Store::open(work.path(), &StoreOptions::default()).and_then(|(store, _)| content(&store));
    match read {
        Ok(content) => {
            assert!(
                content == *expected,
                "{}: {} articles and {} overrides served",
                file.display(),
                content.0.len(),
                content.1.len()
            );
            false
        }
        Err(error) => {
            let kind = error.kind();
            assert!(
                matches!(
                    kind,
                    ErrorKind::DataLoss | ErrorKind::FailedPrecondition | ErrorKind::Internal
                ),
                "{error}"
            );
            true
        }
    }
}

/// Small always; `WHENCE_STORE_FLIPS=5000` for a night.
fn flips_per_file() -> u64 {
    env::var("WHENCE_STORE_FLIPS").map_or(24, |flips| flips.parse().unwrap())
}

#[test]
fn no_flipped_byte_goes_unnoticed() {
    let (dir, expected) = filled();
    let (mut refusals, mut tries) = (0, 0);
    for file in files(dir.path()) {
        let length = fs::metadata(&file).unwrap().len();
        let step = usize::try_from(length / flips_per_file() + 1).unwrap();
        // An odd step meets headers, pages and padding alike.
        for at in (0..usize::try_from(length).unwrap()).step_by(step | 1) {
            tries += 1;
            refusals += usize::from(refused(dir.path(), &expected, &file, |bytes| bytes[at] ^= 0x55));
        }
    }
    assert!(tries > 40, "{tries}");
    println!("{refusals} of {tries} flips were refused, the others served everything");
    assert!(refusals > 0, "some flips hit what is needed");
}

#[test]
fn no_cut_goes_unnoticed() {
    let (dir, expected) = filled();
    for file in files(dir.path()) {
        let length = usize::try_from(fs::metadata(&file).unwrap().len()).unwrap();
        for tenths in 0..10 {
            refused(dir.path(), &expected, &file, |bytes| {
                bytes.truncate(length * tenths / 10);
            });
        }
        refused(dir.path(), &expected, &file, |bytes| bytes.truncate(length - 1));
    }
}

#[test]
fn a_store_that_lost_its_files_says_how_much() {
    let (dir, _) = filled();
    fs::remove_dir_all(dir.path().join("sled")).unwrap();
    let error = Store::open(dir.path(), &StoreOptions::default()).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::LostData {
                witnessed_articles: 400,
                found_articles: 0,
                found_revision: 0,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn an_older_witness_is_behind_and_an_older_store_has_lost() {
    let (dir, _) = filled();
    let old = tempfile::tempdir().unwrap();
    copy(dir.path(), old.path());
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
    let id = ImportId::parse("b").unwrap();
    store.open_import(&id, &versions("v1")).unwrap();
    let content = EntryContent::Article(Box::new(record("x", "1").build()));
    let revision = store
        .record(&id, vec![ImportEntry { sequence: 1, content }])
        .unwrap()
        .revision;
    drop(store);
    let (witness, old_witness) = (dir.path().join("witness"), old.path().join("witness"));
    let newest = fs::read(&witness).unwrap();

    fs::copy(&old_witness, &witness).unwrap();
    let (store, report) = Store::open(dir.path(), &StoreOptions::default()).unwrap();
    assert_eq!(
        (report.revision, report.adopted_revisions, report.articles),
        (revision, 2, 401)
    );
    drop(store);
    assert_eq!(fs::read(&witness).unwrap(), newest, "the witness has caught up");

    fs::write(&old_witness, &newest).unwrap();
    let error = Store::open(old.path(), &StoreOptions::default()).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::LostData {
                witnessed_articles: 401,
                found_articles: 400,
                ..
            }
        ),
        "{error}"
    );
    fs::remove_file(&old_witness).unwrap();
    let (_, report) = Store::open(old.path(), &StoreOptions::default()).unwrap();
    assert!(report.witness_missing && report.articles == 400, "{report:?}");
}

#[test]
fn a_newer_store_is_refused_before_anything_is_touched() {
    let (dir, _) = filled();
    fs::write(
        dir.path().join("witness"),
        "whence-store 2 and whatever comes with it\n",
    )
    .unwrap();
    let error = Store::open(dir.path(), &StoreOptions::default()).unwrap_err();
    assert!(
        matches!(
            error,
            StoreError::NewerSchema {
                found: 2,
                supported: 1,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("newer whence (schema 2, this one reads up to 1); upgrade"),
        "{error}"
    );
    assert_eq!(error.kind(), ErrorKind::FailedPrecondition);
}

#[test]
fn an_override_that_was_flushed_and_is_gone_is_a_loss() {
    let (dir, (_, overrides)) = filled();
    let old = tempfile::tempdir().unwrap();
    copy(dir.path(), old.path());
    let store = Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
    let id = OverrideId::new(overrides[1].id.get()).unwrap();
    store.delete_override(id, decision("mistaken")).unwrap().unwrap();
    drop(store);
    fs::copy(dir.path().join("witness"), old.path().join("witness")).unwrap();
    let error = Store::open(old.path(), &StoreOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DataLoss);
    assert!(error.to_string().contains("has lost data"), "{error}");
}
