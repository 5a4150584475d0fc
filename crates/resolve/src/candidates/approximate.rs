//! Approximate names: names most of whose weight stands close together in a statement.
//!
//! Each telling word of a segment (itself, or what it may be a misspelling of) brings the names that
//! hold it; a name's worth so far is the weight that it has gathered. The best are then looked at closely:
//! whether most of the name stands in the segment, or in it and a neighbour, in what order, with what
//! between. Nothing is allocated for a name that comes to nothing.

use std::cell::RefCell;
use std::ops::Range;

use whence_registry::InstitutionIndex;

use super::{Hit, How, overlap};
use crate::index::{Index, NameId, NameRow, TokenId};
use crate::place::Mention;
use crate::segment::Address;
use crate::words::{WordKind, WordKinds};

/// Tokens that more names use than this start no search.
const POSTINGS_MAX: usize = 300;
/// Names whose place is looked at, for each segment.
const NEAR_MAX: usize = 40;
/// Names that are looked at closely, for each segment.
const CLOSE_MAX: usize = 20;
/// Hits kept for each segment.
const HITS_MAX: usize = 3;
/// Hits cover at least this much of their name, in thousandths.
const COVERAGE_MIN: u32 = 500;
/// The same for a hit that is one word.
const COVERAGE_MIN_ONE_WORD: u32 = 600;
/// Shorter words are not searched for misspellings.
const MISSPELT_LETTERS_MIN: usize = 5;
/// Words of a name, and of its surroundings, that are compared.
const WORDS_MAX: usize = 64;

/// What a word could be: itself, or a word of the registry that it could be a misspelling of, with how
/// much of its weight it keeps.
#[derive(Clone, Copy)]
struct Reading {
    position: usize,
    token: TokenId,
    gain: u32,
    misspelt: bool,
}

/// A word of a name that stands in the address.
#[derive(Clone, Copy)]
struct Used {
    order: usize,
    position: usize,
    gain: u32,
    misspelt: bool,
}

/// Memory that one search leaves to the next.
#[derive(Default)]
struct Scratch {
    /// What each name has gathered; zero between searches.
    held: Vec<u32>,
    touched: Vec<NameId>,
    ranked: Vec<(u64, NameId)>,
    readings: Vec<Reading>,
    used: Vec<Used>,
    hits: Vec<(u64, Hit)>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// What a search looks at.
struct Search<'a> {
    address: &'a Address<'a>,
    index: &'a Index,
    mentions: &'a [Mention],
    kinds: &'a WordKinds,
}

/// Adds the approximate hits of each segment.
pub(super) fn approximate(
    address: &Address<'_>,
    index: &Index,
    mentions: &[Mention],
    kinds: &WordKinds,
    found: &mut Vec<Hit>,
) {
    let search = Search {
        address,
        index,
        mentions,
        kinds,
    };
    SCRATCH.with_borrow_mut(|scratch| {
        let mut first = 0;
        while first < address.segments.len() {
            let statement = address.segments[first].statement;
            let after = address.segments[first..]
                .iter()
                .position(|segment| segment.statement != statement);
            let last = after.map_or(address.segments.len(), |count| first + count);
            search.in_statement(first..last, scratch, found);
            first = last;
        }
    });
}

