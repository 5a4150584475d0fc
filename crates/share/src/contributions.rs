//! Contributions: for each article, what every entity of every kind holds of it, over all types.
//!
//! By the default method and the territories `iso`. For each kind but groups, what the entities hold and
//! what is unresolved add up to exactly one article.

use std::collections::BTreeMap;

use whence_model::{ArticleId, Entity, EntityKind, Share};

use crate::divide::Method;
use crate::holder::Holder;
use crate::table::{ContributionTable, Stored};
use crate::territory::Territories;

/// What one entity holds of one article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Kind of entity.
    pub kind: EntityKind,
    /// The entity; none for the unresolved part.
    pub entity: Option<Entity>,
    /// The exact part.
    pub share: Share,
}

/// All contributions of one article, in order of kind, then of entity id, the unresolved part first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleContributions {
    /// The article.
    pub article_id: ArticleId,
    /// Its contributions.
    pub contributions: Vec<Contribution>,
}

impl ContributionTable {
    /// The contributions of all articles with authors, in order of id, from the one after `after` on.
    pub fn contributions<'a>(
        &'a self,
        after: Option<&ArticleId>,
    ) -> impl Iterator<Item = ArticleContributions> + use<'a> {
        self.articles_after(after)
            .filter(|(_, stored)| stored.has_authors())
            .map(|(id, stored)| {
                let of_kind = |kind| self.contributions_of_kind(stored, kind);
                let contributions = EntityKind::ALL.into_iter().flat_map(of_kind).collect();
                ArticleContributions {
                    article_id: id.clone(),
                    contributions,
                }
            })
    }

    fn contributions_of_kind(&self, stored: &Stored, kind: EntityKind) -> Vec<Contribution> {
        let counting = self.counting();
        let territories = Territories::Iso.policy(counting.registry().policies());
        let mut held: BTreeMap<Holder, Share> = BTreeMap::new();
        let mut unresolved = None;
        for slice in self.slices(stored, Method::default()).iter() {
            let share = Share::from_units(slice.units.into());
            let mut resolved = false;
            counting.for_each_holder(kind, slice, territories, |holder| {
                resolved = true;
                *held.entry(holder).or_default() += share;
            });
            if !resolved && kind.partitions() {
                unresolved = Some(unresolved.unwrap_or(Share::ZERO) + share);
            }
        }
        let mut contributions: Vec<Contribution> = held
            .into_iter()
            .map(|(holder, share)| Contribution {
                kind,
                entity: Some(counting.entity(holder)),
                share,
            })
            .chain(unresolved.map(|share| Contribution {
                kind,
                entity: None,
                share,
            }))
            .collect();
        contributions.sort_by_cached_key(|one| one.entity.as_ref().map(ToString::to_string));
        contributions
    }
}
