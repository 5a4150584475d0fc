//! Serving: a listener, the services behind it with health and reflection, and a stop that drains.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http::{Request, Response};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::codegen::Service;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic::transport::server::TcpIncoming;

use crate::deadline::DeadlineLayer;
use crate::health::Health;
use crate::panic::PanicLayer;

/// The largest message that our services and clients take: set it as `max_decoding_message_size` on
/// each. A thousand records of a large import fit with room to spare.
pub const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long calls in flight may go on after a stop before their connections are cut.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// A dead peer is noticed within the sum of the two.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a server cannot start or has ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Something else listens there.
    #[error(
        "the address {0} is already in use; stop what listens there, or choose another with --listen (port 0 picks a free one)"
    )]
    AddressInUse(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}")]
    CannotListen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The descriptors for reflection cannot be read.
    #[error("the descriptors for reflection cannot be read")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the server has failed")]
    Transport(#[from] tonic::transport::Error),
}

/// A bound socket that nobody serves yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// The address, with the port that the system picked if 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Listens on an address; port 0 picks a free port.
pub async fn bind(address: SocketAddr) -> Result<Listener, ServeError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => ServeError::AddressInUse(address),
        _ => ServeError::CannotListen { address, source },
    };
    let socket = TcpListener::bind(address).await.map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?;
    Ok(Listener { socket, address })
}

/// A token that is cancelled at the first SIGTERM or SIGINT. A second one ends the process at once.
pub fn stop_on_signals() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        for attempt in 0.. {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if attempt > 0 {
                tracing::warn!("stopped without draining");
                std::process::exit(1);
            }
            tracing::info!("stopping; once more stops at once");
            token.cancel();
        }
    });
    Ok(stop)
}

/// The services of one address, with health and reflection beside them.
#[derive(Default)]
pub struct Server {
    routes: RoutesBuilder,
    names: Vec<&'static str>,
    descriptors: Vec<&'static [u8]>,
    drain_limit: Option<Duration>,
}

impl Server {
    /// A server without services.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service.
    #[must_use]
    pub fn add_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Serves these encoded descriptors by reflection.
    #[must_use]
    pub fn reflect(mut self, file_descriptor_set: &'static [u8]) -> Self {
        self.descriptors.push(file_descriptor_set);
        self
    }

    /// How long calls in flight may go on after a stop; ten seconds if not set.
    #[must_use]
    pub fn drain_limit(mut self, limit: Duration) -> Self {
        self.drain_limit = Some(limit);
        self
    }

    /// Serves until the token is cancelled, then lets calls in flight finish within the drain limit.
    /// Handlers of streams that would go on for ever watch the token themselves.
    pub async fn serve(self, listener: Listener, stop: CancellationToken) -> Result<(), ServeError> {
        let Self {
            mut routes,
            names,
            descriptors,
            drain_limit,
        } = self;
        let (reporter, health_service) = tonic_health::server::health_reporter();
        routes.add_service(health_service);
        if !descriptors.is_empty() {
            let reflection = || {
                let mut builder = tonic_reflection::server::Builder::configure();
                for descriptor in
                    std::iter::once(tonic_health::pb::FILE_DESCRIPTOR_SET).chain(descriptors.iter().copied())
                {
                    builder = builder.register_encoded_file_descriptor_set(descriptor);
                }
                builder
            };
            routes.add_service(reflection().build_v1()?);
            // What most clients still ask by.
            routes.add_service(reflection().build_v1alpha()?);
        }
        let health = Health::new(reporter, names);
        health.serving().await;

        let Listener { socket, address } = listener;
        let stopping = {
            let stop = stop.clone();
            async move {
                stop.cancelled().await;
                health.stopping().await;
            }
        };
        let serving = tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE_INTERVAL))
            .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
            .trace_fn(|request| tracing::info_span!("call", path = request.uri().path()))
            .layer(DeadlineLayer)
            .layer(PanicLayer)
            .add_routes(routes.routes())
            .serve_with_incoming_shutdown(TcpIncoming::from(socket).with_nodelay(Some(true)), stopping);
        let drained = async {
            stop.cancelled().await;
            tokio::time::sleep(drain_limit.unwrap_or(DRAIN_LIMIT)).await;
        };
        tokio::select! {
            served = serving => Ok(served?),
            () = drained => {
                tracing::warn!(%address, "calls still in flight after the drain limit are cut off");
                Ok(())
            }
        }
    }
}
