//! Gives the strings of a citation their meaning as an article.
//!
//! Only the PMID, the dates and the version can refuse a record. Any other identifier that does not
//! parse is left out and noted: without it the record is still the same article.
//!
//! - **Dates.** `<ArticleDate>` is when the article itself appeared electronically. `<PubDate>` is the
//!   date of the issue: of its print, unless `PubModel` says that there is none (`Electronic`,
//!   `Electronic-eCollection`); then it is the date of an electronic issue or collection, and stands in
//!   where no `<ArticleDate>` is given.
//! - **Authors.** One marked `ValidYN="N"` is a name that an erratum corrected; the corrected name
//!   stands in the list too, so that counting both would count one person twice.

use whence_model::{
    Article, ArticleIdentifiers, Author, AuthorKind, Doi, Issn, Orcid, Pmcid, Pmid, PublicationDate,
    ResearchField, Slug, Venue,
};

use crate::pubmed::citation::{Byline, Citation, Heading};
use crate::pubmed::date::PrintedDate;
use crate::record::{Notes, literal_slug};

impl Citation {
    /// The article, or why there is none.
    pub(super) fn into_article(self, source: &Slug, notes: &mut Notes) -> Result<Article, String> {
        if self.pmid.is_empty() {
            return Err("PMID: absent, and nothing else identifies the record: give it one".to_owned());
        }
        let pmid = Pmid::parse(&self.pmid).map_err(|invalid| format!("PMID: {invalid}"))?;
        let (electronic_date, print_date) = self.dates(notes)?;
        if self.authors_incomplete {
            notes.add("author list that its source cut short (CompleteYN=\"N\")");
        }
        Ok(Article {
            identifiers: self.identifiers(pmid, notes),
            source: source.clone(),
            version: self.version()?,
            revision_date: parse_date(self.date_revised.as_ref(), "DateRevised")?,
            electronic_date,
            print_date,
            retracted: self.retraction_notice
                || self.types.iter().any(|kind| kind == "Retracted Publication"),
            venue: venue(&self.issns, self.journal_title, notes),
            types: self.types,
            flags: Vec::new(),
            title: self.title.split_whitespace().collect::<Vec<_>>().join(" "),
            fields: fields(self.headings),
            authors: self
                .authors
                .into_iter()
                .filter_map(|author| author.into_author(notes))
                .collect(),
        })
    }

    fn version(&self) -> Result<u32, String> {
        let Some(text) = &self.version else { return Ok(1) };
        let version = text.parse().ok().filter(|&version| version > 0);
        version.ok_or_else(|| format!("PMID Version: {text:?} is not a version: give a number from 1"))
    }

    fn identifiers(&self, pmid: Pmid, notes: &mut Notes) -> ArticleIdentifiers {
        let doi = first(&self.dois, "malformed DOI", notes, |text| Doi::parse(text).ok());
        let doi = doi.or_else(|| {
            first(&self.location_dois, "malformed DOI", notes, |text| {
                Doi::parse(text).ok()
            })
        });
        let central = first(&self.pmcids, "malformed PMCID", notes, |text| {
            Pmcid::parse(without_version(text)).ok()
        });
        ArticleIdentifiers {
            doi,
            pmid: Some(pmid),
            pmcid: central,
            source_id: Some(pmid.to_string()),
        }
    }

    fn dates(&self, notes: &mut Notes) -> Result<(Option<PublicationDate>, Option<PublicationDate>), String> {
        let mut article_date = None;
        for date in &self.article_dates {
            let date = date.parse("ArticleDate")?;
            article_date = [article_date, date].into_iter().flatten().min();
        }
        let issue_date = parse_date(self.pub_date.as_ref(), "PubDate")?;
        if self.pub_date.is_some() && issue_date.is_none() {
            notes.add("date in words that name no year (MedlineDate)");
        }
        Ok(match self.pub_model.as_str() {
            "Electronic" | "Electronic-eCollection" => (article_date.or(issue_date), None),
            _ => (article_date, issue_date),
        })
    }
}

impl Byline {
    fn into_author(self, notes: &mut Notes) -> Option<Author> {
        if self.superseded {
            notes.add("author's name that an erratum replaced (ValidYN=\"N\")");
            return None;
        }
        let orcid = self.orcid.as_slice();
        let orcid = first(orcid, "malformed ORCID iD", notes, |text| Orcid::parse(text).ok());
        let kind = if self.collective_name.is_some() {
            AuthorKind::Consortium
        } else {
            AuthorKind::Person
        };
        Some(Author {
            name: self.name(),
            kind,
            orcid,
            affiliations: self.affiliations,
        })
    }

    /// The collective's name, else given names first.
    fn name(&self) -> String {
        if let Some(name) = &self.collective_name {
            return name.clone();
        }
        let given = if self.fore_name.is_empty() {
            &self.initials
        } else {
            &self.fore_name
        };
        let parts = [given, &self.last_name, &self.suffix].map(String::as_str);
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}

/// `PMC6134338.4` is the fourth version of `PMC6134338`.
fn without_version(pmcid: &str) -> &str {
    pmcid.split_once('.').map_or(pmcid, |(article, _)| article)
}

fn parse_date(date: Option<&PrintedDate>, field: &str) -> Result<Option<PublicationDate>, String> {
    date.map_or(Ok(None), |date| date.parse(field))
}

fn venue(texts: &[String], title: String, notes: &mut Notes) -> Venue {
    let mut issns = Vec::new();
    for text in texts {
        match Issn::parse(text) {
            Ok(issn) if issns.contains(&issn) => {}
            Ok(issn) => issns.push(issn),
            Err(_) => notes.add("malformed ISSN"),
        }
    }
    Venue { issns, title }
}

fn fields(headings: Vec<Heading>) -> Vec<ResearchField> {
    let scheme = literal_slug("mesh");
    let field = |heading: Heading| ResearchField {
        scheme: scheme.clone(),
        code: heading.code,
        label: heading.label,
    };
    headings.into_iter().map(field).collect()
}

/// The first text that parses; each one before it is noted.
fn first<T>(
    texts: &[String],
    note: &'static str,
    notes: &mut Notes,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    for text in texts {
        let parsed = parse(text);
        if parsed.is_some() {
            return parsed;
        }
        notes.add(note);
    }
    None
}
