//! Approximate names: names most of whose weight stands close together in a statement.
//!
//! Each telling word of a statement (itself, or what it may be a misspelling of) brings the names that
//! hold it; a name's worth so far is the weight that it has gathered. The best are then looked at closely:
//! in which segment, or two neighbouring ones, most of the name stands, in what order, with what between.

use std::cell::RefCell;
use std::ops::Range;

use whence_registry::{InstitutionIndex, Registry};

use super::{Hit, How};
use crate::index::{Index, NameId, TokenId};
use crate::place::Mention;
use crate::segment::Address;

/// Tokens that more names use than this start no search.
const POSTINGS_MAX: usize = 2_500;
/// Names that are looked at closely, for each segment.
const CLOSE_MAX: usize = 32;
/// Hits kept for each segment.
const HITS_MAX: usize = 4;
/// Hits cover at least this much of their name, in thousandths.
const COVERAGE_MIN: u32 = 500;
/// The same for a hit that is one word.
const COVERAGE_MIN_ONE_WORD: u32 = 600;
/// Shorter words are not searched for misspellings.
const MISSPELT_LETTERS_MIN: usize = 5;

/// What a word could be: itself, or a word of the registry that it could be a misspelling of, with how
/// much of its weight it keeps, in thousandths.
#[derive(Clone, Copy)]
struct Reading {
    position: usize,
    token: TokenId,
    gain: u32,
    misspelt: bool,
}

/// What a name has gathered so far.
#[derive(Default)]
struct Gathered {
    held: Vec<u32>,
    touched: Vec<NameId>,
}

thread_local! {
    static GATHERED: RefCell<Gathered> = RefCell::default();
}

/// Adds the approximate hits of each statement.
pub(super) fn approximate(
    address: &Address<'_>,
    registry: &Registry,
    index: &Index,
    mentions: &[Mention],
    found: &mut Vec<Hit>,
) {
    let mut first = 0;
    while first < address.segments.len() {
        let statement = address.segments[first].statement;
        let after = address.segments[first..]
            .iter()
            .position(|segment| segment.statement != statement);
        let last = after.map_or(address.segments.len(), |count| first + count);
        in_statement(address, registry, index, mentions, first..last, found);
        first = last;
    }
}

fn in_statement(
    address: &Address<'_>,
    registry: &Registry,
    index: &Index,
    mentions: &[Mention],
    segments: Range<usize>,
    found: &mut Vec<Hit>,
) {
    let tokens = address.segments[segments.start].tokens.start..address.segments[segments.end - 1].tokens.end;
    let readings = readings(address, tokens, index);
    for segment in segments.clone() {
        let own = &address.segments[segment].tokens;
        let first = readings.partition_point(|reading| reading.position < own.start);
        let last = readings.partition_point(|reading| reading.position < own.end);
        let names = GATHERED.with_borrow_mut(|gathered| {
            promising(&readings[first..last], registry, index, mentions, gathered)
        });
        let window = segment.saturating_sub(1).max(segments.start)..(segment + 2).min(segments.end);
        let mut hits: Vec<(u64, Hit)> = names
            .into_iter()
            .filter_map(|name| closely(name, address, &readings, segment, window.clone(), index))
            .filter(|hit| !is_place(hit, mentions))
            .map(|hit| (worth(&hit, registry, index, mentions), hit))
            .collect();
        hits.sort_by_key(|(worth, hit)| (std::cmp::Reverse(*worth), hit.name));
        keep_best(hits, found);
    }
}

/// Keeps the best hits, and the best of each stretch of words that none of them touches.
fn keep_best(hits: Vec<(u64, Hit)>, found: &mut Vec<Hit>) {
    let first = found.len();
    for (rank, (_, hit)) in hits.into_iter().enumerate() {
        let touched =
            |other: &Hit| other.tokens.start < hit.tokens.end && hit.tokens.start < other.tokens.end;
        if rank < HITS_MAX || (found.len() - first < HITS_MAX * 2 && !found[first..].iter().any(touched)) {
            found.push(hit);
        }
    }
}

