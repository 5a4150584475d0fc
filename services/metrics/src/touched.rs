//! Which stored articles have an address that an override stands for. They keep what was decided when they
//! were recorded; so this says what a new resolution would change.

use whence_model::Override;
use whence_proto::curation as pb;
use whence_resolve::overrides::Overrides;
use whence_store::StoredArticle;

use crate::articles::stored_articles;
use crate::convert::count;
use crate::error::MetricsError;
use crate::state::MetricsState;

/// Articles read at most: about a second of work.
const READ_MAX: usize = 50_000;
const IDS_MAX: usize = 20;

/// Reads stored articles in order of id and looks for such addresses.
pub(crate) fn articles(state: &MetricsState, entry: &Override) -> Result<pb::TouchedArticles, MetricsError> {
    let overrides = Overrides::new([entry]);
    let mut touched = pb::TouchedArticles::default();
    let mut stored = stored_articles(&state.store, None);
    for article in stored.by_ref().take(READ_MAX) {
        let article = article?;
        touched.read_article_count += 1;
        if is_touched(state, &overrides, &article) {
            touched.article_count += 1;
            if touched.article_ids.len() < IDS_MAX {
                touched.article_ids.push(article.id.to_string());
            }
        }
    }
    touched.complete = touched.read_article_count < count(READ_MAX as u64) || stored.next().is_none();
    Ok(touched)
}

fn is_touched(state: &MetricsState, overrides: &Overrides, article: &StoredArticle) -> bool {
    article.article.resolutions().iter().any(|resolved| {
        let resolution = resolved.resolution.clone();
        let (_, acting) = overrides.apply(&resolved.affiliation, state.registry(), resolution);
        !acting.is_empty()
    })
}
