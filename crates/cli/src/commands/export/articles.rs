//! `whence export articles`: stored articles, whole as JSONL and in brief as CSV.

use std::path::Path;

use serde::Serialize;
use whence_client::Client;
use whence_formats::write_article;
use whence_model::{Article, ResolvedArticle};
use whence_proto::{IntoModel, metrics};

use crate::error::CliError;
use crate::output::Row;
use crate::paging::{PAGE_MAX, from_the_start};

use super::rows::{FileForm, RowWriter};

/// An article in brief.
#[derive(Serialize)]
struct ArticleRow {
    article_id: String,
    doi: Option<String>,
    pmid: Option<String>,
    pmcid: Option<String>,
    title: String,
    venue: String,
    issns: String,
    date: Option<String>,
    types: String,
    retracted: bool,
    authors: usize,
    source: String,
}

impl Row for ArticleRow {
    const COLUMNS: &'static [&'static str] = &[
        "article_id",
        "doi",
        "pmid",
        "pmcid",
        "title",
        "venue",
        "issns",
        "date",
        "types",
        "retracted",
        "authors",
        "source",
    ];
}

pub(super) async fn export(client: &Client, path: &Path, form: FileForm) -> Result<usize, CliError> {
    let mut rows = RowWriter::create(path, form)?;
    from_the_start(async || {
        rows.begin::<ArticleRow>()?;
        each_article(client, |article_id, article| {
            let (article, _) = article.into_parts();
            match form {
                FileForm::Jsonl => rows.write_with(|out| write_article(out, &article)),
                FileForm::Csv => rows.write(&ArticleRow::of(article_id, &article)),
            }
        })
        .await
    })
    .await?;
    rows.finish()
}

/// Gives every stored article with its id, in order of id.
pub(super) async fn each_article(
    client: &Client,
    mut take: impl FnMut(String, ResolvedArticle) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut page_token = String::new();
    loop {
        let request = metrics::ListArticlesRequest {
            page_size: PAGE_MAX,
            page_token,
        };
        let page = client.list_articles(request).await?;
        for stored in page.articles {
            let metrics::GetArticleResponse {
                article_id,
                article,
                resolved_with: _,
            } = stored;
            let article = article.unwrap_or_default().into_model();
            let article = article.map_err(|error| {
                CliError::Fault(format!("the gateway sent article {article_id} wrongly: {error}"))
            })?;
            take(article_id, article)?;
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}

impl ArticleRow {
    fn of(article_id: String, article: &Article) -> Self {
        let identifiers = &article.identifiers;
        let issns: Vec<_> = article.venue.issns.iter().map(ToString::to_string).collect();
        Self {
            article_id,
            doi: identifiers.doi.as_ref().map(ToString::to_string),
            pmid: identifiers.pmid.map(|pmid| pmid.to_string()),
            pmcid: identifiers.pmcid.as_ref().map(ToString::to_string),
            title: article.title.clone(),
            venue: article.venue.title.clone(),
            issns: issns.join("; "),
            date: article.date().map(|date| date.to_string()),
            types: article.types.join("; "),
            retracted: article.retracted,
            authors: article.personal_authors().count(),
            source: article.source.to_string(),
        }
    }
}
