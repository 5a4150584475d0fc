//! The whole stack in one process: resolver, metrics and gateway, each with a gRPC server of its own.
//!
//! The three talk over loopback sockets exactly as they do between machines. They stop in the order in
//! which calls go: first the gateway, so that nothing new comes in, then metrics, then the resolver.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::task::{JoinHandle, spawn_blocking};
use tokio_util::sync::CancellationToken;
use tonic::transport::{Channel, Endpoint};
use whence_affiliation_resolver::curation::Curation;
use whence_affiliation_resolver::current::Current;
use whence_affiliation_resolver::reload::{self, SnapshotFile};
use whence_client::Client;
use whence_metrics::MetricsState;
use whence_proto::{FILE_DESCRIPTOR_SET, affiliation, metrics as metrics_calls};
use whence_registry::Registry;
use whence_resolve::Resolver;
use whence_runtime::serve::{self, Listener, ServeError, Server};

use crate::error::CliError;
use crate::registry_source;

const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// How a stack is set up.
#[derive(Clone, Debug)]
pub struct StackOptions {
    /// Folder that holds the store.
    pub data_dir: PathBuf,
    /// Registry snapshot; the embedded starter registry if none.
    pub registry: Option<PathBuf>,
    /// Where the gateway listens; port 0 picks a free port.
    pub listen: SocketAddr,
}

/// A stack that answers.
pub struct Stack {
    url: String,
    client: Client,
    state: Arc<MetricsState>,
    /// Ends the resolver's watch of overrides.
    following: CancellationToken,
    gateway: Running,
    metrics: Running,
    resolver: Running,
}

/// A server of the stack.
struct Running {
    stop: CancellationToken,
    server: JoinHandle<Result<(), ServeError>>,
}

impl Stack {
    /// Starts the three and waits until calls reach all of them.
    pub async fn start(options: StackOptions) -> Result<Self, CliError> {
        let StackOptions {
            data_dir,
            registry,
            listen,
        } = options;
        // A port in use shows before the store is touched.
        let listener = serve::bind(listen).await?;
        let url = url(listener.address());
        let file = registry.clone().map(SnapshotFile::new);
        let opening = spawn_blocking(move || open(registry.as_deref(), &data_dir));
        let (registry, state) = opening
            .await
            .map_err(|error| CliError::Fault(error.to_string()))??;

        let server = Server::new()
            .add_service(whence_metrics::service(Arc::clone(&state)))
            .add_service(whence_metrics::curation_service(Arc::clone(&state)));
        let (metrics, metrics_channel) = Running::on_loopback(server).await?;
        let current = Arc::new(Current::new(Resolver::new(registry)?));
        let following = CancellationToken::new();
        let curation = Curation::follow(metrics_channel.clone(), following.clone());
        let service = whence_affiliation_resolver::serve(Arc::clone(&current), curation);
        let (resolver, resolver_channel) = Running::on_loopback(Server::new().add_service(service)).await?;
        reload::follow(file, current, reload::LOOK_INTERVAL, resolver.stop.clone())
            .map_err(CliError::reading("signals"))?;
        let gateway = Running::start(
            whence_gateway::server(resolver_channel, metrics_channel),
            listener,
        );

        let client = Client::connect(&url).await?;
        client.get_registry(affiliation::GetRegistryRequest {}).await?;
        client.get_index(metrics_calls::GetIndexRequest {}).await?;
        tracing::info!(%url, "the stack answers");
        Ok(Self {
            url,
            client,
            state,
            following,
            gateway,
            metrics,
            resolver,
        })
    }

    /// The URL of the gateway.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The registry that it resolves and counts by.
    pub fn registry(&self) -> &Registry {
        self.state.registry()
    }

    /// A client of the gateway.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Waits until a server ends by itself, which none should.
    pub async fn ended(&mut self) -> Result<(), CliError> {
        let Self {
            gateway,
            metrics,
            resolver,
            ..
        } = self;
        let (name, ended) = tokio::select! {
            ended = &mut gateway.server => ("gateway", ended),
            ended = &mut metrics.server => ("metrics", ended),
            ended = &mut resolver.server => ("resolver", ended),
        };
        match ended {
            Ok(Err(error)) => Err(error.into()),
            _ => Err(CliError::Fault(format!("the {name} server has ended by itself"))),
        }
    }

    /// Stops the three in order; everything acknowledged is on disk.
    pub async fn stop(self) -> Result<(), CliError> {
        let Self {
            client,
            state,
            following,
            gateway,
            metrics,
            resolver,
            ..
        } = self;
        drop(client);
        gateway.stop.cancel();
        following.cancel();
        state.stop_streams();
        gateway.stopped().await?;
        metrics.stopped().await?;
        resolver.stopped().await
    }
}

impl Running {
    async fn on_loopback(server: Server) -> Result<(Self, Channel), CliError> {
        let listener = serve::bind(ANY_PORT).await?;
        let address = listener.address();
        let endpoint = Endpoint::from_shared(url(address)).map_err(ServeError::from)?;
        Ok((
            Self::start(server.reflect(FILE_DESCRIPTOR_SET), listener),
            endpoint.connect_lazy(),
        ))
    }

    fn start(server: Server, listener: Listener) -> Self {
        let stop = CancellationToken::new();
        let server = tokio::spawn(server.serve(listener, stop.clone()));
        Self { stop, server }
    }

    async fn stopped(self) -> Result<(), CliError> {
        self.stop.cancel();
        if self.server.is_finished() {
            // Its end has been reported when it came.
            return Ok(());
        }
        let ended = self
            .server
            .await
            .map_err(|error| CliError::Fault(error.to_string()))?;
        Ok(ended?)
    }
}

/// Opens what takes its time: the registry and the store.
fn open(registry: Option<&Path>, data_dir: &Path) -> Result<(Registry, Arc<MetricsState>), CliError> {
    let registry = registry_source::open(registry)?;
    let store = data_dir.join("store");
    fs::create_dir_all(&store).map_err(CliError::writing(store.display().to_string()))?;
    let failed = |source| CliError::OpenStore {
        path: store.display().to_string(),
        source: Box::new(source),
    };
    let state = whence_metrics::open(registry.clone(), &store).map_err(failed)?;
    Ok((registry, state))
}

/// The URL at which a client of this machine reaches an address.
fn url(address: SocketAddr) -> String {
    let reachable = match address.ip() {
        ip if ip.is_unspecified() => SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()),
        _ => address,
    };
    format!("http://{reachable}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_means_all_is_reached_by_loopback() {
        assert_eq!(
            url(SocketAddr::from(([0, 0, 0, 0], 7340))),
            "http://127.0.0.1:7340"
        );
        assert_eq!(url("[::1]:7340".parse().unwrap()), "http://[::1]:7340");
    }
}
