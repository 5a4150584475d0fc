//! The verbs, one file each.

pub mod completions;
pub mod demo;
pub mod eval;
pub mod explain;
pub mod export;
pub mod health;
pub mod import;
pub mod index;
pub mod overrides;
pub mod rank;
pub mod registry;
pub mod resolve;
pub mod up;

use crate::arguments::{Command, Global};
use crate::error::CliError;

/// Does what the command line says.
pub async fn run(command: Command, global: &Global) -> Result<(), CliError> {
    match command {
        Command::Demo(args) => demo::run(args).await,
        Command::Registry(command) => registry::run(command, global),
        Command::Up(args) => up::run(args).await,
        Command::Import(args) => import::run(args, global).await,
        Command::Resolve(args) => resolve::run(args, global).await,
        Command::Rank(args) => rank::run(args, global).await,
        Command::Explain(args) => explain::run(args, global).await,
        Command::Override(command) => overrides::run(command, global).await,
        Command::Index(args) => index::run(args, global).await,
        Command::Export(args) => export::run(args, global).await,
        Command::Eval(args) => eval::run(&args, global),
        Command::Health(args) => health::run(args, global).await,
        Command::Completions(args) => completions::run(&args),
    }
}
