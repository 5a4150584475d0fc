//! The rules in force: a registry with its policies, the allow-list of types, and the journal sets.
//!
//! Takes articles with their resolutions, gives slices: the finest parts of an article, each taken up to
//! the institutions that it is ranked under. A joint institution makes several slices of one part. The
//! slices of an article add up to what its parts do.

use std::collections::BTreeMap;

use whence_model::{GeonamesId, Place, ResolvedArticle, RorId, Sector, Slug};
use whence_registry::{CityIndex, InstitutionIndex, Registry};

use crate::article_type::ArticleTypes;
use crate::authorship::Authorship;
use crate::divide::{Method, Part, divide};
use crate::hierarchy::Hierarchy;
use crate::holder::City;
use crate::journal_set::JournalSet;
use crate::rollup::{GroupIndex, RollUp, split};

/// Everything that counting goes by. Two that are made from the same inputs count alike.
pub struct Counting {
    registry: Registry,
    hierarchy: Hierarchy,
    roll_up: RollUp,
    article_types: ArticleTypes,
    journal_sets: BTreeMap<Slug, JournalSet>,
}

/// A part or, for a joint institution, a piece of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) author: u32,
    pub(crate) institution: Option<InstitutionIndex>,
    /// Which of the ways up from the institution; 0 if there is none.
    pub(crate) way: u16,
    pub(crate) city: Option<City>,
    pub(crate) place: Place,
    pub(crate) units: u64,
}

impl Counting {
    /// Prepares the rules; a later journal set of the same name takes the place of an earlier one.
    pub fn new(registry: Registry, article_types: ArticleTypes, journal_sets: Vec<JournalSet>) -> Self {
        let hierarchy = Hierarchy::of(&registry);
        let roll_up = RollUp::new(&hierarchy, hierarchy.len(), registry.groups());
        let journal_sets = journal_sets
            .into_iter()
            .map(|set| (set.name().clone(), set))
            .collect();
        Self {
            registry,
            hierarchy,
            roll_up,
            article_types,
            journal_sets,
        }
    }

    /// The registry that ids are looked up in.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// What primary research is.
    pub fn article_types(&self) -> &ArticleTypes {
        &self.article_types
    }

    /// The journal sets by name.
    pub fn journal_sets(&self) -> &BTreeMap<Slug, JournalSet> {
        &self.journal_sets
    }

    /// Who is credited on an article.
    pub fn authorship(&self, article: &ResolvedArticle) -> Authorship {
        Authorship::new(article, |id| self.credited(id))
    }

    /// The finest parts of an article.
    pub fn divide(&self, article: &ResolvedArticle, method: Method) -> Vec<Part> {
        divide(&self.authorship(article), method)
    }

    /// What an id is credited as: itself, or the successor of a withdrawn record; none if the registry
    /// lacks it.
    pub fn credited(&self, id: RorId) -> Option<RorId> {
        let index = self.hierarchy.find(id)?;
        Some(self.hierarchy.member(self.hierarchy.credited(index)).ror_id)
    }

    pub(crate) fn find(&self, id: RorId) -> Option<InstitutionIndex> {
        self.hierarchy.find(id)
    }

    pub(crate) fn sector(&self, institution: InstitutionIndex) -> Sector {
        self.hierarchy.sector(institution)
    }

    /// The institution that a slice is ranked under.
    pub(crate) fn rolled(&self, slice: &Slice) -> Option<InstitutionIndex> {
        let institution = slice.institution?;
        self.roll_up
            .tops(institution)
            .get(usize::from(slice.way))
            .map(|top| top.institution)
    }

    /// The groups that hold a slice.
    pub(crate) fn groups(&self, slice: &Slice) -> &[GroupIndex] {
        let top = slice
            .institution
            .and_then(|from| self.roll_up.tops(from).get(usize::from(slice.way)));
        top.map_or(&[], |top| &top.groups)
    }

    /// The slices of an article, in the order of its parts.
    pub(crate) fn slices(&self, authorship: &Authorship, method: Method) -> Vec<Slice> {
        let parts = divide(authorship, method);
        let mut slices = Vec::with_capacity(parts.len());
        for part in &parts {
            self.take_up(part, &mut slices);
        }
        slices
    }

    fn take_up(&self, part: &Part, slices: &mut Vec<Slice>) {
        let institution = part.institution.and_then(|id| self.find(id));
        let mut pieces = Vec::with_capacity(1);
        match institution {
            Some(institution) => split(&self.hierarchy, institution, part.units, &mut pieces),
            None => pieces.push(part.units),
        }
        let city = self.city(part.place);
        let slice = |(units, way)| Slice {
            author: part.author,
            institution,
            way,
            city,
            place: part.place,
            units,
        };
        slices.extend(pieces.into_iter().zip(0..).map(slice));
    }

    /// The city of a place, if it is a locality.
    fn city(&self, place: Place) -> Option<City> {
        place.locality().map(|locality| self.city_of(locality))
    }

    /// The city of a locality: one that the registry lacks is a city by itself.
    pub(crate) fn city_of(&self, locality: GeonamesId) -> City {
        let known = self
            .registry
            .find_place(locality)
            .map(|index| self.registry.city_index(index));
        match known {
            Some(CityIndex::MetropolitanArea(area)) => City::Area(area),
            Some(CityIndex::Locality(_)) | None => City::Locality(locality),
        }
    }
}
