//! What of an address is no affiliation: e-mail addresses, web addresses, ORCID iDs and the words that
//! introduce them.
//!
//! `…, Lyon, France. Electronic address: c.grangeasse@ibcp.fr.` keeps all but its last three words. Only
//! ranges are found, nothing is rewritten, so that spans stay those of the text as printed.

use std::ops::Range;

/// Words that introduce something that is no address.
const INTRODUCTIONS: &[&str] = &[
    "electronic address",
    "e-mail address",
    "email address",
    "e-mail",
    "email",
    "correspondence",
    "tel",
    "fax",
    "orcid",
];

/// The byte ranges that are noise, in order and apart from each other.
pub fn noise(text: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for chunk in text.split_whitespace() {
        let start = chunk.as_ptr() as usize - text.as_ptr() as usize;
        if is_noise(chunk) {
            let start = introduced_from(text, start);
            match ranges.last_mut() {
                Some(last) if last.end >= start => {
                    last.end = last.end.max(offset_of(text, chunk) + chunk.len());
                }
                _ => ranges.push(start..offset_of(text, chunk) + chunk.len()),
            }
        }
    }
    ranges
}

fn offset_of(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

/// Whether a chunk without white space is an e-mail or web address or an ORCID iD.
fn is_noise(chunk: &str) -> bool {
    // Most chunks are words: nothing in them is found in what is looked for.
    if !chunk.bytes().any(|b| matches!(b, b'@' | b'/' | b'.' | b'-')) {
        return false;
    }
    let at = chunk.find('@').is_some_and(|at| at > 0 && at + 1 < chunk.len());
    at || is_orcid(chunk)
        || (chunk.len() >= 5 && {
            let lower = chunk.to_ascii_lowercase();
            lower.contains("://") || lower.starts_with("www.") || lower.contains("orcid.org")
        })
}

fn is_orcid(chunk: &str) -> bool {
    let bare = chunk.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    bare.len() == 19
        && bare.bytes().enumerate().all(|(index, b)| match index {
            4 | 9 | 14 => b == b'-',
            18 => b.is_ascii_digit() || b.eq_ignore_ascii_case(&b'x'),
            _ => b.is_ascii_digit(),
        })
}

/// Where the words that introduce the noise at `start` begin; `start` if nothing introduces it.
fn introduced_from(text: &str, start: usize) -> usize {
    let before =
        text[..start].trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '(' | '-'));
    let lower = before.to_lowercase();
    if lower.len() != before.len() {
        return start;
    }
    let introduction = INTRODUCTIONS
        .iter()
        .find(|introduction| lower.ends_with(*introduction));
    introduction.map_or(start, |introduction| before.len() - introduction.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> String {
        let mut kept = String::new();
        let mut last = 0;
        for range in noise(text) {
            kept.push_str(&text[last..range.start]);
            last = range.end;
        }
        kept + &text[last..]
    }

    #[test]
    fn noise_and_its_introduction_are_found() {
        for (text, expected) in [
            (
                "CNRS, Lyon, France. Electronic address: c.grangeasse@ibcp.fr.",
                "CNRS, Lyon, France. ",
            ),
            ("MIT (E-mail: a@mit.edu), USA", "MIT ( USA"),
            (
                "UCL, London. https://orcid.org/0000-0002-1825-0097",
                "UCL, London. ",
            ),
            ("UCL 0000-0002-1825-0097", "UCL "),
            ("a@b.c d@e.f", " "),
            ("Institute @ Home", "Institute @ Home"),
        ] {
            assert_eq!(kept(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn ranges_lie_inside_on_boundaries_and_apart(text in "\\PC{0,40}[a-z]@[a-z]\\PC{0,20}") {
            let mut last = 0;
            for range in noise(&text) {
                assert!(range.start >= last && text.get(range.clone()).is_some());
                last = range.end;
            }
        }
    }
}
