//! The small world of `tests/methodology`, and articles in its notation.

use std::collections::BTreeMap;

use whence_model::{
    AddressResolution, Article, ArticleIdentifiers, Author, AuthorKind, Confidence, CountryCode, Doi,
    GeonamesId, InstitutionMatch, Place, PublicationDate, Resolution, ResolvedArticle, Role, RorId, Sector,
    Slug, Span, Venue,
};
use whence_registry::{
    BuiltRegistry, Group, InstitutionIndex, InstitutionRecord, InstitutionState, InstitutionType,
    MetropolitanArea, MetropolitanAreaIndex, NameKind, NameRecord, PlaceIndex, PlaceRecord, Registry,
    SectorException, SnapshotBuilder, Territory, TerritoryPolicy,
};
use whence_share::{ArticleTypes, Counting, JournalSet};

const INSTITUTIONS: &str = include_str!("../../../../tests/methodology/institutions.tsv");
const PLACES: &str = include_str!("../../../../tests/methodology/places.tsv");
const ARTICLE_TYPES: &str = include_str!("../../../../data/policies/article-types.csv");
const JOURNALS: &str = "\
title,issns,subjects,from,to,flags,multidisciplinary,note,source
Nature,0028-0836|1476-4687,Life sciences;Chemistry,2015-01,,,true,,
Physical Review B,2469-9950,Physical sciences,2015-01,,letter;editors-suggestion,false,,
eLife,2050-084X,Life sciences,2015-01,2023-06,,false,,
";

/// A registry with the names that cases use.
pub(crate) struct World {
    pub(crate) registry: Registry,
    institutions: BTreeMap<String, (RorId, String)>,
    places: BTreeMap<String, (GeonamesId, CountryCode)>,
}

pub(crate) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

/// The cells of a table, without its header.
pub(crate) fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().skip(1).map(|line| line.split('\t').collect())
}

impl World {
    pub(crate) fn new() -> Self {
        let mut built = BuiltRegistry {
            version: "v-test".into(),
            ..BuiltRegistry::default()
        };
        let places = read_places(&mut built);
        let mut ids = BTreeMap::new();
        for row in rows(INSTITUTIONS) {
            ids.insert(
                row[0].to_owned(),
                (RorId::parse(row[1]).unwrap(), row[4].to_owned()),
            );
        }
        let index = |name: &str| {
            InstitutionIndex::new(
                ids.values()
                    .filter(|(id, _)| *id < ids[name].0)
                    .count()
                    .try_into()
                    .unwrap(),
            )
        };
        for row in rows(INSTITUTIONS) {
            let place = built.find_place(places[row[4]].0).unwrap();
            built.institutions.push(institution(&row, place, &index));
            match row.get(7).copied().unwrap_or_default() {
                "" => {}
                "bars" => built.policies.roll_up.barred_parents.push(index(row[0])),
                policy => built.policies.sector_exceptions.push(SectorException {
                    institution: index(row[0]),
                    sector: Sector::parse(policy.strip_prefix("sector=").unwrap()).unwrap(),
                }),
            }
        }
        built.institutions.sort_by_key(|institution| institution.ror_id);
        for child in 0..built.institutions.len() {
            for parent in built.institutions[child].parents.clone() {
                let child = InstitutionIndex::new(child.try_into().unwrap());
                built.institutions[parent.to_usize()].children.push(child);
            }
        }
        built.policies.roll_up.standing_types = vec![InstitutionType::Education];
        built.groups = ["pair: P", "wide: P Q C"].map(|text| group(text, &index)).into();
        built.policies.territories = territories();
        let bytes = SnapshotBuilder::new(&built).unwrap().to_bytes();
        Self {
            registry: Registry::from_bytes(&bytes).unwrap(),
            institutions: ids,
            places,
        }
    }

    /// The rules of this world.
    pub(crate) fn counting(&self) -> Counting {
        let journals = JournalSet::parse(slug("small"), JOURNALS).unwrap();
        Counting::new(
            self.registry.clone(),
            ArticleTypes::parse(ARTICLE_TYPES).unwrap(),
            vec![journals],
        )
    }

