//! What an entity's Share is made of: each article, each part, and the addresses behind it.
//!
//! The parts of all articles add up to the Share exactly. Articles come in order of id, parts in order of
//! author, then institution, then place.

use whence_model::{ArticleId, Confidence, Entity, EntityKind, Place, RorId, Share};

use crate::authorship::Authorship;
use crate::counting::Slice;
use crate::divide::Method;
use crate::error::QueryError;
use crate::filter::Filter;
use crate::holder::Holder;
use crate::known;
use crate::selection::Selection;
use crate::table::{ContributionTable, Stored};

/// One article's contribution to an entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleContribution {
    /// The article.
    pub article_id: ArticleId,
    /// Sum of the parts.
    pub share: Share,
    /// The parts that it gives to the entity.
    pub parts: Vec<ExplainedPart>,
}

/// One finest part, as far as it is the entity's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedPart {
    /// Position of the author in the byline, from 1; under the method `institution` the first author there.
    pub author: u32,
    /// Credited institution; none if unresolved.
    pub institution: Option<RorId>,
    /// Its place.
    pub place: Place,
    /// What it gives to the entity.
    pub share: Share,
    /// The addresses behind it, as indexes into the article's distinct addresses, in order.
    pub addresses: Vec<u32>,
    /// The surest match among those addresses; none where there is none.
    pub confidence: Option<Confidence>,
}

impl ContributionTable {
    /// Explains an entity's Share over a selection, article by article.
    pub fn explain<'a>(
        &'a self,
        kind: EntityKind,
        entity: &Entity,
        selection: &'a Selection,
    ) -> Result<impl Iterator<Item = ArticleContribution> + 'a, QueryError> {
        known::entity(self.counting(), kind, entity, selection)?;
        let filter = Filter::new(self, selection)?;
        let holder = self.counting().holder(entity);
        let articles = filter.choose().articles.into_iter();
        Ok(articles.filter_map(move |(id, stored)| {
            self.explain_article(&filter, kind, holder?, selection, id, stored)
        }))
    }

    fn explain_article(
        &self,
        filter: &Filter<'_>,
        kind: EntityKind,
        holder: Holder,
        selection: &Selection,
        id: &ArticleId,
        stored: &Stored,
    ) -> Option<ArticleContribution> {
        let slices = self.slices(stored, selection.method);
        let mut parts: Vec<ExplainedPart> = Vec::new();
        for same in slices.chunk_by(same_part) {
            let mut share = None;
            for slice in same.iter().filter(|slice| filter.admits_slice(slice)) {
                self.counting()
                    .for_each_holder(kind, slice, filter.territories, |own| {
                        if own == holder {
                            share =
                                Some(share.unwrap_or(Share::ZERO) + Share::from_units(slice.units.into()));
                        }
                    });
            }
            parts.extend(
                share.map(|share| self.explain_part(&stored.authorship, selection.method, &same[0], share)),
            );
        }
        let share = parts.iter().map(|part| part.share).sum();
        (!parts.is_empty()).then(|| ArticleContribution {
            article_id: id.clone(),
            share,
            parts,
        })
    }

    fn explain_part(
        &self,
        authorship: &Authorship,
        method: Method,
        slice: &Slice,
        share: Share,
    ) -> ExplainedPart {
        let institution = slice
            .institution
            .map(|index| self.counting().registry().institution(index).ror_id());
        let behind = authorship.links().iter().filter(|link| {
            (method == Method::Institution || link.author == slice.author)
                && link.named.institution() == institution
                && link.place == slice.place
        });
        let mut addresses: Vec<u32> = behind.clone().filter_map(|link| link.address).collect();
        addresses.sort_unstable();
        addresses.dedup();
        let confidence = behind
            .filter(|_| institution.is_some())
            .filter_map(|link| link.confidence)
            .max();
        ExplainedPart {
            author: slice.author,
            institution,
            place: slice.place,
            share,
            addresses,
            confidence,
        }
    }
}

/// Slices of one part follow each other.
fn same_part(one: &Slice, other: &Slice) -> bool {
    (one.author, one.institution, one.place) == (other.author, other.institution, other.place)
}
