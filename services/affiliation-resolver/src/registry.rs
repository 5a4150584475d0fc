//! The registry that a process resolves against: a snapshot by path, else the embedded starter registry.

use std::path::Path;

use whence_registry::{Registry, RegistryError, SnapshotError, starter};
use whence_resolve::index::{SnapshotWithIndexError, snapshot};

/// Why no registry can be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenRegistryError {
    /// The snapshot cannot be opened.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The embedded starter registry cannot be read.
    #[error("the embedded starter registry cannot be read")]
    Starter(#[from] RegistryError),
    /// The embedded starter registry cannot be indexed.
    #[error("the embedded starter registry cannot be indexed")]
    Index(#[from] SnapshotWithIndexError),
}

/// Opens a snapshot, or makes the one of the starter registry in memory.
pub fn open(path: Option<&Path>) -> Result<Registry, OpenRegistryError> {
    if let Some(path) = path {
        return Ok(Registry::open(path)?);
    }
    let (built, _) = starter()?;
    Ok(Registry::from_bytes(snapshot(&built)?.to_bytes())?)
}
