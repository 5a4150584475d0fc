//! Who belongs to whom: what the methodology needs to know of each institution of a registry.
//!
//! Takes the members of a registry in order of index and its policies. Gives, for each institution: what
//! it is credited as, where its Share rolls up to next, and its sector. What always holds: following
//! [`Hierarchy::next`] from anywhere comes to an end, since a cycle (successors can form one) is cut at
//! the edge that closes it, going through institutions in order of id.

use std::collections::BTreeSet;

use whence_model::{RorId, Sector};
use whence_registry::{
    Institution, InstitutionIndex, InstitutionState, InstitutionTypes, Policies, Registry,
};

use crate::sector;

/// What the hierarchy is built from: one institution.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) ror_id: RorId,
    pub(crate) types: InstitutionTypes,
    pub(crate) state: InstitutionState,
    pub(crate) parents: Vec<InstitutionIndex>,
    pub(crate) successors: Vec<InstitutionIndex>,
}

/// Members with all that follows from them and the policies.
#[derive(Clone, Debug)]
pub(crate) struct Hierarchy {
    members: Vec<Member>,
    next: Vec<Box<[InstitutionIndex]>>,
    sectors: Vec<Sector>,
}

impl Hierarchy {
    /// The hierarchy of a registry under its policies.
    pub(crate) fn of(registry: &Registry) -> Self {
        let member = |institution: Institution<'_>| Member {
            ror_id: institution.ror_id(),
            types: institution.types(),
            state: institution.state(),
            parents: institution.parents().collect(),
            successors: institution.successors().collect(),
        };
        Self::new(registry.institutions().map(member).collect(), registry.policies())
    }

    /// Members must be in order of index, which is that of ROR id.
    pub(crate) fn new(members: Vec<Member>, policies: &Policies) -> Self {
        let mut hierarchy = Self {
            members,
            next: Vec::new(),
            sectors: Vec::new(),
        };
        let mut next: Vec<_> = hierarchy
            .indexes()
            .map(|index| hierarchy.leads_to(index, policies))
            .collect();
        cut_cycles(&mut next);
        hierarchy.next = next.into_iter().map(Into::into).collect();
        hierarchy.sectors = hierarchy
            .indexes()
            .map(|index| sector::of(&hierarchy, policies, index))
            .collect();
        hierarchy
    }

    /// Number of members.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.members.len()).unwrap_or(u32::MAX)
    }

    fn indexes(&self) -> impl Iterator<Item = InstitutionIndex> + use<> {
        (0..self.len()).map(InstitutionIndex::new)
    }

    /// The member at an index.
    pub(crate) fn member(&self, index: InstitutionIndex) -> &Member {
        &self.members[index.to_usize()]
    }

    /// The institution with this id.
    pub(crate) fn find(&self, id: RorId) -> Option<InstitutionIndex> {
        let found = self
            .members
            .binary_search_by_key(&id, |member| member.ror_id)
            .ok()?;
        u32::try_from(found).ok().map(InstitutionIndex::new)
    }

    /// What an institution is credited as: a withdrawn record as its single successor, at any distance.
    pub(crate) fn credited(&self, index: InstitutionIndex) -> InstitutionIndex {
        let mut seen = BTreeSet::from([index]);
        let mut at = index;
        while let (InstitutionState::Withdrawn, [successor]) =
            (self.member(at).state, &self.member(at).successors[..])
        {
            if !seen.insert(*successor) {
                return index;
            }
            at = *successor;
        }
        at
    }

    /// Where an institution's Share goes when it is rolled up, in order of id; empty if it stands alone.
    pub(crate) fn next(&self, index: InstitutionIndex) -> &[InstitutionIndex] {
        &self.next[index.to_usize()]
    }

    /// The sector of an institution.
    pub(crate) fn sector(&self, index: InstitutionIndex) -> Sector {
        self.sectors[index.to_usize()]
    }

    /// The single successor of an inactive institution; else the parents that policy permits, without
    /// those that are ancestors of another.
    fn leads_to(&self, index: InstitutionIndex, policies: &Policies) -> Vec<InstitutionIndex> {
        let member = self.member(index);
        if let (InstitutionState::Inactive, [successor]) = (member.state, &member.successors[..]) {
            return [self.credited(*successor)]
                .into_iter()
                .filter(|next| *next != index)
                .collect();
        }
        let permitted = |parent: &InstitutionIndex| policies.roll_up.permits(index, member.types, *parent);
        let parents = member.parents.iter().map(|parent| self.credited(*parent));
        let mut parents: Vec<_> = parents
            .filter(|parent| *parent != index)
            .filter(permitted)
            .collect();
        parents.sort_unstable();
        parents.dedup();
        if parents.len() > 1 {
            let ancestors: Vec<_> = parents.iter().map(|parent| self.ancestors(*parent)).collect();
            parents.retain(|parent| !ancestors.iter().any(|above| above.contains(parent)));
        }
        parents
    }

    /// Everything above an institution, whatever policy says; never itself.
    fn ancestors(&self, index: InstitutionIndex) -> BTreeSet<InstitutionIndex> {
        let mut above = BTreeSet::new();
        let mut waiting = vec![index];
        while let Some(at) = waiting.pop() {
            let parents = self
                .member(at)
                .parents
                .iter()
                .map(|parent| self.credited(*parent));
            waiting.extend(parents.filter(|parent| *parent != index && above.insert(*parent)));
        }
        above
    }
}

/// Removes every edge that closes a cycle, visiting nodes in order of index.
fn cut_cycles(next: &mut [Vec<InstitutionIndex>]) {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        New,
        Open,
        Done,
    }
    let mut visits = vec![Visit::New; next.len()];
    for root in 0..next.len() {
        // The way down from the root: each node with the edge that is followed next.
        let mut way = vec![(root, 0)];
        while let Some(&(node, edge)) = way.last() {
            if visits[node] == Visit::Done {
                way.pop();
                continue;
            }
            visits[node] = Visit::Open;
            match next[node]
                .get(edge)
                .map(|target| (target.to_usize(), visits[target.to_usize()]))
            {
                Some((_, Visit::Open)) => {
                    next[node].remove(edge);
                }
                Some((target, visit)) => {
                    if let Some(last) = way.last_mut() {
                        last.1 += 1;
                    }
                    if visit == Visit::New {
                        way.push((target, 0));
                    }
                }
                None => visits[node] = Visit::Done,
            }
        }
    }
}
