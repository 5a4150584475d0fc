//! The bytes of a snapshot, mapped or owned, and its sections.
//!
//! Opening verifies every checksum and that every byte between sections is zero, so that no flipped byte
//! anywhere goes unseen.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use memmap2::Mmap;
use sha2::{Digest, Sha256};
use zerocopy::IntoBytes;

use super::layout::{self, Entry, HEADER_LENGTH, Header, SECTION_ALIGNMENT, verify_crc};
use crate::SnapshotError;

/// Bytes that stay where they are, on a 16-byte boundary.
pub(crate) enum Bytes {
    Mapped(Mmap),
    Owned { blocks: Vec<u128>, length: usize },
}

impl Bytes {
    /// Copies onto a 16-byte boundary.
    pub(crate) fn owned(bytes: &[u8]) -> Self {
        let mut blocks = vec![0_u128; bytes.len().div_ceil(16)];
        blocks.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        Self::Owned {
            blocks,
            length: bytes.len(),
        }
    }
}

impl AsRef<[u8]> for Bytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Mapped(map) => map,
            Self::Owned { blocks, length } => blocks.as_bytes().get(..*length).unwrap_or_default(),
        }
    }
}

/// A snapshot whose checksums are right; what the sections mean is checked by their readers.
pub(crate) struct Container {
    bytes: Arc<Bytes>,
    sections: BTreeMap<String, SectionEntry>,
    checksum: String,
}

struct SectionEntry {
    range: Range<usize>,
    sha256: [u8; 32],
}

impl Container {
    pub(crate) fn open(bytes: Bytes) -> Result<Self, SnapshotError> {
        let all = bytes.as_ref();
        let entries = Header::check(all)?;
        let mut sections = BTreeMap::new();
        let mut end = HEADER_LENGTH + size_of_val(entries);
        for entry in entries {
            let range = section_range(entry, end, all)?;
            verify_crc(
                entry.name(),
                crc32fast::hash(&all[range.clone()]),
                entry.crc.get(),
            )?;
            end = range.end;
            sections.insert(
                entry.name().to_owned(),
                SectionEntry {
                    range,
                    sha256: entry.sha256,
                },
            );
        }
        if end != all.len() || sections.len() != entries.len() {
            return Err(inconsistent(
                "table",
                "the sections do not fill the file, each once",
            ));
        }
        let checksum = layout::checksum(entries);
        Ok(Self {
            bytes: Arc::new(bytes),
            sections,
            checksum,
        })
    }

    pub(crate) fn checksum_hex(&self) -> &str {
        &self.checksum
    }

    pub(crate) fn section(&self, name: &str) -> Option<Section> {
        let range = self.sections.get(name)?.range.clone();
        Some(Section {
            bytes: Arc::clone(&self.bytes),
            range,
        })
    }

    pub(crate) fn section_sizes(&self) -> impl Iterator<Item = (&str, usize)> {
        self.sections
            .iter()
            .map(|(name, entry)| (name.as_str(), entry.range.len()))
    }

    /// Recomputes every SHA-256.
    pub(crate) fn verify(&self) -> Result<(), SnapshotError> {
        for (name, entry) in &self.sections {
            let contents = self
                .bytes
                .as_ref()
                .as_ref()
                .get(entry.range.clone())
                .unwrap_or_default();
            if Sha256::digest(contents).as_slice() != entry.sha256 {
                return Err(inconsistent(name, "its SHA-256 is not the one recorded"));
            }
        }
        Ok(())
    }
}

/// Where a section lies, if it starts at the first boundary after `end` with only zero bytes before.
fn section_range(entry: &Entry, end: usize, all: &[u8]) -> Result<Range<usize>, SnapshotError> {
    let misplaced = || inconsistent(entry.name(), "it does not lie where it should");
    let start = end.next_multiple_of(SECTION_ALIGNMENT);
    let length = usize::try_from(entry.length.get()).map_err(|_| misplaced())?;
    let stop = start
        .checked_add(length)
        .filter(|stop| *stop <= all.len())
        .ok_or_else(misplaced)?;
    let in_place = entry.offset.get() == start as u64 && layout::is_section_name(entry.name());
    if !in_place || all[end..start].iter().any(|byte| *byte != 0) {
        return Err(misplaced());
    }
    Ok(start..stop)
}

pub(crate) fn inconsistent(section: &str, reason: impl Into<String>) -> SnapshotError {
    SnapshotError::Inconsistent {
        section: section.to_owned(),
        reason: reason.into(),
    }
}

/// One section of an open snapshot. Keeps the snapshot alive; starts on a 16-byte boundary; cheap to clone.
#[derive(Clone)]
pub struct Section {
    bytes: Arc<Bytes>,
    range: Range<usize>,
}

impl AsRef<[u8]> for Section {
    fn as_ref(&self) -> &[u8] {
        self.bytes
            .as_ref()
            .as_ref()
            .get(self.range.clone())
            .unwrap_or_default()
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Section({} bytes)", self.range.len())
    }
}
