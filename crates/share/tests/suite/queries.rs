//! Queries: what a selection chooses, how rows are ranked and named, what is refused.

use std::sync::Arc;

use whence_model::{
    Article, ArticleId, CityId, CountryCode, Entity, EntityKind, Issn, PublicationDate, ResearchField,
    Sector, Share, Slug, Venue,
};
use whence_share::{
    ContributionTable, FieldCode, JournalSet, Method, QueryError, Selection, Territories, TypeFilter,
};

use crate::world::{World, blank_article, person, slug};

fn id(text: &str) -> ArticleId {
    ArticleId::parse(text).unwrap()
}

fn field(scheme: &str, code: &str) -> ResearchField {
    ResearchField {
        scheme: slug(scheme),
        code: code.into(),
        label: String::new(),
    }
}

/// A table of articles of one author at A, each made different by a closure.
fn table(changes: &[fn(&mut Article)]) -> ContributionTable {
    let world = World::new();
    let mut table = ContributionTable::new(Arc::new(world.counting()));
    for (change, number) in changes.iter().zip(1..) {
        let mut article = blank_article();
        article.authors.push(person("A"));
        article.electronic_date = PublicationDate::parse("2021-06-08").ok();
        change(&mut article);
        table.upsert(&id(&format!("10.1/{number}")), &world.resolve(article));
    }
    table
}

fn chosen(table: &ContributionTable, selection: &Selection) -> u64 {
    table
        .rank(EntityKind::Institution, selection)
        .unwrap()
        .coverage
        .article_count
}

#[test]
fn primary_research_is_chosen_unless_asked_otherwise() {
    let table = table(&[
        |_| {},
        |article| article.types = vec!["Research Article".into(), "Review".into()],
        |article| article.types = vec!["review".into()],
        |article| article.types = vec!["research-article".into(), "erratum".into()],
        |article| article.types = vec![],
        |article| article.retracted = true,
        |article| article.authors.clear(),
    ]);
    for (types, count) in [
        (&[][..], 2),
        (&["research"], 2),
        (&["all"], 6),
        (&["review"], 2),
        (&["Research Article"], 2),
        (&["erratum"], 1),
        (&["retracted"], 1),
        (&["research", "retracted", "review"], 5),
        (&["unheard-of"], 0),
    ] {
        let types = types
            .iter()
            .map(|text| TypeFilter::parse(text).unwrap())
            .collect();
        assert_eq!(
            chosen(
                &table,
                &Selection {
                    types,
                    ..Selection::default()
                }
            ),
            count
        );
    }
    let index = table.index();
    assert_eq!((index.article_count, index.article_with_authors_count), (7, 6));
    assert_eq!(index.share(), Share::from_articles(6));
}

#[test]
fn journals_sets_subjects_and_fields_choose_articles() {
    let table = table(&[
        |article| article.venue = venue_of("1476-4687"),
        |article| {
            article.venue = venue_of("0028-0836");
            article.fields = vec![field("subject", "chemistry"), field("mesh", "D1")];
        },
        |article| article.venue = venue_of("2469-9950"),
        |article| {
            article.venue = venue_of("2469-9950");
            article.flags.push(slug("editors-suggestion"));
        },
        |article| article.venue = venue_of("2050-084X"),
        |article| {
            article.venue = venue_of("2050-084X");
            article.electronic_date = PublicationDate::parse("2023").ok();
        },
        |article| article.venue = venue_of("0036-8075"),
    ]);
    let set = |subjects: &[&str]| Selection {
        journal_set: Some(slug("small")),
        subjects: subjects.iter().map(|subject| slug(subject)).collect(),
        ..Selection::default()
    };
    for (subjects, chosen, undated, flag_missing) in [
        (&[][..], 4, 1, 1),
        (&["life-sciences"], 1, 1, 0),
        (&["chemistry"], 1, 0, 0),
        (&["physical-sciences"], 1, 0, 1),
        (&["chemistry", "life-sciences"], 2, 1, 0),
    ] {
        let coverage = table.rank(EntityKind::City, &set(subjects)).unwrap().coverage;
        let found = (
            coverage.article_count,
            coverage.undated_count,
            coverage.flag_missing_count,
        );
        assert_eq!(found, (chosen, undated, flag_missing), "{subjects:?}");
    }
    let journals = vec![Issn::parse("2050-084X").unwrap()];
    assert_eq!(
        chosen(
            &table,
            &Selection {
                journals,
                ..Selection::default()
            }
        ),
        2
    );
    let fields = vec![
        FieldCode::parse("mesh:D1").unwrap(),
        FieldCode::parse("mesh:D2").unwrap(),
    ];
    assert_eq!(
        chosen(
            &table,
            &Selection {
                fields,
                ..Selection::default()
            }
        ),
        1
    );
}

