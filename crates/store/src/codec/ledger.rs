//! Schema 1 of everything but articles: imports, ledgers, rejections, resolver versions, state, aliases.

use serde::{Deserialize, Serialize};
use whence_model::{ArticleId, ResolverVersions};

use crate::StoreError;
use crate::codec::{damaged, decode, seal, unseal};
use crate::import::{Accounting, EntryOutcome, ImportState, Outcome, RefusedRecord};
use crate::key::Key;
use crate::state::State;

/// An import as stored: its public state, and the number of the versions that resolve it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) state: ImportState,
    pub(crate) resolved_with: u32,
}

/// One sequence as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LedgerEntry {
    pub(crate) digest: [u8; 32],
    pub(crate) outcome: EntryOutcome,
}

#[derive(Serialize, Deserialize)]
struct ImportV1 {
    flushed_through: u64,
    resolved_with: u32,
    read: u64,
    recorded: u64,
    unchanged: u64,
    updated: u64,
    excluded: u64,
    rejected: u64,
    deleted: u64,
    authors: u64,
    affiliations: u64,
    resolved_affiliations: u64,
}

/// Consecutive sequences; the last one is in the key.
#[derive(Serialize, Deserialize)]
struct RunV1<'a> {
    first_sequence: u64,
    #[serde(borrow)]
    entries: Vec<EntryV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct EntryV1<'a> {
    digest: [u8; 32],
    outcome: OutcomeV1,
    article_id: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize, Deserialize)]
enum OutcomeV1 {
    Recorded,
    Unchanged,
    Updated,
    Excluded,
    Rejected,
    Deleted,
}

#[derive(Serialize, Deserialize)]
struct RejectionV1<'a> {
    record_id: &'a str,
    location: &'a str,
    reason: &'a str,
}

#[derive(Serialize, Deserialize)]
struct VersionsV1<'a> {
    registry_version: &'a str,
    registry_checksum: &'a str,
    engine_version: &'a str,
}

#[derive(Serialize, Deserialize)]
struct StateV1 {
    revision: u64,
    articles: u64,
    fingerprint: u64,
    previous: [u8; 32],
}

pub(crate) fn seal_import(key: &Key, import: &Import) -> Result<Vec<u8>, StoreError> {
    let Import {
        state: ImportState {
            flushed_through,
            accounting,
        },
        resolved_with,
    } = *import;
    let Accounting {
        read,
        recorded,
        unchanged,
        updated,
        excluded,
        rejected,
        deleted,
        authors,
        affiliations,
        resolved_affiliations,
    } = accounting;
    let import = ImportV1 {
        flushed_through,
        resolved_with,
        read,
        recorded,
        unchanged,
        updated,
        excluded,
        rejected,
        deleted,
        authors,
        affiliations,
        resolved_affiliations,
    };
    seal(key, &import)
}

pub(crate) fn unseal_import(key: &[u8], sealed: &[u8]) -> Result<Import, StoreError> {
    let payload = unseal(key, sealed)?;
    let import: ImportV1 = decode(key, &payload)?;
    let accounting = Accounting {
        read: import.read,
        recorded: import.recorded,
        unchanged: import.unchanged,
        updated: import.updated,
        excluded: import.excluded,
        rejected: import.rejected,
        deleted: import.deleted,
        authors: import.authors,
        affiliations: import.affiliations,
        resolved_affiliations: import.resolved_affiliations,
    };
    let state = ImportState {
        flushed_through: import.flushed_through,
        accounting,
    };
    Ok(Import {
        state,
        resolved_with: import.resolved_with,
    })
}

/// Seals a run of consecutive sequences, which must not be empty.
pub(crate) fn seal_run(key: &Key, entries: &[LedgerEntry]) -> Result<Vec<u8>, StoreError> {
    let first_sequence = entries.first().map_or(0, |entry| entry.outcome.sequence);
    let entries = entries.iter().map(|LedgerEntry { digest, outcome }| EntryV1 {
        digest: *digest,
        outcome: outcome_to_v1(outcome.outcome),
        article_id: outcome.article_id.as_ref().map(ArticleId::as_str),
        reason: &outcome.reason,
    });
    seal(
        key,
        &RunV1 {
            first_sequence,
            entries: entries.collect(),
        },
    )
}

