//! The sector of an institution: exactly one.
//!
//! An exception by id, else the first of company, healthcare, education, government and nonprofit among
//! its types; a facility or archive takes the sector of the nearest institution above it that has one;
//! the rest is `other`. Being a funder says nothing.

use std::collections::BTreeSet;

use whence_model::Sector;
use whence_registry::{InstitutionIndex, InstitutionType, InstitutionTypes, Policies};

use crate::hierarchy::Hierarchy;

const BY_TYPE: [(InstitutionType, Sector); 5] = [
    (InstitutionType::Company, Sector::Company),
    (InstitutionType::Healthcare, Sector::Healthcare),
    (InstitutionType::Education, Sector::Education),
    (InstitutionType::Government, Sector::Government),
    (InstitutionType::Nonprofit, Sector::Nonprofit),
];

/// The sector of an institution.
pub(crate) fn of(hierarchy: &Hierarchy, policies: &Policies, index: InstitutionIndex) -> Sector {
    let own = |index| own_sector(hierarchy, policies, index);
    if let Some(sector) = own(index) {
        return sector;
    }
    let types = hierarchy.member(index).types;
    if !types.contains(InstitutionType::Facility) && !types.contains(InstitutionType::Archive) {
        return Sector::Other;
    }
    // One generation after the other; within one, the lowest id decides.
    let mut seen = BTreeSet::from([index]);
    let mut generation = BTreeSet::from([index]);
    while !generation.is_empty() {
        generation = generation
            .iter()
            .flat_map(|at| &hierarchy.member(*at).parents)
            .copied()
            .collect();
        generation.retain(|parent| seen.insert(*parent));
        if let Some(sector) = generation.iter().find_map(|parent| own(*parent)) {
            return sector;
        }
    }
    Sector::Other
}

fn own_sector(hierarchy: &Hierarchy, policies: &Policies, index: InstitutionIndex) -> Option<Sector> {
    policies
        .sector_exception(index)
        .or_else(|| by_types(hierarchy.member(index).types))
}

fn by_types(types: InstitutionTypes) -> Option<Sector> {
    BY_TYPE
        .into_iter()
        .find(|(kind, _)| types.contains(*kind))
        .map(|(_, sector)| sector)
}
