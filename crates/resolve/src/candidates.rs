//! Candidates: every registry record that some words of an address could name.
//!
//! Three ways lead to a candidate: its name stands in the address word for word; much of its name's weight
//! stands close together, perhaps misspelt, turned or with words between (`approximate`); or its acronym
//! does. A candidate never crosses a statement. Nothing is judged here beyond what keeps the list short: of
//! each record only its best hit is kept.

mod approximate;

use std::ops::Range;

use whence_registry::{InstitutionIndex, PlaceIndex, Registry};

use crate::index::{Index, NameId, NameRange};
use crate::place::Mention;
use crate::segment::Address;
use crate::words::WordKinds;

/// Of longer names that begin alike, so many are looked at.
const BEGUN_LOOKED_AT: usize = 120;
/// So many are kept.
const BEGUN_MAX: usize = 5;
/// The printed beginning holds at least this much of the name, in thousandths.
const BEGUN_COVERAGE_MIN: u64 = 330;

/// How a candidate was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By its acronym.
    Acronym,
    /// By most of a name.
    Approximate,
    /// By a name, word for word.
    Exact,
}

/// Words that could name a record. Weights and coverages are in thousandths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The record.
    pub institution: InstitutionIndex,
    /// The name that was found; none for an acronym.
    pub name: Option<NameId>,
    /// How.
    pub how: How,
    /// The words, from the first to the last.
    pub tokens: Range<usize>,
    /// How much of the name's weight the words hold, in whatever order.
    pub coverage: u32,
    /// How much of the name's weight stands in the name's order.
    pub in_order: u32,
    /// Words of the name that follow each other as in the name, at most.
    pub run: u32,
    /// Weight of the words between that are not of the name, in thousandths of a bit.
    pub inserted: u32,
    /// Words that count as misspelt.
    pub misspelt: u32,
    /// Longer names that begin with the same words; none unless exact.
    pub continuations: u32,
}

/// A record with its best hit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The best hit.
    pub hit: Hit,
    /// Whether its acronym stands in the address too.
    pub acronym_too: bool,
    /// How many hits it has.
    pub hits: u32,
}

/// Whether two stretches of words share one.
pub fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// All candidates of an address, one for each record, in order of record.
pub fn candidates(
    address: &Address<'_>,
    registry: &Registry,
    index: &Index,
    mentions: &[Mention],
    kinds: &WordKinds,
) -> Vec<Candidate> {
    let mut hits = exact(address, registry, index, mentions);
    acronyms(address, index, &mut hits);
    approximate::approximate(address, index, mentions, kinds, &mut hits);
    hits.retain(|hit| !is_own_city(hit, registry, mentions));
    best_of_each(hits, index)
}

/// Whether the words are just the name of a place where the record could stand: places name no institution.
fn is_own_city(hit: &Hit, registry: &Registry, mentions: &[Mention]) -> bool {
    if hit.how == How::Acronym {
        return false;
    }
    let record = registry.institution(hit.institution);
    let over =
        |mention: &&Mention| mention.tokens.start <= hit.tokens.start && hit.tokens.end <= mention.tokens.end;
    mentions.iter().filter(over).any(|mention| {
        let in_country = |&place: &PlaceIndex| record.country() == Some(registry.place(place).country());
        record
            .locations()
            .any(|place| mention.localities.contains(&place))
            || (mention.strong && mention.localities.iter().any(in_country))
    })
}

fn best_of_each(mut hits: Vec<Hit>, index: &Index) -> Vec<Candidate> {
    hits.sort_by_cached_key(|hit| {
        (
            hit.institution,
            std::cmp::Reverse(worth(hit, index)),
            hit.tokens.start,
            hit.name,
        )
    });
    let mut candidates: Vec<Candidate> = Vec::new();
    for hit in hits {
        match candidates.last_mut() {
            Some(last) if last.hit.institution == hit.institution => {
                last.acronym_too |= hit.how == How::Acronym && last.hit.tokens != hit.tokens;
                last.hits += 1;
            }
            _ => candidates.push(Candidate {
                hit,
                acronym_too: false,
                hits: 1,
            }),
        }
    }
    candidates
}

/// How much a hit says: the weight that it holds, less where words are missing, added or turned.
fn worth(hit: &Hit, index: &Index) -> i64 {
    let weight = hit
        .name
        .and_then(|name| index.name(name))
        .map_or(7_000, |row| i64::from(row.weight.get()));
    let (coverage, in_order) = (i64::from(hit.coverage), i64::from(hit.in_order));
    let held = weight * coverage / 1000 * coverage / 1000 * (1000 + in_order) / 2000;
    let penalty = i64::from(hit.inserted) / 3 + if hit.how == How::Acronym { 500 } else { 0 };
    // Of two kinds of name that are the same words, the one that is shown says more.
    let kind = hit
        .name
        .and_then(|name| index.name(name))
        .map_or(0, |row| row.kind() as i64);
    (held - penalty) * 8 - kind
}

