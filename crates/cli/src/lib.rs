//! The whence command line: one file a verb in [`commands`], and beside it what verbs share.
//!
//! [`arguments`] is the command line as types, [`error`] what can go wrong and the exit code it gives,
//! [`output`] how results are printed. Results go to standard output and everything else to standard
//! error. Exit codes: 0 done, 1 the work failed or was only partly done, 2 the command line was wrong.

pub mod arguments;
pub mod commands;
pub mod error;
pub mod evaluation;
pub mod explanation_json;
pub mod filters;
pub mod in_order;
pub mod index_json;
pub mod kinds;
pub mod lines;
pub mod output;
pub mod paging;
pub mod pending_file;
pub mod registry_source;
pub mod resolution_json;
pub mod shares;
pub mod stack;

use std::process::ExitCode;

use clap::Parser;
use whence_runtime::telemetry::{self, LogFormat};

use crate::arguments::{Arguments, Command};
use crate::error::CliError;

/// Reads the command line, does what it says and reports how that went.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => error.report(),
    }
}

fn run(arguments: Arguments) -> Result<(), CliError> {
    let Arguments { global, command } = arguments;
    let log = global
        .log
        .clone()
        .unwrap_or_else(|| default_log(&command).to_owned());
    telemetry::init(LogFormat::Text, &log).map_err(|error| CliError::usage(error.to_string()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(CliError::writing("the runtime's threads"))?;
    let done = runtime.block_on(commands::run(command, &global));
    // A reader that waits for standard input must not keep the process.
    runtime.shutdown_background();
    done
}

/// A stack tells what it does; every other command speaks up only when something is odd.
fn default_log(command: &Command) -> &'static str {
    match command {
        Command::Up(_) => "info",
        _ => "warn",
    }
}
