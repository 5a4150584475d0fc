//! What the store says about itself: revision, number of articles, and a fingerprint of all its content.
//!
//! The state is written in the same batch as what it describes. Its digest, chained to the one before,
//! is what the witness keeps: two stores with the same digest went through the same revisions.

use sha2::{Digest, Sha256};

/// The state of the store at one revision.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Batches flushed since the store was made.
    pub(crate) revision: u64,
    /// Articles stored.
    pub(crate) articles: u64,
    /// Sum over all keys but this state and the schema version, see `codec::fingerprint`.
    pub(crate) fingerprint: u64,
    /// Digest of the state one revision earlier.
    pub(crate) previous: [u8; 32],
}

impl State {
    pub(crate) fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.previous);
        for number in [self.revision, self.articles, self.fingerprint] {
            hasher.update(number.to_be_bytes());
        }
        hasher.finalize().into()
    }
}
