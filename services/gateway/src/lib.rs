//! The gateway: one gRPC door to the services of Whence, and to streaming import.
//!
//! [`proxy`] passes calls of the services behind it through unread; [`ingest`] takes raw articles, has
//! their addresses resolved ([`resolve`]) and recorded. [`revision`] sees to it that overrides act at once. The gateway keeps nothing: what it acknowledges,
//! the metrics service has flushed.

pub mod error;
pub mod ingest;
pub mod proxy;
pub mod resolve;
pub mod revision;

use tonic::transport::{Channel, Endpoint};
use whence_proto::ingest::ingest_service_server::IngestServiceServer;
use whence_runtime::serve::{MESSAGE_BYTES_MAX, Server};

use crate::proxy::Proxy;
use crate::revision::OverrideRevision;

/// A channel to the resolvers at these addresses, balanced over if there are several. It connects when it
/// is first used, so that the order in which services start does not matter.
pub fn resolvers(endpoints: Vec<Endpoint>) -> Channel {
    match <[Endpoint; 1]>::try_from(endpoints) {
        Ok([endpoint]) => endpoint.connect_lazy(),
        Err(endpoints) => Channel::balance_list(endpoints.into_iter()),
    }
}

/// The gateway's server over channels to the services behind it. Follows the revisions of the overrides as
/// long as the server is there, so that it is called within the asynchronous runtime.
pub fn server(resolver: Channel, metrics: Channel) -> Server {
    let revision = OverrideRevision::default();
    let following = revision.follow(metrics.clone());
    let ingest = ingest::Ingest::new(resolver.clone(), metrics.clone(), revision.clone(), following);
    Server::new()
        .add_service(Proxy::<proxy::Affiliation>::new(resolver, revision.clone()))
        .add_service(Proxy::<proxy::Metrics>::new(metrics.clone(), revision.clone()))
        .add_service(Proxy::<proxy::Curation>::new(metrics, revision))
        .add_service(IngestServiceServer::new(ingest).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .reflect(whence_proto::FILE_DESCRIPTOR_SET)
}
