//! What a query names must exist: journal set, subjects, groups, cities, countries. A name that could
//! never hold anything is refused with what to ask for instead, since an empty answer would pass for one.

use whence_model::{CityId, CountryCode, Entity, EntityKind, Slug};
use whence_registry::TerritoryPolicy;

use crate::counting::Counting;
use crate::error::QueryError;
use crate::holder::City;
use crate::journal_set::JournalSet;
use crate::rollup::GroupIndex;
use crate::selection::Selection;
use crate::territory::reporting_country;

/// Under a policy that counts a territory elsewhere, the territory is no country to ask for.
pub(crate) fn country(policy: Option<&TerritoryPolicy>, code: CountryCode) -> Result<(), QueryError> {
    match reporting_country(policy, code) {
        within if within == code => Ok(()),
        within => Err(QueryError::NotACountry { code, within }),
    }
}

/// The journal set of a selection, which must have the subjects that the selection asks for.
pub(crate) fn journal_set<'a>(
    counting: &'a Counting,
    selection: &Selection,
) -> Result<Option<&'a JournalSet>, QueryError> {
    let Some(name) = &selection.journal_set else {
        return if selection.subjects.is_empty() {
            Ok(None)
        } else {
            Err(QueryError::SubjectWithoutJournalSet)
        };
    };
    let sets = counting.journal_sets();
    let unknown = || QueryError::UnknownJournalSet {
        name: name.clone(),
        known: listed(sets.keys()),
    };
    let set = sets.get(name).ok_or_else(unknown)?;
    match selection
        .subjects
        .iter()
        .find(|subject| !set.subjects().contains_key(*subject))
    {
        None => Ok(Some(set)),
        Some(subject) => Err(QueryError::UnknownSubject {
            journal_set: name.clone(),
            subject: subject.clone(),
            known: listed(set.subjects().keys()),
        }),
    }
}

/// The group of a name.
pub(crate) fn group(counting: &Counting, name: &Slug) -> Result<GroupIndex, QueryError> {
    let groups = counting.registry().groups();
    let position = groups.iter().position(|group| group.slug == *name);
    position
        .and_then(|position| GroupIndex::try_from(position).ok())
        .ok_or_else(|| QueryError::UnknownGroup {
            name: name.clone(),
            known: listed(groups.iter().map(|group| &group.slug)),
        })
}

fn listed<'a>(slugs: impl Iterator<Item = &'a Slug>) -> String {
    let texts: Vec<&str> = slugs.map(Slug::as_str).collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
    }
}

/// The city of an id.
pub(crate) fn city(counting: &Counting, id: &CityId) -> Result<City, QueryError> {
    match id {
        CityId::MetropolitanArea(slug) => {
            let area = counting.registry().find_metropolitan_area(slug).map(City::Area);
            area.ok_or_else(|| QueryError::UnknownMetropolitanArea { name: slug.clone() })
        }
        CityId::Locality(locality) => match counting.city_of(*locality) {
            City::Area(area) => {
                let slug = counting.registry().metropolitan_area(area).slug.clone();
                Err(QueryError::NotACity {
                    locality: *locality,
                    city: CityId::MetropolitanArea(slug),
                })
            }
            city @ City::Locality(_) => Ok(city),
        },
    }
}

/// Whether an entity can be asked for as one of a kind.
pub(crate) fn entity(
    counting: &Counting,
    kind: EntityKind,
    entity: &Entity,
    selection: &Selection,
) -> Result<(), QueryError> {
    let of_kind = match entity {
        Entity::Institution(_) => matches!(kind, EntityKind::Institution | EntityKind::InstitutionRolled),
        Entity::City(_) => kind == EntityKind::City,
        Entity::Locality(_) => kind == EntityKind::Locality,
        Entity::Country(_) => kind == EntityKind::Country,
        Entity::Sector(_) => kind == EntityKind::Sector,
        Entity::Group(_) => kind == EntityKind::Group,
    };
    if !of_kind {
        return Err(QueryError::KindMismatch {
            entity: entity.to_string(),
            kind: kind.as_str(),
        });
    }
    match entity {
        Entity::Country(code) => country(
            selection.territories.policy(counting.registry().policies()),
            *code,
        ),
        Entity::City(id) => city(counting, id).map(|_| ()),
        Entity::Group(slug) => group(counting, slug).map(|_| ()),
        Entity::Institution(_) | Entity::Locality(_) | Entity::Sector(_) => Ok(()),
    }
}
