//! Rankings: the entities of one kind by Share, and the Share of a single one.
//!
//! Rows go by Share, descending; equal Shares take equal rank (1, 2, 2, 4) and stand in order of id, which
//! is the byte order of the id as it prints. Under full counting, where every Share is zero, Count takes
//! its place.

use std::cmp::Reverse;

use whence_model::{Entity, EntityKind, Share};

use crate::divide::Method;
use crate::error::QueryError;
use crate::holder::NamedEntity;
use crate::known;
use crate::selection::Selection;
use crate::table::ContributionTable;
use crate::tally::{Coverage, Holding, Tally};

/// What one entity holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityShare {
    /// The entity.
    pub named: NamedEntity,
    /// Sum of its parts.
    pub share: Share,
    /// Distinct articles with at least one part of it.
    pub count: u64,
}

/// One row of a ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RankingRow {
    /// Rank, from 1; equal Shares have equal ranks.
    pub rank: u64,
    /// The entity with its figures.
    pub entity_share: EntityShare,
}

/// A whole ranking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking {
    /// Every row, in order.
    pub rows: Vec<RankingRow>,
    /// What it was taken from.
    pub coverage: Coverage,
}

impl ContributionTable {
    /// Ranks the entities of a kind over a selection.
    pub fn rank(&self, kind: EntityKind, selection: &Selection) -> Result<Ranking, QueryError> {
        let tally = Tally::new(self, kind, selection)?;
        let counting = self.counting();
        let standing = |holding: &Holding| match selection.method {
            Method::Full => Share::from_articles(holding.count),
            _ => holding.share,
        };
        let mut held: Vec<(Entity, Holding)> = tally
            .holdings
            .iter()
            .map(|(holder, holding)| (counting.entity(*holder), *holding))
            .collect();
        held.sort_by_cached_key(|(entity, holding)| (Reverse(standing(holding)), entity.to_string()));
        let territories = selection.territories.policy(counting.registry().policies());
        let mut rows: Vec<RankingRow> = Vec::with_capacity(held.len());
        let mut previous = None;
        for ((entity, holding), position) in held.into_iter().zip(1..) {
            let rank = match (previous, rows.last()) {
                (Some(standing_before), Some(row)) if standing_before == standing(&holding) => row.rank,
                _ => position,
            };
            previous = Some(standing(&holding));
            rows.push(RankingRow {
                rank,
                entity_share: entity_share(counting.named(entity, territories), holding),
            });
        }
        Ok(Ranking {
            rows,
            coverage: tally.coverage,
        })
    }

    /// The Share and Count of one entity over a selection; zero if it holds nothing.
    pub fn share_of(
        &self,
        kind: EntityKind,
        entity: &Entity,
        selection: &Selection,
    ) -> Result<(EntityShare, Coverage), QueryError> {
        known::entity(self.counting(), kind, entity, selection)?;
        let tally = Tally::new(self, kind, selection)?;
        let holder = self.counting().holder(entity);
        let holding = holder
            .and_then(|holder| tally.holdings.get(&holder))
            .copied()
            .unwrap_or_default();
        let territories = selection
            .territories
            .policy(self.counting().registry().policies());
        Ok((
            entity_share(self.counting().named(entity.clone(), territories), holding),
            tally.coverage,
        ))
    }
}

fn entity_share(named: NamedEntity, holding: Holding) -> EntityShare {
    EntityShare {
        named,
        share: holding.share,
        count: holding.count,
    }
}
