//! Questions to the index of an opened snapshot.

use std::collections::HashMap;
use std::marker::PhantomData;

use whence_model::{CountryCode, ErrorKind};
use whence_registry::{InstitutionIndex, PlaceIndex, Registry, Section};
use zerocopy::byteorder::little_endian::U32;
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

use crate::hash::{self, BuildHashed};
use crate::trees::ModelError;

use super::words::Words;
use super::{
    ACRONYM_LISTS, ACRONYMS, FIRST_NAMES, GAZETTEER, GazetteerRow, INDEX_VERSION, MENTIONS, NAME_TOKENS,
    NAMES, NameId, NameRow, PLACE_LISTS, PLACES, POSTING_STARTS, POSTINGS, SUBDIVISION_LISTS, SUBDIVISIONS,
    SubdivisionRow, TOKEN_STATS, TOKENS, TokenId, TokenStats, VERSION,
};

/// Why a snapshot cannot be resolved against.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A section is missing: the snapshot was written without the index.
    #[error("the snapshot has no section `{0}`; rebuild it with `whence registry build`")]
    Missing(&'static str),
    /// The layout is another one.
    #[error(
        "the snapshot has index layout {found}, this program reads {INDEX_VERSION}; rebuild it with `whence registry build`"
    )]
    Version {
        /// The layout found.
        found: u32,
    },
    /// A section is not what it should be.
    #[error("section `{0}` of the snapshot cannot be read; rebuild it with `whence registry build`")]
    Malformed(&'static str),
    /// The model that comes with the program cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl IndexError {
    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Missing(_) | Self::Version { .. } => ErrorKind::FailedPrecondition,
            Self::Malformed(_) => ErrorKind::DataLoss,
            Self::Model(_) => ErrorKind::Internal,
        }
    }
}

/// An array in a section.
struct Table<T> {
    section: Section,
    rows: PhantomData<T>,
}

impl<T: FromBytes + KnownLayout + Immutable + Unaligned> Table<T> {
    fn open(registry: &Registry, name: &'static str) -> Result<Self, IndexError> {
        let section = registry.section(name).ok_or(IndexError::Missing(name))?;
        if <[T]>::ref_from_bytes(section.as_ref()).is_err() {
            return Err(IndexError::Malformed(name));
        }
        Ok(Self {
            section,
            rows: PhantomData,
        })
    }

    fn rows(&self) -> &[T] {
        // Checked at opening: the section is a whole number of rows.
        <[T]>::ref_from_bytes(self.section.as_ref()).unwrap_or_default()
    }
}

/// Lists by key.
struct Lists<T> {
    keys: fst::Map<Section>,
    contents: Section,
    entries: PhantomData<T>,
}

impl<T: FromBytes + KnownLayout + Immutable + Unaligned> Lists<T> {
    fn open(registry: &Registry, keys: &'static str, lists: &'static str) -> Result<Self, IndexError> {
        let contents = registry.section(lists).ok_or(IndexError::Missing(lists))?;
        Ok(Self {
            keys: open_fst(registry, keys)?,
            contents,
            entries: PhantomData,
        })
    }

    fn get(&self, key: &str) -> &[T] {
        self.keys
            .get(key)
            .and_then(|start| self.list_at(usize::try_from(start).ok()?))
            .unwrap_or_default()
    }

    /// Calls `each` with every key and where its list starts.
    fn each(&self, mut each: impl FnMut(&str, u32)) {
        use fst::Streamer;
        let mut stream = self.keys.stream();
        while let Some((key, start)) = stream.next() {
            if let (Ok(key), Ok(start)) = (str::from_utf8(key), u32::try_from(start)) {
                each(key, start);
            }
        }
    }

    fn at(&self, start: u32) -> &[T] {
        self.list_at(start as usize).unwrap_or_default()
    }

    fn list_at(&self, start: usize) -> Option<&[T]> {
        let (count, entries) = U32::read_from_prefix(self.contents.as_ref().get(start..)?).ok()?;
        <[T]>::ref_from_prefix_with_elems(entries, count.get() as usize)
            .ok()
            .map(|(list, _)| list)
    }
}

