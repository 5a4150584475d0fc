//! Scores: how well each candidate fits the address, in points, each with its reason.
//!
//! A name found word for word starts at 600. Evidence from the place adds (the city more than the country)
//! or takes away (another country printed); a generic name such as `Institute of Physics` must be anchored
//! by its city or by a parent that the text names. A candidate with [`THRESHOLD`] points is stood behind.
//! All arithmetic is on integers, so that every machine gives the same answer.

use std::ops::Range;

use whence_registry::{Institution, InstitutionIndex, InstitutionState, NameKind, PlaceIndex, Registry};

use crate::candidates::{Candidate, How};
use crate::index::{Index, NameRow, acronym_key};
use crate::place::{Evidence, Mention};
use crate::segment::Address;

/// A candidate with this many points is stood behind.
pub const THRESHOLD: i32 = 600;
/// How far ancestors are followed; the registry has no deeper chain that matters.
const ANCESTORS_MAX: usize = 4;

const EXACT: i32 = 600;
const APPROXIMATE: i32 = 560;
const ACRONYM: i32 = 420;

/// A candidate with its points.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The candidate.
    pub candidate: Candidate,
    /// Its points.
    pub points: i32,
    /// Weight of its name, in thousandths of a bit: what is at stake if it is wrong to leave it out.
    pub weight: u32,
    /// Whether its name is nobody's own.
    pub generic: bool,
    /// How strongly the place printed speaks for this record rather than a namesake.
    pub anchor: Anchor,
}

/// What the printed place says of a candidate, from bad to good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anchor {
    /// Another country is printed.
    OtherCountry,
    /// No place is printed, or the record has none.
    Unknown,
    /// The country is right.
    Country,
    /// The state, province or metropolitan area is right.
    Region,
    /// The city is right.
    City,
}

/// What scoring looks at.
pub struct Context<'a> {
    /// The registry.
    pub registry: &'a Registry,
    /// Its index.
    pub index: &'a Index,
    /// The address.
    pub address: &'a Address<'a>,
    /// Every mention of a place.
    pub mentions: &'a [Mention],
    /// For each token, whether it is part of a place's name.
    pub places: &'a [bool],
    /// The statements of the address, by tokens.
    pub statements: &'a [Range<usize>],
    /// For each token, whether a full name of two words or more stands over it.
    pub named: &'a [bool],
}

