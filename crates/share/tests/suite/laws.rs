//! Laws that hold for any articles, in any order.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use whence_model::{
    ArticleId, Doi, EntityKind, Issn, PublicationDate, ResearchField, ResolvedArticle, Share, Venue,
};
use whence_share::{ContributionTable, Counting, Method, Selection, TypeFilter};

use crate::twin;
use crate::world::{World, blank_article, person, slug};

static WORLD: LazyLock<World> = LazyLock::new(World::new);
static COUNTING: LazyLock<Arc<Counting>> = LazyLock::new(|| Arc::new(WORLD.counting()));

const ADDRESSES: [&str; 28] = [
    "A",
    "A@leeds",
    "A@york",
    "A@FR",
    "B & C",
    "B",
    "P",
    "P@none",
    "J",
    "J@york",
    "J3",
    "J5",
    "P5",
    "IoZ",
    "IoZ & PKU",
    "USTC",
    "Clinic & Museum",
    "Old",
    "Split",
    "Gone",
    "LoopA & LoopB",
    "X1@lyon",
    "X2 & A",
    "?Lost Lab",
    "?lost  LAB!",
    "?Found@versailles",
    "?Somewhere@FR",
    "now:HKU",
];
const TWINNED: [EntityKind; 5] = [
    EntityKind::Institution,
    EntityKind::InstitutionRolled,
    EntityKind::City,
    EntityKind::Locality,
    EntityKind::Country,
];
const FRACTIONAL: [Method; 3] = [
    Method::AuthorInstitution,
    Method::AuthorAddress,
    Method::Institution,
];

fn author() -> impl Strategy<Value = whence_model::Author> {
    let addresses = prop::collection::vec(prop::sample::select(&ADDRESSES[..]), 0..5);
    (prop::bool::weighted(0.1), addresses).prop_map(|(consortium, addresses)| {
        let addresses = if addresses.is_empty() {
            "-".to_owned()
        } else {
            addresses.join("; ")
        };
        person(&if consortium {
            format!("{{consortium}} {addresses}")
        } else {
            addresses
        })
    })
}

fn article() -> impl Strategy<Value = ResolvedArticle> {
    let dates = ["", "2014-12", "2015", "2020-12-20", "2021", "2021-06", "2022-01"];
    let types = [
        "research-article",
        "review",
        "research-article|review",
        "correction",
        "",
        "unheard-of",
    ];
    let issns = ["", "0028-0836", "2469-9950", "2050-084X", "0036-8075"];
    (
        prop::collection::vec(author(), 0..7),
        prop::sample::select(dates.to_vec()),
        prop::sample::select(types.to_vec()),
        prop::sample::select(issns.to_vec()),
        prop::bool::weighted(0.1),
        any::<[bool; 2]>(),
    )
        .prop_map(|(authors, date, types, issn, retracted, [letter, chemistry])| {
            let mut article = blank_article();
            article.authors = authors;
            article.electronic_date = PublicationDate::parse(date).ok();
            article.types = types.split('|').map(ToOwned::to_owned).collect();
            article.venue = Venue {
                issns: Issn::parse(issn).into_iter().collect(),
                ..Venue::default()
            };
            article.retracted = retracted;
            article.flags.extend(letter.then(|| slug("letter")));
            let subject = ResearchField {
                scheme: slug("subject"),
                code: "chemistry".into(),
                label: String::new(),
            };
            article.fields.extend(chemistry.then_some(subject));
            WORLD.resolve(article)
        })
}

fn articles() -> impl Strategy<Value = Vec<(ArticleId, ResolvedArticle)>> {
    prop::collection::vec(article(), 0..12).prop_map(|articles| {
        let numbered = articles.into_iter().zip(1..);
        numbered.map(|(article, number)| (id(number), article)).collect()
    })
}

fn id(number: u32) -> ArticleId {
    ArticleId::parse(Doi::parse(&format!("10.1/{number}")).unwrap().as_str()).unwrap()
}

fn selection() -> impl Strategy<Value = Selection> {
    let types = [
        TypeFilter::All,
        TypeFilter::Research,
        TypeFilter::Own(slug("review")),
        TypeFilter::Retracted,
    ];
    let windows = [
        (None, None),
        (Some("2021-01"), Some("2021-12")),
        (Some("2021-03"), None),
        (None, Some("2020-12")),
    ];
    (
        prop::sample::subsequence(types.to_vec(), 0..3),
        prop::sample::select(windows.to_vec()),
        prop::sample::select(FRACTIONAL.to_vec()),
        prop::sample::select(vec![None, Some("life-sciences"), Some("chemistry"), Some("")]),
        prop::option::of(1..4_u32),
    )
        .prop_map(|(types, (from, to), method, subject, max_authors)| {
            let month = |text: &str| whence_model::Month::parse(text).unwrap();
            let mut selection = Selection {
                types,
                method,
                max_authors,
                ..Selection::default()
            };
            selection.window.from = from.map(month);
            selection.window.to = to.map(month);
            selection.journal_set = subject.map(|_| slug("small"));
            selection.subjects = subject
                .filter(|name| !name.is_empty())
                .map(slug)
                .into_iter()
                .collect();
            selection
        })
}

fn table<'a>(articles: impl IntoIterator<Item = &'a (ArticleId, ResolvedArticle)>) -> ContributionTable {
    let mut table = ContributionTable::new(Arc::clone(&COUNTING));
    for (id, article) in articles {
        table.upsert(id, article);
    }
    table
}

