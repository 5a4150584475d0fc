//! What can go wrong on the way to the gateway, and what it answers instead of an answer.

use std::error::Error;
use std::fmt::Write;
use std::io;

use tonic::{Code, Status, TimeoutExpired};
use tonic_types::StatusExt;

/// Why a call or an import has failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The URL of the gateway is none.
    #[error("{url:?} is not the URL of a gateway, such as http://127.0.0.1:7340")]
    InvalidUrl {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        source: tonic::transport::Error,
    },
    /// Nothing listens at the address.
    #[error(
        "no whence stack answers at {url}; start one with `whence up --data-dir DIR`, or name another with --gateway or WHENCE_GATEWAY"
    )]
    NoStack {
        /// The URL of the gateway.
        url: String,
        /// The refusal.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The gateway cannot be reached for another reason.
    #[error("cannot connect to {url}")]
    CannotConnect {
        /// The URL of the gateway.
        url: String,
        /// Why.
        source: tonic::transport::Error,
    },
    /// The gateway, or the way to it, has answered with an error.
    #[error("{}", described(.0))]
    Refused(#[source] Box<Status>),
    /// The gateway knows less of an import than it had acknowledged on this connection.
    #[error(
        "import {import_id}: the gateway had acknowledged {acknowledged} records and now knows of {flushed_through}; its store has lost data, import again"
    )]
    ImportRewound {
        /// The import.
        import_id: String,
        /// The last sequence that was acknowledged.
        acknowledged: i64,
        /// The last sequence that the gateway says it has.
        flushed_through: i64,
    },
    /// The gateway has acknowledged a record that it was never sent.
    #[error(
        "import {import_id}: the gateway acknowledges record {flushed_through}, but the input has {record_count}; another input has the same import id"
    )]
    ImportOfOtherInput {
        /// The import.
        import_id: String,
        /// The last sequence that the gateway says it has.
        flushed_through: i64,
        /// The number of records of the input.
        record_count: i64,
    },
}

impl ClientError {
    pub(crate) fn connecting(url: &str, error: tonic::transport::Error) -> Self {
        let url = url.to_owned();
        if is_refusal(&error) {
            Self::NoStack {
                url,
                source: error.into(),
            }
        } else {
            Self::CannotConnect { url, source: error }
        }
    }

    pub(crate) fn answered(url: &str, status: Status) -> Self {
        if status.code() == Code::Unavailable && is_refusal(&status) {
            return Self::NoStack {
                url: url.to_owned(),
                source: status.into(),
            };
        }
        Self::Refused(Box::new(with_own_deadline(status)))
    }

    /// The gRPC code, where there is one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Self::Refused(status) => Some(status.code()),
            Self::NoStack { .. } | Self::CannotConnect { .. } => Some(Code::Unavailable),
            Self::InvalidUrl { .. } | Self::ImportRewound { .. } | Self::ImportOfOtherInput { .. } => None,
        }
    }

    /// The stable reason that the service gives, such as `REGISTRY_VERSION_MISMATCH`.
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Refused(status) => status.get_details_error_info().map(|info| info.reason),
            _ => None,
        }
    }
}

/// Whether somewhere down its causes the error is a refused connection.
fn is_refusal(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    })
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// tonic calls a deadline that passes on this side CANCELLED; it is one like any other.
fn with_own_deadline(status: Status) -> Status {
    if status.code() == Code::Cancelled && causes(&status).any(<dyn Error>::is::<TimeoutExpired>) {
        return Status::deadline_exceeded("the gateway has not answered within the deadline of the call");
    }
    status
}

/// The message, the fields that are wrong, and the reason for programs.
fn described(status: &Status) -> String {
    let mut text = status.message().to_owned();
    for violation in status
        .get_details_bad_request()
        .into_iter()
        .flat_map(|request| request.field_violations)
    {
        // A message may list its violations already.
        if !text.contains(&violation.description) {
            // Writing to a string cannot fail.
            let _ = write!(text, "; {}: {}", violation.field, violation.description);
        }
    }
    let reason = status.get_details_error_info().map(|info| info.reason);
    let reason = reason.unwrap_or_else(|| format!("{:?}", status.code()));
    format!("{text} [{reason}]")
}

/// Whether the connection broke or the service asks to come again, rather than refusing for good. Our
/// services give a reason with everything that they refuse; what has none comes from the transport.
pub(crate) fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable => true,
        Code::Unknown | Code::Internal | Code::Cancelled => {
            status.get_details_error_info().is_none()
                && !causes(status).any(<dyn Error>::is::<TimeoutExpired>)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use tonic_types::{ErrorDetails, FieldViolation};

    use super::*;

    #[test]
    fn a_refusal_shows_fields_and_reason() {
        let mut details = ErrorDetails::with_error_info("SELECTION_INVALID", "whence", HashMap::new());
        details.set_bad_request(vec![FieldViolation::new(
            "selection.from",
            "\"2021\" is not a month",
        )]);
        let status = Status::with_error_details(Code::InvalidArgument, "the selection is invalid", details);
        assert!(!is_passing(&status));
        let error = ClientError::answered("http://127.0.0.1:1", status);
        let text = "the selection is invalid; selection.from: \"2021\" is not a month [SELECTION_INVALID]";
        assert_eq!(error.to_string(), text);
        assert_eq!(
            (error.reason().as_deref(), error.code()),
            (Some("SELECTION_INVALID"), Some(Code::InvalidArgument))
        );
    }

    #[test]
    fn what_the_transport_says_passes_and_what_a_service_says_does_not() {
        assert!(is_passing(&Status::unavailable("")) && is_passing(&Status::unknown("h2 protocol error")));
        let info = ErrorDetails::with_error_info("HANDLER_PANICKED", "whence", HashMap::new());
        assert!(!is_passing(&Status::with_error_details(Code::Internal, "", info)));
        assert!(!is_passing(&Status::aborted("")));
    }
}
