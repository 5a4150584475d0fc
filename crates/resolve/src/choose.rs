//! Choosing: from scored candidates to the set of institutions that the address names.
//!
//! The model says of each whether it belongs. Of two that stand over the same words one is meant; a parent
//! that the text names beside its child is credited through the child.

use whence_model::Role;

use crate::candidates::{Candidate, overlap};
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

/// Of a parent and its child in one statement one is credited: the child, with the parent as its parent, or
/// the parent alone, where the model is sure of it and not of the child. Where it is sure of both, the text
/// names the parent for itself.
fn absorb_parents(context: &Context<'_>, choice: &mut Choice) {
    let statement = |s: &Scored| context.statement_number(s.candidate.hit.tokens.start);
    let is_above = |parent: &Scored, child: &Scored| {
        let up = ancestors(context.registry, child.candidate.hit.institution);
        statement(child) == statement(parent) && up.contains(&parent.candidate.hit.institution)
    };
    let chosen = std::mem::take(&mut choice.chosen);
    let (sure, rest): (Vec<Scored>, Vec<Scored>) = chosen.into_iter().partition(|one| one.set >= PARENT_MIN);
    // An unsure child of a sure parent is a unit of it.
    let (units, rest): (Vec<Scored>, Vec<Scored>) = rest
        .into_iter()
        .partition(|one| one.set < 0 && sure.iter().any(|parent| is_above(parent, one)));
    let all: Vec<Scored> = sure.iter().chain(&rest).cloned().collect();
    let (parents, rest): (Vec<Scored>, Vec<Scored>) = rest
        .into_iter()
        .partition(|one| all.iter().any(|child| is_above(one, child)));
    choice.chosen = sure;
    choice.chosen.extend(rest);
    choice.parents = parents;
    choice.others.extend(units);
}
