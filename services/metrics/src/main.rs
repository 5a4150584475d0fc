//! `whence-metrics`: configuration, telemetry, registry, store, serve, drain.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use serde::{Deserialize, Serialize};
use whence_metrics::{MetricsState, curation_service, open, open_registry, service};
use whence_runtime::{Failure, Logging, exit, serve, start};

/// Stores resolved articles and counts them, over gRPC.
#[derive(Debug, Parser, Serialize)]
#[command(name = "whence-metrics", version, about)]
struct Flags {
    /// A TOML file with the settings below
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Where to listen [environment: `WHENCE_METRICS_LISTEN`; default: 127.0.0.1:7342]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Directory of the store; made if there is none [environment: `WHENCE_METRICS_STORE`; default: whence-store]
    #[arg(long, value_name = "DIRECTORY")]
    store: Option<PathBuf>,
    /// Registry snapshot; the embedded starter registry if not set [environment: `WHENCE_METRICS_REGISTRY`]
    #[arg(long, value_name = "SNAPSHOT")]
    registry: Option<PathBuf>,
    /// What to log, such as `info` or `whence_metrics=debug,warn` [environment: `WHENCE_METRICS_LOG`]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// `text` or `json` [environment: `WHENCE_METRICS_LOG_FORMAT`]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Settings {
    listen: SocketAddr,
    store: PathBuf,
    registry: Option<PathBuf>,
    #[serde(flatten)]
    logging: Logging,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7342)),
            store: PathBuf::from("whence-store"),
            registry: None,
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
    let (settings, stop) = start::<Settings>("WHENCE_METRICS", flags.config.as_deref(), &flags)?;

    let listener = serve::bind(settings.listen).await?;
    let opening = move || {
        Ok(open(
            open_registry(settings.registry.as_deref())?,
            &settings.store,
        )?)
    };
    let opened: Result<Arc<MetricsState>, Failure> = tokio::task::spawn_blocking(opening).await?;
    let state = opened?;
    tracing::info!(address = %listener.address(), registry = state.registry().version(), "serving");
    let (stopped, ending) = (stop.clone(), Arc::clone(&state));
    tokio::spawn(async move {
        stopped.cancelled().await;
        ending.stop_streams();
    });
    let server = serve::Server::new()
        .add_service(service(Arc::clone(&state)))
        .add_service(curation_service(state))
        .reflect(whence_proto::FILE_DESCRIPTOR_SET);
    Ok(server.serve(listener, stop).await?)
}