fn venue_of(issn: &str) -> Venue {
    Venue {
        issns: vec![Issn::parse(issn).unwrap()],
        title: String::new(),
    }
}

#[test]
fn equal_shares_take_equal_rank_and_stand_in_order_of_id() {
    let table = table(&[
        |article| article.authors = vec![person("C"), person("B")],
        |article| article.authors = vec![person("R")],
        |article| article.authors = vec![person("A")],
        |article| article.authors = vec![person("A")],
        |article| article.authors = vec![person("C"), person("B")],
        |article| article.authors = vec![person("Q; Q@lyon")],
    ]);
    let ranking = table
        .rank(EntityKind::InstitutionRolled, &Selection::default())
        .unwrap();
    let rows: Vec<(u64, &str, u64)> = ranking
        .rows
        .iter()
        .map(|row| {
            (
                row.rank,
                row.entity_share.named.name.as_str(),
                row.entity_share.count,
            )
        })
        .collect();
    assert_eq!(
        rows,
        [(1, "A", 2), (2, "B", 2), (2, "C", 2), (2, "Q", 1), (2, "R", 1)]
    );
    let full = Selection {
        method: Method::Full,
        ..Selection::default()
    };
    let ranking = table.rank(EntityKind::Institution, &full).unwrap();
    assert!(
        ranking
            .rows
            .iter()
            .all(|row| row.entity_share.share == Share::ZERO)
    );
    let ranks: Vec<u64> = ranking.rows.iter().map(|row| row.rank).collect();
    assert_eq!(ranks, [1, 1, 1, 4, 4], "by Count");
}

#[test]
fn rows_carry_names_and_reporting_countries() {
    let table = table(&[|article| {
        article.authors = vec![person("HKU"), person("CNRS@versailles"), person("X1@lyon")];
    }]);
    let selection = Selection {
        territories: Territories::NatureIndex,
        ..Selection::default()
    };
    let named = |kind| -> Vec<(String, String, Option<CountryCode>)> {
        let rows = table
            .rank(kind, &selection)
            .unwrap()
            .rows
            .into_iter()
            .map(|row| row.entity_share.named);
        rows.map(|named| (named.entity.to_string(), named.name, named.country))
            .collect()
    };
    let country = |code: &str| CountryCode::parse(code).ok();
    let row = |id: &str, name: &str, code: &str| (id.to_owned(), name.to_owned(), country(code));
    assert_eq!(
        named(EntityKind::City),
        [
            row("geonames:1819729", "hongkong", "CN"),
            row("geonames:2996944", "lyon", "FR"),
            row("metro:paris", "paris", "FR")
        ]
    );
    assert_eq!(
        named(EntityKind::Country),
        [row("FR", "FR", "FR"), row("CN", "CN", "CN")]
    );
    assert_eq!(named(EntityKind::Sector)[0], row("education", "Education", ""));
    assert_eq!(table.index().unknown_institution_count, 1);
}

#[test]
fn a_query_that_cannot_be_meant_is_refused() {
    let table = table(&[|_| {}]);
    let refused = |selection: Selection| table.rank(EntityKind::City, &selection).unwrap_err();
    let unknown = refused(Selection {
        journal_set: Some(slug("large")),
        ..Selection::default()
    });
    assert_eq!(
        unknown.to_string(),
        "there is no journal set large; known are: small"
    );
    let subjects = vec![slug("poetry")];
    let unknown = Selection {
        journal_set: Some(slug("small")),
        subjects,
        ..Selection::default()
    };
    assert!(matches!(
        refused(unknown.clone()),
        QueryError::UnknownSubject { .. }
    ));
    assert_eq!(
        refused(Selection {
            journal_set: None,
            ..unknown
        }),
        QueryError::SubjectWithoutJournalSet
    );
    assert!(matches!(
        refused(Selection {
            groups: vec![slug("none")],
            ..Selection::default()
        }),
        QueryError::UnknownGroup { .. }
    ));
    let hong_kong = CountryCode::parse("HK").unwrap();
    let within_china = Selection {
        countries: vec![hong_kong],
        territories: Territories::NatureIndex,
        ..Selection::default()
    };
    assert!(matches!(refused(within_china), QueryError::NotACountry { .. }));
    let city = |text: &str| Selection {
        cities: vec![CityId::parse(text).unwrap()],
        ..Selection::default()
    };
    assert!(matches!(
        refused(city("metro:atlantis")),
        QueryError::UnknownMetropolitanArea { .. }
    ));
    assert!(
        matches!(refused(city("geonames:2969679")), QueryError::NotACity { .. }),
        "Versailles ranks as Paris"
    );
    let entity = Entity::Sector(Sector::Company);
    let mismatch = table
        .share_of(EntityKind::City, &entity, &Selection::default())
        .unwrap_err();
    assert!(matches!(mismatch, QueryError::KindMismatch { .. }));
}

