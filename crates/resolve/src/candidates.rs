//! Candidates: every registry record that some words of an address could name.
//!
//! Three ways lead to a candidate: its name stands in the address word for word; most of its name's
//! weight stands there in order, perhaps misspelt or with words between; or its acronym does. A candidate
//! never crosses a statement. Nothing is judged here beyond what keeps the list short.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use whence_registry::InstitutionIndex;

use crate::index::{Index, NameId, TokenId, acronym_key};
use crate::segment::Address;

/// Tokens that more names use than this do not start a search for approximate names.
const POSTINGS_MAX: usize = 4_000;
/// Approximate names kept for each segment.
const APPROXIMATE_MAX: usize = 12;
/// Approximate names cover at least this much of their weight, in thousandths.
pub const COVERAGE_MIN: u32 = 700;
/// Shorter words are not searched for misspellings.
const MISSPELT_LETTERS_MIN: usize = 5;

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

/// A record that some words could name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The record.
    pub institution: InstitutionIndex,
    /// The name that was found; none for an acronym.
    pub name: Option<NameId>,
    /// How.
    pub how: How,
    /// The words, from the first to the last.
    pub tokens: Range<usize>,
    /// How much of the name's weight the words hold, in thousandths.
    pub coverage: u32,
    /// Weight of the words between that are not of the name, in thousandths of a bit.
    pub inserted: u32,
}

/// All candidates of an address, each record once for each place where it could stand. `places` says
/// which tokens are part of a place's name: those are no acronyms.
pub fn candidates(address: &Address<'_>, index: &Index, places: &[bool]) -> Vec<Candidate> {
    let mut found = exact(address, index);
    let mut covered = vec![false; address.tokens.len()];
    for candidate in found.iter().filter(|candidate| candidate.tokens.len() > 1) {
        covered[candidate.tokens.clone()].fill(true);
    }
    found.extend(approximate(address, index, &covered));
    found.extend(acronyms(address, index, places));
    let mut seen = HashSet::new();
    found.retain(|candidate| seen.insert((candidate.name, candidate.institution, candidate.tokens.clone())));
    found
}

fn exact(address: &Address<'_>, index: &Index) -> Vec<Candidate> {
    let mut found = Vec::new();
    for start in 0..address.tokens.len() {
        let statement = address.segment_of(start).statement;
        let Some(first) = address.tokens[start].id else {
            continue;
        };
        let mut range = index.names_beginning(first);
        let mut end = start + 1;
        while !range.is_empty() {
            found.extend(index.complete(range).filter_map(|name| {
                let row = index.name(name)?;
                let one_segment = address.tokens[start].segment == address.tokens[end - 1].segment;
                if row.is_turned() && !one_segment || numbered(address, start..end) {
                    return None;
                }
                let institution = InstitutionIndex::new(row.institution.get());
                let tokens = start..end;
                Some(Candidate {
                    institution,
                    name: Some(name),
                    how: How::Exact,
                    tokens,
                    coverage: 1000,
                    inserted: 0,
                })
            }));
            let next = address
                .tokens
                .get(end)
                .filter(|_| address.segment_of(end).statement == statement);
            let Some(next) = next.and_then(|token| token.id) else {
                break;
            };
            range = index.narrow(range, next);
            end += 1;
        }
    }
    found
}

fn acronyms(address: &Address<'_>, index: &Index, places: &[bool]) -> Vec<Candidate> {
    if !address.text.chars().any(char::is_lowercase) && address.tokens.len() > 3 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, token) in address.tokens.iter().enumerate() {
        let printed = token.span.text(address.text).unwrap_or_default();
        if places[at] || !looks_like_acronym(printed) || numbered(address, at..at + 1) {
            continue;
        }
        found.extend(index.acronym(&acronym_key(printed)).map(|institution| Candidate {
            institution,
            name: None,
            how: How::Acronym,
            tokens: at..at + 1,
            coverage: 1000,
            inserted: 0,
        }));
    }
    found
}

/// Whether the tokens are one word with a number behind it: `UMR 5086` is a unit, not a name.
fn numbered(address: &Address<'_>, tokens: Range<usize>) -> bool {
    let next = address
        .tokens
        .get(tokens.end)
        .filter(|next| next.segment == address.tokens[tokens.start].segment);
    tokens.len() == 1 && next.is_some_and(|next| next.word.bytes().all(|b| b.is_ascii_digit()))
}

/// At least two capitals, and more capitals than small letters.
fn looks_like_acronym(printed: &str) -> bool {
    let capitals = printed.chars().filter(|c| c.is_uppercase()).count();
    let small = printed.chars().filter(|c| c.is_lowercase()).count();
    capitals >= 2 && capitals > small
}

fn approximate(address: &Address<'_>, index: &Index, covered: &[bool]) -> Vec<Candidate> {
    let mut found = Vec::new();
    for number in 0..address.segments.len() {
        let segment = address.segments[number].tokens.clone();
        if segment.clone().all(|token| covered[token]) {
            continue;
        }
        let window = window(address, number);
        let readings = readings(address, &window, index);
        let mut names = promising(&readings, &segment, &window, index);
        names.truncate(APPROXIMATE_MAX);
        let aligned = names
            .into_iter()
            .filter_map(|name| align(name, &readings, &window, index));
        found.extend(aligned.filter(|candidate| {
            candidate.tokens.start < segment.end && candidate.tokens.end > segment.start
        }));
    }
    found
}

