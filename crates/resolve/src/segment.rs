//! Segments: an address as words in the pieces that its punctuation makes.
//!
//! `Dept. of Physics, Univ. of Oxford, UK; CERN, Geneva` has the segments `Dept. of Physics`, `Univ. of
//! Oxford`, `UK` and `CERN`, `Geneva`, the last two of another statement. A statement is what one author
//! note would hold: a semicolon or a line break ends it. Words without evidence are left out, their spans
//! remain part of what surrounds them.

use std::ops::Range;

use whence_model::{Role, Span};

use crate::clean;
use crate::index::{Index, TokenId, joined};
use crate::text::{Splitter, Word};

/// A word that carries evidence.
#[derive(Clone, Debug)]
pub struct Token {
    /// Where it stands.
    pub span: Span,
    /// The comparable form.
    pub word: String,
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
            .flat_map(|word| parted(text, word, splitter, index))
            .collect();

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
        address.tokens.push(Token {
            span: Span {
                start: offset(word.start),
                end: offset(word.end),
            },
            word: word.text.clone(),
            id: index.token(&word.text),
            segment: address.segments.len() - 1,
        });
    }
}

/// A word that no name uses and that holds a capital behind a small letter, as two: `ofTianjin`.
fn parted(text: &str, word: Word, splitter: &Splitter, index: &Index) -> Vec<Word> {
    if word.stop || index.token(&word.text).is_some() {
        return vec![word];
    }
    let printed = text.get(word.start..word.end).unwrap_or_default();
    let mut parts = Vec::new();
    let mut start = 0;
    let mut small = 0;
    for (at, c) in printed.char_indices() {
        if c.is_uppercase() && small >= 2 {
            parts.push(start..at);
            start = at;
        }
        small = if c.is_lowercase() { small + 1 } else { 0 };
    }
    if parts.is_empty() {
        return vec![word];
    }
    parts.push(start..printed.len());
    let words = parts.into_iter().flat_map(|part| {
        let mut words = splitter.words(&printed[part.clone()]);
        for inner in &mut words {
            inner.start += word.start + part.start;
            inner.end += word.start + part.start;
        }
        words
    });
    words.collect()
}

fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// What the text between two words parts.
fn boundary(gap: &str, previous: &Word) -> Boundary {
    let mut found = Boundary::None;
    for c in gap.chars() {
        found = found.max(match c {
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
