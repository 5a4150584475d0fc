//! Segments: an address as words in the pieces that its punctuation makes.
//!
//! `Dept. of Physics, Univ. of Oxford, UK; CERN, Geneva` has the segments `Dept. of Physics`, `Univ. of
//! Oxford`, `UK` and `CERN`, `Geneva`, the last two of another statement. A statement is what one author
//! note would hold: a semicolon or a line break ends it. Words without evidence are left out, their spans
//! remain part of what surrounds them.

use std::ops::Range;

use whence_model::{Role, Span};

use crate::clean;
use crate::dirt::{Meant, meant};
use crate::hash;
use crate::index::{Index, TokenId, joined};
use crate::text::{Splitter, Word};

/// A word that carries evidence.
#[derive(Clone, Debug)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// The comparable form.
    pub word: String,
    /// Its hash.
    pub hash: u64,
    /// The token of the registry's names, if some name uses the word.
    pub id: Option<TokenId>,
    /// The segment that it stands in.
    pub segment: usize,
}

/// A piece between punctuation.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its tokens; never empty.
    pub tokens: Range<usize>,
    /// The statement that it belongs to.
    pub statement: usize,
    /// What the address is to the author from here on.
    pub role: Role,
}

/// An address as read.
#[derive(Clone, Debug)]
pub struct Address<'a> {
    /// The text as printed.
    pub text: &'a str,
    /// Its words that carry evidence.
    pub tokens: Vec<Token>,
    /// Its segments, in order.
    pub segments: Vec<Segment>,
}

/// What parts two words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Boundary {
    None,
    Segment,
    Statement,
}

impl<'a> Address<'a> {
    /// Reads an address.
    pub fn read(text: &'a str, splitter: &Splitter, index: &Index) -> Self {
        let noise = clean::noise(text);
        let is_noise = |word: &Word| {
            noise
                .iter()
                .any(|range| range.start <= word.start && word.end <= range.end)
        };
        let words: Vec<Word> = splitter
            .words(text)
            .into_iter()
            .filter(|word| !is_noise(word))
            .collect();
        let words = parted(text, words, splitter, index);

        let mut address = Self {
            text,
            tokens: Vec::new(),
            segments: Vec::new(),
        };
        let mut reader = Reader {
            statement: 0,
            role: Role::Affiliation,
            boundary: Boundary::Statement,
        };
        for (position, word) in words.iter().enumerate() {
            if let Some(previous) = position.checked_sub(1).map(|p| &words[p]) {
                reader.pass(boundary(&text[previous.end..word.start], previous));
            }
            if introduces_present_address(&words[position..]) {
                reader.role = Role::PresentAddress;
                reader.pass(Boundary::Segment);
                continue;
            }
            if word.stop || (word.text == "address" && reader.role == Role::PresentAddress) {
                continue;
            }
            reader.take(word, index, &mut address);
        }
        address
    }

    /// The tokens of a range as printed, from the first to the last.
    pub fn span(&self, tokens: &Range<usize>) -> Span {
        let start = self.tokens.get(tokens.start).map_or(0, |token| token.span.start);
        let end = tokens
            .end
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |token| token.span.end);
        Span {
            start,
            end: end.max(start),
        }
    }

    /// The segment of a token.
    pub fn segment_of(&self, token: usize) -> &Segment {
        &self.segments[self.tokens[token].segment]
    }
}

struct Reader {
    statement: usize,
    role: Role,
    boundary: Boundary,
}

impl Reader {
    fn pass(&mut self, boundary: Boundary) {
        self.boundary = self.boundary.max(boundary);
        if boundary == Boundary::Statement {
            self.role = Role::Affiliation;
        }
    }

