//! Overrides: created and deleted, each in one flushed batch with its revision; never forgotten.
//!
//! The store knows nothing of what an override stands for: whether two stand for the same is the caller's
//! to know. A request id leads to the override that it created, so that a creation can be repeated.

use whence_model::{Decision, Override, OverrideChange, OverrideId, OverrideSubject, RequestId, RorId};

use crate::codec::damaged;
use crate::codec::overrides::{seal_override, seal_request, unseal_override, unseal_request};
use crate::key::{Key, OVERRIDES};
use crate::store::{Tree, Writes};
use crate::{Store, StoreError};

/// An override to be created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOverride {
    /// What it stands for.
    pub subject: OverrideSubject,
    /// The institutions that it means; empty if it means none.
    pub ror_ids: Vec<RorId>,
    /// Who decided, why and when.
    pub decision: Decision,
}

impl Store {
    /// Creations and deletions of overrides so far.
    pub fn override_revision(&self) -> Result<u64, StoreError> {
        self.reading(|_, view| Ok(view.override_revision))
    }

    /// Creates an override. A request that has created one with the same content gives that one again,
    /// whatever has become of it; with other content it is refused.
    pub fn create_override(
        &self,
        new: NewOverride,
        request: Option<&RequestId>,
    ) -> Result<Override, StoreError> {
        let (created, _) = self.writing(|tree, view| {
            if let Some(earlier) = requested(tree, request, &new)? {
                return Ok((earlier, None));
            }
            let revision = view.override_revision + 1;
            let key_of_none = || damaged(OVERRIDES, "its revisions have run out");
            let created = Override {
                id: OverrideId::new(revision).ok_or_else(key_of_none)?,
                subject: new.subject,
                ror_ids: new.ror_ids,
                created: OverrideChange {
                    decision: new.decision,
                    revision,
                },
                deleted: None,
            };
            let mut writes = change(&created, revision)?;
            if let Some(request) = request {
                let key = Key::Request(request.clone());
                writes.put(&key, seal_request(&key, created.id)?);
            }
            Ok((created, Some(writes)))
        })?;
        Ok(created)
    }

    /// The override that a request has created; none if it has created none.
    pub fn requested_override(
        &self,
        request: &RequestId,
        new: &NewOverride,
    ) -> Result<Option<Override>, StoreError> {
        self.reading(|tree, _| requested(tree, Some(request), new))
    }

    /// Deletes an override, which is remembered; none if there never was one. The first deletion stands.
    pub fn delete_override(
        &self,
        id: OverrideId,
        decision: Decision,
    ) -> Result<Option<Override>, StoreError> {
        let (deleted, _) = self.writing(|tree, view| {
            let Some(stored) = read(tree, id)? else {
                return Ok((None, None));
            };
            if !stored.stands() {
                return Ok((Some(stored), None));
            }
            let revision = view.override_revision + 1;
            let deleted = Override {
                deleted: Some(OverrideChange { decision, revision }),
                ..stored
            };
            let writes = change(&deleted, revision)?;
            Ok((Some(deleted), Some(writes)))
        })?;
        Ok(deleted)
    }

    /// At most `limit` overrides in order of id, standing and deleted, from the first one after `after`.
    pub fn overrides_after(
        &self,
        after: Option<OverrideId>,
        limit: usize,
    ) -> Result<Vec<Override>, StoreError> {
        let next = after.map_or(Some(1), |id| id.get().checked_add(1));
        let Some(next) = next.and_then(OverrideId::new) else {
            return Ok(vec![]);
        };
        self.reading(|tree, _| {
            let entries = tree
                .scan(OVERRIDES.to_vec(), Key::Override(next).encode())
                .take(limit);
            let stored = entries.map(|entry| {
                let (key, sealed) = entry?;
                match Key::decode(&key) {
                    Some(Key::Override(id)) => unseal_override(id, &sealed),
                    _ => Err(damaged(&key, "it is not the key of an override")),
                }
            });
            stored.collect()
        })
    }
}

fn change(entry: &Override, revision: u64) -> Result<Writes, StoreError> {
    let mut writes = Writes::default();
    writes.put(&Key::Override(entry.id), seal_override(entry)?);
    writes.override_revision = Some(revision);
    Ok(writes)
}

fn read(tree: &Tree, id: OverrideId) -> Result<Option<Override>, StoreError> {
    let sealed = tree.get(&Key::Override(id))?;
    sealed.map(|sealed| unseal_override(id, &sealed)).transpose()
}

/// What the request has created, which must have the content given. When it was does not matter.
fn requested(
    tree: &Tree,
    request: Option<&RequestId>,
    new: &NewOverride,
) -> Result<Option<Override>, StoreError> {
    let Some(request) = request else { return Ok(None) };
    let key = Key::Request(request.clone());
    let Some(sealed) = tree.get(&key)? else {
        return Ok(None);
    };
    let id = unseal_request(&key.encode(), &sealed)?;
    let missing = || {
        damaged(
            &Key::Override(id).encode(),
            "a request leads to it, and it is missing",
        )
    };
    let earlier = read(tree, id)?.ok_or_else(missing)?;
    let decided = &earlier.created.decision;
    let same = earlier.subject == new.subject
        && earlier.ror_ids == new.ror_ids
        && decided.curator == new.decision.curator
        && decided.reason == new.decision.reason;
    if same {
        return Ok(Some(earlier));
    }
    Err(StoreError::RequestConflict {
        request: request.clone(),
        created: id,
    })
}
