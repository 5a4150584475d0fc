//! `ExplainShare`: the contributions to an entity's Share, joined with the articles that they come from.
//!
//! All contributions are taken at one revision of the index, so that they add up to the Share. The
//! articles are read from the store as the stream goes; one that has changed meanwhile so that its parts
//! can no longer be shown ends the stream.

use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt, stream};
use tonic::Status;
use whence_model::Confidence;
use whence_proto::{metrics as pb, resolved_place};
use whence_share::{ArticleContribution, ExplainedPart};
use whence_store::StoredArticle;

use crate::convert::{self, EntityQuery};
use crate::error::MetricsError;
use crate::state::MetricsState;

/// How many articles are joined together.
const JOIN_TOGETHER: usize = 64;

/// The contributions that the request asks for, in order of article id.
pub(crate) fn contributions(
    state: &MetricsState,
    request: pb::ExplainShareRequest,
) -> Result<Vec<ArticleContribution>, MetricsError> {
    let pb::ExplainShareRequest { entity, selection } = request;
    let EntityQuery {
        kind,
        entity,
        selection,
    } = convert::entity_query(entity, selection)?;
    let index = state.index()?;
    let contributions = index.table.explain(kind, &entity, &selection)?;
    Ok(contributions.collect())
}

/// The answers, each contribution with its article. After an error nothing more comes.
pub(crate) fn joined(
    state: Arc<MetricsState>,
    contributions: Vec<ArticleContribution>,
) -> impl Stream<Item = Result<pb::ExplainShareResponse, Status>> + Send {
    let chunks = stream::try_unfold(contributions.into_iter(), move |mut left| {
        let state = Arc::clone(&state);
        async move {
            let chunk: Vec<_> = left.by_ref().take(JOIN_TOGETHER).collect();
            if chunk.is_empty() {
                return Ok::<_, Status>(None);
            }
            let join_all = move |state: &MetricsState| {
                chunk
                    .iter()
                    .map(|contribution| join(state, contribution))
                    .collect::<Result<Vec<_>, _>>()
            };
            let answers = state.blocking(join_all).await?;
            Ok(Some((stream::iter(answers).map(Ok), left)))
        }
    });
    chunks.try_flatten()
}

fn join(
    state: &MetricsState,
    contribution: &ArticleContribution,
) -> Result<pb::ExplainShareResponse, MetricsError> {
    let ArticleContribution {
        article_id,
        share,
        parts,
    } = contribution;
    let changed = || MetricsError::ArticleChanged(article_id.clone());
    let stored = state
        .store
        .article(article_id)?
        .filter(|stored| stored.id == *article_id)
        .ok_or_else(changed)?;
    let parts = parts
        .iter()
        .map(|part| explained_part(state, &stored, part))
        .collect::<Option<_>>();
    let article = stored.article.article();
    let contribution = pb::ArticleContribution {
        article_id: article_id.to_string(),
        title: article.title.clone(),
        venue_title: article.venue.title.clone(),
        date: article.date().map(Into::into),
        share: Some((*share).into()),
        parts: parts.ok_or_else(changed)?,
    };
    Ok(pb::ExplainShareResponse {
        contribution: Some(contribution),
    })
}

/// A part in words; none if the article lacks what the part points at.
fn explained_part(
    state: &MetricsState,
    stored: &StoredArticle,
    part: &ExplainedPart,
) -> Option<pb::ExplainedPart> {
    let ExplainedPart {
        author,
        institution,
        place,
        share,
        addresses,
        confidence,
    } = part;
    let position = usize::try_from(*author).ok()?;
    let byline = &stored.article.article().authors;
    let resolutions = stored.article.resolutions();
    let printed = |&index: &u32| Some(resolutions.get(usize::try_from(index).ok()?)?.affiliation.clone());
    let registry = state.registry();
    let named = institution
        .and_then(|id| registry.find(id))
        .map(|index| registry.institution(index).name());
    Some(pb::ExplainedPart {
        author_position: i32::try_from(position).ok()?,
        author_name: byline.get(position.checked_sub(1)?)?.name.clone(),
        ror_id: institution.map(|id| id.to_string()).unwrap_or_default(),
        institution_name: named.unwrap_or_default().to_owned(),
        place: resolved_place(*place),
        affiliations: addresses.iter().map(printed).collect::<Option<_>>()?,
        confidence_ten_thousandths: confidence.map_or(0, Confidence::ten_thousandths).into(),
        share: Some((*share).into()),
    })
}