fn open_fst(registry: &Registry, name: &'static str) -> Result<fst::Map<Section>, IndexError> {
    let section = registry.section(name).ok_or(IndexError::Missing(name))?;
    fst::Map::new(section).map_err(|_| IndexError::Malformed(name))
}

/// Names that begin with the words read so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameRange {
    start: u32,
    end: u32,
    depth: usize,
}

/// The index of an opened snapshot. Answers borrow from the map; nothing is allocated.
pub struct Index {
    words: Words,
    /// Tokens by the hashes of their words: addresses ask for every word.
    token_hashes: HashMap<u64, u32, BuildHashed>,
    token_stats: Table<TokenStats>,
    names: Table<NameRow>,
    name_tokens: Table<U32>,
    first_names: Table<U32>,
    posting_starts: Table<U32>,
    postings: Table<U32>,
    mentions: Table<u8>,
    gazetteer: Table<GazetteerRow>,
    acronyms: Lists<U32>,
    /// Where the lists of acronyms start, by the hashes of their letters.
    acronym_starts: HashMap<u64, u32, BuildHashed>,
    places: Lists<U32>,
    subdivisions: Lists<SubdivisionRow>,
    /// The names that begin with two tokens, to be asked for every word and the next.
    pairs: HashMap<u64, (u32, u32), BuildHashed>,
    /// The main location and country of each institution, to be asked often.
    homes: Vec<Option<(PlaceIndex, CountryCode)>>,
}

impl Index {
    /// Opens the index of a snapshot.
    pub fn open(registry: &Registry) -> Result<Self, IndexError> {
        let version = Table::<U32>::open(registry, VERSION)?;
        let found = version.rows().first().map_or(0, |version| version.get());
        if found != INDEX_VERSION {
            return Err(IndexError::Version { found });
        }
        let tokens = open_fst(registry, TOKENS)?;
        let mut index = Self {
            token_hashes: token_hashes(&tokens),
            words: Words::new(&tokens),
            token_stats: Table::open(registry, TOKEN_STATS)?,
            names: Table::open(registry, NAMES)?,
            name_tokens: Table::open(registry, NAME_TOKENS)?,
            first_names: Table::open(registry, FIRST_NAMES)?,
            posting_starts: Table::open(registry, POSTING_STARTS)?,
            postings: Table::open(registry, POSTINGS)?,
            mentions: Table::open(registry, MENTIONS)?,
            gazetteer: Table::open(registry, GAZETTEER)?,
            acronyms: Lists::open(registry, ACRONYMS, ACRONYM_LISTS)?,
            places: Lists::open(registry, PLACES, PLACE_LISTS)?,
            subdivisions: Lists::open(registry, SUBDIVISIONS, SUBDIVISION_LISTS)?,
            pairs: HashMap::default(),
            acronym_starts: HashMap::default(),
            homes: homes(registry),
        };
        index.pairs = index.pairs_of_names();
        index.acronyms.each(|key, start| {
            index.acronym_starts.insert(acronym_hash(key), start);
        });
        Ok(index)
    }

    fn pairs_of_names(&self) -> HashMap<u64, (u32, u32), BuildHashed> {
        let mut pairs: HashMap<u64, (u32, u32), BuildHashed> = HashMap::default();
        for (at, row) in (0..).zip(self.names.rows()) {
            let mut tokens = self.name_tokens(row);
            if let (Some(first), Some(second)) = (tokens.next(), tokens.next()) {
                let range = pairs.entry(pair(first, second)).or_insert((at, at));
                range.1 = at + 1;
            }
        }
        pairs
    }

    /// The token of a word, if some name uses it.
    pub fn token(&self, word: &str) -> Option<TokenId> {
        self.token_by_hash(hash::word(word))
    }

    /// The token of the word with this hash, if some name uses it.
    pub fn token_by_hash(&self, word: u64) -> Option<TokenId> {
        self.token_hashes.get(&word).copied().map(TokenId)
    }

    /// The gazetteer by the hashes of its keys.
    pub fn gazetteer_rows(&self) -> &[GazetteerRow] {
        self.gazetteer.rows()
    }

