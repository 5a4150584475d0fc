//! Which records are one article, which of them speaks for it, and what it is called.
//!
//! Pure: records in, clusters out; nothing is read, and the order of the records never matters.
//! - Records that share a DOI, PMID or PMCID are one article, transitively.
//! - The **winner** gives the article whole, its author list included: the record of the first source in
//!   [`PRECEDENCE`], any other source after those and in order of slug; within a source the highest
//!   [`RecordRank`], then the least source id.
//! - The **id** is the winner's DOI, else the least DOI of any record, else the winner's PMID, else the
//!   least PMID, the same with PMCIDs, else `<source>:<source id>`.
//! - A further DOI, PMID or PMCID beside the article's own is a **conflict**, and so is the DOI of an
//!   earlier version of a record, as with versioned articles. An earlier version connects nothing: a
//!   corrected identifier no longer ties its record to another article.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use whence_model::{ArticleId, Doi, RecordKey, RecordRank, ResolvedArticle};

/// Sources by how far their author lists are trusted, the first most: PubMed prints addresses per
/// author as the publisher delivered them; Crossref has them from the same hands, less often; OpenAlex
/// and the citation indexes rework them.
pub(crate) const PRECEDENCE: [&str; 5] = ["pubmed", "crossref", "openalex", "web-of-science", "scopus"];

/// Longest identifier taken; real ones stay below 300 bytes.
const ID_BYTES_MAX: usize = 1024;

/// The highest state of one record of one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RecordState {
    /// The record and what its addresses resolved to.
    pub(crate) article: Arc<ResolvedArticle>,
    /// Number of the resolver's versions.
    pub(crate) resolved_with: u32,
    /// Earlier versions, the latest state of each, by version.
    pub(crate) superseded: Vec<Superseded>,
    key: RecordKey,
    rank: RecordRank,
    /// DOI, PMID and PMCID, and the record's own key.
    keys: Vec<ArticleId>,
}

/// What is kept of an earlier version of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Superseded {
    pub(crate) rank: RecordRank,
    pub(crate) doi: Option<Doi>,
}

/// What one more state of a record does to what is stored of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Absorbed {
    /// Nothing.
    Unchanged,
    /// An earlier version, or an earlier state of one, took its place among the superseded.
    Superseded(RecordState),
    /// It is the record now.
    Replaced(RecordState),
}

impl RecordState {
    /// A record with the digest of its article; an error says what about its identifiers is wrong.
    pub(crate) fn new(
        article: Arc<ResolvedArticle>,
        digest: [u8; 32],
        resolved_with: u32,
    ) -> Result<Self, String> {
        let record = article.article();
        let no_identifier = || "it has no identifier; give it a DOI, PMID, PMCID or source id".to_owned();
        let key = record.record_key().ok_or_else(no_identifier)?;
        let mut keys = record.identity_keys();
        keys.push(own_key(&key)?);
        if let Some(long) = keys.iter().find(|key| key.as_str().len() > ID_BYTES_MAX) {
            let start: String = long.as_str().chars().take(40).collect();
            return Err(format!(
                "its identifier {start}… is longer than {ID_BYTES_MAX} bytes; correct or leave it out"
            ));
        }
        let (version, revision_date) = (record.version, record.revision_date);
        let rank = RecordRank {
            version,
            revision_date,
            digest,
        };
        Ok(Self {
            article,
            resolved_with,
            superseded: vec![],
            key,
            rank,
            keys,
        })
    }

    pub(crate) fn key(&self) -> &RecordKey {
        &self.key
    }

    pub(crate) fn rank(&self) -> &RecordRank {
        &self.rank
    }

    /// Everything that this record can be found by.
    pub(crate) fn keys(&self) -> &[ArticleId] {
        &self.keys
    }

    /// `<source>:<source id>`.
    pub(crate) fn own_key(&self) -> &ArticleId {
        &self.keys[self.keys.len() - 1]
    }

    /// DOI, PMID and PMCID: what makes records one article.
    fn identity_keys(&self) -> &[ArticleId] {
        &self.keys[..self.keys.len() - 1]
    }

    /// What `other`, a state of the same record, does to this one. Of each version only the highest
    /// state counts, so the result is the same in whatever order states come. Resolutions are no part of
    /// a record's rank: the last ones given for the same record stand, so that importing again with
    /// another registry refreshes them.
    pub(crate) fn absorb(&self, other: &Self) -> Absorbed {
        if other.rank == self.rank {
            let same = other.article == self.article && other.resolved_with == self.resolved_with;
            let refreshed = Self {
                superseded: self.superseded.clone(),
                ..other.clone()
            };
            return if same {
                Absorbed::Unchanged
            } else {
                Absorbed::Replaced(refreshed)
            };
        }
        let mut versions: BTreeMap<u32, Superseded> = self
            .superseded
            .iter()
            .map(|earlier| (earlier.rank.version, earlier.clone()))
            .collect();
        for state in [self, other] {
            let earlier = versions
                .entry(state.rank.version)
                .or_insert_with(|| state.as_superseded());
            if earlier.rank < state.rank {
                *earlier = state.as_superseded();
            }
        }
        versions.pop_last();
        let winner = if other.rank > self.rank { other } else { self };
        let merged = Self {
            superseded: versions.into_values().collect(),
            ..winner.clone()
        };
        match other.rank > self.rank {
            true => Absorbed::Replaced(merged),
            false if merged == *self => Absorbed::Unchanged,
            false => Absorbed::Superseded(merged),
        }
    }

