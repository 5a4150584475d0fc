//! One Share in words: an article of a leading institution, and how its part comes about.

use whence_client::Client;
use whence_model::Share;
use whence_proto::{metrics, types};

use crate::commands::explain::{ArticleJson, Explained, PartJson, explain};
use crate::commands::rank::Ranked;
use crate::error::CliError;
use crate::kinds::Kind;
use crate::shares;

/// Articles of an institution that are looked at for one that shows much in little space.
const LOOKED_AT: usize = 200;
/// Authors that a reader can follow.
const AUTHORS_MAX: usize = 6;
/// Characters of a line.
const WIDTH: usize = 100;

/// Explains one article of the first institution that has one fit to be shown.
pub(super) async fn one_share(
    client: &Client,
    institutions: &Ranked,
    selection: &metrics::Selection,
) -> Result<Option<String>, CliError> {
    for row in &institutions.rows {
        let explained = explain(client, Kind::Institutions, &row.id, selection.clone(), LOOKED_AT).await?;
        let mut fit: Vec<(usize, &ArticleJson)> = Vec::new();
        for article in explained.articles.iter().filter(|article| shows_a_split(article)) {
            let authors = author_count(client, &article.article_id).await?;
            if authors <= AUTHORS_MAX && author_positions(article) < authors {
                fit.push((authors, article));
            }
        }
        let simplest = fit
            .into_iter()
            .min_by_key(|(authors, article)| (article.parts.len(), *authors));
        if let Some((authors, article)) = simplest {
            return Ok(Some(in_words(&explained, article, authors)));
        }
    }
    Ok(None)
}

/// Whether some author gives only a part of a portion: portions of one article differ by a unit at most.
fn shows_a_split(article: &ArticleJson) -> bool {
    let largest = article
        .parts
        .iter()
        .map(|part| part.exact)
        .max()
        .unwrap_or_default();
    article
        .parts
        .iter()
        .any(|part| part.exact + Share::from_units(1) < largest)
}

fn author_positions(article: &ArticleJson) -> usize {
    let mut positions: Vec<_> = article.parts.iter().map(|part| part.author_position).collect();
    positions.dedup();
    positions.len()
}

async fn author_count(client: &Client, article_id: &str) -> Result<usize, CliError> {
    let request = metrics::GetArticleRequest {
        article_id: article_id.to_owned(),
    };
    let article = client.get_article(request).await?.article.unwrap_or_default();
    let authors = article.article.unwrap_or_default().authors;
    Ok(authors
        .iter()
        .filter(|author| author.kind() != types::AuthorKind::Consortium)
        .count())
}

fn in_words(explained: &Explained, article: &ArticleJson, authors: usize) -> String {
    let ArticleJson {
        article_id,
        title,
        venue,
        date,
        parts,
        exact: sum,
        ..
    } = article;
    let name = &explained.name;
    let total = shares::for_people(explained.exact);
    let summands: Vec<_> = parts.iter().map(|part| part.exact.to_string()).collect();
    let mut lines = vec![
        format!(
            "The Share of {name}, {total}, is a sum over {} articles. One of them:\n",
            explained.count
        ),
        format!("  {}", cut(title, WIDTH)),
        format!("  {venue}, {date}, {article_id}\n"),
        format!(
            "Every article is worth exactly 1. This one has {authors} authors, so each of them holds 1/{authors}, split"
        ),
        format!("equally if the author is at several institutions. Those at {name}:\n"),
    ];
    lines.extend(parts.iter().map(|part| part_in_words(part, authors)));
    lines.push(format!(
        "\nThe article adds {} = {sum} to the Share.",
        summands.join(" + ")
    ));
    let below = parts.iter().find(|part| part.ror_id != explained.id);
    lines.extend(below.map(|part| {
        format!(
            "{}\ncounts for {name}, whose part it is, unless --level credited is asked for.",
            part.institution
        )
    }));
    lines.join("\n")
}

fn part_in_words(part: &PartJson, authors: usize) -> String {
    let PartJson {
        author_position,
        author,
        institution,
        affiliations,
        exact,
        confidence,
        ..
    } = part;
    let head = format!(
        "  {exact}  author {author_position} of {authors}, {author}: {institution} (confidence {confidence:.2})"
    );
    let addresses = affiliations
        .iter()
        .map(|address| format!("      “{}”", cut(address, WIDTH - 8)));
    std::iter::once(head)
        .chain(addresses)
        .collect::<Vec<_>>()
        .join("\n")
}

/// At most so many characters.
fn cut(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    let start: String = text.chars().take(length - 1).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("北京大学", 4), "北京大学");
        assert_eq!(cut("北京 大学", 4), "北京…");
    }
}
