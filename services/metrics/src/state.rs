//! What the service holds: the store, and what is derived from it: the index and the book of overrides.
//!
//! The store is the truth. Whatever changes it changes the index or the book next, under one writer's lock, so
//! that changes come to both in the order of the store; readers see them between two changes.
//! Everything here blocks: handlers come in through [`MetricsState::blocking`].

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, RwLock, RwLockReadGuard};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use whence_model::{ArticleId, Decision, Override, OverrideId, RequestId, ResolverVersions};
use whence_registry::Registry;
use whence_runtime::to_status;
use whence_share::{ContributionTable, DataError};
use whence_store::{
    Deleted, ImportEntry, ImportId, ImportState, NewOverride, Recorded, Store, StoreError, StoreOptions,
};

use crate::articles::stored_articles;
use crate::error::MetricsError;
use crate::index::Index;
use crate::override_book::OverrideBook;
use crate::rankings::LastRanking;
use crate::rules;

/// How many articles are counted between two lines in the log.
const PROGRESS_EVERY: usize = 50_000;

/// Why the service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The embedded rules cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// The state of one metrics service.
#[derive(Debug)]
pub struct MetricsState {
    pub(crate) store: Store,
    registry: Registry,
    index: RwLock<Index>,
    book: RwLock<OverrideBook>,
    /// The revision of the overrides, for those who wait for the next.
    pub(crate) override_revision: watch::Sender<u64>,
    writer: Mutex<()>,
    pub(crate) last_ranking: LastRanking,
    pub(crate) stopping: CancellationToken,
}

impl MetricsState {
    /// Opens the store in a directory, or makes one there, and counts everything that is in it.
    pub(crate) fn open(registry: Registry, store_directory: &Path) -> Result<Self, OpenError> {
        let (store, report) = Store::open(store_directory, &StoreOptions::default())?;
        tracing::info!(store = %store_directory.display(), ?report, "store opened");
        let counting = rules::counting(registry.clone())?;
        let mut index = Index::new(ContributionTable::new(Arc::new(counting)), store.revision());
        for article in stored_articles(&store, None) {
            index.insert(&article?);
            if index.table.len().is_multiple_of(PROGRESS_EVERY) {
                tracing::info!(
                    counted = index.table.len(),
                    of = report.articles,
                    "counting stored articles"
                );
            }
        }
        tracing::info!(
            articles = index.table.len(),
            revision = index.revision,
            "index ready"
        );
        let book = OverrideBook::read(&store)?;
        tracing::info!(
            standing = book.standing_count(),
            revision = book.revision(),
            "overrides ready"
        );
        Ok(Self {
            store,
            registry,
            index: RwLock::new(index),
            override_revision: watch::Sender::new(book.revision()),
            book: RwLock::new(book),
            writer: Mutex::new(()),
            last_ranking: LastRanking::default(),
            stopping: CancellationToken::new(),
        })
    }

    /// Ends streams that would hold up a stop: imports, whose acknowledged records are on disk, and watchers
    /// of overrides. Their clients are told to go on later. Other calls are answered as long as the server
    /// drains.
    pub fn stop_streams(&self) {
        self.stopping.cancel();
    }

    /// The registry that names, places and parents come from.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The index as it is between two changes.
    pub(crate) fn index(&self) -> Result<RwLockReadGuard<'_, Index>, MetricsError> {
        self.index.read().map_err(|_| MetricsError::Uncounted)
    }

    /// Opens or resumes an import.
    pub(crate) fn open_import(
        &self,
        import: &ImportId,
        resolved_with: &ResolverVersions,
    ) -> Result<ImportState, MetricsError> {
        let _turn = self.turn()?;
        let state = self.store.open_import(import, resolved_with)?;
        self.change(|index| index.revision = self.store.revision())?;
        Ok(state)
    }

    /// Records entries: on disk when this returns, and counted.
    pub(crate) fn record(
        &self,
        import: &ImportId,
        entries: Vec<ImportEntry>,
    ) -> Result<Recorded, MetricsError> {
        let _turn = self.turn()?;
        let recorded = self.store.record(import, entries)?;
        self.change(|index| index.apply(&recorded.changes, recorded.revision))?;
        Ok(recorded)
    }

    /// Deletes the article that an identifier leads to.
    pub(crate) fn delete(&self, id: &ArticleId) -> Result<Deleted, MetricsError> {
        let _turn = self.turn()?;
        let deleted = self.store.delete_article(id)?;
        let deleted = deleted.ok_or_else(|| MetricsError::UnknownArticle(id.clone()))?;
        self.change(|index| index.apply(&deleted.changes, deleted.revision))?;
        Ok(deleted)
    }

    /// The overrides as they are between two changes.
    pub(crate) fn book(&self) -> Result<RwLockReadGuard<'_, OverrideBook>, MetricsError> {
        self.book.read().map_err(|_| MetricsError::Uncounted)
    }

    /// Creates an override: on disk and told to every watcher when this returns.
    pub(crate) fn create_override(
        &self,
        new: NewOverride,
        request: Option<&RequestId>,
    ) -> Result<Override, MetricsError> {
        let _turn = self.turn()?;
        let repeated = request.map(|request| self.store.requested_override(request, &new));
        if let Some(earlier) = repeated.transpose()?.flatten() {
            return Ok(earlier);
        }
        if let Some(standing) = self.book()?.standing(&new.subject) {
            return Err(MetricsError::OverrideExists(standing));
        }
        let created = self.store.create_override(new, request)?;
        self.note(created.clone())?;
        Ok(created)
    }

    /// Deletes an override, in the same way.
    pub(crate) fn delete_override(
        &self,
        id: OverrideId,
        decision: Decision,
    ) -> Result<Override, MetricsError> {
        let _turn = self.turn()?;
        let deleted = self.store.delete_override(id, decision)?;
        let deleted = deleted.ok_or(MetricsError::UnknownOverride(id))?;
        self.note(deleted.clone())?;
        Ok(deleted)
    }

    fn note(&self, changed: Override) -> Result<(), MetricsError> {
        let mut book = self.book.write().map_err(|_| MetricsError::Uncounted)?;
        book.note(changed);
        self.override_revision.send_replace(book.revision());
        Ok(())
    }

    /// Does work that blocks or takes long away from the asynchronous threads.
    pub(crate) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, MetricsError> + Send + 'static,
    ) -> Result<T, Status> {
        let state = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || work(&state)).await;
        match done.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(answer) => answer.map_err(to_status),
            // The layer around every handler answers panics.
            Err(Ok(panic)) => std::panic::resume_unwind(panic),
            Err(Err(_cancelled)) => Err(to_status(MetricsError::Stopping)),
        }
    }

    /// The turn of one writer. A writer that panicked may have stored what it did not count.
    fn turn(&self) -> Result<MutexGuard<'_, ()>, MetricsError> {
        self.writer.lock().map_err(|_| MetricsError::Uncounted)
    }

    fn change(&self, change: impl FnOnce(&mut Index)) -> Result<(), MetricsError> {
        let mut index = self.index.write().map_err(|_| MetricsError::Uncounted)?;
        change(&mut index);
        Ok(())
    }
}
