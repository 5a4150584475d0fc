//! The snapshot that answers now: it can be replaced while requests are under way.
//!
//! A request takes the snapshot once and keeps it until it has answered, so an answer and the versions
//! beside it are of one snapshot. One that has been replaced is freed, with its cache and its mapping, when
//! the last request that took it ends.

use std::sync::Arc;

use arc_swap::ArcSwap;
use whence_resolve::Resolver;

use crate::resolving::Resolving;

/// Holds the snapshot that answers.
pub struct Current {
    resolving: ArcSwap<Resolving>,
}

impl Current {
    /// Begins with this resolver.
    pub fn new(resolver: Resolver) -> Self {
        Self {
            resolving: ArcSwap::from_pointee(Resolving::new(resolver)),
        }
    }

    /// The snapshot that answers now, for one request.
    pub fn load(&self) -> Arc<Resolving> {
        self.resolving.load_full()
    }

    /// From the next request on, this resolver answers, with an empty cache.
    pub fn replace(&self, resolver: Resolver) {
        self.resolving.store(Arc::new(Resolving::new(resolver)));
    }
}
