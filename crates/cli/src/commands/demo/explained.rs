//! One Share in words: an article of a leading institution, and how its part comes about.

use whence_client::Client;
use whence_proto::{metrics, types};

use crate::commands::explain::{ArticleJson, Explained, explain};
use crate::commands::rank::Ranked;
use crate::error::CliError;
use crate::kinds::Kind;

/// Articles of an institution that are looked at for one that shows much in little space.
const LOOKED_AT: usize = 200;
/// Authors that a reader can follow.
const AUTHORS: std::ops::RangeInclusive<usize> = 2..=6;

/// Explains one article of the first institutions that have one fit to be shown.
pub(super) async fn one_share(
    client: &Client,
    institutions: &Ranked,
    selection: &metrics::Selection,
) -> Result<Option<String>, CliError> {
    for row in &institutions.rows {
        let explained = explain(client, Kind::Institutions, &row.id, selection.clone(), LOOKED_AT).await?;
        let mut fit: Vec<(usize, &ArticleJson)> = Vec::new();
        for article in explained
            .articles()
            .iter()
            .filter(|article| article.shows_a_split())
        {
            let authors = author_count(client, article.id()).await?;
            if AUTHORS.contains(&authors) && article.author_count() < authors {
                fit.push((authors, article));
            }
        }
        if let Some((authors, article)) = fit
            .into_iter()
            .min_by_key(|(authors, article)| (*authors, article.line_count()))
        {
            return Ok(Some(in_words(&explained, article, authors)));
        }
    }
    Ok(None)
}

async fn author_count(client: &Client, article_id: &str) -> Result<usize, CliError> {
    let request = metrics::GetArticleRequest {
        article_id: article_id.to_owned(),
    };
    let article = client.get_article(request).await?.article.unwrap_or_default();
    let authors = article.article.unwrap_or_default().authors;
    let persons = authors
        .into_iter()
        .filter(|author| author.kind() != types::AuthorKind::Consortium);
    Ok(persons.count())
}

fn in_words(explained: &Explained, article: &ArticleJson, authors: usize) -> String {
    format!(
        "{} of the Share of {} comes from one article. Every article is worth 1. This one has\n\
         {authors} authors, so each of them holds 1/{authors}; an author at several institutions splits that equally.\n\n\
         {}\n\n\
         Every other figure above is such a sum of exact parts, and `whence explain` shows all of them.",
        article.exact(),
        explained.name(),
        article.for_people()
    )
}