impl Search<'_> {
    fn in_statement(&self, segments: Range<usize>, scratch: &mut Scratch, found: &mut Vec<Hit>) {
        let range = |segment: usize| &self.address.segments[segment].tokens;
        self.read(
            range(segments.start).start..range(segments.end - 1).end,
            &mut scratch.readings,
        );
        for segment in segments.clone() {
            if !self.may_name_institution(segment) {
                continue;
            }
            let own = readings_in(&scratch.readings, range(segment));
            self.promising(own, scratch);
            let around = segment.saturating_sub(1).max(segments.start)..(segment + 2).min(segments.end);
            let near = readings_in(
                &scratch.readings,
                &(range(around.start).start..range(around.end - 1).end),
            );
            let near = near.start..near.end.min(near.start + WORDS_MAX);
            scratch.hits.clear();
            for &(_, name) in &scratch.ranked {
                let readings = &scratch.readings[near.clone()];
                if let Some(hit) = self.closely(name, readings, segment, &around, &mut scratch.used)
                    && !self.is_one_place(&hit)
                {
                    scratch.hits.push((self.worth(&hit), hit));
                }
            }
            scratch
                .hits
                .sort_by_key(|(worth, hit)| (std::cmp::Reverse(*worth), hit.name));
            keep_best(&mut scratch.hits, found);
        }
    }

    /// Whether a segment may name an institution: not where it holds places alone, or a unit alone.
    fn may_name_institution(&self, segment: usize) -> bool {
        let tokens = &self.address.segments[segment].tokens;
        let kind = |token: usize| self.kinds.kind(self.address.tokens[token].id);
        let is_unit = kind(tokens.start) == WordKind::Unit
            && tokens
                .clone()
                .all(|token| matches!(kind(token), WordKind::Unit | WordKind::Other));
        !is_unit && !self.is_place(segment)
    }

    /// Whether a segment holds nothing but places and numbers.
    fn is_place(&self, segment: usize) -> bool {
        let tokens = &self.address.segments[segment].tokens;
        tokens.clone().all(|token| {
            let numbered = || {
                self.address.tokens[token]
                    .word
                    .bytes()
                    .any(|b| b.is_ascii_digit())
            };
            let over = |mention: &Mention| mention.strong && mention.tokens.contains(&token);
            self.mentions.iter().any(over) || numbered()
        })
    }

    fn read(&self, tokens: Range<usize>, readings: &mut Vec<Reading>) {
        readings.clear();
        for position in tokens {
            let token = &self.address.tokens[position];
            let mut read = |token, kept, misspelt| {
                let gain = self.index.weight(token) * kept / 1000;
                readings.push(Reading {
                    position,
                    token,
                    gain,
                    misspelt,
                });
            };
            match token.id {
                Some(id) => read(id, 1000, false),
                None => similar(&token.word, self.index, |id, kept| read(id, kept, true)),
            }
        }
    }

    /// Ranks the names that gathered most of their weight.
    fn promising(&self, own: Range<usize>, scratch: &mut Scratch) {
        let Scratch {
            held,
            touched,
            ranked,
            readings,
            ..
        } = scratch;
        if held.len() < self.index.name_count() {
            held.resize(self.index.name_count(), 0);
        }
        let readings = &readings[own];
        for (at, reading) in readings.iter().enumerate() {
            let names = self.index.names_with(reading.token);
            let seen = readings[..at].iter().any(|before| before.token == reading.token);
            if seen || names.len() > POSTINGS_MAX {
                continue;
            }
            for name in names {
                let held = &mut held[name.0 as usize];
                if *held == 0 {
                    touched.push(name);
                }
                *held += reading.gain;
            }
        }
        ranked.clear();
        for name in touched.drain(..) {
            let held = u64::from(std::mem::take(&mut held[name.0 as usize]));
            let weight = self
                .index
                .name(name)
                .map_or(u64::MAX, |row| u64::from(row.weight.get().max(1)));
            if held * 10 >= weight.saturating_mul(3) {
                ranked.push((held * held / weight, name));
            }
        }
        keep_first(ranked, NEAR_MAX);
        if ranked.len() > CLOSE_MAX {
            for (worth, name) in ranked.iter_mut() {
                let institution = self.index.name(*name).map_or(0, |row| row.institution.get());
                *worth *= place_bonus(InstitutionIndex::new(institution), self.index, self.mentions);
            }
            keep_first(ranked, CLOSE_MAX);
        }
    }

    /// Whether the one word of a hit is where something stands: `Boston` in `…, Boston, MA`.
    fn is_one_place(&self, hit: &Hit) -> bool {
        let over = |mention: &Mention| mention.strong && mention.tokens.contains(&hit.tokens.start);
        hit.tokens.len() == 1 && self.mentions.iter().any(over)
    }

    fn worth(&self, hit: &Hit) -> u64 {
        let row = hit.name.and_then(|name| self.index.name(name));
        let weight = row.map_or(0, |row| u64::from(row.weight.get()));
        let held = weight * u64::from(hit.coverage) / 1000 * u64::from(hit.coverage) / 1000;
        held.saturating_sub(u64::from(hit.inserted) / 3)
            * place_bonus(hit.institution, self.index, self.mentions)
    }

    /// Where a name stands best, if anywhere well enough: in its segment, or there and in a neighbour.
    fn closely(
        &self,
        name: NameId,
        readings: &[Reading],
        segment: usize,
        around: &Range<usize>,
        used: &mut Vec<Used>,
    ) -> Option<Hit> {
        let row = self.index.name(name)?;
        used.clear();
        let mut most = 0;
        for (order, token) in self.index.name_tokens(row).take(WORDS_MAX).enumerate() {
            let before = used.len();
            used.extend(
                readings
                    .iter()
                    .filter(|reading| reading.token == token)
                    .map(|reading| Used {
                        order,
                        position: reading.position,
                        gain: reading.gain,
                        misspelt: reading.misspelt,
                    }),
            );
            most += used.get(before).map_or(0, |used| used.gain);
        }
        if part(most, row) < COVERAGE_MIN {
            return None;
        }
        let mut best: Option<(i64, Hit)> = None;
        for window in [
            segment..segment + 1,
            around.start..segment + 1,
            segment..around.end,
        ] {
            if best.is_some() && window.len() == 1 {
                continue;
            }
            let Some(hit) = self.in_window(name, row, used, &window) else {
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
            let least = if hit.tokens.len() > 1 {
                COVERAGE_MIN
            } else {
                COVERAGE_MIN_ONE_WORD
            };
            hit.coverage >= least
        })
    }

    /// A name within some segments: each of its words where it stands first.
    fn in_window(&self, name: NameId, row: &NameRow, used: &[Used], window: &Range<usize>) -> Option<Hit> {
        let tokens = self.address.segments[window.start].tokens.start
            ..self.address.segments[window.end - 1].tokens.end;
        let (mut start, mut end) = (usize::MAX, 0);
        let mut taken = 0_u128;
        let (mut held, mut in_order, mut misspelt) = (0, 0, 0);
        let (mut run, mut longest) = (0, 0);
        let mut previous: Option<(usize, usize)> = None;
        for word in used {
            let bit = 1_u128 << (word.position - tokens.start.min(word.position)).min(127);
            let order_taken = previous.is_some_and(|(order, _)| order == word.order);
            if !tokens.contains(&word.position) || order_taken || taken & bit != 0 {
                continue;
            }
            taken |= bit;
            start = start.min(word.position);
            end = end.max(word.position + 1);
            held += word.gain;
            misspelt += u32::from(word.misspelt);
            if previous.is_none_or(|(_, position)| word.position > position) {
                in_order += word.gain;
            }
            let follows = previous.is_some_and(|(o, p)| word.order == o + 1 && word.position == p + 1);
            run = if follows { run + 1 } else { 1 };
            longest = longest.max(run);
            previous = Some((word.order, word.position));
        }
        previous?;
        let inserted = (start..end)
            .filter(|position| taken & (1_u128 << (position - tokens.start).min(127)) == 0)
            .map(|position| {
                self.address.tokens[position]
                    .id
                    .map_or(8_000, |id| self.index.weight(id))
            })
            .sum();
        Some(Hit {
            institution: InstitutionIndex::new(row.institution.get()),
            name: Some(name),
            how: How::Approximate,
            tokens: start..end,
            coverage: part(held, row),
            in_order: part(in_order, row),
            run: longest,
            inserted,
            misspelt,
            continuations: 0,
        })
    }
}

