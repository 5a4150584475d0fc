//! From the built registry to the sections of the index.

use std::collections::{BTreeMap, BTreeSet};

use whence_model::RorId;
use whence_registry::{BuiltRegistry, InstitutionState, NameKind, SnapshotBuilder, SnapshotError};
use zerocopy::IntoBytes;
use zerocopy::byteorder::little_endian::{U16, U32};

use super::{
    ACRONYM_LISTS, ACRONYMS, FIRST_NAMES, INDEX_VERSION, NAME_TOKENS, NAMES, NameRow, PLACE_LISTS,
    PLACE_WORDS, PLACES, POSTING_STARTS, POSTINGS, SUBDIVISION_LISTS, SUBDIVISIONS, SubdivisionRow,
    TOKEN_STATS, TOKENS, TokenStats, VERSION, log2_thousandths,
};
use crate::text::Splitter;

/// A token used in at least this many countries is nobody's own: `university`, `physics`, `children`.
const GENERIC_COUNTRIES: usize = 12;
/// A word used in this many countries is a word, even if some village has that name: `University`.
const WORD_COUNTRIES: usize = 30;
/// Alternate names of places smaller than this are left out: they collide more often than they help.
const ALTERNATE_NAME_POPULATION: u64 = 15_000;
/// At most this many places of one name are kept, the largest first.
const PLACES_PER_NAME: usize = 48;
/// Records that are a status and not an institution: they are never matched by name.
const DESIGNATIONS: &str = include_str!("../../../../data/gazetteer/designations.csv");
/// Forms of companies that addresses drop or add at will.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "bv",
    "co",
    "company",
    "corporation",
    "gmbh",
    "incorporated",
    "limited",
    "llc",
    "nv",
    "oy",
    "plc",
    "sa",
    "spa",
    "srl",
];

/// Why a snapshot with an index cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotWithIndexError {
    /// The registry cannot be encoded.
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    /// The index cannot be encoded.
    #[error("the index of the registry cannot be encoded")]
    Index(#[from] fst::Error),
}

/// The snapshot of a registry with the index in it, ready to be written or opened.
pub fn snapshot(registry: &BuiltRegistry) -> Result<SnapshotBuilder, SnapshotWithIndexError> {
    let mut snapshot = SnapshotBuilder::new(registry)?;
    for (name, contents) in build(registry)? {
        snapshot.add_section(name, contents)?;
    }
    Ok(snapshot)
}

/// The index of a registry: sections to add to its snapshot, by name.
pub fn build(registry: &BuiltRegistry) -> Result<Vec<(&'static str, Vec<u8>)>, fst::Error> {
    let splitter = Splitter::default();
    let mut sections = vec![(VERSION, INDEX_VERSION.to_le_bytes().to_vec())];
    let designations = designations();
    let forms = name_forms(registry, &designations, &splitter);
    let lexicon = lexicon(registry, &forms);
    let words = common_words(&lexicon);
    let names: BTreeSet<String> = forms.iter().map(|form| form.words.join(" ")).collect();
    sections.extend(name_sections(registry.institutions.len(), &forms, &lexicon)?);
    let acronyms = acronyms(registry, &designations);
    sections.extend(list_sections(ACRONYMS, ACRONYM_LISTS, &acronyms)?);
    let places = places(registry, &splitter, &words, &names);
    sections.extend(list_sections(PLACES, PLACE_LISTS, &places)?);
    sections.extend(list_sections(
        SUBDIVISIONS,
        SUBDIVISION_LISTS,
        &subdivisions(registry, &splitter),
    )?);
    Ok(sections)
}

/// One way to write a name of an institution.
struct NameForm {
    words: Vec<String>,
    institution: u32,
    kind: NameKind,
    /// Whether it is the name with its type word on the other side.
    turned: bool,
}

fn name_forms(
    registry: &BuiltRegistry,
    designations: &BTreeSet<RorId>,
    splitter: &Splitter,
) -> Vec<NameForm> {
    let mut forms = Vec::new();
    for (institution, record) in (0..).zip(&registry.institutions) {
        let withdrawn = record.state == InstitutionState::Withdrawn && record.successors.is_empty();
        if withdrawn || designations.contains(&record.ror_id) {
            continue;
        }
        let mut seen = BTreeSet::new();
        for name in record.names.iter().filter(|name| name.kind != NameKind::Acronym) {
            for words in written_forms(&name.text, splitter) {
                if seen.insert(words.clone()) {
                    forms.push(NameForm {
                        words,
                        institution,
                        kind: name.kind,
                        turned: false,
                    });
                }
            }
        }
    }
    let taken: BTreeSet<Vec<String>> = forms.iter().map(|form| form.words.clone()).collect();
    // `Washington University` begins the name of another institution: it is not turned to Washington's.
    let begins_a_name = |words: &Vec<String>| {
        taken
            .range(words.clone()..)
            .next()
            .is_some_and(|name| name.starts_with(words))
    };
    let turned = forms.iter().filter_map(|form| {
        let words = turned(&form.words).filter(|words| !begins_a_name(words))?;
        Some(NameForm {
            words,
            institution: form.institution,
            kind: NameKind::Alias,
            turned: true,
        })
    });
    let turned: Vec<NameForm> = turned.collect();
    forms.extend(turned);
    forms
}

