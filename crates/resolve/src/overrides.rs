//! Overrides: what curators have decided, put over what the engine has found.
//!
//! Takes the overrides that stand, and an address with its resolution; gives the resolution as it is with
//! them, and which acted. A whole address is found by its words, stop words included; a name by its first
//! word. Where no override stands for anything in the address, the resolution is unchanged, and without
//! any override at all this costs one comparison.
//!
//! The place that a pattern asks for is what the address itself says ([`Resolution::place`]), which no
//! override changes: so applying twice is applying once.

use std::collections::HashMap;

use whence_model::{
    Confidence, InstitutionMatch, NamePattern, Override, OverrideId, OverrideSubject, Place, Resolution,
    Role, RorId, Span,
};
use whence_registry::Registry;

use crate::text::{Splitter, Word};

/// The overrides that stand, ready to be applied.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    splitter: Splitter,
    /// By the words of the address.
    addresses: HashMap<String, Meaning>,
    /// By their first word; the one that goes first stands first.
    patterns: HashMap<String, Vec<Pattern>>,
}

/// What a curator says that something means.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meaning {
    id: OverrideId,
    ror_ids: Vec<RorId>,
}

#[derive(Clone, Debug)]
struct Pattern {
    words: Vec<String>,
    place: NamePattern,
    meaning: Meaning,
}

/// The same subject with its text as it is compared: the words joined by single spaces. Two overrides with
/// one normalised subject stand for the same.
pub fn normalised(splitter: &Splitter, subject: &OverrideSubject) -> OverrideSubject {
    match subject {
        OverrideSubject::Address(address) => OverrideSubject::Address(joined(&splitter.words(address))),
        OverrideSubject::Pattern(pattern) => OverrideSubject::Pattern(NamePattern {
            name: joined(&splitter.words(&pattern.name)),
            ..pattern.clone()
        }),
    }
}

fn joined(words: &[Word]) -> String {
    let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
    texts.join(" ")
}

impl Overrides {
    /// Makes those ready that stand. Of two for one subject the newer acts.
    pub fn new<'a>(overrides: impl IntoIterator<Item = &'a Override>) -> Self {
        let mut ready = Self::default();
        for entry in overrides.into_iter().filter(|entry| entry.stands()) {
            ready.add(entry);
        }
        for patterns in ready.patterns.values_mut() {
            patterns.sort_by_key(|pattern| std::cmp::Reverse(pattern.precedence()));
        }
        ready
    }

    fn add(&mut self, entry: &Override) {
        let meaning = Meaning {
            id: entry.id,
            ror_ids: entry.ror_ids.clone(),
        };
        match &entry.subject {
            OverrideSubject::Address(address) => {
                let key = joined(&self.splitter.words(address));
                let known = self.addresses.get(&key);
                if known.is_none_or(|known| known.id < entry.id) {
                    self.addresses.insert(key, meaning);
                }
            }
            OverrideSubject::Pattern(place) => {
                let words = self.splitter.words(&place.name);
                let words: Vec<String> = words.into_iter().map(|word| word.text).collect();
                if let Some(first) = words.first().cloned() {
                    let place = place.clone();
                    self.patterns.entry(first).or_default().push(Pattern {
                        words,
                        place,
                        meaning,
                    });
                }
            }
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.patterns.is_empty()
    }

    /// Applies them to the resolution of an address. Gives it with the ids of those that stand for the
    /// address or for a name in it, in the order of the text.
    pub fn apply(
        &self,
        affiliation: &str,
        registry: &Registry,
        resolution: Resolution,
    ) -> (Resolution, Vec<OverrideId>) {
        if self.is_empty() {
            return (resolution, vec![]);
        }
        let words = self.splitter.words(affiliation);
        if let Some(meaning) = self.addresses.get(&joined(&words)) {
            let decided = decide_whole(affiliation, registry, resolution, meaning);
            return (decided, vec![meaning.id]);
        }
        self.apply_patterns(&words, registry, resolution)
    }

    fn apply_patterns(
        &self,
        words: &[Word],
        registry: &Registry,
        mut resolution: Resolution,
    ) -> (Resolution, Vec<OverrideId>) {
        let (mut applied, mut decided) = (vec![], vec![]);
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let Some(pattern) = self.pattern_at(word, &words[at..], resolution.place) else {
                at += 1;
                continue;
            };
            let last = &words[at + pattern.words.len() - 1];
            let span = span(word.start, last.end);
            decide_words(registry, &mut resolution, span, &pattern.meaning, &mut decided);
            applied.push(pattern.meaning.id);
            at += pattern.words.len();
        }
        (resolution, applied)
    }

    fn pattern_at(&self, first: &Word, words: &[Word], place: Place) -> Option<&Pattern> {
        let patterns = self.patterns.get(&first.text)?;
        patterns.iter().find(|pattern| pattern.stands_at(words, place))
    }
}

impl Pattern {
    /// The greater goes first: longer, with a more exact place, newer.
    fn precedence(&self) -> (usize, bool, bool, OverrideId) {
        let NamePattern {
            country, locality, ..
        } = &self.place;
        (
            self.words.len(),
            locality.is_some(),
            country.is_some(),
            self.meaning.id,
        )
    }

