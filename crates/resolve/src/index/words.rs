//! The words of the registry's names in memory, in order: to read one by its number, and to walk those that
//! begin alike when a misspelt one is looked up.

use fst::Streamer;
use whence_registry::Section;

use super::TokenId;

/// All words, in byte order; the number of a word is that of its token.
pub(super) struct Words {
    text: String,
    ends: Vec<u32>,
    letters: Vec<u32>,
}

impl Words {
    pub(super) fn new(tokens: &fst::Map<Section>) -> Self {
        let mut words = Self {
            text: String::new(),
            ends: Vec::with_capacity(tokens.len()),
            letters: Vec::with_capacity(tokens.len()),
        };
        let mut stream = tokens.stream();
        while let Some((word, _)) = stream.next() {
            let word = String::from_utf8_lossy(word);
            words.text.push_str(&word);
            words
                .ends
                .push(u32::try_from(words.text.len()).unwrap_or(u32::MAX));
            words.letters.push(letters(&word));
        }
        words
    }

    /// The word of a token; empty if there is none.
    pub(super) fn get(&self, at: usize) -> &str {
        let start = at
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |end| *end as usize);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The words that begin like `word`, in its first `alike` bytes, differ in length by no more than
    /// `edits`, and share enough letters to be that many edits away at most.
    pub(super) fn near<'w>(
        &'w self,
        word: &'w str,
        alike: usize,
        edits: usize,
    ) -> impl Iterator<Item = (&'w str, TokenId)> {
        let prefix = word.as_bytes().get(..alike).unwrap_or(word.as_bytes());
        let own = letters(word);
        let first = self.first_from(prefix);
        (first..self.ends.len())
            .map(|at| (at, self.get(at)))
            .take_while(move |(_, other)| other.as_bytes().starts_with(prefix))
            .filter(move |(at, other)| {
                // An edit changes two letters of the set at most.
                let apart = (self.letters[*at] ^ own).count_ones() as usize;
                other.len().abs_diff(word.len()) <= edits && apart <= edits.saturating_mul(2)
            })
            .map(|(at, other)| (other, TokenId(u32::try_from(at).unwrap_or(u32::MAX))))
    }

    fn first_from(&self, prefix: &[u8]) -> usize {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.get(middle).as_bytes() < prefix {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The set of letters of a word: those from a to z, and one for all others.
fn letters(word: &str) -> u32 {
    word.bytes().fold(0, |set, byte| {
        set | 1
            << if byte.is_ascii_lowercase() {
                u32::from(byte - b'a')
            } else {
                26
            }
    })
}
