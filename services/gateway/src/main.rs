//! `whence-gateway`: configuration, telemetry, channels, serve, drain.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde::{Deserialize, Serialize};
use tonic::transport::Endpoint;
use whence_runtime::{Failure, Logging, exit, serve, start};

/// A service that is gone is noticed within the sum of the two, also while nothing is asked.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(5);

/// One gRPC door to the services of Whence, and to streaming import.
#[derive(Debug, Parser, Serialize)]
#[command(version, about)]
struct Flags {
    /// A TOML file with the settings below
    #[arg(long, value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Where to listen [environment: `WHENCE_GATEWAY_LISTEN`]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// URLs of the resolvers, with commas between [environment: `WHENCE_GATEWAY_RESOLVERS`]
    #[arg(long, value_name = "URLS")]
    resolvers: Option<String>,
    /// URL of the metrics service [environment: `WHENCE_GATEWAY_METRICS`]
    #[arg(long, value_name = "URL")]
    metrics: Option<String>,
    /// What to log, such as `info` or `whence=debug` [environment: `WHENCE_GATEWAY_LOG`]
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// `text` or `json` [environment: `WHENCE_GATEWAY_LOG_FORMAT`]
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Settings {
    listen: SocketAddr,
    resolvers: String,
    metrics: String,
    #[serde(flatten)]
    logging: Logging,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7340)),
            resolvers: "http://127.0.0.1:7341".to_owned(),
            metrics: "http://127.0.0.1:7342".to_owned(),
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
    let (settings, stop) = start::<Settings>("WHENCE_GATEWAY", flags.config.as_deref(), &flags)?;

    let resolvers: Result<Vec<Endpoint>, _> = settings
        .resolvers
        .split(',')
        .map(|url| endpoint("resolvers", url))
        .collect();
    let metrics = endpoint("metrics", &settings.metrics)?;
    let listener = serve::bind(settings.listen).await?;
    tracing::info!(address = %listener.address(), resolvers = settings.resolvers, metrics = settings.metrics, "serving");
    let server = whence_gateway::server(whence_gateway::resolvers(resolvers?), metrics.connect_lazy());
    Ok(server.serve(listener, stop).await?)
}

fn endpoint(setting: &str, url: &str) -> Result<Endpoint, String> {
    let url = url.trim();
    let endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|_| format!("{setting} holds {url:?}, which is no URL, such as http://127.0.0.1:7341"))?;
    Ok(endpoint
        .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
        .keep_alive_timeout(KEEPALIVE_TIMEOUT)
        .keep_alive_while_idle(true))
}
