//! Hashes of words and of keys made of words, so that a longer key is hashed from a shorter one.
//!
//! Sixty-four bits: among half a million keys the chance that a word of an address meets a foreign one is
//! below one in ten million million. The same on every machine.

use std::hash::{BuildHasherDefault, Hasher};

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of one word.
pub fn word(word: &str) -> u64 {
    let mut hash = word.len() as u64;
    for chunk in word.as_bytes().chunks(8) {
        let mut bytes = [0; 8];
        bytes[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(bytes));
    }
    hash
}

/// The hash of a key with one more word.
pub fn append(key: u64, word: u64) -> u64 {
    mix(key.rotate_left(23) ^ word)
}

/// The hashes of words joined by single spaces and of all their beginnings, the shortest first: the last is
/// that of the whole.
pub fn beginnings(text: &str) -> impl Iterator<Item = u64> + '_ {
    text.split(' ').map(word).scan(None, |so_far, word| {
        *so_far = Some(so_far.map_or(word, |key| append(key, word)));
        *so_far
    })
}

fn mix(value: u64) -> u64 {
    let wide = u128::from(value ^ MULTIPLIER) * u128::from(MULTIPLIER);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are folded into one")]
    let folded = wide as u64 ^ (wide >> 64) as u64;
    folded
}

/// A hasher for keys that are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = mix(self.0 ^ u64::from(byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

/// Builds [`Hashed`].
pub type BuildHashed = BuildHasherDefault<Hashed>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_hashed_from_its_beginning() {
        let key = |text| beginnings(text).last();
        assert_eq!(
            key("new york city"),
            Some(append(append(word("new"), word("york")), word("city")))
        );
        assert_eq!(beginnings("new york city").nth(1), key("new york"));
        assert_ne!(key("new york"), key("york new"));
        assert_ne!(word("a"), word("a\0"));
    }
}
