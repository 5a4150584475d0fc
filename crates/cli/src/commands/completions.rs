//! `whence completions`: the completions of a shell.

use std::io;

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::error::CliError;

/// What `whence completions` takes.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  whence completions bash > ~/.local/share/bash-completion/completions/whence\n  \
    whence completions zsh > \"${fpath[1]}/_whence\""
)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the completions.
pub fn run(args: &CompletionsArgs) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "whence", &mut script);
    io::Write::write_all(&mut io::stdout(), &script).map_err(CliError::writing("standard output"))
}
