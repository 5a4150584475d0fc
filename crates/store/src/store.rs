//! The open store: who may read and write, and the one way in which anything is written.
//!
//! Writers take turns. A batch is applied in one step, flushed, witnessed, and only then returned; after
//! a write that failed half-way nothing is served any more, since memory and disk may differ. sled may
//! panic on damaged files: every entry point turns that into an error.

use std::collections::BTreeMap;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use whence_model::ResolverVersions;

use crate::StoreError;
use crate::codec::fingerprint;
use crate::codec::ledger::seal_state;
use crate::key::Key;
use crate::state::State;
use crate::witness::Witness;

/// Durable articles, import ledgers, rejections and overrides. Clones share one open store; every call blocks, so
/// asynchronous callers use it from threads where blocking is allowed.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) tree: Tree,
    /// What readers see. Locked for writing only while a batch is applied.
    view: RwLock<View>,
    writer: Mutex<()>,
    broken: AtomicBool,
    /// Held as long as the store is open; dropped last.
    _lock: File,
}

/// What is kept in memory beside the tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    pub(crate) state: State,
    /// Versions of resolvers by their number.
    pub(crate) versions: Vec<ResolverVersions>,
    /// Creations and deletions of overrides so far.
    pub(crate) override_revision: u64,
}

/// The one tree, with errors that name the store.
pub(crate) struct Tree {
    pub(crate) db: sled::Db,
    pub(crate) dir: PathBuf,
}

/// Keys to write in one batch.
#[derive(Default)]
pub(crate) struct Writes {
    entries: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    pub(crate) articles_added: u64,
    pub(crate) articles_removed: u64,
    /// Versions of a resolver to be numbered.
    pub(crate) versions: Option<ResolverVersions>,
    /// The revision of the overrides that this makes, if it changes one.
    pub(crate) override_revision: Option<u64>,
}

impl Writes {
    pub(crate) fn put(&mut self, key: &Key, sealed: Vec<u8>) {
        self.put_or_remove(key, Some(sealed));
    }

    pub(crate) fn put_or_remove(&mut self, key: &Key, sealed: Option<Vec<u8>>) {
        self.entries.insert(key.encode(), sealed);
    }
}

impl Store {
    pub(crate) fn new(tree: Tree, view: View, lock: File) -> Self {
        let (view, writer, broken) = (RwLock::new(view), Mutex::new(()), AtomicBool::new(false));
        Self {
            inner: Arc::new(Inner {
                tree,
                view,
                writer,
                broken,
                _lock: lock,
            }),
        }
    }

    /// Batches flushed since the store was made. Two equal revisions of a store have equal content.
    pub fn revision(&self) -> u64 {
        self.inner
            .view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .state
            .revision
    }

    /// The directory that the store lives in.
    pub fn directory(&self) -> &Path {
        &self.inner.tree.dir
    }

    /// Articles stored.
    pub fn article_count(&self) -> u64 {
        self.inner
            .view
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .state
            .articles
    }

    /// Reads; no batch is applied meanwhile.
    pub(crate) fn reading<T>(
        &self,
        read: impl FnOnce(&Tree, &View) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.guarded(|inner| {
            let view = inner.view.read().unwrap_or_else(PoisonError::into_inner);
            read(&inner.tree, &view)
        })
    }

    /// Reads and writes; nobody else writes meanwhile. Without anything to write no revision is made.
    /// Gives the answer and the revision.
    pub(crate) fn writing<T>(
        &self,
        prepare: impl FnOnce(&Tree, &View) -> Result<(T, Option<Writes>), StoreError>,
    ) -> Result<(T, u64), StoreError> {
        self.inner.guarded(|inner| {
            let _turn = inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let view = inner.view.read().unwrap_or_else(PoisonError::into_inner).clone();
            let (answer, writes) = prepare(&inner.tree, &view)?;
            let revision = match writes {
                Some(writes) => inner.commit(writes, view)?,
                None => view.state.revision,
            };
            Ok((answer, revision))
        })
    }
}

