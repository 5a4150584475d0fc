//! Errors as gRPC statuses: one table from kind to code, and the standard details on every status.
//!
//! Every status carries a `google.rpc.ErrorInfo` with a stable reason; a refused request also names
//! its fields (`BadRequest`), and an unavailable service says when to try again (`RetryInfo`). The
//! message is the error with its causes, so that nothing is lost on the way to the caller.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

pub use tonic_types::FieldViolation;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};
use whence_model::ErrorKind;

use crate::exit::with_causes;

/// The domain of every reason in an `ErrorInfo`.
pub const ERROR_DOMAIN: &str = "whence";

/// When to try again, if an error does not say better.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// An error that a service returns to its callers.
pub trait ServiceError: Error + Send + Sync + Sized + 'static {
    /// How a caller reacts to it.
    fn kind(&self) -> ErrorKind;

    /// What it is, in `UPPER_SNAKE` and stable for ever, such as `REGISTRY_VERSION_MISMATCH`.
    fn reason(&self) -> &'static str;

    /// The values of the message, for programs.
    fn metadata(&self) -> HashMap<String, String> {
        HashMap::new()
    }

    /// The fields of the request that are wrong.
    fn field_violations(&self) -> Vec<FieldViolation> {
        Vec::new()
    }

    /// When to try again, if that helps.
    fn retry_after(&self) -> Option<Duration> {
        (self.kind() == ErrorKind::Unavailable).then_some(RETRY_AFTER)
    }
}

/// The code of each kind of error.
pub fn code(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::InvalidArgument => Code::InvalidArgument,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::FailedPrecondition => Code::FailedPrecondition,
        ErrorKind::Aborted => Code::Aborted,
        ErrorKind::Unavailable => Code::Unavailable,
        ErrorKind::DeadlineExceeded => Code::DeadlineExceeded,
        ErrorKind::ResourceExhausted => Code::ResourceExhausted,
        ErrorKind::DataLoss => Code::DataLoss,
        ErrorKind::Internal => Code::Internal,
    }
}

/// The status of an error, with its details.
pub fn to_status(error: impl ServiceError) -> Status {
    let mut details = ErrorDetails::with_error_info(error.reason(), ERROR_DOMAIN, error.metadata());
    let violations = error.field_violations();
    if !violations.is_empty() {
        details.set_bad_request(violations);
    }
    if let Some(delay) = error.retry_after() {
        details.set_retry_info(Some(delay));
    }
    let mut status = Status::with_error_details(code(error.kind()), with_causes(&error), details);
    status.set_source(Arc::new(error));
    status
}

/// A status of `runtime` itself: its reason and message, without an error behind it.
pub(crate) fn plain_status(kind: ErrorKind, reason: &str, message: impl Into<String>) -> Status {
    let details = ErrorDetails::with_error_info(reason, ERROR_DOMAIN, HashMap::new());
    Status::with_error_details(code(kind), message, details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum LibraryError {
        #[error("cannot reach the store")]
        Unreachable(#[source] std::io::Error),
        #[error("the page size is negative")]
        NegativePage,
    }

    impl ServiceError for LibraryError {
        fn kind(&self) -> ErrorKind {
            match self {
                Self::Unreachable(_) => ErrorKind::Unavailable,
                Self::NegativePage => ErrorKind::InvalidArgument,
            }
        }

        fn reason(&self) -> &'static str {
            match self {
                Self::Unreachable(_) => "STORE_UNREACHABLE",
                Self::NegativePage => "PAGE_SIZE_NEGATIVE",
            }
        }

        fn metadata(&self) -> HashMap<String, String> {
            HashMap::from([("page_size_max".into(), "1000".into())])
        }

        fn field_violations(&self) -> Vec<FieldViolation> {
            match self {
                Self::Unreachable(_) => Vec::new(),
                Self::NegativePage => vec![FieldViolation::new("page_size", "is negative")],
            }
        }
    }

    #[test]
    fn a_status_names_the_reason_and_the_fields() {
        let status = to_status(LibraryError::NegativePage);
        assert_eq!(
            (status.code(), status.message()),
            (Code::InvalidArgument, "the page size is negative")
        );
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!(
            (info.reason.as_str(), info.domain.as_str()),
            ("PAGE_SIZE_NEGATIVE", "whence")
        );
        assert_eq!(info.metadata["page_size_max"], "1000");
        assert_eq!(
            details.bad_request().unwrap().field_violations[0].field,
            "page_size"
        );
        assert!(details.retry_info().is_none());
    }

    #[test]
    fn an_unavailable_service_says_when_to_try_again_and_why() {
        let status = to_status(LibraryError::Unreachable(std::io::Error::other(
            "the pipe is broken",
        )));
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status.message(), "cannot reach the store: the pipe is broken");
        assert_eq!(
            status.get_error_details().retry_info().unwrap().retry_delay,
            Some(RETRY_AFTER)
        );
        assert!(status.source().unwrap().is::<LibraryError>());
    }
}
