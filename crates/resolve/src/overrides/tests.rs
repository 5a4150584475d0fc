use std::sync::LazyLock;

use proptest::prelude::*;
use whence_model::{CountryCode, Decision, GeonamesId, OverrideChange, UnmatchedInstitution};
use whence_registry::{SnapshotBuilder, starter};

use super::*;

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let (built, _) = starter().unwrap();
    Registry::from_bytes(SnapshotBuilder::new(&built).unwrap().to_bytes()).unwrap()
});

const OXFORD: &str = "052gg0110";
const ETH: &str = "05a28rw58";
const USTC: &str = "04c4dkn09";

fn ror(id: &str) -> RorId {
    RorId::parse(id).unwrap()
}

fn standing(revision: u64, subject: OverrideSubject, ids: &[&str]) -> Override {
    Override {
        id: OverrideId::new(revision).unwrap(),
        subject,
        ror_ids: ids.iter().map(|id| ror(id)).collect(),
        created: OverrideChange {
            decision: Decision {
                curator: "a".into(),
                reason: "b".into(),
                unix_milliseconds: 0,
            },
            revision,
        },
        deleted: None,
    }
}

fn address(text: &str) -> OverrideSubject {
    OverrideSubject::Address(text.to_owned())
}

fn pattern(name: &str, country: Option<&str>) -> OverrideSubject {
    OverrideSubject::Pattern(NamePattern {
        name: name.to_owned(),
        country: country.map(|code| CountryCode::parse(code).unwrap()),
        locality: None,
    })
}

fn country(code: &str) -> Place {
    Place::Country(CountryCode::parse(code).unwrap())
}

/// An institution that the engine has found in these words of the address.
fn found(affiliation: &str, words: &str, id: &str) -> InstitutionMatch {
    let start = affiliation.find(words).unwrap();
    InstitutionMatch {
        ror_id: ror(id),
        confidence: Confidence::from_ten_thousandths(7_000).unwrap(),
        span: span(start, start + words.len()),
        role: Role::Affiliation,
        place: registered_place(&REGISTRY, ror(id)),
    }
}

fn ids(resolution: &Resolution) -> Vec<RorId> {
    resolution.institutions.iter().map(|it| it.ror_id).collect()
}

fn apply(overrides: &[Override], affiliation: &str, resolution: Resolution) -> (Resolution, Vec<OverrideId>) {
    Overrides::new(overrides).apply(affiliation, &REGISTRY, resolution)
}

#[test]
fn a_whole_address_is_known_by_its_words() {
    let curated = [standing(1, address("Univ. de São Paulo, the Lab"), &[ETH])];
    let printed = "  UNIVERSITY de Sao Paulo; the lab. ";
    let (resolution, applied) = apply(&curated, printed, Resolution::default());
    assert_eq!(applied, [curated[0].id]);
    let institution = resolution.institutions[0];
    assert_eq!(institution.span.text(printed), Some(printed.trim()));
    assert_eq!(
        (institution.ror_id, institution.confidence),
        (ror(ETH), Confidence::MAX)
    );
    assert_eq!(institution.place, registered_place(&REGISTRY, ror(ETH)));
    let (_, applied) = apply(&curated, "Univ. de São Paulo, Lab", Resolution::default());
    assert_eq!(applied, [], "every word counts");
}

#[test]
fn none_empties_the_answer_and_what_it_reports_as_missing() {
    let affiliation = "Oxford Instruments";
    let engine = Resolution {
        institutions: vec![found(affiliation, "Oxford", OXFORD)],
        unmatched: vec![UnmatchedInstitution { span: span(0, 6) }],
        place: country("GB"),
        ..Resolution::default()
    };
    let curated = [standing(1, address(affiliation), &[])];
    let (resolution, _) = apply(&curated, affiliation, engine);
    assert_eq!(
        resolution,
        Resolution {
            place: country("GB"),
            ..Resolution::default()
        }
    );
}

#[test]
fn a_pattern_acts_on_its_words_alone() {
    let affiliation = "University of Oxford; Northern Institute, Zurich; ETH";
    let engine = Resolution {
        institutions: vec![
            found(affiliation, "University of Oxford", OXFORD),
            found(affiliation, "Institute", USTC),
        ],
        candidates: vec![found(affiliation, "ETH", ETH)],
        ..Resolution::default()
    };
    let replaced = [standing(1, pattern("northern institute", None), &[ETH])];
    let (resolution, _) = apply(&replaced, affiliation, engine.clone());
    assert_eq!(ids(&resolution), [ror(OXFORD), ror(ETH)]);
    assert_eq!(
        resolution.institutions[1].span.text(affiliation),
        Some("Northern Institute")
    );
    assert!(
        resolution.candidates.is_empty(),
        "what is chosen is no candidate any more"
    );
    let removed = [standing(1, pattern("northern institute", None), &[])];
    assert_eq!(
        ids(&apply(&removed, affiliation, engine.clone()).0),
        [ror(OXFORD)]
    );
    let deleted = [Override {
        deleted: Some(removed[0].created.clone()),
        ..removed[0].clone()
    }];
    assert_eq!(apply(&deleted, affiliation, engine.clone()).0, engine);
}

