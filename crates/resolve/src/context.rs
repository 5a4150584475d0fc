//! What is known of an address before any record is weighed: mentions of places, statements, and what the
//! printed places of each statement add up to.

use std::ops::Range;

use whence_model::Place;
use whence_registry::Registry;

use crate::candidates::{Candidate, How};
use crate::index::Index;
use crate::place::{Evidence, Mention};
use crate::segment::Address;
use crate::words::{WordKind, WordKinds};

/// What is known of one token.
#[derive(Clone, Copy, Debug)]
pub struct WordFacts {
    /// Its weight, in thousandths of a bit; that of a rare word where no name uses it.
    pub weight: i32,
    /// What institutions call themselves by.
    pub kind: WordKind,
    /// Whether it is part of no place and holds no digit.
    pub telling: bool,
}

/// An address with all that weighing looks at.
pub struct Context<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// Its index.
    pub index: &'a Index,
    /// The address.
    pub address: &'a Address<'a>,
    /// Every mention of a place.
    pub mentions: &'a [Mention],
    /// For each token, whether it is part of a place's name.
    pub places: &'a [bool],
    /// What is known of each token.
    words: Vec<WordFacts>,
    /// For each token, whether a full name of two words or more stands over it.
    named: Vec<bool>,
    /// The statements of the address, by tokens.
    statements: Vec<Range<usize>>,
    /// What the printed places of each statement add up to.
    evidence: Vec<Evidence<'a>>,
}

impl<'a> Context<'a> {
    /// Takes an address apart.
    pub fn new(
        registry: &'a Registry,
        index: &'a Index,
        address: &'a Address<'a>,
        mentions: &'a [Mention],
        places: &'a [bool],
        kinds: &WordKinds,
        candidates: &[Candidate],
    ) -> Self {
        let words = address
            .tokens
            .iter()
            .zip(places)
            .map(|(token, is_place)| WordFacts {
                weight: token
                    .id
                    .map_or(8_000, |id| i32::try_from(index.weight(id)).unwrap_or(i32::MAX)),
                kind: kinds.kind(token.id),
                telling: !is_place && !token.word.bytes().any(|b| b.is_ascii_digit()),
            })
            .collect();
        let named = named(address, candidates, places);
        let statements = statements(address, mentions, places, &named);
        let in_name = |mention: &Mention| mention.tokens.clone().all(|token| named[token]);
        let evidence = statements
            .iter()
            .map(|statement| Evidence::gather(mentions, statement, registry, |mention| !in_name(mention)))
            .collect();
        Self {
            registry,
            index,
            address,
            mentions,
            places,
            words,
            named,
            statements,
            evidence,
        }
    }

    /// What is known of a token.
    pub fn word(&self, token: usize) -> WordFacts {
        self.words[token]
    }

    /// The statements of the address.
    pub fn statements(&self) -> &[Range<usize>] {
        &self.statements
    }

    /// Which statement a token stands in.
    pub fn statement_number(&self, token: usize) -> usize {
        self.statements
            .partition_point(|statement| statement.end <= token)
            .min(self.statements.len().saturating_sub(1))
    }

    /// The statement that a token stands in.
    pub fn statement_of(&self, token: usize) -> Range<usize> {
        let whole = 0..self.address.tokens.len();
        self.statements
            .get(self.statement_number(token))
            .cloned()
            .unwrap_or(whole)
    }

    /// What the printed places of a statement add up to, names apart.
    pub fn evidence_of(&self, statement: usize) -> Option<&Evidence<'a>> {
        self.evidence.get(statement)
    }

    /// The place that is printed in a statement.
    pub fn place_of(&self, statement: usize) -> Place {
        let evidence = self.evidence.get(statement);
        evidence.map_or(Place::Unknown, |evidence| evidence.place(self.registry))
    }

    /// Whether a mention says where a statement is: it stands there and is not part of a name.
    pub fn is_evidence(&self, mention: &Mention, statement: usize) -> bool {
        let range = &self.statements[statement];
        range.start <= mention.tokens.start && mention.tokens.end <= range.end && !self.is_in_name(mention)
    }

    /// The printed places in a range of tokens that are not part of a name.
    pub fn evidence_in(&self, tokens: &Range<usize>) -> Evidence<'a> {
        Evidence::gather(self.mentions, tokens, self.registry, |mention| {
            !self.is_in_name(mention)
        })
    }

    /// Whether a full name stands over a token.
    pub fn is_named(&self, token: usize) -> bool {
        self.named[token]
    }

    fn is_in_name(&self, mention: &Mention) -> bool {
        mention.tokens.clone().all(|token| self.named[token])
    }
}

/// For each token, whether a full name of two words or more stands over it that is not made of places.
fn named(address: &Address<'_>, candidates: &[Candidate], places: &[bool]) -> Vec<bool> {
    let mut named = vec![false; places.len()];
    for Candidate { hit, .. } in candidates {
        // What follows a comma may be part of the name and is still where it stands: `…, Davis, CA`.
        let one_segment =
            address.tokens[hit.tokens.start].segment == address.tokens[hit.tokens.end - 1].segment;
        let whole_name = hit.how == How::Exact && hit.tokens.len() > 1 && one_segment;
        if whole_name && !hit.tokens.clone().all(|token| places[token]) {
            named[hit.tokens.clone()].fill(true);
        }
    }
    named
}

/// The statements of an address by tokens: a semicolon or a line break ends one, and so does a country
/// that ends a segment where something other than a place follows.
fn statements(
    address: &Address<'_>,
    mentions: &[Mention],
    places: &[bool],
    named: &[bool],
) -> Vec<Range<usize>> {
    let mut statements: Vec<Range<usize>> = Vec::new();
    let mut current: Option<usize> = None;
    let mut ended_by_country = false;
    for segment in &address.segments {
        let only_places = segment
            .tokens
            .clone()
            .all(|token| places[token] || address.tokens[token].word.bytes().any(|b| b.is_ascii_digit()));
        let starts = current != Some(segment.statement) || (ended_by_country && !only_places);
        match statements.last_mut() {
            Some(last) if !starts => last.end = segment.tokens.end,
            _ => statements.push(segment.tokens.clone()),
        }
        current = Some(segment.statement);
        ended_by_country = if only_places && ended_by_country && !starts {
            true
        } else {
            mentions.iter().any(|mention| {
                mention.strong
                    && mention.country.is_some()
                    && segment.tokens.contains(&mention.tokens.start)
                    && !mention.tokens.clone().all(|token| named[token])
            })
        };
    }
    statements
}
