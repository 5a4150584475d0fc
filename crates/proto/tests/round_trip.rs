//! What the model writes it reads back unchanged, through the bytes of the wire.
#![expect(
    clippy::unwrap_used,
    reason = "strategies build values that are valid by construction"
)]

use proptest::prelude::*;
use proptest::{collection::vec, option, sample::select};
use prost::Message;
use whence_model::{
    AddressResolution, Article, ArticleIdentifiers, Author, AuthorKind, Confidence, CountryCode, Decision,
    Doi, Entity, EntityKind, GeonamesId, InstitutionMatch, Issn, NamePattern, Orcid, Override,
    OverrideChange, OverrideId, OverrideSubject, Place, Pmcid, Pmid, PublicationDate, ResearchField,
    Resolution, ResolvedArticle, ResolverVersions, Role, RorId, Share, Slug, Span, UnmatchedInstitution,
    Venue,
};
use whence_proto::{IntoModel, curation, metrics, types};

fn through_bytes<M: Message + Default>(message: &M) -> M {
    M::decode(message.encode_to_vec().as_slice()).unwrap()
}

fn change() -> impl Strategy<Value = (Decision, u64)> {
    let time = i64::from(i32::MIN) * 1_000..i64::from(i32::MAX) * 1_000;
    (".{1,9}", ".{1,9}", time, 1..u64::MAX / 2).prop_map(|(curator, reason, unix_milliseconds, revision)| {
        let decision = Decision {
            curator,
            reason,
            unix_milliseconds,
        };
        (decision, revision)
    })
}

fn curated() -> impl Strategy<Value = Override> {
    let subject = prop_oneof![
        ".{0,12}".prop_map(OverrideSubject::Address),
        (".{0,12}", option::of(Just("CN")), option::of(1..u32::MAX)).prop_map(|(name, country, locality)| {
            OverrideSubject::Pattern(NamePattern {
                name,
                country: country.map(|code| CountryCode::parse(code).unwrap()),
                locality: locality.and_then(GeonamesId::new),
            })
        }),
    ];
    let ror_ids = vec(Just(RorId::parse("04c4dkn09").unwrap()), 0..3);
    (subject, ror_ids, change(), option::of(change())).prop_map(|(subject, ror_ids, created, deleted)| {
        let change = |(decision, revision)| OverrideChange { decision, revision };
        Override {
            id: OverrideId::new(created.1).unwrap(),
            subject,
            ror_ids,
            created: change(created),
            deleted: deleted.map(change),
        }
    })
}

fn slug() -> impl Strategy<Value = Slug> {
    "[a-z0-9-]{1,12}".prop_map(|text| Slug::parse(&text).unwrap())
}

fn identifiers() -> impl Strategy<Value = ArticleIdentifiers> {
    let doi =
        option::of("10\\.[1-9][0-9]{3}/[a-z0-9.()é-]{1,12}".prop_map(|text| Doi::parse(&text).unwrap()));
    let pmid = (1..u32::MAX).prop_map(|number| Pmid::parse(&number.to_string()).unwrap());
    let central = option::of((1..u32::MAX).prop_map(|number| Pmcid::parse(&number.to_string()).unwrap()));
    let source_id = option::of(".{1,8}");
    (doi, pmid, central, source_id).prop_map(|(doi, pmid, central, source_id)| ArticleIdentifiers {
        doi,
        pmid: Some(pmid),
        pmcid: central,
        source_id,
    })
}

fn date() -> impl Strategy<Value = PublicationDate> {
    (1..=9999_u16, option::of(1..=12_u8), option::of(1..=31_u8)).prop_map(|(year, month, day)| {
        let as_exact_as_possible = [
            PublicationDate::new(year, month, day),
            PublicationDate::new(year, month, None),
        ];
        as_exact_as_possible.into_iter().flatten().next().unwrap()
    })
}

fn author() -> impl Strategy<Value = Author> {
    let kind = select(vec![AuthorKind::Person, AuthorKind::Consortium]);
    let orcid = option::of(Just(Orcid::parse("0000-0002-1825-0097").unwrap()));
    (".{0,12}", kind, orcid, vec(".{0,12}", 0..4)).prop_map(|(name, kind, orcid, affiliations)| Author {
        name,
        kind,
        orcid,
        affiliations,
    })
}

fn venue() -> impl Strategy<Value = Venue> {
    let issn =
        select(vec!["0028-0836", "2050-084X", "1476-4687"]).prop_map(|text| Issn::parse(text).unwrap());
    (vec(issn, 0..3), ".{0,12}").prop_map(|(issns, title)| Venue { issns, title })
}

prop_compose! {
    fn research_field()(scheme in slug(), code in ".{1,6}", label in ".{0,6}") -> ResearchField {
        ResearchField { scheme, code, label }
    }
}

