//! What primary research is, by source: a versioned allow-list that is data.
//!
//! Takes `data/policies/article-types.csv` (columns `source,type,verdict,note`; its first line is
//! `# version: <n>`), gives a verdict on the types of an article. A type that the list does not know
//! neither makes research nor excludes it; an article without a type has the verdict of the row whose
//! type is empty. `*` holds for every source without rows of its own.

use std::collections::BTreeMap;

use whence_model::Slug;

use crate::csv_table::CsvTable;
use crate::error::DataError;

/// What the types of an article make of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Primary research: what metrics count.
    Research,
    /// Something else, counted when asked for.
    NotResearch,
    /// An erratum, retraction notice or the like: never an article.
    Notice,
}

/// What the list says of one type.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Listed {
    Says(Verdict),
    Neutral,
}

/// The allow-list.
#[derive(Clone, Debug)]
pub struct ArticleTypes {
    version: String,
    by_source: BTreeMap<String, BTreeMap<String, Listed>>,
}

impl std::fmt::Debug for Listed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Says(verdict) => verdict.fmt(f),
            Self::Neutral => f.write_str("Neutral"),
        }
    }
}

impl ArticleTypes {
    /// Parses the table.
    pub fn parse(text: &str) -> Result<Self, DataError> {
        let what = "article types";
        let table = CsvTable::parse(what, text, ["source", "type", "verdict"])?;
        let version = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# version:"))
            .map(str::trim);
        let version = version
            .filter(|version| !version.is_empty())
            .ok_or_else(|| DataError::Table {
                what: what.to_owned(),
                reason: "the first line must be `# version: <n>`".to_owned(),
            })?;
        let mut by_source: BTreeMap<String, BTreeMap<String, Listed>> = BTreeMap::new();
        for row in table.rows() {
            let source = row.get(0);
            if source != "*" && Slug::parse(source).is_err() {
                return Err(row.error("source", format!("{source:?} is neither * nor a slug")));
            }
            let listed = match row.get(2) {
                "research" => Listed::Says(Verdict::Research),
                "not-research" => Listed::Says(Verdict::NotResearch),
                "notice" => Listed::Says(Verdict::Notice),
                "neutral" => Listed::Neutral,
                other => {
                    let reason = format!("{other:?} is not research, not-research, notice or neutral");
                    return Err(row.error("verdict", reason));
                }
            };
            let slug = type_slug(row.get(1)).map_or_else(String::new, |slug| slug.as_str().to_owned());
            if by_source
                .entry(source.to_owned())
                .or_default()
                .insert(slug, listed)
                .is_some()
            {
                return Err(row.error(
                    "type",
                    "this source has this type already: keep one of the rows".to_owned(),
                ));
            }
        }
        Ok(Self {
            version: version.to_owned(),
            by_source,
        })
    }

    /// Version of the list.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What the types of an article from a source make of it: a notice if any type is one, else excluded
    /// if any type excludes, else research if any type is research, else not.
    pub fn verdict(&self, source: &Slug, types: &[Slug]) -> Verdict {
        let of_source = self
            .by_source
            .get(source.as_str())
            .or_else(|| self.by_source.get("*"));
        let listed = |slug: &str| match of_source.and_then(|listed| listed.get(slug)) {
            Some(Listed::Says(verdict)) => Some(*verdict),
            Some(Listed::Neutral) | None => None,
        };
        let strongest = if types.is_empty() {
            listed("")
        } else {
            types.iter().filter_map(|slug| listed(slug.as_str())).max()
        };
        strongest.unwrap_or(Verdict::NotResearch)
    }
}

/// A type in its source's words as a slug: `Journal Article` is `journal-article`. Words that make none
/// are `unnamed`, so that an article of such a type does not pass for one without a type; blank words are
/// no type.
pub fn type_slug(words: &str) -> Option<Slug> {
    Slug::from_name(words).or_else(|| Slug::parse("unnamed").ok().filter(|_| !words.trim().is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> ArticleTypes {
        ArticleTypes::parse(include_str!("../../../data/policies/article-types.csv")).unwrap()
    }

    fn verdict(source: &str, types: &[&str]) -> Verdict {
        let types: Vec<Slug> = types.iter().filter_map(|words| type_slug(words)).collect();
        list().verdict(&Slug::parse(source).unwrap(), &types)
    }

    #[test]
    fn any_excluding_type_wins() {
        use Verdict::{NotResearch, Notice, Research};
        for (types, expected) in [
            (&["Journal Article"][..], Research),
            (&["Journal Article", "Research Support, Non-U.S. Gov't"], Research),
            (&["Journal Article", "Video-Audio Media"], Research),
            (&["English Abstract", "Journal Article"], Research),
            (&["Journal Article", "Something New"], Research),
            (&["Journal Article", "Review"], NotResearch),
            (&["Case Reports"], NotResearch),
            (&["Case Reports", "Journal Article"], NotResearch),
            (&["Letter"], NotResearch),
            (&["Video-Audio Media"], NotResearch),
            (&["Something New"], NotResearch),
            (&["研究"], NotResearch),
            (&["Journal Article", "Published Erratum"], Notice),
            (&["Review", "Retraction of Publication"], Notice),
            (&[], NotResearch),
        ] {
            assert_eq!(verdict("pubmed", types), expected, "{types:?}");
        }
    }

    #[test]
    fn a_source_without_rows_follows_the_general_ones() {
        assert_eq!(verdict("jsonl", &["research-article"]), Verdict::Research);
        assert_eq!(
            verdict("jsonl", &["research-article", "review"]),
            Verdict::NotResearch
        );
        assert_eq!(verdict("jsonl", &["Corrigendum"]), Verdict::Notice);
        assert_eq!(verdict("jsonl", &[]), Verdict::Research);
    }

    #[test]
    fn a_faulty_row_is_named() {
        let error = |text: &str| ArticleTypes::parse(text).unwrap_err().to_string();
        assert_eq!(
            error("# version: 1\nsource,type,verdict,note\npubmed,Review,perhaps,\n"),
            "article types, line 3, column verdict: \"perhaps\" is not research, not-research, notice or neutral"
        );
        assert!(error("source,type,verdict\n").contains("# version"));
        assert!(error("# version: 1\nsource,verdict\n").contains("type"));
        assert!(error("# version: 1\nsource,type,verdict\n*,A,research\n*,a,notice\n").contains("line 4"));
    }
}
