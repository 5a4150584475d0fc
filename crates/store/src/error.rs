//! What can go wrong in the store, with the values that a caller acts on.

use std::path::{Path, PathBuf};

use whence_model::{ErrorKind, OverrideId, RequestId};

use crate::ImportId;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has the store open.
    #[error("the store {} is open in another process; stop that one, or give this one another directory", path.display())]
    InUse {
        /// The store's directory.
        path: PathBuf,
    },
    /// The store, or a value in it, has a schema that this program does not know yet.
    #[error(
        "{what} was written by a newer whence (schema {found}, this one reads up to {supported}); upgrade whence"
    )]
    NewerSchema {
        /// What was read.
        what: String,
        /// Its schema version.
        found: u32,
        /// The newest schema version that this program reads.
        supported: u32,
    },
    /// One stored value is not what was written.
    #[error(
        "the stored value of {key} is damaged: {detail}; restore the store from a backup, or import again into a new directory"
    )]
    Damaged {
        /// The key, in words.
        key: String,
        /// How it is known.
        detail: String,
    },
    /// The files under the store are damaged.
    #[error("the store {} is damaged: {detail}; restore it from a backup, or import again into a new directory", path.display())]
    Corrupt {
        /// The store's directory.
        path: PathBuf,
        /// What the storage engine said.
        detail: String,
    },
    /// The store lacks something that its witness saw flushed.
    #[error(
        "the store {} has lost data: revision {witnessed_revision} with {witnessed_articles} articles was flushed, \
         revision {found_revision} with {found_articles} is what is left; restore it from a backup, or import again into a new directory",
        path.display()
    )]
    LostData {
        /// The store's directory.
        path: PathBuf,
        /// The last revision known to be flushed.
        witnessed_revision: u64,
        /// The revision found.
        found_revision: u64,
        /// Articles at the last revision known to be flushed.
        witnessed_articles: u64,
        /// Articles found.
        found_articles: u64,
    },
    /// The witness file cannot be read, so nothing says how much the store should hold.
    #[error(
        "the witness {} is damaged: {detail}; restore the store from a backup, or remove this file to accept what the store holds",
        path.display()
    )]
    WitnessDamaged {
        /// The witness file.
        path: PathBuf,
        /// How it is known.
        detail: String,
    },
    /// A sequence that is recorded was sent again with other content.
    #[error(
        "sequence {sequence} of import {import} is recorded with content {recorded}, and was sent again with content {given}; \
         use another import id for other input"
    )]
    SequenceConflict {
        /// The import.
        import: ImportId,
        /// The sequence.
        sequence: u64,
        /// SHA-256 of the recorded content, in hexadecimal.
        recorded: String,
        /// SHA-256 of the content given now, in hexadecimal.
        given: String,
    },
    /// A sequence does not follow the last one.
    #[error(
        "sequence {found} of import {import} came where {expected} was due; send sequences from 1 without gaps"
    )]
    SequenceGap {
        /// The import.
        import: ImportId,
        /// The sequence that was due.
        expected: u64,
        /// The sequence given.
        found: u64,
    },
    /// Records were sent for an import that was never opened.
    #[error("there is no import {import}; open it first")]
    UnknownImport {
        /// The import.
        import: ImportId,
    },
    /// A request id was used again for another override.
    #[error(
        "request {request} has created override {created}, which has other content; use another request id for another override"
    )]
    RequestConflict {
        /// The request.
        request: RequestId,
        /// What it created.
        created: OverrideId,
    },
    /// An earlier write failed, so what is in memory may not be what is on disk.
    #[error("an earlier write to the store {} failed; restart the service to open it again", path.display())]
    Broken {
        /// The store's directory.
        path: PathBuf,
    },
    /// The file system refused something.
    #[error("cannot use {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A value could not be encoded: a fault of ours.
    #[error("cannot encode the value of {key}: {detail}")]
    Unencodable {
        /// The key, in words.
        key: String,
        /// What the encoder said.
        detail: String,
    },
}

impl StoreError {
    /// How a caller should react.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::InUse { .. } | Self::NewerSchema { .. } | Self::SequenceGap { .. } => {
                ErrorKind::FailedPrecondition
            }
            Self::Damaged { .. }
            | Self::Corrupt { .. }
            | Self::LostData { .. }
            | Self::WitnessDamaged { .. } => ErrorKind::DataLoss,
            Self::SequenceConflict { .. } | Self::RequestConflict { .. } => ErrorKind::Aborted,
            Self::UnknownImport { .. } => ErrorKind::NotFound,
            Self::Broken { .. } => ErrorKind::Unavailable,
            Self::Io { .. } | Self::Unencodable { .. } => ErrorKind::Internal,
        }
    }

    /// For `map_err` on calls of the file system.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }

    /// For `map_err` on calls of sled, whose own errors say little about where.
    pub(crate) fn sled(path: &Path) -> impl FnOnce(sled::Error) -> Self {
        let path = path.to_owned();
        |error| match error {
            sled::Error::Io(source) => Self::Io { path, source },
            other => Self::Corrupt {
                path,
                detail: other.to_string(),
            },
        }
    }
}
