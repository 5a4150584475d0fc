//! The resolver: the pipeline from a printed address to its institutions and its place.

use std::ops::Range;

use whence_model::{Confidence, InstitutionMatch, Place, Resolution, Role, UnmatchedInstitution};
use whence_registry::{InstitutionIndex, InstitutionState, Registry};

use crate::candidates::{Candidate, candidates};
use crate::choose::{Choice, choose};
use crate::confidence::confidence;
use crate::index::{Index, IndexError};
use crate::place::{Countries, Mention, mentions, place_tokens};
use crate::score::{Context, Scored};
use crate::segment::Address;
use crate::text::Splitter;
use crate::unmatched::unmatched;

/// Version of the engine; it changes with every change of an answer.
pub const ENGINE_VERSION: &str = "1";
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
    countries: Countries,
}

impl Resolver {
    /// A resolver over a snapshot that holds the index.
    pub fn new(registry: Registry) -> Result<Self, IndexError> {
        let splitter = Splitter::default();
        let index = Index::open(&registry)?;
        let countries = Countries::new(&registry, &splitter);
        Ok(Self {
            registry,
            index,
            splitter,
            countries,
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
        if affiliation.len() > AFFILIATION_BYTES_MAX {
            return Err(AffiliationTooLong {
                bytes: affiliation.len(),
            });
        }
        let address = Address::read(affiliation, &self.splitter, &self.index);
        let mentions = mentions(&address, &self.index, &self.countries);
        let places = place_tokens(&address, &mentions);
        let candidates = candidates(&address, &self.index, &places);
        let named = named(&candidates, &places);
        let statements = statements(&address, &mentions, &places, &named);
        let context = Context {
            registry: &self.registry,
            index: &self.index,
            address: &address,
            mentions: &mentions,
            places: &places,
            statements: &statements,
            named: &named,
        };
        let scored = candidates
            .into_iter()
            .map(|candidate| context.score(candidate))
            .collect();
        let choice = choose(&context, scored);
        Ok(self.answer(&context, &choice))
    }

    fn answer(&self, context: &Context<'_>, choice: &Choice) -> Resolution {
        let address = context.address;
        let chosen_tokens: Vec<Range<usize>> =
            choice.chosen.iter().map(|s| s.candidate.tokens.clone()).collect();
        let mut resolution = Resolution {
            place: context
                .evidence_in(&context.statement_of(0))
                .place(&self.registry),
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
        for scored in &choice.others {
            let found = self.found(context, scored, &[]);
            if let Some(found) = found
                && found.confidence.ten_thousandths() >= CANDIDATE_CONFIDENCE_MIN
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
        let institution = self.in_use(scored.candidate.institution)?;
        let tokens = &scored.candidate.tokens;
        let confidence: Confidence = confidence(scored.points);
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
            _ => match context.evidence_around(tokens).place(&self.registry) {
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

/// For each token, whether a full name of two words or more stands over it that is not made of places.
fn named(candidates: &[Candidate], places: &[bool]) -> Vec<bool> {
    let mut named = vec![false; places.len()];
    for candidate in candidates {
        let whole_name = candidate.coverage == 1000 && candidate.inserted == 0;
        if whole_name && candidate.tokens.len() > 1 && !candidate.tokens.clone().all(|token| places[token]) {
            named[candidate.tokens.clone()].fill(true);
        }
    }
    named
}

/// The statements of an address by tokens: a semicolon or a line break ends one, and so does a country
/// that ends a segment where something other than a place follows.
fn statements(
    address: &Address<'_>,
    mentions: &[Mention],
    places: &[bool],
    named: &[bool],
) -> Vec<Range<usize>> {
    let mut statements: Vec<Range<usize>> = Vec::new();
    let mut current: Option<usize> = None;
    let mut ended_by_country = false;
    for segment in &address.segments {
        let only_places = segment
            .tokens
            .clone()
            .all(|token| places[token] || address.tokens[token].word.bytes().any(|b| b.is_ascii_digit()));
        let starts = current != Some(segment.statement) || (ended_by_country && !only_places);
        match statements.last_mut() {
            Some(last) if !starts => last.end = segment.tokens.end,
            _ => statements.push(segment.tokens.clone()),
        }
        current = Some(segment.statement);
        ended_by_country = if only_places && ended_by_country && !starts {
            true
        } else {
            mentions.iter().any(|mention| {
                mention.strong
                    && mention.country.is_some()
                    && segment.tokens.contains(&mention.tokens.start)
                    && !mention.tokens.clone().all(|token| named[token])
            })
        };
    }
    statements
}