    /// The name that cases use for an entity's id.
    pub(crate) fn short_name(&self, id: &str) -> String {
        let institution = self
            .institutions
            .iter()
            .find(|(_, (ror_id, _))| ror_id.to_string() == id);
        let bare = id.strip_prefix("geonames:").unwrap_or(id);
        let place = self
            .places
            .iter()
            .find(|(_, (geonames_id, _))| geonames_id.to_string() == bare);
        let found = institution.map(|(name, _)| name).or(place.map(|(name, _)| name));
        found.map_or_else(|| id.to_owned(), Clone::clone)
    }

    pub(crate) fn ror_id(&self, name: &str) -> RorId {
        match name {
            "X1" => RorId::parse("05qbk4x57").unwrap(),
            "X2" => RorId::parse("01an7q238").unwrap(),
            _ => self.institutions[name].0,
        }
    }

    /// What an id is credited as; none for those that this world lacks.
    pub(crate) fn credited(&self, id: RorId) -> Option<RorId> {
        let (name, _) = self.institutions.iter().find(|(_, (own, _))| *own == id)?;
        Some(if ["Gone", "Moved"].contains(&name.as_str()) {
            self.ror_id("P")
        } else {
            id
        })
    }

    pub(crate) fn geonames_id(&self, name: &str) -> GeonamesId {
        self.places[name].0
    }

    fn place(&self, name: &str) -> Place {
        if let Some((id, country)) = self.places.get(name) {
            return Place::Locality(*id, *country);
        }
        CountryCode::parse(name).map_or(Place::Unknown, Place::Country)
    }

    /// An article in the notation of the cases; dates are electronic, then print.
    pub(crate) fn article(&self, authors: &str, dates: &str) -> ResolvedArticle {
        let mut article = blank_article();
        let mut dates = dates
            .split_whitespace()
            .map(|date| PublicationDate::parse(date).unwrap());
        (article.electronic_date, article.print_date) = (dates.next(), dates.next());
        for author in authors.split(" / ") {
            let (times, author) = match author.split_once(" x ") {
                Some((times, author)) => (times.parse().unwrap(), author),
                None => (1, author),
            };
            for _ in 0..times {
                article.authors.push(person(author));
            }
        }
        self.resolve(article)
    }

    /// Resolves the addresses of an article by their notation.
    pub(crate) fn resolve(&self, article: Article) -> ResolvedArticle {
        let addresses: Vec<String> = article
            .distinct_affiliations()
            .into_iter()
            .map(ToOwned::to_owned)
            .collect();
        let resolutions = addresses
            .into_iter()
            .map(|affiliation| AddressResolution {
                resolution: self.resolution(&affiliation),
                affiliation,
            })
            .collect();
        ResolvedArticle::new(article, resolutions).unwrap()
    }

    fn resolution(&self, address: &str) -> Resolution {
        let mut resolution = Resolution::default();
        if let Some(words) = address.strip_prefix('?') {
            resolution.place = words
                .split_once('@')
                .map_or(Place::Unknown, |(_, place)| self.place(place));
            return resolution;
        }
        let (role, named) = match address.strip_prefix("now:") {
            Some(named) => (Role::PresentAddress, named),
            None => (Role::Affiliation, address),
        };
        for named in named.split(" & ") {
            let (name, place) = match named.split_once('@') {
                Some((name, place)) => (name, self.place(place)),
                None => (
                    named,
                    self.institutions
                        .get(named)
                        .map_or(Place::Unknown, |(_, own)| self.place(own)),
                ),
            };
            resolution.institutions.push(InstitutionMatch {
                ror_id: self.ror_id(name),
                confidence: Confidence::MAX,
                span: Span { start: 0, end: 1 },
                role,
                place,
            });
        }
        resolution.place = resolution.main_place();
        resolution
    }
}

/// An article of research without authors or dates.
pub(crate) fn blank_article() -> Article {
    Article {
        identifiers: ArticleIdentifiers {
            doi: Some(Doi::parse("10.1/article").unwrap()),
            ..ArticleIdentifiers::default()
        },
        source: slug("jsonl"),
        version: 1,
        revision_date: None,
        venue: Venue::default(),
        electronic_date: None,
        print_date: None,
        types: vec!["research-article".into()],
        retracted: false,
        flags: vec![],
        title: String::new(),
        fields: vec![],
        authors: vec![],
    }
}

