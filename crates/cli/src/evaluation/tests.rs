//! The measures on rows that are right and wrong in known ways.

use super::*;
use std::collections::BTreeSet;
use whence_model::RorId;

const A: &str = "https://ror.org/05qbk4x57";
const B: &str = "https://ror.org/034t30j35";
const C: &str = "https://ror.org/052gg0110";

fn id(text: &str) -> RorId {
    RorId::parse(text).unwrap()
}

fn ids(texts: &[&str]) -> BTreeSet<RorId> {
    texts.iter().map(|text| id(text)).collect()
}

fn row(labels: &[&str], answer: &[&str], named_parents: Option<&[&str]>) -> Answered {
    Answered {
        labels: labels.iter().map(|label| ids(&[label])).collect(),
        named_parents: named_parents.map(ids),
        answer: answer.iter().map(|text| (id(text), 0.8)).collect(),
        ..Answered::default()
    }
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

#[test]
fn an_answer_on_a_row_without_label_lowers_precision_only() {
    let rows = [
        row(&[A], &[A], None),
        row(&[A], &[], None),
        row(&[], &[B], None),
        row(&[], &[], None),
    ];
    let evaluation = evaluate(&rows);
    assert_eq!(
        (evaluation.labelled, evaluation.answered, evaluation.right),
        (2, 2, 1)
    );
    assert_eq!((evaluation.unlabelled, evaluation.unlabelled_unanswered), (2, 1));
    assert!(close(evaluation.precision, 0.5) && close(evaluation.recall, 0.5));
    assert_eq!((evaluation.left_alone, evaluation.exact), (Some(0.5), None));
    let [low, high] = evaluation.intervals["precision"];
    assert!(low < 0.5 && high > 0.5);
}

#[test]
fn exact_allows_named_parents_and_nothing_else() {
    assert_eq!(row(&[A], &[A], Some(&[])).is_exact(), Some(true));
    assert_eq!(row(&[A], &[A, B], Some(&[B])).is_exact(), Some(true));
    assert_eq!(row(&[A], &[A, B], Some(&[])).is_exact(), Some(false));
    assert_eq!(row(&[A, B], &[A], Some(&[])).is_exact(), Some(false));
    assert_eq!(row(&[], &[], Some(&[])).is_exact(), Some(true));
    assert_eq!(row(&[A], &[A], None).is_exact(), None);
}

#[test]
fn several_are_counted_with_those_that_the_registry_lacks() {
    let mut one_outside = row(&[A], &[A], Some(&[]));
    one_outside.outside_count = 1;
    let rows = [
        row(&[A], &[A], Some(&[])),
        row(&[A, B], &[A], Some(&[])),
        one_outside,
        row(&[A], &[A, C], Some(&[])),
    ];
    let evaluation = evaluate(&rows);
    assert_eq!((evaluation.exact, evaluation.exact_rows), (Some(0.5), 4));
    assert_eq!(
        (evaluation.exact_several, evaluation.several_rows),
        (Some(0.5), 2)
    );
    assert_eq!(evaluation.unnamed, Some(0.25));
    assert_eq!(evaluation.unnamed_answers, Some(0.2));
}

#[test]
fn calibration_error_is_the_gap_between_confidence_and_truth() {
    let rows: Vec<Answered> = (0..10)
        .map(|n| row(if n < 8 { &[A] } else { &[B] }, &[A], None))
        .collect();
    // Ten bins of one row each: eight are 0.2 too low, two 0.8 too high.
    let expected = (8.0 * 0.2 + 2.0 * 0.8) / 10.0;
    assert!(close(evaluate(&rows).ece, expected));
    assert!(close(mix(&[&rows]).ece, expected));
    assert_eq!(evaluate(&[]), evaluate(&[]));
}

#[test]
fn in_a_mixture_each_set_has_the_same_weight() {
    let confident = |right: bool, count: usize| -> Vec<Answered> {
        let mut row = row(&[if right { A } else { B }], &[A], None);
        row.answer[0].1 = 0.95;
        vec![row; count]
    };
    let (small, large) = (confident(false, 10), confident(true, 90));
    let mixed = mix(&[&small, &large]);
    assert!(mixed.confident_right.is_some_and(|share| close(share, 0.5)));
    let of_all: Vec<Answered> = small.into_iter().chain(large).collect();
    assert_eq!(evaluate(&of_all).confident_right, Some(0.9));
}

#[test]
fn the_curve_leaves_out_what_is_less_sure() {
    let mut rows = vec![
        row(&[A], &[A], None),
        row(&[A], &[B, A], None),
        row(&[], &[B], None),
    ];
    rows[0].answer[0].1 = 0.95;
    rows[1].answer = vec![(id(B), 0.6), (id(A), 0.7)];
    rows[2].answer[0].1 = 0.85;
    let curve = evaluate(&rows).thresholds;
    let at = |confidence: f64| {
        curve
            .iter()
            .find(|at| close(at.confidence_min, confidence))
            .unwrap()
    };
    assert_eq!((at(0.6).answered, at(0.6).right), (3, 1));
    assert_eq!((at(0.65).answered, at(0.65).right), (3, 2));
    assert_eq!((at(0.9).answered, at(0.9).right), (1, 1));
    assert_eq!((at(0.95).answered, at(0.95).left_alone), (1, Some(1.0)));
    assert!(close(at(0.9).precision, 1.0) && close(at(0.9).recall, 0.5));
}

mod kinds {
    use whence_model::{CountryCode, GeonamesId};
    use whence_registry::{
        BuiltRegistry, Country, InstitutionIndex, InstitutionRecord, InstitutionState, InstitutionTypes,
        NameKind, NameRecord, PlaceIndex, PlaceRecord, Registry, SnapshotBuilder,
    };
    use whence_resolve::text::Splitter;

    use super::*;
    use crate::evaluation::error_kind::Judge;

    /// An institute and its university with another institute of it, and namesakes of the institute here
    /// and abroad.
    const INSTITUTE: &str = "https://ror.org/000e0be47";
    const UNIVERSITY: &str = "https://ror.org/012a77v79";
    const SISTER: &str = "https://ror.org/034t30j35";
    const NAMESAKE: &str = "https://ror.org/052gg0110";
    const ABROAD: &str = "https://ror.org/05qbk4x57";
    const IDS: [&str; 5] = [INSTITUTE, UNIVERSITY, SISTER, NAMESAKE, ABROAD];

    fn registry() -> Registry {
        let place = |id: u32, country: &str| PlaceRecord {
            geonames_id: GeonamesId::new(id).unwrap(),
            name: format!("City {country}"),
            alternate_names: vec![],
            country: CountryCode::parse(country).unwrap(),
            admin1_code: String::new(),
            latitude: 0.0,
            longitude: 0.0,
            population: 1,
            metropolitan_area: None,
        };
        let name = |text: &str, kind: NameKind| NameRecord {
            text: text.to_owned(),
            kind,
            language: None,
        };
        let record = |at: usize, text: &str, place: u32, parent: Option<u32>| InstitutionRecord {
            ror_id: id(IDS[at]),
            names: vec![
                name(text, NameKind::Display),
                name(&format!("X{at}"), NameKind::Acronym),
            ],
            types: InstitutionTypes::default(),
            state: InstitutionState::Active,
            locations: vec![PlaceIndex::new(place)],
            established: None,
            parents: parent.map(InstitutionIndex::new).into_iter().collect(),
            children: vec![],
            related: vec![],
            successors: vec![],
        };
        let country = |code: &str| Country {
            code: CountryCode::parse(code).unwrap(),
            name: code.to_owned(),
            alternates: vec![],
        };
        let built = BuiltRegistry {
            version: "v1".to_owned(),
            institutions: vec![
                record(0, "Institute of Physics", 0, Some(1)),
                record(1, "University", 0, None),
                record(2, "Institute of Law", 0, Some(1)),
                record(3, "institute of physics", 0, None),
                record(4, "Institute of Physics", 1, None),
            ],
            places: vec![place(1, "DE"), place(2, "FR")],
            countries: vec![country("DE"), country("FR")],
            ..BuiltRegistry::default()
        };
        Registry::from_bytes(SnapshotBuilder::new(&built).unwrap().to_bytes()).unwrap()
    }

    #[test]
    fn an_error_is_told_by_how_the_answer_is_related_to_the_label() {
        let (registry, splitter) = (registry(), Splitter::default());
        let judge = Judge {
            registry: &registry,
            splitter: &splitter,
        };
        let kind = |labels: &[&str], answer: &[&str], parents: Option<&[&str]>| {
            judge.kind(&row(labels, answer, parents), |_| "x2".to_owned())
        };
        assert_eq!(kind(&[INSTITUTE], &[INSTITUTE], None), None);
        assert_eq!(kind(&[INSTITUTE], &[INSTITUTE, ABROAD], None), None);
        for (label, answer, expected) in [
            (INSTITUTE, UNIVERSITY, ErrorKind::ParentInsteadOfChild),
            (UNIVERSITY, INSTITUTE, ErrorKind::ChildInsteadOfParent),
            (INSTITUTE, ABROAD, ErrorKind::WrongCountry),
            (INSTITUTE, SISTER, ErrorKind::Sibling),
            (INSTITUTE, NAMESAKE, ErrorKind::Namesake),
            (NAMESAKE, SISTER, ErrorKind::Acronym),
            (NAMESAKE, UNIVERSITY, ErrorKind::Other),
        ] {
            assert_eq!(
                kind(&[label], &[answer], None),
                Some(expected),
                "{answer} for {label}"
            );
        }
        assert_eq!(kind(&[], &[ABROAD], None), Some(ErrorKind::ShouldBeNone));
        assert_eq!(kind(&[INSTITUTE], &[], None), Some(ErrorKind::Missed));
        let none: Option<&[&str]> = Some(&[]);
        assert_eq!(
            kind(&[INSTITUTE, ABROAD], &[ABROAD], none),
            Some(ErrorKind::Missed)
        );
        assert_eq!(
            kind(&[INSTITUTE], &[INSTITUTE, ABROAD], none),
            Some(ErrorKind::Extra)
        );
        assert_eq!(
            kind(&[INSTITUTE], &[UNIVERSITY], Some(&[UNIVERSITY])),
            Some(ErrorKind::Missed)
        );
        assert_eq!(
            kind(&[INSTITUTE, ABROAD], &[ABROAD, UNIVERSITY], none),
            Some(ErrorKind::ParentInsteadOfChild)
        );
    }
}
