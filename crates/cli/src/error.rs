//! What can go wrong on the command line, how it is reported, and the exit code it gives.

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use tonic::{Code, Status};
use whence_affiliation_resolver::registry::OpenRegistryError;
use whence_client::ClientError;
use whence_formats::FormatError;
use whence_registry::{RegistryError, SnapshotError};
use whence_resolve::index::{IndexError, SnapshotWithIndexError};
use whence_runtime::serve::ServeError;

/// Why a command has not done what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The command line asks for something that cannot be.
    #[error("{0}")]
    Usage(String),
    /// Part of the work could not be done, and has been reported already.
    #[error("{0}")]
    Partly(String),
    /// The gateway refuses, fails or cannot be reached.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// An input is not what it should be.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// A registry cannot be built.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A snapshot cannot be written.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// A registry cannot be indexed.
    #[error(transparent)]
    IndexBuild(#[from] SnapshotWithIndexError),
    /// A registry cannot be opened.
    #[error("cannot open the registry {name}")]
    OpenRegistry {
        /// The snapshot, or that it is the embedded one.
        name: String,
        /// Why.
        source: OpenRegistryError,
    },
    /// The index of a registry cannot be read.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The store cannot be opened.
    #[error("cannot open the store {path}")]
    OpenStore {
        /// Its folder.
        path: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A server of the stack cannot start or has ended.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A file or stream cannot be read.
    #[error("cannot read {what}")]
    Read {
        /// What was read.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A file or stream cannot be written.
    #[error("cannot write {what}")]
    Write {
        /// What was written.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// Something that must not happen.
    #[error("{0}; this is a fault of whence, please report it")]
    Fault(String),
}

impl CliError {
    /// The command line is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::Usage(message.into())
    }

    /// Makes an error of a failure to read something.
    pub fn reading(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read {
            what: what.into(),
            source,
        }
    }

    /// Makes an error of a failure to read a file.
    pub fn reading_file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::reading(path.display().to_string())
    }

    /// Makes an error of a failure to write something.
    pub fn writing(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write {
            what: what.into(),
            source,
        }
    }

    /// Whether the reader of our output has gone, as `head` does: nothing to complain about.
    fn is_closed_output(&self) -> bool {
        matches!(self, Self::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Whether the command line is to blame: a query that the gateway finds invalid is one.
    fn is_usage(&self) -> bool {
        match self {
            Self::Usage(_) | Self::Client(ClientError::InvalidUrl { .. }) => true,
            Self::Client(error) => error.code() == Some(Code::InvalidArgument),
            _ => false,
        }
    }

    /// Tells on standard error, and gives the exit code.
    pub fn report(&self) -> ExitCode {
        if self.is_closed_output() {
            return ExitCode::SUCCESS;
        }
        // Nothing is left to do if standard error is closed as well.
        let _ = write!(io::stderr(), "{}", self.message());
        if self.is_usage() {
            ExitCode::from(2)
        } else {
            ExitCode::FAILURE
        }
    }

    /// The error and its causes, one a line; what a cause only repeats is left out.
    pub fn message(&self) -> String {
        let mut lines = vec![format!("error: {self}")];
        let mut cause = self.source();
        while let Some(error) = cause {
            // The client's message says all that is in a status.
            if error.is::<Status>() || error.is::<Box<Status>>() {
                break;
            }
            let text = error.to_string();
            if !lines.iter().any(|line| line.contains(&text)) {
                lines.push(format!("  because: {text}"));
            }
            cause = error.source();
        }
        lines.join("\n") + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_told_once() {
        let error = CliError::reading("a.jsonl")(io::Error::other("the disk is gone"));
        assert_eq!(
            error.message(),
            "error: cannot read a.jsonl\n  because: the disk is gone\n"
        );
        let error = CliError::usage("no such thing");
        assert_eq!(error.message(), "error: no such thing\n");
        assert!(error.is_usage() && !error.is_closed_output());
    }
}
