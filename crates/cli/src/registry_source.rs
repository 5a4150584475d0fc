//! Where a registry comes from: a snapshot by path, else the starter registry embedded in the program.

use std::path::{Path, PathBuf};

use clap::Args;
use whence_affiliation_resolver::registry;
use whence_registry::Registry;

use crate::error::CliError;
use crate::output::grouped;

/// The option of verbs that work on a registry in this process.
#[derive(Args, Clone, Debug, Default)]
pub struct RegistryArgs {
    /// Registry snapshot, made by `whence registry build`; the small embedded starter registry if not given
    #[arg(long, value_name = "SNAPSHOT")]
    pub registry: Option<PathBuf>,
}

impl RegistryArgs {
    /// Opens the snapshot; the embedded registry only with a word on standard error.
    pub fn open(&self) -> Result<Registry, CliError> {
        let registry = open(self.registry.as_deref())?;
        if self.registry.is_none() {
            note_starter(&registry);
        }
        Ok(registry)
    }
}

/// Says on standard error that the embedded registry is used.
pub fn note_starter(registry: &Registry) {
    let institutions = grouped(registry.institution_count());
    eprintln!(
        "note: no --registry given; using the embedded starter registry of {institutions} institutions"
    );
}

/// Opens a registry without a word.
pub fn open(path: Option<&Path>) -> Result<Registry, CliError> {
    let name = path.map_or_else(|| "(embedded)".to_owned(), |path| path.display().to_string());
    registry::open(path).map_err(|source| CliError::OpenRegistry { name, source })
}
