//! A snapshot: the whole registry as one file that is checked once and then read in place.
//!
//! ```text
//! offset  bytes  what
//!      0      8  magic "WHNCREG\n"
//!      8      4  format version            ─┐ these 32 bytes keep their meaning
//!     12      4  number of sections         │ in every format to come
//!     16      8  length of the whole file   │
//!     24      4  CRC-32 of the table        │
//!     28      4  CRC-32 of bytes 0 to 28   ─┘
//!     32   n×80  table: name (24, zero-padded), offset (8), length (8), CRC-32 (4), zero (4), SHA-256 (32)
//!      …         sections in the order of the table, each from a multiple of 64, zero bytes between
//! ```
//!
//! All numbers are little-endian. The CRCs are verified at every opening: they are fast and find any flipped
//! byte. The SHA-256s are computed when the snapshot is written; the checksum of the snapshot is the SHA-256
//! of the table without its offsets, so it depends on names and contents of the sections alone. `core.*`
//! sections belong to this crate; others add theirs through [`SnapshotBuilder::add_section`].

mod bytes;
mod check;
mod encode;
mod layout;
mod map;
mod tables;
mod write;

pub use bytes::Section;
pub(crate) use bytes::{Bytes, Container};
pub(crate) use map::map_file;
pub(crate) use tables::{InstitutionRow, NO_POSITION, NO_YEAR, PlaceRow, Tables};
pub use write::{SnapshotBuilder, SnapshotSummary};

/// The format that this code writes and reads.
pub const FORMAT_VERSION: u32 = 1;
