//! Place evidence: the countries, states and cities that an address prints, and what they add up to.
//!
//! `Cornell University, Ithaca, New York, USA` mentions Ithaca, New York (a city and a state) and the
//! United States; together they give Ithaca. A mention is strong if it is a whole segment or ends one:
//! `China Agricultural University` mentions China weakly. An ambiguous city stays a set until a country or
//! a state decides, and the largest stands for the rest.

use std::collections::HashMap;
use std::ops::Range;

use whence_model::{CountryCode, Place};
use whence_registry::{PlaceIndex, Registry};

use crate::index::{Index, PLACE_WORDS, SubdivisionRow, joined_key};
use crate::segment::Address;
use crate::text::Splitter;

/// An acronym that is also the name of a place this large may be that place.
const CITY_POPULATION: u64 = 100_000;

/// City states: the name of the country is the name of the city.
const CITY_STATES: &[&str] = &["GI", "HK", "MC", "MO", "SG", "VA"];

/// Countries by the keys of their names.
pub struct Countries {
    by_key: HashMap<String, CountryCode>,
}

impl Countries {
    /// The countries of a registry.
    pub fn new(registry: &Registry, splitter: &Splitter, index: &Index) -> Self {
        let mut by_key = HashMap::new();
        for country in registry.countries() {
            let names = std::iter::once(&country.name).chain(&country.alternates);
            by_key.extend(
                names
                    .map(|name| {
                        (
                            joined_key(&splitter.key(name), |word| index.token(word).is_some()),
                            country.code,
                        )
                    })
                    .filter(|(key, _)| !key.is_empty()),
            );
        }
        Self { by_key }
    }
}

/// One mention of a place in an address. The same words may be several kinds of place at once.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Its tokens.
    pub tokens: Range<usize>,
    /// The country of that name.
    pub country: Option<CountryCode>,
    /// The states and provinces of that name.
    pub subdivisions: Vec<SubdivisionRow>,
    /// The populated places of that name, the largest first.
    pub localities: Vec<PlaceIndex>,
    /// Whether it fills or ends a segment, postcodes aside.
    pub strong: bool,
}

/// Finds every mention of a place, longest first at each word; mentions do not overlap.
pub fn mentions(
    address: &Address<'_>,
    registry: &Registry,
    index: &Index,
    countries: &Countries,
) -> Vec<Mention> {
    let mixed = address.text.chars().any(char::is_lowercase);
    let mut found = Vec::new();
    let mut at = 0;
    while at < address.tokens.len() {
        match mention_at(address, at, registry, index, countries, mixed) {
            Some(mention) => {
                at = mention.tokens.end;
                found.push(mention);
            }
            None => at += 1,
        }
    }
    found
}

/// For each token, whether some of the mentions stand over it.
pub fn place_tokens(address: &Address<'_>, mentions: &[Mention]) -> Vec<bool> {
    let mut places = vec![false; address.tokens.len()];
    for mention in mentions {
        places[mention.tokens.clone()].fill(true);
    }
    places
}

fn mention_at(
    address: &Address<'_>,
    start: usize,
    registry: &Registry,
    index: &Index,
    countries: &Countries,
    mixed: bool,
) -> Option<Mention> {
    let segment = &address.segment_of(start).tokens;
    let end_max = segment.end.min(start + PLACE_WORDS);
    let mut key = String::new();
    let mut longest = None;
    for end in start + 1..=end_max {
        if end > start + 1 {
            key.push(' ');
        }
        key.push_str(&address.tokens[end - 1].word);
        let country = countries.by_key.get(&key).copied();
        let printed = address.span(&(start..end)).text(address.text).unwrap_or_default();
        let mut subdivisions = index.subdivisions(&key).to_vec();
        subdivisions.extend_from_slice(if is_code(printed) {
            index.subdivisions(printed)
        } else {
            &[]
        });
        let mut localities: Vec<PlaceIndex> = index.places(&key).collect();
        // `IRIG` in an address that has small letters is an acronym, not a village.
        if is_capitals(printed) && mixed && index.acronym(printed).len() > 0 {
            localities.retain(|&place| registry.place(place).population() >= CITY_POPULATION);
        }
        if country.is_some() || !subdivisions.is_empty() || !localities.is_empty() {
            let strong = fills_or_ends(address, start..end, segment);
            longest = Some(Mention {
                tokens: start..end,
                country,
                subdivisions,
                localities,
                strong,
            });
        }
    }
    longest
}

