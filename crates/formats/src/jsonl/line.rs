//! The members of a line, and their meaning as an article or a deletion.
//!
//! These types are the file format; the model has none, so that it can change without changing files.

use serde::{Deserialize, Serialize};
use whence_model::{
    Article, ArticleIdentifiers, Author, AuthorKind, Doi, InvalidText, Issn, Orcid, Pmcid, Pmid,
    PublicationDate, RecordKey, ResearchField, Slug, Venue,
};

use crate::record::{Record, literal_slug};

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) delete: Option<Delete>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) doi: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pmid: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pmcid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revision_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) journal: Option<Journal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) electronic_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) print_date: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) types: Vec<String>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) retracted: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) flags: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) title: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) fields: Vec<Field>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authors: Vec<Person>,
}

/// A PMID is a number or the same in quotes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a number or a string of digits")]
pub(super) enum Number {
    Number(u64),
    Text(String),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delete {
    pub(super) source: String,
    pub(super) source_id: String,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Journal {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) title: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) issns: Vec<String>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Field {
    pub(super) scheme: String,
    pub(super) code: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) label: String,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Person {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    #[serde(skip_serializing_if = "Kind::is_person")]
    pub(super) kind: Kind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) orcid: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) affiliations: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    #[default]
    Person,
    Consortium,
}

impl Kind {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_person(&self) -> bool {
        *self == Self::Person
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl Line {
    /// What the record calls itself: the first identifier given.
    pub(super) fn record_id(&self) -> String {
        let pmid = self.pmid.as_ref().map(Number::text);
        let deleted = self.delete.as_ref().map(|delete| delete.source_id.clone());
        let own = [
            self.doi.clone(),
            pmid,
            self.pmcid.clone(),
            self.source_id.clone(),
            deleted,
        ];
        own.into_iter().flatten().next().unwrap_or_default()
    }

    /// The record, or which member is wrong and how to mend it.
    pub(super) fn into_record(mut self) -> Result<Record, String> {
        let Some(delete) = self.delete.take() else {
            return self
                .into_article()
                .map(|article| Record::Article(Box::new(article)));
        };
        if self != Self::default() {
            return Err("delete: stands beside other members: a deletion is a line of its own".to_owned());
        }
        if delete.source_id.is_empty() {
            return Err("delete.source_id: empty: give the id of the record to delete".to_owned());
        }
        let source = named("delete.source", Slug::parse(&delete.source))?;
        Ok(Record::Deleted(RecordKey {
            source,
            source_id: delete.source_id,
        }))
    }

    fn identifiers(&self) -> Result<ArticleIdentifiers, String> {
        let identifiers = ArticleIdentifiers {
            doi: self
                .doi
                .as_ref()
                .map(|text| named("doi", Doi::parse(text)))
                .transpose()?,
            pmid: self
                .pmid
                .as_ref()
                .map(|number| named("pmid", Pmid::parse(&number.text())))
                .transpose()?,
            pmcid: self
                .pmcid
                .as_ref()
                .map(|text| named("pmcid", Pmcid::parse(text)))
                .transpose()?,
            source_id: self.source_id.clone().filter(|text| !text.is_empty()),
        };
        if identifiers == ArticleIdentifiers::default() {
            return Err("no identifier: give at least one of doi, pmid, pmcid and source_id".to_owned());
        }
        Ok(identifiers)
    }

    fn into_article(self) -> Result<Article, String> {
        if self.version == Some(0) {
            return Err("version: 0 is not a version: count from 1".to_owned());
        }
        let source = self
            .source
            .as_deref()
            .map(|text| named("source", Slug::parse(text)))
            .transpose()?;
        let identifiers = self.identifiers()?;
        let journal = self.journal.unwrap_or_default();
        Ok(Article {
            identifiers,
            source: source.unwrap_or_else(|| literal_slug("jsonl")),
            version: self.version.unwrap_or(1),
            revision_date: date("revision_date", self.revision_date.as_deref())?,
            venue: Venue {
                issns: list("journal.issns", &journal.issns, Issn::parse)?,
                title: journal.title,
            },
            electronic_date: date("electronic_date", self.electronic_date.as_deref())?,
            print_date: date("print_date", self.print_date.as_deref())?,
            types: self.types,
            retracted: self.retracted,
            flags: list("flags", &self.flags, Slug::parse)?,
            title: self.title,
            fields: self
                .fields
                .into_iter()
                .enumerate()
                .map(field)
                .collect::<Result<_, _>>()?,
            authors: self
                .authors
                .into_iter()
                .enumerate()
                .map(author)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

fn field((index, field): (usize, Field)) -> Result<ResearchField, String> {
    let scheme = named(&format!("fields[{index}].scheme"), Slug::parse(&field.scheme))?;
    Ok(ResearchField {
        scheme,
        code: field.code,
        label: field.label,
    })
}

fn author((index, person): (usize, Person)) -> Result<Author, String> {
    let kind = match person.kind {
        Kind::Person => AuthorKind::Person,
        Kind::Consortium => AuthorKind::Consortium,
    };
    let orcid = person
        .orcid
        .map(|text| named(&format!("authors[{index}].orcid"), Orcid::parse(&text)))
        .transpose()?;
    // An address of white space says nothing; kept, it would share the author's portion.
    let printed = person
        .affiliations
        .iter()
        .map(|text| text.trim())
        .filter(|text| !text.is_empty());
    Ok(Author {
        name: person.name,
        kind,
        orcid,
        affiliations: printed.map(str::to_owned).collect(),
    })
}

fn date(name: &str, text: Option<&str>) -> Result<Option<PublicationDate>, String> {
    text.map(|text| named(name, PublicationDate::parse(text)))
        .transpose()
}

fn list<T>(
    name: &str,
    texts: &[String],
    parse: fn(&str) -> Result<T, InvalidText>,
) -> Result<Vec<T>, String> {
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| named(&format!("{name}[{index}]"), parse(text)))
        .collect()
}

fn named<T>(name: &str, parsed: Result<T, InvalidText>) -> Result<T, String> {
    parsed.map_err(|invalid| format!("{name}: {invalid}"))
}
