//! The resolver: the pipeline from a printed address to its institutions and its place.

use std::ops::Range;

use whence_model::{Confidence, InstitutionMatch, Place, Resolution, Role, UnmatchedInstitution};
use whence_registry::{InstitutionIndex, InstitutionState, Registry};

use crate::candidates::{Candidate, candidates};
use crate::choose::{Choice, Scored, choose};
use crate::compare::{ALL_COUNT, EARLY_MIN, compare, kept};
use crate::context::Context;
use crate::explain::{Explanation, explain};
use crate::features::{Features, features};
use crate::gazetteer::Gazetteer;
use crate::index::{Index, IndexError};
use crate::model::Model;
use crate::place::{mentions, place_tokens};
use crate::segment::Address;
use crate::text::Splitter;
use crate::unmatched::unmatched;
use crate::words::WordKinds;

/// Version of the engine; it changes with every change of an answer.
pub const ENGINE_VERSION: &str = "2";
/// An address is at most this many bytes; the longest real one seen has a quarter of it.
pub const AFFILIATION_BYTES_MAX: usize = 16 * 1024;
/// Candidates below this confidence are not reported.
const CANDIDATE_CONFIDENCE_MIN: u16 = 1_000;

/// An address that is refused before any work on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address has {bytes} bytes, more than {AFFILIATION_BYTES_MAX}; an affiliation is at most a few sentences: split it, or check that the right field was sent"
)]
pub struct AffiliationTooLong {
    /// Its length.
    pub bytes: usize,
}

/// Resolves addresses against one registry snapshot. Cheap to share; every call is independent.
pub struct Resolver {
    registry: Registry,
    index: Index,
    splitter: Splitter,
    gazetteer: Gazetteer,
    kinds: WordKinds,
    model: Model,
}

/// What one address was found to hold, with everything that decided.
struct Work {
    candidates: Vec<Candidate>,
    features: Vec<Features>,
    kept: Vec<usize>,
    rows: Vec<[i32; ALL_COUNT]>,
    choice: Choice,
}

impl Resolver {
    /// A resolver over a snapshot that holds the index.
    pub fn new(registry: Registry) -> Result<Self, IndexError> {
        Self::with_model(registry, Model::shipped()?)
    }

    /// A resolver with another model than the one that comes with the program.
    pub fn with_model(registry: Registry, model: Model) -> Result<Self, IndexError> {
        let splitter = Splitter::default();
        let index = Index::open(&registry)?;
        let gazetteer = Gazetteer::new(&registry, &splitter, &index);
        let kinds = WordKinds::new(&index);
        Ok(Self {
            registry,
            index,
            splitter,
            gazetteer,
            kinds,
            model,
        })
    }

    /// The registry that answers.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The index of the registry.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The splitter of texts into words.
    pub fn splitter(&self) -> &Splitter {
        &self.splitter
    }

    /// Resolves one address. Never panics; the same address gives the same answer.
    pub fn resolve(&self, affiliation: &str) -> Result<Resolution, AffiliationTooLong> {
        self.with_context(affiliation, |context, candidates| {
            let work = self.work(context, candidates);
            self.answer(context, &work.choice)
        })
    }

    /// Resolves one address and tells how the answer came about.
    pub fn explain(&self, affiliation: &str) -> Result<(Resolution, Explanation), AffiliationTooLong> {
        self.with_context(affiliation, |context, candidates| {
            let work = self.work(context, candidates);
            let considered: Vec<(&Candidate, &Features)> =
                work.candidates.iter().zip(&work.features).collect();
            let seconds: Vec<(usize, &[i32])> = work
                .kept
                .iter()
                .copied()
                .zip(work.rows.iter().map(<[i32; ALL_COUNT]>::as_slice))
                .collect();
            let explanation = explain(context, &self.model, &considered, &seconds, &work.choice);
            (self.answer(context, &work.choice), explanation)
        })
    }

    /// The candidates of an address with their features: what the model is trained on.
    pub fn measure(&self, affiliation: &str) -> Result<Vec<(Candidate, Features)>, AffiliationTooLong> {
        self.with_context(affiliation, |context, candidates| {
            let features = features(context, &self.kinds, &candidates);
            candidates.into_iter().zip(features).collect()
        })
    }

