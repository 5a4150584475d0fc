//! Place evidence: the countries, states and cities that an address prints, and what they add up to.
//!
//! `Cornell University, Ithaca, New York, USA` mentions Ithaca, New York (a city and a state) and the
//! United States; together they give Ithaca. A mention is strong if it is a whole segment or ends one:
//! `China Agricultural University` mentions China weakly. An ambiguous city stays a set until a country or
//! a state decides, and the largest stands for the rest.

use std::ops::Range;

use whence_model::{CountryCode, Place};
use whence_registry::{PlaceIndex, Registry};

use crate::gazetteer::Gazetteer;
use crate::hash;
use crate::index::{Index, PLACE_WORDS, SubdivisionRow};
use crate::segment::Address;

/// An acronym that is also the name of a place this large may be that place.
const CITY_POPULATION: u64 = 100_000;

/// City states: the name of the country is the name of the city.
const CITY_STATES: &[&str] = &["GI", "HK", "MC", "MO", "SG", "VA"];

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

impl Mention {
    /// A mention of nothing yet.
    fn new(tokens: Range<usize>) -> Self {
        Self {
            tokens,
            country: None,
            subdivisions: Vec::new(),
            localities: Vec::new(),
            strong: false,
        }
    }
}

/// Finds every mention of a place, longest first at each word; mentions do not overlap.
pub fn mentions(
    address: &Address<'_>,
    registry: &Registry,
    index: &Index,
    gazetteer: &Gazetteer,
) -> Vec<Mention> {
    let mixed = address.text.chars().any(char::is_lowercase);
    let mut found = Vec::new();
    let mut at = 0;
    while at < address.tokens.len() {
        match mention_at(address, at, registry, index, gazetteer, mixed) {
            Some(mention) => {
                at = mention.tokens.end;
                found.push(mention);
            }
            None => at += 1,
        }
    }
    mark_strong(address, &mut found);
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
    gazetteer: &Gazetteer,
    mixed: bool,
) -> Option<Mention> {
    let segment = &address.segment_of(start).tokens;
    let printed = address.tokens[start].span.text(address.text).unwrap_or_default();
    let by_code = if is_code(printed) {
        index.subdivisions(printed)
    } else {
        &[]
    };
    let mut longest = (!by_code.is_empty()).then(|| Mention::new(start..start + 1));
    let mut key = address.tokens[start].hash;
    for end in start + 1..=segment.end.min(start + PLACE_WORDS) {
        if end > start + 1 {
            key = hash::append(key, address.tokens[end - 1].hash);
        }
        let Some(named) = gazetteer.named(key, index) else {
            break;
        };
        if named.is_place() {
            let mut mention = Mention::new(start..end);
            mention.country = named.country;
            mention.subdivisions = named.subdivisions.to_vec();
            mention.localities = named.localities(index);
            longest = Some(mention);
        }
        if !named.continues {
            break;
        }
    }
    let mut longest = longest?;
    if longest.tokens.len() == 1 {
        longest.subdivisions.extend_from_slice(by_code);
    }
    // `IRIG` in an address that has small letters is an acronym, not a village.
    let printed = address
        .span(&longest.tokens)
        .text(address.text)
        .unwrap_or_default();
    if is_capitals(printed) && mixed && index.acronym(printed).len() > 0 {
        longest
            .localities
            .retain(|&place| registry.place(place).population() >= CITY_POPULATION);
    }
    let empty = longest.country.is_none() && longest.subdivisions.is_empty() && longest.localities.is_empty();
    (!empty).then_some(longest)
}

fn is_capitals(printed: &str) -> bool {
    !printed.is_empty() && printed.bytes().all(|b| b.is_ascii_uppercase())
}

/// `CA`, `NSW`: states are matched by code only as printed in capitals.
fn is_code(printed: &str) -> bool {
    (2..=3).contains(&printed.len()) && printed.bytes().all(|b| b.is_ascii_uppercase())
}

/// Words that say what kind of place the name before them is: `Shaoxing City`.
const PLACE_KINDS: &[&str] = &[
    "area",
    "autonomous",
    "city",
    "county",
    "district",
    "municipality",
    "prefecture",
    "province",
    "region",
    "state",
];

