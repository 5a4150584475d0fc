//! Opening: lock, witness, schema, state, and whether everything is there.
//!
//! Takes a directory; gives the store only if it holds all that its witness saw flushed, else an error
//! that says what is wrong. A store that is ahead of its witness was killed between flush and witness:
//! the tail is complete, since batches are atomic, and is taken.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::thread;

use crate::codec::ledger::{seal_state, unseal_state, unseal_versions};
use crate::codec::overrides::unseal_override;
use crate::codec::{check, damaged, decode, fingerprint, seal, unseal};
use crate::key::{ARTICLES, Key, OVERRIDES, VERSIONS};
use crate::state::State;
use crate::store::{Tree, View, panic_text};
use crate::witness::Witness;
use crate::{SCHEMA_VERSION, Store, StoreError};

/// How to open a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// Memory for pages of the tree, in bytes.
    pub cache_bytes: u64,
    /// Whether to read everything once and compare it with the fingerprint. Without it, a loss in the
    /// middle of the files shows only when the value in question is read, or never.
    pub verify: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 64 << 20,
            verify: true,
        }
    }
}

/// What opening found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenReport {
    /// Whether there was no store and one was made.
    pub created: bool,
    /// Articles stored.
    pub articles: u64,
    /// Revision of the store.
    pub revision: u64,
    /// Flushed revisions that the witness had not seen; taken.
    pub adopted_revisions: u64,
    /// Whether there was no witness, so that nothing says how much the store should hold.
    pub witness_missing: bool,
    /// The schema version that the store was migrated from; none if it was current.
    pub migrated_from: Option<u32>,
    /// Whether everything was read and compared.
    pub verified: bool,
}

impl Store {
    /// Opens the store in a directory, or makes one there.
    pub fn open(dir: &Path, options: &StoreOptions) -> Result<(Self, OpenReport), StoreError> {
        fs::create_dir_all(dir).map_err(StoreError::io(dir))?;
        let lock = take_lock(dir)?;
        let witness = Witness::read(dir)?;
        let (opened_dir, options) = (dir.to_owned(), options.clone());
        // A thread of its own: sled panics on damaged files, and may leave thread-local state behind.
        let opening = thread::Builder::new()
            .name("open store".to_owned())
            .spawn(move || open_tree(&opened_dir, &options, witness))
            .map_err(StoreError::io(dir))?;
        let opened = opening.join().unwrap_or_else(|panic| {
            Err(StoreError::Corrupt {
                path: dir.to_owned(),
                detail: panic_text(panic.as_ref()),
            })
        });
        let (tree, view, report) = opened?;
        Ok((Self::new(tree, view, lock), report))
    }
}

/// The lock is ours, beside sled's: it is asked first, and its refusal is unmistakable.
fn take_lock(dir: &Path) -> Result<File, StoreError> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(StoreError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: dir.to_owned() }),
        Err(TryLockError::Error(error)) => Err(StoreError::io(&path)(error)),
    }
}

fn open_tree(
    dir: &Path,
    options: &StoreOptions,
    witness: Option<Witness>,
) -> Result<(Tree, View, OpenReport), StoreError> {
    let config = sled::Config::new()
        .path(dir.join("sled"))
        .cache_capacity(options.cache_bytes)
        .mode(sled::Mode::HighThroughput)
        // We flush where it matters; a timer would only hide where that is forgotten.
        .flush_every_ms(None);
    let db = config.open().map_err(StoreError::sled(dir))?;
    let tree = Tree {
        db,
        dir: dir.to_owned(),
    };
    let created = tree.db.is_empty();
    if created && witness.is_none_or(|witness| witness.revision == 0) {
        create(&tree)?;
    }
    let migrated_from = check_schema(&tree, witness)?;
    let state = read_state(&tree, witness)?;
    compare(dir, &state, witness)?;
    if options.verify {
        verify(&tree, &state, witness)?;
    }
    let (articles, revision) = (state.articles, state.revision);
    let adopted_revisions = revision - witness.map_or(revision, |witness| witness.revision);
    if witness != Some(Witness::of(&state)) {
        Witness::of(&state).write(dir)?;
    }
    let witness_missing = witness.is_none() && revision > 0;
    let verified = options.verify;
    let view = View {
        state,
        versions: read_versions(&tree)?,
        override_revision: read_override_revision(&tree)?,
    };
    let report = OpenReport {
        created,
        articles,
        revision,
        adopted_revisions,
        witness_missing,
        migrated_from,
        verified,
    };
    Ok((tree, view, report))
}

fn create(tree: &Tree) -> Result<(), StoreError> {
    let mut batch = sled::Batch::default();
    batch.insert(
        Key::Schema.encode(),
        seal(&Key::Schema, &u32::from(SCHEMA_VERSION))?,
    );
    batch.insert(Key::State.encode(), seal_state(&Key::State, &State::default())?);
    tree.apply(batch)?;
    tree.flush()
}

/// Refuses a newer store, migrates an older one and says from where.
fn check_schema(tree: &Tree, witness: Option<Witness>) -> Result<Option<u32>, StoreError> {
    let sealed = tree
        .get(&Key::Schema)?
        .ok_or_else(|| lost(&tree.dir, witness, &State::default()))?;
    let key = Key::Schema.encode();
    let named = |error| match error {
        StoreError::NewerSchema { found, supported, .. } => newer(&tree.dir, found, supported),
        other => other,
    };
    let payload = unseal(&key, &sealed).map_err(named)?;
    let supported = u32::from(SCHEMA_VERSION);
    match decode::<u32>(&key, &payload)? {
        found if found > supported => Err(newer(&tree.dir, found, supported)),
        found if found == supported => Ok(None),
        // A migration is a file named for the version that it reads, called here. There is none yet.
        found => Err(damaged(&key, &format!("there never was a schema {found}"))),
    }
}

