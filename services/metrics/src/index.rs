//! The index: the contribution table of all stored articles, as of one revision of the store.

use std::fmt;

use whence_model::{EntityKind, Share};
use whence_proto::{metrics as pb, types};
use whence_share::{ContributionTable, IndexSummary, METHODOLOGY_VERSION};
use whence_store::{ArticleChange, StoredArticle};

use crate::convert::count;
use crate::error::MetricsError;
use crate::resolved_with::ResolvedWith;
use crate::state::MetricsState;

/// What queries are answered from.
pub(crate) struct Index {
    pub(crate) table: ContributionTable,
    /// The revision of the store that the table is counted from.
    pub(crate) revision: u64,
    resolved_with: ResolvedWith,
}

impl Index {
    pub(crate) fn new(table: ContributionTable, revision: u64) -> Self {
        Self {
            table,
            revision,
            resolved_with: ResolvedWith::default(),
        }
    }

    /// Counts a stored article, in place of what was counted under its id.
    pub(crate) fn insert(&mut self, article: &StoredArticle) {
        self.table.upsert(&article.id, &article.article);
        self.resolved_with.insert(&article.id, &article.resolved_with);
    }

    /// Follows a change of the store.
    pub(crate) fn apply(&mut self, changes: &[ArticleChange], revision: u64) {
        for ArticleChange { id, after } in changes {
            if let Some(article) = after {
                self.insert(article);
            } else {
                self.table.remove(id);
                self.resolved_with.remove(id);
            }
        }
        self.revision = revision;
    }
}

impl fmt::Debug for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let articles = self.table.len();
        f.debug_struct("Index")
            .field("revision", &self.revision)
            .field("articles", &articles)
            .finish_non_exhaustive()
    }
}

/// Answers `GetIndex`.
pub(crate) fn get(state: &MetricsState) -> Result<pb::GetIndexResponse, MetricsError> {
    let index = state.index()?;
    let summary = index.table.index();
    let resolved_with = index.resolved_with.in_use(index.table.len());
    let answer = pb::Index {
        article_count: count(summary.article_count),
        article_with_authors_count: count(summary.article_with_authors_count),
        article_without_month_count: count(summary.article_without_month_count),
        share: Some(summary.share().into()),
        unresolved: Some(unresolved(&summary)),
        registry_version: state.registry().version().to_owned(),
        resolved_with: resolved_with.into_iter().cloned().map(Into::into).collect(),
        methodology_version: METHODOLOGY_VERSION.to_owned(),
        checksum: hex::encode(summary.checksum),
        revision: count(index.revision),
        unknown_institution_count: count(summary.unknown_institution_count),
    };
    Ok(pb::GetIndexResponse { index: Some(answer) })
}

/// Institutions are unresolved at both levels alike.
fn unresolved(summary: &IndexSummary) -> pb::UnresolvedShares {
    let of = |kind: EntityKind| -> Option<types::Share> {
        Some(
            summary
                .unresolved
                .get(&kind)
                .copied()
                .unwrap_or(Share::ZERO)
                .into(),
        )
    };
    pb::UnresolvedShares {
        institution: of(EntityKind::Institution),
        city: of(EntityKind::City),
        locality: of(EntityKind::Locality),
        country: of(EntityKind::Country),
        sector: of(EntityKind::Sector),
    }
}
