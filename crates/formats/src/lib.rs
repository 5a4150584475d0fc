//! Streaming readers and writers of article records.
//!
//! A [`RecordReader`] takes a file or any stream of bytes and gives one [`Record`] after another: an
//! article, a record that had to be refused, or a deletion. What always holds:
//!
//! - Memory does not grow with the input: one record is held at a time, and none may be larger than
//!   [`RECORD_BYTES_MAX`].
//! - Nothing is skipped without a word. A record that cannot be an article is a [`Refused`] with its
//!   place and the reason, and reading goes on behind it; a lesser value that is left out is counted in
//!   [`Notes`].
//! - A stream that cannot be read further gives every good record before the damage, then one
//!   [`FormatError`], then nothing.
//! - No bytes make a reader panic.
//!
//! | format | files | module |
//! | --- | --- | --- |
//! | `pubmed` | PubMed XML: `.xml`, `.xml.gz` | `pubmed` |
//! | `jsonl` | Whence JSONL: `.jsonl`, `.jsonl.gz`, `.jsonl.zst` | `jsonl` |

mod decompress;
mod detect;
mod error;
mod jsonl;
mod metered;
mod pubmed;
mod reader;
mod record;

pub use detect::Format;
pub use error::FormatError;
pub use jsonl::{write_article, write_deletion};
pub use metered::RECORD_BYTES_MAX;
pub use reader::{RecordReader, open};
pub use record::{Notes, Record, Refused};