fn readings(address: &Address<'_>, tokens: Range<usize>, index: &Index) -> Vec<Reading> {
    let mut readings = Vec::with_capacity(tokens.len());
    for position in tokens {
        let token = &address.tokens[position];
        match token.id {
            Some(id) => readings.push(Reading {
                position,
                token: id,
                gain: index.weight(id),
                misspelt: false,
            }),
            None => similar(&token.word, index, |id, kept| {
                readings.push(Reading {
                    position,
                    token: id,
                    gain: index.weight(id) * kept / 1000,
                    misspelt: true,
                });
            }),
        }
    }
    readings
}

/// The words of the registry that differ from a word by one edit, or by two if it is long. The first
/// three letters are taken as right.
fn similar(word: &str, index: &Index, mut each: impl FnMut(TokenId, u32)) {
    let letters = word.chars().count();
    if letters < MISSPELT_LETTERS_MIN || word.bytes().any(|b| b.is_ascii_digit()) {
        return;
    }
    let edits_max = if letters < 9 { 1 } else { 2 };
    let prefix: String = word.chars().take(3).collect();
    let mut found = Vec::new();
    index.words_beginning(&prefix, |other, token| {
        if other.len().abs_diff(word.len()) <= edits_max {
            let edits = strsim::osa_distance(word, other);
            if edits <= edits_max {
                found.push((token, if edits == 1 { 930 } else { 850 }));
            }
        }
    });
    found.sort_by_key(|&(token, kept)| (std::cmp::Reverse(kept), token));
    found.truncate(4);
    for (token, kept) in found {
        each(token, kept);
    }
}

/// The names that gathered most of their weight.
fn promising(
    readings: &[Reading],
    registry: &Registry,
    index: &Index,
    mentions: &[Mention],
    gathered: &mut Gathered,
) -> Vec<NameId> {
    if gathered.held.len() < index.name_count() {
        gathered.held.resize(index.name_count(), 0);
    }
    for (at, reading) in readings.iter().enumerate() {
        let names = index.names_with(reading.token);
        let seen = readings[..at].iter().any(|before| before.token == reading.token);
        if seen || names.len() > POSTINGS_MAX {
            continue;
        }
        for name in names {
            let held = &mut gathered.held[name.0 as usize];
            if *held == 0 {
                gathered.touched.push(name);
            }
            *held += reading.gain;
        }
    }
    let mut ranked: Vec<(u64, NameId)> = Vec::new();
    for name in gathered.touched.drain(..) {
        let held = u64::from(std::mem::take(&mut gathered.held[name.0 as usize]));
        let Some(row) = index.name(name) else { continue };
        let weight = u64::from(row.weight.get().max(1));
        if held * 10 >= weight * 3 {
            let place = place_bonus(InstitutionIndex::new(row.institution.get()), registry, mentions);
            ranked.push((held * held / weight * place, name));
        }
    }
    if ranked.len() > CLOSE_MAX {
        ranked.select_nth_unstable_by_key(CLOSE_MAX, |&(worth, name)| (std::cmp::Reverse(worth), name));
        ranked.truncate(CLOSE_MAX);
    }
    ranked.into_iter().map(|(_, name)| name).collect()
}

/// Whether the one word of a hit is where something stands: `Boston` in `…, Boston, MA`.
fn is_place(hit: &Hit, mentions: &[Mention]) -> bool {
    let over = |mention: &Mention| mention.strong && mention.tokens.contains(&hit.tokens.start);
    hit.tokens.len() == 1 && mentions.iter().any(over)
}

/// Ten, more where the record's city or country is mentioned.
pub(super) fn place_bonus(institution: InstitutionIndex, registry: &Registry, mentions: &[Mention]) -> u64 {
    let Some(place) = registry.institution(institution).main_location() else {
        return 10;
    };
    let is_city = |mention: &Mention| mention.localities.contains(&place);
    if mentions.iter().any(is_city) {
        return 16;
    }
    let country = registry.place(place).country();
    if mentions.iter().any(|mention| mention.country == Some(country)) {
        13
    } else {
        10
    }
}