#[test]
fn an_entity_that_holds_nothing_has_a_share_of_zero() {
    let table = table(&[|_| {}]);
    let world = World::new();
    for name in ["B", "X1"] {
        let entity = Entity::Institution(world.ror_id(name));
        let (held, coverage) = table
            .share_of(EntityKind::Institution, &entity, &Selection::default())
            .unwrap();
        assert_eq!(
            (held.share, held.count, coverage.article_count),
            (Share::ZERO, 0, 1)
        );
        assert_eq!(
            table
                .explain(EntityKind::Institution, &entity, &Selection::default())
                .unwrap()
                .count(),
            0
        );
    }
}

#[test]
fn an_explanation_names_the_addresses_behind_each_part() {
    let table = table(&[|article| {
        article.authors = vec![person("A@leeds; ?Lost; A & B"), person("J; A@leeds"), person("B")];
    }]);
    let world = World::new();
    let explain = |kind, name: &str| -> Vec<(u32, i128, Vec<u32>)> {
        let entity = Entity::Institution(world.ror_id(name));
        let selection = Selection::default();
        let articles: Vec<_> = table.explain(kind, &entity, &selection).unwrap().collect();
        assert_eq!(articles.len(), 1);
        let parts = articles[0].parts.iter();
        parts
            .map(|part| (part.author, part.share.units(), part.addresses.clone()))
            .collect()
    };
    // Three units are missing: 1/6 twice has the remainder 2/3, then A in Leeds, whose GeoNames id is lower.
    // Author 1: A (Leeds, Paris), the lost address, B; author 2: J and A; addresses in order of appearance.
    assert_eq!(
        explain(EntityKind::Institution, "A"),
        [
            (1, 55_555_555_556, vec![0]),
            (1, 55_555_555_555, vec![2]),
            (2, 166_666_666_667, vec![0])
        ]
    );
    assert_eq!(
        explain(EntityKind::InstitutionRolled, "Q"),
        [(2, 83_333_333_333, vec![3])]
    );
}

#[test]
fn the_journal_sets_of_this_repository_parse() {
    for (name, text, journal_count) in [
        (
            "nature-index-82",
            include_str!("../../../../data/journal-sets/nature-index-82.csv"),
            82,
        ),
        (
            "nature-index",
            include_str!("../../../../data/journal-sets/nature-index.csv"),
            146,
        ),
    ] {
        let set = JournalSet::parse(slug(name), text).unwrap();
        assert_eq!(set.journals().len(), journal_count, "{name}");
        let subjects: Vec<&str> = set.subjects().keys().map(Slug::as_str).collect();
        let expected = [
            "chemistry",
            "earth-environmental",
            "health-sciences",
            "life-sciences",
            "physical-sciences",
        ];
        assert_eq!(subjects, expected, "{name}");
    }
}

#[test]
fn the_checksum_is_that_of_the_articles() {
    let one = table(&[|_| {}, |article| article.retracted = true]);
    let same = table(&[|_| {}, |article| article.retracted = true]);
    let other = table(&[|_| {}, |_| {}]);
    assert_eq!(one.checksum(), same.checksum());
    assert_ne!(one.checksum(), other.checksum());
    assert_ne!(one.checksum(), table(&[]).checksum());
}

#[test]
fn contributions_go_on_from_any_article() {
    let table = table(&[|_| {}, |article| article.authors.clear(), |_| {}]);
    let ids = |after: Option<&ArticleId>| -> Vec<String> {
        table
            .contributions(after)
            .map(|article| article.article_id.to_string())
            .collect()
    };
    assert_eq!(ids(None), ["10.1/1", "10.1/3"]);
    assert_eq!(ids(Some(&id("10.1/1"))), ["10.1/3"]);
    assert_eq!(ids(Some(&id("10.1/3"))), [""; 0]);
    let first = table.contributions(None).next().unwrap();
    let kinds: Vec<&str> = first.contributions.iter().map(|one| one.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "institution",
            "institution_rolled",
            "city",
            "locality",
            "country",
            "sector"
        ]
    );
}
