//! The input of an import: files that are there, standard input kept in a file, and a digest of it all.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use whence_formats::{Format, FormatError, RecordReader, open};

use crate::error::CliError;

/// Hexadecimal digits of the digest that names an import: enough that no two inputs share it.
const ID_DIGITS: usize = 32;

/// Everything that an import reads.
pub(super) struct Input {
    /// The name of the import.
    pub import_id: String,
    /// Its parts, in order.
    pub parts: Vec<Part>,
    /// The format, where it is stated.
    pub format: Option<Format>,
    /// Bytes in all; none if unknown.
    pub length: Option<u64>,
}

/// One part of the input.
pub(super) enum Part {
    /// A file.
    File(PathBuf),
    /// Standard input, kept in a temporary file.
    Kept(File),
    /// Standard input as it comes.
    Stdin,
}

impl Input {
    /// Looks at every part without reading it to the end, except to name the import.
    pub(super) fn open(
        files: &[PathBuf],
        format: Option<Format>,
        import_id: Option<String>,
    ) -> Result<Self, CliError> {
        if files.iter().filter(|file| is_stdin(file)).count() > 1 {
            return Err(CliError::usage("standard input can be read only once"));
        }
        for file in files.iter().filter(|file| !is_stdin(file)) {
            open(file, format)?;
        }
        let keep = import_id.is_none();
        let parts = files
            .iter()
            .map(|file| Part::of(file, keep))
            .collect::<Result<Vec<_>, _>>()?;
        let mut input = Self {
            import_id: String::new(),
            length: length(&parts),
            parts,
            format,
        };
        input.import_id = import_id.map_or_else(|| input.digest(), Ok)?;
        Ok(input)
    }

    /// The name of the import: its format and a digest of its bytes.
    fn digest(&mut self) -> Result<String, CliError> {
        let mut format = self.format;
        let mut digests = Vec::new();
        for part in &mut self.parts {
            if format.is_none() {
                format = Some(part.reader(None)?.format());
            }
            digests.push(part.digest()?);
        }
        let digest = match digests.as_slice() {
            [digest] => hex::encode(digest),
            digests => hex::encode(Sha256::digest(digests.concat())),
        };
        let format = format.map(Format::name).unwrap_or_default();
        Ok(format!("{format}-{}", &digest[..ID_DIGITS]))
    }
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

fn length(parts: &[Part]) -> Option<u64> {
    parts.iter().map(Part::length).sum()
}

impl Part {
    fn of(path: &Path, keep: bool) -> Result<Self, CliError> {
        match (is_stdin(path), keep) {
            (false, _) => Ok(Self::File(path.to_owned())),
            (true, false) => Ok(Self::Stdin),
            (true, true) => keep_stdin()
                .map(Self::Kept)
                .map_err(CliError::reading("standard input")),
        }
    }

    /// What messages call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Kept(_) | Self::Stdin => "standard input".to_owned(),
        }
    }

    fn length(&self) -> Option<u64> {
        let metadata = match self {
            Self::File(path) => path.metadata().ok().filter(fs::Metadata::is_file),
            Self::Kept(file) => file.metadata().ok(),
            Self::Stdin => None,
        };
        metadata.map(|metadata| metadata.len())
    }

    /// Reads its records from the start.
    pub(super) fn reader(&self, format: Option<Format>) -> Result<RecordReader, FormatError> {
        match self {
            Self::File(path) => open(path, format),
            Self::Stdin => open(Path::new("-"), format),
            Self::Kept(file) => {
                let rewound = file.try_clone().and_then(|mut file| file.rewind().map(|()| file));
                let failed = |source| FormatError::Open {
                    path: "standard input".to_owned(),
                    source,
                };
                RecordReader::from_read("-", Box::new(rewound.map_err(failed)?), format)
            }
        }
    }

    fn digest(&mut self) -> Result<[u8; 32], CliError> {
        let name = self.name();
        let digested = match self {
            Self::File(path) => File::open(path).and_then(digest),
            Self::Kept(file) => file.rewind().and_then(|()| digest(file)),
            // Not to be had before it has been read; such an import was given a name.
            Self::Stdin => digest(io::empty()),
        };
        digested.map_err(CliError::reading(name))
    }
}

fn keep_stdin() -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    file.flush()?;
    Ok(file)
}

fn digest(mut read: impl Read) -> io::Result<[u8; 32]> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match read.read(&mut buffer)? {
            0 => return Ok(digest.finalize().into()),
            length => digest.update(&buffer[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_import_is_that_of_its_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let id = |files: &[PathBuf]| Input::open(files, None, None).unwrap().import_id;
        let (a, b) = (
            write("a.jsonl", "{\"pmid\":1}\n"),
            write("b.jsonl", "{\"pmid\":2}\n"),
        );
        let same = write("c.jsonl", "{\"pmid\":1}\n");
        assert_eq!(id(std::slice::from_ref(&a)), id(&[same]));
        assert!(id(std::slice::from_ref(&a)).starts_with("jsonl-"));
        assert_ne!(id(&[a.clone(), b.clone()]), id(&[b, a]));
        let missing = Input::open(&[folder.path().join("none.jsonl")], None, None);
        assert!(missing.is_err_and(|error| error.to_string().contains("none.jsonl")));
    }
}