fn newer(dir: &Path, found: u32, supported: u32) -> StoreError {
    StoreError::NewerSchema {
        what: format!("the store {}", dir.display()),
        found,
        supported,
    }
}

fn read_state(tree: &Tree, witness: Option<Witness>) -> Result<State, StoreError> {
    let sealed = tree
        .get(&Key::State)?
        .ok_or_else(|| lost(&tree.dir, witness, &State::default()))?;
    unseal_state(&Key::State.encode(), &sealed)
}

/// The witness may lag and never leads; at one revision both must tell of one history.
fn compare(dir: &Path, state: &State, witness: Option<Witness>) -> Result<(), StoreError> {
    let Some(seen) = witness else { return Ok(()) };
    if seen.revision > state.revision {
        return Err(lost(dir, witness, state));
    }
    if seen.revision == state.revision && seen != Witness::of(state) {
        let detail = "the witness tells of another history".to_owned();
        return Err(StoreError::Corrupt {
            path: dir.to_owned(),
            detail,
        });
    }
    Ok(())
}

fn lost(dir: &Path, witness: Option<Witness>, found: &State) -> StoreError {
    StoreError::LostData {
        path: dir.to_owned(),
        witnessed_revision: witness.map_or(0, |witness| witness.revision),
        found_revision: found.revision,
        witnessed_articles: witness.map_or(0, |witness| witness.articles),
        found_articles: found.articles,
    }
}

/// Reads every value once: each must prove itself, and all of them together the state.
fn verify(tree: &Tree, state: &State, witness: Option<Witness>) -> Result<(), StoreError> {
    let mut found = State {
        articles: 0,
        fingerprint: 0,
        ..*state
    };
    for entry in tree.scan(vec![], vec![]) {
        let (key, sealed) = entry?;
        check(&key, &sealed)?;
        if [Key::State, Key::Schema].iter().any(|own| own.encode() == *key) {
            continue;
        }
        found.articles += u64::from(key.starts_with(ARTICLES));
        found.fingerprint = found.fingerprint.wrapping_add(fingerprint(&key, &sealed));
    }
    if found == *state {
        Ok(())
    } else {
        Err(lost(&tree.dir, witness.or(Some(Witness::of(state))), &found))
    }
}

fn read_versions(tree: &Tree) -> Result<Vec<whence_model::ResolverVersions>, StoreError> {
    let entries = tree.scan(VERSIONS.to_vec(), VERSIONS.to_vec()).enumerate();
    let versions = entries.map(|(number, entry)| {
        let (key, sealed) = entry?;
        match Key::decode(&key) {
            Some(Key::Versions(found)) if found as usize == number => unseal_versions(&key, &sealed),
            _ => Err(damaged(&key, "one before it is missing")),
        }
    });
    versions.collect()
}

/// The number of creations and deletions. Each has made a revision of its own, so that one missing shows.
fn read_override_revision(tree: &Tree) -> Result<u64, StoreError> {
    let (mut count, mut last) = (0, 0);
    for entry in tree.scan(OVERRIDES.to_vec(), OVERRIDES.to_vec()) {
        let (key, sealed) = entry?;
        let Some(Key::Override(id)) = Key::decode(&key) else {
            return Err(damaged(&key, "it is not the key of an override"));
        };
        let stored = unseal_override(id, &sealed)?;
        for change in [Some(&stored.created), stored.deleted.as_ref()]
            .into_iter()
            .flatten()
        {
            count += 1;
            last = last.max(change.revision);
        }
    }
    match last {
        revision if revision == count => Ok(revision),
        revision => Err(damaged(
            OVERRIDES,
            &format!("there are {count} changes of overrides up to revision {revision}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(dir: &Path) -> Result<Store, StoreError> {
        Store::open(dir, &StoreOptions::default()).map(|(store, _)| store)
    }

    #[test]
    fn a_tree_of_a_newer_schema_is_refused() {
        for (envelope, schema) in [(SCHEMA_VERSION, 2_u32), (SCHEMA_VERSION + 1, 1)] {
            let dir = tempfile::tempdir().unwrap();
            let store = open(dir.path()).unwrap();
            let mut sealed = seal(&Key::Schema, &schema).unwrap();
            sealed[0] = envelope;
            store.inner.tree.db.insert(Key::Schema.encode(), sealed).unwrap();
            store.inner.tree.flush().unwrap();
            drop(store);
            let error = open(dir.path()).unwrap_err();
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
            assert!(error.to_string().starts_with("the store "), "{error}");
        }
    }

    #[test]
    fn a_value_that_went_missing_or_came_from_elsewhere_is_a_loss() {
        let dir = tempfile::tempdir().unwrap();
        let store = open(dir.path()).unwrap();
        let import = crate::ImportId::parse("a").unwrap();
        store
            .open_import(&import, &whence_model::ResolverVersions::default())
            .unwrap();
        let key = Key::Import(import).encode();
        let sealed = store.inner.tree.db.remove(&key).unwrap().unwrap();
        store.inner.tree.flush().unwrap();
        drop(store);
        assert!(matches!(open(dir.path()), Err(StoreError::LostData { .. })));
        let (unverified, report) = Store::open(
            dir.path(),
            &StoreOptions {
                verify: false,
                ..StoreOptions::default()
            },
        )
        .unwrap();
        assert!(!report.verified);
        unverified.inner.tree.db.insert(key, sealed).unwrap();
        unverified.inner.tree.flush().unwrap();
        drop(unverified);
        open(dir.path()).unwrap();
    }
}
