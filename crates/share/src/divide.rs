//! An article of worth 1, divided into its finest parts: author × institution or none × place or none.
//!
//! Under the default method an author holds 1/authors, split equally over the distinct institutions of all
//! of the author's addresses, each distinct unresolved address being one of them; an institution at several
//! places splits its portion equally over the places. Three authors at P; at P and Q; at R:
//!
//! ```text
//! author  institution  quota   units
//! 1       P            1/3     333333333333
//! 2       P            1/6     166666666667   ← larger remainder, takes a missing unit
//! 2       Q            1/6     166666666667   ← the other one
//! 3       R            1/3     333333333333
//!                      1       10¹² exactly
//! ```
//!
//! Parts come in order of author, then institution (by the bytes of the ROR id, unresolved last), then
//! place (by GeoNames id, then country alone, then none); ties for a missing unit go in this order.

use whence_model::{CountryCode, GeonamesId, Place, RorId, Share};

use crate::allocate::allocate;
use crate::authorship::{Authorship, Link, Named};

/// How an article of worth 1 is split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// An author's portion is split over the author's distinct institutions.
    #[default]
    AuthorInstitution,
    /// An author's portion is split over the printed addresses, each over the institutions it names.
    AuthorAddress,
    /// The article is split over its distinct institutions; authors without an address are together one.
    Institution,
    /// Count alone: every Share is zero.
    Full,
}

/// A finest part of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Position of the author in the byline, from 1; under [`Method::Institution`], where a part belongs
    /// to all authors there, the first of them.
    pub author: u32,
    /// The credited institution; none if unresolved.
    pub institution: Option<RorId>,
    /// Its place.
    pub place: Place,
    /// Its exact worth, in 10⁻¹² article.
    pub units: u64,
}

/// Divides an article; the parts add up to exactly one article, or to nothing under [`Method::Full`] and
/// where there is no personal author.
pub fn divide(authorship: &Authorship, method: Method) -> Vec<Part> {
    let mut portions = match method {
        Method::AuthorInstitution | Method::Full => by_author(authorship, over_institutions),
        Method::AuthorAddress => by_author(authorship, over_addresses),
        Method::Institution => by_article(authorship),
    };
    portions.sort_unstable();
    let parts: Vec<&[Portion]> = portions.chunk_by(|one, other| one.key == other.key).collect();
    let quotas: Vec<Vec<u128>> = parts
        .iter()
        .map(|part| part.iter().map(|portion| portion.denominator).collect())
        .collect();
    let units = if method == Method::Full {
        vec![0; parts.len()]
    } else {
        allocate(&quotas)
    };
    parts
        .iter()
        .zip(units)
        .map(|(part, units)| part[0].key.part(units))
        .collect()
}

/// One `denominator`-th of the article for the part with this key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Portion {
    key: Key,
    denominator: u128,
}

/// A part by what it stands for, ordered as ties are broken.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    author: u32,
    institution: Last<RorId>,
    locality: Last<GeonamesId>,
    country: Last<CountryCode>,
}

/// A value, or none, which comes last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Last<T> {
    Known(T),
    Unknown,
}

impl<T> Last<T> {
    fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

impl<T> From<Option<T>> for Last<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Unknown, Self::Known)
    }
}

impl Key {
    fn new(author: u32, named: Named, place: Place) -> Self {
        let (locality, country) = (place.locality().into(), place.country().into());
        Self {
            author,
            institution: named.institution().into(),
            locality,
            country,
        }
    }

    fn part(self, units: u64) -> Part {
        let place = match (self.locality.known(), self.country.known()) {
            (Some(locality), Some(country)) => Place::Locality(locality, country),
            (None, Some(country)) => Place::Country(country),
            (_, None) => Place::Unknown,
        };
        Part {
            author: self.author,
            institution: self.institution.known(),
            place,
            units,
        }
    }
}

/// Every author's links, split by `split`, which is given 1/authors to hand out.
fn by_author(authorship: &Authorship, split: fn(&[Link], u128, &mut Vec<Portion>)) -> Vec<Portion> {
    let mut portions = Vec::with_capacity(authorship.links().len());
    for links in authorship
        .links()
        .chunk_by(|one, other| one.author == other.author)
    {
        split(links, u128::from(authorship.author_count()), &mut portions);
    }
    portions
}

/// Splits 1/`denominator` equally over what the links name, and each of these over its places.
fn over_institutions(links: &[Link], denominator: u128, portions: &mut Vec<Portion>) {
    let mut named: Vec<(Named, Key)> = links
        .iter()
        .map(|link| (link.named, Key::new(link.author, link.named, link.place)))
        .collect();
    named.sort_unstable();
    named.dedup();
    let institutions: Vec<&[(Named, Key)]> = named.chunk_by(|one, other| one.0 == other.0).collect();
    for places in &institutions {
        let denominator = denominator * (institutions.len() * places.len()) as u128;
        portions.extend(places.iter().map(|&(_, key)| Portion { key, denominator }));
    }
}

/// Splits 1/`denominator` equally over the printed addresses, and each of these over what it names.
/// Unresolved addresses that read the same are one.
fn over_addresses(links: &[Link], denominator: u128, portions: &mut Vec<Portion>) {
    let printed = |link: &Link| match link.named {
        Named::Unresolved(first) => Some(first),
        _ => link.address,
    };
    let mut links = links.to_vec();
    links.sort_by_key(printed);
    let addresses: Vec<&[Link]> = links
        .chunk_by(|one, other| printed(one) == printed(other))
        .collect();
    for address in &addresses {
        over_institutions(address, denominator * addresses.len() as u128, portions);
    }
}

/// Splits the article over everything that any author's links name.
fn by_article(authorship: &Authorship) -> Vec<Portion> {
    // One link for each thing and place, that of the first author there.
    let mut links = authorship.links().to_vec();
    links.sort_by_key(|link| (link.named, link.place));
    links.dedup_by_key(|link| (link.named, link.place));
    let mut portions = Vec::with_capacity(links.len());
    over_institutions(&links, 1, &mut portions);
    portions
}

/// The whole of what some parts hold.
pub fn total<'a>(parts: impl IntoIterator<Item = &'a Part>) -> Share {
    parts
        .into_iter()
        .map(|part| Share::from_units(part.units.into()))
        .sum()
}
