//! Records made up for tests: each takes only what the test is about.

#![allow(dead_code, reason = "every test binary uses a part of it")]
#![allow(
    unreachable_pub,
    reason = "shared by unit tests, where it is private, and test binaries"
)]

use whence_model::{
    AddressResolution, Article, ArticleId, ArticleIdentifiers, Author, Confidence, CountryCode, Decision,
    Doi, GeonamesId, InstitutionMatch, OverrideSubject, Place, Pmcid, Pmid, PublicationDate, Resolution,
    ResolvedArticle, ResolverVersions, Role, RorId, Slug, Span, Venue,
};
use whence_store::NewOverride;

/// A record to be built.
#[derive(Clone, Debug)]
pub struct Record {
    pub source: &'static str,
    pub source_id: Option<String>,
    pub doi: Option<String>,
    pub pmid: Option<u32>,
    pub pmcid: Option<u32>,
    pub version: u32,
    pub revised: Option<&'static str>,
    pub title: String,
}

pub fn record(source: &'static str, source_id: &str) -> Record {
    let source_id = Some(source_id.to_owned()).filter(|id| !id.is_empty());
    Record {
        source,
        source_id,
        doi: None,
        pmid: None,
        pmcid: None,
        version: 1,
        revised: None,
        title: String::new(),
    }
}

impl Record {
    pub fn doi(mut self, doi: &str) -> Self {
        self.doi = Some(doi.to_owned());
        self
    }

    pub fn pmid(mut self, pmid: u32) -> Self {
        self.pmid = Some(pmid);
        self
    }

    pub fn pmcid(mut self, pmcid: u32) -> Self {
        self.pmcid = Some(pmcid);
        self
    }

    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    pub fn revised(mut self, date: &'static str) -> Self {
        self.revised = Some(date);
        self
    }

    pub fn title(mut self, title: &str) -> Self {
        title.clone_into(&mut self.title);
        self
    }

    /// The article: two persons with three author-address links, two of them resolved.
    pub fn build(&self) -> ResolvedArticle {
        let author = |name: &str, affiliations: &[&str]| Author {
            name: name.to_owned(),
            affiliations: affiliations.iter().map(ToString::to_string).collect(),
            ..Author::default()
        };
        let article = Article {
            identifiers: ArticleIdentifiers {
                doi: self.doi.as_deref().map(|doi| Doi::parse(doi).unwrap()),
                pmid: self.pmid.map(|pmid| Pmid::parse(&pmid.to_string()).unwrap()),
                pmcid: self.pmcid.map(|pmcid| Pmcid::parse(&pmcid.to_string()).unwrap()),
                source_id: self.source_id.clone(),
            },
            source: Slug::parse(self.source).unwrap(),
            version: self.version,
            revision_date: self.revised.map(|date| PublicationDate::parse(date).unwrap()),
            venue: Venue::default(),
            electronic_date: PublicationDate::parse("2021-06").ok(),
            print_date: None,
            types: vec!["Journal Article".into()],
            retracted: false,
            flags: vec![],
            title: self.title.clone(),
            fields: vec![],
            authors: vec![
                author("A One", &["USTC, Hefei", "somewhere"]),
                author("B Two", &["USTC, Hefei"]),
            ],
        };
        let resolutions = article.distinct_affiliations().into_iter().map(resolve).collect();
        ResolvedArticle::new(article, resolutions).unwrap()
    }
}

/// Addresses with USTC are resolved, others are not.
fn resolve(affiliation: &str) -> AddressResolution {
    let place = Place::Locality(
        GeonamesId::new(1_808_722).unwrap(),
        CountryCode::parse("CN").unwrap(),
    );
    let found = InstitutionMatch {
        ror_id: RorId::parse("04c4dkn09").unwrap(),
        confidence: Confidence::from_ten_thousandths(9_800).unwrap(),
        span: Span { start: 0, end: 4 },
        role: Role::Affiliation,
        place,
    };
    let known = affiliation.contains("USTC");
    let resolution = Resolution {
        institutions: if known { vec![found] } else { vec![] },
        place: if known { place } else { Place::Unknown },
        ..Resolution::default()
    };
    AddressResolution {
        affiliation: affiliation.to_owned(),
        resolution,
    }
}

pub fn versions(registry: &str) -> ResolverVersions {
    ResolverVersions {
        registry_version: registry.to_owned(),
        registry_checksum: "c0ffee".to_owned(),
        engine_version: "1".to_owned(),
        override_revision: 0,
    }
}

pub fn decision(reason: &str) -> Decision {
    Decision {
        curator: "C. Urator".to_owned(),
        reason: reason.to_owned(),
        unix_milliseconds: 1_789_000_000_000,
    }
}

/// An override of a whole address that means no institution.
pub fn no_institution(address: &str) -> NewOverride {
    NewOverride {
        subject: OverrideSubject::Address(address.to_owned()),
        ror_ids: vec![],
        decision: decision("a test"),
    }
}

pub fn id(text: &str) -> ArticleId {
    ArticleId::parse(text).unwrap()
}
