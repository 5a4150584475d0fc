//! How a service starts: settings from their layers, logs as the settings say, and a token that signals stop.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::config::{Layers, load};
use crate::exit::Failure;
use crate::{serve, telemetry};

/// The two settings of logging: every service's settings hold them, flattened.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// What to log, such as `info` or `whence=debug`.
    pub log: String,
    /// `text` or `json`.
    pub log_format: String,
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            log: "info".to_owned(),
            log_format: "text".to_owned(),
        }
    }
}

/// Reads the settings of a service (defaults, then the file, then the environment variables of the prefix,
/// then the flags), starts its logs, and gives a token that is cancelled at the first SIGTERM or SIGINT.
pub fn start<C>(
    prefix: &str,
    file: Option<&Path>,
    flags: &impl Serialize,
) -> Result<(C, CancellationToken), Failure>
where
    C: AsRef<Logging> + Default + DeserializeOwned + Serialize,
{
    let settings: C = load(
        &Layers {
            file,
            prefix,
            environment: std::env::vars().collect(),
        },
        flags,
    )?;
    let Logging { log, log_format } = settings.as_ref();
    telemetry::init(log_format.parse()?, log)?;
    Ok((settings, serve::stop_on_signals()?))
}
