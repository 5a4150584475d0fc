//! What a reader gives: records, and notes on what it left out of them.

use std::collections::BTreeMap;

use whence_model::{Article, RecordKey, Slug};

/// One record of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// An article as its source describes it.
    Article(Box<Article>),
    /// A record that cannot be an article; reading goes on behind it.
    Refused(Refused),
    /// A record that its source has withdrawn.
    Deleted(RecordKey),
}

/// A record that had to be refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// What the record calls itself, as far as it could be read; may be empty.
    pub record_id: String,
    /// Where it stands, such as `articles.jsonl: line 17`.
    pub location: String,
    /// What is wrong and how to mend it.
    pub reason: String,
}

/// How often a reader left out a value without which the record is still the article that it is, such
/// as an ORCID iD with a wrong check character. Only what decides identity, date or counting refuses a
/// record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes(BTreeMap<&'static str, u64>);

impl Notes {
    /// Each note with its number of occurrences, in order of the text.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(&note, &count)| (note, count))
    }

    pub(crate) fn add(&mut self, note: &'static str) {
        *self.0.entry(note).or_default() += 1;
    }
}

/// A slug written in this crate.
#[expect(
    clippy::expect_used,
    reason = "only for literals, every one of which the tests read"
)]
pub(crate) fn literal_slug(text: &'static str) -> Slug {
    Slug::parse(text).expect("a literal is a slug")
}
