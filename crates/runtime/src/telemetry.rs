//! Logs: to standard error, as text for people or as one JSON object a line for machines.
//!
//! Standard output belongs to results. Colours appear only on a terminal.

use std::fmt;
use std::io::{IsTerminal, stderr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = TelemetryError;

    fn from_str(text: &str) -> Result<Self, TelemetryError> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(TelemetryError::UnknownFormat(text.to_owned())),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// No such format.
    #[error("{0:?} is not a log format: text or json")]
    UnknownFormat(String),
    /// The filter cannot be read.
    #[error("{filter:?} is not a log filter, such as info or whence_metrics=debug,warn")]
    InvalidFilter {
        /// The filter as given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Somebody else logs already.
    #[error("logging has been started before in this process")]
    AlreadyStarted(#[from] tracing::subscriber::SetGlobalDefaultError),
}

/// Starts logging for the whole process, once. The filter is a level, or levels by module.
pub fn init(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let subscriber = subscriber(format, filter, stderr().is_terminal(), stderr)?;
    Ok(tracing::subscriber::set_global_default(subscriber)?)
}

fn subscriber<W>(
    format: LogFormat,
    filter: &str,
    colour: bool,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let invalid = |source| TelemetryError::InvalidFilter {
        filter: filter.to_owned(),
        source,
    };
    let levels = EnvFilter::builder().parse(filter).map_err(invalid)?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(levels)
        .with_writer(writer);
    Ok(match format {
        LogFormat::Text => Box::new(lines.with_ansi(colour).finish()),
        LogFormat::Json => Box::new(lines.json().flatten_event(true).finish()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(format: LogFormat, filter: &str) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(format, filter, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(import_id = "june", "import opened");
            tracing::debug!("not of interest");
        });
        String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn text_is_plain_and_filtered() {
        let text = logged(LogFormat::Text, "info");
        assert!(
            text.contains("import opened") && text.contains("import_id=\"june\""),
            "{text}"
        );
        assert!(
            !text.contains("not of interest") && !text.contains('\u{1b}'),
            "{text}"
        );
    }

    #[test]
    fn json_has_the_fields_at_the_top() {
        let text = logged(LogFormat::Json, "debug");
        assert!(
            text.starts_with('{') && text.contains(r#""import_id":"june""#),
            "{text}"
        );
        assert_eq!(text.lines().count(), 2);
    }

    #[test]
    fn a_filter_that_cannot_be_read_is_refused() {
        let error = subscriber(LogFormat::Text, "whence=loudly", false, stderr)
            .err()
            .unwrap();
        assert!(error.to_string().contains("whence=loudly"));
        assert!("yaml".parse::<LogFormat>().is_err());
    }
}
