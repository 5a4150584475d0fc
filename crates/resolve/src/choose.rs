//! Choosing: from scored candidates to the set of institutions that the address names.
//!
//! The model says of each whether it belongs. Of two that stand over the same words one is meant; a parent
//! that the text names beside its child is credited through the child.

use whence_model::Role;

use crate::candidates::Candidate;
use crate::compare::overlap;
use crate::context::Context;
use crate::model::Model;
use crate::relations::ancestors;
use crate::trees::LOGIT;

/// A parent beside its child is named for itself only if the model is sure: four in five, as a score.
const PARENT_MIN: i32 = LOGIT * 7 / 5;

/// A candidate with its scores, in units of the trees.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The candidate.
    pub candidate: Candidate,
    /// By itself.
    pub first: i32,
    /// Whether it would be named first.
    pub rank: i32,
    /// Whether it belongs to the set.
    pub set: i32,
}

impl Scored {
    /// What decides between candidates over the same words.
    fn strength(&self) -> i32 {
        self.rank.max(self.set)
    }
}

/// The chosen candidates, best first, and what became of the rest.
#[derive(Default)]
pub struct Choice {
    /// The set that the address names.
    pub chosen: Vec<Scored>,
    /// Parents of chosen ones that the address names beside them.
    pub parents: Vec<Scored>,
    /// Candidates that were not chosen, best first.
    pub others: Vec<Scored>,
}

/// Chooses the set.
pub fn choose(context: &Context<'_>, model: &Model, mut scored: Vec<Scored>) -> Choice {
    scored.sort_by_key(|s| (std::cmp::Reverse(s.strength()), s.candidate.hit.institution));
    let mut choice = Choice::default();
    for one in scored {
        let stands = one.rank >= model.rank_min || one.set >= model.set_min;
        let taken = |other: &Scored| overlap(&other.candidate.hit.tokens, &one.candidate.hit.tokens);
        if stands && !choice.chosen.iter().any(taken) {
            choice.chosen.push(one);
        } else {
            choice.others.push(one);
        }
    }
    absorb_parents(context, &mut choice);
    let best_first = |s: &Scored| (std::cmp::Reverse(s.rank), s.candidate.hit.institution);
    // What is printed first comes first, but where the author is now after where the work was done.
    let role = |s: &Scored| context.address.segment_of(s.candidate.hit.tokens.start).role;
    let is_present = |s: &Scored| role(s) == Role::PresentAddress;
    let statement = |s: &Scored| context.statement_number(s.candidate.hit.tokens.start);
    choice
        .chosen
        .sort_by_key(|s| (is_present(s), statement(s), best_first(s)));
    choice.others.sort_by_key(best_first);
    choice
}

/// Takes out what is the ancestor of another chosen record of the same statement, unless the model is sure
/// that it is named for itself.
fn absorb_parents(context: &Context<'_>, choice: &mut Choice) {
    let statement = |s: &Scored| context.statement_number(s.candidate.hit.tokens.start);
    let is_parent: Vec<bool> = choice
        .chosen
        .iter()
        .map(|parent| {
            parent.set < PARENT_MIN
                && choice.chosen.iter().any(|child| {
                    statement(child) == statement(parent)
                        && ancestors(context.registry, child.candidate.hit.institution)
                            .contains(&parent.candidate.hit.institution)
                })
        })
        .collect();
    let mut flags = is_parent.into_iter();
    let chosen = std::mem::take(&mut choice.chosen);
    (choice.parents, choice.chosen) = chosen.into_iter().partition(|_| flags.next().unwrap_or(false));
}
