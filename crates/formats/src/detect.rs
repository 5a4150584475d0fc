//! Which format an input has: by the ending of its name, else by its first bytes.

use std::fmt;
use std::str::FromStr;

/// A format of article records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// PubMed XML, as the National Library of Medicine publishes it.
    Pubmed,
    /// Whence JSONL: one JSON object a line.
    Jsonl,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 2] = [Self::Pubmed, Self::Jsonl];

    /// The name that command lines use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pubmed => "pubmed",
            Self::Jsonl => "jsonl",
        }
    }

    /// By the ending of a file name, compression apart.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let plain =
            Compression::of_name(&lower).map_or(lower.as_str(), |c| lower.trim_end_matches(c.ending()));
        match plain.rsplit_once('.')?.1 {
            "xml" => Some(Self::Pubmed),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            _ => None,
        }
    }

    /// By the first bytes of the uncompressed text.
    pub(crate) fn of_text(start: &[u8]) -> Option<Self> {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        match start.iter().find(|byte| !byte.is_ascii_whitespace())? {
            b'<' => Some(Self::Pubmed),
            b'{' => Some(Self::Jsonl),
            _ => None,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Parses [`Format::name`]; the error says which names there are.
impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| format!("{text:?} is not a format: state pubmed or jsonl"))
    }
}

/// A compression that the readers undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    Gzip,
    Zstd,
}

impl Compression {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        [Self::Gzip, Self::Zstd]
            .into_iter()
            .find(|compression| lower.ends_with(compression.ending()))
    }

    /// By the magic numbers of RFC 1952 and RFC 8878; a zstd file may begin with a skippable frame.
    pub(crate) fn of_bytes(start: &[u8]) -> Option<Self> {
        match start {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstd),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_format() {
        for (name, format) in [
            ("a.xml", Some(Format::Pubmed)),
            ("A.XML.GZ", Some(Format::Pubmed)),
            ("dir.xml/a.jsonl", Some(Format::Jsonl)),
            ("a.jsonl.zst", Some(Format::Jsonl)),
            ("a.b.ndjson.gz", Some(Format::Jsonl)),
            ("a.gz", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(Format::of_name(name), format, "{name}");
        }
    }

    #[test]
    fn the_first_bytes_tell_it_too() {
        assert_eq!(Format::of_text(b"\xef\xbb\xbf\n <?xml"), Some(Format::Pubmed));
        assert_eq!(Format::of_text(b"{\"doi\""), Some(Format::Jsonl));
        assert_eq!(Format::of_text(b"PMID- 1"), None);
        assert_eq!(Format::of_text(b""), None);
        assert_eq!(Compression::of_bytes(b"\x1f\x8b\x08\0"), Some(Compression::Gzip));
        assert_eq!(
            Compression::of_bytes(b"\x28\xb5\x2f\xfd"),
            Some(Compression::Zstd)
        );
        assert_eq!(Compression::of_bytes(b"\x1f"), None);
    }

    #[test]
    fn a_format_parses_its_own_name() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert!("xml".parse::<Format>().is_err());
    }
}
