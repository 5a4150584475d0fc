//! Links organisations to one another and to their places: ids become indexes.
//!
//! Ties that only one side records are made mutual: a parent's child has that parent, "related" goes both
//! ways. A predecessor counts as a successor seen from the other side only for an institution that is no
//! more and names no successor itself. Ids that the dump lacks are noted and left out.

use std::collections::BTreeSet;

use whence_model::{GeonamesId, RorId};

use crate::curated::JointInstitution;
use crate::read::{Organisation, RelationKind};
use crate::{
    BuildReport, InstitutionIndex, InstitutionRecord, InstitutionState, PlaceIndex, PlaceRecord, Position,
    Problem,
};

/// Sorts by id; of records with one id the first is kept.
pub(super) fn sort_and_drop_doubles(
    organisations: &mut Vec<Organisation>,
    ror_file: &str,
    report: &mut BuildReport,
) {
    organisations.sort_by_key(|organisation| organisation.ror_id);
    organisations.dedup_by(|later, earlier| {
        let double = later.ror_id == earlier.ror_id;
        if double {
            report.note(
                ror_file,
                Position::Record(later.ror_id.to_string()),
                Problem::DuplicateId,
            );
        }
        double
    });
}

/// Makes records of sorted organisations. Parents may still form cycles and children are not yet filled.
pub(super) fn institutions(
    organisations: Vec<Organisation>,
    places: &[PlaceRecord],
    ror_file: &str,
    report: &mut BuildReport,
) -> Vec<InstitutionRecord> {
    let ids: Vec<RorId> = organisations
        .iter()
        .map(|organisation| organisation.ror_id)
        .collect();
    let ties = Ties::gather(&organisations, &ids, ror_file, report);
    let ties = ties.into_records();
    organisations
        .into_iter()
        .zip(ties)
        .map(|(organisation, ties)| record(organisation, ties, places))
        .collect()
}

fn record(organisation: Organisation, ties: InstitutionTies, places: &[PlaceRecord]) -> InstitutionRecord {
    let mut locations = Vec::with_capacity(organisation.locations.len());
    for location in &organisation.locations {
        let place = find_place(places, location.geonames_id);
        locations.extend(place.filter(|place| !locations.contains(place)));
    }
    InstitutionRecord {
        ror_id: organisation.ror_id,
        names: organisation.names,
        types: organisation.types,
        state: organisation.state,
        locations,
        established: organisation.established,
        parents: ties.parents.into_iter().collect(),
        children: Vec::new(),
        related: ties.related.into_iter().collect(),
        successors: ties.successors.into_iter().collect(),
    }
}

fn find_place(places: &[PlaceRecord], id: GeonamesId) -> Option<PlaceIndex> {
    places
        .binary_search_by_key(&id, |place| place.geonames_id)
        .ok()
        .map(PlaceIndex::from_usize)
}

#[derive(Clone, Default)]
struct InstitutionTies {
    parents: BTreeSet<InstitutionIndex>,
    related: BTreeSet<InstitutionIndex>,
    successors: BTreeSet<InstitutionIndex>,
}

struct Ties {
    by_institution: Vec<InstitutionTies>,
    /// Predecessor and successor, as the successor records them.
    successions: Vec<(InstitutionIndex, InstitutionIndex)>,
    ended: Vec<bool>,
}

impl Ties {
    fn gather(
        organisations: &[Organisation],
        ids: &[RorId],
        ror_file: &str,
        report: &mut BuildReport,
    ) -> Self {
        let ended = organisations
            .iter()
            .map(|one| one.state != InstitutionState::Active)
            .collect();
        let mut ties = Self {
            by_institution: vec![InstitutionTies::default(); ids.len()],
            successions: Vec::new(),
            ended,
        };
        for (at, organisation) in organisations.iter().enumerate() {
            let one = InstitutionIndex::from_usize(at);
            for relation in &organisation.relations {
                match ids.binary_search(&relation.ror_id) {
                    Ok(other) => ties.add(one, relation.kind, InstitutionIndex::from_usize(other)),
                    Err(_) => report.note(
                        ror_file,
                        Position::Record(organisation.ror_id.to_string()),
                        Problem::MissingRelative {
                            relation: relation.kind.as_str(),
                            id: relation.ror_id.to_string(),
                        },
                    ),
                }
            }
        }
        ties
    }

    fn add(&mut self, one: InstitutionIndex, kind: RelationKind, other: InstitutionIndex) {
        if one == other {
            return;
        }
        match kind {
            RelationKind::Parent => self.of(one).parents.insert(other),
            RelationKind::Child => self.of(other).parents.insert(one),
            RelationKind::Related => self.of(one).related.insert(other) | self.of(other).related.insert(one),
            RelationKind::Successor => self.of(one).successors.insert(other),
            RelationKind::Predecessor => {
                self.successions.push((other, one));
                true
            }
        };
    }

    fn of(&mut self, institution: InstitutionIndex) -> &mut InstitutionTies {
        &mut self.by_institution[institution.to_usize()]
    }

    fn into_records(mut self) -> Vec<InstitutionTies> {
        let silent: Vec<bool> = self
            .by_institution
            .iter()
            .map(|ties| ties.successors.is_empty())
            .collect();
        for (predecessor, successor) in std::mem::take(&mut self.successions) {
            let at = predecessor.to_usize();
            if silent[at] && self.ended[at] {
                self.of(predecessor).successors.insert(successor);
            }
        }
        self.by_institution
    }
}

/// Adds the parents of joint institutions, cuts cycles, and fills the children.
pub(super) fn finish_parents(
    institutions: &mut [InstitutionRecord],
    joint: &[JointInstitution],
    ror_file: &str,
    report: &mut BuildReport,
) {
    for row in joint {
        let parents = &mut institutions[row.institution.to_usize()].parents;
        if row.parent != row.institution
            && let Err(at) = parents.binary_search(&row.parent)
        {
            parents.insert(at, row.parent);
        }
    }
    for (child, parent) in cycle_closers(institutions) {
        let parent_id = institutions[parent.to_usize()].ror_id.to_string();
        let record = &mut institutions[child.to_usize()];
        record.parents.retain(|one| *one != parent);
        let position = Position::Record(record.ror_id.to_string());
        report.note(ror_file, position, Problem::ParentCycle { parent: parent_id });
    }
    for at in 0..institutions.len() {
        for parent in institutions[at].parents.clone() {
            institutions[parent.to_usize()]
                .children
                .push(InstitutionIndex::from_usize(at));
        }
    }
}

/// The ties (child, parent) that a walk up from each institution in order of index finds leading back to
/// where it is: without them there is no cycle.
fn cycle_closers(institutions: &[InstitutionRecord]) -> Vec<(InstitutionIndex, InstitutionIndex)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        Unseen,
        Open,
        Done,
    }
    let mut closers = Vec::new();
    let mut visits = vec![Visit::Unseen; institutions.len()];
    for start in 0..institutions.len() {
        if visits[start] != Visit::Unseen {
            continue;
        }
        visits[start] = Visit::Open;
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.pop() {
            let Some(&parent) = institutions[at].parents.get(next) else {
                visits[at] = Visit::Done;
                continue;
            };
            path.push((at, next + 1));
            match visits[parent.to_usize()] {
                Visit::Unseen => {
                    visits[parent.to_usize()] = Visit::Open;
                    path.push((parent.to_usize(), 0));
                }
                Visit::Open => closers.push((InstitutionIndex::from_usize(at), parent)),
                Visit::Done => {}
            }
        }
    }
    closers
}

#[cfg(test)]
mod tests;
