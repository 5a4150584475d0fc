//! What kind of error a wrong row is: how the institution answered is related to the one expected.
//!
//! Each wrong row has one kind: the first that applies, in the order of [`ErrorKind`]. Rows that ask for
//! the exact set are judged by all their answers, others by the best one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use whence_model::{CountryCode, RorId};
use whence_registry::{InstitutionIndex, NameKind, Registry};
use whence_resolve::text::Splitter;

use super::row::Answered;

/// Kinds of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Nothing should have been answered.
    ShouldBeNone,
    /// A label has no answer, and nothing else was answered.
    Missed,
    /// All labels are answered, and an institution that the text does not name.
    Extra,
    /// An institution above the label.
    ParentInsteadOfChild,
    /// An institution below the label.
    ChildInsteadOfParent,
    /// An institution in another country.
    WrongCountry,
    /// An institution with the same parent.
    Sibling,
    /// An institution with the same name.
    Namesake,
    /// An institution of which only the acronym is printed.
    Acronym,
    /// Anything else.
    Other,
}

impl ErrorKind {
    /// All of them, in order.
    pub const ALL: [Self; 10] = [
        Self::ShouldBeNone,
        Self::Missed,
        Self::Extra,
        Self::ParentInsteadOfChild,
        Self::ChildInsteadOfParent,
        Self::WrongCountry,
        Self::Sibling,
        Self::Namesake,
        Self::Acronym,
        Self::Other,
    ];

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::ShouldBeNone => "should be none",
            Self::Missed => "missed",
            Self::Extra => "extra",
            Self::ParentInsteadOfChild => "parent instead of child",
            Self::ChildInsteadOfParent => "child instead of parent",
            Self::WrongCountry => "wrong country",
            Self::Sibling => "sibling",
            Self::Namesake => "namesake",
            Self::Acronym => "acronym",
            Self::Other => "other",
        }
    }
}

/// How many errors there are of each kind.
pub fn count(rows: &[Answered]) -> BTreeMap<ErrorKind, usize> {
    let mut counts = BTreeMap::new();
    for kind in rows.iter().filter_map(|row| row.error) {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

/// What knows the institutions.
#[derive(Clone, Copy)]
pub struct Judge<'r> {
    /// The registry that answered.
    pub registry: &'r Registry,
    /// What compares names.
    pub splitter: &'r Splitter,
}

impl Judge<'_> {
    /// The kind of a row's error; none if the row is right. `printed` gives the words that an institution
    /// of the answer was found in.
    pub fn kind(self, row: &Answered, printed: impl Fn(RorId) -> String) -> Option<ErrorKind> {
        if !row.is_wrong() {
            return None;
        }
        let judged = if row.named_parents.is_some() {
            row.answer.len()
        } else {
            1
        };
        let judged: Vec<RorId> = row.answer.iter().take(judged).map(|(id, _)| *id).collect();
        let allowed = |id: &RorId| {
            row.named_parents
                .as_ref()
                .is_some_and(|parents| parents.contains(id))
        };
        let wrong = judged.iter().find(|id| !row.meets_a_label(**id) && !allowed(id));
        let missing = row
            .labels
            .iter()
            .filter(|label| !judged.iter().any(|id| label.contains(id)));
        let missing: Vec<RorId> = missing.flatten().copied().collect();
        Some(match wrong {
            _ if row.labels.is_empty() => ErrorKind::ShouldBeNone,
            None => ErrorKind::Missed,
            Some(_) if missing.is_empty() => ErrorKind::Extra,
            Some(wrong) => self.relation(*wrong, &missing, &printed(*wrong)),
        })
    }

    /// How an institution is related to those that are missing.
    fn relation(self, answered: RorId, missing: &[RorId], printed: &str) -> ErrorKind {
        let Some(answered) = self.registry.find(answered) else {
            return ErrorKind::Other;
        };
        let missing: Vec<InstitutionIndex> =
            missing.iter().filter_map(|id| self.registry.find(*id)).collect();
        let any = |test: &dyn Fn(InstitutionIndex) -> bool| missing.iter().any(|missing| test(*missing));
        if any(&|missing| self.ancestors(missing).contains(&answered)) {
            ErrorKind::ParentInsteadOfChild
        } else if any(&|missing| self.ancestors(answered).contains(&missing)) {
            ErrorKind::ChildInsteadOfParent
        } else if !missing.is_empty() && !any(&|missing| self.country(missing) == self.country(answered)) {
            ErrorKind::WrongCountry
        } else if any(&|missing| !self.parents(missing).is_disjoint(&self.parents(answered))) {
            ErrorKind::Sibling
        } else if any(&|missing| !self.names(missing).is_disjoint(&self.names(answered))) {
            ErrorKind::Namesake
        } else if self.is_acronym(answered, printed) {
            ErrorKind::Acronym
        } else {
            ErrorKind::Other
        }
    }

    fn country(self, institution: InstitutionIndex) -> Option<CountryCode> {
        self.registry.institution(institution).country()
    }

    fn parents(self, institution: InstitutionIndex) -> BTreeSet<InstitutionIndex> {
        self.registry.institution(institution).parents().collect()
    }

    fn ancestors(self, institution: InstitutionIndex) -> BTreeSet<InstitutionIndex> {
        let mut found = BTreeSet::new();
        let mut open = vec![institution];
        while let Some(institution) = open.pop() {
            open.extend(
                self.parents(institution)
                    .into_iter()
                    .filter(|parent| found.insert(*parent)),
            );
        }
        found
    }

    fn names(self, institution: InstitutionIndex) -> BTreeSet<String> {
        let names = self.registry.institution(institution);
        let full = names.names().filter(|name| name.kind != NameKind::Acronym);
        full.map(|name| self.splitter.key(name.text)).collect()
    }

    fn is_acronym(self, institution: InstitutionIndex, printed: &str) -> bool {
        let names = self.registry.institution(institution);
        let mut acronyms = names.names().filter(|name| name.kind == NameKind::Acronym);
        acronyms.any(|name| name.text.to_lowercase() == printed.to_lowercase())
    }
}
