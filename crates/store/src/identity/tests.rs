use proptest::prelude::*;

use super::*;
use crate::codec::article::digest;
use crate::support::{Record, id, record};

fn state(record: &Record) -> RecordState {
    let article = record.build();
    let digest = digest(article.article()).unwrap();
    RecordState::new(Arc::new(article), digest, 0).unwrap()
}

/// The articles of these records: id, title of the winner, conflicts.
fn articles(records: &[Record]) -> Vec<(String, String, Vec<String>)> {
    let described = |article: Cluster| {
        let title = article.winner().article.article().title.clone();
        let conflicts = article.conflicting_ids.iter().map(ToString::to_string).collect();
        (article.id.to_string(), title, conflicts)
    };
    group(records.iter().map(state).collect())
        .into_iter()
        .map(described)
        .collect()
}

fn one(id: &str, title: &str, conflicts: &[&str]) -> Vec<(String, String, Vec<String>)> {
    vec![(
        id.to_owned(),
        title.to_owned(),
        conflicts.iter().map(ToString::to_string).collect(),
    )]
}

/// Case 16 of the methodology.
#[test]
fn a_shared_doi_and_a_shared_pmid_make_one_article_of_three() {
    let three = [
        record("source-1", "").doi("10.1/AB").title("1"),
        record("source-2", "").doi("10.1/ab").pmid(7).title("2"),
        record("source-3", "").pmid(7).title("3"),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let records = order.map(|index| three[index].clone());
        assert_eq!(articles(&records), one("10.1/ab", "1", &[]));
    }
}

#[test]
fn the_first_source_of_the_precedence_speaks_then_the_highest_rank() {
    let pubmed = record("pubmed", "7").pmid(7).title("pubmed");
    let others = [
        "crossref",
        "openalex",
        "web-of-science",
        "scopus",
        "aminer",
        "jsonl",
    ];
    for pair in others.windows(2) {
        let [first, second] =
            [pair[0], pair[1]].map(|source| record(source, "1").pmid(7).version(9).title(source));
        assert_eq!(
            articles(&[second.clone(), first.clone()]),
            one("pmid:7", pair[0], &[])
        );
        assert_eq!(
            articles(&[second, first, pubmed.clone()]),
            one("pmid:7", "pubmed", &[])
        );
    }
    let twin = record("pubmed", "8").pmid(7).version(2).title("twin");
    assert_eq!(articles(&[pubmed, twin]), one("pmid:7", "twin", &[]));
}

#[test]
fn the_id_is_the_winners_doi_else_the_least_else_pmid_pmcid_source_id() {
    let pubmed = record("pubmed", "7").pmid(7);
    let doi = |doi: &str| record("openalex", doi).doi(doi).pmid(7);
    assert_eq!(
        articles(&[pubmed.clone().doi("10.1/z"), doi("10.1/a")]),
        one("10.1/z", "", &["10.1/a"])
    );
    assert_eq!(
        articles(&[pubmed.clone(), doi("10.1/b"), doi("10.1/a")]),
        one("10.1/a", "", &["10.1/b"])
    );
    assert_eq!(articles(&[pubmed.clone().pmcid(9)]), one("pmid:7", "", &[]));
    assert_eq!(
        articles(&[record("pubmed", "7").pmcid(9)]),
        one("pmcid:PMC9", "", &[])
    );
    assert_eq!(articles(&[record("scopus", "7")]), one("scopus:7", "", &[]));
    let second_pmid = record("jsonl", "1").pmid(8).pmcid(9);
    assert_eq!(
        articles(&[pubmed.pmcid(9), second_pmid]),
        one("pmid:7", "", &["pmid:8"])
    );
}

#[test]
fn equal_source_ids_of_two_sources_are_two_records() {
    let titles: Vec<_> = articles(&[record("a", "1"), record("b", "1")])
        .into_iter()
        .map(|article| article.0)
        .collect();
    assert_eq!(titles, ["a:1", "b:1"]);
}

#[test]
fn what_could_be_taken_for_another_article_is_no_record() {
    let new = |record: Record| RecordState::new(Arc::new(record.build()), [0; 32], 0).map(|_| ());
    for bad in [
        record("pmid", "7"),
        record("pmcid", "PMC7"),
        record("doi", "10.1/a"),
        record("x", "7 "),
        record("x", ""),
    ] {
        new(bad.clone()).expect_err(&format!("{bad:?}"));
    }
    for good in [
        record("x", "pmid:7"),
        record("x", "10.1/a"),
        record("x", "7").pmid(7),
    ] {
        new(good).unwrap();
    }
}

fn states() -> impl Strategy<Value = Vec<RecordState>> {
    let some = || prop::option::of(1..4_u32);
    let state = (1..4_u32, prop::option::of(Just("2021")), some(), some(), "[abc]").prop_map(
        |(version, revised, doi, pmid, title)| {
            let doi = doi.map(|doi| format!("10.1/{doi}"));
            state(&Record {
                doi,
                pmid,
                version,
                revised,
                title,
                ..record("pubmed", "7")
            })
        },
    );
    prop::collection::vec(state, 1..8)
}

fn absorb_all(states: &[RecordState]) -> RecordState {
    states
        .iter()
        .skip(1)
        .fold(states[0].clone(), |stored, state| match stored.absorb(state) {
            Absorbed::Unchanged => stored,
            Absorbed::Superseded(merged) | Absorbed::Replaced(merged) => merged,
        })
}

proptest! {
    #[test]
    fn states_of_a_record_come_in_any_order(
        (states, shuffled) in states().prop_flat_map(|states| (Just(states.clone()), Just(states).prop_shuffle())),
    ) {
        let stored = absorb_all(&states);
        prop_assert_eq!(&absorb_all(&shuffled), &stored);
        prop_assert_eq!(Some(stored.rank()), states.iter().map(RecordState::rank).max());
        for state in &states {
            let twice = stored.absorb(state);
            prop_assert!(matches!(twice, Absorbed::Unchanged), "{:?}", twice);
        }
    }
}

#[test]
fn an_earlier_version_connects_nothing_and_is_told() {
    let first = state(&record("pubmed", "7").pmid(7).doi("10.1/v1"));
    let second = state(&record("pubmed", "7").pmid(7).doi("10.1/v2").version(2));
    let Absorbed::Replaced(merged) = first.absorb(&second) else {
        panic!("the later version replaces")
    };
    let other = state(&record("crossref", "").doi("10.1/v1"));
    let found = group(vec![merged, other]);
    let ids: Vec<_> = found.iter().map(|article| article.id.clone()).collect();
    assert_eq!(ids, [id("10.1/v1"), id("10.1/v2")]);
    assert_eq!(found[1].conflicting_ids, [id("10.1/v1")]);
}
