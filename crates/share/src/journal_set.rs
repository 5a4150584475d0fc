//! A journal set: the venues that a ranking is taken from, chosen whole.
//!
//! Takes a table with the columns `title,issns,subjects,from,to,flags,multidisciplinary` (several
//! ISSNs, subjects or flags separated by `|` or `;`, coverage as `YYYY-MM`), gives for an article whether the set covers
//! it and under which subjects. A record matches a venue if any of its ISSNs does; a venue that stands in
//! several rows is covered by any of them.

use std::collections::BTreeMap;

use whence_model::{Issn, Month, PublicationDate, Slug, Window};

use crate::csv_table::{CsvTable, Row};
use crate::dated::{Dated, dated};
use crate::error::DataError;

/// One row of the set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    /// Title.
    pub title: String,
    /// All its ISSNs, through renamings.
    pub issns: Vec<Issn>,
    /// Subjects as slugs of the set's own words.
    pub subjects: Vec<Slug>,
    /// Article dates that are covered.
    pub coverage: Window,
    /// Flags that the set asks for: an article needs one of them; none if it asks for nothing.
    pub flags: Vec<Slug>,
    /// Whether an article has a subject only if it is classified itself.
    pub multidisciplinary: bool,
}

/// A journal set.
#[derive(Clone, Debug)]
pub struct JournalSet {
    name: Slug,
    journals: Vec<Journal>,
    by_issn: BTreeMap<Issn, Vec<u32>>,
    subjects: BTreeMap<Slug, String>,
}

/// Whether a set covers an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Covered {
    /// It is in, through this journal.
    By(u32),
    /// It would be in, but lacks the flag that the set asks for.
    FlagMissing,
    /// Its date is not exact enough to tell.
    Undated,
    /// Its venue or its date is outside.
    Outside,
}

impl JournalSet {
    /// Parses the table of the set with this name.
    pub fn parse(name: Slug, text: &str) -> Result<Self, DataError> {
        let columns = [
            "title",
            "issns",
            "subjects",
            "from",
            "to",
            "flags",
            "multidisciplinary",
        ];
        let table = CsvTable::parse(&format!("journal set {name}"), text, columns)?;
        let mut set = Self {
            name,
            journals: Vec::new(),
            by_issn: BTreeMap::new(),
            subjects: BTreeMap::new(),
        };
        for row in table.rows() {
            let journal = set.parse_journal(&row)?;
            let index = u32::try_from(set.journals.len()).unwrap_or(u32::MAX);
            for &issn in &journal.issns {
                set.by_issn.entry(issn).or_default().push(index);
            }
            set.journals.push(journal);
        }
        Ok(set)
    }

    fn parse_journal(&mut self, row: &Row<'_, 7>) -> Result<Journal, DataError> {
        let issns = row.list(1).map(Issn::parse).collect::<Result<Vec<_>, _>>();
        let issns = issns.map_err(|error| row.error("issns", error.to_string()))?;
        if issns.is_empty() {
            return Err(row.error(
                "issns",
                "a journal is matched by its ISSNs: give at least one".to_owned(),
            ));
        }
        let mut subjects = Vec::new();
        for words in row.list(2) {
            let slug = Slug::from_name(words)
                .ok_or_else(|| row.error("subjects", format!("{words:?} has no letters or digits")))?;
            self.subjects
                .entry(slug.clone())
                .or_insert_with(|| words.to_owned());
            subjects.push(slug);
        }
        let coverage = Window {
            from: row.parse(3, Month::parse)?,
            to: row.parse(4, Month::parse)?,
        };
        let flags = row.list(5).map(Slug::parse).collect::<Result<_, _>>();
        let flags = flags.map_err(|error| row.error("flags", error.to_string()))?;
        let multidisciplinary = match row.get(6) {
            "true" | "yes" => true,
            "" | "false" | "no" => false,
            other => return Err(row.error("multidisciplinary", format!("{other:?} is not true or false"))),
        };
        Ok(Journal {
            title: row.get(0).to_owned(),
            issns,
            subjects,
            coverage,
            flags,
            multidisciplinary,
        })
    }

