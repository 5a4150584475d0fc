//! All overrides in memory, as the store has them: by id, by what they stand for, and by revision.
//!
//! Takes what the store has written, in its order. Overrides are made by people, so that there are never too
//! many of them to hold.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use whence_model::{Override, OverrideId, OverrideSubject};
use whence_resolve::overrides::normalised;
use whence_resolve::text::Splitter;
use whence_store::{Store, StoreError};

/// All overrides, standing and deleted.
#[derive(Debug, Default)]
pub(crate) struct OverrideBook {
    splitter: Splitter,
    overrides: BTreeMap<OverrideId, Arc<Override>>,
    /// Those that stand, by what they stand for. Of two for the same, as an older version may have left
    /// them, the newer.
    standing: HashMap<OverrideSubject, OverrideId>,
    /// Which override each revision changed, from revision 1 on.
    changes: Vec<OverrideId>,
}

impl OverrideBook {
    /// Reads everything that a store has.
    pub(crate) fn read(store: &Store) -> Result<Self, StoreError> {
        let mut book = Self::default();
        let stored = store.overrides_after(None, usize::MAX)?;
        let mut changes = BTreeMap::new();
        for entry in &stored {
            let revisions = [Some(&entry.created), entry.deleted.as_ref()];
            changes.extend(revisions.into_iter().flatten().map(|it| (it.revision, entry.id)));
        }
        // The store has checked that no revision is missing.
        book.changes = changes.into_values().collect();
        for entry in stored {
            book.take(entry);
        }
        Ok(book)
    }

    /// Follows a creation or a deletion; one that is known changes nothing.
    pub(crate) fn note(&mut self, changed: Override) {
        let last = changed.deleted.as_ref().unwrap_or(&changed.created).revision;
        if last > self.revision() {
            self.changes.push(changed.id);
            self.take(changed);
        }
    }

    fn take(&mut self, entry: Override) {
        let subject = normalised(&self.splitter, &entry.subject);
        if entry.stands() {
            self.standing.insert(subject, entry.id);
        } else if self.standing.get(&subject) == Some(&entry.id) {
            self.standing.remove(&subject);
        }
        self.overrides.insert(entry.id, Arc::new(entry));
    }

    /// Creations and deletions so far.
    pub(crate) fn revision(&self) -> u64 {
        self.changes.len() as u64
    }

    /// How many stand.
    pub(crate) fn standing_count(&self) -> usize {
        self.standing.len()
    }

    /// The override that stands for the same as this.
    pub(crate) fn standing(&self, subject: &OverrideSubject) -> Option<OverrideId> {
        self.standing.get(&normalised(&self.splitter, subject)).copied()
    }

    /// How texts are compared.
    pub(crate) fn splitter(&self) -> &Splitter {
        &self.splitter
    }

    /// One override, standing or deleted.
    pub(crate) fn get(&self, id: OverrideId) -> Option<&Arc<Override>> {
        self.overrides.get(&id)
    }

    /// Overrides in order of id, from the first one after `after`.
    pub(crate) fn after(&self, after: Option<OverrideId>) -> impl Iterator<Item = &Arc<Override>> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let entries = self.overrides.range((from, Bound::Unbounded));
        entries.map(|(_, entry)| entry)
    }

    /// The overrides that revisions after this one have changed, as they are now, each once.
    pub(crate) fn changed_since(&self, revision: u64) -> Vec<Arc<Override>> {
        let seen = usize::try_from(revision).unwrap_or(usize::MAX);
        let changed = self.changes.get(seen..).unwrap_or_default();
        let mut ids = changed.to_vec();
        ids.sort_unstable();
        ids.dedup();
        ids.iter()
            .filter_map(|id| self.overrides.get(id))
            .map(Arc::clone)
            .collect()
    }
}
