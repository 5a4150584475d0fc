//! The filters of a selection, prepared against a table: which articles it chooses and which slices.
//!
//! What only depends on a venue or on a set of types is decided once for each, not once for each article.

use std::collections::BTreeSet;

use whence_model::{ArticleId, CountryCode, Issn, Place, Slug};
use whence_registry::TerritoryPolicy;

use crate::article_type::Verdict;
use crate::counting::{Counting, Slice};
use crate::dated::{Dated, dated};
use crate::error::QueryError;
use crate::holder::City;
use crate::journal_set::{Covered, JournalSet};
use crate::known;
use crate::rollup::GroupIndex;
use crate::selection::{Selection, TypeFilter};
use crate::table::{ContributionTable, Stored, Typing};
use crate::territory::reporting_country;

/// What a selection makes of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Chosen,
    /// Chosen but for its date, which is not exact enough.
    Undated,
    /// Chosen but for a flag that the journal set asks for.
    FlagMissing,
    Out,
}

/// The articles that a selection chooses, in order of id, and those that it almost chose.
pub(crate) struct Chosen<'a> {
    pub(crate) articles: Vec<(&'a ArticleId, &'a Stored)>,
    pub(crate) undated_count: u64,
    pub(crate) flag_missing_count: u64,
}

/// A selection ready to be applied.
pub(crate) struct Filter<'a> {
    table: &'a ContributionTable,
    selection: &'a Selection,
    pub(crate) territories: Option<&'a TerritoryPolicy>,
    set: Option<&'a JournalSet>,
    /// For each venue: none if no article of it is chosen, else its rows of the journal set.
    venues: Vec<Option<Vec<u32>>>,
    /// For each set of types: whether it is chosen, for articles as they are and for retracted ones.
    typings: Vec<[bool; 2]>,
    /// Numbers of the fields asked for.
    fields: Vec<u32>,
    groups: Vec<GroupIndex>,
    cities: Vec<City>,
}

