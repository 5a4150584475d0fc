//! What a call can be refused or fail for, and how the caller is told.
//!
//! One enum for the whole service; `whence_runtime::to_status` makes a status of it. Reasons are stable.

use std::collections::HashMap;

use whence_model::{ArticleId, ErrorKind, OverrideId};
use whence_proto::InvalidMessage;
use whence_runtime::ServiceError;
use whence_runtime::status::FieldViolation;
use whence_share::QueryError;
use whence_store::{ImportId, StoreError};

/// Why a call was not answered.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    /// The request is not what the contract asks for.
    #[error(transparent)]
    Invalid(#[from] InvalidMessage),
    /// The query names something that there is not.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The store refused or failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No article has this identifier.
    #[error("there is no article {0}")]
    UnknownArticle(ArticleId),
    /// There never was such an import.
    #[error("there is no import {0}")]
    UnknownImport(ImportId),
    /// There never was such an override.
    #[error("there is no override {0}")]
    UnknownOverride(OverrideId),
    /// An override stands for the same.
    #[error("override {0} stands for the same already; delete it first")]
    OverrideExists(OverrideId),
    /// Entries came before the import was opened.
    #[error("the first message of RecordArticles must be open; send it before any entry")]
    NotOpened,
    /// An import was opened within an import.
    #[error("import {0} is open on this stream already; open another one on a stream of its own")]
    OpenedTwice(ImportId),
    /// The resolver knows institutions that this service does not know yet.
    #[error(
        "the addresses were resolved with registry {resolver}, which is newer than {own}, which counts here; \
         give the metrics service that registry first"
    )]
    RegistryTooOld {
        /// Version of the resolver's registry.
        resolver: String,
        /// Version of the registry that counts.
        own: String,
    },
    /// A page token that was never given out.
    #[error("the page token was not given by this call; start again without one")]
    MalformedPageToken,
    /// A page token of another query.
    #[error("the page token belongs to another query; repeat that query, or start again without a token")]
    PageOfOtherQuery,
    /// The ranking that the page belongs to is no more.
    #[error(
        "the index has changed since the first page, from revision {then} to {now}; start again without a page token"
    )]
    IndexChanged {
        /// The revision that the token is of.
        then: u64,
        /// The revision now.
        now: u64,
    },
    /// An article was replaced or deleted while it was being explained.
    #[error("article {0} has changed while it was explained; ask again")]
    ArticleChanged(ArticleId),
    /// A change was stored and could not be counted.
    #[error("an earlier change was stored but not counted; restart the metrics service, which counts anew")]
    Uncounted,
    /// The service is about to end.
    #[error("the metrics service is stopping; what was acknowledged is on disk, go on when it is back")]
    Stopping,
}

impl ServiceError for MetricsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Invalid(error) => error.kind(),
            Self::Query(error) => error.kind(),
            Self::Store(error) => error.kind(),
            Self::UnknownArticle(_) | Self::UnknownImport(_) | Self::UnknownOverride(_) => {
                ErrorKind::NotFound
            }
            Self::NotOpened | Self::OpenedTwice(_) | Self::MalformedPageToken | Self::PageOfOtherQuery => {
                ErrorKind::InvalidArgument
            }
            Self::RegistryTooOld { .. } | Self::OverrideExists(_) => ErrorKind::FailedPrecondition,
            Self::IndexChanged { .. } | Self::ArticleChanged(_) => ErrorKind::Aborted,
            Self::Uncounted | Self::Stopping => ErrorKind::Unavailable,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "INVALID_REQUEST",
            Self::Query(error) => query_reason(error),
            Self::Store(error) => store_reason(error),
            Self::UnknownArticle(_) => "UNKNOWN_ARTICLE",
            Self::UnknownImport(_) => "UNKNOWN_IMPORT",
            Self::UnknownOverride(_) => "UNKNOWN_OVERRIDE",
            Self::OverrideExists(_) => "OVERRIDE_EXISTS",
            Self::NotOpened => "IMPORT_NOT_OPENED",
            Self::OpenedTwice(_) => "IMPORT_OPENED_TWICE",
            Self::RegistryTooOld { .. } => "REGISTRY_VERSION_MISMATCH",
            Self::MalformedPageToken => "INVALID_PAGE_TOKEN",
            Self::PageOfOtherQuery => "PAGE_TOKEN_OF_OTHER_QUERY",
            Self::IndexChanged { .. } => "INDEX_CHANGED",
            Self::ArticleChanged(_) => "ARTICLE_CHANGED",
            Self::Uncounted => "CHANGE_NOT_COUNTED",
            Self::Stopping => "SHUTTING_DOWN",
        }
    }

    fn metadata(&self) -> HashMap<String, String> {
        let pairs: Vec<(&str, String)> = match self {
            Self::UnknownArticle(id) | Self::ArticleChanged(id) => vec![("article_id", id.to_string())],
            Self::UnknownImport(id) | Self::OpenedTwice(id) => vec![("import_id", id.to_string())],
            Self::UnknownOverride(id) | Self::OverrideExists(id) => vec![("override_id", id.to_string())],
            Self::RegistryTooOld { resolver, own } => vec![
                ("resolver_registry_version", resolver.clone()),
                ("metrics_registry_version", own.clone()),
            ],
            Self::IndexChanged { then, now } => {
                vec![
                    ("page_revision", then.to_string()),
                    ("index_revision", now.to_string()),
                ]
            }
            Self::Store(error) => store_metadata(error),
            Self::Invalid(_)
            | Self::Query(_)
            | Self::NotOpened
            | Self::MalformedPageToken
            | Self::PageOfOtherQuery
            | Self::Uncounted
            | Self::Stopping => vec![],
        };
        pairs
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    fn field_violations(&self) -> Vec<FieldViolation> {
        match self {
            Self::Invalid(error) => {
                let violation =
                    |one: &whence_proto::FieldViolation| FieldViolation::new(&one.field, &one.description);
                error.violations.iter().map(violation).collect()
            }
            Self::Query(error) if error.kind() == ErrorKind::InvalidArgument => {
                vec![FieldViolation::new(query_field(error), error.to_string())]
            }
            Self::MalformedPageToken | Self::PageOfOtherQuery => {
                vec![FieldViolation::new("page_token", self.to_string())]
            }
            _ => vec![],
        }
    }
}