    /// The list of places that starts there.
    pub fn places_at(&self, start: u32) -> impl ExactSizeIterator<Item = PlaceIndex> + Clone + '_ {
        self.places
            .at(start)
            .iter()
            .map(|place| PlaceIndex::new(place.get()))
    }

    /// The list of states that starts there.
    pub fn subdivisions_at(&self, start: u32) -> &[SubdivisionRow] {
        self.subdivisions.at(start)
    }

    /// Words that begin like `word`, in its first `alike` bytes, and may be no more than `edits` edits away.
    pub fn words_near<'i>(
        &'i self,
        word: &'i str,
        alike: usize,
        edits: usize,
    ) -> impl Iterator<Item = (&'i str, TokenId)> {
        self.words.near(word, alike, edits)
    }

    /// Words that begin like this, with their tokens, in byte order.
    pub fn words_beginning<'i>(&'i self, prefix: &'i str) -> impl Iterator<Item = (&'i str, TokenId)> {
        self.words.near(prefix, prefix.len(), usize::MAX / 2)
    }

    /// The weight of a token in thousandths of a bit.
    pub fn weight(&self, token: TokenId) -> u32 {
        self.token_stats
            .rows()
            .get(token.0 as usize)
            .map_or(0, |stats| stats.weight.get())
    }

    /// In how many countries names use the token.
    pub fn countries(&self, token: TokenId) -> u16 {
        self.token_stats
            .rows()
            .get(token.0 as usize)
            .map_or(0, |stats| stats.countries.get())
    }

    /// The main location of an institution and its country.
    pub fn home(&self, institution: InstitutionIndex) -> Option<(PlaceIndex, CountryCode)> {
        self.homes.get(institution.to_usize()).copied().flatten()
    }

    /// How often addresses name an institution: twice the binary logarithm of one more than the number.
    pub fn mentions(&self, institution: InstitutionIndex) -> u8 {
        self.mentions
            .rows()
            .get(institution.to_usize())
            .copied()
            .unwrap_or(0)
    }

    /// How many names there are.
    pub fn name_count(&self) -> usize {
        self.names.rows().len()
    }

    /// The row of a name.
    pub fn name(&self, name: NameId) -> Option<&NameRow> {
        self.names.rows().get(name.0 as usize)
    }

    /// The tokens of a name.
    pub fn name_tokens(&self, row: &NameRow) -> impl ExactSizeIterator<Item = TokenId> + Clone + '_ {
        let start = row.tokens_start.get() as usize;
        let tokens = self
            .name_tokens
            .rows()
            .get(start..start + usize::from(row.token_count.get()))
            .unwrap_or_default();
        tokens.iter().map(|token| TokenId(token.get()))
    }

    /// The words of a name, in their comparable form.
    pub fn words_of(&self, row: &NameRow) -> Vec<&str> {
        self.name_tokens(row)
            .map(|token| self.words.get(token.0 as usize))
            .collect()
    }

    /// The names that are the same words as this one, itself included.
    pub fn namesakes(&self, name: NameId) -> impl Iterator<Item = &NameRow> + '_ {
        let same = move |other: &NameRow| {
            self.name(name).is_some_and(|row| {
                row.token_count == other.token_count && self.name_tokens(row).eq(self.name_tokens(other))
            })
        };
        let rows = self.names.rows();
        let at = (name.0 as usize).min(rows.len());
        let before = rows[..at].iter().rev().take_while(move |other| same(other));
        before.chain(rows[at..].iter().take_while(move |other| same(other)))
    }

    /// The names that begin with this token.
    pub fn names_beginning(&self, token: TokenId) -> NameRange {
        let at = |index: usize| self.first_names.rows().get(index).map_or(0, |name| name.get());
        NameRange {
            start: at(token.0 as usize),
            end: at(token.0 as usize + 1),
            depth: 1,
        }
    }

    /// The names that begin with these two tokens.
    pub fn names_beginning_with(&self, first: TokenId, second: TokenId) -> NameRange {
        let (start, end) = self.pairs.get(&pair(first, second)).copied().unwrap_or_default();
        NameRange { start, end, depth: 2 }
    }

    /// Those of the range whose next word is this token.
    pub fn narrow(&self, range: NameRange, token: TokenId) -> NameRange {
        let names = self
            .names
            .rows()
            .get(range.start as usize..range.end as usize)
            .unwrap_or_default();
        let next = |row: &NameRow| self.name_tokens(row).nth(range.depth).map(|t| t.0);
        let skipped = names.partition_point(|row| next(row) < Some(token.0));
        let kept = names[skipped..].partition_point(|row| next(row) == Some(token.0));
        let start = range.start + u32::try_from(skipped).unwrap_or(0);
        NameRange {
            start,
            end: start + u32::try_from(kept).unwrap_or(0),
            depth: range.depth + 1,
        }
    }

    /// Those of the range that end with the words read so far.
    pub fn complete(&self, range: NameRange) -> impl Iterator<Item = NameId> + '_ {
        (range.start..range.end).map(NameId).take_while(move |&name| {
            self.name(name)
                .is_some_and(|row| usize::from(row.token_count.get()) == range.depth)
        })
    }

    /// All names of the range.
    pub fn names_in(&self, range: NameRange) -> impl Iterator<Item = NameId> + use<> {
        (range.start..range.end).map(NameId)
    }

    /// The names that contain the token.
    pub fn names_with(&self, token: TokenId) -> impl ExactSizeIterator<Item = NameId> + '_ {
        let at = |index: usize| {
            self.posting_starts
                .rows()
                .get(index)
                .map_or(0, |start| start.get() as usize)
        };
        let names = self
            .postings
            .rows()
            .get(at(token.0 as usize)..at(token.0 as usize + 1))
            .unwrap_or_default();
        names.iter().map(|name| NameId(name.get()))
    }

    /// The institutions with this acronym, as printed: full stops, hyphens and case aside.
    pub fn acronym(&self, printed: &str) -> impl ExactSizeIterator<Item = InstitutionIndex> + '_ {
        let start = self.acronym_starts.get(&acronym_hash(printed));
        let list = start.map_or(&[][..], |start| self.acronyms.at(*start));
        list.iter()
            .map(|institution| InstitutionIndex::new(institution.get()))
    }

    /// The places of this name, the largest first.
    pub fn places(&self, key: &str) -> impl ExactSizeIterator<Item = PlaceIndex> + Clone + '_ {
        self.places
            .get(key)
            .iter()
            .map(|place| PlaceIndex::new(place.get()))
    }

    /// The states and provinces of this name or code.
    pub fn subdivisions(&self, key: &str) -> &[SubdivisionRow] {
        self.subdivisions.get(key)
    }
}

