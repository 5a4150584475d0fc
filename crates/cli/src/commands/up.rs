//! `whence up`: the whole stack in one process, until it is told to stop.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use whence_runtime::serve::stop_on_signals;

use crate::error::CliError;
use crate::output::print_text;
use crate::registry_source::{RegistryArgs, note_starter};
use crate::stack::{Stack, StackOptions};

/// What `whence up` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence up --data-dir ./whence-data --registry ror.snapshot\n  \
    whence up --data-dir ./whence-data --listen 127.0.0.1:0 --ready-file url.txt\n\n\
    SIGTERM or Ctrl-C stops it cleanly: whatever an import was told is recorded stays recorded.")]
pub struct UpArgs {
    /// Folder that holds the store; made if it is not there
    #[arg(long, value_name = "DIR")]
    data_dir: PathBuf,
    #[command(flatten)]
    registry: RegistryArgs,
    /// Where the gateway listens; port 0 picks a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7340")]
    listen: SocketAddr,
    /// Write the gateway's URL to this file as soon as it answers
    #[arg(long, value_name = "FILE")]
    ready_file: Option<PathBuf>,
}

/// Runs the stack until a signal.
pub async fn run(args: UpArgs) -> Result<(), CliError> {
    let UpArgs {
        data_dir,
        registry,
        listen,
        ready_file,
    } = args;
    let stop = stop_on_signals().map_err(CliError::reading("signals"))?;
    if let Some(path) = &ready_file {
        // One that an earlier run has left must not be taken for ours.
        remove(path)?;
    }
    let uses_starter = registry.registry.is_none();
    let options = StackOptions {
        data_dir,
        registry: registry.registry,
        listen,
    };
    let mut stack = tokio::select! {
        stack = Stack::start(options) => stack?,
        () = stop.cancelled() => return Ok(()),
    };
    if uses_starter {
        note_starter(stack.registry());
    }
    print_text(stack.url())?;
    if let Some(path) = &ready_file {
        write(path, stack.url()).map_err(CliError::writing(path.display().to_string()))?;
    }
    let ended = tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = stack.ended() => ended,
    };
    if let Some(path) = &ready_file {
        remove(path)?;
    }
    stack.stop().await?;
    ended
}

/// Whoever waits for the file finds it whole.
fn write(path: &Path, url: &str) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(url.as_bytes())?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn remove(path: &Path) -> Result<(), CliError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(CliError::writing(path.display().to_string())(error))
        }
        _ => Ok(()),
    }
}
