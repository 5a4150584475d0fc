//! Articles as their sources describe them: `whence.type.v1.Article` and its parts.

use whence_model::{
    Article, ArticleIdentifiers, Author, AuthorKind, Doi, Issn, Orcid, Pmcid, Pmid, PublicationDate,
    ResearchField, Slug, Venue,
};

use crate::types;
use crate::violations::{IntoModel, Violations};

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl From<Article> for types::Article {
    fn from(article: Article) -> Self {
        let Article {
            identifiers,
            source,
            version,
            revision_date,
            venue,
            electronic_date,
            print_date,
            types,
            retracted,
            flags,
            title,
            fields,
            authors,
        } = article;
        Self {
            identifiers: Some(identifiers.into()),
            source: source.to_string(),
            // No source counts its versions beyond what the wire holds.
            version: i32::try_from(version).unwrap_or(i32::MAX),
            revision_date: revision_date.map(Into::into),
            venue: Some(venue.into()),
            electronic_date: electronic_date.map(Into::into),
            print_date: print_date.map(Into::into),
            types,
            retracted,
            flags: flags.iter().map(ToString::to_string).collect(),
            title,
            fields: fields.into_iter().map(Into::into).collect(),
            authors: authors.into_iter().map(Into::into).collect(),
        }
    }
}

impl IntoModel for types::Article {
    type Model = Article;

    fn check(self, violations: &mut Violations) -> Option<Article> {
        let Self {
            identifiers,
            source,
            version,
            revision_date,
            venue,
            electronic_date,
            print_date,
            types,
            retracted,
            flags,
            title,
            fields,
            authors,
        } = self;
        let identifiers = violations.within("identifiers", |violations| {
            identifiers.unwrap_or_default().check(violations)
        });
        let source = violations.accept("source", Slug::parse(&source));
        let version = checked_version(violations, version);
        let revision_date = violations.optional("revision_date", revision_date);
        let venue = violations.within("venue", |violations| venue.unwrap_or_default().check(violations));
        let electronic_date = violations.optional("electronic_date", electronic_date);
        let print_date = violations.optional("print_date", print_date);
        let flags = violations.accept_each("flags", flags, |flag| Slug::parse(&flag));
        let fields = violations.each("fields", fields, |violations, field| field.check(violations));
        let authors = violations.each("authors", authors, |violations, author| author.check(violations));
        Some(Article {
            identifiers: identifiers?,
            source: source?,
            version: version?,
            revision_date: revision_date?,
            venue: venue?,
            electronic_date: electronic_date?,
            print_date: print_date?,
            types,
            retracted,
            flags: flags?,
            title,
            fields: fields?,
            authors: authors?,
        })
    }
}

/// The version, where 0 stands for 1.
fn checked_version(violations: &mut Violations, version: i32) -> Option<u32> {
    let checked = u32::try_from(version).map_err(|_| format!("{version} is negative; versions count from 1"));
    violations
        .accept("version", checked)
        .map(|version| version.max(1))
}

impl From<ArticleIdentifiers> for types::ArticleIdentifiers {
    fn from(identifiers: ArticleIdentifiers) -> Self {
        let ArticleIdentifiers {
            doi,
            pmid,
            pmcid,
            source_id,
        } = identifiers;
        Self {
            doi: text(doi),
            pmid: text(pmid),
            pmcid: text(pmcid),
            source_id: source_id.unwrap_or_default(),
        }
    }
}

impl IntoModel for types::ArticleIdentifiers {
    type Model = ArticleIdentifiers;

    #[expect(clippy::similar_names, reason = "PMID and PMCID are the field's names")]
    fn check(self, violations: &mut Violations) -> Option<ArticleIdentifiers> {
        let Self {
            doi,
            pmid,
            pmcid,
            source_id,
        } = self;
        if [&doi, &pmid, &pmcid, &source_id]
            .into_iter()
            .all(String::is_empty)
        {
            violations.report("", "no identifier is set; give a doi, pmid, pmcid or source_id");
            return None;
        }
        let doi = violations.accept_optional("doi", &doi, Doi::parse);
        let pmid = violations.accept_optional("pmid", &pmid, Pmid::parse);
        let pmcid = violations.accept_optional("pmcid", &pmcid, Pmcid::parse);
        let source_id = Some(source_id).filter(|id| !id.is_empty());
        Some(ArticleIdentifiers {
            doi: doi?,
            pmid: pmid?,
            pmcid: pmcid?,
            source_id,
        })
    }
}

impl From<PublicationDate> for types::PublicationDate {
    fn from(date: PublicationDate) -> Self {
        let month = date.month().map_or(0, whence_model::Month::month);
        Self {
            year: date.year().into(),
            month: month.into(),
            day: date.day().unwrap_or(0).into(),
        }
    }
}

