//! `whence export resolutions`: what each printed address of each author who counts resolved to.
//!
//! One row for each institution. An address without one has a row with an empty id and its own place; an
//! author without an address has a row with an empty address at position 0; a consortium has none.

use std::path::Path;

use serde::Serialize;
use whence_client::Client;
use whence_model::{Author, InstitutionMatch, Place, Resolution, ResolvedArticle};

use crate::error::CliError;
use crate::output::Row;
use crate::paging::from_the_start;

use super::articles::each_article;
use super::rows::{FileForm, RowWriter};

#[derive(Clone, Debug, Serialize)]
struct ResolutionRow {
    article_id: String,
    author_position: usize,
    affiliation_position: usize,
    affiliation: String,
    ror_id: String,
    confidence: Option<f64>,
    geonames_id: Option<u32>,
    country_code: Option<String>,
}

impl Row for ResolutionRow {
    const COLUMNS: &'static [&'static str] = &[
        "article_id",
        "author_position",
        "affiliation_position",
        "affiliation",
        "ror_id",
        "confidence",
        "geonames_id",
        "country_code",
    ];
}

/// The same where candidates stand among the chosen.
#[derive(Serialize)]
struct CandidateRow {
    article_id: String,
    author_position: usize,
    affiliation_position: usize,
    affiliation: String,
    ror_id: String,
    confidence: Option<f64>,
    geonames_id: Option<u32>,
    country_code: Option<String>,
    chosen: bool,
}

impl Row for CandidateRow {
    const COLUMNS: &'static [&'static str] = &[
        "article_id",
        "author_position",
        "affiliation_position",
        "affiliation",
        "ror_id",
        "confidence",
        "geonames_id",
        "country_code",
        "chosen",
    ];
}

pub(super) async fn export(
    client: &Client,
    path: &Path,
    form: FileForm,
    candidates: bool,
) -> Result<usize, CliError> {
    let mut rows = RowWriter::create(path, form)?;
    from_the_start(async || {
        let columns = if candidates {
            CandidateRow::COLUMNS
        } else {
            ResolutionRow::COLUMNS
        };
        rows.begin_with(columns)?;
        each_article(client, |article_id, article| {
            for (row, chosen) in rows_of(&article_id, &article, candidates) {
                let written = if candidates {
                    rows.write(&row.with_chosen(chosen))
                } else {
                    rows.write(&row)
                };
                written?;
            }
            Ok(())
        })
        .await
    })
    .await?;
    rows.finish()
}

/// The rows of one article, each with whether it was chosen.
fn rows_of(article_id: &str, article: &ResolvedArticle, candidates: bool) -> Vec<(ResolutionRow, bool)> {
    let mut rows = Vec::new();
    for (author_position, author) in article.article().personal_authors() {
        for (affiliation_position, affiliation) in addresses(author) {
            let empty = ResolutionRow {
                article_id: article_id.to_owned(),
                author_position,
                affiliation_position,
                affiliation: affiliation.to_owned(),
                ror_id: String::new(),
                confidence: None,
                geonames_id: None,
                country_code: None,
            };
            let unresolved = Resolution::default();
            let resolution = article.resolution(affiliation).unwrap_or(&unresolved);
            if resolution.institutions.is_empty() {
                rows.push((empty.clone().at(resolution.place), true));
            }
            rows.extend(
                resolution
                    .institutions
                    .iter()
                    .map(|found| (empty.clone().with(found), true)),
            );
            if candidates {
                rows.extend(
                    resolution
                        .candidates
                        .iter()
                        .map(|found| (empty.clone().with(found), false)),
                );
            }
        }
    }
    rows
}

/// The addresses of an author with their positions, or an empty one.
fn addresses(author: &Author) -> Vec<(usize, &str)> {
    let addresses: Vec<_> = (1..)
        .zip(author.affiliations.iter().map(String::as_str))
        .collect();
    if addresses.is_empty() {
        vec![(0, "")]
    } else {
        addresses
    }
}

