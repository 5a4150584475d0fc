//! Features: what is measured of each candidate before the model weighs it.
//!
//! All are whole numbers: flags are 0 or 1, weights are in thousandths of a bit (a word that half of all
//! institutions have weighs 1,000), parts are in thousandths. The order is that of [`Features::NAMES`],
//! which the shipped model names too.

use std::ops::Range;

use whence_model::CountryCode;
use whence_registry::{
    Institution, InstitutionIndex, InstitutionState, InstitutionType, NameKind, PlaceIndex, Registry,
};

use crate::candidates::{Candidate, Hit, How, overlap};
use crate::context::Context;
use crate::index::NameRow;
use crate::relations::ancestors;
use crate::words::{WordKind, WordKinds};

macro_rules! features {
    ($($(#[$doc:meta])+ $name:ident,)+) => {
        /// The features of one candidate.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[repr(C)]
        pub struct Features { $($(#[$doc])+ pub $name: i32,)+ }

        impl Features {
            /// Their names, in order.
            pub const NAMES: &[&str] = &[$(stringify!($name),)+];
            /// How many there are.
            pub const COUNT: usize = Self::NAMES.len();

            /// Their values, in order.
            pub fn values(&self) -> [i32; Self::COUNT] {
                [$(self.$name,)+]
            }
        }
    };
}

features! {
    /// 0 acronym, 1 approximate name, 2 exact name.
    how,
    /// Part of the name's weight that stands in the address.
    coverage,
    /// Part of the name's weight that stands in order.
    in_order,
    /// Part of the name's words that follow each other.
    run,
    /// Weight of foreign words inside.
    inserted,
    /// Misspelt words.
    misspelt,
    /// Longer names that begin like its own.
    continuations,
    /// Hits of the record.
    hits,
    /// Whether the acronym stands there too.
    acronym_too,
    /// Weight of the name.
    name_weight,
    /// Words of the name.
    name_tokens,
    /// 0 display, 1 label, 2 alias, 3 acronym.
    name_kind,
    /// Whether the name was turned round.
    turned,
    /// Whether the name is nobody's own.
    generic,
    /// Weight of the name's rarest word.
    rarest,
    /// Weight of the name's commonest word.
    commonest,
    /// In how few countries the name's most local word is used.
    fewest_countries,
    /// Weight of the name that is missing.
    missing,
    /// Letters of the acronym.
    acronym_letters,
    /// Whether the acronym is printed in capitals alone.
    acronym_capitals,
    /// Records with the same name.
    sharers,
    /// Those of them in the printed country.
    sharers_in_country,
    /// Candidates over the same words that the place fits better.
    namesakes_better,
    /// Candidates over the same words that the place fits as well.
    namesakes_equal,
    /// Part of the weight of its segments, places apart, that it holds.
    purity,
    /// Words before it in its segment.
    words_before,
    /// Words after it in its segment.
    words_after,
    /// Weight of the words before.
    weight_before,
    /// Weight of the words after.
    weight_after,
    /// 1 if a word such as `and` leads on to more, 2 if `of` does to a place, 3 to something else.
    leads_on,
    /// Whether a word such as `of` leads to it.
    led_to,
    /// Whether a bracket stands before it.
    bracketed,
    /// Segments that it goes over, less one.
    crossings,
    /// Kind of the word before.
    kind_before,
    /// Kind of the word after.
    kind_after,
    /// Kind of its segment's first word.
    kind_first,
    /// Segments before it.
    segments_before,
    /// Segments after it.
    segments_after,
    /// Words of the address.
    words,
    /// Statements before its own.
    statements_before,
    /// Statements of the address.
    statements,
    /// Whether the address has no small letter.
    all_capitals,
    /// 0 no city printed, 1 another, 2 one of the same metropolitan area, 3 its city.
    city,
    /// Whether its state or province is printed.
    subdivision,
    /// -2 another country printed, -1 another follows from a city, 0 none, 1 its own follows, 2 its own printed.
    country,
    /// Whether its country is mentioned anywhere.
    country_anywhere,
    /// Whether its city is mentioned anywhere.
    city_anywhere,
    /// Distance from the printed city to its own: 0 the same place, about 2 more for each doubling.
    distance,
    /// Whether all its words are places.
    over_places,
    /// How many of its words are places.
    place_words,
    /// Whether its own city is part of its name.
    city_in_name,
    /// 0 active, 1 inactive, 2 withdrawn.
    state,
    /// Type education.
    education,
    /// Type healthcare.
    healthcare,
    /// Type facility.
    facility,
    /// Type company.
    company,
    /// Type government.
    government,
    /// Type nonprofit.
    nonprofit,
    /// Type funder.
    funder,
    /// Number of children.
    children,
    /// Number of parents.
    parents,
    /// Number of names.
    names,
    /// How often addresses name it, as a level.
    mentions,
    /// Whether the name has a word for university.
    name_university,
    /// Whether the name has a word for hospital.
    name_hospital,
    /// Whether the name has a word for institute.
    name_institute,
    /// Whether the name has a word for school.
    name_school,
    /// Whether the name begins like a unit.
    name_unit,
    /// Other segments of the statement with a word for university.
    universities_elsewhere,
    /// Other segments of the statement with a word for hospital.
    hospitals_elsewhere,
    /// Other segments of the statement with a word for institute.
    institutes_elsewhere,
    /// Words of its segment that are institutions' and not of the name.
    institution_words_beside,
    /// Whether a longer exact name stands over it.
    inside_longer,
    /// Heaviest other candidate over its words, as part of its own weight.
    rival,
    /// Its weight as part of the heaviest of the address.
    against_heaviest,
    /// Its weight as part of the heaviest of its statement.
    against_statement,
    /// Candidates with an exact name of two words or more.
    exact_names,
    /// How an ancestor is named: 0 not, 1 acronym, 2 approximately, 3 exactly.
    parent_named,
    /// Whether that is in the same statement.
    parent_beside,
    /// How a descendant is named.
    child_named,
    /// How a related record is named.
    related_named,
    /// How a sibling is named.
    sibling_named,
    /// Candidates of the address.
    candidates,
    /// Place among the candidates by weight.
    rank,
    /// Weight that it holds beyond the heaviest exact name inside it.
    beyond_exact,
    /// Words of the name that do not stand in the address, about.
    words_missing,
}

/// Measures all candidates of an address.
pub fn features(context: &Context<'_>, kinds: &WordKinds, candidates: &[Candidate]) -> Vec<Features> {
    let mut rows: Vec<Features> = candidates
        .iter()
        .map(|candidate| one(context, kinds, candidate))
        .collect();
    compare(context, candidates, &mut rows);
    relate(context, candidates, &mut rows);
    rows
}

fn one(context: &Context<'_>, kinds: &WordKinds, candidate: &Candidate) -> Features {
    let hit = &candidate.hit;
    let record = context.registry.institution(hit.institution);
    let row = hit.name.and_then(|name| context.index.name(name));
    let mut f = Features {
        how: hit.how as i32,
        coverage: int(hit.coverage),
        in_order: int(hit.in_order),
        inserted: int(hit.inserted),
        misspelt: int(hit.misspelt),
        continuations: int(hit.continuations),
        hits: int(candidate.hits),
        acronym_too: candidate.acronym_too.into(),
        ..Features::default()
    };
    match row {
        Some(row) => measure_name(context, kinds, hit, row, &mut f),
        None => measure_acronym(context, hit, &mut f),
    }
    measure_segment(context, hit, &mut f);
    measure_place(context, hit, &record, &mut f);
    measure_record(&record, &mut f);
    f.mentions = context.index.mentions(hit.institution).into();
    f
}

fn measure_name(context: &Context<'_>, kinds: &WordKinds, hit: &Hit, row: &NameRow, f: &mut Features) {
    let index = context.index;
    let tokens = index.name_tokens(row);
    f.name_weight = int(row.weight.get());
    f.name_tokens = int(u32::from(row.token_count.get()));
    f.run = int(hit.run) * 1000 / f.name_tokens.max(1);
    f.name_kind = row.kind() as i32;
    f.turned = row.is_turned().into();
    f.generic = row.is_generic().into();
    f.words_missing = f.name_tokens - count(hit.tokens.len());
    f.rarest = int(tokens.clone().map(|token| index.weight(token)).max().unwrap_or(0));
    f.commonest = int(tokens.clone().map(|token| index.weight(token)).min().unwrap_or(0));
    f.fewest_countries = int(tokens
        .clone()
        .map(|token| u32::from(index.countries(token)))
        .min()
        .unwrap_or(0));
    f.missing = int(row.weight.get()) * (1000 - f.coverage) / 1000;
    if let Some(name) = hit.name {
        let country = country_of(context, hit.institution);
        for other in index.namesakes(name).take(24) {
            f.sharers += 1;
            let other = InstitutionIndex::new(other.institution.get());
            f.sharers_in_country += i32::from(country_of(context, other) == country);
        }
    }
    for (at, token) in tokens.enumerate() {
        match kinds.kind(Some(token)) {
            WordKind::University => f.name_university = 1,
            WordKind::Hospital => f.name_hospital = 1,
            WordKind::Institute => f.name_institute = 1,
            WordKind::School => f.name_school = 1,
            WordKind::Unit if at == 0 => f.name_unit = 1,
            _ => {}
        }
    }
}

fn country_of(context: &Context<'_>, institution: InstitutionIndex) -> Option<CountryCode> {
    context.index.home(institution).map(|(_, country)| country)
}

fn measure_acronym(context: &Context<'_>, hit: &Hit, f: &mut Features) {
    let token = &context.address.tokens[hit.tokens.start];
    let printed = token.span.text(context.address.text).unwrap_or_default();
    f.name_kind = NameKind::Acronym as i32;
    f.run = 1000;
    f.name_weight = 6_000;
    f.name_tokens = 1;
    f.acronym_letters = count(printed.chars().count());
    f.acronym_capitals = (!printed.chars().any(char::is_lowercase)).into();
    let country = country_of(context, hit.institution);
    for other in context.index.acronym(printed).take(24) {
        f.sharers += 1;
        f.sharers_in_country += i32::from(country_of(context, other) == country);
    }
}

fn measure_segment(context: &Context<'_>, hit: &Hit, f: &mut Features) {
    let address = context.address;
    let tokens = &hit.tokens;
    let (first, last) = (
        address.tokens[tokens.start].segment,
        address.tokens[tokens.end - 1].segment,
    );
    let whole = address.segments[first].tokens.start..address.segments[last].tokens.end;
    let weight = |token: usize| context.word(token).weight;
    let counts = |token: &usize| context.word(*token).telling;
    let before = (whole.start..tokens.start).filter(counts);
    let after = (tokens.end..whole.end).filter(counts);
    f.words_before = count(before.clone().count());
    f.words_after = count(after.clone().count());
    f.weight_before = before.map(weight).sum();
    f.weight_after = after.map(weight).sum();
    let held = f.name_weight * f.coverage / 1000;
    f.purity = held.saturating_mul(1000) / (held + f.weight_before + f.weight_after + f.inserted).max(1);
    f.crossings = count(last - first);
    let before = tokens.start.checked_sub(1).filter(|&token| token >= whole.start);
    let after = Some(tokens.end).filter(|&token| token < whole.end);
    f.leads_on = after.map_or(0, |next| connection(context, tokens.end - 1, next));
    f.led_to = before.map_or(0, |previous| connection(context, previous, tokens.start));
    let kind = |token: Option<usize>| token.map_or(-1, |token| context.word(token).kind as i32);
    f.kind_before = kind(before);
    f.kind_after = kind(after);
    f.kind_first = if whole.start < tokens.start {
        kind(Some(whole.start))
    } else {
        -1
    };
    f.bracketed = bracketed(context, tokens.start).into();
    f.segments_before = count(first);
    f.segments_after = count(address.segments.len() - 1 - last);
    f.words = count(address.tokens.len());
    f.statements_before = count(context.statement_number(tokens.start));
    f.statements = count(context.statements().len());
    f.all_capitals = (!address.text.chars().any(char::is_lowercase)).into();
    f.place_words = count(tokens.clone().filter(|&token| context.places[token]).count());
    f.over_places = (f.place_words == count(tokens.len())).into();
    measure_kinds(context, hit, &whole, f);
}

fn measure_kinds(context: &Context<'_>, hit: &Hit, own: &Range<usize>, f: &mut Features) {
    let statement = context.statement_of(hit.tokens.start);
    for token in statement {
        let kind = context.word(token).kind;
        if own.contains(&token) {
            let institutional = matches!(
                kind,
                WordKind::University | WordKind::Hospital | WordKind::Institute
            );
            f.institution_words_beside += i32::from(institutional && !hit.tokens.contains(&token));
            continue;
        }
        match kind {
            WordKind::University => f.universities_elsewhere += 1,
            WordKind::Hospital => f.hospitals_elsewhere += 1,
            WordKind::Institute => f.institutes_elsewhere += 1,
            _ => {}
        }
    }
}

/// How two words are connected: 0 not, 1 by a word such as `and`, 2 by one such as `of` before a place, 3 by
/// one before something else. `Korea University` is not named in `Korea University of Science`.
fn connection(context: &Context<'_>, token: usize, next: usize) -> i32 {
    const AND: &[&str] = &["and", "&", "et", "y", "e", "und"];
    const OF: &[&str] = &[
        "of", "at", "for", "de", "del", "do", "da", "des", "du", "di", "für", "in",
    ];
    let tokens = &context.address.tokens;
    let between = tokens[token].span.end as usize..tokens[next].span.start as usize;
    let between = context.address.text.get(between).unwrap_or_default();
    if between.split_whitespace().any(|word| OF.contains(&word)) {
        return if context.places[next] { 2 } else { 3 };
    }
    between.split_whitespace().any(|word| AND.contains(&word)).into()
}

fn bracketed(context: &Context<'_>, token: usize) -> bool {
    let start = context.address.tokens[token].span.start as usize;
    let before = context.address.text.get(..start).unwrap_or_default();
    before.trim_end().ends_with(['(', '['])
}

fn measure_place(context: &Context<'_>, hit: &Hit, record: &Institution<'_>, f: &mut Features) {
    let statement = context.statement_number(hit.tokens.start);
    let registry = context.registry;
    let outside = |mention: &crate::place::Mention| {
        mention.tokens.start < hit.tokens.start || mention.tokens.end > hit.tokens.end
    };
    f.distance = 40;
    f.country = if record.locations().len() == 0 { 0 } else { -2 };
    let Some(evidence) = context.evidence_of(statement) else {
        f.country = 0;
        return;
    };
    let printed = evidence.locality();
    f.city = i32::from(printed.is_some());
    for place in record.locations() {
        let view = registry.place(place);
        f.country = f.country.max(match evidence.country() {
            None => 0,
            Some(country) if country == view.country() => 1 + i32::from(evidence.prints_country()),
            Some(_) => -1 - i32::from(evidence.prints_country()),
        });
        f.subdivision |= i32::from(evidence.mentions_subdivision(view.country(), view.admin1_code()));
        for mention in context.mentions {
            f.country_anywhere |= i32::from(mention.country == Some(view.country()));
            if mention.localities.contains(&place) {
                let outside = outside(mention);
                f.city_anywhere |= i32::from(outside);
                f.city_in_name |= i32::from(!outside);
                if outside && context.is_evidence(mention, statement) {
                    f.city = 3;
                }
            }
        }
        if let Some(printed) = printed {
            if f.city < 2 && registry.city_index(printed) == registry.city_index(place) {
                f.city = 2;
            }
            f.distance = f.distance.min(distance(registry, printed, place));
        }
    }
}

/// 0 for the same place, else the binary logarithm of the square of the distance, in units of about
/// 110 metres: 2 more for each doubling.
fn distance(registry: &Registry, one: PlaceIndex, other: PlaceIndex) -> i32 {
    if one == other {
        return 0;
    }
    let (one, other) = (registry.place(one), registry.place(other));
    let (latitude, longitude) = (millidegrees(one.latitude()), millidegrees(one.longitude()));
    let (to_latitude, to_longitude) = (millidegrees(other.latitude()), millidegrees(other.longitude()));
    let mut east = (longitude - to_longitude).abs();
    east = east.min(360_000 - east);
    // Bhaskara's rational cosine, in thousandths, of degrees.
    let degrees = (latitude + to_latitude) / 2_000;
    let cosine = 1000 * (32_400 - 4 * degrees * degrees) / (32_400 + degrees * degrees);
    let (north, east) = (latitude - to_latitude, east * cosine.max(0) / 1000);
    let square = (north * north + east * east).max(1);
    i32::try_from(square.ilog2()).unwrap_or(40) + 1
}

fn millidegrees(degrees: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "degrees are at most 180")]
    let whole = (degrees * 1000.0).round() as i64;
    whole
}

fn measure_record(record: &Institution<'_>, f: &mut Features) {
    let types = record.types();
    f.state = match record.state() {
        InstitutionState::Active => 0,
        InstitutionState::Inactive => 1,
        InstitutionState::Withdrawn => 2,
    };
    f.education = types.contains(InstitutionType::Education).into();
    f.healthcare = types.contains(InstitutionType::Healthcare).into();
    f.facility = types.contains(InstitutionType::Facility).into();
    f.company = types.contains(InstitutionType::Company).into();
    f.government = types.contains(InstitutionType::Government).into();
    f.nonprofit = types.contains(InstitutionType::Nonprofit).into();
    f.funder = types.contains(InstitutionType::Funder).into();
    f.children = count(record.children().len());
    f.parents = count(record.parents().len());
    f.names = count(record.names().len());
}

/// What a candidate holds of the address, in thousandths of a bit.
fn held(f: &Features) -> i32 {
    f.name_weight * f.coverage / 1000
}

fn compare(context: &Context<'_>, candidates: &[Candidate], rows: &mut [Features]) {
    let weights: Vec<i32> = rows.iter().map(held).collect();
    let statement: Vec<usize> = candidates
        .iter()
        .map(|c| context.statement_number(c.hit.tokens.start))
        .collect();
    let fit: Vec<i32> = rows
        .iter()
        .map(|f| f.country * 100 + f.city * 20 + f.subdivision * 10 - f.distance)
        .collect();
    let exact = rows
        .iter()
        .filter(|f| f.how == How::Exact as i32 && f.name_tokens > 1)
        .count();
    let heaviest = weights.iter().copied().max().unwrap_or(0).max(1);
    for at in 0..rows.len() {
        let own = &candidates[at].hit;
        let mut heaviest_here = 1;
        let mut rival = 0;
        let mut inside_exact = 0;
        let f = &mut rows[at];
        for other in 0..candidates.len() {
            let hit = &candidates[other].hit;
            if statement[other] == statement[at] {
                heaviest_here = heaviest_here.max(weights[other]);
            }
            f.rank += i32::from(weights[other] > weights[at]);
            if other == at || !overlap(&own.tokens, &hit.tokens) {
                continue;
            }
            rival = rival.max(weights[other]);
            let inside = hit.tokens.start >= own.tokens.start && hit.tokens.end <= own.tokens.end;
            if inside && hit.how == How::Exact && hit.tokens.len() < own.tokens.len() {
                inside_exact = inside_exact.max(weights[other]);
            }
            let longer = hit.tokens.start <= own.tokens.start
                && hit.tokens.end >= own.tokens.end
                && hit.tokens.len() > own.tokens.len();
            f.inside_longer |= i32::from(longer && hit.how == How::Exact);
            if hit.tokens == own.tokens && hit.how == own.how {
                f.namesakes_better += i32::from(fit[other] > fit[at]);
                f.namesakes_equal += i32::from(fit[other] == fit[at]);
            }
        }
        let part = |weight: i32, of: i32| {
            i32::try_from(i64::from(weight) * 1000 / i64::from(of.max(1)))
                .unwrap_or(9_999)
                .min(9_999)
        };
        f.rival = part(rival, weights[at]);
        f.against_heaviest = part(weights[at], heaviest);
        f.against_statement = part(weights[at], heaviest_here);
        f.exact_names = count(exact);
        f.beyond_exact = weights[at] - inside_exact;
        f.candidates = count(candidates.len());
    }
}

fn relate(context: &Context<'_>, candidates: &[Candidate], rows: &mut [Features]) {
    let find = |institution| {
        candidates
            .binary_search_by_key(&institution, |c| c.hit.institution)
            .ok()
    };
    let named: Vec<i32> = rows
        .iter()
        .map(|f| match f.how {
            0 => 1,
            1 if f.coverage < 800 => 0,
            how => how + 1,
        })
        .collect();
    for at in 0..candidates.len() {
        let own = &candidates[at].hit;
        let apart = |other: usize| !overlap(&candidates[other].hit.tokens, &own.tokens);
        for parent in ancestors(context.registry, own.institution)
            .into_iter()
            .filter_map(find)
        {
            if apart(parent) {
                rows[at].parent_named = rows[at].parent_named.max(named[parent]);
                let beside = context.statement_number(candidates[parent].hit.tokens.start)
                    == context.statement_number(own.tokens.start);
                rows[at].parent_beside |= i32::from(beside && named[parent] > 0);
                rows[parent].child_named = rows[parent].child_named.max(named[at]);
            }
        }
        let record = context.registry.institution(own.institution);
        for related in record.related().filter_map(find).filter(|&other| apart(other)) {
            rows[at].related_named = rows[at].related_named.max(named[related]);
        }
        for parent in record.parents() {
            let siblings = context.registry.institution(parent).children();
            if siblings.len() > 60 {
                continue;
            }
            for sibling in siblings
                .filter_map(find)
                .filter(|&other| other != at && apart(other))
            {
                rows[at].sibling_named = rows[at].sibling_named.max(named[sibling]);
            }
        }
    }
}

fn int(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn count(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
