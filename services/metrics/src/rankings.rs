//! Figures: the Share of one entity, rankings of all of a kind, and contributions article by article.

use std::sync::{Arc, Mutex, PoisonError};

use prost::Message;
use whence_proto::{Violations, check_entity_kind, metrics as pb};
use whence_share::{ArticleContributions, Contribution, Ranking};

use crate::convert::{self, EntityQuery, count};
use crate::error::MetricsError;
use crate::pages::{self, AfterArticle, fill, only_page_size};
use crate::state::MetricsState;

/// Answers `GetShare`.
pub(crate) fn get_share(
    state: &MetricsState,
    request: pb::GetShareRequest,
) -> Result<pb::GetShareResponse, MetricsError> {
    let pb::GetShareRequest { entity, selection } = request;
    let EntityQuery {
        kind,
        entity,
        selection,
    } = convert::entity_query(entity, selection)?;
    let (entity_share, coverage) = state.index()?.table.share_of(kind, &entity, &selection)?;
    Ok(pb::GetShareResponse {
        entity_share: Some(convert::entity_share(&entity_share)),
        coverage: Some(convert::coverage(coverage)),
    })
}

/// Answers `ListRankings`.
pub(crate) fn list(
    state: &MetricsState,
    request: pb::ListRankingsRequest,
) -> Result<pb::ListRankingsResponse, MetricsError> {
    let digest = pages::ranking_digest(&request);
    let pb::ListRankingsRequest {
        entity_kind,
        selection,
        page_size,
        page_token,
    } = request;
    let mut violations = Violations::default();
    let selection = convert::checked_selection(&mut violations, selection.unwrap_or_default());
    let level = selection.as_ref().map(|(_, level)| *level).unwrap_or_default();
    let kind = check_entity_kind(&mut violations, "entity_kind", entity_kind, level);
    let size = pages::page_size(&mut violations, page_size);
    let query = kind.zip(selection).zip(size);
    let ((kind, (selection, _)), size) = violations.finish(query)?;

    let index = state.index()?;
    let revision = index.revision;
    let start = pages::read_rankings(&page_token, revision, digest)?;
    let ranking = match state.last_ranking.get(revision, digest) {
        Some(ranking) => ranking,
        None => Arc::new(index.table.rank(kind, &selection)?),
    };
    drop(index);
    let rows: Vec<_> = ranking
        .rows
        .iter()
        .skip(start)
        .take(size)
        .map(convert::ranking_row)
        .collect();
    let (end, row_count) = (start + rows.len(), ranking.rows.len());
    let coverage = convert::coverage(ranking.coverage);
    let next_page_token = if end < row_count {
        state.last_ranking.keep(revision, digest, ranking);
        pages::rankings_token(revision, digest, end)
    } else {
        String::new()
    };
    Ok(pb::ListRankingsResponse {
        rows,
        next_page_token,
        coverage: Some(coverage),
        row_count: count(row_count as u64),
    })
}

/// The last ranking of which a page was left, so that its next page need not be ranked anew.
#[derive(Debug, Default)]
pub(crate) struct LastRanking(Mutex<Option<Kept>>);

#[derive(Debug)]
struct Kept {
    revision: u64,
    digest: [u8; 32],
    ranking: Arc<Ranking>,
}

impl LastRanking {
    fn get(&self, revision: u64, digest: [u8; 32]) -> Option<Arc<Ranking>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = kept
            .as_ref()
            .filter(|kept| (kept.revision, kept.digest) == (revision, digest));
        same.map(|kept| Arc::clone(&kept.ranking))
    }

    fn keep(&self, revision: u64, digest: [u8; 32], ranking: Arc<Ranking>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Kept {
            revision,
            digest,
            ranking,
        });
    }
}

/// Answers `ListContributions`.
pub(crate) fn list_contributions(
    state: &MetricsState,
    request: &pb::ListContributionsRequest,
) -> Result<pb::ListContributionsResponse, MetricsError> {
    let size = only_page_size(request.page_size)?;
    let after = AfterArticle::CONTRIBUTIONS.read(&request.page_token)?;
    let index = state.index()?;
    let coming = index.table.contributions(after.as_ref()).map(|article| {
        let messages = contributions(&article);
        Ok((article.article_id, messages))
    });
    let length_bytes = |article: &Vec<pb::Contribution>| article.iter().map(Message::encoded_len).sum();
    let (articles, last) = fill(size, coming, length_bytes)?;
    Ok(pb::ListContributionsResponse {
        contributions: articles.into_iter().flatten().collect(),
        next_page_token: AfterArticle::CONTRIBUTIONS.token(last.as_ref()),
    })
}

fn contributions(article: &ArticleContributions) -> Vec<pb::Contribution> {
    let message = |Contribution { kind, entity, share }: &Contribution| pb::Contribution {
        article_id: article.article_id.to_string(),
        entity_kind: kind.as_str().to_owned(),
        entity_id: entity.as_ref().map(ToString::to_string).unwrap_or_default(),
        share: Some((*share).into()),
    };
    article.contributions.iter().map(message).collect()
}
