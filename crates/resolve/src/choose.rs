//! Choosing: from scored candidates to the set of institutions that the address names.
//!
//! Names that stand inside longer names give way; namesakes are parted by the place printed; a child that
//! names its parent too absorbs it; a generic name needs its city or its parent, and belongs to the
//! institution named beside it otherwise.

use std::collections::BTreeMap;
use std::ops::Range;

use whence_registry::InstitutionIndex;

use crate::candidates::How;
use crate::score::{Anchor, Context, Scored, THRESHOLD, ancestors};

/// Points of a candidate whose parent, or child, the text names too.
const RELATIVE_NAMED: i32 = 90;
/// The same for a generic name: the parent says which of the namesakes it is.
const GENERIC_PARENT_NAMED: i32 = 260;
/// Two namesakes closer than this are not parted.
const NAMESAKE_MARGIN: i32 = 12;
/// Candidates with these points are all but certain.
const SURE: i32 = 780;
/// What a candidate loses that cannot be told from a namesake.
const NAMESAKE: i32 = 120;

/// The chosen candidates, best first, and the rest that had a chance, best first.
pub struct Choice {
    /// The set that the address names.
    pub chosen: Vec<Scored>,
    /// Candidates that were not chosen.
    pub others: Vec<Scored>,
}

/// Chooses the set.
pub fn choose(context: &Context<'_>, mut scored: Vec<Scored>) -> Choice {
    add_relatives(context, &mut scored);
    let mut best = best_of_namesakes(scored);
    best.sort_by_key(|scored| std::cmp::Reverse(precedence(scored)));
    let mut chosen: Vec<Scored> = Vec::new();
    let mut others: Vec<Scored> = Vec::new();
    for candidate in best {
        let stands =
            candidate.points >= THRESHOLD && !chosen.iter().any(|other| excludes(context, other, &candidate));
        if stands {
            chosen.push(candidate);
        } else {
            others.push(candidate);
        }
    }
    let (chosen, absorbed) = absorb_parents(context, chosen);
    others.extend(absorbed);
    let mut choice = Choice { chosen, others };
    // What is equally sure stands in the order of the text.
    choice
        .chosen
        .sort_by_key(|s| (s.points < SURE, s.candidate.tokens.start));
    choice.others.sort_by_key(|s| {
        (
            std::cmp::Reverse(s.points),
            s.candidate.tokens.start,
            s.candidate.institution,
        )
    });
    choice
}

/// Names that hold more of the address come first: the longer name is what is meant.
fn precedence(scored: &Scored) -> (bool, u32, i32, std::cmp::Reverse<InstitutionIndex>) {
    let held = u64::from(scored.weight) * u64::from(scored.candidate.coverage) / 1000;
    let exact = scored.candidate.how != How::Acronym;
    let stands = scored.points >= THRESHOLD;
    let held = if exact {
        u32::try_from(held).unwrap_or(u32::MAX) / 3_000
    } else {
        0
    };
    (
        stands,
        held,
        scored.points,
        std::cmp::Reverse(scored.candidate.institution),
    )
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Whether a chosen candidate leaves no room for another.
fn excludes(context: &Context<'_>, chosen: &Scored, other: &Scored) -> bool {
    let (a, b) = (&chosen.candidate, &other.candidate);
    if a.institution == b.institution || overlap(&a.tokens, &b.tokens) {
        return true;
    }
    let related = || {
        ancestors(context.registry, b.institution).contains(&a.institution)
            || ancestors(context.registry, a.institution).contains(&b.institution)
    };
    // A generic unit beside an institution that is not its parent is a unit of that institution.
    context.same_statement(a, b) && other.generic && !chosen.generic && !related()
}

/// Keeps the best record for each stretch of words and name, and marks down one that has an equal.
fn best_of_namesakes(scored: Vec<Scored>) -> Vec<Scored> {
    let mut stretches: BTreeMap<(usize, usize), Vec<Scored>> = BTreeMap::new();
    for candidate in scored {
        let tokens = &candidate.candidate.tokens;
        stretches
            .entry((tokens.start, tokens.end))
            .or_default()
            .push(candidate);
    }
    let mut best: Vec<Scored> = Vec::new();
    for mut rivals in stretches.into_values() {
        rivals.sort_by_key(|s| (std::cmp::Reverse(s.points), s.candidate.institution));
        rivals.dedup_by_key(|s| s.candidate.institution);
        let mut winner = rivals.remove(0);
        let equal = rivals
            .iter()
            .find(|rival| rival.candidate.institution != winner.candidate.institution);
        if equal.is_some_and(|rival| {
            rival.points + NAMESAKE_MARGIN > winner.points && rival.anchor == winner.anchor
        }) {
            winner.points -= NAMESAKE;
        }
        best.push(winner);
        best.extend(rivals.into_iter().map(|mut rival| {
            rival.points = rival.points.min(THRESHOLD - 1);
            rival
        }));
    }
    best
}

/// A parent that the text names speaks for its child, and the child for the parent.
fn add_relatives(context: &Context<'_>, scored: &mut [Scored]) {
    let named: Vec<(InstitutionIndex, Range<usize>)> = scored
        .iter()
        .filter(|s| !s.generic && s.points >= THRESHOLD - 150 && s.anchor != Anchor::OtherCountry)
        .map(|s| (s.candidate.institution, s.candidate.tokens.clone()))
        .collect();
    for candidate in scored.iter_mut() {
        let own = &candidate.candidate;
        let apart = |tokens: &Range<usize>| !overlap(tokens, &own.tokens);
        let parents = ancestors(context.registry, own.institution);
        let parent_named = named
            .iter()
            .any(|(other, tokens)| apart(tokens) && parents.contains(other));
        let child_named = || {
            named.iter().any(|(other, tokens)| {
                apart(tokens)
                    && context
                        .registry
                        .institution(*other)
                        .parents()
                        .any(|parent| parent == own.institution)
            })
        };
        if parent_named {
            candidate.points += if candidate.generic {
                GENERIC_PARENT_NAMED
            } else {
                RELATIVE_NAMED
            };
            candidate.generic = false;
        } else if child_named() {
            candidate.points += RELATIVE_NAMED;
        }
    }
}

/// Takes out what is the ancestor of another chosen record of the same statement.
fn absorb_parents(context: &Context<'_>, chosen: Vec<Scored>) -> (Vec<Scored>, Vec<Scored>) {
    let absorbed: Vec<bool> = chosen
        .iter()
        .map(|parent| {
            chosen.iter().any(|child| {
                context.same_statement(&child.candidate, &parent.candidate)
                    && ancestors(context.registry, child.candidate.institution)
                        .contains(&parent.candidate.institution)
            })
        })
        .collect();
    let mut flags = absorbed.into_iter();
    let (absorbed, kept) = chosen.into_iter().partition(|_| flags.next().unwrap_or(false));
    (kept, absorbed)
}