fn is_capitals(printed: &str) -> bool {
    !printed.is_empty() && printed.bytes().all(|b| b.is_ascii_uppercase())
}

/// `CA`, `NSW`: states are matched by code only as printed in capitals.
fn is_code(printed: &str) -> bool {
    (2..=3).contains(&printed.len()) && printed.bytes().all(|b| b.is_ascii_uppercase())
}

/// Whether nothing but numbers and codes stands in the segment after the tokens, or the tokens begin
/// the segment's last part and only further short words follow.
fn fills_or_ends(address: &Address<'_>, tokens: Range<usize>, segment: &Range<usize>) -> bool {
    let is_postcode = |index: usize| {
        let token = &address.tokens[index];
        token.word.bytes().any(|b| b.is_ascii_digit())
            || is_code(token.span.text(address.text).unwrap_or_default())
    };
    (tokens.end..segment.end).all(is_postcode)
}

/// What the mentions in a range of tokens add up to.
pub struct Evidence<'m> {
    mentions: Vec<&'m Mention>,
    country: Option<CountryCode>,
    locality: Option<PlaceIndex>,
}

impl<'m> Evidence<'m> {
    /// The evidence of the mentions whose tokens lie in the range and pass the filter.
    pub fn gather(
        mentions: &'m [Mention],
        tokens: &Range<usize>,
        registry: &Registry,
        keep: impl Fn(&Mention) -> bool,
    ) -> Self {
        let inside =
            |mention: &&Mention| tokens.start <= mention.tokens.start && mention.tokens.end <= tokens.end;
        let mentions: Vec<&Mention> = mentions
            .iter()
            .filter(inside)
            .filter(|mention| keep(mention))
            .collect();
        let country = country(&mentions, registry);
        let mut evidence = Self {
            mentions,
            country,
            locality: None,
        };
        evidence.locality = evidence.best_locality(registry);
        evidence
    }

    /// The country, if one is printed or follows from a state or a city.
    pub fn country(&self) -> Option<CountryCode> {
        self.country
    }

    /// Whether a place of this name is mentioned, in a mention that passes the filter, that could be this one.
    pub fn mentions_place(&self, place: PlaceIndex, keep: impl Fn(&Mention) -> bool) -> bool {
        self.mentions
            .iter()
            .any(|mention| mention.localities.contains(&place) && keep(mention))
    }

    /// Whether the state or province is mentioned.
    pub fn mentions_subdivision(&self, country: CountryCode, admin1_code: &str) -> bool {
        let mut subdivisions = self.mentions.iter().flat_map(|mention| &mention.subdivisions);
        subdivisions.any(|subdivision| subdivision.is(country, admin1_code))
    }

    /// The place: the locality if one is printed, else the country.
    pub fn place(&self, registry: &Registry) -> Place {
        if let Some(place) = self.locality {
            let view = registry.place(place);
            return Place::Locality(view.geonames_id(), view.country());
        }
        self.country.map_or(Place::Unknown, Place::Country)
    }

    /// Whether the country itself is printed.
    pub fn prints_country(&self) -> bool {
        self.mentions
            .iter()
            .any(|mention| mention.country.is_some() && mention.country == self.country)
    }

    /// The locality that is printed, if any.
    pub fn locality(&self) -> Option<PlaceIndex> {
        self.locality
    }

