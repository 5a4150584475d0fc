//! Search: institutions by words of a name or by an acronym, for people who look one up.

use std::collections::HashMap;

use whence_registry::InstitutionIndex;

use crate::index::TokenId;
use crate::resolver::Resolver;

impl Resolver {
    /// Institutions that a text could mean, best first, equal ones in order of ROR id. A word may be the
    /// beginning of one.
    pub fn search(&self, query: &str) -> Vec<InstitutionIndex> {
        let mut points: HashMap<InstitutionIndex, u64> = HashMap::new();
        for institution in self.index().acronym(query) {
            *points.entry(institution).or_default() += 100_000;
        }
        let words: Vec<Vec<TokenId>> = self
            .splitter()
            .words(query)
            .iter()
            .filter(|w| !w.stop)
            .map(|w| self.meanings(&w.text))
            .collect();
        let mut held: HashMap<_, (usize, u64)> = HashMap::new();
        for meanings in &words {
            let mut seen: HashMap<_, u64> = HashMap::new();
            for &token in meanings {
                let weight = u64::from(self.index().weight(token));
                for name in self.index().names_with(token) {
                    let best = seen.entry(name).or_default();
                    *best = weight.max(*best);
                }
            }
            for (name, weight) in seen {
                let entry = held.entry(name).or_default();
                entry.0 += 1;
                entry.1 += weight;
            }
        }
        for (name, (matched, weight)) in held {
            let Some(row) = self.index().name(name) else {
                continue;
            };
            if matched == words.len() {
                let institution = InstitutionIndex::new(row.institution.get());
                let part = weight * 50_000 / u64::from(row.weight.get().max(1)) + weight;
                let best = points.entry(institution).or_default();
                *best = part.max(*best);
            }
        }
        let mut found: Vec<(InstitutionIndex, u64)> = points.into_iter().collect();
        found.sort_by_key(|&(institution, points)| (std::cmp::Reverse(points), institution));
        found.into_iter().map(|(institution, _)| institution).collect()
    }

    /// The word itself, else the words that begin like it.
    fn meanings(&self, word: &str) -> Vec<TokenId> {
        if let Some(token) = self.index().token(word) {
            return vec![token];
        }
        self.index()
            .words_beginning(word)
            .map(|(_, token)| token)
            .collect()
    }
}