    fn take(&mut self, word: &Word, index: &Index, address: &mut Address<'_>) {
        if self.boundary == Boundary::None
            && let Some(last) = address.tokens.last_mut()
            && let Some(word_and_id) =
                joined(&last.word, &word.text).and_then(|both| Some((index.token(&both)?, both)))
        {
            (last.id, last.word) = (Some(word_and_id.0), word_and_id.1);
            last.hash = hash::word(&last.word);
            last.span.end = offset(word.end);
            return;
        }
        let next = address.tokens.len();
        match address.segments.last_mut() {
            Some(segment) if self.boundary == Boundary::None => segment.tokens.end = next + 1,
            last => {
                if last.is_some() && self.boundary == Boundary::Statement {
                    self.statement += 1;
                }
                address.segments.push(Segment {
                    tokens: next..next + 1,
                    statement: self.statement,
                    role: self.role,
                });
            }
        }
        self.boundary = Boundary::None;
        let hash = hash::word(&word.text);
        address.tokens.push(Token {
            span: Span {
                start: offset(word.start),
                end: offset(word.end),
            },
            word: word.text.clone(),
            hash,
            id: index.token_by_hash(hash),
            segment: address.segments.len() - 1,
        });
    }
}

/// Parts the words that no name uses and that hold a capital behind small letters: `ofTianjin`.
fn parted(text: &str, words: Vec<Word>, splitter: &Splitter, index: &Index) -> Vec<Word> {
    let printed = |word: &Word| text.get(word.start..word.end).unwrap_or_default();
    let parts = |word: &Word| !word.stop && holds_capital(printed(word)) && index.token(&word.text).is_none();
    if !words.iter().any(parts) {
        return words;
    }
    let mut all = Vec::with_capacity(words.len() + 4);
    for word in words {
        if parts(&word) {
            part(&word, printed(&word), splitter, &mut all);
        } else {
            all.push(word);
        }
    }
    all
}

/// Whether a capital stands behind two small letters.
fn holds_capital(printed: &str) -> bool {
    let mut small = 0;
    printed.chars().any(|c| {
        let found = small >= 2 && c.is_uppercase();
        small = if c.is_lowercase() { small + 1 } else { 0 };
        found
    })
}

fn part(word: &Word, printed: &str, splitter: &Splitter, all: &mut Vec<Word>) {
    let mut start = 0;
    let mut small = 0;
    let mut ends: Vec<usize> = Vec::new();
    for (at, c) in printed.char_indices() {
        if c.is_uppercase() && small >= 2 {
            ends.push(at);
        }
        small = if c.is_lowercase() { small + 1 } else { 0 };
    }
    ends.push(printed.len());
    for end in ends {
        let words = splitter.words(&printed[start..end]);
        all.extend(words.into_iter().map(|mut inner| {
            inner.start += word.start + start;
            inner.end += word.start + start;
            inner
        }));
        start = end;
    }
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// What the text between two words parts.
fn boundary(gap: &str, previous: &Word) -> Boundary {
    let mut found = Boundary::None;
    let mut at = 0;
    while let Some(Meant { end, character, .. }) = meant(gap, at) {
        at = end;
        found = found.max(match character {
            ';' | '；' | '|' | '\n' | '\r' | '•' | '¶' | '†' | '‡' | '§' => Boundary::Statement,
            ',' | '，' | '、' | ':' | '(' | ')' | '[' | ']' | '{' | '}' | '/' | '\\' | '"' | '“' | '”'
            | '—' | '«' | '»' => Boundary::Segment,
            '.' if !previous.abbreviated && !gap.ends_with('.') => Boundary::Segment,
            _ => Boundary::None,
        });
    }
    if found == Boundary::None && (gap.contains(" - ") || gap.contains(" – ")) {
        Boundary::Segment
    } else {
        found
    }
}

fn introduces_present_address(words: &[Word]) -> bool {
    let mut texts = words.iter().map(|word| word.text.as_str());
    let first = texts.next();
    let second = texts.next();
    matches!(
        (first, second),
        (
            Some("present" | "current" | "permanent"),
            Some("address" | "affiliation")
        )
    )
}