    fn with_context<T>(
        &self,
        affiliation: &str,
        then: impl FnOnce(&Context<'_>, Vec<Candidate>) -> T,
    ) -> Result<T, AffiliationTooLong> {
        if affiliation.len() > AFFILIATION_BYTES_MAX {
            return Err(AffiliationTooLong {
                bytes: affiliation.len(),
            });
        }
        let address = Address::read(affiliation, &self.splitter, &self.index);
        let mentions = mentions(&address, &self.registry, &self.index, &self.gazetteer);
        let places = place_tokens(&address, &mentions);
        let candidates = candidates(&address, &self.registry, &self.index, &mentions, &self.kinds);
        let context = Context::new(
            &self.registry,
            &self.index,
            &address,
            &mentions,
            &places,
            &self.kinds,
            &candidates,
        );
        Ok(then(&context, candidates))
    }

    fn work(&self, context: &Context<'_>, candidates: Vec<Candidate>) -> Work {
        let features = features(context, &self.kinds, &candidates);
        let scores: Vec<i32> = features
            .iter()
            .map(|row| self.model.first.score_unless_below(&row.values(), EARLY_MIN))
            .collect();
        let kept = kept(&scores);
        let rows = compare(context, &candidates, &features, &scores, &kept);
        let weighed = kept.iter().zip(&rows).map(|(&at, row)| Scored {
            candidate: candidates[at].clone(),
            first: scores[at],
            rank: self.model.rank.score(row),
            set: self.model.set.score(row),
        });
        let choice = choose(context, &self.model, weighed.collect());
        Work {
            candidates,
            features,
            kept,
            rows,
            choice,
        }
    }

    fn answer(&self, context: &Context<'_>, choice: &Choice) -> Resolution {
        let address = context.address;
        let chosen_tokens: Vec<Range<usize>> = choice
            .chosen
            .iter()
            .map(|s| s.candidate.hit.tokens.clone())
            .collect();
        let mut resolution = Resolution {
            place: context.place_of(0),
            unmatched: unmatched(context, &chosen_tokens)
                .into_iter()
                .map(|span| UnmatchedInstitution { span })
                .collect(),
            ..Resolution::default()
        };
        for scored in &choice.chosen {
            let found = self.found(context, scored, &chosen_tokens);
            if let Some(found) = found
                && resolution
                    .institutions
                    .iter()
                    .all(|other| other.ror_id != found.ror_id)
            {
                resolution.institutions.push(found);
            }
        }
        for scored in choice.parents.iter().chain(&choice.others) {
            let confidence = self.model.confidence(scored.rank, scored.set);
            if confidence.ten_thousandths() < CANDIDATE_CONFIDENCE_MIN {
                continue;
            }
            if let Some(found) = self.found(context, scored, &[])
                && resolution
                    .institutions
                    .iter()
                    .chain(&resolution.candidates)
                    .all(|other| other.ror_id != found.ror_id)
            {
                resolution.candidates.push(found);
            }
        }
        if resolution.place == Place::Unknown && !address.tokens.is_empty() {
            let everywhere = 0..address.tokens.len();
            resolution.place = context.evidence_in(&everywhere).place(&self.registry);
        }
        resolution
    }

    fn found(
        &self,
        context: &Context<'_>,
        scored: &Scored,
        chosen: &[Range<usize>],
    ) -> Option<InstitutionMatch> {
        let institution = self.in_use(scored.candidate.hit.institution)?;
        let tokens = &scored.candidate.hit.tokens;
        let confidence: Confidence = self.model.confidence(scored.rank, scored.set);
        let role: Role = context.address.segment_of(tokens.start).role;
        let place = self.place_beside(context, tokens, institution, chosen);
        let ror_id = self.registry.institution(institution).ror_id();
        Some(InstitutionMatch {
            ror_id,
            confidence,
            span: context.address.span(tokens),
            role,
            place,
        })
    }

    /// A withdrawn record is always replaced by its single successor.
    fn in_use(&self, institution: InstitutionIndex) -> Option<InstitutionIndex> {
        let record = self.registry.institution(institution);
        if record.state() != InstitutionState::Withdrawn {
            return Some(institution);
        }
        let mut successors = record.successors();
        let successor = successors.next();
        if successors.next().is_some() {
            None
        } else {
            successor
        }
    }

    /// The place printed beside an institution: between it and the next one, else in its statement; the
    /// registry's first location where no place or only its country is printed.
    fn place_beside(
        &self,
        context: &Context<'_>,
        tokens: &Range<usize>,
        institution: InstitutionIndex,
        chosen: &[Range<usize>],
    ) -> Place {
        let statement = context.statement_of(tokens.start);
        let next = chosen
            .iter()
            .map(|other| other.start)
            .filter(|&start| start >= tokens.end)
            .min();
        let until_next = tokens.end..next.unwrap_or(statement.end).min(statement.end);
        let beside = context.evidence_in(&until_next).place(&self.registry);
        let printed = match beside {
            Place::Locality(..) => beside,
            _ => match context.place_of(context.statement_number(tokens.start)) {
                Place::Unknown => beside,
                place if beside == Place::Unknown || place.country() == beside.country() => place,
                _ => beside,
            },
        };
        let first = self.registry.institution(institution).main_location();
        let registered = first.map(|place| self.registry.place(place));
        match (printed, registered) {
            (Place::Unknown, Some(place)) => Place::Locality(place.geonames_id(), place.country()),
            (Place::Country(country), Some(place)) if place.country() == country => {
                Place::Locality(place.geonames_id(), country)
            }
            (printed, _) => printed,
        }
    }
}
