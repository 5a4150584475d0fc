//! Words: text in any script to comparable tokens, each with its byte span in the original.
//!
//! `Univ. de São Paulo` gives `university` (0..4), `de` (6..8), `sao` (9..13), `paulo` (14..19): compatibility
//! forms folded, case and diacritics removed, letters that do not decompose spelt out (ø, ł, ß), and the
//! abbreviations and translations of `data/gazetteer/abbreviations.csv` brought to one form. Names of the
//! registry and addresses go through the same function, so that equal names give equal tokens. Chinese,
//! Japanese and Korean characters are a token each, since those scripts do not part words.
//!
//! Spans never overlap, lie on character boundaries and stand in order. The cost is linear in the text.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::dirt::{Meant, meant};

const ABBREVIATIONS: &str = include_str!("../../../data/gazetteer/abbreviations.csv");

/// Words that carry no evidence: names are compared without them.
const STOP_WORDS: &[&str] = &[
    "&", "a", "al", "am", "an", "at", "d", "da", "das", "de", "del", "della", "delle", "dem", "den", "der",
    "des", "di", "die", "do", "dos", "du", "e", "el", "et", "for", "fur", "i", "in", "l", "la", "las", "le",
    "les", "los", "och", "of", "og", "on", "pour", "the", "to", "und", "van", "von", "y", "zu", "zur",
];

/// French and Italian words that end in an apostrophe and are words of their own: `l'Aquila`, `dell'Insubria`.
const ELISIONS: &[&str] = &["all", "d", "dall", "dell", "l", "nell", "qu", "sull"];

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte in the original.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The comparable form.
    pub text: String,
    /// Whether it carries no evidence of its own.
    pub stop: bool,
    /// Whether it is printed in short, so that a full stop after it ends no sentence.
    pub abbreviated: bool,
}

/// Splits texts into words. Building one reads the table of abbreviations; splitting is then cheap.
#[derive(Clone, Debug)]
pub struct Splitter {
    canonical: HashMap<&'static str, &'static str>,
}

impl Default for Splitter {
    fn default() -> Self {
        let lines = ABBREVIATIONS.lines().skip(1);
        Self {
            canonical: lines.filter_map(|line| line.split_once(',')).collect(),
        }
    }
}

impl Splitter {
    /// The words of a text, in order.
    pub fn words(&self, text: &str) -> Vec<Word> {
        let mut words = Vec::with_capacity(text.len() / 6 + 1);
        let mut open = OpenWord::default();
        let mut at = 0;
        while let Some(Meant {
            start,
            end,
            character: c,
        }) = meant(text, at)
        {
            at = end;
            if open.text.is_empty()
                && let Some(end) = plain_word(text.as_bytes(), start)
            {
                open.text
                    .extend(text[start..end].chars().map(|c| c.to_ascii_lowercase()));
                (open.start, open.end, open.head_end) = (start, end, None);
                self.close_plain(&mut open, &mut words);
                at = end;
                continue;
            }
            let next = || meant(text, end).map(|next| next.character);
            if is_ideographic(c) {
                self.close(&mut open, &mut words);
                open.push(c, start, end);
                self.close(&mut open, &mut words);
            } else if c.is_alphanumeric() {
                if open.parts_from(c, next()) {
                    self.close(&mut open, &mut words);
                }
                open.push(c, start, end);
            } else if is_combining_mark(c) {
                open.end = end;
            } else if is_apostrophe(c) && !open.text.is_empty() {
                let letter_follows = next().is_some_and(char::is_alphabetic);
                if !letter_follows || ELISIONS.contains(&open.text.as_str()) {
                    self.close(&mut open, &mut words);
                }
            } else {
                self.close(&mut open, &mut words);
            }
        }
        self.close(&mut open, &mut words);
        join_initials(text, &mut words);
        words
    }

    /// The words that carry evidence, joined by single spaces: the key by which places are found.
    pub fn key(&self, text: &str) -> String {
        let words = self.words(text);
        let kept: Vec<&str> = words
            .iter()
            .filter(|word| !word.stop)
            .map(|word| word.text.as_str())
            .collect();
        kept.join(" ")
    }

    fn close(&self, open: &mut OpenWord, words: &mut Vec<Word>) {
        if let Some((rest, middle)) = open.compound() {
            let end = open.end;
            open.text.clear();
            open.text.push_str("university");
            open.end = middle;
            self.close_plain(open, words);
            *open = OpenWord {
                text: rest,
                start: middle,
                end,
                head_end: None,
            };
        }
        self.close_plain(open, words);
    }

    fn close_plain(&self, open: &mut OpenWord, words: &mut Vec<Word>) {
        if !open.text.is_empty() {
            let folded = std::mem::take(&mut open.text);
            let canonical = self.canonical.get(folded.as_str()).copied();
            let abbreviated = folded.chars().count() <= 3
                || canonical.is_some_and(|long| long.len() > folded.len() && long.starts_with(&folded));
            let text = canonical.map_or(folded, str::to_owned);
            let stop = STOP_WORDS.binary_search(&text.as_str()).is_ok();
            words.push(Word {
                start: open.start,
                end: open.end,
                text,
                stop,
                abbreviated,
            });
        }
    }
}