pub(crate) fn unseal_run(key: &[u8], sealed: &[u8]) -> Result<Vec<LedgerEntry>, StoreError> {
    let payload = unseal(key, sealed)?;
    let run: RunV1<'_> = decode(key, &payload)?;
    let entries = (run.first_sequence..).zip(run.entries).map(|(sequence, entry)| {
        let outcome = EntryOutcome {
            sequence,
            outcome: outcome_from_v1(&entry.outcome),
            article_id: entry.article_id.map(|id| parse_id(key, id)).transpose()?,
            reason: entry.reason.to_owned(),
        };
        Ok(LedgerEntry {
            digest: entry.digest,
            outcome,
        })
    });
    entries.collect()
}

fn outcome_to_v1(outcome: Outcome) -> OutcomeV1 {
    match outcome {
        Outcome::Recorded => OutcomeV1::Recorded,
        Outcome::Unchanged => OutcomeV1::Unchanged,
        Outcome::Updated => OutcomeV1::Updated,
        Outcome::Excluded => OutcomeV1::Excluded,
        Outcome::Rejected => OutcomeV1::Rejected,
        Outcome::Deleted => OutcomeV1::Deleted,
    }
}

fn outcome_from_v1(outcome: &OutcomeV1) -> Outcome {
    match outcome {
        OutcomeV1::Recorded => Outcome::Recorded,
        OutcomeV1::Unchanged => Outcome::Unchanged,
        OutcomeV1::Updated => Outcome::Updated,
        OutcomeV1::Excluded => Outcome::Excluded,
        OutcomeV1::Rejected => Outcome::Rejected,
        OutcomeV1::Deleted => Outcome::Deleted,
    }
}

pub(crate) fn seal_rejection(key: &Key, refused: &RefusedRecord) -> Result<Vec<u8>, StoreError> {
    let RefusedRecord {
        record_id,
        location,
        reason,
    } = refused;
    seal(
        key,
        &RejectionV1 {
            record_id,
            location,
            reason,
        },
    )
}

pub(crate) fn unseal_rejection(key: &[u8], sealed: &[u8]) -> Result<RefusedRecord, StoreError> {
    let payload = unseal(key, sealed)?;
    let RejectionV1 {
        record_id,
        location,
        reason,
    } = decode(key, &payload)?;
    let [record_id, location, reason] = [record_id, location, reason].map(str::to_owned);
    Ok(RefusedRecord {
        record_id,
        location,
        reason,
    })
}

pub(crate) fn seal_versions(key: &Key, versions: &ResolverVersions) -> Result<Vec<u8>, StoreError> {
    let ResolverVersions {
        registry_version,
        registry_checksum,
        engine_version,
        override_revision,
    } = versions;
    let named = VersionsV1 {
        registry_version,
        registry_checksum,
        engine_version,
    };
    match override_revision {
        // As it was before there were overrides.
        0 => seal(key, &named),
        revision => seal(key, &(named, revision)),
    }
}

pub(crate) fn unseal_versions(key: &[u8], sealed: &[u8]) -> Result<ResolverVersions, StoreError> {
    let payload = unseal(key, sealed)?;
    let (named, override_revision) = match decode(key, &payload) {
        Ok(named) => (named, 0),
        Err(_) => decode::<(VersionsV1<'_>, u64)>(key, &payload)?,
    };
    let VersionsV1 {
        registry_version,
        registry_checksum,
        engine_version,
    } = named;
    Ok(ResolverVersions {
        registry_version: registry_version.to_owned(),
        registry_checksum: registry_checksum.to_owned(),
        engine_version: engine_version.to_owned(),
        override_revision,
    })
}

pub(crate) fn seal_state(key: &Key, state: &State) -> Result<Vec<u8>, StoreError> {
    let State {
        revision,
        articles,
        fingerprint,
        previous,
    } = *state;
    seal(
        key,
        &StateV1 {
            revision,
            articles,
            fingerprint,
            previous,
        },
    )
}

pub(crate) fn unseal_state(key: &[u8], sealed: &[u8]) -> Result<State, StoreError> {
    let payload = unseal(key, sealed)?;
    let StateV1 {
        revision,
        articles,
        fingerprint,
        previous,
    } = decode(key, &payload)?;
    Ok(State {
        revision,
        articles,
        fingerprint,
        previous,
    })
}

pub(crate) fn seal_alias(key: &Key, id: &ArticleId) -> Result<Vec<u8>, StoreError> {
    seal(key, &id.as_str())
}

pub(crate) fn unseal_alias(key: &[u8], sealed: &[u8]) -> Result<ArticleId, StoreError> {
    let payload = unseal(key, sealed)?;
    parse_id(key, decode(key, &payload)?)
}

fn parse_id(key: &[u8], text: &str) -> Result<ArticleId, StoreError> {
    ArticleId::parse(text).map_err(|error| damaged(key, &error.to_string()))
}