impl<'a> Filter<'a> {
    pub(crate) fn new(table: &'a ContributionTable, selection: &'a Selection) -> Result<Self, QueryError> {
        let counting = table.counting();
        if selection
            .window
            .from
            .zip(selection.window.to)
            .is_some_and(|(from, to)| from > to)
        {
            return Err(QueryError::EmptyWindow);
        }
        let territories = selection.territories.policy(counting.registry().policies());
        for code in selection.countries.iter().chain(&selection.with_country) {
            known::country(territories, *code)?;
        }
        let set = known::journal_set(counting, selection)?;
        let fields = table.fields.values().iter().zip(0..);
        Ok(Self {
            table,
            selection,
            territories,
            set,
            venues: table
                .venues
                .values()
                .iter()
                .map(|issns| venue_rows(selection, set, issns))
                .collect(),
            typings: table
                .typings
                .values()
                .iter()
                .map(|typing| choose_types(counting, selection, typing))
                .collect(),
            fields: fields
                .filter(|(field, _)| selection.fields.contains(field))
                .map(|(_, number)| number)
                .collect(),
            groups: selection
                .groups
                .iter()
                .map(|slug| known::group(counting, slug))
                .collect::<Result<_, _>>()?,
            cities: selection
                .cities
                .iter()
                .map(|city| known::city(counting, city))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Applies the article filters.
    pub(crate) fn choose(&self) -> Chosen<'a> {
        let mut chosen = Chosen {
            articles: Vec::new(),
            undated_count: 0,
            flag_missing_count: 0,
        };
        for (id, stored) in self.table.articles() {
            match self.choice(stored) {
                Choice::Chosen => chosen.articles.push((id, stored)),
                Choice::Undated => chosen.undated_count += 1,
                Choice::FlagMissing => chosen.flag_missing_count += 1,
                Choice::Out => {}
            }
        }
        chosen
    }

    fn choice(&self, stored: &Stored) -> Choice {
        let venue = &self.venues[stored.venue as usize];
        let (Some(rows), true) = (venue, stored.has_authors() && self.admits_article(stored)) else {
            return Choice::Out;
        };
        let covered = match self.set {
            None => Choice::Chosen,
            Some(set) => {
                let rows: Vec<u32> = rows
                    .iter()
                    .copied()
                    .filter(|row| self.on_subject(set, *row, stored))
                    .collect();
                match set.covers(&rows, stored.date, &stored.flags) {
                    Covered::By(_) => Choice::Chosen,
                    Covered::FlagMissing => Choice::FlagMissing,
                    Covered::Undated => Choice::Undated,
                    Covered::Outside => Choice::Out,
                }
            }
        };
        match (covered, dated(self.selection.window, stored.date)) {
            (Choice::Out, _) | (_, Dated::Outside) => Choice::Out,
            (Choice::FlagMissing, _) => Choice::FlagMissing,
            (_, Dated::Undated) => Choice::Undated,
            (covered, Dated::Inside) => covered,
        }
    }

    /// The filters that neither venue nor date decide.
    fn admits_article(&self, stored: &Stored) -> bool {
        let [as_is, if_retracted] = self.typings[stored.typing as usize];
        let authors = stored.authorship.author_count();
        (if stored.retracted { if_retracted } else { as_is })
            && self.selection.max_authors.is_none_or(|max| authors <= max)
            && (self.selection.fields.is_empty()
                || stored.fields.iter().any(|field| self.fields.contains(field)))
            && self.selection.with_country.is_none_or(|country| {
                stored
                    .authorship
                    .links()
                    .iter()
                    .any(|link| self.country(link.place) == Some(country))
            })
    }

    /// Whether an article has a subject asked for, through a row of the journal set. In a
    /// multidisciplinary journal only if it is classified itself: by a field of the scheme `subject`.
    fn on_subject(&self, set: &JournalSet, row: u32, stored: &Stored) -> bool {
        let wanted = &self.selection.subjects;
        let journal = &set.journals()[row as usize];
        let own = || stored.fields.iter().map(|field| self.table.fields.value(*field));
        wanted.is_empty()
            || if journal.multidisciplinary {
                own().any(|field| {
                    field.scheme.as_str() == "subject"
                        && wanted.iter().any(|subject| subject.as_str() == field.code)
                })
            } else {
                journal.subjects.iter().any(|subject| wanted.contains(subject))
            }
    }

    /// Applies the entity filters.
    pub(crate) fn admits_slice(&self, slice: &Slice) -> bool {
        let selection = self.selection;
        let counting = self.table.counting();
        let among = |wanted: &[CountryCode]| {
            self.country(slice.place)
                .is_some_and(|code| wanted.contains(&code))
        };
        (selection.countries.is_empty() || among(&selection.countries))
            && (selection.cities.is_empty() || slice.city.is_some_and(|city| self.cities.contains(&city)))
            && (selection.sectors.is_empty()
                || slice
                    .institution
                    .is_some_and(|index| selection.sectors.contains(&counting.sector(index))))
            && (selection.groups.is_empty()
                || counting
                    .groups(slice)
                    .iter()
                    .any(|group| self.groups.contains(group)))
    }

    fn country(&self, place: Place) -> Option<CountryCode> {
        place
            .country()
            .map(|code| reporting_country(self.territories, code))
    }
}

fn venue_rows(selection: &Selection, set: Option<&JournalSet>, issns: &[Issn]) -> Option<Vec<u32>> {
    if !selection.journals.is_empty() && !issns.iter().any(|issn| selection.journals.contains(issn)) {
        return None;
    }
    let rows = set.map(|set| set.rows_of(issns));
    rows.map_or(Some(Vec::new()), |rows| (!rows.is_empty()).then_some(rows))
}

/// Whether articles of these types are chosen, as they are and if they have been retracted.
fn choose_types(counting: &Counting, selection: &Selection, typing: &Typing) -> [bool; 2] {
    let verdict = |types: &[Slug]| counting.article_types().verdict(&typing.source, types);
    let own: BTreeSet<&Slug> = typing.types.iter().collect();
    let chosen = |filter: &TypeFilter, retracted: bool| match filter {
        TypeFilter::All => true,
        TypeFilter::Retracted => retracted,
        TypeFilter::Research => !retracted && verdict(&typing.types) == Verdict::Research,
        TypeFilter::Own(slug) => {
            own.contains(slug)
                && (!retracted || slug.as_str() == "retracted-publication")
                && (verdict(&typing.types) != Verdict::Notice
                    || verdict(std::slice::from_ref(slug)) == Verdict::Notice)
        }
    };
    let filters = if selection.types.is_empty() {
        &[TypeFilter::Research][..]
    } else {
        &selection.types
    };
    [false, true].map(|retracted| filters.iter().any(|filter| chosen(filter, retracted)))
}
