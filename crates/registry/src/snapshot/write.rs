//! Writes a snapshot: under a temporary name in the same folder, flushed, then renamed into place, so that
//! whoever has the old file mapped keeps it whole.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use zerocopy::IntoBytes;

use super::encode;
use super::layout::{self, Entry, HEADER_LENGTH, Header, SECTION_ALIGNMENT};
use crate::{BuiltRegistry, SnapshotError};

/// Gathers the sections of a snapshot.
#[derive(Clone, Debug)]
pub struct SnapshotBuilder {
    version: String,
    sections: Vec<(String, Vec<u8>)>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotSummary {
    /// Version of the registry.
    pub version: String,
    /// SHA-256 of the snapshot, as [`crate::Registry::checksum_hex`] gives it.
    pub checksum_hex: String,
    /// Length of the file.
    pub size_bytes: u64,
    /// Name and length of each section, in the order of the file.
    pub sections: Vec<(String, u64)>,
}

impl SnapshotBuilder {
    /// Begins with the core sections of a registry.
    pub fn new(registry: &BuiltRegistry) -> Result<Self, SnapshotError> {
        Ok(Self {
            version: registry.version.clone(),
            sections: encode::sections(registry)?,
        })
    }

    /// Adds a section for another crate's use, to be had by [`crate::Registry::section`].
    pub fn add_section(&mut self, name: &str, contents: Vec<u8>) -> Result<&mut Self, SnapshotError> {
        let known = self.sections.iter().any(|(known, _)| known == name);
        if known || !layout::is_section_name(name) {
            return Err(SnapshotError::InvalidSectionName {
                section: name.to_owned(),
            });
        }
        self.sections.push((name.to_owned(), contents));
        Ok(self)
    }

    /// Writes the snapshot to a file, replacing what was there in one step.
    pub fn write(&self, path: &Path) -> Result<SnapshotSummary, SnapshotError> {
        let entries = self.entries();
        self.write_file(path, &entries)
            .map_err(|source| SnapshotError::Write {
                path: path.to_owned(),
                source,
            })?;
        Ok(self.summary(&entries))
    }

    /// The snapshot as bytes, for [`crate::Registry::from_bytes`].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // Writing to memory cannot fail.
        let _ = self.write_to(&mut bytes, &self.entries());
        bytes
    }

    fn entries(&self) -> Vec<Entry> {
        let mut end = HEADER_LENGTH + self.sections.len() * size_of::<Entry>();
        let mut entries = Vec::with_capacity(self.sections.len());
        for (name, contents) in &self.sections {
            let start = end.next_multiple_of(SECTION_ALIGNMENT);
            entries.push(Entry::new(name, start, contents));
            end = start + contents.len();
        }
        entries
    }

    fn write_to(&self, output: &mut impl Write, entries: &[Entry]) -> io::Result<()> {
        let file_length = entries
            .last()
            .map_or(0, |last| last.offset.get() + last.length.get());
        output.write_all(Header::new(entries, file_length).as_bytes())?;
        output.write_all(entries.as_bytes())?;
        let mut end = HEADER_LENGTH + size_of_val(entries);
        for (_, contents) in &self.sections {
            let start = end.next_multiple_of(SECTION_ALIGNMENT);
            output.write_all(&[0; SECTION_ALIGNMENT][..start - end])?;
            output.write_all(contents)?;
            end = start + contents.len();
        }
        Ok(())
    }

    fn write_file(&self, path: &Path, entries: &[Entry]) -> io::Result<()> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let temporary = tempfile::Builder::new()
            .prefix(".registry-")
            .suffix(".tmp")
            .tempfile_in(&folder)?;
        let mut output = io::BufWriter::new(temporary);
        self.write_to(&mut output, entries)?;
        let temporary = output.into_inner().map_err(io::IntoInnerError::into_error)?;
        allow_reading(temporary.as_file())?;
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|error| error.error)?;
        // The rename itself is durable only once the folder is.
        File::open(&folder)?.sync_all()
    }

    fn summary(&self, entries: &[Entry]) -> SnapshotSummary {
        let sections: Vec<_> = self
            .sections
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.len() as u64))
            .collect();
        SnapshotSummary {
            version: self.version.clone(),
            checksum_hex: layout::checksum(entries),
            size_bytes: entries
                .last()
                .map_or(0, |last| last.offset.get() + last.length.get()),
            sections,
        }
    }
}

/// Temporary files are private; a snapshot is for every service on the machine.
#[cfg(unix)]
fn allow_reading(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn allow_reading(_: &File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::read::read_ror;
    use crate::{BuildReport, Registry, RegistryParts, build_from_parts};

    const DUMP: &str = include_str!("../../tests/sources/v9.9-2024-05-01-ror-data_schema_v2.json");

    /// Built once: the tables that come with whence take longest to read.
    static BUILDER: LazyLock<SnapshotBuilder> = LazyLock::new(|| {
        let mut report = BuildReport::default();
        let organisations = read_ror("dump", DUMP.as_bytes(), &mut report).unwrap();
        let parts = RegistryParts {
            organisations,
            ..RegistryParts::default()
        };
        SnapshotBuilder::new(&build_from_parts(parts, &mut report).unwrap()).unwrap()
    });

    fn builder() -> SnapshotBuilder {
        BUILDER.clone()
    }

    /// Reads whatever there is to read.
    fn read_through(registry: &Registry) {
        for institution in registry.institutions() {
            let _ = (
                institution.ror_id(),
                institution.types(),
                institution.state(),
                institution.established(),
            );
            assert!(institution.names().all(|name| name.text.len() < 1 << 20));
            institution
                .locations()
                .for_each(|place| drop(registry.city_of(place)));
            let others = institution.parents().chain(institution.children());
            let others = others
                .chain(institution.related())
                .chain(institution.successors());
            others.for_each(|other| drop(registry.institution(other).name().to_owned()));
        }
        for place in registry.places() {
            let _ = (
                place.geonames_id(),
                place.name(),
                place.country(),
                place.admin1_code(),
                place.population(),
            );
        }
        let members = registry.groups().iter().flat_map(|group| &group.members);
        members.for_each(|member| drop(registry.institution(*member).name().to_owned()));
    }

    #[test]
    fn a_snapshot_without_a_core_section_is_refused() {
        for at in 0..builder().sections.len() {
            let mut builder = builder();
            let (name, _) = builder.sections.remove(at);
            let error = Registry::from_bytes(builder.to_bytes()).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "the registry snapshot lacks section `{name}`; rebuild it with `whence registry build`"
                )
            );
        }
    }

    proptest! {
        /// Beyond what checksums catch: sections whose bytes are wrong and whose checksums are right.
        #[test]
        fn a_well_summed_but_senseless_section_never_makes_a_reader_panic(
            section in 0..6_usize, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in prop::bool::ANY
        ) {
            let mut builder = builder();
            let contents = &mut builder.sections[section].1;
            let at = at.index(contents.len());
            if cut { contents.truncate(at) } else { contents[at] = byte }
            if let Ok(registry) = Registry::from_bytes(builder.to_bytes()) {
                read_through(&registry);
            }
        }
    }
}