    fn stands_at(&self, words: &[Word], said: Place) -> bool {
        let NamePattern {
            country, locality, ..
        } = self.place;
        let in_place = country.is_none_or(|country| said.country() == Some(country))
            && locality.is_none_or(|locality| said.locality() == Some(locality));
        let texts = words.iter().map(|word| &word.text).take(self.words.len());
        in_place && texts.eq(&self.words)
    }
}

fn span(start: usize, end: usize) -> Span {
    // Addresses have at most 16 KiB.
    let offset = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Span {
        start: offset(start),
        end: offset(end),
    }
}

/// Everything that was found gives way to what the curator says.
fn decide_whole(
    affiliation: &str,
    registry: &Registry,
    resolution: Resolution,
    meaning: &Meaning,
) -> Resolution {
    let start = affiliation.len() - affiliation.trim_start().len();
    let span = span(start, start + affiliation.trim().len());
    let found = Found {
        registry,
        institutions: &resolution.institutions,
        gives_way: &resolution.institutions,
        said: resolution.place,
        beside: Place::Unknown,
    };
    let institutions = meaning
        .ror_ids
        .iter()
        .map(|&id| found.decided(id, span))
        .collect();
    let mut decided = Resolution {
        institutions,
        unmatched: vec![],
        ..resolution
    };
    drop_chosen_candidates(&mut decided);
    decided
}

/// What overlaps the words gives way to what the curator says. An institution that other words have been
/// decided to mean stays with those.
fn decide_words(
    registry: &Registry,
    resolution: &mut Resolution,
    span: Span,
    meaning: &Meaning,
    decided: &mut Vec<RorId>,
) {
    let overlaps = |other: Span| other.start < span.end && span.start < other.end;
    let before = std::mem::take(&mut resolution.institutions);
    let gives_way: Vec<_> = before.iter().copied().filter(|it| overlaps(it.span)).collect();
    let new: Vec<RorId> = meaning
        .ror_ids
        .iter()
        .copied()
        .filter(|id| !decided.contains(id))
        .collect();
    let first = before.iter().position(|it| overlaps(it.span));
    let behind = || before.iter().position(|it| it.span.start >= span.end);
    let position = first.or_else(behind).unwrap_or(before.len());
    let found = Found {
        registry,
        institutions: &before,
        gives_way: &gives_way,
        said: resolution.place,
        beside: place_beside(registry, &gives_way),
    };
    let stays = |it: &&InstitutionMatch| !overlaps(it.span) && !new.contains(&it.ror_id);
    let (ahead, after) = before.split_at(position);
    let between = new.iter().map(|&id| found.decided(id, span));
    resolution.institutions = ahead.iter().filter(stays).copied().collect();
    resolution.institutions.extend(between);
    resolution.institutions.extend(after.iter().filter(stays));
    resolution.unmatched.retain(|it| !overlaps(it.span));
    decided.extend(new);
    drop_chosen_candidates(resolution);
}

/// The place that is printed beside the words, as far as what was found there tells: a place other than
/// where the registry has that institution was printed.
fn place_beside(registry: &Registry, gives_way: &[InstitutionMatch]) -> Place {
    let printed = |it: &&InstitutionMatch| it.place != registered_place(registry, it.ror_id);
    gives_way
        .iter()
        .find(printed)
        .map_or(Place::Unknown, |it| it.place)
}

/// What the engine has found, as far as it bears on what takes its place.
struct Found<'a> {
    registry: &'a Registry,
    institutions: &'a [InstitutionMatch],
    gives_way: &'a [InstitutionMatch],
    said: Place,
    beside: Place,
}

impl Found<'_> {
    /// The match of an institution that a curator has decided on. It keeps role and place if it was found.
    fn decided(&self, ror_id: RorId, span: Span) -> InstitutionMatch {
        let is_it = |it: &&InstitutionMatch| it.ror_id == ror_id;
        let same = self.gives_way.iter().find(is_it);
        let same = same.or_else(|| self.institutions.iter().find(is_it));
        let role = same.or(self.gives_way.first());
        let places = [
            same.map_or(Place::Unknown, |it| it.place),
            self.beside,
            self.said,
            registered_place(self.registry, ror_id),
        ];
        let known = places.into_iter().find(|place| *place != Place::Unknown);
        InstitutionMatch {
            ror_id,
            confidence: Confidence::MAX,
            span,
            role: role.map_or(Role::Affiliation, |it| it.role),
            place: known.unwrap_or_default(),
        }
    }
}

fn registered_place(registry: &Registry, ror_id: RorId) -> Place {
    let record = registry.find(ror_id).map(|index| registry.institution(index));
    let location = record.and_then(whence_registry::Institution::main_location);
    location.map_or(Place::Unknown, |index| {
        let place = registry.place(index);
        Place::Locality(place.geonames_id(), place.country())
    })
}

fn drop_chosen_candidates(resolution: &mut Resolution) {
    let Resolution {
        institutions,
        candidates,
        ..
    } = resolution;
    candidates.retain(|candidate| institutions.iter().all(|it| it.ror_id != candidate.ror_id));
}

#[cfg(test)]
#[path = "overrides/tests.rs"]
mod tests;
