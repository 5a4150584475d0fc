//! Imports: what came under which sequence, what became of it, and what was refused.
//!
//! A batch of entries becomes one write: the articles, the ledger of its sequences, the rejections and
//! the position of the import are on disk together or not at all. A sequence that was recorded keeps its
//! first outcome for ever.

use std::sync::Arc;

use whence_model::{ArticleId, ResolvedArticle, ResolverVersions};

use crate::articles::{ArticleChange, stored_changes};
use crate::codec::damaged;
use crate::codec::ledger::{
    Import, LedgerEntry, seal_import, seal_rejection, seal_run, seal_versions, unseal_import,
    unseal_rejection, unseal_run,
};
use crate::draft::Draft;
use crate::identity::RecordState;
use crate::import::{
    EntryContent, EntryOutcome, ImportEntry, ImportId, ImportState, Outcome, Recorded, RefusedRecord,
};
use crate::key::Key;
use crate::store::{Tree, View, Writes};
use crate::{Store, StoreError};

/// A record that an import refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Position within the import.
    pub sequence: u64,
    /// The record as far as it could be read, and why it was refused.
    pub record: RefusedRecord,
}

impl Store {
    /// Opens or resumes an import. What it records from now on counts as resolved with these versions.
    pub fn open_import(
        &self,
        id: &ImportId,
        resolved_with: &ResolverVersions,
    ) -> Result<ImportState, StoreError> {
        let (state, _) = self.writing(|tree, view| {
            let stored = read_import(tree, id)?;
            let known = view
                .versions
                .iter()
                .position(|versions| versions == resolved_with);
            let number = u32::try_from(known.unwrap_or(view.versions.len())).unwrap_or(u32::MAX);
            let import = Import {
                state: stored.map(|s| s.state).unwrap_or_default(),
                resolved_with: number,
            };
            if stored == Some(import) {
                return Ok((import.state, None));
            }
            let mut writes = Writes::default();
            if known.is_none() {
                let key = Key::Versions(number);
                writes.put(&key, seal_versions(&key, resolved_with)?);
                writes.versions = Some(resolved_with.clone());
            }
            put_import(&mut writes, id, &import)?;
            Ok((import.state, Some(writes)))
        })?;
        Ok(state)
    }

    /// Records entries of an opened import in one flushed batch. Their sequences follow each other from
    /// the first one that is not recorded yet; those recorded earlier give their first outcome again.
    /// Deletions take effect in the order of arrival: the same record coming later is recorded again.
    pub fn record(&self, id: &ImportId, entries: Vec<ImportEntry>) -> Result<Recorded, StoreError> {
        let ((outcomes, changes, state), revision) = self.writing(|tree, view| {
            let import =
                read_import(tree, id)?.ok_or_else(|| StoreError::UnknownImport { import: id.clone() })?;
            let mut run = Run::new(tree, id, import);
            let outcomes = entries
                .into_iter()
                .map(|entry| run.take(entry))
                .collect::<Result<Vec<_>, _>>()?;
            let (state, changes, writes) = run.finish(view)?;
            Ok(((outcomes, changes, state), writes))
        })?;
        Ok(Recorded {
            outcomes,
            changes,
            state,
            revision,
        })
    }

    /// How far an import has come; none if it was never opened.
    pub fn import(&self, id: &ImportId) -> Result<Option<ImportState>, StoreError> {
        self.reading(|tree, _| Ok(read_import(tree, id)?.map(|import| import.state)))
    }

    /// At most `limit` rejections of an import in order of sequence, from the first one after
    /// `after_sequence`. None of an import that does not exist.
    pub fn rejections(
        &self,
        id: &ImportId,
        after_sequence: u64,
        limit: usize,
    ) -> Result<Vec<Rejection>, StoreError> {
        let Some(next) = after_sequence.checked_add(1) else {
            return Ok(vec![]);
        };
        let from = Key::Rejection(id.clone(), next).encode();
        // All keys of the import share what stands before the sequence.
        let prefix = from[..from.len() - size_of::<u64>()].to_vec();
        self.reading(|tree, _| {
            let entries = tree.scan(prefix, from).take(limit);
            entries
                .map(|entry| entry.and_then(|(key, sealed)| rejection(&key, &sealed)))
                .collect()
        })
    }
}

fn rejection(key: &[u8], sealed: &[u8]) -> Result<Rejection, StoreError> {
    match Key::decode(key) {
        Some(Key::Rejection(_, sequence)) => Ok(Rejection {
            sequence,
            record: unseal_rejection(key, sealed)?,
        }),
        _ => Err(damaged(key, "it is not the key of a rejection")),
    }
}

fn read_import(tree: &Tree, id: &ImportId) -> Result<Option<Import>, StoreError> {
    let key = Key::Import(id.clone());
    tree.get(&key)?
        .map(|sealed| unseal_import(&key.encode(), &sealed))
        .transpose()
}

fn put_import(writes: &mut Writes, id: &ImportId, import: &Import) -> Result<(), StoreError> {
    let key = Key::Import(id.clone());
    writes.put(&key, seal_import(&key, import)?);
    Ok(())
}

/// What became of an entry, its article, and why.
type Applied = (Outcome, Option<ArticleId>, String);