/// The hash of an acronym's letters and digits, in capitals.
fn acronym_hash(text: &str) -> u64 {
    let letters = text
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase);
    letters.fold(0, |hash, c| hash::append(hash, u64::from(u32::from(c))))
}

fn pair(first: TokenId, second: TokenId) -> u64 {
    hash::append(u64::from(first.0), u64::from(second.0))
}

fn token_hashes(tokens: &fst::Map<Section>) -> HashMap<u64, u32, BuildHashed> {
    use fst::Streamer;
    let mut hashes = HashMap::with_capacity_and_hasher(tokens.len(), BuildHashed::default());
    let mut stream = tokens.stream();
    while let Some((word, id)) = stream.next() {
        if let (Ok(word), Ok(id)) = (str::from_utf8(word), u32::try_from(id)) {
            hashes.insert(hash::word(word), id);
        }
    }
    hashes
}

fn homes(registry: &Registry) -> Vec<Option<(PlaceIndex, CountryCode)>> {
    let home = |place: PlaceIndex| (place, registry.place(place).country());
    registry
        .institutions()
        .map(|institution| institution.main_location().map(home))
        .collect()
}

impl NameRange {
    /// The first name.
    pub fn first(&self) -> NameId {
        NameId(self.start)
    }

    /// How many names begin like this.
    pub fn len(&self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether no name begins like this.
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }
}
