//! The rules that come with whence: article types and journal sets, embedded from `data/`.
//!
//! The name of a journal set is the name of its file.

use whence_model::Slug;
use whence_registry::Registry;
use whence_share::{ArticleTypes, Counting, DataError, JournalSet};

const ARTICLE_TYPES: &str = include_str!("../../../data/policies/article-types.csv");

macro_rules! journal_set {
    ($name:literal) => {
        (
            $name,
            include_str!(concat!("../../../data/journal-sets/", $name, ".csv")),
        )
    };
}

const JOURNAL_SETS: [(&str, &str); 2] = [journal_set!("nature-index"), journal_set!("nature-index-82")];

/// The rules by which a registry is counted.
pub(crate) fn counting(registry: Registry) -> Result<Counting, DataError> {
    let journal_sets = JOURNAL_SETS
        .into_iter()
        .map(|(name, text)| journal_set(name, text));
    let article_types = ArticleTypes::parse(ARTICLE_TYPES)?;
    Ok(Counting::new(
        registry,
        article_types,
        journal_sets.collect::<Result<_, _>>()?,
    ))
}

fn journal_set(name: &str, text: &str) -> Result<JournalSet, DataError> {
    let unnamed = |error: whence_model::InvalidText| DataError::Table {
        what: format!("data/journal-sets/{name}.csv"),
        reason: error.to_string(),
    };
    JournalSet::parse(Slug::parse(name).map_err(unnamed)?, text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn every_journal_set_of_the_data_is_embedded_and_can_be_read() {
        let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/journal-sets")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(".csv")?.to_owned()))
            .collect();
        names.sort();
        assert_eq!(names, JOURNAL_SETS.map(|(name, _)| name));
        for (name, text) in JOURNAL_SETS {
            assert!(!journal_set(name, text).unwrap().journals().is_empty(), "{name}");
        }
        ArticleTypes::parse(ARTICLE_TYPES).unwrap();
    }
}
