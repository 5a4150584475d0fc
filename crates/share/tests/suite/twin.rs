//! Naive twins: the methodology once more, as directly as it can be written, for comparison.
//!
//! Fractions are exact rationals of any size, roll-up is the list of the small world's answers, and a
//! ranking is a walk over all articles. Nothing here is shared with the crate but its vocabulary.

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, ToPrimitive, Zero};
use whence_model::{CityId, Entity, EntityKind, Place, ResolvedArticle, Role, RorId};
use whence_share::Method;

use crate::world::World;

/// A part: author, institution or none, place.
type Key = (usize, Option<RorId>, Place);
/// What one address names, and where.
type Address = Vec<(Thing, Place)>;

/// What an author's portion is split over.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Institution(RorId),
    Lacking(RorId),
    Words(String),
    Nothing,
}

/// The parts of an article with their units, none under full counting.
pub(crate) fn divide(world: &World, article: &ResolvedArticle, method: Method) -> BTreeMap<Key, u64> {
    let authors: Vec<(usize, Vec<Address>)> = article
        .article()
        .personal_authors()
        .map(|(position, author)| (position, addresses(world, article, &author.affiliations)))
        .collect();
    let mut quotas: BTreeMap<Key, BigRational> = BTreeMap::new();
    let mut give = |author: usize, thing: &Thing, place: Place, quota: BigRational| {
        let institution = if let Thing::Institution(id) = thing {
            Some(*id)
        } else {
            None
        };
        *quotas
            .entry((author, institution, place))
            .or_insert_with(BigRational::zero) += quota;
    };
    let fraction = |denominator: usize| BigRational::new(BigInt::one(), BigInt::from(denominator));
    match method {
        Method::AuthorInstitution | Method::Full => {
            for (author, addresses) in &authors {
                let things = by_thing(addresses.iter().flatten());
                for (thing, places) in &things {
                    for place in places {
                        give(
                            *author,
                            thing,
                            *place,
                            fraction(authors.len() * things.len() * places.len()),
                        );
                    }
                }
            }
        }
        Method::AuthorAddress => {
            for (author, addresses) in &authors {
                for address in addresses {
                    let things = by_thing(address);
                    for (thing, places) in &things {
                        for place in places {
                            let denominator = authors.len() * addresses.len() * things.len() * places.len();
                            give(*author, thing, *place, fraction(denominator));
                        }
                    }
                }
            }
        }
        Method::Institution => {
            let things = by_thing(
                authors
                    .iter()
                    .flat_map(|(_, addresses)| addresses.iter().flatten()),
            );
            for (thing, places) in &things {
                for place in places {
                    let there = |addresses: &[Address]| {
                        addresses
                            .iter()
                            .flatten()
                            .any(|(own, at)| own == thing && at == place)
                    };
                    let first = authors.iter().find(|(_, addresses)| there(addresses)).unwrap().0;
                    give(first, thing, *place, fraction(things.len() * places.len()));
                }
            }
        }
    }
    if method == Method::Full {
        return quotas.into_keys().map(|key| (key, 0)).collect();
    }
    largest_remainder(quotas)
}

fn by_thing<'a>(named: impl IntoIterator<Item = &'a (Thing, Place)>) -> BTreeMap<Thing, BTreeSet<Place>> {
    let mut things: BTreeMap<Thing, BTreeSet<Place>> = BTreeMap::new();
    for (thing, place) in named {
        things.entry(thing.clone()).or_default().insert(*place);
    }
    things
}

/// An author's addresses, each once, as what they name; present addresses only if there is no other.
fn addresses(world: &World, article: &ResolvedArticle, printed: &[String]) -> Vec<Address> {
    let mut seen = BTreeSet::new();
    let mut working = Vec::new();
    let mut present = Vec::new();
    for address in printed {
        let resolution = article.resolution(address).unwrap();
        if resolution.institutions.is_empty() {
            let form = words(address);
            let place = article
                .resolutions()
                .iter()
                .find(|other| words(&other.affiliation) == form)
                .unwrap();
            if seen.insert(form.clone()) {
                working.push(vec![(Thing::Words(form), place.resolution.place)]);
            }
        } else if seen.insert(address.clone()) {
            let thing = |id| world.credited(id).map_or(Thing::Lacking(id), Thing::Institution);
            let named: Vec<_> = resolution
                .institutions
                .iter()
                .map(|found| (thing(found.ror_id), found.place))
                .collect();
            let is_present = resolution.institutions[0].role == Role::PresentAddress;
            if is_present {
                present.push(named);
            } else {
                working.push(named);
            }
        }
    }
    match (working.is_empty(), present.is_empty()) {
        (false, _) => working,
        (true, false) => present,
        (true, true) => vec![vec![(Thing::Nothing, Place::Unknown)]],
    }
}