fn designations() -> BTreeSet<RorId> {
    let ids = DESIGNATIONS
        .lines()
        .skip(1)
        .filter_map(|row| row.split(',').next());
    ids.filter_map(|id| RorId::parse(id).ok()).collect()
}

/// `Durham University` is also written `University of Durham`, and the other way round. Where both are
/// names, as with Washington, each stays with its own institution.
fn turned(words: &[String]) -> Option<Vec<String>> {
    const TYPE_WORDS: &[&str] = &[
        "academy",
        "college",
        "hospital",
        "institute",
        "polytechnic",
        "university",
    ];
    let is_type = |word: Option<&String>| word.is_some_and(|word| TYPE_WORDS.contains(&word.as_str()));
    let mut turned = words.to_vec();
    match (is_type(words.first()), is_type(words.last())) {
        (true, false) if words.len() == 2 => turned.rotate_left(1),
        (false, true) if words.len() == 2 || words.len() == 3 => turned.rotate_right(1),
        _ => return None,
    }
    Some(turned)
}

/// A name as it stands, without what it has in brackets (`Microsoft (United States)`), and without the
/// form of the company.
fn written_forms(name: &str, splitter: &Splitter) -> Vec<Vec<String>> {
    let without_brackets = name.split('(').next().unwrap_or_default();
    let mut forms: Vec<Vec<String>> = Vec::new();
    for text in [name, without_brackets] {
        let words = evidence(text, splitter);
        let last = words
            .iter()
            .rposition(|word| !LEGAL_FORMS.contains(&word.as_str()));
        // What is left of `United, Inc.` is a word, not a name.
        let without_legal_form = last.filter(|&last| last > 0).map(|last| words[..=last].to_vec());
        forms.push(words);
        forms.extend(without_legal_form);
    }
    forms.retain(|words| !words.is_empty());
    forms.dedup();
    forms
}

/// The words that carry evidence; all of them if none does.
fn evidence(text: &str, splitter: &Splitter) -> Vec<String> {
    let words = splitter.words(text);
    let all_stop = words.iter().all(|word| word.stop);
    words
        .into_iter()
        .filter(|word| all_stop || !word.stop)
        .map(|word| word.text)
        .collect()
}

fn name_sections(
    institution_count: usize,
    forms: &[NameForm],
    lexicon: &BTreeMap<String, Usage>,
) -> Result<Vec<(&'static str, Vec<u8>)>, fst::Error> {
    let ids: BTreeMap<&str, u32> = lexicon.keys().map(String::as_str).zip(0..).collect();
    let stats: Vec<TokenStats> = lexicon
        .values()
        .map(|usage| usage.stats(institution_count))
        .collect();

    let mut numbered: Vec<(Vec<u32>, &NameForm)> = forms
        .iter()
        .map(|form| (form.words.iter().map(|word| ids[word.as_str()]).collect(), form))
        .collect();
    numbered.sort_by(|(a, form_a), (b, form_b)| {
        a.cmp(b).then_with(|| form_a.institution.cmp(&form_b.institution))
    });

    let mut rows = Vec::with_capacity(numbered.len());
    let mut tokens: Vec<U32> = Vec::new();
    let mut first_names = vec![U32::new(0); lexicon.len() + 1];
    let mut postings: Vec<Vec<U32>> = vec![Vec::new(); lexicon.len()];
    for (name, (sequence, form)) in (0..).zip(&numbered) {
        let distinct: BTreeSet<u32> = sequence.iter().copied().collect();
        rows.push(NameRow {
            institution: U32::new(form.institution),
            tokens_start: length(&tokens),
            weight: U32::new(
                sequence
                    .iter()
                    .map(|&token| stats[token as usize].weight.get())
                    .sum(),
            ),
            token_count: U16::new(u16::try_from(sequence.len()).unwrap_or(u16::MAX)),
            kind: kind_code(form.kind),
            flags: u8::from(is_generic(&form.words, &distinct, &stats)) | (u8::from(form.turned) << 1),
        });
        tokens.extend(sequence.iter().map(|&token| U32::new(token)));
        first_names[sequence[0] as usize + 1] = U32::new(name + 1);
        for token in distinct {
            postings[token as usize].push(U32::new(name));
        }
    }
    for token in 1..first_names.len() {
        first_names[token] = first_names[token].max(first_names[token - 1]);
    }
    let (posting_starts, postings) = flatten(postings);
    Ok(vec![
        (
            TOKENS,
            fst_of(ids.iter().map(|(word, &id)| (*word, u64::from(id))))?,
        ),
        (TOKEN_STATS, stats.as_bytes().to_vec()),
        (NAMES, rows.as_bytes().to_vec()),
        (NAME_TOKENS, tokens.as_bytes().to_vec()),
        (FIRST_NAMES, first_names.as_bytes().to_vec()),
        (POSTING_STARTS, posting_starts.as_bytes().to_vec()),
        (POSTINGS, postings.as_bytes().to_vec()),
    ])
}

