//! The words of an import: its id, what it sends, what becomes of it, and its accounting.

use std::collections::HashSet;
use std::fmt;

use sha2::{Digest, Sha256};
use whence_model::{ArticleId, RecordKey, ResolvedArticle};

use crate::articles::ArticleChange;
use crate::{StoreError, codec};

/// The name of an import: 1 to 128 of the characters `A-Z a-z 0-9 . _ -`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ImportId(String);

/// Text that cannot name an import.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an import id; use 1 to 128 of the characters A-Z a-z 0-9 . _ -")]
pub struct InvalidImportId {
    /// The text as given, cut to 200 characters.
    pub text: String,
}

impl ImportId {
    /// Parses an id; nothing is mended.
    pub fn parse(text: &str) -> Result<Self, InvalidImportId> {
        let valid = (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidImportId {
                text: text.chars().take(200).collect(),
            })
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ImportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One record of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportEntry {
    /// Position within the import, from 1 without gaps.
    pub sequence: u64,
    /// The record.
    pub content: EntryContent,
}

/// What an import says about one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryContent {
    /// An article with its addresses resolved.
    Article(Box<ResolvedArticle>),
    /// A record that could not be read.
    Refused(RefusedRecord),
    /// A record that a filter of the import leaves out.
    Excluded(ExcludedRecord),
    /// A record that its source has withdrawn.
    Deleted(RecordKey),
}

/// A record that its reader had to refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRecord {
    /// What the record calls itself, as far as it could be read; may be empty.
    pub record_id: String,
    /// Where it stands, such as `articles.xml.gz: record 17`.
    pub location: String,
    /// What is wrong and how to mend it.
    pub reason: String,
}

/// A record that a filter of the import leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExcludedRecord {
    /// What the record calls itself.
    pub record_id: String,
    /// The filter that leaves it out.
    pub reason: String,
}

impl EntryContent {
    /// SHA-256 of what the source said: a replay must say the same. What the resolver made of it, and
    /// where a refused record stood, may differ when an import is sent again.
    pub fn digest(&self) -> Result<[u8; 32], StoreError> {
        let of_texts = |texts: [&str; 3]| {
            let mut hasher = Sha256::new();
            for text in texts {
                hasher.update((text.len() as u64).to_be_bytes());
                hasher.update(text);
            }
            hasher.finalize().into()
        };
        match self {
            Self::Article(article) => codec::article::digest(article.article()),
            Self::Refused(record) => Ok(of_texts(["refused", &record.record_id, &record.reason])),
            Self::Excluded(record) => Ok(of_texts(["excluded", &record.record_id, &record.reason])),
            Self::Deleted(key) => Ok(of_texts(["deleted", key.source.as_str(), &key.source_id])),
        }
    }
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Its article was not stored before.
    Recorded,
    /// It changed nothing: it is stored already, or an earlier version of what is.
    Unchanged,
    /// It replaced an earlier record, or joined a stored article.
    Updated,
    /// A filter of the import left it out.
    Excluded,
    /// It was refused; the reason is kept.
    Rejected,
    /// A deletion was carried out, or there was nothing to delete.
    Deleted,
}

/// What became of one sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryOutcome {
    /// The sequence.
    pub sequence: u64,
    /// What became of it.
    pub outcome: Outcome,
    /// Id of its article just after it, or of the article that a deletion took a record from.
    pub article_id: Option<ArticleId>,
    /// Why it was rejected or excluded; empty otherwise.
    pub reason: String,
}

/// What one call recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// One outcome for each entry, in their order.
    pub outcomes: Vec<EntryOutcome>,
    /// Every article that is other than before, in order of id.
    pub changes: Vec<ArticleChange>,
    /// The import after the call.
    pub state: ImportState,
    /// Revision of the store after the call.
    pub revision: u64,
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportState {
    /// Every sequence up to this one is flushed; 0 if none is.
    pub flushed_through: u64,
    /// The import so far.
    pub accounting: Accounting,
}

/// The accounting of an import: read = recorded + unchanged + updated + excluded + rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounting {
    /// Records read; deletions are not among them.
    pub read: u64,
    /// Records of articles that were not stored before.
    pub recorded: u64,
    /// Records that changed nothing.
    pub unchanged: u64,
    /// Records that replaced an earlier one or joined a stored article.
    pub updated: u64,
    /// Records that a filter of the import left out.
    pub excluded: u64,
    /// Records refused, each kept with its reason.
    pub rejected: u64,
    /// Deletions that found their record.
    pub deleted: u64,
    /// Personal authors of the records recorded, unchanged and updated.
    pub authors: u64,
    /// Their author-address links.
    pub affiliations: u64,
    /// Those links whose address gave an institution.
    pub resolved_affiliations: u64,
}

impl Accounting {
    /// Counts what became of one entry.
    pub(crate) fn count(&mut self, outcome: &EntryOutcome) {
        let counter = match outcome.outcome {
            Outcome::Recorded => &mut self.recorded,
            Outcome::Unchanged => &mut self.unchanged,
            Outcome::Updated => &mut self.updated,
            Outcome::Excluded => &mut self.excluded,
            Outcome::Rejected => &mut self.rejected,
            Outcome::Deleted => {
                self.deleted += u64::from(outcome.article_id.is_some());
                return;
            }
        };
        *counter += 1;
        self.read += 1;
    }

    /// Counts the authors of a record that was taken, and their addresses.
    pub(crate) fn count_authors(&mut self, article: &ResolvedArticle) {
        let with_institution = article
            .resolutions()
            .iter()
            .filter(|found| !found.resolution.institutions.is_empty());
        let resolved: HashSet<&str> = with_institution.map(|found| found.affiliation.as_str()).collect();
        for (_, author) in article.article().personal_authors() {
            self.authors += 1;
            self.affiliations += author.affiliations.len() as u64;
            let links = author
                .affiliations
                .iter()
                .filter(|address| resolved.contains(address.as_str()));
            self.resolved_affiliations += links.count() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_id_is_short_and_plain() {
        for good in ["a", "pubmed21n1298.xml.gz", "A_b-9.", &"x".repeat(128)] {
            assert_eq!(ImportId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a/b", "é", "a\0", &"x".repeat(129)] {
            assert!(ImportId::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn where_a_refused_record_stood_is_no_part_of_its_digest() {
        let refused = |location: &str, reason: &str| {
            EntryContent::Refused(RefusedRecord {
                record_id: "7".into(),
                location: location.into(),
                reason: reason.into(),
            })
        };
        assert_eq!(
            refused("a.xml: 1", "no id").digest().unwrap(),
            refused("b.xml: 1", "no id").digest().unwrap()
        );
        assert_ne!(
            refused("a.xml: 1", "no id").digest().unwrap(),
            refused("a.xml: 1", "no date").digest().unwrap()
        );
    }
}
