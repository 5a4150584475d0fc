//! From the built registry to the sections of the index.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use whence_model::RorId;
use whence_registry::{
    BuiltRegistry, InstitutionState, NameKind, PlaceRecord, SnapshotBuilder, SnapshotError,
};
use zerocopy::IntoBytes;
use zerocopy::byteorder::little_endian::{U16, U32};

use super::{
    ACRONYM_LISTS, ACRONYMS, FIRST_NAMES, GAZETTEER, GazetteerRow, INDEX_VERSION, NAME_TOKENS, NAMES,
    NameRow, PLACE_LISTS, PLACE_WORDS, PLACES, POSTING_STARTS, POSTINGS, SUBDIVISION_LISTS, SUBDIVISIONS,
    SubdivisionRow, TOKEN_STATS, TOKENS, TokenStats, VERSION, log2_thousandths,
};
use crate::hash;
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
/// How often addresses name an institution: twice the binary logarithm of one more than the number.
const MENTIONS: &str = include_str!("../../../../data/model/mentions.csv");
/// Phrases that addresses print in short, and how.
const SHORT_FORMS: &str = include_str!("../../../../data/gazetteer/short-forms.csv");
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
    sections.push((super::MENTIONS, mentions(registry)));
    let acronyms = acronyms(registry, &designations);
    sections.extend(list_sections(ACRONYMS, ACRONYM_LISTS, &acronyms)?);
    let places = places(registry, &splitter, &words, &names)
        .into_iter()
        .map(|(key, list)| (joined_key(&key, |word| lexicon.contains_key(word)), list));
    let places = merged(places);
    sections.extend(list_sections(PLACES, PLACE_LISTS, &places)?);
    let subdivisions = merged(
        subdivisions(registry, &splitter)
            .into_iter()
            .map(|(key, list)| (joined_key(&key, |word| lexicon.contains_key(word)), list)),
    );
    sections.extend(list_sections(SUBDIVISIONS, SUBDIVISION_LISTS, &subdivisions)?);
    let rows = gazetteer_rows(&places, &subdivisions);
    sections.push((GAZETTEER, rows.as_bytes().to_vec()));
    Ok(sections)
}

