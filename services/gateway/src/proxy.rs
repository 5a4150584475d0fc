//! The services behind the gateway, passed through as they are.
//!
//! A call is forwarded as the HTTP/2 request that it is: path, metadata, deadline and the frames of its
//! body, in both directions, unread. So a client's stub works against the gateway as against the service,
//! streams stay streams, and a method added to a service needs nothing here. Only a service that cannot
//! be reached is answered by the gateway itself. The one thing that the gateway looks at, and adds, is the
//! header that says which revision of the overrides was reached or is needed.

use std::convert::Infallible;
use std::marker::PhantomData;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::transport::Channel;
use tower::{Service, ServiceExt};
use whence_runtime::to_status;

use crate::error::GatewayError;
use crate::revision::OverrideRevision;

/// Which service a proxy stands for.
pub trait Proxied: Send + Sync + 'static {
    /// Its full name in the contract.
    const NAME: &'static str;
    /// What people call it.
    const TITLE: &'static str;

    /// Adds to the headers of a request.
    fn outgoing(_revision: &OverrideRevision, _headers: &mut HeaderMap) {}

    /// Learns from the headers of an answer.
    fn incoming(_revision: &OverrideRevision, _headers: &HeaderMap) {}
}

/// The resolver's service.
#[derive(Debug)]
pub enum Affiliation {}

impl Proxied for Affiliation {
    const NAME: &'static str = whence_proto::affiliation::affiliation_service_server::SERVICE_NAME;
    const TITLE: &'static str = "affiliation-resolver";

    fn outgoing(revision: &OverrideRevision, headers: &mut HeaderMap) {
        revision.stamp(headers);
    }
}

/// The metrics service.
#[derive(Debug)]
pub enum Metrics {}

impl Proxied for Metrics {
    const NAME: &'static str = whence_proto::metrics::metrics_service_server::SERVICE_NAME;
    const TITLE: &'static str = "metrics";
}

/// The curation service, which the metrics service serves.
#[derive(Debug)]
pub enum Curation {}

impl Proxied for Curation {
    const NAME: &'static str = whence_proto::curation::curation_service_server::SERVICE_NAME;
    const TITLE: &'static str = "metrics";

    fn incoming(revision: &OverrideRevision, headers: &HeaderMap) {
        revision.learn(headers);
    }
}

/// Passes every call of one service on to a channel.
#[derive(Debug)]
pub struct Proxy<P> {
    channel: Channel,
    revision: OverrideRevision,
    service: PhantomData<fn() -> P>,
}

impl<P> Proxy<P> {
    /// A proxy to the service at the other end of this channel, with the newest revision of the overrides.
    pub fn new(channel: Channel, revision: OverrideRevision) -> Self {
        Self {
            channel,
            revision,
            service: PhantomData,
        }
    }
}

impl<P> Clone for Proxy<P> {
    fn clone(&self) -> Self {
        Self::new(self.channel.clone(), self.revision.clone())
    }
}

impl<P: Proxied> NamedService for Proxy<P> {
    const NAME: &'static str = P::NAME;
}

impl<P: Proxied> Service<Request<Body>> for Proxy<P> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // Readiness of the channel is awaited in the call, where its failure can be answered.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let (channel, revision) = (self.channel.clone(), self.revision.clone());
        P::outgoing(&revision, request.headers_mut());
        Box::pin(async move {
            let answer = channel.oneshot(request).await;
            if let Ok(answer) = &answer {
                P::incoming(&revision, answer.headers());
            }
            Ok(answer.unwrap_or_else(|error| {
                tracing::warn!(
                    service = P::TITLE,
                    error = &error as &dyn std::error::Error,
                    "service cannot be reached"
                );
                to_status(GatewayError::Unreachable { service: P::TITLE }).into_http()
            }))
        })
    }
}