/// Where the word ends that begins here, if it is of plain Latin letters and nothing has to be looked at
/// closely: most words are.
fn plain_word(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    if !rest.first()?.is_ascii_alphabetic() {
        return None;
    }
    let length = rest
        .iter()
        .position(|b| !b.is_ascii_alphanumeric())
        .unwrap_or(rest.len());
    // A letter with a diacritic or an apostrophe goes on; `Universitäts…` and `Uniklinik` may be compounds.
    let ends = rest
        .get(length)
        .is_none_or(|b| b.is_ascii() && !matches!(b, b'\'' | b'`' | b'&'));
    let begins = |with: &[u8]| {
        rest.get(..with.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    let compound = begins(b"uniklin") || (length > 12 && begins(b"uni"));
    (ends && !compound).then_some(start + length)
}

/// Germanic languages write `university` and what it has as one word: `Universitätsklinikum`.
const COMPOUND_HEADS: &[&str] = &["uni", "universitats", "universitets", "universiteits"];

/// The word being read.
#[derive(Default)]
struct OpenWord {
    text: String,
    start: usize,
    end: usize,
    /// Where in the original the head of a compound ends.
    head_end: Option<usize>,
}

impl OpenWord {
    fn push(&mut self, c: char, start: usize, end: usize) {
        if self.text.is_empty() {
            self.start = start;
            self.head_end = None;
        }
        self.end = end;
        for folded in std::iter::once(c)
            .nfkd()
            .filter(|&c| !is_combining_mark(c))
            .flat_map(char::to_lowercase)
        {
            match spelt_out(folded) {
                Some(letters) => self.text.push_str(letters),
                None if folded.is_alphanumeric() => self.text.push(folded),
                None => {}
            }
        }
        if matches!(self.text.len(), 3 | 12 | 13) && COMPOUND_HEADS.contains(&self.text.as_str()) {
            // The longer head, where there is one, stands.
            self.head_end = Some(end);
        }
    }

    /// What follows the head of a compound, and where it begins in the original.
    fn compound(&self) -> Option<(String, usize)> {
        let middle = self.head_end?;
        let head = COMPOUND_HEADS
            .iter()
            .rev()
            .find(|head| self.text.starts_with(*head))?;
        let rest = &self.text[head.len()..];
        let parts = if *head == "uni" {
            rest.starts_with("klinik")
        } else {
            rest.len() >= 4
        };
        parts.then(|| (rest.to_owned(), middle))
    }

    /// Whether a letter starts a new word although nothing parts it from the digits before it: a
    /// footnote mark, as in `1Department`. `3M` and `19th` stay whole.
    fn parts_from(&self, c: char, next: Option<char>) -> bool {
        c.is_uppercase()
            && next.is_some_and(char::is_lowercase)
            && self.text.len() <= 2
            && !self.text.is_empty()
            && self.text.bytes().all(|b| b.is_ascii_digit())
    }
}

/// Initials are one word however they are spaced: `M.D.`, `M. D.` and `MD`. Those of one word are spaced
/// alike: `U.S.A. P.R.` are two.
fn join_initials(text: &str, words: &mut Vec<Word>) {
    let printed = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let is_initial = |word: &Word| {
        let printed = printed(word.start, word.end);
        printed.len() == 1 && printed.bytes().all(|b| b.is_ascii_uppercase())
    };
    let mut spacing = None;
    let mut at = 0;
    while at + 1 < words.len() {
        let gap = printed(words[at].end, words[at + 1].start);
        let begun = spacing.map_or_else(|| is_initial(&words[at]), |spacing| spacing == gap);
        if matches!(gap, "." | ". ") && begun && is_initial(&words[at + 1]) {
            let next = words.remove(at + 1);
            words[at].text.push_str(&next.text);
            words[at].end = next.end;
            words[at].stop = false;
            spacing = Some(gap);
        } else {
            spacing = None;
            at += 1;
        }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʻ' | 'ʼ' | '`' | '´' | '′')
}

fn is_ideographic(c: char) -> bool {
    matches!(u32::from(c),
        0x3040..=0x30ff | 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7af | 0xf900..=0xfaff | 0x20000..=0x2fa1f)
}

/// Letters that have no decomposition, as they are spelt where the keyboard lacks them.
fn spelt_out(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ħ' => "h",
        'ŋ' => "n",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        Splitter::default()
            .words(text)
            .into_iter()
            .map(|word| word.text)
            .collect()
    }

    #[test]
    fn stop_words_are_sorted() {
        assert!(STOP_WORDS.is_sorted());
    }

    #[test]
    fn equal_names_give_equal_words() {
        for (text, expected) in [
            ("Univ. de São Paulo", "university de sao paulo"),
            ("UNIVERSITÄT ZU KÖLN", "university zu koln"),
            ("King’s College", "kings college"),
            ("Università dell'Insubria", "university dell insubria"),
            ("Xi'an Jiaotong", "xian jiaotong"),
            ("1Department of Physics", "1 department of physics"),
            ("3M", "3m"),
            ("Łódź, Tromsø, Gießen", "lodz tromso giessen"),
            ("ﬁrst Ｆｕｌｌ", "first full"),
            ("北京大学", "北 京 大 学"),
            ("Université Paris 13", "university paris 13"),
            ("Universitätsklinikum Köln", "university hospital koln"),
            ("M.D. Anderson, M. D. Anderson, MD", "md anderson md anderson md"),
            ("U.S.A. P.R. China", "usa pr china"),
        ] {
            assert_eq!(texts(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn decomposed_letters_are_one_word_with_the_whole_span() {
        let text = "Sa\u{303}o Paulo";
        let words = Splitter::default().words(text);
        assert_eq!(words[0].text, "sao");
        assert_eq!(&text[words[0].start..words[0].end], "Sa\u{303}o");
    }

    proptest::proptest! {
        #[test]
        fn spans_are_ordered_and_on_boundaries(text in "\\PC{0,60}") {
            let mut last = 0;
            for word in Splitter::default().words(&text) {
                assert!(word.start >= last && word.end > word.start);
                assert!(text.get(word.start..word.end).is_some());
                assert!(!word.text.is_empty());
                last = word.end;
            }
        }
    }
}
