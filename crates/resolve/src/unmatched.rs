//! Institutions that an address names and the registry lacks: reported, never matched to a look-alike.
//!
//! A segment counts if it holds a word that institutions call themselves by (`university`, `hospital`,
//! `GmbH`), does not begin like a unit (`Department of …`), and no matched name stands in it.

use std::ops::Range;

use whence_model::Span;

use crate::context::Context;

/// Words that institutions call themselves by, in their comparable form.
const INSTITUTION_WORDS: &[&str] = &[
    "academy",
    "clinic",
    "college",
    "company",
    "corporation",
    "foundation",
    "gmbh",
    "hospital",
    "incorporated",
    "infirmary",
    "institute",
    "limited",
    "museum",
    "observatory",
    "polytechnic",
    "university",
];
/// Words that a unit of an institution begins with.
const UNIT_WORDS: &[&str] = &[
    "branch",
    "center",
    "chair",
    "department",
    "division",
    "faculty",
    "group",
    "key",
    "laboratory",
    "program",
    "school",
    "section",
    "service",
    "state",
    "unit",
    "ward",
];
/// Units inside a university that carry an institution's word: they count only where they stand alone.
const WEAK_WORDS: &[&str] = &["academy", "clinic", "college", "institute"];

/// The spans of the institutions that are named and not matched, in order.
pub fn unmatched(context: &Context<'_>, chosen: &[Range<usize>]) -> Vec<Span> {
    let address = context.address;
    let is_chosen = |token: usize| chosen.iter().any(|tokens| tokens.contains(&token));
    let mut spans = Vec::new();
    for segment in &address.segments {
        let words = || {
            segment
                .tokens
                .clone()
                .map(|token| address.tokens[token].word.as_str())
        };
        let has = |list: &[&str]| words().any(|word| list.contains(&word));
        let statement = context.statement_of(segment.tokens.start);
        let beside_another = chosen.iter().any(|tokens| statement.contains(&tokens.start));
        let unit = words().next().is_some_and(|word| UNIT_WORDS.contains(&word));
        let weak = beside_another
            && !words().any(|word| INSTITUTION_WORDS.contains(&word) && !WEAK_WORDS.contains(&word));
        if has(INSTITUTION_WORDS) && !unit && !weak && !segment.tokens.clone().any(is_chosen) {
            spans.push(address.span(&segment.tokens));
        }
    }
    spans
}
