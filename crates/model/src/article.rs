//! Articles as their sources describe them, and what makes two records one article.

use std::fmt;

use crate::resolution::distinct;
use crate::{Doi, InvalidText, Issn, Month, Orcid, Pmcid, Pmid, PublicationDate, Slug};

/// The identifiers of one article. Records that share a DOI, PMID or PMCID are one article.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ArticleIdentifiers {
    /// Digital object identifier.
    pub doi: Option<Doi>,
    /// PubMed id.
    pub pmid: Option<Pmid>,
    /// PubMed Central id.
    pub pmcid: Option<Pmcid>,
    /// Identifier within the source, unique there.
    pub source_id: Option<String>,
}

/// The id of a stored article: its DOI if there is one, else `pmid:<n>`, else `pmcid:PMC<n>`, else
/// `<source>:<source id>`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleId(String);

impl ArticleId {
    /// Takes text that already is an id, or any form of a DOI.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        if let Ok(doi) = Doi::parse(text) {
            return Ok(Self(doi.as_str().to_owned()));
        }
        let text = text.trim();
        match text.split_once(':') {
            Some(("pmid", number)) => Pmid::parse(number).map(|pmid| Self(format!("pmid:{pmid}"))),
            Some(("pmcid", number)) => Pmcid::parse(number).map(|pmcid| Self(format!("pmcid:{pmcid}"))),
            Some((source, id)) if Slug::parse(source).is_ok() && !id.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(InvalidText::new(
                text,
                "an article id: a DOI, pmid:<n>, pmcid:PMC<n> or <source>:<id>",
            )),
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ArticleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which record this is: its source, and its identifier there. A later record with the same key
/// replaces the earlier one if it ranks higher.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordKey {
    /// The source.
    pub source: Slug,
    /// The identifier within the source.
    pub source_id: String,
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.source_id)
    }
}

/// What decides between two states of one record, whatever the order in which they arrive: the higher
/// version, then the later revision, then the greater digest of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordRank {
    /// Version within the source.
    pub version: u32,
    /// When the source last revised it.
    pub revision_date: Option<PublicationDate>,
    /// SHA-256 of the record's canonical bytes.
    pub digest: [u8; 32],
}

/// A journal or other place of publication.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Venue {
    /// All ISSNs known, in the record's order.
    pub issns: Vec<Issn>,
    /// Title as printed; may be empty.
    pub title: String,
}

/// A field of research in a stated scheme.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResearchField {
    /// The scheme, such as `mesh`.
    pub scheme: Slug,
    /// Code within the scheme.
    pub code: String,
    /// The scheme's words for it; may be empty.
    pub label: String,
}

/// What kind of author an author is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AuthorKind {
    /// A person: holds a Share.
    #[default]
    Person,
    /// A consortium or other collective author: holds nothing and is not counted among the authors.
    Consortium,
}

/// One author of the byline.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Author {
    /// Name as printed, given names first.
    pub name: String,
    /// Person or consortium.
    pub kind: AuthorKind,
    /// ORCID iD.
    pub orcid: Option<Orcid>,
    /// Addresses as printed, in order.
    pub affiliations: Vec<String>,
}

/// A published article as one source describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Identifiers; at least one is known.
    pub identifiers: ArticleIdentifiers,
    /// The source of the record.
    pub source: Slug,
    /// Version of the record within its source, from 1.
    pub version: u32,
    /// When the source last revised the record.
    pub revision_date: Option<PublicationDate>,
    /// Where it appeared.
    pub venue: Venue,
    /// Electronic publication.
    pub electronic_date: Option<PublicationDate>,
    /// Print publication; a range by its first month.
    pub print_date: Option<PublicationDate>,
    /// Types in the source's own words.
    pub types: Vec<String>,
    /// Whether it has been retracted.
    pub retracted: bool,
    /// Selection flags that a journal set may ask for, such as `letter`.
    pub flags: Vec<Slug>,
    /// Title; may be empty.
    pub title: String,
    /// Fields of research.
    pub fields: Vec<ResearchField>,
    /// Authors in the order of the byline.
    pub authors: Vec<Author>,
}

impl Article {
    /// The id that an article consisting of this record alone would have; none if it has no identifier.
    pub fn id(&self) -> Option<ArticleId> {
        self.identity_keys().into_iter().next().or_else(|| {
            let id = self.identifiers.source_id.as_ref()?;
            Some(ArticleId(format!("{}:{id}", self.source)))
        })
    }

