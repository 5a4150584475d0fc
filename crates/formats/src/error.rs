//! Why an input cannot be read further.

use std::io;

use whence_model::ErrorKind;

/// An input that cannot be read, or not beyond some point. Every good record before that point was
/// given.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The file cannot be opened.
    #[error("cannot open {path}: {source}")]
    Open {
        /// The path.
        path: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// Neither the name nor the first bytes say what it is.
    #[error(
        "cannot tell the format of {name}: name it *.xml, *.xml.gz, *.jsonl, *.jsonl.gz or *.jsonl.zst, or state the format (pubmed or jsonl)"
    )]
    UnknownFormat {
        /// Name of the input.
        name: String,
    },
    /// The name promises a compression that the bytes do not have.
    #[error("{name} is named as {expected} but is not compressed so: fetch it again or rename it")]
    WrongCompression {
        /// Name of the input.
        name: String,
        /// The compression that its name promises.
        expected: &'static str,
    },
    /// The stream breaks off: cut short, or damaged inside its compression.
    #[error("{location}: the input is cut short or damaged ({source}): fetch it again and check its length")]
    Damaged {
        /// Where, and after which record.
        location: String,
        /// What the decoder or the system said.
        #[source]
        source: io::Error,
    },
    /// The system failed to deliver the bytes.
    #[error("{location}: cannot read on: {source}")]
    Read {
        /// Where, and after which record.
        location: String,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
    /// The text is not well-formed, so that no later record can be told apart.
    #[error("{location}: {reason}")]
    Malformed {
        /// Where, and after which record.
        location: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
}

impl FormatError {
    /// The kind, for a caller that only reacts.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Open { source, .. } if source.kind() == io::ErrorKind::NotFound => ErrorKind::NotFound,
            Self::Open { .. } | Self::Read { .. } => ErrorKind::Unavailable,
            Self::UnknownFormat { .. } | Self::WrongCompression { .. } | Self::Malformed { .. } => {
                ErrorKind::InvalidArgument
            }
            Self::Damaged { .. } => ErrorKind::DataLoss,
        }
    }

    /// The error for a read that failed at `location`: damage where the decoder says so.
    pub(crate) fn from_read(location: String, source: io::Error) -> Self {
        use io::ErrorKind::{InvalidData, InvalidInput, Other, UnexpectedEof};
        match source.kind() {
            InvalidData | InvalidInput | Other | UnexpectedEof => Self::Damaged { location, source },
            _ => Self::Read { location, source },
        }
    }
}