/// The entries of one call, taken one after the other.
struct Run<'a> {
    tree: &'a Tree,
    id: &'a ImportId,
    import: Import,
    draft: Draft<'a>,
    /// Sequences that are new in this call.
    taken: Vec<LedgerEntry>,
    refused: Vec<Rejection>,
    /// The stored run read last: replays come in order.
    replayed: Vec<LedgerEntry>,
}

impl<'a> Run<'a> {
    fn new(tree: &'a Tree, id: &'a ImportId, import: Import) -> Self {
        Self {
            tree,
            id,
            import,
            draft: Draft::new(tree),
            taken: vec![],
            refused: vec![],
            replayed: vec![],
        }
    }

    fn take(&mut self, ImportEntry { sequence, content }: ImportEntry) -> Result<EntryOutcome, StoreError> {
        let digest = content.digest()?;
        let expected = self.import.state.flushed_through + 1;
        if (1..expected).contains(&sequence) {
            return self.replay(sequence, digest);
        }
        if sequence != expected {
            return Err(StoreError::SequenceGap {
                import: self.id.clone(),
                expected,
                found: sequence,
            });
        }
        let (outcome, article_id, reason) = self.apply(sequence, content, digest)?;
        let outcome = EntryOutcome {
            sequence,
            outcome,
            article_id,
            reason,
        };
        self.import.state.accounting.count(&outcome);
        self.import.state.flushed_through = sequence;
        self.taken.push(LedgerEntry {
            digest,
            outcome: outcome.clone(),
        });
        Ok(outcome)
    }

    fn apply(
        &mut self,
        sequence: u64,
        content: EntryContent,
        digest: [u8; 32],
    ) -> Result<Applied, StoreError> {
        match content {
            EntryContent::Article(article) => self.apply_article(sequence, &Arc::from(article), digest),
            EntryContent::Refused(record) => Ok(self.reject(sequence, record)),
            EntryContent::Excluded(record) => Ok((Outcome::Excluded, None, record.reason)),
            EntryContent::Deleted(key) => {
                Ok((Outcome::Deleted, self.draft.remove_record(&key)?, String::new()))
            }
        }
    }

    fn apply_article(
        &mut self,
        sequence: u64,
        article: &Arc<ResolvedArticle>,
        digest: [u8; 32],
    ) -> Result<Applied, StoreError> {
        match RecordState::new(Arc::clone(article), digest, self.import.resolved_with) {
            Ok(state) => {
                let (outcome, id) = self.draft.record(state)?;
                self.import.state.accounting.count_authors(article);
                Ok((outcome, Some(id), String::new()))
            }
            Err(reason) => {
                let location = format!("sequence {sequence} of import {}", self.id);
                Ok(self.reject(
                    sequence,
                    RefusedRecord {
                        record_id: name_of(article),
                        location,
                        reason,
                    },
                ))
            }
        }
    }

    fn reject(&mut self, sequence: u64, record: RefusedRecord) -> Applied {
        let reason = record.reason.clone();
        self.refused.push(Rejection { sequence, record });
        (Outcome::Rejected, None, reason)
    }

    /// The first outcome of a sequence that was recorded earlier, in this call or before.
    fn replay(&mut self, sequence: u64, given: [u8; 32]) -> Result<EntryOutcome, StoreError> {
        let is_it = |entry: &&LedgerEntry| entry.outcome.sequence == sequence;
        let known = self.taken.iter().chain(&self.replayed).find(is_it).cloned();
        let entry = match known {
            Some(entry) => entry,
            None => self.read_entry(sequence)?,
        };
        if entry.digest == given {
            return Ok(entry.outcome);
        }
        let (recorded, given) = (hex::encode(entry.digest), hex::encode(given));
        Err(StoreError::SequenceConflict {
            import: self.id.clone(),
            sequence,
            recorded,
            given,
        })
    }

    fn read_entry(&mut self, sequence: u64) -> Result<LedgerEntry, StoreError> {
        // A run is stored under its last sequence: the first key from here on is the run with it.
        let key = Key::Ledger(self.id.clone(), sequence).encode();
        let prefix = key[..key.len() - size_of::<u64>()].to_vec();
        let found = self.tree.scan(prefix, key.clone()).next().transpose()?;
        let (run_key, sealed) = found.ok_or_else(|| damaged(&key, "it is missing"))?;
        self.replayed = unseal_run(&run_key, &sealed)?;
        let entry = self
            .replayed
            .iter()
            .find(|entry| entry.outcome.sequence == sequence);
        entry
            .cloned()
            .ok_or_else(|| damaged(&run_key, "a sequence is missing in it"))
    }

    fn finish(self, view: &View) -> Result<(ImportState, Vec<ArticleChange>, Option<Writes>), StoreError> {
        let Some(last) = self.taken.last() else {
            return Ok((self.import.state, vec![], None));
        };
        let (mut writes, changes) = self.draft.finish()?;
        let key = Key::Ledger(self.id.clone(), last.outcome.sequence);
        writes.put(&key, seal_run(&key, &self.taken)?);
        for Rejection { sequence, record } in &self.refused {
            let key = Key::Rejection(self.id.clone(), *sequence);
            writes.put(&key, seal_rejection(&key, record)?);
        }
        put_import(&mut writes, self.id, &self.import)?;
        Ok((self.import.state, stored_changes(changes, view)?, Some(writes)))
    }
}

/// What to call a record that has no identifier that could be kept.
fn name_of(article: &ResolvedArticle) -> String {
    let article = article.article();
    article
        .id()
        .map_or_else(|| article.title.clone(), |id| id.to_string())
}
