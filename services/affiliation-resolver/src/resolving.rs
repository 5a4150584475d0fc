//! The engine with its memory: affiliations repeat, so answers are kept in a bounded cache in front.
//!
//! The key is the raw text, since spans point into it. The cache belongs to one snapshot and goes with it,
//! so the versions need not be part of the key.

use std::sync::Arc;

use moka::sync::Cache;
use whence_model::Resolution;
use whence_proto::affiliation as pb;
use whence_registry::{InstitutionIndex, Registry};
use whence_resolve::{AffiliationTooLong, Resolver};

use crate::explanation;

/// The cache holds about this many bytes of addresses and answers.
const CACHE_BYTES_MAX: u64 = 32 << 20;

/// A resolver that remembers.
pub struct Resolving {
    resolver: Resolver,
    answers: Cache<String, Arc<Resolution>>,
}

impl Resolving {
    /// Puts a cache in front of a resolver.
    pub fn new(resolver: Resolver) -> Self {
        let weigh = |affiliation: &String, resolution: &Arc<Resolution>| {
            let entries =
                resolution.institutions.len() + resolution.candidates.len() + resolution.unmatched.len();
            u32::try_from(affiliation.len() + entries * 40 + 160).unwrap_or(u32::MAX)
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

    /// Resolves one address.
    pub fn resolve(&self, affiliation: &str) -> Result<Arc<Resolution>, AffiliationTooLong> {
        if let Some(answer) = self.answers.get(affiliation) {
            return Ok(answer);
        }
        let answer = Arc::new(self.resolver.resolve(affiliation)?);
        self.answers.insert(affiliation.to_owned(), Arc::clone(&answer));
        Ok(answer)
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