fn words(address: &str) -> String {
    let lower = address.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn largest_remainder(quotas: BTreeMap<Key, BigRational>) -> BTreeMap<Key, u64> {
    let scale = BigRational::from_integer(BigInt::from(1_000_000_000_000_u64));
    let mut parts: Vec<(BigRational, Key, u64)> = quotas
        .into_iter()
        .map(|(key, quota)| {
            let scaled = quota * &scale;
            let floor = scaled.floor();
            (scaled - &floor, key, floor.to_integer().to_u64().unwrap())
        })
        .collect();
    parts.sort_by_key(|(_, (author, institution, place), _)| {
        (
            *author,
            institution.is_none(),
            *institution,
            place.locality().is_none(),
            place.country().is_none(),
            *place,
        )
    });
    // Keeps this order among equal remainders.
    parts.sort_by(|(one, _, _), (other, _, _)| other.cmp(one));
    if !parts.is_empty() {
        let missing = 1_000_000_000_000 - parts.iter().map(|part| part.2).sum::<u64>();
        parts
            .iter_mut()
            .take(missing.try_into().unwrap())
            .for_each(|part| part.2 += 1);
    }
    parts.into_iter().map(|(_, key, units)| (key, units)).collect()
}

/// Every entity of a kind that holds something of an article, with its units, and what is unresolved.
pub(crate) fn holdings(
    world: &World,
    article: &ResolvedArticle,
    kind: EntityKind,
) -> (BTreeMap<Entity, u64>, u64) {
    let mut held: BTreeMap<Entity, u64> = BTreeMap::new();
    let mut unresolved = 0;
    for ((_, institution, place), units) in divide(world, article, Method::default()) {
        let whole = |entity: Option<Entity>| entity.map(|entity| vec![(entity, units)]).unwrap_or_default();
        let pieces = match kind {
            EntityKind::Institution => whole(institution.map(Entity::Institution)),
            EntityKind::InstitutionRolled => {
                institution.map(|id| rolled(world, id, units)).unwrap_or_default()
            }
            EntityKind::Locality => whole(place.locality().map(Entity::Locality)),
            EntityKind::Country => whole(place.country().map(Entity::Country)),
            EntityKind::City => whole(place.locality().map(|id| {
                let metro = [
                    ("beijing", "beijing"),
                    ("paris", "paris"),
                    ("versailles", "paris"),
                ];
                let area = metro.iter().find(|(name, _)| world.geonames_id(name) == id);
                Entity::City(match area {
                    Some((_, area)) => CityId::parse(&format!("metro:{area}")).unwrap(),
                    None => CityId::Locality(id),
                })
            })),
            EntityKind::Sector | EntityKind::Group => panic!("no twin of {kind:?}"),
        };
        if pieces.is_empty() {
            unresolved += units;
        }
        for (entity, units) in pieces {
            *held.entry(entity).or_default() += units;
        }
    }
    (held, unresolved)
}

/// Where the small world's institutions go when rolled up; those not listed stand alone.
const ROLLED: [(&str, &[&str]); 14] = [
    ("J", &["P", "Q"]),
    ("J3", &["P", "Q", "R"]),
    ("P5", &["G5"]),
    ("J5", &["G5", "Q5"]),
    ("IoZ", &["CAS"]),
    ("IoP", &["CAS"]),
    ("Clinic", &["CNRS"]),
    ("Old", &["New"]),
    ("Split", &["C"]),
    ("LoopA", &["LoopB"]),
    ("Museum", &["CNRS"]),
    ("Lab", &["CNRS"]),
    ("Gone", &["P"]),
    ("Moved", &["P"]),
];

fn rolled(world: &World, id: RorId, units: u64) -> Vec<(Entity, u64)> {
    let mut tops: Vec<RorId> = ROLLED
        .iter()
        .filter(|(name, _)| world.ror_id(name) == id)
        .flat_map(|(_, tops)| tops.iter().map(|name| world.ror_id(name)))
        .collect();
    if tops.is_empty() {
        tops.push(id);
    }
    // J5 splits at P5 and Q5, P5 having the lower id: its half is G5's.
    let count = tops.len() as u64;
    let piece = |(position, top): (u64, RorId)| {
        (
            Entity::Institution(top),
            units / count + u64::from(position < units % count),
        )
    };
    (0..).zip(tops).map(piece).collect()
}