    /// The best locality: among strong mentions before weak ones, that of a printed state before others,
    /// then the largest. What is also a state of the printed country yields to a city inside it.
    fn best_locality(&self, registry: &Registry) -> Option<PlaceIndex> {
        let best = |strong: bool| {
            let mentions = self.mentions.iter().filter(|mention| mention.strong == strong);
            let choices = mentions.filter_map(|mention| self.locality_of(mention, registry));
            choices.max_by_key(|choice| {
                (
                    choice.in_printed_subdivision,
                    !choice.may_be_subdivision,
                    choice.population,
                )
            })
        };
        best(true).map(|choice| choice.place)
    }

    fn locality_of(&self, mention: &Mention, registry: &Registry) -> Option<Choice> {
        if let Some(code) = mention.country
            && !(CITY_STATES.contains(&code.as_str()) || self.repeats(mention))
        {
            return None;
        }
        let others = |mention: &Mention| {
            self.mentions
                .iter()
                .filter(|other| other.tokens != mention.tokens)
                .copied()
                .collect::<Vec<_>>()
        };
        let others = others(mention);
        let choices = mention.localities.iter().filter_map(|&place| {
            let view = registry.place(place);
            let country = view.country();
            if self.country.is_some_and(|printed| printed != country) {
                return None;
            }
            let is_in = |row: &SubdivisionRow| row.is(country, view.admin1_code());
            let in_printed_subdivision = others.iter().any(|other| other.subdivisions.iter().any(is_in));
            let may_be_subdivision = mention
                .subdivisions
                .iter()
                .any(|row| row.country == country.to_bytes());
            Some(Choice {
                place,
                population: view.population(),
                in_printed_subdivision,
                may_be_subdivision,
            })
        });
        choices.max_by_key(|choice| (choice.in_printed_subdivision, choice.population))
    }

    /// Whether a country's name is printed twice, as in `Luxembourg, Luxembourg`: the first is the city.
    fn repeats(&self, mention: &Mention) -> bool {
        self.mentions
            .iter()
            .any(|other| other.country == mention.country && other.tokens.start > mention.tokens.start)
    }
}

struct Choice {
    place: PlaceIndex,
    population: u64,
    in_printed_subdivision: bool,
    may_be_subdivision: bool,
}

/// The country that the mentions agree on: the last one printed strongly, unless its name is that of a
/// state whose country is printed too (`Georgia, USA`); else that of a state; else that of the largest city.
fn country(mentions: &[&Mention], registry: &Registry) -> Option<CountryCode> {
    let printed = |mention: &&Mention| mention.strong && mention.country.is_some();
    let countries: Vec<(&Mention, CountryCode)> = mentions
        .iter()
        .filter(|m| printed(m))
        .filter_map(|m| Some((*m, m.country?)))
        .collect();
    let is_state_of_another = |mention: &Mention| {
        mention
            .subdivisions
            .iter()
            .any(|row| countries.iter().any(|(_, other)| row.country == other.to_bytes()))
    };
    if let Some((_, country)) = countries
        .iter()
        .rev()
        .find(|(mention, _)| !is_state_of_another(mention))
    {
        return Some(*country);
    }
    let states = mentions
        .iter()
        .rev()
        .filter(|mention| mention.strong && mention.country.is_none());
    for mention in states.clone() {
        let cities = |row: &&SubdivisionRow| {
            mentions.iter().any(|other| {
                other.tokens != mention.tokens
                    && other.localities.iter().any(|&place| {
                        let view = registry.place(place);
                        row.is(view.country(), view.admin1_code())
                    })
            })
        };
        let supported = mention.subdivisions.iter().find(cities);
        let alone = if mention.subdivisions.len() == 1 && mention.localities.is_empty() {
            mention.subdivisions.first()
        } else {
            None
        };
        if let Some(row) = supported.or(alone) {
            return CountryCode::parse(&String::from_utf8_lossy(&row.country)).ok();
        }
    }
    if let Some((_, country)) = countries.last() {
        return Some(*country);
    }
    let largest = states
        .filter_map(|mention| mention.localities.first())
        .max_by_key(|&&place| registry.place(place).population());
    largest.map(|&place| registry.place(place).country())
}
