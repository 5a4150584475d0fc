//! `whence health`: whether a service says that it serves, by the standard health protocol.

use std::time::Duration;

use clap::Args;
use tonic::transport::Endpoint;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::arguments::Global;
use crate::error::CliError;
use crate::output::print_text;

/// A service that takes longer than this to say that it is well is not.
const TIMEOUT: Duration = Duration::from_secs(2);

/// What `whence health` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  whence health\n  whence health --gateway http://127.0.0.1:7341")]
pub struct HealthArgs {
    /// Name of one service in the contract; the whole server if not given
    #[arg(long, value_name = "NAME", default_value = "")]
    service: String,
}

/// Asks, and fails unless the answer is "serving".
pub async fn run(args: HealthArgs, global: &Global) -> Result<(), CliError> {
    let url = global.gateway_url();
    let status = check(url, args.service).await?;
    if status == ServingStatus::Serving {
        print_text(&format!("{url} serves"))
    } else {
        Err(CliError::Partly(format!(
            "{url} answers, but does not serve: {}",
            status.as_str_name()
        )))
    }
}

/// Asks a server for the health of one of its services.
pub async fn check(url: &str, service: String) -> Result<ServingStatus, CliError> {
    let endpoint = Endpoint::from_shared(url.to_owned());
    let endpoint = endpoint.map_err(|_| {
        CliError::usage(format!(
            "{url:?} is not the URL of a server, such as http://127.0.0.1:7340"
        ))
    })?;
    let failed = |error: &dyn std::fmt::Display| CliError::Partly(format!("{url} does not answer: {error}"));
    let channel = endpoint.connect_timeout(TIMEOUT).timeout(TIMEOUT).connect().await;
    let mut client = HealthClient::new(channel.map_err(|error| failed(&error))?);
    let answer = client.check(HealthCheckRequest { service }).await;
    let HealthCheckResponse { status } = answer.map_err(|status| failed(&status.message()))?.into_inner();
    Ok(ServingStatus::try_from(status).unwrap_or(ServingStatus::Unknown))
}
