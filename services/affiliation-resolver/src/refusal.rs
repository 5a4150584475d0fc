//! What a request can be refused for.

use whence_model::{ErrorKind, InvalidText, RorId};
use whence_runtime::ServiceError;

use crate::service::{BATCH_MAX, PAGE_DEFAULT};

/// What can be wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RequestError {
    #[error("{0}")]
    TooLong(#[from] whence_resolve::AffiliationTooLong),
    #[error("the batch has {0} addresses, more than {BATCH_MAX}; split it, or use StreamResolveAffiliations")]
    BatchTooLarge(usize),
    #[error("{0}")]
    RorId(#[from] InvalidText),
    #[error("the registry has no institution {0}")]
    UnknownInstitution(RorId),
    #[error("query is empty; give some words of a name, or an acronym")]
    EmptyQuery,
    #[error("page_size {0} is negative; leave it out for {PAGE_DEFAULT}")]
    PageSize(i32),
    #[error("page_token {0:?} is not one that SearchInstitutions gave")]
    PageToken(String),
    #[error("the work was dropped while the service shuts down; try again")]
    ShuttingDown,
}

impl ServiceError for RequestError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownInstitution(_) => ErrorKind::NotFound,
            Self::ShuttingDown => ErrorKind::Unavailable,
            Self::TooLong(_)
            | Self::BatchTooLarge(_)
            | Self::RorId(_)
            | Self::EmptyQuery
            | Self::PageSize(_)
            | Self::PageToken(_) => ErrorKind::InvalidArgument,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "AFFILIATION_TOO_LONG",
            Self::BatchTooLarge(_) => "BATCH_TOO_LARGE",
            Self::RorId(_) => "INVALID_ROR_ID",
            Self::UnknownInstitution(_) => "INSTITUTION_UNKNOWN",
            Self::EmptyQuery => "QUERY_EMPTY",
            Self::PageSize(_) => "INVALID_PAGE_SIZE",
            Self::PageToken(_) => "INVALID_PAGE_TOKEN",
            Self::ShuttingDown => "SHUTTING_DOWN",
        }
    }
}