impl ResolutionRow {
    fn at(self, place: Place) -> Self {
        Self {
            geonames_id: place.locality().map(whence_model::GeonamesId::get),
            country_code: place.country().map(|country| country.to_string()),
            ..self
        }
    }

    fn with(self, found: &InstitutionMatch) -> Self {
        let row = self.at(found.place);
        Self {
            ror_id: found.ror_id.to_string(),
            confidence: Some(found.confidence.to_f64()),
            ..row
        }
    }

    fn with_chosen(self, chosen: bool) -> CandidateRow {
        let Self {
            article_id,
            author_position,
            affiliation_position,
            affiliation,
            ..
        } = self;
        CandidateRow {
            article_id,
            author_position,
            affiliation_position,
            affiliation,
            ror_id: self.ror_id,
            confidence: self.confidence,
            geonames_id: self.geonames_id,
            country_code: self.country_code,
            chosen,
        }
    }
}

#[cfg(test)]
mod tests {
    use whence_model::{
        AddressResolution, Article, ArticleIdentifiers, AuthorKind, Confidence, CountryCode, Role, RorId,
        Slug, Span, Venue,
    };

    use super::*;

    fn author(affiliations: &[&str], kind: AuthorKind) -> Author {
        let affiliations = affiliations.iter().map(ToString::to_string).collect();
        Author {
            affiliations,
            kind,
            ..Author::default()
        }
    }

    fn article(authors: Vec<Author>, resolutions: Vec<AddressResolution>) -> ResolvedArticle {
        let article = Article {
            identifiers: ArticleIdentifiers::default(),
            source: Slug::parse("test").unwrap(),
            version: 1,
            revision_date: None,
            venue: Venue::default(),
            electronic_date: None,
            print_date: None,
            types: vec![],
            retracted: false,
            flags: vec![],
            title: String::new(),
            fields: vec![],
            authors,
        };
        ResolvedArticle::new(article, resolutions).unwrap()
    }

    fn found(id: &str) -> InstitutionMatch {
        InstitutionMatch {
            ror_id: RorId::parse(id).unwrap(),
            confidence: Confidence::from_ten_thousandths(9_000).unwrap(),
            span: Span { start: 0, end: 1 },
            role: Role::Affiliation,
            place: Place::Country(CountryCode::parse("CN").unwrap()),
        }
    }

    #[test]
    fn every_author_who_counts_has_a_row_and_every_institution_one_of_its_own() {
        let (first, second) = ("https://ror.org/034t30j35", "https://ror.org/05qbk4x57");
        let two = Resolution {
            institutions: vec![found(first), found(second)],
            candidates: vec![found(first)],
            ..Resolution::default()
        };
        let none = Resolution {
            place: Place::Country(CountryCode::parse("FR").unwrap()),
            ..Resolution::default()
        };
        let article = article(
            vec![
                author(&["a", "b"], AuthorKind::Person),
                author(&["a"], AuthorKind::Consortium),
                author(&[], AuthorKind::Person),
            ],
            vec![
                AddressResolution {
                    affiliation: "a".into(),
                    resolution: two,
                },
                AddressResolution {
                    affiliation: "b".into(),
                    resolution: none,
                },
            ],
        );
        let rows = rows_of("10.1/x", &article, false);
        let brief: Vec<_> = rows
            .iter()
            .map(|(row, _)| {
                (
                    row.author_position,
                    row.affiliation_position,
                    row.affiliation.as_str(),
                    row.ror_id.as_str(),
                    row.country_code.as_deref(),
                )
            })
            .collect();
        assert_eq!(
            brief,
            [
                (1, 1, "a", first, Some("CN")),
                (1, 1, "a", second, Some("CN")),
                (1, 2, "b", "", Some("FR")),
                (3, 0, "", "", None),
            ]
        );
        assert_eq!(
            rows_of("10.1/x", &article, true)
                .iter()
                .filter(|(_, chosen)| !chosen)
                .count(),
            1
        );
    }
}
