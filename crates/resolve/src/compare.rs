//! What the first look says of the others: for each kept candidate, how it stands among its rivals,
//! neighbours and relatives. The second look weighs this together with the candidate's own features.

use crate::candidates::{Candidate, overlap};
use crate::context::Context;
use crate::features::Features;
use crate::relations::ancestors;
use crate::trees::LOGIT;

/// Names of the features that the comparison adds, in order.
pub const COMPARED: [&str; 11] = [
    "logit",
    "logit_rank",
    "logit_overlapping",
    "logit_apart",
    "logit_beside",
    "logit_ancestor",
    "logit_descendant",
    "logit_related",
    "likely",
    "likely_beside",
    "likely_overlapping",
];
/// How many features the second look sees.
pub const ALL_COUNT: usize = Features::COUNT + COMPARED.len();
/// Candidates with a lower score are not looked at again.
pub const KEPT_MIN: i32 = -4 * LOGIT;
/// Candidates that the first few trees score lower are given up at once.
pub const EARLY_MIN: i32 = -LOGIT * 4;
/// So many candidates are looked at again.
pub const KEPT_MAX: usize = 8;
/// The score where there is no such candidate.
const NONE: i32 = -10 * LOGIT;

/// The candidates that deserve a second look, best first: positions in the list.
pub fn kept(scores: &[i32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&at| scores[at] >= KEPT_MIN).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(scores[at]), at));
    order.truncate(KEPT_MAX);
    order
}

/// The features of the second look, for each kept candidate in order.
pub fn compare(
    context: &Context<'_>,
    candidates: &[Candidate],
    features: &[Features],
    scores: &[i32],
    kept: &[usize],
) -> Vec<[i32; ALL_COUNT]> {
    let rows = kept.iter().enumerate().map(|(rank, &own)| {
        let mut row = [0; ALL_COUNT];
        let (first, second) = row.split_at_mut(Features::COUNT);
        first.copy_from_slice(&features[own].values());
        second.copy_from_slice(&among(context, candidates, scores, kept, own, rank));
        row
    });
    rows.collect()
}

fn among(
    context: &Context<'_>,
    candidates: &[Candidate],
    scores: &[i32],
    kept: &[usize],
    own: usize,
    rank: usize,
) -> [i32; COMPARED.len()] {
    let registry = context.registry;
    let hit = &candidates[own].hit;
    let statement = context.statement_number(hit.tokens.start);
    let up = ancestors(registry, hit.institution);
    let (mut overlapping, mut apart, mut beside) = (NONE, NONE, NONE);
    let (mut ancestor, mut descendant, mut related) = (NONE, NONE, NONE);
    let (mut likely, mut likely_beside, mut likely_overlapping) = (0, 0, 0);
    for &other in kept.iter().filter(|&&other| other != own) {
        let score = scores[other];
        let rival = &candidates[other].hit;
        let is_likely = i32::from(score > 0);
        likely += is_likely;
        if overlap(&rival.tokens, &hit.tokens) {
            overlapping = overlapping.max(score);
            likely_overlapping += is_likely;
        } else {
            apart = apart.max(score);
            if context.statement_number(rival.tokens.start) == statement {
                beside = beside.max(score);
                likely_beside += is_likely;
            }
        }
        if up.contains(&rival.institution) {
            ancestor = ancestor.max(score);
        } else if ancestors(registry, rival.institution).contains(&hit.institution) {
            descendant = descendant.max(score);
        } else if registry
            .institution(hit.institution)
            .related()
            .any(|id| id == rival.institution)
        {
            related = related.max(score);
        }
    }
    let rank = i32::try_from(rank).unwrap_or(i32::MAX);
    [
        scores[own],
        rank,
        overlapping,
        apart,
        beside,
        ancestor,
        descendant,
        related,
        likely,
        likely_beside,
        likely_overlapping,
    ]
}