#[test]
fn the_longest_pattern_in_the_most_exact_place_acts() {
    let curated = [
        standing(1, pattern("Institute of Health", None), &[OXFORD]),
        standing(2, pattern("National Institute of Health", None), &[ETH]),
        standing(3, pattern("National Institute of Health", Some("CN")), &[USTC]),
    ];
    for (affiliation, place, expected) in [
        ("National Institute of Health, Hefei", country("CN"), (USTC, 3)),
        ("National Institute of Health", country("KR"), (ETH, 2)),
        ("National Institute of Health", Place::Unknown, (ETH, 2)),
        ("Institute of Health, China", country("CN"), (OXFORD, 1)),
    ] {
        let engine = Resolution {
            place,
            ..Resolution::default()
        };
        let (resolution, applied) = apply(&curated, affiliation, engine);
        let (id, revision) = expected;
        assert_eq!(
            (ids(&resolution), applied),
            (vec![ror(id)], vec![OverrideId::new(revision).unwrap()]),
            "{affiliation}"
        );
    }
}

#[test]
fn what_is_printed_beside_the_words_is_the_place() {
    let affiliation = "Foo Institute";
    let seoul = Place::Locality(
        GeonamesId::new(1_835_848).unwrap(),
        CountryCode::parse("KR").unwrap(),
    );
    let curated = [standing(1, pattern("foo institute", None), &[ETH])];
    let place = |beside: Place, said: Place| {
        let institution = InstitutionMatch {
            place: beside,
            ..found(affiliation, "Foo", OXFORD)
        };
        let engine = Resolution {
            institutions: vec![institution],
            place: said,
            ..Resolution::default()
        };
        apply(&curated, affiliation, engine).0.institutions[0].place
    };
    let (of_oxford, of_eth) = (
        registered_place(&REGISTRY, ror(OXFORD)),
        registered_place(&REGISTRY, ror(ETH)),
    );
    assert_eq!(place(seoul, country("FR")), seoul);
    assert_eq!(place(of_oxford, country("FR")), country("FR"));
    assert_eq!(place(of_oxford, Place::Unknown), of_eth);
}

const WORDS: &[&str] = &["the", "north", "institute", "of", "café", "Zürich", "大学"];

fn text() -> impl Strategy<Value = String> {
    let word = (
        prop::sample::select(WORDS),
        prop::sample::select(&[" ", ", ", "; "][..]),
    );
    prop::collection::vec(word, 1..9).prop_map(|words| {
        let words: Vec<String> = words
            .iter()
            .map(|(word, separator)| format!("{word}{separator}"))
            .collect();
        words.concat()
    })
}

fn place() -> impl Strategy<Value = Place> {
    prop::sample::select(vec![Place::Unknown, country("CN"), country("CH")])
}

fn some_ids() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(vec![OXFORD, ETH, USTC], 0..3)
}

fn overrides() -> impl Strategy<Value = Vec<Override>> {
    let subject = prop_oneof![
        1 => text().prop_map(|text| address(&text)),
        4 => (prop::collection::vec(prop::sample::select(WORDS), 1..4), prop::option::of(Just("CN")))
            .prop_map(|(words, country)| pattern(&words.join(" "), country)),
    ];
    prop::collection::vec((subject, some_ids()), 0..6).prop_map(|entries| {
        let numbered = (1..).zip(entries);
        numbered
            .map(|(revision, (subject, ids))| standing(revision, subject, &ids))
            .collect()
    })
}

/// An address with an answer that could be the engine's: some of its words found to be institutions.
fn answered() -> impl Strategy<Value = (String, Resolution)> {
    let spots = prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 4);
    let ids = Just(vec![OXFORD, ETH, USTC]).prop_shuffle();
    let rest = (spots, ids, 0..4_usize, place(), place(), any::<bool>());
    (text(), rest).prop_map(|(text, (spots, ids, chosen, said, beside, later))| {
        let words = Splitter::default().words(&text);
        let spans: Vec<Span> = spots
            .iter()
            .map(|(one, other)| {
                let (one, other) = (one.index(words.len()), other.index(words.len()));
                span(words[one.min(other)].start, words[one.max(other)].end)
            })
            .collect();
        let all = ids.iter().zip(&spans).map(|(id, &span)| InstitutionMatch {
            ror_id: ror(id),
            confidence: Confidence::from_ten_thousandths(6_000).unwrap(),
            span,
            role: if later {
                Role::PresentAddress
            } else {
                Role::Affiliation
            },
            place: beside,
        });
        let mut institutions: Vec<_> = all.collect();
        let candidates = institutions.split_off(chosen.min(3));
        let unmatched = vec![UnmatchedInstitution { span: spans[3] }];
        let resolution = Resolution {
            institutions,
            candidates,
            unmatched,
            place: said,
        };
        (text, resolution)
    })
}

proptest! {
    #[test]
    fn without_overrides_nothing_changes((text, resolution) in answered()) {
        let (same, applied) = apply(&[], &text, resolution.clone());
        prop_assert_eq!(same, resolution);
        prop_assert_eq!(applied, vec![]);
    }

    #[test]
    fn applying_twice_is_applying_once((text, resolution) in answered(), curated in overrides()) {
        let once = apply(&curated, &text, resolution);
        let twice = apply(&curated, &text, once.0.clone());
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn spans_are_valid_and_institutions_stand_once((text, resolution) in answered(), curated in overrides()) {
        let (resolution, _) = apply(&curated, &text, resolution);
        let mut seen = vec![];
        for institution in resolution.institutions.iter().chain(&resolution.candidates) {
            prop_assert!(institution.span.text(&text).is_some_and(|words| !words.is_empty()));
            prop_assert!(!seen.contains(&institution.ror_id));
            seen.push(institution.ror_id);
        }
        for unmatched in &resolution.unmatched {
            prop_assert!(unmatched.span.text(&text).is_some());
        }
    }
}
