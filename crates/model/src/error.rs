//! What can go wrong at large: the few kinds that a caller reacts to, and text that is not what it claims.

/// The kind of an error, as coarse as a caller's reaction to it. `runtime` turns each into a gRPC status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request is wrong whatever the state; mend it.
    InvalidArgument,
    /// The thing asked for does not exist.
    NotFound,
    /// The state does not allow it now; something else must happen first.
    FailedPrecondition,
    /// The state changed under the caller; start again.
    Aborted,
    /// Something needed cannot be reached now; try again.
    Unavailable,
    /// The caller's deadline passed.
    DeadlineExceeded,
    /// More than this service takes at once.
    ResourceExhausted,
    /// Stored data is lost or damaged.
    DataLoss,
    /// A fault of ours.
    Internal,
}

/// Text that is not the identifier, code or date that it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {expected}")]
pub struct InvalidText {
    /// The text as given, cut to 100 characters.
    pub text: String,
    /// What was expected, with an example.
    pub expected: &'static str,
}

impl InvalidText {
    pub(crate) fn new(text: &str, expected: &'static str) -> Self {
        Self {
            text: text.chars().take(100).collect(),
            expected,
        }
    }
}
