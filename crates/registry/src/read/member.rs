//! Opens a plain file, or the one member of a zip archive that is wanted.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;

use crate::RegistryError;

const ZIP_MAGIC: [u8; 4] = *b"PK\x03\x04";

/// Hands `read` the text of `path`: the file itself, or, if it is a zip archive, the member that `wanted`
/// picks from the names. `read` also gets the name of what it reads, for messages and versions.
pub fn open_member<T>(
    path: &Path,
    wanted: impl Fn(&[String]) -> Result<String, String>,
    read: impl FnOnce(&str, &mut dyn Read) -> Result<T, RegistryError>,
) -> Result<T, RegistryError> {
    let failed = |source: io::Error| RegistryError::Read {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut magic = [0; 4];
    let length = read_up_to(&mut file, &mut magic).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let file_name = file_name(path);
    if magic[..length] != ZIP_MAGIC {
        return read(&file_name, &mut BufReader::with_capacity(1 << 16, file));
    }
    let invalid = |reason: String| RegistryError::Archive {
        file: file_name.clone(),
        reason,
    };
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| invalid(error.to_string()))?;
    let names: Vec<String> = archive
        .file_names()
        .filter_map(|name| Some(name.ok()?.into_owned()))
        .collect();
    let name = wanted(&names).map_err(&invalid)?;
    let member = archive
        .by_name(&name)
        .map_err(|error| invalid(error.to_string()))?;
    let base = name.rsplit('/').next().unwrap_or(&name).to_owned();
    read(&base, &mut BufReader::with_capacity(1 << 16, member))
}

/// The last part of a path, for messages.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}

fn read_up_to(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    Ok(filled)
}
