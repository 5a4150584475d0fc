//! Whether the place of an answer is the labelled one. Spellings of one place are one.

use whence_model::{CountryCode, Place};
use whence_resolve::Resolver;

use super::gold::GoldRow;

/// Whether the country is the labelled one; none if the row says no country.
pub fn country_right(gold: &GoldRow, answered: Place) -> Option<bool> {
    let country = gold.country.as_deref()?;
    Some(answered.country().is_some_and(|found| found.as_str() == country))
}

/// Whether the locality is the labelled one: a place of the labelled country that the labelled name is a
/// name of, in whatever spelling. None if the row says no locality.
pub fn locality_right(resolver: &Resolver, gold: &GoldRow, answered: Place) -> Option<bool> {
    let name = gold.locality.as_deref()?;
    let country = gold
        .country
        .as_deref()
        .and_then(|code| CountryCode::parse(code).ok());
    let registry = resolver.registry();
    let found = answered.locality().and_then(|id| registry.find_place(id));
    Some(found.is_some_and(|found| {
        let place = registry.place(found);
        let key = resolver.splitter().key(name);
        let named = resolver.index().places(&key).any(|place| place == found)
            || without_spaces(&resolver.splitter().key(place.name())) == without_spaces(&key);
        named && country.is_none_or(|country| place.country() == country)
    }))
}

fn without_spaces(key: &str) -> String {
    key.replace(' ', "")
}
