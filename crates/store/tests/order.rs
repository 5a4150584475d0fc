//! The order of arrival never matters: what is stored equals a recomputation from scratch.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use support::{Record, record, versions};
use whence_model::{ArticleId, RecordKey, ResolvedArticle};
use whence_store::{EntryContent, ImportEntry, ImportId, Store, StoreOptions, StoredArticle};

const SOURCES: [&str; 4] = ["pubmed", "crossref", "jsonl", "aminer"];
const DATES: [Option<&str>; 3] = [None, Some("2021"), Some("2021-02")];

#[derive(Clone, Debug)]
enum Step {
    Record(Record),
    Delete(RecordKey),
}

impl Step {
    fn key(&self) -> RecordKey {
        match self {
            Self::Record(record) => record.build().article().record_key().unwrap(),
            Self::Delete(key) => key.clone(),
        }
    }

    fn content(&self) -> EntryContent {
        match self {
            Self::Record(record) => EntryContent::Article(Box::new(record.build())),
            Self::Delete(key) => EntryContent::Deleted(key.clone()),
        }
    }
}

fn records() -> impl Strategy<Value = Record> {
    let some = |up_to: u32| prop::option::of(1..=up_to);
    (
        0..SOURCES.len(),
        1..4_u32,
        some(4),
        some(4),
        some(3),
        1..3_u32,
        0..DATES.len(),
        "[ab]",
    )
        .prop_map(
            |(source, source_id, doi, pmid, pmcid, version, revised, title)| Record {
                doi: doi.map(|doi| format!("10.1/{doi}")),
                pmid,
                pmcid,
                version,
                revised: DATES[revised],
                title,
                ..record(SOURCES[source], &source_id.to_string())
            },
        )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (records(), prop::bool::weighted(0.2)).prop_map(|(record, delete)| {
        let step = Step::Record(record);
        if delete { Step::Delete(step.key()) } else { step }
    });
    prop::collection::vec(step, 1..25)
}

/// Records in batches of these sizes, opening the store anew between imports; gives all that is stored.
fn store_all(steps: &[Step], batch: usize) -> Vec<StoredArticle> {
    let dir = tempfile::tempdir().unwrap();
    let options = StoreOptions::default();
    let mut counted: BTreeMap<ArticleId, StoredArticle> = BTreeMap::new();
    let store = Store::open(dir.path(), &options).unwrap().0;
    let import = ImportId::parse("a").unwrap();
    store.open_import(&import, &versions("v1")).unwrap();
    let mut entries = (1..).zip(steps).map(|(sequence, step)| ImportEntry {
        sequence,
        content: step.content(),
    });
    loop {
        let some: Vec<_> = entries.by_ref().take(batch).collect();
        if some.is_empty() {
            break;
        }
        for change in store.record(&import, some).unwrap().changes {
            match change.after {
                Some(article) => counted.insert(change.id, article),
                None => counted.remove(&change.id),
            };
        }
    }
    drop(store);
    // Opening verifies the whole content against the fingerprint.
    let store = Store::open(dir.path(), &options).unwrap().0;
    let stored = store.articles_after(None, usize::MAX).unwrap();
    assert_eq!(store.article_count(), stored.len() as u64);
    assert_eq!(
        counted.into_values().collect::<Vec<_>>(),
        stored,
        "changes add up to what is stored"
    );
    for article in &stored {
        let read = article.article.article();
        let own = read
            .record_key()
            .map(|key| ArticleId::parse(&key.to_string()).unwrap());
        for key in read.identity_keys().into_iter().chain(own) {
            assert_eq!(store.article(&key).unwrap().as_ref(), Some(article), "{key}");
        }
    }
    stored
}

type Naive = Vec<(ArticleId, ResolvedArticle, BTreeSet<ArticleId>)>;

/// The same by the letter: all states of every record kept, parted by trying every pair.
fn recompute(steps: &[Step]) -> Naive {
    let mut states: BTreeMap<RecordKey, Vec<ResolvedArticle>> = BTreeMap::new();
    for step in steps {
        match step {
            Step::Record(record) => states.entry(step.key()).or_default().push(record.build()),
            Step::Delete(key) => drop(states.remove(key)),
        }
    }
    let mut articles: Vec<Vec<RecordKey>> = states.keys().map(|key| vec![key.clone()]).collect();
    while let Some((a, b)) = pair_to_join(&articles, &states) {
        let moved = articles.remove(b);
        articles[a].extend(moved);
    }
    let mut named: Naive = articles.iter().map(|keys| name(keys, &states)).collect();
    named.sort_by(|a, b| a.0.cmp(&b.0));
    named
}

fn current(states: &[ResolvedArticle]) -> &ResolvedArticle {
    states.iter().max_by_key(|state| rank(state)).unwrap()
}