    /// The DOI, PMID and PMCID as article ids, in this order: records that share one are one article.
    pub fn identity_keys(&self) -> Vec<ArticleId> {
        let ids = &self.identifiers;
        let doi = ids.doi.as_ref().map(|doi| doi.as_str().to_owned());
        let pubmed = ids.pmid.map(|number| format!("pmid:{number}"));
        let pubmed_central = ids.pmcid.map(|number| format!("pmcid:{number}"));
        [doi, pubmed, pubmed_central]
            .into_iter()
            .flatten()
            .map(ArticleId)
            .collect()
    }

    /// Which record this is; none if it has no identifier at all. A source without ids of its own
    /// identifies its records by their DOI, PMID or PMCID.
    pub fn record_key(&self) -> Option<RecordKey> {
        let own = self.identifiers.source_id.clone();
        let source_id = own.or_else(|| self.identity_keys().into_iter().next().map(|id| id.0))?;
        Some(RecordKey {
            source: self.source.clone(),
            source_id,
        })
    }

    /// The date that the article is counted by: the earlier of electronic and print publication. Where
    /// one of two dates in the same year has no month, the more exact one is meant.
    pub fn date(&self) -> Option<PublicationDate> {
        match (self.electronic_date, self.print_date) {
            (Some(electronic), Some(print)) if electronic.year() == print.year() => {
                match (electronic.month(), print.month()) {
                    (None, Some(_)) => Some(print),
                    (Some(_), None) => Some(electronic),
                    _ => Some(electronic.min(print)),
                }
            }
            (Some(electronic), Some(print)) => Some(electronic.min(print)),
            (one, other) => one.or(other),
        }
    }

    /// The month that the article is counted in; none if unknown.
    pub fn month(&self) -> Option<Month> {
        self.date().and_then(PublicationDate::month)
    }

    /// The authors who hold a Share, with their positions in the byline, from 1.
    pub fn personal_authors(&self) -> impl Iterator<Item = (usize, &Author)> {
        (1..)
            .zip(&self.authors)
            .filter(|(_, author)| author.kind == AuthorKind::Person)
    }

    /// Every distinct address of the personal authors, in order of first appearance.
    pub fn distinct_affiliations(&self) -> Vec<&str> {
        distinct(
            self.personal_authors()
                .flat_map(|(_, author)| author.affiliations.iter().map(String::as_str)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn article(electronic: Option<&str>, print: Option<&str>) -> Article {
        let date = |text: Option<&str>| text.map(|t| PublicationDate::parse(t).unwrap());
        Article {
            identifiers: ArticleIdentifiers::default(),
            source: Slug::parse("test").unwrap(),
            version: 1,
            revision_date: None,
            venue: Venue::default(),
            electronic_date: date(electronic),
            print_date: date(print),
            types: vec![],
            retracted: false,
            flags: vec![],
            title: String::new(),
            fields: vec![],
            authors: vec![],
        }
    }

    #[test]
    fn the_earlier_date_counts() {
        for (electronic, print, counted) in [
            (Some("2020-12-20"), Some("2021-03"), Some("2020-12-20")),
            (Some("2021-05"), Some("2021-03"), Some("2021-03")),
            (Some("2021"), Some("2021-03"), Some("2021-03")),
            (Some("2020"), Some("2021-03"), Some("2020")),
            (None, Some("2021"), Some("2021")),
            (None, None, None),
        ] {
            let date = article(electronic, print).date().map(|d| d.to_string());
            assert_eq!(date.as_deref(), counted, "{electronic:?} {print:?}");
        }
    }

    #[test]
    fn the_doi_is_the_id_if_there_is_one() {
        let mut article = article(None, None);
        assert_eq!(article.id(), None);
        article.identifiers.source_id = Some("7".into());
        assert_eq!(article.id().unwrap().as_str(), "test:7");
        article.identifiers.pmid = Some(Pmid::parse("7").unwrap());
        assert_eq!(article.id().unwrap().as_str(), "pmid:7");
        article.identifiers.doi = Some(Doi::parse("10.1/AB").unwrap());
        assert_eq!(article.id().unwrap().as_str(), "10.1/ab");
        assert_eq!(article.record_key().unwrap().to_string(), "test:7");
    }

    #[test]
    fn consortia_are_not_among_the_personal_authors() {
        let mut article = article(None, None);
        let person = |affiliations: &[&str]| Author {
            affiliations: affiliations.iter().map(ToString::to_string).collect(),
            ..Author::default()
        };
        article.authors = vec![
            person(&["a", "b"]),
            Author {
                kind: AuthorKind::Consortium,
                affiliations: vec!["c".into()],
                ..Author::default()
            },
            person(&["b", "d"]),
        ];
        assert_eq!(
            article.personal_authors().map(|(n, _)| n).collect::<Vec<_>>(),
            [1, 3]
        );
        assert_eq!(article.distinct_affiliations(), ["a", "b", "d"]);
    }
}
