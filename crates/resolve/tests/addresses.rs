//! Addresses and what they resolve to, over the starter registry: one row a case in `addresses.tsv`, and
//! what holds for every text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::LazyLock;

use proptest::prelude::*;
use whence_model::{Place, Resolution, Role};
use whence_registry::{InstitutionState, NameKind, Registry};
use whence_resolve::explain::Verdict;
use whence_resolve::index::snapshot;
use whence_resolve::{AFFILIATION_BYTES_MAX, Resolver};

static RESOLVER: LazyLock<Resolver> = LazyLock::new(|| {
    let (built, _) = whence_registry::starter().unwrap();
    Resolver::new(Registry::from_bytes(snapshot(&built).unwrap().to_bytes()).unwrap()).unwrap()
});

fn or_dash(text: String) -> String {
    if text.is_empty() { "-".to_owned() } else { text }
}

/// The answer in the form of a row.
fn row(affiliation: &str, resolution: &Resolution) -> String {
    let registry = RESOLVER.registry();
    let ids: Vec<&str> = resolution
        .institutions
        .iter()
        .map(|found| found.ror_id.as_str())
        .collect();
    let place = resolution.main_place();
    let country = place
        .country()
        .map(|country| country.to_string())
        .unwrap_or_default();
    let city = place
        .locality()
        .and_then(|id| registry.find_place(id))
        .map(|place| registry.city_of(place).to_string());
    format!(
        "{affiliation}\t{}\t{}\t{}",
        or_dash(ids.join(" ")),
        or_dash(country),
        or_dash(city.unwrap_or_default())
    )
}

#[test]
fn every_row_resolves_as_stated() {
    let mut wrong = Vec::new();
    for expected in include_str!("addresses.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
    {
        let affiliation = expected.split('\t').next().unwrap_or_default();
        let found = row(affiliation, &RESOLVER.resolve(affiliation).unwrap());
        if found != expected {
            wrong.push(format!("expected {expected}\n     got {found}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} rows differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_present_address_is_answered_with_its_role() {
    let resolution = RESOLVER
        .resolve("ETH Zurich, Zurich, Switzerland; Present address: Peking University, Beijing, China")
        .unwrap();
    let roles: Vec<(&str, Role)> = resolution
        .institutions
        .iter()
        .map(|found| (found.ror_id.as_str(), found.role))
        .collect();
    assert_eq!(
        roles,
        [
            ("05a28rw58", Role::Affiliation),
            ("02v51f717", Role::PresentAddress)
        ]
    );
}

#[test]
fn an_institution_without_a_record_is_reported() {
    let text = "Nonesuch University of Brobdingnag, Paris, France";
    let resolution = RESOLVER.resolve(text).unwrap();
    let unmatched: Vec<&str> = resolution
        .unmatched
        .iter()
        .filter_map(|unmatched| unmatched.span.text(text))
        .collect();
    assert_eq!(unmatched, ["Nonesuch University of Brobdingnag"]);
}

#[test]
fn an_address_that_is_too_long_is_refused() {
    assert!(RESOLVER.resolve(&"a".repeat(AFFILIATION_BYTES_MAX)).is_ok());
    let error = RESOLVER
        .resolve(&"a".repeat(AFFILIATION_BYTES_MAX + 1))
        .unwrap_err();
    assert_eq!(error.bytes, AFFILIATION_BYTES_MAX + 1);
}

/// Texts made of what addresses are made of, and of anything else.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("University of Oxford".to_owned()),
        Just("CNRS".to_owned()),
        Just("Chinese Academy of Sciences".to_owned()),
        Just("Present address:".to_owned()),
        Just("北京大学".to_owned()),
        Just("Zürich".to_owned()),
        Just("x@y.org".to_owned()),
        Just("; ".to_owned()),
        Just(", ".to_owned()),
        Just("USA".to_owned()),
        "\\PC{0,12}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn every_text_is_answered_alike_with_spans_inside_it(text in texts()) {
        let resolution = RESOLVER.resolve(&text).unwrap();
        prop_assert_eq!(&resolution, &RESOLVER.resolve(&text).unwrap());
        for found in resolution.institutions.iter().chain(&resolution.candidates) {
            prop_assert!(found.span.text(&text).is_some_and(|words| !words.is_empty()));
            prop_assert!(found.place == Place::Unknown || found.place.country().is_some());
        }
        for unmatched in &resolution.unmatched {
            prop_assert!(unmatched.span.text(&text).is_some());
        }
        let mut ids: Vec<_> = resolution.institutions.iter().map(|found| found.ror_id).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), resolution.institutions.len());
    }
}

#[test]
fn every_active_record_is_considered_under_its_own_names_with_its_place() {
    let registry = RESOLVER.registry();
    let (mut names, mut considered) = (0_usize, 0_usize);
    for institution in registry
        .institutions()
        .filter(|i| i.state() == InstitutionState::Active)
    {
        let Some(place) = institution.main_location().map(|place| registry.place(place)) else {
            continue;
        };
        let country = registry.country_name(place.country()).unwrap_or_default();
        for name in institution.names().filter(|name| name.kind != NameKind::Acronym) {
            let address = format!("{}, {}, {country}", name.text, place.name());
            let candidates = RESOLVER.measure(&address).unwrap();
            names += 1;
            considered += usize::from(
                candidates
                    .iter()
                    .any(|(c, _)| c.hit.institution == institution.index()),
            );
        }
    }
    assert!(considered * 1000 >= names * 995, "{considered} of {names}");
}

#[test]
fn an_explanation_tells_what_became_of_each_candidate() {
    let text = "Department of Physics, University of Oxford, Oxford, UK";
    let (resolution, explanation) = RESOLVER.explain(text).unwrap();
    assert_eq!(resolution, RESOLVER.resolve(text).unwrap());
    let best = &explanation.candidates[0];
    assert_eq!(
        (best.ror_id, best.verdict),
        (resolution.institutions[0].ror_id, Verdict::Chosen)
    );
    assert_eq!(best.span.text(text), Some("University of Oxford"));
    assert!(
        best.because
            .starts_with("chosen: its name stands there word for word; its city is printed")
    );
    assert!(
        explanation
            .places
            .iter()
            .any(|place| place.what.contains("city Oxford, GB"))
    );
    let chosen = explanation
        .candidates
        .iter()
        .filter(|c| c.verdict == Verdict::Chosen);
    assert_eq!(chosen.count(), resolution.institutions.len());
}
