//! What the gateway itself can refuse or fail at.

use whence_model::ErrorKind;
use whence_runtime::ServiceError;

/// Why the gateway could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// A service behind the gateway does not answer.
    #[error("the {service} service cannot be reached; check that it runs, and try again")]
    Unreachable {
        /// The service.
        service: &'static str,
    },
    /// The first message of an import does not open it.
    #[error("the first message of ImportArticles must set import_id, and no other may")]
    NotOpened,
    /// A record without content or sequence.
    #[error("record {sequence} has no content; set article, refused, excluded or deleted")]
    EmptyRecord {
        /// Its sequence.
        sequence: i64,
    },
    /// The resolver answered with another registry than the import was opened with.
    #[error(
        "the resolver changed from registry {before} to {after} during the import; open the import again, it resumes where it was"
    )]
    ResolverChanged {
        /// The registry at the start.
        before: String,
        /// The registry now.
        after: String,
    },
    /// The resolver broke its contract.
    #[error(
        "the resolver answered {answers} of {affiliations} addresses; its version does not fit this gateway"
    )]
    IncompleteAnswer {
        /// How many were asked.
        affiliations: usize,
        /// How many were answered.
        answers: usize,
    },
}

impl ServiceError for GatewayError {
    fn kind(&self) -> ErrorKind {
        match self {
            // Clients resume an import by themselves where a service was away for a moment; so they do where
            // the resolver has changed.
            Self::Unreachable { .. } | Self::ResolverChanged { .. } => ErrorKind::Unavailable,
            Self::NotOpened | Self::EmptyRecord { .. } => ErrorKind::InvalidArgument,
            Self::IncompleteAnswer { .. } => ErrorKind::Internal,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "SERVICE_UNREACHABLE",
            Self::NotOpened => "IMPORT_NOT_OPENED",
            Self::EmptyRecord { .. } => "RECORD_EMPTY",
            Self::ResolverChanged { .. } => "RESOLVER_CHANGED",
            Self::IncompleteAnswer { .. } => "RESOLVER_ANSWER_INCOMPLETE",
        }
    }
}
