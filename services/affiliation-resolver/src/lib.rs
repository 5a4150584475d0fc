//! The affiliation-resolver service: printed addresses to institutions and places over gRPC.
//!
//! Thin: [`registry`] opens the snapshot, [`resolving`] puts a cache in front of the engine, [`current`]
//! holds the one that answers now, [`reload`] replaces it, [`curation`] follows the overrides that act,
//! [`answer`] and [`explanation`] fill in names, [`service`] is the contract with what `refusal` has for bad
//! requests. The rules of matching are all in `whence-resolve`. Nothing is kept on disk: run as many as needed.

pub mod answer;
pub mod curation;
pub mod current;
pub mod explanation;
mod refusal;
pub mod registry;
pub mod reload;
pub mod resolving;
pub mod service;

use std::sync::Arc;

use whence_proto::affiliation::affiliation_service_server::AffiliationServiceServer;
use whence_runtime::serve::MESSAGE_BYTES_MAX;

use crate::curation::Curation;
use crate::current::Current;

/// The gRPC service that answers from the current snapshot, with the newest overrides.
pub fn serve(current: Arc<Current>, curation: Curation) -> AffiliationServiceServer<service::Affiliation> {
    let service = AffiliationServiceServer::new(service::Affiliation::new(current, curation));
    service.max_decoding_message_size(MESSAGE_BYTES_MAX)
}
