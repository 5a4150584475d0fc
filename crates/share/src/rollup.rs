//! Rolling up: from the institution that is credited to the one that is ranked.
//!
//! A part is split first and rolled up then, so that a rolled Share is exactly the sum of its children's.
//! Where policy leaves several parents (a joint institution), a part is split equally over them: the
//! floor each, and spare units to the lowest ids. So on to the top:
//!
//! ```text
//! J has parents P and Q, P rolls up into G:   J 5  →  P 3, Q 2  →  G 3, Q 2
//! ```

use whence_registry::{Group, InstitutionIndex};

use crate::hierarchy::Hierarchy;

/// A group by its position among the registry's groups.
pub(crate) type GroupIndex = u16;

/// Where one way up ends, and the groups that it passes through, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Top {
    /// The institution that is ranked.
    pub(crate) institution: InstitutionIndex,
    /// Groups of which an institution on the way is a member.
    pub(crate) groups: Box<[GroupIndex]>,
}

/// All ways up from all institutions, in a fixed order for each.
#[derive(Clone, Debug)]
pub(crate) struct RollUp {
    tops: Vec<Box<[Top]>>,
}

impl RollUp {
    /// Follows every institution to its tops.
    pub(crate) fn new(hierarchy: &Hierarchy, institution_count: u32, groups: &[Group]) -> Self {
        let mut groups_of = vec![Vec::new(); institution_count as usize];
        for (group, index) in groups.iter().zip(0..) {
            for member in &group.members {
                if let Some(own) = groups_of.get_mut(member.to_usize()) {
                    own.push(index);
                }
            }
        }
        let tops = |position| {
            let mut tops = Vec::new();
            climb(
                hierarchy,
                &groups_of,
                InstitutionIndex::new(position),
                &[],
                &mut tops,
            );
            tops.into()
        };
        Self {
            tops: (0..institution_count).map(tops).collect(),
        }
    }

    /// The ways up from an institution.
    pub(crate) fn tops(&self, institution: InstitutionIndex) -> &[Top] {
        &self.tops[institution.to_usize()]
    }
}

/// Visits every way up in depth-first order, lower ids first.
fn climb(
    hierarchy: &Hierarchy,
    groups_of: &[Vec<GroupIndex>],
    at: InstitutionIndex,
    passed: &[GroupIndex],
    tops: &mut Vec<Top>,
) {
    let mut groups = [passed, &groups_of[at.to_usize()]].concat();
    groups.sort_unstable();
    groups.dedup();
    match hierarchy.next(at) {
        [] => tops.push(Top {
            institution: at,
            groups: groups.into(),
        }),
        parents => parents
            .iter()
            .for_each(|parent| climb(hierarchy, groups_of, *parent, &groups, tops)),
    }
}

/// Splits the units of a part over the ways up from its institution, in the order of [`RollUp::tops`].
pub(crate) fn split(hierarchy: &Hierarchy, from: InstitutionIndex, units: u64, pieces: &mut Vec<u64>) {
    let parents = hierarchy.next(from);
    if parents.is_empty() {
        return pieces.push(units);
    }
    let count = parents.len() as u64;
    for (parent, order) in parents.iter().zip(0..) {
        let spare = u64::from(order < units % count);
        split(hierarchy, *parent, units / count + spare, pieces);
    }
}