    fn as_superseded(&self) -> Superseded {
        Superseded {
            rank: self.rank,
            doi: self.article.article().identifiers.doi.clone(),
        }
    }

    fn precedence(&self) -> (usize, String, Reverse<RecordRank>, String) {
        let source = self.key.source.as_str();
        let place = PRECEDENCE
            .iter()
            .position(|&known| known == source)
            .unwrap_or(PRECEDENCE.len());
        (
            place,
            source.to_owned(),
            Reverse(self.rank),
            self.key.source_id.clone(),
        )
    }
}

/// The record's own key as an id. It must read back as itself, or it could be taken for another
/// article's DOI or PMID.
pub(crate) fn own_key(key: &RecordKey) -> Result<ArticleId, String> {
    let text = key.to_string();
    let reserved = ["pmid", "pmcid"].contains(&key.source.as_str());
    match ArticleId::parse(&text) {
        Ok(id) if !reserved && id.as_str() == text => Ok(id),
        _ => Err(format!(
            "{text:?} cannot name a record; use another source, or a source id without spaces around it"
        )),
    }
}

/// One article: all its records, the winner first, the others in order of precedence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cluster {
    pub(crate) id: ArticleId,
    pub(crate) records: Vec<RecordState>,
    pub(crate) conflicting_ids: Vec<ArticleId>,
}

impl Cluster {
    /// The article that these records are; none of no records. They must belong together.
    pub(crate) fn new(mut records: Vec<RecordState>) -> Option<Self> {
        if records.len() > 1 {
            records.sort_by_cached_key(RecordState::precedence);
        }
        let winner = records.first()?;
        let mut kinds: [BTreeSet<&ArticleId>; 3] = Default::default();
        for record in &records {
            for id in record.identity_keys() {
                kinds[kind(id)].insert(id);
            }
        }
        let chosen: Vec<&ArticleId> = kinds
            .iter()
            .enumerate()
            .filter_map(|(index, ids)| {
                let of_winner = winner.identity_keys().iter().find(|id| kind(id) == index);
                of_winner.or_else(|| ids.first().copied())
            })
            .collect();
        let id = chosen
            .first()
            .copied()
            .unwrap_or_else(|| winner.own_key())
            .clone();
        let earlier = records
            .iter()
            .flat_map(|record| &record.superseded)
            .filter_map(|earlier| earlier.doi.as_ref());
        let earlier: Vec<ArticleId> = earlier
            .filter_map(|doi| ArticleId::parse(doi.as_str()).ok())
            .collect();
        let all = kinds
            .into_iter()
            .flatten()
            .chain(&earlier)
            .filter(|id| !chosen.contains(id));
        let conflicting_ids = all.collect::<BTreeSet<_>>().into_iter().cloned().collect();
        Some(Self {
            id,
            records,
            conflicting_ids,
        })
    }

    /// The record that speaks for the article.
    pub(crate) fn winner(&self) -> &RecordState {
        &self.records[0]
    }

    /// The article's record with this key.
    pub(crate) fn record(&self, key: &RecordKey) -> Option<&RecordState> {
        self.records.iter().find(|record| record.key() == key)
    }

    /// Whether both look the same to a reader, who sees the winner and the conflicts only.
    pub(crate) fn reads_as(&self, other: &Self) -> bool {
        let seen = |article: &Self| (article.winner().article.clone(), article.winner().resolved_with);
        self.id == other.id && self.conflicting_ids == other.conflicting_ids && seen(self) == seen(other)
    }

    /// Everything that the article can be found by, its id included.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &ArticleId> {
        self.records.iter().flat_map(RecordState::keys)
    }
}

/// 0 for a DOI, 1 for a PMID, 2 for a PMCID: the order in which they name an article.
fn kind(id: &ArticleId) -> usize {
    match id.as_str().split_once(':') {
        Some(("pmid", _)) => 1,
        Some(("pmcid", _)) => 2,
        _ => 0,
    }
}

/// Parts records into articles, in order of id.
pub(crate) fn group(records: Vec<RecordState>) -> Vec<Cluster> {
    let mut parents: Vec<usize> = (0..records.len()).collect();
    let mut first_with: HashMap<&ArticleId, usize> = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        for key in record.keys() {
            let other = *first_with.entry(key).or_insert(index);
            let (a, b) = (root(&parents, other), root(&parents, index));
            parents[a.max(b)] = a.min(b);
        }
    }
    let roots: Vec<usize> = (0..records.len()).map(|index| root(&parents, index)).collect();
    let mut together: BTreeMap<usize, Vec<RecordState>> = BTreeMap::new();
    for (record, root) in records.into_iter().zip(roots) {
        together.entry(root).or_default().push(record);
    }
    let mut clusters: Vec<Cluster> = together.into_values().filter_map(Cluster::new).collect();
    clusters.sort_by(|a, b| a.id.cmp(&b.id));
    clusters
}

/// Clusters hold a few records, so paths stay short without compression.
fn root(parents: &[usize], mut index: usize) -> usize {
    while parents[index] != index {
        index = parents[index];
    }
    index
}

#[cfg(test)]
mod tests;