/// A segment with the one after it: names such as `University of California, Irvine` go over a comma.
fn window(address: &Address<'_>, number: usize) -> Range<usize> {
    let segment = &address.segments[number];
    let next = address
        .segments
        .get(number + 1)
        .filter(|next| next.statement == segment.statement);
    segment.tokens.start..next.map_or(segment.tokens.end, |next| next.tokens.end)
}

/// What a word could be: itself, or the words of the registry that it could be a misspelling of, each
/// with how much of its weight it keeps, in thousandths.
type Reading = Vec<(TokenId, u32)>;

fn readings(address: &Address<'_>, window: &Range<usize>, index: &Index) -> Vec<Reading> {
    let tokens = &address.tokens[window.clone()];
    tokens
        .iter()
        .map(|token| {
            token
                .id
                .map_or_else(|| similar(&token.word, index), |id| vec![(id, 1000)])
        })
        .collect()
}

/// The words of the registry that differ from a word by one edit, or by two if it is long. The first
/// three letters are taken as right.
fn similar(word: &str, index: &Index) -> Reading {
    let letters = word.chars().count();
    if letters < MISSPELT_LETTERS_MIN || word.bytes().any(|b| b.is_ascii_digit()) {
        return Vec::new();
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
    found
}

/// Names that hold enough of the weight of a segment's telling words, the fullest first.
fn promising(
    readings: &[Reading],
    segment: &Range<usize>,
    window: &Range<usize>,
    index: &Index,
) -> Vec<NameId> {
    let mut held: HashMap<NameId, u32> = HashMap::new();
    let mut seen = HashSet::new();
    for (token, kept) in readings.iter().take(segment.end - window.start).flatten() {
        let names = index.names_with(*token);
        if names.len() > POSTINGS_MAX || !seen.insert(*token) {
            continue;
        }
        let weight = index.weight(*token) * kept / 1000;
        for name in names {
            *held.entry(name).or_default() += weight;
        }
    }
    let mut ranked: BTreeMap<(u32, u32), Vec<NameId>> = BTreeMap::new();
    for (name, held) in held {
        let weight = index.name(name).map_or(u32::MAX, |row| row.weight.get());
        let part = u32::try_from(u64::from(held) * 1000 / u64::from(weight.max(1))).unwrap_or(1000);
        if part >= 400 {
            ranked.entry((part.min(1000), held)).or_default().push(name);
        }
    }
    ranked
        .into_values()
        .rev()
        .flat_map(|mut names| {
            names.sort_unstable();
            names
        })
        .take(APPROXIMATE_MAX * 4)
        .collect()
}

/// Aligns a name with the words of a window: the heaviest common subsequence. None if it covers too
/// little of the name.
fn align(name: NameId, readings: &[Reading], window: &Range<usize>, index: &Index) -> Option<Candidate> {
    let row = index.name(name)?;
    let tokens: Vec<TokenId> = index.name_tokens(row).collect();
    let columns = readings.len();
    let mut best = vec![vec![0_u32; columns + 1]; tokens.len() + 1];
    let gain = |token: TokenId, reading: &Reading| {
        reading
            .iter()
            .find(|(id, _)| *id == token)
            .map_or(0, |(_, kept)| index.weight(token) * kept / 1000)
    };
    for (i, &token) in tokens.iter().enumerate() {
        for (j, reading) in readings.iter().enumerate() {
            let gain = gain(token, reading);
            let with = if gain > 0 { best[i][j] + gain } else { 0 };
            best[i + 1][j + 1] = with.max(best[i][j + 1]).max(best[i + 1][j]);
        }
    }
    let held = best[tokens.len()][columns];
    let coverage = u32::try_from(u64::from(held) * 1000 / u64::from(row.weight.get().max(1)))
        .ok()?
        .min(1000);
    if coverage < COVERAGE_MIN {
        return None;
    }
    let used = trace(&best, &tokens, readings, &gain);
    let (first, last) = (*used.first()?, *used.last()?);
    let inserted = (first..last)
        .filter(|column| !used.contains(column))
        .map(|column| weight_of(&readings[column], index))
        .sum();
    Some(Candidate {
        institution: InstitutionIndex::new(row.institution.get()),
        name: Some(name),
        how: How::Approximate,
        tokens: window.start + first..window.start + last + 1,
        coverage,
        inserted,
    })
}

/// The columns that the heaviest common subsequence uses, in order.
fn trace(
    best: &[Vec<u32>],
    tokens: &[TokenId],
    readings: &[Reading],
    gain: &impl Fn(TokenId, &Reading) -> u32,
) -> Vec<usize> {
    let (mut i, mut j) = (tokens.len(), readings.len());
    let mut used = Vec::new();
    while i > 0 && j > 0 {
        let gained = gain(tokens[i - 1], &readings[j - 1]);
        if gained > 0 && best[i][j] == best[i - 1][j - 1] + gained {
            used.push(j - 1);
            i -= 1;
            j -= 1;
        } else if best[i][j] == best[i][j - 1] {
            j -= 1;
        } else {
            i -= 1;
        }
    }
    used.reverse();
    used
}

fn weight_of(reading: &Reading, index: &Index) -> u32 {
    reading.first().map_or(8_000, |(token, _)| index.weight(*token))
}
