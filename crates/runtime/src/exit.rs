//! How a service ends: quietly, or with one line that says why.

use std::error::Error;
use std::fmt::Write;
use std::process::ExitCode;

/// Whatever can keep a service from starting or end it.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The exit code of a service that has ended; a failure goes to stderr in one line with its causes.
pub fn exit(ended: Result<(), Failure>) -> ExitCode {
    let Err(failure) = ended else {
        return ExitCode::SUCCESS;
    };
    eprintln!("error: {}", with_causes(failure.as_ref()));
    ExitCode::FAILURE
}

/// An error and everything that caused it, in one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string cannot fail.
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
