//! From a labelled row to one with its answer.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use whence_model::{Resolution, RorId};
use whence_registry::{InstitutionState, Registry};
use whence_resolve::Resolver;

use crate::error::CliError;
use crate::evaluation::error_kind::Judge;
use crate::evaluation::place::{country_right, locality_right};
use crate::evaluation::{Answered, GoldRow};

/// A row with its answer.
pub(super) struct Row {
    /// The number of its line.
    pub line: usize,
    /// The row.
    pub gold: GoldRow,
    /// What was answered.
    pub resolution: Resolution,
    /// What is right about it.
    pub answered: Answered,
}

impl Row {
    /// Whether its institutions or its place are wrong.
    pub(super) fn is_wrong(&self) -> bool {
        self.answered.is_wrong() || self.has_wrong_place()
    }

    /// Whether its country or its locality is wrong.
    pub(super) fn has_wrong_place(&self) -> bool {
        [self.answered.country_right, self.answered.locality_right].contains(&Some(false))
    }
}

/// Resolves a row.
pub(super) fn answer(resolver: &Resolver, line: usize, gold: GoldRow) -> Result<Row, CliError> {
    let registry = resolver.registry();
    let (resolution, cpu) = timed(|| resolver.resolve(&gold.affiliation));
    // A row that the resolver refuses is one without an answer.
    let resolution = resolution.unwrap_or_default();
    let labels: Vec<BTreeSet<RorId>> = ids(&gold, &gold.ror_ids)?
        .into_iter()
        .map(|id| met_by(registry, id))
        .collect();
    let named_parents = gold.named_parents.as_deref().map(|parents| ids(&gold, parents));
    let met = |parents: Vec<RorId>| parents.into_iter().flat_map(|id| met_by(registry, id)).collect();
    let place = resolution.main_place();
    let institutions = resolution.institutions.iter();
    let mut answered = Answered {
        outside_count: gold.outside.len(),
        named_parents: named_parents.transpose()?.map(met),
        answer: institutions
            .map(|found| (found.ror_id, found.confidence.to_f64()))
            .collect(),
        country_right: country_right(&gold, place),
        locality_right: locality_right(resolver, &gold, place),
        candidate_found: candidate_found(resolver, &gold.affiliation, &labels),
        labels,
        error: None,
        cpu,
    };
    let judge = Judge {
        registry,
        splitter: resolver.splitter(),
    };
    answered.error = judge.kind(&answered, |id| printed(&gold.affiliation, &resolution, id));
    Ok(Row {
        line,
        gold,
        resolution,
        answered,
    })
}

fn ids(gold: &GoldRow, texts: &[String]) -> Result<Vec<RorId>, CliError> {
    let ids = texts
        .iter()
        .map(|text| RorId::parse(text))
        .collect::<Result<_, _>>();
    ids.map_err(|error| CliError::Partly(format!("label of {:?}: {error}", gold.affiliation)))
}

/// The processor time that this thread has spent on it, as other threads and programs do not count.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default();
    let begun = now();
    let done = work();
    (done, now().saturating_sub(begun))
}

/// The ids that meet a label: itself and, if the registry has retired it, its successors, and theirs if they
/// are retired in turn.
fn met_by(registry: &Registry, label: RorId) -> BTreeSet<RorId> {
    let mut ids = BTreeSet::from([label]);
    let mut open = vec![label];
    while let Some(index) = open.pop().and_then(|id| registry.find(id)) {
        let institution = registry.institution(index);
        if institution.state() != InstitutionState::Active {
            let successors = institution
                .successors()
                .map(|it| registry.institution(it).ror_id());
            open.extend(successors.filter(|successor| ids.insert(*successor)));
        }
    }
    ids
}

/// The words that an institution of the answer was found in.
fn printed(affiliation: &str, resolution: &Resolution, id: RorId) -> String {
    let found = resolution.institutions.iter().find(|found| found.ror_id == id);
    let text = found.and_then(|found| found.span.text(affiliation));
    text.unwrap_or_default().to_owned()
}

/// Whether a label is among the candidates that were considered; none without a label.
fn candidate_found(resolver: &Resolver, affiliation: &str, labels: &[BTreeSet<RorId>]) -> Option<bool> {
    if labels.is_empty() {
        return None;
    }
    let Ok((_, explanation)) = resolver.explain(affiliation) else {
        return Some(false);
    };
    let mut considered = explanation
        .candidates
        .iter()
        .flat_map(|candidate| met_by(resolver.registry(), candidate.ror_id));
    Some(considered.any(|id| labels.iter().any(|label| label.contains(&id))))
}
