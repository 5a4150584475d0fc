//! Durable articles, import ledgers, rejections and overrides. The only crate that names sled.
//!
//! One tree holds everything, so that articles, ledger and position of an import change in one batch:
//! batch, flush, witness, and only then the answer. [`Store::record`] is that path.
//!
//! | key | value (schema 1) | invariant |
//! | --- | --- | --- |
//! | `a` + article id | all records of the article, the winner first | a record is in exactly one article; the id follows from the records |
//! | `k` + identifier | id of an article | every other DOI, PMID, PMCID and `<source>:<source id>` of a stored record, and no more |
//! | `i` + import id | position, accounting, number of the resolver's versions | read = recorded + unchanged + updated + excluded + rejected |
//! | `l` + import id + 0 + last sequence | digests and first outcomes of consecutive sequences | runs cover 1 to the position without gap or overlap; never rewritten |
//! | `x` + import id + 0 + sequence | a refused record | one for each outcome `Rejected` |
//! | `o` + id | an override, standing or deleted | every creation and deletion has a revision, from 1 without gaps; the id is that of the creation |
//! | `q` + request id | id of an override | written with the override, never again |
//! | `v` + number | versions of a resolver | numbers count from 0 without gaps; never rewritten |
//! | `m1` | schema version of the store | newer: refused; older: migrated |
//! | `m2` | revision, number of articles, fingerprint of all other values | written in every batch |
//!
//! Text in keys is UTF-8, numbers are big-endian. Each value stands in an envelope with its own schema
//! version and checksum, packed by zstd. Beside the tree stands `witness`: what was flushed last.
//!
//! What is stored depends only on the record states that came, not on their order: of each record the
//! highest state stands, and articles are regrouped from the records that each change touches. Two
//! things do follow the order of arrival: a deletion removes what is there when it comes (nothing is
//! remembered of it), and of two resolutions of one unchanged record the later stands.

mod articles;
mod codec;
mod draft;
mod error;
mod identity;
mod import;
mod key;
mod ledger;
mod open;
mod overrides;
mod state;
mod store;
mod witness;

// What unit tests and test binaries share names this crate as the latter do.
#[cfg(test)]
extern crate self as whence_store;
#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;

pub use articles::{ArticleChange, Deleted, StoredArticle};
pub use error::StoreError;
pub use import::{
    Accounting, EntryContent, EntryOutcome, ExcludedRecord, ImportEntry, ImportId, ImportState,
    InvalidImportId, Outcome, Recorded, RefusedRecord,
};
pub use ledger::Rejection;
pub use open::{OpenReport, StoreOptions};
pub use overrides::NewOverride;
pub use store::Store;

/// The schema of the store and of its values that this version writes.
const SCHEMA_VERSION: u8 = 1;