/// An author in the notation of the cases.
pub(crate) fn person(notation: &str) -> Author {
    let (kind, addresses) = match notation.strip_prefix("{consortium} ") {
        Some(addresses) => (AuthorKind::Consortium, addresses),
        None => (AuthorKind::Person, notation),
    };
    let affiliations = if addresses == "-" {
        vec![]
    } else {
        addresses.split("; ").map(ToOwned::to_owned).collect()
    };
    Author {
        kind,
        affiliations,
        ..Author::default()
    }
}

fn read_places(built: &mut BuiltRegistry) -> BTreeMap<String, (GeonamesId, CountryCode)> {
    built.metropolitan_areas = [("beijing", "CN"), ("paris", "FR")]
        .map(|(name, country)| MetropolitanArea {
            slug: slug(name),
            name: name.to_owned(),
            country: CountryCode::parse(country).unwrap(),
        })
        .into();
    let mut places = BTreeMap::new();
    for row in rows(PLACES) {
        let (id, country) = (
            GeonamesId::parse(row[1]).unwrap(),
            CountryCode::parse(row[2]).unwrap(),
        );
        let area = row.get(3).and_then(|city| city.strip_prefix("metro:"));
        let area = area.and_then(|name| {
            built
                .metropolitan_areas
                .iter()
                .position(|area| area.slug.as_str() == name)
        });
        built.places.push(PlaceRecord {
            geonames_id: id,
            name: row[0].to_owned(),
            alternate_names: vec![],
            country,
            admin1_code: String::new(),
            latitude: 0.0,
            longitude: 0.0,
            population: 0,
            metropolitan_area: area.map(|area| MetropolitanAreaIndex::new(area.try_into().unwrap())),
        });
        places.insert(row[0].to_owned(), (id, country));
    }
    built.places.sort_by_key(|place| place.geonames_id);
    built.countries = ["CN", "DE", "FR", "GB", "HK", "MO"]
        .map(|code| whence_registry::Country {
            code: CountryCode::parse(code).unwrap(),
            name: code.to_owned(),
            alternates: vec![],
        })
        .into();
    places
}

fn institution(
    row: &[&str],
    place: PlaceIndex,
    index: &impl Fn(&str) -> InstitutionIndex,
) -> InstitutionRecord {
    let tied = |names: &str| {
        let mut tied: Vec<_> = names.split_whitespace().map(index).collect();
        tied.sort_unstable();
        tied
    };
    InstitutionRecord {
        ror_id: RorId::parse(row[1]).unwrap(),
        names: vec![NameRecord {
            text: row[0].to_owned(),
            kind: NameKind::Display,
            language: None,
        }],
        types: row[2]
            .split(',')
            .map(|kind| InstitutionType::parse(kind).unwrap())
            .collect(),
        state: InstitutionState::parse(row[3]).unwrap(),
        locations: vec![place],
        established: None,
        parents: tied(row.get(5).unwrap_or(&"")),
        children: vec![],
        related: vec![],
        successors: tied(row.get(6).unwrap_or(&"")),
    }
}

fn group(text: &str, index: &impl Fn(&str) -> InstitutionIndex) -> Group {
    let (name, members) = text.split_once(": ").unwrap();
    let mut members: Vec<_> = members.split(' ').map(index).collect();
    members.sort_unstable();
    Group {
        slug: slug(name),
        name: name.to_owned(),
        members,
    }
}

fn territories() -> Vec<TerritoryPolicy> {
    let code = |text: &str| CountryCode::parse(text).unwrap();
    let within_china = |text| Territory {
        territory: code(text),
        country: code("CN"),
    };
    vec![
        TerritoryPolicy {
            slug: slug("iso"),
            territories: vec![],
        },
        TerritoryPolicy {
            slug: slug("nature-index"),
            territories: vec![within_china("HK"), within_china("MO")],
        },
    ]
}
