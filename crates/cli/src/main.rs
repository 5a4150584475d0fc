//! `whence`: see the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    whence_cli::main()
}