    /// Its name.
    pub fn name(&self) -> &Slug {
        &self.name
    }

    /// Its rows.
    pub fn journals(&self) -> &[Journal] {
        &self.journals
    }

    /// The subjects that occur, as slugs with the set's own words.
    pub fn subjects(&self) -> &BTreeMap<Slug, String> {
        &self.subjects
    }

    /// The rows that a venue with these ISSNs matches, in order.
    pub(crate) fn rows_of(&self, issns: &[Issn]) -> Vec<u32> {
        let mut rows: Vec<u32> = issns
            .iter()
            .filter_map(|issn| self.by_issn.get(issn))
            .flatten()
            .copied()
            .collect();
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    /// Whether one of these rows covers an article with this date and these flags.
    pub(crate) fn covers(&self, rows: &[u32], date: Option<PublicationDate>, flags: &[Slug]) -> Covered {
        let mut answer = Covered::Outside;
        for &row in rows {
            let journal = &self.journals[row as usize];
            let flagged = journal.flags.is_empty() || journal.flags.iter().any(|flag| flags.contains(flag));
            match dated(journal.coverage, date) {
                Dated::Inside if flagged => return Covered::By(row),
                Dated::Inside => answer = Covered::FlagMissing,
                Dated::Undated if flagged && answer == Covered::Outside => answer = Covered::Undated,
                Dated::Undated | Dated::Outside => {}
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
title,issns,subjects,from,to,flags,multidisciplinary,note,source
Nature,0028-0836|1476-4687,Biological sciences; Chemistry,2015-01,,,true,,test
Physical Review Letters,0031-9007,Physical sciences,2015-01,2019-12,letter|editors-suggestion,,,test
eLife,2050-084X,Biological sciences,,,,,,test
";

    fn set() -> JournalSet {
        JournalSet::parse(Slug::parse("test").unwrap(), TABLE).unwrap()
    }

    fn covered(issn: &str, date: Option<&str>, flags: &[&str]) -> Covered {
        let set = set();
        let flags: Vec<Slug> = flags.iter().map(|flag| Slug::parse(flag).unwrap()).collect();
        let rows = set.rows_of(&[Issn::parse(issn).unwrap()]);
        set.covers(
            &rows,
            date.map(|text| PublicationDate::parse(text).unwrap()),
            &flags,
        )
    }

    #[test]
    fn coverage_goes_by_issn_date_and_flag() {
        for (issn, date, flags, expected) in [
            ("1476-4687", Some("2015-01-01"), &[][..], Covered::By(0)),
            ("0028-0836", Some("2014-12"), &[], Covered::Outside),
            ("0028-0836", Some("2015"), &[], Covered::By(0)),
            ("0028-0836", None, &[], Covered::Undated),
            ("2050-084X", None, &[], Covered::By(2)),
            ("0031-9007", Some("2019-12"), &["letter"], Covered::By(1)),
            (
                "0031-9007",
                Some("2019-12"),
                &["editors-suggestion"],
                Covered::By(1),
            ),
            ("0031-9007", Some("2019-12"), &[], Covered::FlagMissing),
            ("0031-9007", Some("2020-01"), &["letter"], Covered::Outside),
            ("0036-8075", Some("2020-01"), &[], Covered::Outside),
        ] {
            assert_eq!(covered(issn, date, flags), expected, "{issn} {date:?} {flags:?}");
        }
    }

    #[test]
    fn subjects_are_slugs_of_the_words() {
        let set = set();
        let slugs: Vec<&str> = set.subjects().keys().map(Slug::as_str).collect();
        assert_eq!(slugs, ["biological-sciences", "chemistry", "physical-sciences"]);
        assert!(set.journals()[0].multidisciplinary && !set.journals()[2].multidisciplinary);
    }

    #[test]
    fn a_faulty_row_is_named() {
        let text = TABLE.replace("2050-084X", "2050-0840");
        let error = JournalSet::parse(Slug::parse("test").unwrap(), &text).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("journal set test, line 4, column issns: "),
            "{error}"
        );
    }
}