/// Everything that a table can say.
fn answers(table: &ContributionTable, selection: &Selection) -> String {
    let rankings = EntityKind::ALL.map(|kind| table.rank(kind, selection).unwrap());
    let contributions: Vec<_> = table.contributions(None).collect();
    format!("{:?} {rankings:?} {contributions:?}", table.index())
}

proptest! {
    #[test]
    fn an_article_adds_up_to_one(article in article()) {
        let authors = article.article().personal_authors().count();
        for method in FRACTIONAL {
            let total = whence_share::total(&COUNTING.divide(&article, method));
            prop_assert_eq!(total, if authors == 0 { Share::ZERO } else { Share::ONE });
        }
        prop_assert_eq!(whence_share::total(&COUNTING.divide(&article, Method::Full)), Share::ZERO);
    }

    #[test]
    fn division_equals_its_naive_twin(article in article()) {
        for method in [Method::AuthorInstitution, Method::AuthorAddress, Method::Institution, Method::Full] {
            let parts = COUNTING.divide(&article, method);
            let keyed: BTreeMap<_, _> =
                parts.iter().map(|part| ((part.author as usize, part.institution, part.place), part.units)).collect();
            prop_assert_eq!(keyed.len(), parts.len(), "a part occurs once");
            prop_assert_eq!(keyed, twin::divide(&WORLD, &article, method), "{:?}", method);
        }
    }

    #[test]
    fn a_ranking_equals_a_recount(articles in articles()) {
        let table = table(&articles);
        let all = Selection { types: vec![TypeFilter::All], ..Selection::default() };
        for kind in TWINNED {
            let (mut recount, mut unresolved) = (BTreeMap::new(), 0);
            for (_, article) in &articles {
                let (held, rest) = twin::holdings(&WORLD, article, kind);
                unresolved += i128::from(rest);
                for (entity, units) in held {
                    let (share, count) = recount.entry(entity).or_insert((0_i128, 0));
                    *share += i128::from(units);
                    *count += 1;
                }
            }
            let ranking = table.rank(kind, &all).unwrap();
            let ranked: BTreeMap<_, _> = ranking.rows.iter().map(|row| {
                let one = &row.entity_share;
                (one.named.entity.clone(), (one.share.units(), one.count))
            }).collect();
            prop_assert_eq!(ranked, recount);
            prop_assert_eq!(ranking.coverage.unresolved.units(), unresolved);
        }
    }

    #[test]
    fn each_kind_partitions_what_is_chosen(articles in articles(), selection in selection()) {
        let table = table(&articles);
        for kind in EntityKind::ALL.into_iter().filter(|kind| kind.partitions()) {
            let ranking = table.rank(kind, &selection).unwrap();
            let held: Share = ranking.rows.iter().map(|row| row.entity_share.share).sum();
            let n = Share::from_articles(ranking.coverage.article_count);
            prop_assert_eq!(held + ranking.coverage.unresolved, n, "{:?}", kind);
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        articles in articles().prop_shuffle(), selection in selection(),
    ) {
        let mut sorted = articles.clone();
        sorted.sort_by(|one, other| one.0.cmp(&other.0));
        prop_assert_eq!(answers(&table(&articles), &selection), answers(&table(&sorted), &selection));
    }

    #[test]
    fn what_is_taken_out_or_corrected_leaves_nothing_behind(
        articles in articles(), other in article(), another in article(), selection in selection(),
    ) {
        let before = answers(&table(&articles), &selection);
        let mut changed = table(&articles);
        let added = id(1000);
        prop_assert!(changed.upsert(&added, &other));
        prop_assert!(!changed.upsert(&added, &other), "the same again changes nothing");
        changed.upsert(&added, &another);
        prop_assert!(changed.remove(&added) && !changed.remove(&added));
        if let Some((id, original)) = articles.first() {
            changed.upsert(id, &another);
            changed.upsert(id, original);
        }
        prop_assert_eq!(answers(&changed, &selection), before);
    }

    #[test]
    fn an_explanation_adds_up_to_the_share(articles in articles(), selection in selection()) {
        let table = table(&articles);
        for kind in EntityKind::ALL {
            for row in table.rank(kind, &selection).unwrap().rows.iter().take(4) {
                let entity = &row.entity_share.named.entity;
                let explained: Vec<_> = table.explain(kind, entity, &selection).unwrap().collect();
                let share: Share = explained.iter().flat_map(|article| &article.parts).map(|part| part.share).sum();
                prop_assert_eq!(share, row.entity_share.share);
                prop_assert_eq!(explained.len() as u64, row.entity_share.count);
                prop_assert!(explained.is_sorted_by(|one, next| one.article_id < next.article_id));
                let (alone, _) = table.share_of(kind, entity, &selection).unwrap();
                prop_assert_eq!(&alone, &row.entity_share);
            }
        }
    }

    #[test]
    fn contributions_add_up_to_the_rankings_of_all_types(articles in articles()) {
        let table = table(&articles);
        let all = Selection { types: vec![TypeFilter::All], ..Selection::default() };
        let mut sums: BTreeMap<_, Share> = BTreeMap::new();
        for article in table.contributions(None) {
            for one in article.contributions {
                *sums.entry((one.kind, one.entity)).or_default() += one.share;
            }
        }
        for kind in EntityKind::ALL {
            let ranking = table.rank(kind, &all).unwrap();
            for row in ranking.rows {
                prop_assert_eq!(sums[&(kind, Some(row.entity_share.named.entity))], row.entity_share.share);
            }
            if kind.partitions() {
                let unresolved = sums.get(&(kind, None)).copied().unwrap_or_default();
                prop_assert_eq!(unresolved, ranking.coverage.unresolved);
                prop_assert_eq!(table.index().unresolved[&kind], unresolved);
            }
        }
    }
}
