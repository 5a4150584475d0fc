use proptest::prelude::*;

use super::*;
use crate::read::Relation;
use crate::{InstitutionTypes, NameKind, NameRecord};

const IDS: [&str; 6] = [
    "00hx57361",
    "02v51f717",
    "034t30j35",
    "03cve4549",
    "04c4dkn09",
    "05qbk4x57",
];

/// Institutions 0 to 5, with ties as (from, kind, to).
fn linked(ties: &[(usize, RelationKind, usize)], ended: &[usize]) -> (Vec<InstitutionRecord>, BuildReport) {
    let id = |at: usize| RorId::parse(IDS[at]).unwrap();
    let organisation = |at: usize| Organisation {
        ror_id: id(at),
        names: vec![NameRecord {
            text: IDS[at].into(),
            kind: NameKind::Display,
            language: None,
        }],
        types: InstitutionTypes::NONE,
        state: if ended.contains(&at) {
            InstitutionState::Inactive
        } else {
            InstitutionState::Active
        },
        established: None,
        locations: vec![],
        relations: ties
            .iter()
            .filter(|(from, _, _)| *from == at)
            .map(|(_, kind, to)| Relation {
                kind: *kind,
                ror_id: id(*to),
            })
            .collect(),
        last_modified: String::new(),
    };
    let mut report = BuildReport::default();
    let mut institutions = institutions(
        (0..IDS.len()).map(organisation).collect(),
        &[],
        "dump",
        &mut report,
    );
    finish_parents(&mut institutions, &[], "dump", &mut report);
    (institutions, report)
}

fn positions(list: &[InstitutionIndex]) -> Vec<usize> {
    list.iter().map(|index| index.to_usize()).collect()
}

#[test]
fn a_tie_that_one_side_records_holds_for_both() {
    use RelationKind::{Child, Parent, Related};
    let (all, report) = linked(&[(0, Child, 1), (2, Parent, 0), (3, Related, 1)], &[]);
    assert_eq!(positions(&all[0].children), [1, 2]);
    assert_eq!(positions(&all[1].parents), [0]);
    assert_eq!(positions(&all[2].parents), [0]);
    assert_eq!(positions(&all[1].related), [3]);
    assert_eq!(report.findings, []);
}

#[test]
fn a_predecessor_counts_only_for_what_has_ended_without_naming_a_successor() {
    use RelationKind::{Predecessor, Successor};
    let ties = [
        (3, Predecessor, 0),
        (3, Predecessor, 1),
        (3, Predecessor, 2),
        (1, Successor, 4),
    ];
    let (all, _) = linked(&ties, &[0, 1]);
    assert_eq!(positions(&all[0].successors), [3]);
    assert_eq!(positions(&all[1].successors), [4]);
    assert_eq!(positions(&all[2].successors), Vec::<usize>::new());
}

#[test]
fn a_cycle_is_cut_once_and_reported() {
    use RelationKind::Parent;
    let (all, report) = linked(&[(0, Parent, 1), (1, Parent, 2), (2, Parent, 0)], &[]);
    assert_eq!(all.iter().map(|one| one.parents.len()).sum::<usize>(), 2);
    let notes: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        notes,
        [
            "dump, record https://ror.org/034t30j35: left out parent https://ror.org/00hx57361, which closes a cycle"
        ]
    );
}

/// The naive twin: whether walking up from `start` ever comes back to it.
fn is_own_ancestor(institutions: &[InstitutionRecord], start: usize) -> bool {
    let mut reached = BTreeSet::new();
    let mut waiting = positions(&institutions[start].parents);
    while let Some(at) = waiting.pop() {
        if reached.insert(at) {
            waiting.extend(positions(&institutions[at].parents));
        }
    }
    reached.contains(&start)
}

proptest! {
    #[test]
    fn whatever_the_ties_parents_mirror_children_and_have_no_cycle(
        ties in prop::collection::vec((0..6_usize, prop::bool::ANY, 0..6_usize), 0..20)
    ) {
        let kind = |child| if child { RelationKind::Child } else { RelationKind::Parent };
        let ties: Vec<_> = ties.into_iter().map(|(from, child, to)| (from, kind(child), to)).collect();
        let (all, _) = linked(&ties, &[]);
        for (at, institution) in all.iter().enumerate() {
            prop_assert!(!is_own_ancestor(&all, at));
            prop_assert!(institution.parents.is_sorted() && institution.children.is_sorted());
            for parent in positions(&institution.parents) {
                prop_assert!(positions(&all[parent].children).contains(&at));
            }
            for child in positions(&institution.children) {
                prop_assert!(positions(&all[child].parents).contains(&at));
            }
        }
    }
}
