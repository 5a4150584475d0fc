//! Why an address resolved as it did: what was read, what was considered, and what spoke for and against.
//!
//! Plain data, made only when asked for; an ordinary resolution does not pay for it.

use whence_model::{Confidence, RorId, Span};

use crate::candidates::{Candidate, How};
use crate::choose::{Choice, Scored};
use crate::compare::COMPARED;
use crate::context::Context;
use crate::features::Features;
use crate::model::Model;
use crate::place::Mention;
use crate::trees::LOGIT;

/// How an answer came about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The segments that the address was read into, in its order.
    pub segments: Vec<Span>,
    /// The places that it names, in its order.
    pub places: Vec<PlaceMention>,
    /// Every record that was considered, best first.
    pub candidates: Vec<ExplainedCandidate>,
}

/// A place that an address names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceMention {
    /// Where it is named.
    pub span: Span,
    /// What it was taken for, in words, such as `city Oxford, GB`.
    pub what: String,
}

/// A record that was considered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedCandidate {
    /// The record.
    pub ror_id: RorId,
    /// The form of its name that was found, or the acronym.
    pub name: String,
    /// How it was found: `exact name`, `approximate name` or `acronym`.
    pub how: &'static str,
    /// Where the address names it.
    pub span: Span,
    /// The values that the model saw, by the names of its features.
    pub features: Vec<(&'static str, i32)>,
    /// How likely the candidate is, taken by itself.
    pub probability: Confidence,
    /// How sure the resolver is after the set was chosen.
    pub confidence: Confidence,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in words.
    pub because: String,
}

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The resolver stands behind it.
    Chosen,
    /// A parent of a chosen one that the address names as well: credited through its child.
    Parent,
    /// Something spoke against it.
    Rejected,
}

/// Explains a choice: every candidate, best first, with what was measured of it.
pub(crate) fn explain(
    context: &Context<'_>,
    model: &Model,
    considered: &[(&Candidate, &Features)],
    seconds: &[(usize, &[i32])],
    choice: &Choice,
) -> Explanation {
    let address = context.address;
    let segments = address
        .segments
        .iter()
        .map(|segment| address.span(&segment.tokens))
        .collect();
    let places = context
        .mentions
        .iter()
        .map(|mention| PlaceMention {
            span: address.span(&mention.tokens),
            what: what(context, mention),
        })
        .collect();
    let mut candidates: Vec<(i32, ExplainedCandidate)> = considered
        .iter()
        .enumerate()
        .map(|(at, (candidate, features))| {
            let second = seconds.iter().find(|(kept, _)| *kept == at).map(|(_, row)| *row);
            one(context, model, candidate, features, second, choice)
        })
        .collect();
    candidates.sort_by_key(|(score, candidate)| (std::cmp::Reverse(*score), candidate.ror_id));
    Explanation {
        segments,
        places,
        candidates: candidates.into_iter().map(|(_, candidate)| candidate).collect(),
    }
}

fn what(context: &Context<'_>, mention: &Mention) -> String {
    let mut meanings = Vec::new();
    if let Some(code) = mention.country {
        meanings.push(format!("country {code}"));
    }
    if let Some(row) = mention.subdivisions.first() {
        meanings.push(format!(
            "state or province of {}",
            String::from_utf8_lossy(&row.country)
        ));
    }
    if let Some(&place) = mention.localities.first() {
        let place = context.registry.place(place);
        let others = match mention.localities.len() {
            1 => String::new(),
            many => format!(" or {} others of that name", many - 1),
        };
        meanings.push(format!("city {}, {}{others}", place.name(), place.country()));
    }
    meanings.join("; ")
}

fn one(
    context: &Context<'_>,
    model: &Model,
    candidate: &Candidate,
    features: &Features,
    second: Option<&[i32]>,
    choice: &Choice,
) -> (i32, ExplainedCandidate) {
    let hit = &candidate.hit;
    let record = context.registry.institution(hit.institution);
    let scored = |list: &[Scored]| {
        list.iter()
            .find(|s| s.candidate.hit.institution == hit.institution)
            .cloned()
    };
    let (verdict, scored) = match (scored(&choice.chosen), scored(&choice.parents)) {
        (Some(scored), _) => (Verdict::Chosen, Some(scored)),
        (None, Some(scored)) => (Verdict::Parent, Some(scored)),
        (None, None) => (Verdict::Rejected, scored(&choice.others)),
    };
    let first = scored
        .as_ref()
        .map_or_else(|| model.first.score(&features.values()), |scored| scored.first);
    let names = Features::NAMES.iter().chain(&COMPARED).copied();
    let values = second.map_or_else(|| features.values().to_vec(), <[i32]>::to_vec);
    let confidence = scored.as_ref().map_or(Confidence::NONE, |scored| {
        model.confidence(scored.rank, scored.set)
    });
    let explained = ExplainedCandidate {
        ror_id: record.ror_id(),
        name: found_name(context, candidate),
        how: match hit.how {
            How::Acronym => "acronym",
            How::Approximate => "approximate name",
            How::Exact => "exact name",
        },
        span: context.address.span(&hit.tokens),
        features: names.zip(values).collect(),
        probability: Model::probability(first),
        confidence,
        verdict,
        because: because(features, verdict, second.is_some()),
    };
    (scored.map_or(first - 20 * LOGIT, |scored| scored.rank), explained)
}

/// The words of the name that was found, in the comparable form; the acronym as printed.
fn found_name(context: &Context<'_>, candidate: &Candidate) -> String {
    if let Some(row) = candidate.hit.name.and_then(|name| context.index.name(name)) {
        return context.index.words_of(row).join(" ");
    }
    let span = context.address.span(&candidate.hit.tokens);
    span.text(context.address.text).unwrap_or_default().to_owned()
}

/// What speaks for and against a candidate, in words.
fn because(f: &Features, verdict: Verdict, looked_at_again: bool) -> String {
    let mut said: Vec<&str> = Vec::new();
    said.push(match (f.how, f.coverage) {
        (0, _) => "an acronym",
        (2, _) => "its name stands there word for word",
        (_, 1000) => "all words of its name stand there",
        _ => "part of its name stands there",
    });
    said.push(match (f.city, f.country) {
        (_, -2) => "another country is printed",
        (3, _) => "its city is printed",
        (2, _) => "its metropolitan area is printed",
        (_, 2) => "its country is printed",
        (_, -1) => "the printed city is in another country",
        (1, _) => "another city is printed",
        _ => "no place is printed",
    });
    for (holds, words) in [
        (f.misspelt > 0, "a word is misspelt"),
        (f.inside_longer == 1, "it stands inside a longer name"),
        (f.leads_on == 3, "the name goes on"),
        (f.generic == 1, "the name is nobody's own"),
        (f.namesakes_better > 0, "the place fits a namesake better"),
        (f.sharers > 1, "others share the name"),
        (f.parent_named > 0, "its parent is named too"),
        (f.child_named > 0, "a part of it is named too"),
    ] {
        if holds {
            said.push(words);
        }
    }
    let outcome = match (verdict, looked_at_again) {
        (Verdict::Chosen, _) => "chosen",
        (Verdict::Parent, _) => "credited through its part",
        (Verdict::Rejected, true) => "not chosen",
        (Verdict::Rejected, false) => "ruled out at the first look",
    };
    format!("{outcome}: {}", said.join("; "))
}