impl Context<'_> {
    /// The statement that a token stands in.
    pub fn statement_of(&self, token: usize) -> Range<usize> {
        let whole = 0..self.address.tokens.len();
        self.statements
            .iter()
            .find(|statement| statement.contains(&token))
            .cloned()
            .unwrap_or(whole)
    }

    /// Whether two candidates stand in one statement.
    pub fn same_statement(&self, one: &Candidate, other: &Candidate) -> bool {
        self.statement_of(one.tokens.start) == self.statement_of(other.tokens.start)
    }

    /// The printed places around some tokens: those of their statement that are not part of a name.
    pub fn evidence_around(&self, tokens: &Range<usize>) -> Evidence<'_> {
        let statement = self.statement_of(tokens.start);
        let own =
            |mention: &Mention| tokens.start <= mention.tokens.start && mention.tokens.end <= tokens.end;
        Evidence::gather(self.mentions, &statement, self.registry, |mention| {
            !own(mention) && !self.is_in_name(mention)
        })
    }

    /// The printed places in a range of tokens that are not part of a name.
    pub fn evidence_in(&self, tokens: &Range<usize>) -> Evidence<'_> {
        Evidence::gather(self.mentions, tokens, self.registry, |mention| {
            !self.is_in_name(mention)
        })
    }

    fn is_in_name(&self, mention: &Mention) -> bool {
        mention.tokens.clone().all(|token| self.named[token])
    }

    /// Scores one candidate, apart from what the others say about it.
    pub fn score(&self, candidate: Candidate) -> Scored {
        let institution = self.registry.institution(candidate.institution);
        let row = candidate.name.and_then(|name| self.index.name(name));
        let weight = row.map_or(6_000, |row| row.weight.get());
        let generic = row.is_some_and(NameRow::is_generic);
        let anchor = self.anchor(&candidate, &institution);
        let points = self.name_points(&candidate, row) - self.generic_points(&candidate, row, anchor)
            + anchor_points(anchor, candidate.how, weight, generic)
            - i32::from(institution.state() != InstitutionState::Active) * 8
            + prominence(&institution);
        Scored {
            candidate,
            points,
            weight,
            generic,
            anchor,
        }
    }

    fn name_points(&self, candidate: &Candidate, row: Option<&NameRow>) -> i32 {
        let Some(row) = row else {
            return ACRONYM + self.acronym_points(candidate);
        };
        let weight = i32::try_from(row.weight.get().min(20_000)).unwrap_or(20_000);
        let mut points = match candidate.how {
            How::Exact => EXACT,
            _ => APPROXIMATE - (1000 - i32::try_from(candidate.coverage).unwrap_or(0)) * 9 / 10,
        };
        points += weight / 150;
        points -= i32::try_from(candidate.inserted.min(20_000)).unwrap_or(20_000) / 30;
        points -= i32::from(row.kind() == NameKind::Alias) * 25;
        points -= self.outside_points(candidate, row);
        points
    }

    /// What a generic name costs: less if it is long and only one record of the printed country has it.
    fn generic_points(&self, candidate: &Candidate, row: Option<&NameRow>, anchor: Anchor) -> i32 {
        let (Some(name), Some(row)) = (candidate.name, row.filter(|row| row.is_generic())) else {
            return 0;
        };
        let country = self.registry.institution(candidate.institution).country();
        let rivals = self.index.namesakes(name).filter(|other| {
            let other = InstitutionIndex::new(other.institution.get());
            let same_country =
                anchor < Anchor::Country || self.registry.institution(other).country() == country;
            other != candidate.institution && same_country
        });
        let alone = rivals.count() == 0;
        match row.weight.get() {
            20_000.. if alone => 30,
            14_000.. if alone => 110,
            9_000.. if alone && anchor >= Anchor::Country => 110,
            _ => 230,
        }
    }

    /// A short or generic name inside a longer phrase is part of something else: `Oxford` in `Oxford Street`,
    /// `Public Health` in `School of Public Health`.
    fn outside_points(&self, candidate: &Candidate, row: &NameRow) -> i32 {
        let tokens = &candidate.tokens;
        let segment = &self.address.segment_of(tokens.start).tokens;
        let outside = |token: usize| {
            let word = &self.address.tokens[token].word;
            !word.bytes().any(|b| b.is_ascii_digit()) && !self.places[token]
        };
        let before = (segment.start..tokens.start).any(outside);
        let after = (tokens.end..segment.end).any(outside);
        let mut points = 0;
        if tokens.len() == 1 {
            let is_place = self.places[tokens.start];
            let countries = self.address.tokens[tokens.start]
                .id
                .map_or(0, |token| self.index.countries(token));
            points += if before || after { 260 } else { 40 }
                + if is_place { 260 } else { 0 }
                + i32::from(countries.clamp(1, 12) - 1) * 25;
        } else if tokens.clone().all(|token| self.places[token]) {
            points += 400;
        } else if row.is_generic() && (before || after) {
            points += 150;
        } else if before && after {
            points += 20;
        }
        let segments =
            self.address.tokens[tokens.end - 1].segment - self.address.tokens[tokens.start].segment;
        if self.goes_on(tokens) {
            points += 200;
        }
        // `University, Guangzhou` is not Guangzhou University; `University of California, Davis` is a name.
        let per_segment = if row.kind() == NameKind::Alias || candidate.how != How::Exact {
            90
        } else {
            15
        };
        points + i32::try_from(segments).unwrap_or(9) * per_segment
    }

    /// Whether a word such as `of` leads on to more of the same segment: `Korea University` is not named in
    /// `Korea University of Science and Technology`.
    fn goes_on(&self, tokens: &Range<usize>) -> bool {
        let last = &self.address.tokens[tokens.end - 1];
        let Some(next) = self
            .address
            .tokens
            .get(tokens.end)
            .filter(|next| next.segment == last.segment)
        else {
            return false;
        };
        let between = self
            .address
            .text
            .get(last.span.end as usize..next.span.start as usize)
            .unwrap_or_default();
        between.split_whitespace().any(|word| {
            matches!(
                word,
                "of" | "at" | "for" | "de" | "del" | "do" | "da" | "des" | "du" | "di" | "für"
            )
        })
    }

    /// An acronym that few share is worth more, and one that stands alone.
    fn acronym_points(&self, candidate: &Candidate) -> i32 {
        let token = &self.address.tokens[candidate.tokens.start];
        let printed = token.span.text(self.address.text).unwrap_or_default();
        let sharers = self.index.acronym(&acronym_key(printed)).len();
        let letters = printed.chars().count();
        let alone = self.address.segments[token.segment].tokens.len() == 1;
        let unique = match sharers {
            1 => 60,
            2 => 10,
            _ => -40,
        };
        unique + if letters >= 4 { 40 } else { -40 } + if alone { 40 } else { 0 }
    }

    fn anchor(&self, candidate: &Candidate, institution: &Institution<'_>) -> Anchor {
        let evidence = self.evidence_around(&candidate.tokens);
        let anchors = institution
            .locations()
            .map(|place| self.anchor_at(&evidence, place));
        anchors.max().unwrap_or(Anchor::Unknown)
    }

    fn anchor_at(&self, evidence: &Evidence<'_>, place: PlaceIndex) -> Anchor {
        let view = self.registry.place(place);
        if evidence
            .country()
            .is_some_and(|country| country != view.country())
        {
            return Anchor::OtherCountry;
        }
        if evidence.mentions_place(place) {
            return Anchor::City;
        }
        let printed = evidence
            .place(self.registry)
            .locality()
            .and_then(|id| self.registry.find_place(id));
        let same_city = printed
            .is_some_and(|printed| self.registry.city_index(printed) == self.registry.city_index(place));
        if same_city || evidence.mentions_subdivision(view.country(), view.admin1_code()) {
            return Anchor::Region;
        }
        if evidence.country().is_some() {
            Anchor::Country
        } else {
            Anchor::Unknown
        }
    }
}

