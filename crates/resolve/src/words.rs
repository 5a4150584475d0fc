//! Kinds of words: what institutions and their units call themselves by.

use crate::index::{Index, TokenId};

/// What a word says about what it names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum WordKind {
    /// Nothing in particular.
    #[default]
    Other,
    /// A university.
    University,
    /// A hospital.
    Hospital,
    /// An institute, an academy, a museum.
    Institute,
    /// A centre.
    Center,
    /// A school or college.
    School,
    /// A firm.
    Company,
    /// A public body.
    Government,
    /// A foundation, a society.
    Association,
    /// A unit of something larger: a department, a laboratory.
    Unit,
}

const KINDS: &[(WordKind, &[&str])] = &[
    (WordKind::University, &["polytechnic", "university"]),
    (
        WordKind::Hospital,
        &["clinic", "hospital", "infirmary", "sanatorium"],
    ),
    (
        WordKind::Institute,
        &[
            "academy",
            "archive",
            "herbarium",
            "institute",
            "museum",
            "observatory",
            "park",
        ],
    ),
    (WordKind::Center, &["center"]),
    (
        WordKind::School,
        &["college", "conservatory", "school", "seminary"],
    ),
    (
        WordKind::Company,
        &[
            "ab",
            "ag",
            "company",
            "consulting",
            "corporation",
            "gmbh",
            "incorporated",
            "industries",
            "limited",
            "llc",
            "pharmaceuticals",
            "plc",
            "pharma",
            "sa",
            "spa",
            "srl",
        ],
    ),
    (
        WordKind::Government,
        &[
            "administration",
            "agency",
            "authority",
            "bureau",
            "council",
            "government",
            "ministry",
            "office",
        ],
    ),
    (
        WordKind::Association,
        &[
            "association",
            "charity",
            "foundation",
            "society",
            "trust",
            "union",
        ],
    ),
    (
        WordKind::Unit,
        &[
            "branch",
            "chair",
            "department",
            "division",
            "faculty",
            "group",
            "key",
            "laboratory",
            "program",
            "section",
            "service",
            "subdivision",
            "team",
            "unit",
            "ward",
        ],
    ),
];

/// The kinds of the words of an index.
pub struct WordKinds {
    by_token: Vec<(TokenId, WordKind)>,
}

impl WordKinds {
    /// Looks the words up.
    pub fn new(index: &Index) -> Self {
        let words = KINDS
            .iter()
            .flat_map(|(kind, words)| words.iter().map(|word| (*kind, *word)));
        let mut by_token: Vec<(TokenId, WordKind)> = words
            .filter_map(|(kind, word)| Some((index.token(word)?, kind)))
            .collect();
        by_token.sort_unstable();
        Self { by_token }
    }

    /// The kind of a word.
    pub fn kind(&self, token: Option<TokenId>) -> WordKind {
        let found = token.and_then(|token| {
            self.by_token
                .binary_search_by_key(&token, |(token, _)| *token)
                .ok()
        });
        found.map_or(WordKind::Other, |at| self.by_token[at].1)
    }
}