/// Whether nothing in a name is proper to one institution: all its words are used in many countries, or
/// it is a word and a number, such as `UMR 1229`.
fn is_generic(words: &[String], tokens: &BTreeSet<u32>, stats: &[TokenStats]) -> bool {
    let numbered = words.len() <= 2 && words.iter().any(|word| word.bytes().all(|b| b.is_ascii_digit()));
    numbered
        || tokens
            .iter()
            .all(|&token| usize::from(stats[token as usize].countries.get()) >= GENERIC_COUNTRIES)
}

/// Who uses a word.
#[derive(Default)]
struct Usage {
    institutions: BTreeSet<u32>,
    countries: BTreeSet<[u8; 2]>,
}

impl Usage {
    fn stats(&self, institutions: usize) -> TokenStats {
        let all = u32::try_from(institutions).unwrap_or(u32::MAX);
        let using = u32::try_from(self.institutions.len()).unwrap_or(u32::MAX).max(1);
        let weight = log2_thousandths(all + 1)
            .saturating_sub(log2_thousandths(using))
            .max(100);
        let countries = u16::try_from(self.countries.len()).unwrap_or(u16::MAX);
        TokenStats {
            weight: U32::new(weight),
            countries: U16::new(countries),
            padding: U16::new(0),
        }
    }
}

fn lexicon(registry: &BuiltRegistry, forms: &[NameForm]) -> BTreeMap<String, Usage> {
    let mut lexicon: BTreeMap<String, Usage> = BTreeMap::new();
    for form in forms {
        let places = &registry.institutions[form.institution as usize].locations;
        let country = places
            .first()
            .map(|place| registry.places[place.get() as usize].country.to_bytes());
        for word in &form.words {
            let usage = lexicon.entry(word.clone()).or_default();
            usage.institutions.insert(form.institution);
            usage.countries.extend(country);
        }
    }
    lexicon
}

fn common_words(lexicon: &BTreeMap<String, Usage>) -> BTreeSet<&str> {
    let common = lexicon
        .iter()
        .filter(|(_, usage)| usage.countries.len() >= WORD_COUNTRIES);
    common.map(|(word, _)| word.as_str()).collect()
}

fn kind_code(kind: NameKind) -> u8 {
    match kind {
        NameKind::Display => 0,
        NameKind::Label => 1,
        NameKind::Alias => 2,
        NameKind::Acronym => 3,
    }
}

fn acronyms(registry: &BuiltRegistry, designations: &BTreeSet<RorId>) -> BTreeMap<String, Vec<U32>> {
    let mut lists: BTreeMap<String, Vec<U32>> = BTreeMap::new();
    for (institution, record) in (0..).zip(&registry.institutions) {
        if record.state == InstitutionState::Withdrawn || designations.contains(&record.ror_id) {
            continue;
        }
        for name in record.names.iter().filter(|name| name.kind == NameKind::Acronym) {
            let key = acronym_key(&name.text);
            let list = lists.entry(key).or_default();
            if list.last() != Some(&U32::new(institution)) {
                list.push(U32::new(institution));
            }
        }
    }
    lists.retain(|key, _| key.len() >= 2);
    lists
}

