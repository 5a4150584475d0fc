//! Stored articles: one by one, page by page, and away.

use std::vec;

use prost::Message;
use whence_model::ArticleId;
use whence_proto::metrics as pb;
use whence_store::{Store, StoreError, StoredArticle};

use crate::convert::article_id;
use crate::error::MetricsError;
use crate::pages::{AfterArticle, fill, only_page_size};
use crate::state::MetricsState;

/// How many articles are read from the store together.
const READ_TOGETHER: usize = 64;

/// Answers `GetArticle`.
pub(crate) fn get(
    state: &MetricsState,
    request: &pb::GetArticleRequest,
) -> Result<pb::GetArticleResponse, MetricsError> {
    let id = article_id(&request.article_id)?;
    let article = state.store.article(&id)?;
    article.map(message).ok_or(MetricsError::UnknownArticle(id))
}

/// Answers `ListArticles`.
pub(crate) fn list(
    state: &MetricsState,
    request: &pb::ListArticlesRequest,
) -> Result<pb::ListArticlesResponse, MetricsError> {
    let size = only_page_size(request.page_size)?;
    let after = AfterArticle::ARTICLES.read(&request.page_token)?;
    let coming = stored_articles(&state.store, after).map(|article| {
        let article = article?;
        Ok((article.id.clone(), message(article)))
    });
    let (articles, last) = fill(size, coming, Message::encoded_len)?;
    Ok(pb::ListArticlesResponse {
        articles,
        next_page_token: AfterArticle::ARTICLES.token(last.as_ref()),
    })
}

/// Answers `DeleteArticle`.
pub(crate) fn delete(
    state: &MetricsState,
    request: &pb::DeleteArticleRequest,
) -> Result<pb::DeleteArticleResponse, MetricsError> {
    let deleted = state.delete(&article_id(&request.article_id)?)?;
    tracing::info!(article_id = %deleted.id, revision = deleted.revision, "article deleted");
    Ok(pb::DeleteArticleResponse {
        article_id: deleted.id.to_string(),
    })
}

/// Stored articles in order of id, from the first one after `after`; a few at a time in memory.
pub(crate) fn stored_articles(
    store: &Store,
    after: Option<ArticleId>,
) -> impl Iterator<Item = Result<StoredArticle, StoreError>> {
    StoredArticles {
        store,
        after,
        read: Vec::new().into_iter(),
        ended: false,
    }
}

struct StoredArticles<'a> {
    store: &'a Store,
    after: Option<ArticleId>,
    read: vec::IntoIter<StoredArticle>,
    ended: bool,
}

impl Iterator for StoredArticles<'_> {
    type Item = Result<StoredArticle, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.len() == 0 && !self.ended {
            match self.store.articles_after(self.after.as_ref(), READ_TOGETHER) {
                Ok(articles) => {
                    self.ended = articles.len() < READ_TOGETHER;
                    self.after = articles.last().map(|article| article.id.clone());
                    self.read = articles.into_iter();
                }
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        self.read.next().map(Ok)
    }
}

fn message(article: StoredArticle) -> pb::GetArticleResponse {
    let StoredArticle {
        id,
        article,
        resolved_with,
        conflicting_ids: _,
    } = article;
    pb::GetArticleResponse {
        article_id: id.to_string(),
        article: Some(article.into()),
        resolved_with: Some(resolved_with.into()),
    }
}