/// The readings of some tokens, by position in the list.
fn readings_in(readings: &[Reading], tokens: &Range<usize>) -> Range<usize> {
    let first = readings.partition_point(|reading| reading.position < tokens.start);
    let last = readings.partition_point(|reading| reading.position < tokens.end);
    first..last
}

/// A weight as part of a name's, in thousandths.
fn part(weight: u32, row: &NameRow) -> u32 {
    let part = u64::from(weight) * 1000 / u64::from(row.weight.get().max(1));
    u32::try_from(part).unwrap_or(1000).min(1000)
}

/// Keeps the names of most worth.
fn keep_first(ranked: &mut Vec<(u64, NameId)>, most: usize) {
    if ranked.len() > most {
        ranked.select_nth_unstable_by_key(most, |&(worth, name)| (std::cmp::Reverse(worth), name));
        ranked.truncate(most);
    }
}

/// Keeps the best hits, and the best of each stretch of words that none of them touches.
fn keep_best(hits: &mut Vec<(u64, Hit)>, found: &mut Vec<Hit>) {
    let first = found.len();
    for (rank, (_, hit)) in hits.drain(..).enumerate() {
        let touched = |other: &Hit| overlap(&other.tokens, &hit.tokens);
        if rank < HITS_MAX || (found.len() - first < HITS_MAX * 2 && !found[first..].iter().any(touched)) {
            found.push(hit);
        }
    }
}

/// Ten, more where the record's city or country is mentioned.
pub(super) fn place_bonus(institution: InstitutionIndex, index: &Index, mentions: &[Mention]) -> u64 {
    let Some((place, country)) = index.home(institution) else {
        return 10;
    };
    let mut in_country = false;
    for mention in mentions {
        if mention.localities.contains(&place) {
            return 16;
        }
        in_country |= mention.country == Some(country);
    }
    if in_country { 13 } else { 10 }
}

/// The words of the registry that differ from a word by one edit, or by two if it is long. The first
/// three letters are taken as right.
fn similar(word: &str, index: &Index, mut each: impl FnMut(TokenId, u32)) {
    let letters = word.chars().count();
    if letters < MISSPELT_LETTERS_MIN || word.bytes().any(|b| b.is_ascii_digit()) {
        return;
    }
    let edits_max = if letters < 9 { 1 } else { 2 };
    let alike: usize = word.chars().take(3).map(char::len_utf8).sum();
    let mut found = Vec::new();
    for (other, token) in index.words_near(word, alike, edits_max) {
        let edits = strsim::osa_distance(word, other);
        if edits <= edits_max {
            found.push((token, if edits == 1 { 930 } else { 850 }));
        }
    }
    found.sort_by_key(|&(token, kept)| (std::cmp::Reverse(kept), token));
    found.truncate(4);
    for (token, kept) in found {
        each(token, kept);
    }
}
