//! What is stored, in a few figures that two indexes can be compared by.

use std::collections::{BTreeMap, BTreeSet};

use whence_model::{EntityKind, RorId, Share};

use crate::canonical::index_checksum;
use crate::divide::Method;
use crate::table::ContributionTable;

/// An index in figures, over all types, by the default method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexSummary {
    /// Stored articles.
    pub article_count: u64,
    /// Those with at least one personal author: N, each worth exactly 1.
    pub article_with_authors_count: u64,
    /// Stored articles whose month is unknown.
    pub article_without_month_count: u64,
    /// Unresolved Share of each kind whose entities partition an article.
    pub unresolved: BTreeMap<EntityKind, Share>,
    /// Institutions that resolutions name and the registry lacks, each once.
    pub unknown_institution_count: u64,
    /// SHA-256 over the articles' canonical bytes in order of id.
    pub checksum: [u8; 32],
}

impl IndexSummary {
    /// Share of all articles: N whole articles.
    pub fn share(&self) -> Share {
        Share::from_articles(self.article_with_authors_count)
    }
}

impl ContributionTable {
    /// Sums up what is stored.
    pub fn index(&self) -> IndexSummary {
        let kinds = EntityKind::ALL.into_iter().filter(|kind| kind.partitions());
        let mut unresolved: BTreeMap<EntityKind, Share> = kinds.map(|kind| (kind, Share::ZERO)).collect();
        let (mut with_authors, mut without_month) = (0, 0);
        let mut unknown: BTreeSet<RorId> = BTreeSet::new();
        for (_, stored) in self.articles() {
            with_authors += u64::from(stored.has_authors());
            without_month += u64::from(
                stored
                    .date
                    .and_then(whence_model::PublicationDate::month)
                    .is_none(),
            );
            unknown.extend(stored.authorship.lacking());
            for slice in self.slices(stored, Method::default()).iter() {
                for (kind, share) in &mut unresolved {
                    let mut resolved = false;
                    self.counting()
                        .for_each_holder(*kind, slice, None, |_| resolved = true);
                    if !resolved {
                        *share += Share::from_units(slice.units.into());
                    }
                }
            }
        }
        IndexSummary {
            article_count: self.len() as u64,
            article_with_authors_count: with_authors,
            article_without_month_count: without_month,
            unresolved,
            unknown_institution_count: unknown.len() as u64,
            checksum: self.checksum(),
        }
    }

    /// SHA-256 over the articles' canonical bytes in order of id.
    pub fn checksum(&self) -> [u8; 32] {
        index_checksum(self.articles().map(|(_, stored)| &stored.digest))
    }
}