fn rank(state: &ResolvedArticle) -> impl Ord + use<> {
    let article = state.article();
    let digest = EntryContent::Article(Box::new(state.clone())).digest().unwrap();
    (article.version, article.revision_date, digest)
}

fn pair_to_join(
    articles: &[Vec<RecordKey>],
    states: &BTreeMap<RecordKey, Vec<ResolvedArticle>>,
) -> Option<(usize, usize)> {
    let keys = |article: &[RecordKey]| -> BTreeSet<ArticleId> {
        article
            .iter()
            .flat_map(|key| current(&states[key]).article().identity_keys())
            .collect()
    };
    let pairs = (0..articles.len()).flat_map(|a| (a + 1..articles.len()).map(move |b| (a, b)));
    pairs
        .into_iter()
        .find(|&(a, b)| !keys(&articles[a]).is_disjoint(&keys(&articles[b])))
}

fn name(
    keys: &[RecordKey],
    states: &BTreeMap<RecordKey, Vec<ResolvedArticle>>,
) -> (ArticleId, ResolvedArticle, BTreeSet<ArticleId>) {
    let of_source = |source: &str| -> Vec<&RecordKey> {
        keys.iter().filter(|key| key.source.as_str() == source).collect()
    };
    let from = ["pubmed", "crossref", "aminer", "jsonl"]
        .into_iter()
        .map(of_source)
        .find(|found| !found.is_empty());
    let mut best: Vec<&RecordKey> = from.unwrap();
    best.sort_by(|a, b| {
        rank(current(&states[b]))
            .cmp(&rank(current(&states[a])))
            .then(a.cmp(b))
    });
    let winner = current(&states[best[0]]);
    let mut id = None;
    let mut conflicts = BTreeSet::new();
    for prefix in ["10.", "pmid:", "pmcid:"] {
        let of = |article: &ResolvedArticle| -> Vec<ArticleId> {
            article
                .article()
                .identity_keys()
                .into_iter()
                .filter(|key| key.as_str().starts_with(prefix))
                .collect()
        };
        let all: BTreeSet<ArticleId> = keys.iter().flat_map(|key| of(current(&states[key]))).collect();
        let own = of(winner).into_iter().next().or_else(|| all.first().cloned());
        conflicts.extend(all.into_iter().filter(|key| Some(key) != own.as_ref()));
        if prefix == "10." {
            let earlier = keys
                .iter()
                .flat_map(|key| earlier_versions(&states[key]))
                .flat_map(of);
            conflicts.extend(earlier.filter(|key| Some(key) != own.as_ref()));
        }
        id = id.or(own);
    }
    let id = id.unwrap_or_else(|| ArticleId::parse(&best[0].to_string()).unwrap());
    (id, winner.clone(), conflicts)
}

/// The highest state of each version but the current one.
fn earlier_versions(states: &[ResolvedArticle]) -> Vec<&ResolvedArticle> {
    let now = current(states).article().version;
    let earlier = (1..now).map(|version| {
        states
            .iter()
            .filter(move |state| state.article().version == version)
    });
    earlier
        .filter_map(|of_version| of_version.max_by_key(|state| rank(state)))
        .collect()
}

fn as_naive(stored: Vec<StoredArticle>) -> Naive {
    stored
        .into_iter()
        .map(|s| (s.id, s.article, s.conflicting_ids.into_iter().collect()))
        .collect()
}

/// The same steps interleaved otherwise: those of one record keep their order.
fn interleave(steps: &[Step], order: &[usize]) -> Vec<Step> {
    let mut queues: BTreeMap<RecordKey, Vec<Step>> = BTreeMap::new();
    for step in steps.iter().rev() {
        queues.entry(step.key()).or_default().push(step.clone());
    }
    order
        .iter()
        .filter_map(|&index| queues.get_mut(&steps[index].key())?.pop())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn stored_equals_recomputed(steps in steps(), batch in 1..8_usize) {
        prop_assert_eq!(as_naive(store_all(&steps, batch)), recompute(&steps));
    }

    #[test]
    fn order_does_not_matter(
        (steps, order) in steps().prop_flat_map(|steps| {
            let order = Just((0..steps.len()).collect::<Vec<_>>()).prop_shuffle();
            (Just(steps), order)
        }),
    ) {
        let other = interleave(&steps, &order);
        prop_assert_eq!(other.len(), steps.len());
        prop_assert_eq!(store_all(&other, 3), store_all(&steps, 5));
    }

    #[test]
    fn without_deletions_any_order_will_do(
        (records, shuffled) in prop::collection::vec(records(), 1..15)
            .prop_flat_map(|records| (Just(records.clone()), Just(records).prop_shuffle())),
    ) {
        let steps = |records: Vec<Record>| records.into_iter().map(Step::Record).collect::<Vec<_>>();
        prop_assert_eq!(store_all(&steps(shuffled), 2), store_all(&steps(records), 4));
    }
}
