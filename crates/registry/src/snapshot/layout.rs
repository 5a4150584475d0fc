//! The header and the table of sections, as bytes and back.

use sha2::{Digest, Sha256};
use zerocopy::byteorder::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::FORMAT_VERSION;
use crate::SnapshotError;

pub(crate) const MAGIC: [u8; 8] = *b"WHNCREG\n";
pub(crate) const SECTION_ALIGNMENT: usize = 64;
const NAME_LENGTH: usize = 24;

/// The first bytes of a snapshot.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct Header {
    magic: [u8; 8],
    format: U32,
    section_count: U32,
    file_length: U64,
    table_crc: U32,
    own_crc: U32,
}

/// One row of the table.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub(crate) struct Entry {
    name: [u8; NAME_LENGTH],
    pub(crate) offset: U64,
    pub(crate) length: U64,
    pub(crate) crc: U32,
    zero: [u8; 4],
    pub(crate) sha256: [u8; 32],
}

pub(crate) const HEADER_LENGTH: usize = size_of::<Header>();

impl Header {
    pub(crate) fn new(entries: &[Entry], file_length: u64) -> Self {
        let mut header = Self {
            magic: MAGIC,
            format: U32::new(FORMAT_VERSION),
            section_count: U32::new(u32::try_from(entries.len()).unwrap_or(u32::MAX)),
            file_length: U64::new(file_length),
            table_crc: U32::new(crc32fast::hash(entries.as_bytes())),
            own_crc: U32::new(0),
        };
        header.own_crc = U32::new(header.crc());
        header
    }

    fn crc(&self) -> u32 {
        crc32fast::hash(&self.as_bytes()[..HEADER_LENGTH - 4])
    }

    /// Reads and checks the header of a snapshot and its table.
    pub(crate) fn check(bytes: &[u8]) -> Result<&[Entry], SnapshotError> {
        let wrong_length = |expected| SnapshotError::WrongLength {
            found: bytes.len() as u64,
            expected,
        };
        if !bytes.starts_with(&MAGIC) {
            return Err(SnapshotError::NotASnapshot);
        }
        let (header, rest) = Self::ref_from_prefix(bytes).map_err(|_| wrong_length(HEADER_LENGTH as u64))?;
        verify_crc("header", header.crc(), header.own_crc.get())?;
        match header.format.get() {
            FORMAT_VERSION => {}
            found if found > FORMAT_VERSION => {
                return Err(SnapshotError::TooNew {
                    found,
                    supported: FORMAT_VERSION,
                });
            }
            found => {
                return Err(SnapshotError::TooOld {
                    found,
                    supported: FORMAT_VERSION,
                });
            }
        }
        if header.file_length.get() != bytes.len() as u64 {
            return Err(wrong_length(header.file_length.get()));
        }
        let count = header.section_count.get() as usize;
        let table = <[Entry]>::ref_from_prefix_with_elems(rest, count);
        let (entries, _) =
            table.map_err(|_| wrong_length((HEADER_LENGTH + count * size_of::<Entry>()) as u64))?;
        verify_crc(
            "table",
            crc32fast::hash(entries.as_bytes()),
            header.table_crc.get(),
        )?;
        Ok(entries)
    }
}

impl Entry {
    /// The row of a section with these contents. The name must have been checked.
    pub(crate) fn new(name: &str, offset: usize, contents: &[u8]) -> Self {
        let mut padded = [0; NAME_LENGTH];
        for (slot, byte) in padded.iter_mut().zip(name.bytes()) {
            *slot = byte;
        }
        Self {
            name: padded,
            offset: U64::new(offset as u64),
            length: U64::new(contents.len() as u64),
            crc: U32::new(crc32fast::hash(contents)),
            zero: [0; 4],
            sha256: Sha256::digest(contents).into(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        str::from_utf8(&self.name)
            .unwrap_or_default()
            .trim_end_matches('\0')
    }
}

/// Whether a section may have this name.
pub(crate) fn is_section_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    (1..=NAME_LENGTH).contains(&name.len()) && name.bytes().all(plain)
}

/// The checksum of a whole snapshot: of names, lengths and digests of its sections.
pub(crate) fn checksum(entries: &[Entry]) -> String {
    let mut digest = Sha256::new();
    digest.update(FORMAT_VERSION.to_le_bytes());
    for entry in entries {
        digest.update(entry.name);
        digest.update(entry.length.as_bytes());
        digest.update(entry.sha256);
    }
    hex::encode(digest.finalize())
}

pub(crate) fn verify_crc(section: &str, found: u32, expected: u32) -> Result<(), SnapshotError> {
    if found == expected {
        Ok(())
    } else {
        Err(SnapshotError::Damaged {
            section: section.to_owned(),
            found,
            expected,
        })
    }
}
