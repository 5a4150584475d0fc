//! What can be wrong with a query or with the data that the methodology reads.

use whence_model::{CityId, CountryCode, ErrorKind, GeonamesId, Slug};

/// A query that cannot be answered as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// There is no journal set of that name.
    #[error("there is no journal set {name}; known are: {known}")]
    UnknownJournalSet {
        /// The name asked for.
        name: Slug,
        /// Those that exist, separated by commas.
        known: String,
    },
    /// The journal set has no such subject.
    #[error("the journal set {journal_set} has no subject {subject}; it has: {known}")]
    UnknownSubject {
        /// The journal set.
        journal_set: Slug,
        /// The subject asked for.
        subject: Slug,
        /// Those that it has, separated by commas.
        known: String,
    },
    /// Subjects belong to a journal set, and none was chosen.
    #[error("subjects are those of a journal set: choose a journal set as well")]
    SubjectWithoutJournalSet,
    /// There is no group of that name.
    #[error("there is no group {name}; known are: {known}")]
    UnknownGroup {
        /// The name asked for.
        name: Slug,
        /// Those that exist, separated by commas.
        known: String,
    },
    /// The territory policy counts this code within another country.
    #[error(
        "{code} counts within {within} under these territories: ask for {within}, or for the territories iso"
    )]
    NotACountry {
        /// The code asked for.
        code: CountryCode,
        /// Where it counts.
        within: CountryCode,
    },
    /// There is no metropolitan area of that name.
    #[error("there is no metropolitan area {name}")]
    UnknownMetropolitanArea {
        /// The name asked for.
        name: Slug,
    },
    /// The locality is ranked as part of a metropolitan area.
    #[error("the locality {locality} belongs to the city {city}: ask for that, or for the locality as such")]
    NotACity {
        /// The locality asked for.
        locality: GeonamesId,
        /// Where it counts.
        city: CityId,
    },
    /// The window ends before it begins.
    #[error("the window ends before it begins: swap its two months")]
    EmptyWindow,
    /// The entity is not of the kind asked for.
    #[error("the entity {entity} is not of the kind {kind}")]
    KindMismatch {
        /// Its id.
        entity: String,
        /// The kind asked for.
        kind: &'static str,
    },
}

impl QueryError {
    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::UnknownJournalSet { .. }
            | Self::UnknownGroup { .. }
            | Self::UnknownMetropolitanArea { .. } => ErrorKind::NotFound,
            Self::UnknownSubject { .. }
            | Self::SubjectWithoutJournalSet
            | Self::NotACountry { .. }
            | Self::NotACity { .. }
            | Self::EmptyWindow
            | Self::KindMismatch { .. } => ErrorKind::InvalidArgument,
        }
    }
}

/// A policy or journal set that is not in its form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataError {
    /// Not a table at all, or without the columns.
    #[error("{what}: {reason}")]
    Table {
        /// What was read.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// A row that means nothing.
    #[error("{what}, line {line}, column {column}: {reason}")]
    Row {
        /// What was read.
        what: String,
        /// The line.
        line: u64,
        /// The column.
        column: &'static str,
        /// What is wrong and how to mend it.
        reason: String,
    },
}

impl DataError {
    /// Data files are the operator's: nothing can be counted before they are mended.
    pub fn kind(&self) -> ErrorKind {
        ErrorKind::FailedPrecondition
    }
}
