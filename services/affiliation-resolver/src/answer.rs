//! From what the engine decided to the message that clients read: names, cities and parents are filled in
//! from the registry that decided.

use whence_model::{InstitutionMatch, Place, ResolverVersions};
use whence_proto::{affiliation as pb, types};
use whence_registry::{Institution, InstitutionState, PlaceIndex, Registry};
use whence_resolve::ENGINE_VERSION;

use crate::resolving::Answer;

/// The versions that answers over this registry and with overrides of this revision carry.
pub fn versions(registry: &Registry, override_revision: u64) -> ResolverVersions {
    ResolverVersions {
        registry_version: registry.version().to_owned(),
        registry_checksum: registry.checksum_hex().to_owned(),
        engine_version: ENGINE_VERSION.to_owned(),
        override_revision,
    }
}

/// The message of the answer to one address.
pub fn resolution(registry: &Registry, affiliation: &str, answer: &Answer) -> pb::Resolution {
    let Answer { resolution, acting } = answer;
    let place = resolution.main_place();
    let unmatched = resolution
        .unmatched
        .iter()
        .map(|unmatched| pb::UnmatchedInstitution {
            text: unmatched.span.text(affiliation).unwrap_or_default().to_owned(),
            span: Some(unmatched.span.into()),
        });
    pb::Resolution {
        institutions: resolution
            .institutions
            .iter()
            .map(|found| matched(registry, found))
            .collect(),
        candidates: resolution
            .candidates
            .iter()
            .map(|found| matched(registry, found))
            .collect(),
        unmatched: unmatched.collect(),
        locality: locality(registry, place),
        city: city(registry, place),
        country_code: country_code(place),
        printed_place: whence_proto::resolved_place(resolution.place),
        override_ids: acting.iter().map(ToString::to_string).collect(),
    }
}

fn matched(registry: &Registry, found: &InstitutionMatch) -> pb::MatchedInstitution {
    let record = registry
        .find(found.ror_id)
        .map(|index| registry.institution(index));
    pb::MatchedInstitution {
        ror_id: found.ror_id.to_string(),
        name: record
            .as_ref()
            .map(|record| record.name().to_owned())
            .unwrap_or_default(),
        confidence_ten_thousandths: found.confidence.ten_thousandths().into(),
        span: Some(found.span.into()),
        role: types::AffiliationRole::from(found.role).into(),
        country_code: country_code(found.place),
        locality: locality(registry, found.place),
        city: city(registry, found.place),
        parents: record
            .map(|record| ror_ids(registry, record.parents()))
            .unwrap_or_default(),
        state: record.map_or(pb::InstitutionState::Unspecified, state).into(),
        successors: record
            .filter(|record| record.state() != InstitutionState::Active)
            .map(|record| ror_ids(registry, record.successors()))
            .unwrap_or_default(),
    }
}

fn state(record: Institution<'_>) -> pb::InstitutionState {
    match record.state() {
        InstitutionState::Active => pb::InstitutionState::Active,
        InstitutionState::Inactive => pb::InstitutionState::Inactive,
        InstitutionState::Withdrawn => pb::InstitutionState::Withdrawn,
    }
}

/// A record of the registry.
pub fn institution(registry: &Registry, record: &Institution<'_>) -> pb::Institution {
    use whence_registry::NameKind::{Acronym, Display};
    let names = |acronyms: bool| {
        let kept = record
            .names()
            .filter(move |name| name.kind != Display && (name.kind == Acronym) == acronyms);
        kept.map(|name| name.text.to_owned()).collect()
    };
    pb::Institution {
        ror_id: record.ror_id().to_string(),
        name: record.name().to_owned(),
        aliases: names(false),
        acronyms: names(true),
        types: record
            .types()
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        state: state(*record).into(),
        locations: record
            .locations()
            .map(|place| locality_at(registry, place))
            .collect(),
        parents: ror_ids(registry, record.parents()),
        children: ror_ids(registry, record.children()),
        successors: ror_ids(registry, record.successors()),
    }
}

fn ror_ids(
    registry: &Registry,
    records: impl Iterator<Item = whence_registry::InstitutionIndex>,
) -> Vec<String> {
    records
        .map(|index| registry.institution(index).ror_id().to_string())
        .collect()
}

fn locality(registry: &Registry, place: Place) -> Option<pb::Locality> {
    let index = registry.find_place(place.locality()?)?;
    Some(locality_at(registry, index))
}

fn locality_at(registry: &Registry, place: PlaceIndex) -> pb::Locality {
    let view = registry.place(place);
    pb::Locality {
        geonames_id: view.geonames_id().get().into(),
        name: view.name().to_owned(),
        country_code: view.country().to_string(),
    }
}

fn city(registry: &Registry, place: Place) -> Option<pb::City> {
    let index = registry.find_place(place.locality()?)?;
    let city = registry.city_index(index);
    Some(pb::City {
        id: registry.city_id(city).to_string(),
        name: registry.city_name(city).to_owned(),
    })
}

fn country_code(place: Place) -> String {
    place
        .country()
        .map(|country| country.to_string())
        .unwrap_or_default()
}
