//! Writes articles and deletions as lines; what holds by default is left out.

use std::io::{self, Write};

use whence_model::{Article, Author, AuthorKind, RecordKey, ResearchField};

use crate::jsonl::line::{Delete, Field, Journal, Kind, Line, Number, Person};

/// Writes one article and the end of its line.
pub fn write_article(out: &mut impl Write, article: &Article) -> io::Result<()> {
    write_line(out, &line(article))
}

/// Writes that a source has withdrawn a record, and the end of the line.
pub fn write_deletion(out: &mut impl Write, key: &RecordKey) -> io::Result<()> {
    let delete = Delete {
        source: key.source.to_string(),
        source_id: key.source_id.clone(),
    };
    write_line(
        out,
        &Line {
            delete: Some(delete),
            ..Line::default()
        },
    )
}

fn write_line(out: &mut impl Write, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

fn line(article: &Article) -> Line {
    let ids = &article.identifiers;
    let journal = Journal {
        title: article.venue.title.clone(),
        issns: texts(&article.venue.issns),
    };
    Line {
        delete: None,
        doi: ids.doi.as_ref().map(ToString::to_string),
        pmid: ids.pmid.map(|pmid| Number::Number(pmid.get().into())),
        pmcid: ids.pmcid.as_ref().map(ToString::to_string),
        source: Some(article.source.to_string()),
        source_id: ids.source_id.clone(),
        version: Some(article.version).filter(|&version| version != 1),
        revision_date: article.revision_date.map(|date| date.to_string()),
        journal: Some(journal).filter(|journal| *journal != Journal::default()),
        electronic_date: article.electronic_date.map(|date| date.to_string()),
        print_date: article.print_date.map(|date| date.to_string()),
        types: article.types.clone(),
        retracted: article.retracted,
        flags: texts(&article.flags),
        title: article.title.clone(),
        fields: article.fields.iter().map(field).collect(),
        authors: article.authors.iter().map(person).collect(),
    }
}

fn field(field: &ResearchField) -> Field {
    Field {
        scheme: field.scheme.to_string(),
        code: field.code.clone(),
        label: field.label.clone(),
    }
}

fn person(author: &Author) -> Person {
    let kind = match author.kind {
        AuthorKind::Person => Kind::Person,
        AuthorKind::Consortium => Kind::Consortium,
    };
    let orcid = author.orcid.map(|orcid| orcid.to_string());
    Person {
        name: author.name.clone(),
        kind,
        orcid,
        affiliations: author.affiliations.clone(),
    }
}

fn texts<T: ToString>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}
