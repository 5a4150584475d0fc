//! A result that goes to a file or to standard output.
//!
//! A file appears under its name only when it is complete: it is written under a temporary name beside it
//! and renamed at the end, so that a failure never leaves half a file behind or damages the one before.

use std::fs::{self, File};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::error::CliError;

/// Where a result goes.
pub enum PendingFile {
    /// A file to be.
    File {
        /// Its name to be.
        path: PathBuf,
        /// What is written so far.
        out: BufWriter<NamedTempFile>,
    },
    /// Standard output.
    Stdout(BufWriter<io::Stdout>),
}

impl PendingFile {
    /// Begins a file, or standard output for `-`.
    pub fn create(path: &Path) -> Result<Self, CliError> {
        if path.as_os_str() == "-" {
            return Ok(Self::stdout());
        }
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".whence-").suffix(".tmp");
        // Temporary files are private; a result has the rights of any other file of the user.
        #[cfg(unix)]
        let builder = {
            use std::os::unix::fs::PermissionsExt;
            builder.permissions(fs::Permissions::from_mode(0o666))
        };
        let file = builder
            .tempfile_in(folder)
            .map_err(CliError::writing(path.display().to_string()))?;
        Ok(Self::File {
            path: path.to_owned(),
            out: BufWriter::new(file),
        })
    }

    /// Standard output.
    pub fn stdout() -> Self {
        Self::Stdout(BufWriter::new(io::stdout()))
    }

    /// What it is called in messages.
    pub fn name(&self) -> String {
        match self {
            Self::File { path, .. } => path.display().to_string(),
            Self::Stdout(_) => "standard output".to_owned(),
        }
    }

    /// Makes an error of a failed write.
    pub fn failed(&self) -> impl FnOnce(io::Error) -> CliError + use<> {
        CliError::writing(self.name())
    }

    /// Throws away what was written to a file.
    pub fn restart(&mut self) -> io::Result<()> {
        if let Self::File { out, .. } = self {
            out.flush()?;
            let file: &mut File = out.get_mut().as_file_mut();
            file.set_len(0)?;
            file.rewind()?;
        }
        Ok(())
    }

    /// Completes the result.
    pub fn finish(self) -> Result<(), CliError> {
        let failed = self.failed();
        self.complete().map_err(failed)
    }

    fn complete(self) -> io::Result<()> {
        match self {
            Self::Stdout(mut out) => out.flush(),
            Self::File { path, out } => {
                let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.as_file().sync_all()?;
                file.persist(&path).map_err(|error| error.error)?;
                Ok(())
            }
        }
    }
}

impl Write for PendingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File { out, .. } => out.write(bytes),
            Self::Stdout(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File { out, .. } => out.flush(),
            Self::Stdout(out) => out.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.jsonl");
        let mut pending = PendingFile::create(&path).unwrap();
        pending.write_all(b"too early").unwrap();
        assert!(!path.exists());
        pending.restart().unwrap();
        pending.write_all(b"whole").unwrap();
        pending.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        drop(PendingFile::create(&path).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