impl Inner {
    fn guarded<T>(&self, work: impl FnOnce(&Self) -> Result<T, StoreError>) -> Result<T, StoreError> {
        if self.broken.load(Ordering::Acquire) {
            return Err(StoreError::Broken {
                path: self.tree.dir.clone(),
            });
        }
        catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|panic| {
            self.broken.store(true, Ordering::Release);
            Err(StoreError::Corrupt {
                path: self.tree.dir.clone(),
                detail: panic_text(panic.as_ref()),
            })
        })
    }

    /// Applies, flushes, witnesses: in this order, so that the witness never says more than the disk
    /// holds, and what the caller is told is both on disk and witnessed.
    fn commit(&self, writes: Writes, mut view: View) -> Result<u64, StoreError> {
        let batch = self.tree.batch(&writes, &mut view.state)?;
        view.versions.extend(writes.versions);
        view.override_revision = writes.override_revision.unwrap_or(view.override_revision);
        let witness = Witness::of(&view.state);
        let revision = view.state.revision;
        let written = {
            let mut seen = self.view.write().unwrap_or_else(PoisonError::into_inner);
            *seen = view;
            self.tree.apply(batch)
        };
        let written = written
            .and_then(|()| self.tree.flush())
            .and_then(|()| witness.write(&self.tree.dir));
        if written.is_err() {
            self.broken.store(true, Ordering::Release);
        }
        written.map(|()| revision)
    }
}

impl Tree {
    pub(crate) fn get(&self, key: &Key) -> Result<Option<sled::IVec>, StoreError> {
        self.db.get(key.encode()).map_err(StoreError::sled(&self.dir))
    }

    pub(crate) fn contains(&self, key: &Key) -> Result<bool, StoreError> {
        self.db
            .contains_key(key.encode())
            .map_err(StoreError::sled(&self.dir))
    }

    /// Keys and values from `from` on as long as keys start with `prefix`, ascending.
    pub(crate) fn scan(
        &self,
        prefix: Vec<u8>,
        from: Vec<u8>,
    ) -> impl Iterator<Item = Result<(sled::IVec, sled::IVec), StoreError>> {
        let entries = self
            .db
            .range(from..)
            .map(|entry| entry.map_err(StoreError::sled(&self.dir)));
        entries.take_while(move |entry| entry.as_ref().map_or(true, |(key, _)| key.starts_with(&prefix)))
    }

    pub(crate) fn apply(&self, batch: sled::Batch) -> Result<(), StoreError> {
        self.db.apply_batch(batch).map_err(StoreError::sled(&self.dir))
    }

    pub(crate) fn flush(&self) -> Result<(), StoreError> {
        self.db.flush().map(|_| ()).map_err(StoreError::sled(&self.dir))
    }

    /// The batch that writes these keys and the state after them, and that state.
    pub(crate) fn batch(&self, writes: &Writes, state: &mut State) -> Result<sled::Batch, StoreError> {
        let mut batch = sled::Batch::default();
        let previous = state.digest();
        for (key, sealed) in &writes.entries {
            if let Some(before) = self.db.get(key).map_err(StoreError::sled(&self.dir))? {
                state.fingerprint = state.fingerprint.wrapping_sub(fingerprint(key, &before));
            }
            if let Some(sealed) = sealed {
                state.fingerprint = state.fingerprint.wrapping_add(fingerprint(key, sealed));
                batch.insert(key.as_slice(), sealed.as_slice());
            } else {
                batch.remove(key.as_slice());
            }
        }
        state.previous = previous;
        state.revision += 1;
        state.articles = state.articles + writes.articles_added - writes.articles_removed;
        batch.insert(Key::State.encode(), seal_state(&Key::State, state)?);
        Ok(batch)
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("the storage engine panicked")
        .to_owned()
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("dir", &self.directory())
            .field("revision", &self.revision())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StoreOptions;

    #[test]
    fn a_panic_below_is_an_error_and_nothing_is_served_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
        let error = store
            .reading(|_, _| -> Result<(), StoreError> { panic!("page 7 is nonsense") })
            .unwrap_err();
        assert!(
            matches!(&error, StoreError::Corrupt { detail, .. } if detail == "page 7 is nonsense"),
            "{error}"
        );
        assert!(matches!(
            store.articles_after(None, 1),
            Err(StoreError::Broken { .. })
        ));
        drop(store);
        let store = Store::open(dir.path(), &StoreOptions::default()).unwrap().0;
        assert_eq!(store.articles_after(None, 1).unwrap(), []);
    }
}
