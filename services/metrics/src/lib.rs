//! The metrics service: stores resolved articles and counts them, and keeps what curators decide.
//!
//! [`open`] opens a store and counts what is in it, [`service`] answers `whence.metrics.v1.MetricsService`
//! from that and [`curation_service`] `whence.curation.v1.CurationService`. A handler converts, calls the store or the contribution table, and converts back; the
//! methodology is `whence-share`'s, durability is `whence-store`'s.
//!
//! - `state`: the store and the index derived from it, one writer at a time; `index`, `resolved_with`: what
//!   is derived; `rules`, `registry`: what counting goes by;
//! - `service`: the calls in the order of the contract, and a file for each kind of them: `record` with
//!   `entry`, `rejections`, `articles`, `rankings`, `explain`;
//! - `curation`: the calls about overrides, with `new_override` (what is asked for), `watch` and `touched`;
//!   `override_book`: all overrides in memory;
//! - `convert`, `pages`, `error`: how messages are read, pages turned and failures told.

mod articles;
mod convert;
mod curation;
mod entry;
mod error;
mod explain;
mod index;
mod new_override;
mod override_book;
mod pages;
mod rankings;
mod record;
mod registry;
mod rejections;
mod resolved_with;
mod rules;
mod service;
mod state;
mod touched;
mod watch;

use std::path::Path;
use std::sync::Arc;

use whence_proto::curation::curation_service_server::CurationServiceServer;
use whence_proto::metrics::metrics_service_server::MetricsServiceServer;
use whence_registry::Registry;
use whence_runtime::serve::MESSAGE_BYTES_MAX;

pub use curation::Curation;
pub use error::MetricsError;
pub use registry::{OpenRegistryError, open_registry};
pub use service::Metrics;
pub use state::{MetricsState, OpenError};

/// Opens the store in a directory, or makes one there, and counts everything in it by this registry.
/// Blocks for as long as that takes.
pub fn open(registry: Registry, store_directory: &Path) -> Result<Arc<MetricsState>, OpenError> {
    Ok(Arc::new(MetricsState::open(registry, store_directory)?))
}

/// The service that answers from a state, with the limits of its messages set.
pub fn service(state: Arc<MetricsState>) -> MetricsServiceServer<Metrics> {
    MetricsServiceServer::new(Metrics::new(state)).max_decoding_message_size(MESSAGE_BYTES_MAX)
}

/// The service that keeps the overrides of a state, with the limits of its messages set.
pub fn curation_service(state: Arc<MetricsState>) -> CurationServiceServer<Curation> {
    CurationServiceServer::new(Curation::new(state)).max_decoding_message_size(MESSAGE_BYTES_MAX)
}
