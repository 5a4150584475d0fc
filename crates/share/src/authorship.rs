//! Who is credited on one article, before anything is split: a flat list of links from an author, through
//! a printed address, to what the address names and where.
//!
//! Takes an article with its resolutions and what the registry says of each ROR id; gives links in order
//! of author, then of address. What always holds:
//!
//! - consortia have no links, every personal author has at least one;
//! - a withdrawn institution is already replaced by its successor, an id that the registry lacks is
//!   marked as such and keeps its place;
//! - a present address is there only if its author has no other address;
//! - addresses that name nothing known are told apart after normalisation, wherever they stand.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use whence_model::{Author, Confidence, InstitutionMatch, Place, Resolution, ResolvedArticle, Role, RorId};

/// What an author's portion goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// An institution of the registry, as credited.
    Institution(RorId),
    /// An institution that the registry lacks: unresolved, but apart from everything else unresolved.
    Lacking(RorId),
    /// An address in which no institution was matched, by the index of the first address of the article
    /// that reads the same.
    Unresolved(u32),
    /// No address at all.
    NoAddress,
}

impl Named {
    /// The institution, if the registry has it.
    pub fn institution(self) -> Option<RorId> {
        match self {
            Self::Institution(id) => Some(id),
            Self::Lacking(_) | Self::Unresolved(_) | Self::NoAddress => None,
        }
    }
}

/// One author, one printed address, one thing that it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Position in the byline, from 1.
    pub author: u32,
    /// Index of the address among the article's distinct addresses; none if the author has no address.
    pub address: Option<u32>,
    /// What it names.
    pub named: Named,
    /// The place beside it.
    pub place: Place,
    /// How sure the resolver is of the institution; none where there is none.
    pub confidence: Option<Confidence>,
}

/// All links of one article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorship {
    author_count: u32,
    links: Box<[Link]>,
}

impl Authorship {
    /// Follows every personal author of an article to what the addresses name. `credited` is what the
    /// registry counts for an id: itself or the successor of a withdrawn one; none if it lacks the id.
    pub fn new(article: &ResolvedArticle, credited: impl Fn(RorId) -> Option<RorId>) -> Self {
        let addresses = Addresses::new(article);
        let mut links = Vec::new();
        let mut author_count = 0;
        for (position, author) in article.article().personal_authors() {
            author_count += 1;
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            addresses.link(position, author, &credited, &mut links);
        }
        Self {
            author_count,
            links: links.into(),
        }
    }

    /// Personal authors.
    pub fn author_count(&self) -> u32 {
        self.author_count
    }

    /// The links, in order of author, then of address.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The ids that the registry lacks, each once, in order.
    pub fn lacking(&self) -> Vec<RorId> {
        let mut ids: Vec<RorId> = self
            .links
            .iter()
            .filter_map(|link| match link.named {
                Named::Lacking(id) => Some(id),
                _ => None,
            })
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}

/// The distinct addresses of an article, found by their text.
struct Addresses<'a> {
    article: &'a ResolvedArticle,
    by_text: BTreeMap<&'a str, u32>,
    /// For each address without an institution, the first such that reads the same; none if it is blank.
    same_as: Vec<Option<u32>>,
}

impl<'a> Addresses<'a> {
    fn new(article: &'a ResolvedArticle) -> Self {
        let mut by_text = BTreeMap::new();
        let mut first_with_form = BTreeMap::new();
        let mut same_as = Vec::with_capacity(article.resolutions().len());
        for (index, address) in (0_u32..).zip(article.resolutions()) {
            by_text.insert(address.affiliation.as_str(), index);
            let form = normal_form(&address.affiliation);
            let unresolved = address.resolution.institutions.is_empty() && !form.is_empty();
            same_as.push(unresolved.then(|| *first_with_form.entry(form).or_insert(index)));
        }
        Self {
            article,
            by_text,
            same_as,
        }
    }

    fn link(
        &self,
        author: u32,
        person: &Author,
        credited: &impl Fn(RorId) -> Option<RorId>,
        links: &mut Vec<Link>,
    ) {
        let mut own: Vec<u32> = Vec::with_capacity(person.affiliations.len());
        for text in &person.affiliations {
            let known = self.by_text.get(text.as_str()).copied();
            own.extend(known.filter(|index| !own.contains(index)));
        }
        let matches = |index: u32| self.resolution(index).institutions.iter();
        let works_somewhere = own.iter().any(|&index| {
            self.unresolved(index).is_some() || matches(index).any(|found| found.role == Role::Affiliation)
        });
        let before = links.len();
        for index in own {
            if let Some((first, place)) = self.unresolved(index) {
                let named = Named::Unresolved(first);
                links.push(Link {
                    author,
                    address: Some(index),
                    named,
                    place,
                    confidence: None,
                });
            }
            let counted = matches(index).filter(|found| !works_somewhere || found.role == Role::Affiliation);
            links.extend(counted.map(|found| link_to(author, index, found, credited)));
        }
        if links.len() == before {
            let named = Named::NoAddress;
            links.push(Link {
                author,
                address: None,
                named,
                place: Place::Unknown,
                confidence: None,
            });
        }
    }

    fn resolution(&self, index: u32) -> &'a Resolution {
        &self.article.resolutions()[index as usize].resolution
    }

    /// For an address without an institution: the first address that reads the same, and its place.
    fn unresolved(&self, index: u32) -> Option<(u32, Place)> {
        self.same_as[index as usize].map(|first| (first, self.resolution(first).place))
    }
}

fn link_to(
    author: u32,
    address: u32,
    found: &InstitutionMatch,
    credited: &impl Fn(RorId) -> Option<RorId>,
) -> Link {
    let named = credited(found.ror_id).map_or(Named::Lacking(found.ror_id), Named::Institution);
    Link {
        author,
        address: Some(address),
        named,
        place: found.place,
        confidence: Some(found.confidence),
    }
}

/// Lower case, every run of spaces and punctuation one space: what makes two printed addresses the same.
fn normal_form(address: &str) -> String {
    let mut form = String::with_capacity(address.len());
    for c in address.nfkc().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            form.push(c);
        } else if !form.is_empty() && !form.ends_with(' ') {
            form.push(' ');
        }
    }
    form.truncate(form.trim_end().len());
    form
}
