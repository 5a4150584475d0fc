//! The affiliation-resolver service: printed addresses to institutions and places over gRPC.
//!
//! Thin: [`registry`] opens the snapshot, [`resolving`] puts a cache in front of the engine, [`answer`]
//! fills in names, [`service`] is the contract. The rules of matching are all in `whence-resolve`.
//! Nothing is kept on disk: run as many as needed.

pub mod answer;
pub mod registry;
pub mod resolving;
pub mod service;

use std::sync::Arc;

use whence_proto::affiliation::affiliation_service_server::AffiliationServiceServer;
use whence_registry::Registry;
use whence_resolve::Resolver;
use whence_resolve::index::IndexError;
use whence_runtime::serve::MESSAGE_BYTES_MAX;

/// The gRPC service over a registry whose snapshot holds the index.
pub fn serve(registry: Registry) -> Result<AffiliationServiceServer<service::Affiliation>, IndexError> {
    let resolving = Arc::new(resolving::Resolving::new(Resolver::new(registry)?));
    let service = AffiliationServiceServer::new(service::Affiliation::new(resolving));
    Ok(service.max_decoding_message_size(MESSAGE_BYTES_MAX))
}
