//! The registry that names, places and parents come from: a snapshot by path, else the embedded starter
//! registry; and whether a resolver's registry is newer than it.

use std::path::Path;

use whence_model::ResolverVersions;
use whence_registry::{Registry, RegistryError, SnapshotBuilder, SnapshotError, starter};

use crate::error::MetricsError;

/// Why no registry can be had.
#[derive(Debug, thiserror::Error)]
pub enum OpenRegistryError {
    /// The snapshot cannot be opened.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The embedded starter registry cannot be read.
    #[error("the embedded starter registry cannot be read")]
    Starter(#[from] RegistryError),
}

/// Opens a snapshot, or makes one of the starter registry in memory. Blocks.
pub fn open_registry(path: Option<&Path>) -> Result<Registry, OpenRegistryError> {
    if let Some(path) = path {
        return Ok(Registry::open(path)?);
    }
    tracing::info!("no registry snapshot is set; names and places come from the embedded starter registry");
    let (built, _) = starter()?;
    Ok(Registry::from_bytes(SnapshotBuilder::new(&built)?.to_bytes())?)
}

/// Refuses addresses that were resolved with a newer registry: it may name institutions that ours lacks,
/// which would be counted as unresolved. The same snapshot is never newer, whatever it is called.
pub(crate) fn check_not_newer(registry: &Registry, resolver: &ResolverVersions) -> Result<(), MetricsError> {
    let (own, other) = (registry.version(), resolver.registry_version.as_str());
    if registry.checksum_hex() == resolver.registry_checksum || !is_newer(other, own) {
        return Ok(());
    }
    Err(MetricsError::RegistryTooOld {
        resolver: other.to_owned(),
        own: own.to_owned(),
    })
}

/// Whether one version is known to come after another. Only versions of ROR dumps can be compared.
fn is_newer(version: &str, than: &str) -> bool {
    matches!((numbers(version), numbers(than)), (Some(one), Some(other)) if one > other)
}

/// The numbers of a version such as `v1.58-2024-12-11`; none of any other form.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let numbers = version.strip_prefix('v')?.split(['.', '-']);
    numbers.map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dumps_compare_by_number_and_nothing_else_compares() {
        for (version, than, newer) in [
            ("v1.58-2024-12-11", "v1.9-2022-09-01", true),
            ("v2.0-2025-11-01", "v1.58-2024-12-11", true),
            ("v1.9-2022-09-01", "v1.58-2024-12-11", false),
            ("v1.58-2024-12-11", "v1.58-2024-12-11", false),
            ("v1.58-2024-12-12", "v1.58-2024-12-11", true),
            ("starter-2026-11", "v1.58-2024-12-11", false),
            ("v1.58-2024-12-11", "starter-2026-11", false),
            ("starter-2", "starter-1", false),
            ("v2.9-subset", "v1.0-2022-03-17", false),
            ("", "v1", false),
        ] {
            assert_eq!(is_newer(version, than), newer, "{version} {than}");
        }
    }
}