/// An acronym without the full stops and hyphens that people put in or leave out: `U.C.L.A.` is `UCLA`.
pub(crate) fn acronym_key(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn places(
    registry: &BuiltRegistry,
    splitter: &Splitter,
    words: &BTreeSet<&str>,
    names: &BTreeSet<String>,
) -> BTreeMap<String, Vec<U32>> {
    let mut largest_first: Vec<usize> = (0..registry.places.len()).collect();
    largest_first.sort_by_key(|&index| std::cmp::Reverse(registry.places[index].population));
    let mut lists: BTreeMap<String, Vec<U32>> = BTreeMap::new();
    for index in largest_first {
        let place = &registry.places[index];
        let alternates: &[String] = if place.population >= ALTERNATE_NAME_POPULATION {
            &place.alternate_names
        } else {
            &[]
        };
        // GeoNames lists `University of British Columbia` among the names of the place where it stands, and
        // `University of Texas` and `Naval Academy` as places.
        let is_word = |word: &str| words.contains(word);
        let is_institution = |key: &str| key.split(' ').any(is_word) && names.contains(key);
        let main = std::iter::once(splitter.key(&place.name));
        let main = main.filter(|key| !key.split(' ').all(is_word) && !is_institution(key));
        let alternates = alternates.iter().map(|name| splitter.key(name));
        let alternates = alternates.filter(|key| !is_code(key) && !key.split(' ').any(is_word));
        let keys: BTreeSet<String> = main.chain(alternates).filter(|key| is_place_key(key)).collect();
        for key in keys {
            let list = lists.entry(key).or_default();
            if list.len() < PLACES_PER_NAME {
                list.push(U32::new(u32::try_from(index).unwrap_or(u32::MAX)));
            }
        }
    }
    lists
}

/// Codes such as `BJS` stand among the alternate names; no address prints them for the place.
fn is_code(key: &str) -> bool {
    key.is_ascii() && key.len() <= 3
}

/// Single letters, numbers and whole sentences are no names that an address prints.
fn is_place_key(key: &str) -> bool {
    let enough = if key.is_ascii() {
        key.len() >= 3
    } else {
        key.chars().count() >= 2
    };
    enough && key.split(' ').count() <= PLACE_WORDS && !key.bytes().all(|b| b.is_ascii_digit())
}

/// States and provinces by name, and by code where addresses print the code (United States, Canada,
/// Australia, Brazil).
fn subdivisions(registry: &BuiltRegistry, splitter: &Splitter) -> BTreeMap<String, Vec<SubdivisionRow>> {
    const PRINTED_CODES: [&str; 4] = ["US", "CA", "AU", "BR"];
    let mut lists: BTreeMap<String, Vec<SubdivisionRow>> = BTreeMap::new();
    for subdivision in &registry.subdivisions {
        let mut admin1_code = [0; 6];
        let code = subdivision.admin1_code.as_bytes();
        if code.is_empty() || code.len() > admin1_code.len() {
            continue;
        }
        admin1_code[..code.len()].copy_from_slice(code);
        let row = SubdivisionRow {
            country: subdivision.country.to_bytes(),
            admin1_code,
        };
        let mut keys = BTreeSet::from([splitter.key(&subdivision.name)]);
        if PRINTED_CODES.contains(&subdivision.country.as_str()) {
            keys.insert(subdivision.code.to_uppercase());
        }
        for key in keys.into_iter().filter(|key| key.len() >= 2) {
            let list = lists.entry(key).or_default();
            if !list.contains(&row) {
                list.push(row);
            }
        }
    }
    lists
}

/// An fst from each key to where its list starts, and the lists.
fn list_sections<T: IntoBytes + zerocopy::Immutable>(
    keys: &'static str,
    lists: &'static str,
    entries: &BTreeMap<String, Vec<T>>,
) -> Result<[(&'static str, Vec<u8>); 2], fst::Error> {
    let mut bytes: Vec<u8> = Vec::new();
    let mut starts = Vec::with_capacity(entries.len());
    for (key, list) in entries {
        starts.push((key.as_str(), bytes.len() as u64));
        bytes.extend_from_slice(U32::new(u32::try_from(list.len()).unwrap_or(u32::MAX)).as_bytes());
        bytes.extend_from_slice(list.as_slice().as_bytes());
    }
    Ok([(keys, fst_of(starts.into_iter())?), (lists, bytes)])
}

fn fst_of<'a>(entries: impl Iterator<Item = (&'a str, u64)>) -> Result<Vec<u8>, fst::Error> {
    let mut builder = fst::MapBuilder::memory();
    for (key, value) in entries {
        builder.insert(key, value)?;
    }
    builder.into_inner()
}

fn flatten(lists: Vec<Vec<U32>>) -> (Vec<U32>, Vec<U32>) {
    let mut starts = vec![U32::new(0)];
    let mut entries = Vec::new();
    for list in lists {
        entries.extend(list);
        starts.push(length(&entries));
    }
    (starts, entries)
}

fn length<T>(entries: &[T]) -> U32 {
    U32::new(u32::try_from(entries.len()).unwrap_or(u32::MAX))
}
