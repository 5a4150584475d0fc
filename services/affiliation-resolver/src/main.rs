//! `whence-affiliation-resolver`: configuration, telemetry, registry, serve, drain.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;
use whence_affiliation_resolver::curation::Curation;
use whence_affiliation_resolver::current::Current;
use whence_affiliation_resolver::reload::{self, SnapshotFile};
use whence_affiliation_resolver::{registry, serve};
use whence_resolve::Resolver;
use whence_runtime::{Failure, Logging, exit, serve as server, start};

/// A metrics service that is gone is noticed within the sum of the two, also while nothing changes.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Resolves printed addresses to institutions (ROR) and places (GeoNames) over gRPC.
#[derive(Debug, Parser, Serialize)]
#[command(version, about)]
struct Flags {
    /// A TOML file with the settings below
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Where to listen [environment: `WHENCE_RESOLVER_LISTEN`]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Registry snapshot, opened anew on SIGHUP and when the file is replaced; the embedded starter registry if
    /// not set [environment: `WHENCE_RESOLVER_REGISTRY`]
    #[arg(long, value_name = "SNAPSHOT")]
    registry: Option<PathBuf>,
    /// URL of the metrics service, whose overrides act on every answer; none act if not set [environment:
    /// `WHENCE_RESOLVER_CURATION`]
    #[arg(long, value_name = "URL")]
    curation: Option<String>,
    /// What to log, such as `info` or `whence=debug` [environment: `WHENCE_RESOLVER_LOG`]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// `text` or `json` [environment: `WHENCE_RESOLVER_LOG_FORMAT`]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Settings {
    listen: SocketAddr,
    registry: Option<PathBuf>,
    curation: Option<String>,
    #[serde(flatten)]
    logging: Logging,
}

impl Default for Settings {
    fn default() -> Self {
        let listen = SocketAddr::from(([127, 0, 0, 1], 7341));
        Self {
            listen,
            registry: None,
            curation: None,
            logging: Logging::default(),
        }
    }
}

impl AsRef<Logging> for Settings {
    fn as_ref(&self) -> &Logging {
        &self.logging
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    exit(run(Flags::parse()).await)
}

async fn run(flags: Flags) -> Result<(), Failure> {
    let (settings, stop) = start::<Settings>("WHENCE_RESOLVER", flags.config.as_deref(), &flags)?;

    let curation = curation(settings.curation.as_deref(), stop.clone())?;
    let listener = server::bind(settings.listen).await?;
    let file = settings.registry.clone().map(SnapshotFile::new);
    let registry =
        tokio::task::spawn_blocking(move || registry::open(settings.registry.as_deref())).await??;
    let (version, checksum) = (registry.version().to_owned(), registry.checksum_hex().to_owned());
    let current = Arc::new(Current::new(Resolver::new(registry)?));
    reload::follow(file, Arc::clone(&current), reload::LOOK_INTERVAL, stop.clone())?;
    tracing::info!(address = %listener.address(), registry = version, checksum, "serving");
    let server = server::Server::new()
        .add_service(serve(current, curation))
        .reflect(whence_proto::FILE_DESCRIPTOR_SET);
    Ok(server.serve(listener, stop).await?)
}

/// The overrides of the metrics service at this URL, or none at all.
fn curation(url: Option<&str>, stop: CancellationToken) -> Result<Curation, Failure> {
    let Some(url) = url else {
        tracing::info!("no curation is set: this resolver answers without overrides");
        return Ok(Curation::none());
    };
    let no_url = |_| format!("curation holds {url:?}, which is no URL, such as http://127.0.0.1:7342");
    let endpoint = Endpoint::from_shared(url.to_owned()).map_err(no_url)?;
    let endpoint = endpoint
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true);
    tracing::info!(curation = url, "overrides are followed");
    Ok(Curation::follow(endpoint.connect_lazy(), stop))
}