fn query_reason(error: &QueryError) -> &'static str {
    match error {
        QueryError::UnknownJournalSet { .. } => "UNKNOWN_JOURNAL_SET",
        QueryError::UnknownSubject { .. } => "UNKNOWN_SUBJECT",
        QueryError::SubjectWithoutJournalSet => "SUBJECT_WITHOUT_JOURNAL_SET",
        QueryError::UnknownGroup { .. } => "UNKNOWN_GROUP",
        QueryError::NotACountry { .. } => "NOT_A_COUNTRY",
        QueryError::UnknownMetropolitanArea { .. } => "UNKNOWN_METROPOLITAN_AREA",
        QueryError::NotACity { .. } => "NOT_A_CITY",
        QueryError::EmptyWindow => "EMPTY_WINDOW",
        QueryError::KindMismatch { .. } => "ENTITY_KIND_MISMATCH",
    }
}

/// Where the fault lies in the requests that have a selection. A country or a city may stand in the
/// entity as well as in the selection, so those two only point at the request.
fn query_field(error: &QueryError) -> &'static str {
    match error {
        QueryError::UnknownJournalSet { .. } => "selection.journal_set",
        QueryError::UnknownSubject { .. } | QueryError::SubjectWithoutJournalSet => "selection.subjects",
        QueryError::UnknownGroup { .. } => "selection.groups",
        QueryError::EmptyWindow => "selection.from",
        QueryError::KindMismatch { .. } => "entity.kind",
        QueryError::NotACountry { .. }
        | QueryError::UnknownMetropolitanArea { .. }
        | QueryError::NotACity { .. } => "",
    }
}

fn store_reason(error: &StoreError) -> &'static str {
    match error {
        StoreError::InUse { .. } => "STORE_IN_USE",
        StoreError::NewerSchema { .. } => "STORE_SCHEMA_NEWER",
        StoreError::Damaged { .. } | StoreError::Corrupt { .. } => "STORE_DAMAGED",
        StoreError::LostData { .. } => "STORE_LOST_DATA",
        StoreError::WitnessDamaged { .. } => "STORE_WITNESS_DAMAGED",
        StoreError::SequenceConflict { .. } => "SEQUENCE_CONFLICT",
        StoreError::SequenceGap { .. } => "SEQUENCE_GAP",
        StoreError::RequestConflict { .. } => "REQUEST_ID_CONFLICT",
        StoreError::UnknownImport { .. } => "UNKNOWN_IMPORT",
        StoreError::Broken { .. } => "STORE_BROKEN",
        StoreError::Io { .. } => "STORE_UNUSABLE",
        StoreError::Unencodable { .. } => "STORE_VALUE_UNENCODABLE",
    }
}

fn store_metadata(error: &StoreError) -> Vec<(&'static str, String)> {
    match error {
        StoreError::SequenceConflict {
            import,
            sequence,
            recorded,
            given,
        } => vec![
            ("import_id", import.to_string()),
            ("sequence", sequence.to_string()),
            ("recorded_digest", recorded.clone()),
            ("given_digest", given.clone()),
        ],
        StoreError::SequenceGap {
            import,
            expected,
            found,
        } => vec![
            ("import_id", import.to_string()),
            ("expected_sequence", expected.to_string()),
            ("found_sequence", found.to_string()),
        ],
        StoreError::RequestConflict { request, created } => vec![
            ("request_id", request.to_string()),
            ("override_id", created.to_string()),
        ],
        _ => vec![],
    }
}