/// The lists of equal keys as one list.
fn merged<T>(lists: impl Iterator<Item = (String, Vec<T>)>) -> BTreeMap<String, Vec<T>> {
    let mut all: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for (key, list) in lists {
        all.entry(key).or_default().extend(list);
    }
    all
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
            for (written, words) in (0..).zip(written_forms(&name.text, splitter)) {
                if seen.insert(words.clone()) {
                    let kind = if written == 0 {
                        name.kind
                    } else {
                        NameKind::Alias.min(name.kind.max(NameKind::Label))
                    };
                    forms.push(NameForm {
                        words,
                        institution,
                        kind,
                        turned: false,
                    });
                }
            }
        }
    }
    add_short_forms(&mut forms);
    add_city_variants(registry, splitter, &mut forms);
    join_forms(&mut forms);
    let taken: BTreeSet<Vec<String>> = forms.iter().map(|form| form.words.clone()).collect();
    let turned = forms.iter().filter_map(|form| {
        let words = turned(&form.words).filter(|words| !taken.contains(words))?;
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

/// `Centre Hospitalier Universitaire de Rennes` is also written `CHU Rennes`.
fn add_short_forms(forms: &mut Vec<NameForm>) {
    let table: Vec<(Vec<&str>, &str)> = SHORT_FORMS
        .lines()
        .skip(1)
        .filter_map(|row| row.split_once(','))
        .map(|(phrase, short)| (phrase.split(' ').collect(), short))
        .collect();
    let mut found = Vec::new();
    for form in forms.iter() {
        for (phrase, short) in &table {
            let at = form
                .words
                .windows(phrase.len())
                .position(|words| words == phrase.as_slice());
            // What is left must still say which one.
            if let Some(at) = at.filter(|_| form.words.len() > phrase.len()) {
                let mut words = form.words.clone();
                words.splice(at..at + phrase.len(), [(*short).to_owned()]);
                found.push(NameForm {
                    words,
                    institution: form.institution,
                    kind: NameKind::Alias,
                    turned: false,
                });
            }
        }
    }
    let taken: HashSet<(u32, Vec<String>)> = forms
        .iter()
        .map(|form| (form.institution, form.words.clone()))
        .collect();
    found.retain(|form| !taken.contains(&(form.institution, form.words.clone())));
    found.dedup_by(|a, b| a.institution == b.institution && a.words == b.words);
    forms.extend(found);
}

/// `University of Turin` is also written `University of Torino`: the name of its own city in another
/// language, where some name of the registry uses that form of the city.
fn add_city_variants(registry: &BuiltRegistry, splitter: &Splitter, forms: &mut Vec<NameForm>) {
    let lexicon: BTreeSet<&str> = forms
        .iter()
        .flat_map(|form| &form.words)
        .map(String::as_str)
        .collect();
    let mut city_forms: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    let mut variants = Vec::new();
    for form in forms.iter() {
        for place in &registry.institutions[form.institution as usize].locations {
            let names = city_forms.entry(place.get()).or_insert_with(|| {
                let place = &registry.places[place.get() as usize];
                single_word_names(place, splitter)
                    .into_iter()
                    .filter(|name| lexicon.contains(name.as_str()))
                    .collect()
            });
            for (at, word) in form
                .words
                .iter()
                .enumerate()
                .filter(|(_, word)| names.contains(word))
            {
                variants.extend(names.iter().filter(|name| *name != word).map(|name| {
                    let mut words = form.words.clone();
                    words[at].clone_from(name);
                    NameForm {
                        words,
                        institution: form.institution,
                        kind: NameKind::Alias,
                        turned: false,
                    }
                }));
            }
        }
    }
    let taken: BTreeSet<(u32, Vec<String>)> = forms
        .iter()
        .map(|form| (form.institution, form.words.clone()))
        .collect();
    let mut seen = BTreeSet::new();
    variants.retain(|form| {
        let key = (form.institution, form.words.clone());
        !taken.contains(&key) && seen.insert(key)
    });
    forms.extend(variants);
}

/// The names of a place that are one word, in any language written in Latin letters.
fn single_word_names(place: &PlaceRecord, splitter: &Splitter) -> BTreeSet<String> {
    let alternates: &[String] = if place.population >= ALTERNATE_NAME_POPULATION {
        &place.alternate_names
    } else {
        &[]
    };
    std::iter::once(&place.name)
        .chain(alternates)
        .map(|name| splitter.key(name))
        .filter(|key| key.len() >= 4 && key.bytes().all(|b| b.is_ascii_lowercase()))
        .collect()
}

/// Two words that some name writes as one are one: `Jiao Tong` and `Jiaotong`, `Post Graduate` and
/// `Postgraduate`. Addresses are read by the same rule.
fn join_forms(forms: &mut [NameForm]) {
    let lexicon: HashSet<String> = forms.iter().flat_map(|form| form.words.iter().cloned()).collect();
    for form in forms {
        join_words(&mut form.words, |word| lexicon.contains(word));
    }
}

/// Joins neighbours that together are a word, from left to right.
pub(crate) fn join_words(words: &mut Vec<String>, is_known: impl Fn(&str) -> bool) {
    let mut at = 0;
    while at + 1 < words.len() {
        match joined(&words[at], &words[at + 1]).filter(|word| is_known(word)) {
            Some(word) => {
                words[at] = word;
                words.remove(at + 1);
            }
            None => at += 1,
        }
    }
}

/// A key of words joined by spaces, with its neighbours joined.
pub(crate) fn joined_key(key: &str, is_known: impl Fn(&str) -> bool) -> String {
    let mut words: Vec<String> = key.split(' ').map(str::to_owned).collect();
    join_words(&mut words, is_known);
    words.join(" ")
}

/// One level for each institution.
fn mentions(registry: &BuiltRegistry) -> Vec<u8> {
    let levels: BTreeMap<RorId, u8> = MENTIONS
        .lines()
        .skip(1)
        .filter_map(|row| row.split_once(','))
        .filter_map(|(id, level)| Some((RorId::parse(id).ok()?, level.parse().ok()?)))
        .collect();
    let level = |id: &RorId| levels.get(id).copied().unwrap_or(0);
    registry
        .institutions
        .iter()
        .map(|record| level(&record.ror_id))
        .collect()
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
    let is_type = |word: &String| TYPE_WORDS.contains(&word.as_str());
    let leading = words.iter().take_while(|word| is_type(word)).count();
    let trailing = words.iter().rev().take_while(|word| is_type(word)).count();
    let proper = words.len().saturating_sub(leading.max(trailing));
    let mut turned = words.to_vec();
    match (leading, trailing) {
        (1..=2, 0) if (1..=2).contains(&proper) => turned.rotate_left(leading),
        (0, 1..=2) if (1..=2).contains(&proper) => turned.rotate_right(trailing),
        _ => return None,
    }
    Some(turned)
}

/// A name as it stands, without what it has in brackets (`Microsoft (United States)`), and without the
/// form of the company.
fn written_forms(name: &str, splitter: &Splitter) -> Vec<Vec<String>> {
    let without_brackets = name.split('(').next().unwrap_or_default();
    let mut forms: Vec<Vec<String>> = Vec::new();
    for text in [
        name,
        without_brackets,
        without_dedication(without_brackets),
        before_dash(without_brackets),
        before_comma(without_brackets),
    ] {
        let words = evidence(text, splitter);
        let last = words
            .iter()
            .rposition(|word| !LEGAL_FORMS.contains(&word.as_str()));
        // What is left of `United, Inc.` or of `Normale - Sup` is a word, not a name.
        let without_legal_form = last.filter(|&last| last > 0).map(|last| words[..=last].to_vec());
        if text.len() == name.len() || text.len() == without_brackets.len() || words.len() >= 2 {
            forms.push(words);
            forms.extend(without_legal_form);
        }
    }
    forms.retain(|words| !words.is_empty());
    let mut seen = BTreeSet::new();
    forms.retain(|words| seen.insert(words.clone()));
    forms
}

/// A name without whom it is named after: addresses leave that out.
fn without_dedication(name: &str) -> &str {
    const DEDICATIONS: &[&str] = &[
        " named after ",
        " named for ",
        " named in honor of ",
        " имени ",
        " им. ",
    ];
    let end = DEDICATIONS
        .iter()
        .filter_map(|dedication| name.find(dedication))
        .min();
    end.map_or(name, |end| &name[..end])
}

/// A name without the name that follows its comma: `University at Buffalo, State University of New York`.
/// What is only a place stays.
fn before_comma(name: &str) -> &str {
    match name.split_once(", ") {
        Some((before, after)) if after.split_whitespace().count() >= 3 => before,
        _ => name,
    }
}

/// A name without what a dash adds to it: `École Normale Supérieure - PSL`.
fn before_dash(name: &str) -> &str {
    let end = [" - ", " – "].iter().filter_map(|dash| name.find(dash)).min();
    end.map_or(name, |end| &name[..end])
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

/// The word that two words make together, if they are words that may.
pub(crate) fn joined(first: &str, second: &str) -> Option<String> {
    let is_word = |word: &str| word.len() >= 2 && word.bytes().all(|b| b.is_ascii_lowercase());
    (first.len() + second.len() >= 6 && is_word(first) && is_word(second)).then(|| format!("{first}{second}"))
}

/// An acronym without the full stops and hyphens that people put in or leave out: `U.C.L.A.` is `UCLA`.
fn acronym_key(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
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
        let main = [splitter.key(&place.name), splitter.key(without_kind(&place.name))].into_iter();
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

/// A name without the kind of place behind it: `Goyang-si`, `New York City`.
fn without_kind(name: &str) -> &str {
    const KINDS: &[&str] = &["-si", "-shi", "-gun", "-eup", " City", " Shi"];
    KINDS
        .iter()
        .find_map(|kind| name.strip_suffix(kind))
        .unwrap_or(name)
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
/// Where each list starts, in the order of the keys.
fn list_starts<T>(entries: &BTreeMap<String, Vec<T>>) -> Vec<(&str, u32)> {
    let mut start = 0;
    let mut starts = Vec::with_capacity(entries.len());
    for (key, list) in entries {
        starts.push((key.as_str(), u32::try_from(start).unwrap_or(u32::MAX)));
        start += size_of::<U32>() + list.len() * size_of::<T>();
    }
    starts
}

/// The gazetteer by the hashes of its keys, with the beginnings of longer keys, in order of hash.
fn gazetteer_rows(
    places: &BTreeMap<String, Vec<U32>>,
    subdivisions: &BTreeMap<String, Vec<SubdivisionRow>>,
) -> Vec<GazetteerRow> {
    let mut rows: BTreeMap<u64, GazetteerRow> = BTreeMap::new();
    for (key, start) in list_starts(places) {
        row_of(&mut rows, key).localities = U32::new(start + 1);
    }
    for (key, start) in list_starts(subdivisions) {
        row_of(&mut rows, key).subdivisions = U32::new(start + 1);
    }
    rows.into_values().collect()
}

/// The row of a key; its beginnings are marked.
fn row_of<'r>(rows: &'r mut BTreeMap<u64, GazetteerRow>, key: &str) -> &'r mut GazetteerRow {
    let mut whole = 0;
    for (at, beginning) in hash::beginnings(key).enumerate() {
        if at > 0 {
            rows.entry(whole)
                .or_insert_with(|| GazetteerRow::new(whole))
                .continues = 1;
        }
        whole = beginning;
    }
    rows.entry(whole).or_insert_with(|| GazetteerRow::new(whole))
}

fn list_sections<T: IntoBytes + zerocopy::Immutable>(
    keys: &'static str,
    lists: &'static str,
    entries: &BTreeMap<String, Vec<T>>,
) -> Result<[(&'static str, Vec<u8>); 2], fst::Error> {
    let mut bytes: Vec<u8> = Vec::new();
    for list in entries.values() {
        bytes.extend_from_slice(U32::new(u32::try_from(list.len()).unwrap_or(u32::MAX)).as_bytes());
        bytes.extend_from_slice(list.as_slice().as_bytes());
    }
    let starts = list_starts(entries);
    let starts = starts.iter().map(|&(key, start)| (key, u64::from(start)));
    Ok([(keys, fst_of(starts)?), (lists, bytes)])
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