prop_compose! {
    fn article()(
        (identifiers, source, version) in (identifiers(), slug(), 1..=i32::MAX.unsigned_abs()),
        (revision_date, electronic_date, print_date) in (option::of(date()), option::of(date()), option::of(date())),
        (venue, title, types) in (venue(), ".{0,20}", vec(".{0,9}", 0..3)),
        (retracted, flags, fields) in (any::<bool>(), vec(slug(), 0..3), vec(research_field(), 0..3)),
        authors in vec(author(), 0..5),
    ) -> Article {
        Article {
            identifiers, source, version, revision_date, venue, electronic_date, print_date, types, retracted,
            flags, title, fields, authors,
        }
    }
}

fn place() -> impl Strategy<Value = Place> {
    let country = || "[A-Z]{2}".prop_map(|text| CountryCode::parse(&text).unwrap());
    let locality = (1..u32::MAX).prop_map(|number| GeonamesId::new(number).unwrap());
    prop_oneof![
        Just(Place::Unknown),
        country().prop_map(Place::Country),
        (locality, country()).prop_map(|(locality, country)| Place::Locality(locality, country)),
    ]
}

fn ror_id() -> impl Strategy<Value = RorId> {
    select(vec!["05qbk4x57", "034t30j35", "013meh722"]).prop_map(|text| RorId::parse(text).unwrap())
}

prop_compose! {
    /// Spans over the whole address are on character boundaries whatever the address is.
    fn institution_match(end: u32)(
        ror_id in ror_id(),
        confidence in 0..=10_000_u16,
        role in select(vec![Role::Affiliation, Role::PresentAddress]),
        place in place(),
    ) -> InstitutionMatch {
        let confidence = Confidence::from_ten_thousandths(confidence).unwrap();
        InstitutionMatch { ror_id, confidence, span: Span { start: 0, end }, role, place }
    }
}

fn resolved(affiliation: String) -> impl Strategy<Value = AddressResolution> {
    let end = u32::try_from(affiliation.len()).unwrap();
    let unmatched = Just(UnmatchedInstitution {
        span: Span { start: end, end },
    });
    let parts = (
        vec(institution_match(end), 0..3),
        vec(institution_match(end), 0..3),
        vec(unmatched, 0..2),
        place(),
    );
    parts.prop_map(
        move |(institutions, candidates, unmatched, place)| AddressResolution {
            affiliation: affiliation.clone(),
            resolution: Resolution {
                institutions,
                candidates,
                unmatched,
                place,
            },
        },
    )
}

fn resolved_article() -> impl Strategy<Value = ResolvedArticle> {
    article().prop_flat_map(|article| {
        let affiliations: Vec<String> = article
            .distinct_affiliations()
            .into_iter()
            .map(str::to_owned)
            .collect();
        let resolutions: Vec<_> = affiliations.into_iter().map(resolved).collect();
        resolutions.prop_map(move |resolutions| ResolvedArticle::new(article.clone(), resolutions).unwrap())
    })
}

proptest! {
    #[test]
    fn an_article_survives_the_wire(article in article()) {
        let message = through_bytes(&types::Article::from(article.clone()));
        prop_assert_eq!(message.into_model().unwrap(), article);
    }

    #[test]
    fn a_resolved_article_survives_the_wire(resolved in resolved_article()) {
        let message = through_bytes(&types::ResolvedArticle::from(resolved.clone()));
        prop_assert_eq!(message.into_model().unwrap(), resolved);
    }

    #[test]
    fn a_share_survives_the_wire(articles in 0..=i64::MAX.unsigned_abs(), units in 0..1_000_000_000_000_i128) {
        let share = Share::from_articles(articles) + Share::from_units(units);
        prop_assert_eq!(through_bytes(&types::Share::from(share)).into_model().unwrap(), share);
    }

    #[test]
    fn an_override_survives_the_wire(entry in curated()) {
        let message = through_bytes(&curation::Override::from(entry.clone()));
        prop_assert_eq!(message.into_model().unwrap(), entry);
    }

    #[test]
    fn versions_survive_the_wire(versions in (".{1,9}", ".{1,9}", ".{1,9}", 0..u64::MAX / 2)) {
        let (registry_version, registry_checksum, engine_version, override_revision) = versions;
        let versions =
            ResolverVersions { registry_version, registry_checksum, engine_version, override_revision };
        let message = through_bytes(&types::ResolverVersions::from(versions.clone()));
        prop_assert_eq!(message.into_model().unwrap(), versions);
    }
}

#[test]
fn an_entity_of_every_kind_survives_the_wire() {
    for (kind, id) in [
        (EntityKind::Institution, "https://ror.org/05qbk4x57"),
        (EntityKind::City, "metro:beijing"),
        (EntityKind::City, "geonames:1816670"),
        (EntityKind::Locality, "1816670"),
        (EntityKind::Country, "CN"),
        (EntityKind::Sector, "education"),
        (EntityKind::Group, "project-985"),
    ] {
        let entity = Entity::parse(kind, id).unwrap();
        assert_eq!(
            through_bytes(&metrics::Entity::from(&entity))
                .into_model()
                .unwrap(),
            entity
        );
    }
}