fn exact(address: &Address<'_>, registry: &Registry, index: &Index, mentions: &[Mention]) -> Vec<Hit> {
    let mut found = Vec::new();
    for start in 0..address.tokens.len() {
        let statement = address.segment_of(start).statement;
        let Some(first) = address.tokens[start].id else {
            continue;
        };
        let mut range = index.names_beginning(first);
        let mut end = start + 1;
        while !range.is_empty() {
            let complete = index.complete(range).count();
            let continuations = u32::try_from(range.len() - complete).unwrap_or(u32::MAX);
            found.extend(index.complete(range).filter_map(|name| {
                let row = index.name(name)?;
                let one_segment = address.tokens[start].segment == address.tokens[end - 1].segment;
                if row.is_turned() && !one_segment {
                    return None;
                }
                Some(Hit {
                    institution: InstitutionIndex::new(row.institution.get()),
                    name: Some(name),
                    how: How::Exact,
                    tokens: start..end,
                    coverage: 1000,
                    in_order: 1000,
                    run: u32::from(row.token_count.get()),
                    inserted: 0,
                    misspelt: 0,
                    continuations,
                })
            }));
            let next = address
                .tokens
                .get(end)
                .filter(|_| address.segment_of(end).statement == statement);
            let narrowed = next.and_then(|token| token.id).map(|next| {
                if end - start == 1 {
                    index.names_beginning_with(first, next)
                } else {
                    index.narrow(range, next)
                }
            });
            let Some(narrowed) = narrowed.filter(|narrowed| !narrowed.is_empty()) else {
                if end - start > 1 && range.len() > complete {
                    begun(range, start..end, registry, index, mentions, &mut found);
                }
                break;
            };
            range = narrowed;
            end += 1;
        }
    }
    found
}

/// Longer names of which only the beginning is printed: `Washington University` for `Washington University
/// in St. Louis`. Those whose place is printed come first, then those that the registry says most of.
fn begun(
    range: NameRange,
    tokens: Range<usize>,
    registry: &Registry,
    index: &Index,
    mentions: &[Mention],
    found: &mut Vec<Hit>,
) {
    let printed: u32 = index.name(range.first()).map_or(0, |row| {
        index
            .name_tokens(row)
            .take(tokens.len())
            .map(|token| index.weight(token))
            .sum()
    });
    let mut longer: Vec<(u64, NameId, InstitutionIndex)> = index
        .names_in(range)
        .take(BEGUN_LOOKED_AT)
        .filter_map(|name| {
            let row = index.name(name)?;
            let longer = usize::from(row.token_count.get()) > tokens.len();
            let enough = u64::from(printed) * 1000 >= u64::from(row.weight.get()) * BEGUN_COVERAGE_MIN;
            if !longer || !enough {
                return None;
            }
            let institution = InstitutionIndex::new(row.institution.get());
            let record = registry.institution(institution);
            let said = (record.children().len() * 2 + record.names().len()) as u64;
            let bonus = approximate::place_bonus(institution, index, mentions);
            Some((bonus * 1000 + said, name, institution))
        })
        .collect();
    longer.sort_by_key(|&(worth, name, _)| (std::cmp::Reverse(worth), name));
    let mut taken = 0;
    for (_, name, institution) in longer {
        if found
            .iter()
            .any(|hit| hit.institution == institution && hit.tokens == tokens)
        {
            continue;
        }
        let weight = index
            .name(name)
            .map_or(1, |row| u64::from(row.weight.get().max(1)));
        let coverage = u32::try_from(u64::from(printed) * 1000 / weight)
            .unwrap_or(1000)
            .min(1000);
        found.push(Hit {
            institution,
            name: Some(name),
            how: How::Approximate,
            tokens: tokens.clone(),
            coverage,
            in_order: coverage,
            run: u32::try_from(tokens.len()).unwrap_or(0),
            inserted: 0,
            misspelt: 0,
            continuations: 0,
        });
        taken += 1;
        if taken == BEGUN_MAX {
            break;
        }
    }
}

fn acronyms(address: &Address<'_>, index: &Index, found: &mut Vec<Hit>) {
    if !address.text.chars().any(char::is_lowercase) && address.tokens.len() > 3 {
        return;
    }
    for (at, token) in address.tokens.iter().enumerate() {
        let printed = token.span.text(address.text).unwrap_or_default();
        if !looks_like_acronym(printed) || names_unit(address, at) {
            continue;
        }
        found.extend(index.acronym(printed).map(|institution| Hit {
            institution,
            name: None,
            how: How::Acronym,
            tokens: at..at + 1,
            coverage: 1000,
            in_order: 1000,
            run: 1,
            inserted: 0,
            misspelt: 0,
            continuations: 0,
        }));
    }
}

/// Words that number a research unit: `UMR 5086` is a unit, not a name.
const NUMBERED_UNITS: &[&str] = &[
    "cic", "ea", "erl", "fre", "irl", "je", "u", "umi", "umr", "umrs", "ums", "upr", "upres", "ur", "usc",
    "usr",
];

fn names_unit(address: &Address<'_>, at: usize) -> bool {
    let token = &address.tokens[at];
    let next = address
        .tokens
        .get(at + 1)
        .filter(|next| next.segment == token.segment);
    NUMBERED_UNITS.contains(&token.word.as_str())
        && next.is_some_and(|next| next.word.bytes().any(|b| b.is_ascii_digit()))
}

/// At least two capitals, and more capitals than small letters; or a capital and three letters or more,
/// as in `Inserm`, which only a registered acronym of as many letters can meet.
fn looks_like_acronym(printed: &str) -> bool {
    let capitals = printed.chars().filter(|c| c.is_uppercase()).count();
    let small = printed.chars().filter(|c| c.is_lowercase()).count();
    (capitals >= 2 && capitals > small) || (capitals >= 1 && capitals + small >= 4)
}
