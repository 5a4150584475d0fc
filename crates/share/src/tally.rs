//! The tally of a query: what each holder holds over the chosen articles, and what no holder does.

use std::collections::BTreeMap;

use whence_model::{EntityKind, Share};

use crate::error::QueryError;
use crate::filter::Filter;
use crate::holder::Holder;
use crate::selection::Selection;
use crate::table::{ContributionTable, Stored};

/// What a figure was taken from: shown beside it, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Articles with at least one personal author that the article filters choose.
    pub article_count: u64,
    /// Share of the parts that hold no entity of the kind asked for, before entity filters.
    pub unresolved: Share,
    /// Articles left out because their date is not exact enough for the window or the journal set.
    pub undated_count: u64,
    /// Articles left out because the journal set asks for a flag that they lack.
    pub flag_missing_count: u64,
}

/// What one holder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) share: Share,
    pub(crate) count: u64,
}

/// Sums of a query.
pub(crate) struct Tally {
    pub(crate) holdings: BTreeMap<Holder, Holding>,
    pub(crate) coverage: Coverage,
}

impl Tally {
    /// Adds up what the selection chooses, by holders of one kind.
    pub(crate) fn new(
        table: &ContributionTable,
        kind: EntityKind,
        selection: &Selection,
    ) -> Result<Self, QueryError> {
        let filter = Filter::new(table, selection)?;
        let chosen = filter.choose();
        let mut holdings: BTreeMap<Holder, Holding> = BTreeMap::new();
        let mut coverage = Coverage {
            article_count: chosen.articles.len() as u64,
            unresolved: Share::ZERO,
            undated_count: chosen.undated_count,
            flag_missing_count: chosen.flag_missing_count,
        };
        for (_, stored) in chosen.articles {
            let article = hold(table, &filter, kind, selection, stored);
            coverage.unresolved += article.unresolved;
            for (holder, share) in article.held {
                let holding = holdings.entry(holder).or_default();
                holding.share += share;
                holding.count += 1;
            }
        }
        Ok(Self { holdings, coverage })
    }
}

/// One article, by holders in order.
pub(crate) struct ArticleHoldings {
    pub(crate) held: BTreeMap<Holder, Share>,
    pub(crate) unresolved: Share,
}

fn hold(
    table: &ContributionTable,
    filter: &Filter<'_>,
    kind: EntityKind,
    selection: &Selection,
    stored: &Stored,
) -> ArticleHoldings {
    let mut article = ArticleHoldings {
        held: BTreeMap::new(),
        unresolved: Share::ZERO,
    };
    for slice in table.slices(stored, selection.method).iter() {
        let share = Share::from_units(slice.units.into());
        let admitted = filter.admits_slice(slice);
        let mut resolved = false;
        table
            .counting()
            .for_each_holder(kind, slice, filter.territories, |holder| {
                resolved = true;
                if admitted {
                    *article.held.entry(holder).or_default() += share;
                }
            });
        if !resolved {
            article.unresolved += share;
        }
    }
    article
}
