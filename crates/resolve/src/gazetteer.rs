//! The gazetteer: what places a run of words could name, found by one look.

use std::collections::HashMap;

use whence_model::CountryCode;
use whence_registry::{PlaceIndex, Registry};

use crate::hash::{self, BuildHashed};
use crate::index::{Index, SubdivisionRow, joined_key};
use crate::text::Splitter;

/// What some words name, if anything, and whether a longer name begins with them.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    country: Option<CountryCode>,
    subdivisions: Option<u32>,
    localities: Option<u32>,
    continues: bool,
}

/// Countries, states and cities by the hashes of their names.
pub struct Gazetteer {
    entries: HashMap<u64, Entry, BuildHashed>,
}

/// What some words name.
pub struct Named<'i> {
    /// The country of that name.
    pub country: Option<CountryCode>,
    /// The states and provinces of that name.
    pub subdivisions: &'i [SubdivisionRow],
    /// The populated places of that name, the largest first.
    localities: Option<u32>,
    /// Whether a longer name begins with these words.
    pub continues: bool,
}

impl Gazetteer {
    /// The gazetteer of a registry.
    pub fn new(registry: &Registry, splitter: &Splitter, index: &Index) -> Self {
        let rows = index.gazetteer_rows();
        let mut gazetteer = Self {
            entries: HashMap::with_capacity_and_hasher(rows.len() * 9 / 8, BuildHashed::default()),
        };
        gazetteer.entries.extend(rows.iter().map(|row| {
            let entry = Entry {
                country: None,
                subdivisions: row.subdivisions.get().checked_sub(1),
                localities: row.localities.get().checked_sub(1),
                continues: row.continues == 1,
            };
            (row.hash.get(), entry)
        }));
        for country in registry.countries() {
            for name in std::iter::once(&country.name).chain(&country.alternates) {
                let key = joined_key(&splitter.key(name), |word| index.token(word).is_some());
                if !key.is_empty() {
                    gazetteer.entry(&key).country = Some(country.code);
                }
            }
        }
        gazetteer
    }

    /// The entry of a key; its beginnings are marked.
    fn entry(&mut self, key: &str) -> &mut Entry {
        let mut whole = 0;
        for (at, beginning) in hash::beginnings(key).enumerate() {
            if at > 0 {
                self.entries.entry(whole).or_default().continues = true;
            }
            whole = beginning;
        }
        self.entries.entry(whole).or_default()
    }

    /// What the words with this hash name.
    pub fn named<'i>(&self, key: u64, index: &'i Index) -> Option<Named<'i>> {
        let entry = self.entries.get(&key)?;
        Some(Named {
            country: entry.country,
            subdivisions: entry
                .subdivisions
                .map_or(&[], |start| index.subdivisions_at(start)),
            localities: entry.localities,
            continues: entry.continues,
        })
    }
}

impl Named<'_> {
    /// Whether it names anything.
    pub fn is_place(&self) -> bool {
        self.country.is_some() || self.localities.is_some() || !self.subdivisions.is_empty()
    }

    /// The populated places of that name, the largest first.
    pub fn localities(&self, index: &Index) -> Vec<PlaceIndex> {
        self.localities
            .map_or_else(Vec::new, |start| index.places_at(start).collect())
    }
}
