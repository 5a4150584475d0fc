//! Holders: entities in the compact form that queries sum by, and their way back to ids and names.

use whence_model::{CityId, CountryCode, Entity, EntityKind, GeonamesId, Sector};
use whence_registry::{InstitutionIndex, MetropolitanAreaIndex, PlaceView, TerritoryPolicy};

use crate::counting::{Counting, Slice};
use crate::rollup::GroupIndex;
use crate::territory::reporting_country;

/// A city as ranked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum City {
    /// A place outside every metropolitan area, or one that the registry lacks.
    Locality(GeonamesId),
    /// A metropolitan area.
    Area(MetropolitanAreaIndex),
}

/// An entity in compact form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Holder {
    Institution(InstitutionIndex),
    City(City),
    Locality(GeonamesId),
    Country(CountryCode),
    Sector(Sector),
    Group(GroupIndex),
}

/// An entity as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEntity {
    /// The entity.
    pub entity: Entity,
    /// Name for people; the id where no name is known.
    pub name: String,
    /// The country it counts for, where it has one.
    pub country: Option<CountryCode>,
}

impl Counting {
    /// Every holder of a kind that a slice belongs to: at most one, unless the kind is groups.
    pub(crate) fn for_each_holder(
        &self,
        kind: EntityKind,
        slice: &Slice,
        territories: Option<&TerritoryPolicy>,
        mut visit: impl FnMut(Holder),
    ) {
        let holder = match kind {
            EntityKind::Institution => slice.institution.map(Holder::Institution),
            EntityKind::InstitutionRolled => self.rolled(slice).map(Holder::Institution),
            EntityKind::City => slice.city.map(Holder::City),
            EntityKind::Locality => slice.place.locality().map(Holder::Locality),
            EntityKind::Country => slice
                .place
                .country()
                .map(|code| Holder::Country(reporting_country(territories, code))),
            EntityKind::Sector => slice.institution.map(|index| Holder::Sector(self.sector(index))),
            EntityKind::Group => {
                return self
                    .groups(slice)
                    .iter()
                    .for_each(|group| visit(Holder::Group(*group)));
            }
        };
        if let Some(holder) = holder {
            visit(holder);
        }
    }

    /// The compact form of an entity; none if the registry does not know it, so that it holds nothing.
    pub(crate) fn holder(&self, entity: &Entity) -> Option<Holder> {
        Some(match entity {
            Entity::Institution(id) => Holder::Institution(self.find(*id)?),
            Entity::City(id) => Holder::City(self.city_holder(id)?),
            Entity::Locality(id) => Holder::Locality(*id),
            Entity::Country(code) => Holder::Country(*code),
            Entity::Sector(sector) => Holder::Sector(*sector),
            Entity::Group(slug) => {
                let position = self
                    .registry()
                    .groups()
                    .iter()
                    .position(|group| group.slug == *slug)?;
                Holder::Group(GroupIndex::try_from(position).ok()?)
            }
        })
    }

    pub(crate) fn city_holder(&self, id: &CityId) -> Option<City> {
        match id {
            CityId::Locality(id) => Some(City::Locality(*id)),
            CityId::MetropolitanArea(slug) => self.registry().find_metropolitan_area(slug).map(City::Area),
        }
    }

    /// The entity that a holder stands for, without its name.
    pub(crate) fn entity(&self, holder: Holder) -> Entity {
        match holder {
            Holder::Institution(index) => Entity::Institution(self.registry().institution(index).ror_id()),
            Holder::City(City::Area(index)) => Entity::City(CityId::MetropolitanArea(
                self.registry().metropolitan_area(index).slug.clone(),
            )),
            Holder::City(City::Locality(id)) => Entity::City(CityId::Locality(id)),
            Holder::Locality(id) => Entity::Locality(id),
            Holder::Country(code) => Entity::Country(code),
            Holder::Sector(sector) => Entity::Sector(sector),
            Holder::Group(index) => Entity::Group(self.registry().groups()[usize::from(index)].slug.clone()),
        }
    }

    /// An entity with its name and country.
    pub(crate) fn named(&self, entity: Entity, territories: Option<&TerritoryPolicy>) -> NamedEntity {
        let registry = self.registry();
        let place = |id: GeonamesId| registry.find_place(id).map(|index| registry.place(index));
        let (name, country) = match &entity {
            Entity::Institution(id) => match self.find(*id) {
                Some(index) => {
                    let institution = registry.institution(index);
                    (Some(institution.name().to_owned()), institution.country())
                }
                None => (None, None),
            },
            Entity::Locality(id) | Entity::City(CityId::Locality(id)) => {
                let place = place(*id);
                (
                    place.map(|place| place.name().to_owned()),
                    place.map(PlaceView::country),
                )
            }
            Entity::City(CityId::MetropolitanArea(slug)) => {
                let area = registry
                    .find_metropolitan_area(slug)
                    .map(|index| registry.metropolitan_area(index));
                (area.map(|area| area.name.clone()), area.map(|area| area.country))
            }
            Entity::Country(code) => (registry.country_name(*code).map(ToOwned::to_owned), Some(*code)),
            Entity::Sector(sector) => (Some(sector_name(*sector).to_owned()), None),
            Entity::Group(slug) => (registry.find_group(slug).map(|group| group.name.clone()), None),
        };
        let name = name.unwrap_or_else(|| entity.to_string());
        NamedEntity {
            entity,
            name,
            country: country.map(|code| reporting_country(territories, code)),
        }
    }
}

fn sector_name(sector: Sector) -> &'static str {
    match sector {
        Sector::Company => "Company",
        Sector::Education => "Education",
        Sector::Government => "Government",
        Sector::Healthcare => "Healthcare",
        Sector::Nonprofit => "Nonprofit",
        Sector::Other => "Other",
    }
}