/// Marks the mentions that fill or end a segment, postcodes and places that follow aside.
fn mark_strong(address: &Address<'_>, mentions: &mut [Mention]) {
    let mut open_from = usize::MAX;
    for mention in mentions.iter_mut().rev() {
        let segment_end = address.segment_of(mention.tokens.start).tokens.end;
        let end = if open_from < segment_end && open_from >= mention.tokens.end {
            open_from
        } else {
            segment_end
        };
        mention.strong = (mention.tokens.end..end).all(|token| may_follow(address, token));
        if mention.strong {
            open_from = mention.tokens.start;
        }
    }
}

/// Whether a word may stand behind the name of a place and leave it one: postcodes, codes of states.
fn may_follow(address: &Address<'_>, token: usize) -> bool {
    let token = &address.tokens[token];
    token.word.bytes().any(|b| b.is_ascii_digit())
        || PLACE_KINDS.contains(&token.word.as_str())
        || is_code(token.span.text(address.text).unwrap_or_default())
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
                    choice.before_province,
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
            let in_printed_subdivision = others
                .iter()
                .any(|other| other.subdivisions.iter().any(is_in) && names_subdivision(other, country));
            let own_subdivisions = || {
                mention
                    .subdivisions
                    .iter()
                    .filter(|row| row.country == country.to_bytes())
            };
            // `Ibaraki` with Tsukuba is the prefecture, and not the city of that name elsewhere.
            let elsewhere = own_subdivisions().next().is_some() && !own_subdivisions().any(is_in);
            if elsewhere && !in_printed_subdivision {
                return None;
            }
            // Where the capital of the province is printed behind the town, the first is the town.
            let first = std::cmp::Reverse(mention.tokens.start);
            let before_province = PROVINCES_PRINTED.contains(&country.as_str()).then_some(first);
            let may_be_subdivision =
                own_subdivisions().next().is_some() && names_subdivision(mention, country);
            Some(Choice {
                place,
                population: view.population(),
                in_printed_subdivision,
                may_be_subdivision,
                before_province,
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

/// Countries whose addresses print the state behind the city. Elsewhere a name that is both is the city.
const STATES_PRINTED: &[&str] = &["AR", "AU", "BR", "CA", "IN", "JP", "MX", "US"];

/// Countries whose addresses print the province behind the town, by the name of its capital.
const PROVINCES_PRINTED: &[&str] = &["ES"];

/// Whether a mention that could be a state of the country is one: it is no city, or states are printed.
fn names_subdivision(mention: &Mention, country: CountryCode) -> bool {
    mention.localities.is_empty() || STATES_PRINTED.contains(&country.as_str())
}

struct Choice {
    place: PlaceIndex,
    population: u64,
    in_printed_subdivision: bool,
    may_be_subdivision: bool,
    before_province: Option<std::cmp::Reverse<usize>>,
}

/// The state of which a territory that has a country code of its own is a part.
fn sovereign(country: CountryCode) -> Option<&'static str> {
    Some(match country.as_str() {
        "HK" | "MO" | "TW" => "CN",
        "BL" | "GF" | "GP" | "MF" | "MQ" | "NC" | "PF" | "PM" | "RE" | "WF" | "YT" => "FR",
        "AS" | "GU" | "MP" | "PR" | "VI" => "US",
        "AW" | "BQ" | "CW" | "SX" => "NL",
        "FO" | "GL" => "DK",
        "BM" | "FK" | "GG" | "GI" | "IM" | "JE" | "KY" => "GB",
        "AX" => "FI",
        "SJ" => "NO",
        _ => return None,
    })
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
    let printed = countries
        .iter()
        .rev()
        .find(|(mention, _)| !is_state_of_another(mention));
    if let Some((_, country)) = printed {
        // `Hong Kong, China`: the territory says more.
        let territory = countries
            .iter()
            .find(|(_, other)| sovereign(*other) == Some(country.as_str()));
        return Some(territory.map_or(*country, |(_, territory)| *territory));
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
