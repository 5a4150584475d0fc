//! The engine with its memory: affiliations repeat, so answers are kept in a bounded cache in front.
//!
//! The key is the raw text, since spans point into it. The cache belongs to one snapshot and goes with it, so
//! the versions of the registry need not be part of the key. What the engine found is kept beside the answer
//! with the overrides of one state; where those have changed, they alone are applied anew.

use std::sync::Arc;

use moka::sync::Cache;
use whence_model::{OverrideId, Resolution};
use whence_proto::affiliation as pb;
use whence_registry::{InstitutionIndex, Registry};
use whence_resolve::{AffiliationTooLong, Resolver};

use crate::curation::Curated;
use crate::explanation;

/// The cache holds about this many bytes of addresses and answers.
const CACHE_BYTES_MAX: u64 = 32 << 20;

/// A resolver that remembers.
pub struct Resolving {
    resolver: Resolver,
    answers: Cache<String, Arc<Remembered>>,
}

/// One address.
struct Remembered {
    found: Arc<Resolution>,
    answer: Answer,
    /// The state of the overrides that the answer is of.
    state: u64,
}

/// The answer to one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the engine found, with the overrides over it.
    pub resolution: Arc<Resolution>,
    /// The overrides that acted, in the order of the text.
    pub acting: Arc<[OverrideId]>,
}

/// What the engine found, without any override.
impl From<Resolution> for Answer {
    fn from(found: Resolution) -> Self {
        Self {
            resolution: Arc::new(found),
            acting: Arc::default(),
        }
    }
}

impl Resolving {
    /// Puts a cache in front of a resolver.
    pub fn new(resolver: Resolver) -> Self {
        let weigh = |affiliation: &String, remembered: &Arc<Remembered>| {
            let entries = |it: &Resolution| it.institutions.len() + it.candidates.len() + it.unmatched.len();
            let (found, resolution) = (&remembered.found, &remembered.answer.resolution);
            let curated = if Arc::ptr_eq(found, resolution) {
                0
            } else {
                entries(resolution) * 40 + 120
            };
            u32::try_from(affiliation.len() + entries(found) * 40 + 200 + curated).unwrap_or(u32::MAX)
        };
        let answers = Cache::builder()
            .weigher(weigh)
            .max_capacity(CACHE_BYTES_MAX)
            .build();
        Self { resolver, answers }
    }

    /// The registry that answers.
    pub fn registry(&self) -> &Registry {
        self.resolver.registry()
    }

    /// Resolves one address with these overrides.
    pub fn resolve(&self, affiliation: &str, curated: &Curated) -> Result<Answer, AffiliationTooLong> {
        let known = self.answers.get(affiliation);
        if let Some(remembered) = known.as_ref().filter(|it| it.state == curated.state) {
            return Ok(remembered.answer.clone());
        }
        let found = match known {
            Some(remembered) => Arc::clone(&remembered.found),
            None => Arc::new(self.resolver.resolve(affiliation)?),
        };
        let answer = self.curate(affiliation, &found, curated);
        let remembered = Remembered {
            found,
            answer: answer.clone(),
            state: curated.state,
        };
        self.answers.insert(affiliation.to_owned(), Arc::new(remembered));
        Ok(answer)
    }

    fn curate(&self, affiliation: &str, found: &Arc<Resolution>, curated: &Curated) -> Answer {
        let overrides = &curated.overrides;
        if overrides.is_empty() {
            return Answer {
                resolution: Arc::clone(found),
                acting: Arc::default(),
            };
        }
        let (resolution, acting) = overrides.apply(affiliation, self.registry(), Resolution::clone(found));
        let resolution = if acting.is_empty() {
            Arc::clone(found)
        } else {
            Arc::new(resolution)
        };
        Answer {
            resolution,
            acting: acting.into(),
        }
    }

    /// How the engine comes to its answer to one address.
    pub fn explain(&self, affiliation: &str) -> Result<pb::Explanation, AffiliationTooLong> {
        explanation::explain(&self.resolver, affiliation)
    }

    /// Institutions that a text could mean, best first.
    pub fn search(&self, query: &str) -> Vec<InstitutionIndex> {
        self.resolver.search(query)
    }
}