fn worth(hit: &Hit, registry: &Registry, index: &Index, mentions: &[Mention]) -> u64 {
    let weight = hit
        .name
        .and_then(|name| index.name(name))
        .map_or(0, |row| row.weight.get());
    let held = u64::from(weight) * u64::from(hit.coverage) / 1000 * u64::from(hit.coverage) / 1000;
    held.saturating_sub(u64::from(hit.inserted) / 3) * place_bonus(hit.institution, registry, mentions)
}

/// Where a name stands best, if anywhere well enough.
fn closely(
    name: NameId,
    address: &Address<'_>,
    readings: &[Reading],
    segment: usize,
    around: Range<usize>,
    index: &Index,
) -> Option<Hit> {
    let row = index.name(name)?;
    let mut matched: Vec<(usize, Reading)> = Vec::with_capacity(16);
    for (order, token) in index.name_tokens(row).enumerate() {
        matched.extend(
            readings
                .iter()
                .filter(|reading| reading.token == token)
                .map(|reading| (order, *reading)),
        );
    }
    let mut best: Option<(i64, Hit)> = None;
    let windows = [
        segment..segment + 1,
        around.start..segment + 1,
        segment..around.end,
    ];
    for window in windows {
        let tokens = address.segments[window.start].tokens.start..address.segments[window.end - 1].tokens.end;
        let Some(hit) = in_window(name, &matched, &tokens, address, index) else {
            continue;
        };
        let value = i64::from(row.weight.get()) * i64::from(hit.coverage) / 1000
            - i64::from(hit.inserted) / 2
            - if window.len() > 1 { 400 } else { 0 };
        if best.as_ref().is_none_or(|(other, _)| value > *other) {
            best = Some((value, hit));
        }
    }
    best.map(|(_, hit)| hit).filter(|hit| {
        hit.coverage
            >= if hit.tokens.len() > 1 {
                COVERAGE_MIN
            } else {
                COVERAGE_MIN_ONE_WORD
            }
    })
}

fn in_window(
    name: NameId,
    matched: &[(usize, Reading)],
    tokens: &Range<usize>,
    address: &Address<'_>,
    index: &Index,
) -> Option<Hit> {
    let row = index.name(name)?;
    let mut used: Vec<(usize, Reading)> = Vec::with_capacity(16);
    for &(order, reading) in matched
        .iter()
        .filter(|(_, reading)| tokens.contains(&reading.position))
    {
        let taken = used.iter().any(|(_, other)| other.position == reading.position);
        let order_taken = used.last().is_some_and(|(last, _)| *last == order);
        if !taken && !order_taken {
            used.push((order, reading));
        }
    }
    let start = used.iter().map(|(_, reading)| reading.position).min()?;
    let end = used.iter().map(|(_, reading)| reading.position).max()? + 1;
    let held: u32 = used.iter().map(|(_, reading)| reading.gain).sum();
    let mut in_order = 0;
    let mut run = 1;
    let mut longest = 1;
    let mut previous: Option<(usize, usize)> = None;
    for (order, reading) in &used {
        if previous.is_none_or(|(_, position)| reading.position > position) {
            in_order += reading.gain;
        }
        let follows = previous.is_some_and(|(o, p)| *order == o + 1 && reading.position == p + 1);
        run = if follows { run + 1 } else { 1 };
        longest = longest.max(run);
        previous = Some((*order, reading.position));
    }
    let inserted = (start..end)
        .filter(|position| used.iter().all(|(_, reading)| reading.position != *position))
        .map(|position| address.tokens[position].id.map_or(8_000, |id| index.weight(id)))
        .sum();
    let part = |weight: u32| {
        let part = u64::from(weight) * 1000 / u64::from(row.weight.get().max(1));
        u32::try_from(part).unwrap_or(1000).min(1000)
    };
    Some(Hit {
        institution: InstitutionIndex::new(row.institution.get()),
        name: Some(name),
        how: How::Approximate,
        tokens: start..end,
        coverage: part(held),
        in_order: part(in_order),
        run: longest,
        inserted,
        misspelt: u32::try_from(used.iter().filter(|(_, reading)| reading.misspelt).count()).unwrap_or(0),
        continuations: 0,
    })
}
