//! Maps a snapshot file into memory: the one unsafe step of this crate.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::SnapshotError;

/// Maps the file, read-only.
#[expect(
    unsafe_code,
    reason = "mapping a file is unsafe by nature: see below for what makes it sound"
)]
pub(crate) fn map_file(path: &Path) -> Result<Mmap, SnapshotError> {
    let failed = |source| SnapshotError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    // SAFETY: snapshots are written under another name and renamed into place, never changed in place, so
    // the bytes below the mapping stay as they are while it lives.
    unsafe { Mmap::map(&file) }.map_err(failed)
}