fn anchor_points(anchor: Anchor, how: How, weight: u32, generic: bool) -> i32 {
    let telling = weight >= 14_000 && how == How::Exact && !generic;
    match anchor {
        Anchor::City => 150 + i32::from(generic) * 60 + i32::from(how == How::Acronym) * 50,
        Anchor::Region => 90,
        Anchor::Country => 40 + i32::from(how == How::Acronym) * 60,
        Anchor::Unknown => 0,
        Anchor::OtherCountry => {
            if telling {
                -180
            } else {
                -400
            }
        }
    }
}

/// How much the registry has to say of an institution: decides between namesakes that nothing else parts.
fn prominence(institution: &Institution<'_>) -> i32 {
    let relations = institution.children().count() * 2 + institution.names().count();
    i32::try_from(relations.min(40)).unwrap_or(40)
}

/// The ancestors of an institution, nearest first, each once.
pub fn ancestors(registry: &Registry, institution: InstitutionIndex) -> Vec<InstitutionIndex> {
    let mut found: Vec<InstitutionIndex> = Vec::new();
    let mut generation = vec![institution];
    for _ in 0..ANCESTORS_MAX {
        let mut next: Vec<InstitutionIndex> = Vec::new();
        for &child in &generation {
            let parents = registry.institution(child).parents();
            next.extend(parents.filter(|parent| *parent != institution && !found.contains(parent)));
        }
        next.sort_unstable();
        next.dedup();
        found.extend(&next);
        generation = next;
    }
    found
}
