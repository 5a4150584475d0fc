//! What stops a build, and what stops a snapshot from opening.

use std::io;
use std::path::PathBuf;

use whence_model::ErrorKind;

/// Why a registry cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// A file that cannot be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A zip archive that is none, or holds nothing usable.
    #[error("{file}: {reason}")]
    Archive {
        /// The file.
        file: String,
        /// Why.
        reason: String,
    },
    /// A ROR dump of another schema.
    #[error(
        "{file}: unknown ROR dump schema {schema}; whence reads schema 2.x; get the *_schema_v2.json file"
    )]
    UnknownRorSchema {
        /// The file.
        file: String,
        /// The schema as far as it can be told.
        schema: String,
    },
    /// Text that breaks off or breaks the format.
    #[error("{file}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// Why, and where.
        reason: String,
    },
    /// A file without a single usable record.
    #[error("{file}: {read} records read and none usable; the first: {first}")]
    NothingUsable {
        /// The file.
        file: String,
        /// How many were read.
        read: u64,
        /// What is the matter with the first.
        first: String,
    },
    /// A row of a table of ours that cannot be meant.
    #[error("{file}, line {line}: {reason}")]
    Row {
        /// The file.
        file: String,
        /// The line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
}

impl RegistryError {
    /// How a caller reacts to it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::Read { .. } => ErrorKind::Unavailable,
            Self::Archive { .. }
            | Self::UnknownRorSchema { .. }
            | Self::Malformed { .. }
            | Self::NothingUsable { .. }
            | Self::Row { .. } => ErrorKind::InvalidArgument,
        }
    }
}

/// Why a snapshot cannot be written or opened.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// A file that cannot be opened or read.
    #[error("cannot read the registry snapshot {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file that cannot be written.
    #[error("cannot write the registry snapshot {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another kind of file.
    #[error("this is not a registry snapshot; make one with `whence registry build`")]
    NotASnapshot,
    /// A format to come.
    #[error(
        "the registry snapshot was written by a newer whence: format {found}, this one reads {supported}; \
         update whence or rebuild the snapshot with `whence registry build`"
    )]
    TooNew {
        /// The format of the file.
        found: u32,
        /// The format that this code reads.
        supported: u32,
    },
    /// A format given up.
    #[error(
        "the registry snapshot was written by an older whence: format {found}, this one reads {supported}; \
         rebuild it with `whence registry build`"
    )]
    TooOld {
        /// The format of the file.
        found: u32,
        /// The format that this code reads.
        supported: u32,
    },
    /// Shorter or longer than it says itself.
    #[error(
        "the registry snapshot is truncated: {found} bytes of {expected}; rebuild it with `whence registry build`"
    )]
    WrongLength {
        /// Bytes that there are.
        found: u64,
        /// Bytes that there should be.
        expected: u64,
    },
    /// A part whose checksum is not the one recorded.
    #[error(
        "section `{section}` of the registry snapshot is damaged (checksum {found:08x}, expected {expected:08x}); \
         rebuild it with `whence registry build`"
    )]
    Damaged {
        /// The section; `header` and `table` for the parts before the sections.
        section: String,
        /// The checksum of the bytes.
        found: u32,
        /// The checksum recorded.
        expected: u32,
    },
    /// A part whose bytes match their checksum but do not make sense.
    #[error(
        "section `{section}` of the registry snapshot is inconsistent: {reason}; \
         rebuild it with `whence registry build`"
    )]
    Inconsistent {
        /// The section.
        section: String,
        /// What does not hold.
        reason: String,
    },
    /// A part that should be there.
    #[error("the registry snapshot lacks section `{section}`; rebuild it with `whence registry build`")]
    MissingSection {
        /// The section.
        section: String,
    },
    /// A name that does not fit, or occurs twice.
    #[error("`{section}` cannot name a section: at most 24 bytes of a-z, 0-9, `-` and `.`, and each once")]
    InvalidSectionName {
        /// The name.
        section: String,
    },
    /// More than the format can address.
    #[error("the registry is too large for a snapshot: {what}")]
    TooLarge {
        /// What does not fit.
        what: &'static str,
    },
}

impl SnapshotError {
    /// How a caller reacts to it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::Read { .. } | Self::Write { .. } => ErrorKind::Unavailable,
            Self::NotASnapshot | Self::InvalidSectionName { .. } => ErrorKind::InvalidArgument,
            Self::TooNew { .. } | Self::TooOld { .. } | Self::MissingSection { .. } => {
                ErrorKind::FailedPrecondition
            }
            Self::WrongLength { .. } | Self::Damaged { .. } | Self::Inconsistent { .. } => {
                ErrorKind::DataLoss
            }
            Self::TooLarge { .. } => ErrorKind::ResourceExhausted,
        }
    }
}
