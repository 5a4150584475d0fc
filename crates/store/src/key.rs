//! The keys of the one tree: a byte for the family, then the parts, numbers big-endian.
//!
//! Takes and gives [`Key`]. Encoding then decoding is identity, and within a family keys sort by their
//! encoded bytes as their parts do, so that a range of the tree is a range of ids or of sequences.

use std::fmt;

use whence_model::{ArticleId, OverrideId, RequestId};

use crate::ImportId;

/// A key of the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// `a` + id: one article with all its records.
    Article(ArticleId),
    /// `i` + import: how far an import has come.
    Import(ImportId),
    /// `k` + identifier: another identifier of a stored article.
    Alias(ArticleId),
    /// `l` + import + 0 + last sequence: what became of a run of sequences.
    Ledger(ImportId, u64),
    /// `m1`: schema version of the store.
    Schema,
    /// `m2`: revision, counts and fingerprint of the store.
    State,
    /// `o` + id: an override, standing or deleted.
    Override(OverrideId),
    /// `q` + request: the override that a request created.
    Request(RequestId),
    /// `v` + number: versions of a resolver, numbered.
    Versions(u32),
    /// `x` + import + 0 + sequence: a record that an import refused.
    Rejection(ImportId, u64),
}

/// First byte of every article key.
pub(crate) const ARTICLES: &[u8] = b"a";
/// First byte of every override's key.
pub(crate) const OVERRIDES: &[u8] = b"o";
/// First byte of every resolver version's key.
pub(crate) const VERSIONS: &[u8] = b"v";

impl Key {
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Article(id) => prefixed(b'a', id.as_str().as_bytes(), &[]),
            Self::Import(import) => prefixed(b'i', import.as_str().as_bytes(), &[]),
            Self::Alias(id) => prefixed(b'k', id.as_str().as_bytes(), &[]),
            Self::Ledger(import, last) => sequenced(b'l', import, *last),
            Self::Schema => b"m1".to_vec(),
            Self::State => b"m2".to_vec(),
            Self::Override(id) => prefixed(b'o', &id.get().to_be_bytes(), &[]),
            Self::Request(request) => prefixed(b'q', request.as_str().as_bytes(), &[]),
            Self::Versions(number) => prefixed(b'v', &number.to_be_bytes(), &[]),
            Self::Rejection(import, sequence) => sequenced(b'x', import, *sequence),
        }
    }

    /// The key with these bytes; none if no key has them.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (&family, rest) = bytes.split_first()?;
        match family {
            b'a' => article_id(rest).map(Self::Article),
            b'i' => import_id(rest).map(Self::Import),
            b'k' => article_id(rest).map(Self::Alias),
            b'l' => split_sequence(rest).map(|(import, last)| Self::Ledger(import, last)),
            b'm' if rest == b"1" => Some(Self::Schema),
            b'm' if rest == b"2" => Some(Self::State),
            b'o' => {
                let id = rest.try_into().ok().map(u64::from_be_bytes)?;
                OverrideId::new(id).map(Self::Override)
            }
            b'q' => RequestId::parse(str::from_utf8(rest).ok()?)
                .ok()
                .map(Self::Request),
            b'v' => rest
                .try_into()
                .ok()
                .map(|number| Self::Versions(u32::from_be_bytes(number))),
            b'x' => split_sequence(rest).map(|(import, sequence)| Self::Rejection(import, sequence)),
            _ => None,
        }
    }
}

/// In words, for messages about damaged values.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Article(id) => write!(f, "article {id}"),
            Self::Import(import) => write!(f, "import {import}"),
            Self::Alias(id) => write!(f, "identifier {id}"),
            Self::Ledger(import, last) => write!(f, "the ledger of import {import} up to sequence {last}"),
            Self::Schema => f.write_str("the schema version"),
            Self::State => f.write_str("the store's state"),
            Self::Override(id) => write!(f, "override {id}"),
            Self::Request(request) => write!(f, "request {request}"),
            Self::Versions(number) => write!(f, "resolver versions {number}"),
            Self::Rejection(import, sequence) => write!(f, "rejection {sequence} of import {import}"),
        }
    }
}

/// Any key in words, even one that no encoder wrote.
pub(crate) fn describe(bytes: &[u8]) -> String {
    Key::decode(bytes).map_or_else(
        || format!("the unknown key {}", hex::encode(bytes)),
        |key| key.to_string(),
    )
}

fn prefixed(family: u8, first: &[u8], second: &[u8]) -> Vec<u8> {
    [&[family], first, second].concat()
}

/// A zero byte ends the import id, which holds none: so a shorter id sorts before its extensions.
fn sequenced(family: u8, import: &ImportId, sequence: u64) -> Vec<u8> {
    let tail = [&[0], sequence.to_be_bytes().as_slice()].concat();
    prefixed(family, import.as_str().as_bytes(), &tail)
}

fn split_sequence(rest: &[u8]) -> Option<(ImportId, u64)> {
    let (head, sequence) = rest.split_last_chunk::<8>()?;
    let (&end, import) = head.split_last()?;
    (end == 0).then_some(())?;
    Some((import_id(import)?, u64::from_be_bytes(*sequence)))
}

fn article_id(bytes: &[u8]) -> Option<ArticleId> {
    let text = str::from_utf8(bytes).ok()?;
    ArticleId::parse(text).ok().filter(|id| id.as_str() == text)
}

fn import_id(bytes: &[u8]) -> Option<ImportId> {
    ImportId::parse(str::from_utf8(bytes).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn article_ids() -> impl Strategy<Value = ArticleId> {
        prop_oneof![
            "10\\.[0-9]{1,5}/[a-z0-9().]{1,8}",
            "pmid:[1-9][0-9]{0,7}",
            "pmcid:PMC[1-9][0-9]{0,7}",
            "[a-z]{4,6}:[A-Z0-9]{1,5}"
        ]
        .prop_map(|text| ArticleId::parse(&text).unwrap())
    }

    fn keys() -> impl Strategy<Value = Key> {
        let imports = || "[A-Za-z0-9._-]{1,4}".prop_map(|text| ImportId::parse(&text).unwrap());
        prop_oneof![
            article_ids().prop_map(Key::Article),
            imports().prop_map(Key::Import),
            article_ids().prop_map(Key::Alias),
            (imports(), any::<u64>()).prop_map(|(import, last)| Key::Ledger(import, last)),
            Just(Key::Schema),
            Just(Key::State),
            (1..u64::MAX).prop_map(|id| Key::Override(OverrideId::new(id).unwrap())),
            "[A-Za-z0-9._-]{1,4}".prop_map(|text| Key::Request(RequestId::parse(&text).unwrap())),
            any::<u32>().prop_map(Key::Versions),
            (imports(), any::<u64>()).prop_map(|(import, sequence)| Key::Rejection(import, sequence)),
        ]
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(key in keys()) {
            prop_assert_eq!(Key::decode(&key.encode()), Some(key));
        }

        #[test]
        fn bytes_sort_as_parts_do(a in keys(), b in keys()) {
            prop_assert_eq!(a.encode().cmp(&b.encode()), a.cmp(&b));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            describe(&bytes);
        }
    }
}
