//! Entities: what can hold a Share, and the levels at which institutions stand.

use std::fmt;

use crate::{CountryCode, GeonamesId, InvalidText, RorId};

/// A short name for machines: 1 to 64 of `a-z 0-9 -`, such as `project-985` or `pubmed`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// Parses a slug; nothing is mended.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let valid = (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidText::new(
                text,
                "a slug of 1 to 64 lower-case letters, digits and hyphens, such as project-985",
            ))
        }
    }

    /// The slug of a name for people: lower case, every run of other characters one hyphen. None if
    /// nothing is left.
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::with_capacity(name.len());
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_alphanumeric() {
                slug.push(c);
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(64);
        Self::parse(slug.trim_end_matches('-')).ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A city as ranked: the metropolitan area where one is defined, else the locality itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CityId {
    /// A GeoNames populated place outside every metropolitan area; prints as `geonames:<n>`.
    Locality(GeonamesId),
    /// A metropolitan area; prints as `metro:<slug>`.
    MetropolitanArea(Slug),
}

impl CityId {
    /// Parses `metro:<slug>` or `geonames:<n>`.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        let parsed = match text.split_once(':') {
            Some(("metro", slug)) => Slug::parse(slug).ok().map(Self::MetropolitanArea),
            Some(("geonames", number)) => GeonamesId::parse(number).ok().map(Self::Locality),
            _ => None,
        };
        parsed.ok_or_else(|| InvalidText::new(text, "a city id, such as metro:beijing or geonames:1816670"))
    }
}

impl fmt::Display for CityId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locality(id) => write!(f, "geonames:{id}"),
            Self::MetropolitanArea(slug) => write!(f, "metro:{slug}"),
        }
    }
}

/// The sector of an institution, one for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sector {
    /// Firms.
    Company,
    /// Universities, colleges and schools (academic).
    Education,
    /// Public bodies.
    Government,
    /// Hospitals and health systems.
    Healthcare,
    /// Charities, foundations, learned societies.
    Nonprofit,
    /// Everything else.
    Other,
}

impl Sector {
    /// All sectors, in order of slug.
    pub const ALL: [Self; 6] = [
        Self::Company,
        Self::Education,
        Self::Government,
        Self::Healthcare,
        Self::Nonprofit,
        Self::Other,
    ];

    /// The slug, such as `education`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Education => "education",
            Self::Government => "government",
            Self::Healthcare => "healthcare",
            Self::Nonprofit => "nonprofit",
            Self::Other => "other",
        }
    }

    /// Parses a slug.
    pub fn parse(text: &str) -> Result<Self, InvalidText> {
        Self::ALL
            .into_iter()
            .find(|sector| sector.as_str() == text)
            .ok_or_else(|| {
                InvalidText::new(
                    text,
                    "a sector: company, education, government, healthcare, nonprofit or other",
                )
            })
    }
}

/// The level at which an institution is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The most specific institution that the address names.
    Credited,
    /// The institution that the roll-up policy leads to.
    #[default]
    Rolled,
}

/// A kind of entity. All but groups partition the Share of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EntityKind {
    /// Institutions as credited.
    Institution,
    /// Institutions as rolled up.
    InstitutionRolled,
    /// Cities as ranked.
    City,
    /// GeoNames populated places.
    Locality,
    /// Countries, by the territory policy of the query.
    Country,
    /// Sectors.
    Sector,
    /// Named lists of institutions, which may overlap.
    Group,
}

impl EntityKind {
    /// All kinds, in the order in which contributions are listed.
    pub const ALL: [Self; 7] = [
        Self::Institution,
        Self::InstitutionRolled,
        Self::City,
        Self::Locality,
        Self::Country,
        Self::Sector,
        Self::Group,
    ];

    /// The name used in exports, such as `institution_rolled`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Institution => "institution",
            Self::InstitutionRolled => "institution_rolled",
            Self::City => "city",
            Self::Locality => "locality",
            Self::Country => "country",
            Self::Sector => "sector",
            Self::Group => "group",
        }
    }

    /// Institutions at this level.
    pub fn institution(level: Level) -> Self {
        match level {
            Level::Credited => Self::Institution,
            Level::Rolled => Self::InstitutionRolled,
        }
    }

    /// Whether the entities of this kind split every article among them without overlap.
    pub fn partitions(self) -> bool {
        self != Self::Group
    }
}

/// An entity: something that can hold a Share. The level of an institution is the query's.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// An institution.
    Institution(RorId),
    /// A city as ranked.
    City(CityId),
    /// A populated place.
    Locality(GeonamesId),
    /// A country.
    Country(CountryCode),
    /// A sector.
    Sector(Sector),
    /// A group of institutions.
    Group(Slug),
}

impl Entity {
    /// Parses the id of an entity of the given kind.
    pub fn parse(kind: EntityKind, id: &str) -> Result<Self, InvalidText> {
        match kind {
            EntityKind::Institution | EntityKind::InstitutionRolled => {
                RorId::parse(id).map(Self::Institution)
            }
            EntityKind::City => CityId::parse(id).map(Self::City),
            EntityKind::Locality => GeonamesId::parse(id).map(Self::Locality),
            EntityKind::Country => CountryCode::parse(id).map(Self::Country),
            EntityKind::Sector => Sector::parse(id).map(Self::Sector),
            EntityKind::Group => Slug::parse(id).map(Self::Group),
        }
    }
}

/// Prints the id as it stands in exports and on the wire.
impl fmt::Display for Entity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Institution(id) => id.fmt(f),
            Self::City(id) => id.fmt(f),
            Self::Locality(id) => id.fmt(f),
            Self::Country(code) => code.fmt(f),
            Self::Sector(sector) => f.write_str(sector.as_str()),
            Self::Group(slug) => slug.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entity_id_parses_back() {
        for (kind, id) in [
            (EntityKind::Institution, "https://ror.org/05qbk4x57"),
            (EntityKind::City, "metro:san-francisco-bay-area"),
            (EntityKind::City, "geonames:1816670"),
            (EntityKind::Locality, "1816670"),
            (EntityKind::Country, "CN"),
            (EntityKind::Sector, "education"),
            (EntityKind::Group, "project-985"),
        ] {
            assert_eq!(Entity::parse(kind, id).unwrap().to_string(), id);
        }
        assert!(Entity::parse(EntityKind::City, "1816670").is_err());
        assert!(Entity::parse(EntityKind::Sector, "academic").is_err());
    }

    #[test]
    fn a_name_gives_its_slug() {
        assert_eq!(
            Slug::from_name("Cambridge (UK)").unwrap().as_str(),
            "cambridge-uk"
        );
        assert_eq!(Slug::from_name("Xi'an").unwrap().as_str(), "xi-an");
        assert_eq!(Slug::from_name("北京"), None);
    }
}
