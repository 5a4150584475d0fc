//! Why an address resolved as it did: what was read, what was considered, and what spoke for and against.
//!
//! Plain data, made only when asked for; an ordinary resolution does not pay for it.

use whence_model::{Confidence, RorId, Span};

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
