//! The witness: a small file outside sled that says how much was flushed.
//!
//! One line: `whence-store <schema> <revision> <articles> <digest> <CRC-32 of all before>`. It is written
//! after each flush, under a temporary name, fsynced and renamed, so it may lag behind the store and
//! never leads. The schema version stands here too, so that a newer store is refused before its files
//! are touched.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::state::State;
use crate::{SCHEMA_VERSION, StoreError};

const MAGIC: &str = "whence-store";

/// What was flushed last, as far as the witness saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Witness {
    pub(crate) revision: u64,
    pub(crate) articles: u64,
    pub(crate) digest: [u8; 32],
}

impl Witness {
    pub(crate) fn of(state: &State) -> Self {
        Self {
            revision: state.revision,
            articles: state.articles,
            digest: state.digest(),
        }
    }

    /// Where the witness of a store stands.
    pub(crate) fn path(dir: &Path) -> PathBuf {
        dir.join("witness")
    }

    /// Reads the witness of a store; none if there is no such file.
    pub(crate) fn read(dir: &Path) -> Result<Option<Self>, StoreError> {
        let path = Self::path(dir);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StoreError::io(&path)(error)),
        };
        let text = str::from_utf8(&bytes).unwrap_or_default();
        if let Some(found) = schema(text).filter(|&found| found > u32::from(SCHEMA_VERSION)) {
            let (what, supported) = (format!("the store {}", dir.display()), u32::from(SCHEMA_VERSION));
            return Err(StoreError::NewerSchema {
                what,
                found,
                supported,
            });
        }
        let damaged = || StoreError::WitnessDamaged {
            path,
            detail: "it is not a line with its checksum".to_owned(),
        };
        parse(text).map(Some).ok_or_else(damaged)
    }

    /// Replaces the witness, durably.
    pub(crate) fn write(&self, dir: &Path) -> Result<(), StoreError> {
        let path = Self::path(dir);
        let temporary = dir.join("witness.new");
        let mut file = File::create(&temporary).map_err(StoreError::io(&temporary))?;
        file.write_all(self.line().as_bytes())
            .map_err(StoreError::io(&temporary))?;
        file.sync_all().map_err(StoreError::io(&temporary))?;
        fs::rename(&temporary, &path).map_err(StoreError::io(&path))?;
        // A rename lasts only once its directory is on disk.
        File::open(dir)
            .and_then(|dir| dir.sync_all())
            .map_err(StoreError::io(dir))
    }

    fn line(&self) -> String {
        let Self {
            revision,
            articles,
            digest,
        } = self;
        let line = format!(
            "{MAGIC} {SCHEMA_VERSION} {revision} {articles} {}",
            hex::encode(digest)
        );
        format!("{line} {:08x}\n", crc32fast::hash(line.as_bytes()))
    }
}

fn schema(text: &str) -> Option<u32> {
    let mut words = text.split_whitespace();
    (words.next()? == MAGIC).then_some(())?;
    words.next()?.parse().ok()
}

fn parse(text: &str) -> Option<Witness> {
    let (line, sum) = text.strip_suffix('\n')?.rsplit_once(' ')?;
    (sum == format!("{:08x}", crc32fast::hash(line.as_bytes()))).then_some(())?;
    let words: Vec<&str> = line.split(' ').collect();
    let [_, _, revision, articles, digest] = words.as_slice() else {
        return None;
    };
    let digest = hex::decode(digest).ok()?.try_into().ok()?;
    Some(Witness {
        revision: revision.parse().ok()?,
        articles: articles.parse().ok()?,
        digest,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WITNESS: Witness = Witness {
        revision: 7,
        articles: 3,
        digest: [0xab; 32],
    };

    #[test]
    fn what_is_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Witness::read(dir.path()).unwrap(), None);
        WITNESS.write(dir.path()).unwrap();
        assert_eq!(Witness::read(dir.path()).unwrap(), Some(WITNESS));
    }

    #[test]
    fn a_changed_byte_or_a_cut_is_noticed() {
        let line = WITNESS.line();
        assert_eq!(parse(&line), Some(WITNESS));
        for at in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[at] ^= 1;
            assert_eq!(parse(str::from_utf8(&bytes).unwrap()), None, "byte {at}");
            assert_eq!(parse(&line[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn a_newer_schema_is_refused_whatever_else_the_line_says() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(Witness::path(dir.path()), "whence-store 9 in a form yet unknown").unwrap();
        let error = Witness::read(dir.path()).unwrap_err();
        assert!(
            matches!(
                error,
                StoreError::NewerSchema {
                    found: 9,
                    supported: 1,
                    ..
                }
            ),
            "{error}"
        );
    }
}