impl IntoModel for types::PublicationDate {
    type Model = PublicationDate;

    fn check(self, violations: &mut Violations) -> Option<PublicationDate> {
        let Self { year, month, day } = self;
        let date = || {
            let known = |part: i32| u8::try_from(part).ok().map(|part| (part > 0).then_some(part));
            PublicationDate::new(u16::try_from(year).ok()?, known(month)?, known(day)?)
        };
        let invalid = || {
            format!(
                "{year}-{month}-{day} is not a date; year 1 to 9999, month and day as in the calendar or 0"
            )
        };
        violations.accept("", date().ok_or_else(invalid))
    }
}

impl From<Venue> for types::Venue {
    fn from(venue: Venue) -> Self {
        let Venue { issns, title } = venue;
        Self {
            issns: issns.iter().map(ToString::to_string).collect(),
            title,
        }
    }
}

impl IntoModel for types::Venue {
    type Model = Venue;

    fn check(self, violations: &mut Violations) -> Option<Venue> {
        let Self { issns, title } = self;
        let issns = violations.accept_each("issns", issns, |issn| Issn::parse(&issn))?;
        Some(Venue { issns, title })
    }
}

impl From<ResearchField> for types::ResearchField {
    fn from(field: ResearchField) -> Self {
        let ResearchField { scheme, code, label } = field;
        Self {
            scheme: scheme.to_string(),
            code,
            label,
        }
    }
}

impl IntoModel for types::ResearchField {
    type Model = ResearchField;

    fn check(self, violations: &mut Violations) -> Option<ResearchField> {
        let Self { scheme, code, label } = self;
        let scheme = violations.accept("scheme", Slug::parse(&scheme));
        if code.is_empty() {
            violations.report("code", "is empty");
            return None;
        }
        Some(ResearchField {
            scheme: scheme?,
            code,
            label,
        })
    }
}

impl From<Author> for types::Author {
    fn from(author: Author) -> Self {
        let Author {
            name,
            kind,
            orcid,
            affiliations,
        } = author;
        Self {
            name,
            kind: types::AuthorKind::from(kind).into(),
            orcid: text(orcid),
            affiliations,
        }
    }
}

impl IntoModel for types::Author {
    type Model = Author;

    fn check(self, violations: &mut Violations) -> Option<Author> {
        let Self {
            name,
            kind,
            orcid,
            affiliations,
        } = self;
        let kind = violations.accept("kind", types::AuthorKind::try_from(kind));
        let orcid = violations.accept_optional("orcid", &orcid, Orcid::parse);
        Some(Author {
            name,
            kind: kind?.into(),
            orcid: orcid?,
            affiliations,
        })
    }
}

impl From<AuthorKind> for types::AuthorKind {
    fn from(kind: AuthorKind) -> Self {
        match kind {
            AuthorKind::Person => Self::Person,
            AuthorKind::Consortium => Self::Consortium,
        }
    }
}

impl From<types::AuthorKind> for AuthorKind {
    fn from(kind: types::AuthorKind) -> Self {
        match kind {
            types::AuthorKind::Unspecified | types::AuthorKind::Person => Self::Person,
            types::AuthorKind::Consortium => Self::Consortium,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identified() -> types::Article {
        let identifiers = types::ArticleIdentifiers {
            pmid: "7".into(),
            ..Default::default()
        };
        types::Article {
            identifiers: Some(identifiers),
            source: "pubmed".into(),
            ..Default::default()
        }
    }

    #[test]
    fn version_zero_is_read_as_one() {
        assert_eq!(identified().into_model().unwrap().version, 1);
    }

    #[test]
    fn every_wrong_field_of_an_article_is_named() {
        let mut article = identified();
        article.print_date = Some(types::PublicationDate {
            year: 2021,
            month: 0,
            day: 3,
        });
        article.venue = Some(types::Venue {
            issns: vec!["0028-0836".into(), "0028-0837".into()],
            title: "N".into(),
        });
        article.authors = vec![
            types::Author::default(),
            types::Author {
                kind: 9,
                orcid: "0".into(),
                ..Default::default()
            },
        ];
        article.fields = vec![types::ResearchField {
            scheme: "mesh".into(),
            ..Default::default()
        }];
        let invalid = article.into_model().unwrap_err();
        let fields: Vec<_> = invalid
            .violations
            .iter()
            .map(|violation| violation.field.as_str())
            .collect();
        assert_eq!(
            fields,
            [
                "venue.issns[1]",
                "print_date",
                "fields[0].code",
                "authors[1].kind",
                "authors[1].orcid"
            ]
        );
        assert!(invalid.violations[0].description.contains("0028-0837"));
    }
}
