//! Runs the rows of `tests/methodology/cases.tsv`: every case, to the last unit.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::world::{World, rows, slug};
use whence_model::{ArticleId, CityId, CountryCode, EntityKind, Month, Share};
use whence_share::{ContributionTable, Counting, Method, Selection, Territories};

const CASES: &str = include_str!("../../../../tests/methodology/cases.tsv");

#[test]
fn every_case_has_its_exact_answer() {
    let world = World::new();
    let counting = Arc::new(world.counting());
    let mut failures = Vec::new();
    for row in rows(CASES) {
        let [case, authors, dates, ask, answer, _reasoning] = row[..] else {
            panic!("six cells: {row:?}")
        };
        let found = found(&world, &counting, authors, dates, ask, answer);
        if found != expected(answer) {
            failures.push(format!(
                "case {case}, {authors}, {ask}:\n  expected {:?}\n  found    {found:?}",
                expected(answer)
            ));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// One entry for each answer of a row; entries as printed.
type Answers = Vec<Vec<String>>;

fn expected(answer: &str) -> Answers {
    let units = |value: &str| match value.split_once('/') {
        Some((part, whole)) => {
            let (part, whole): (u64, u64) = (part.parse().unwrap(), whole.parse().unwrap());
            assert_eq!(part * Share::UNITS_PER_ARTICLE % whole, 0, "{value} is not exact");
            part * Share::UNITS_PER_ARTICLE / whole
        }
        None => value.parse().unwrap(),
    };
    let entry = |text: &str| {
        let (key, value) = text.split_once('=').unwrap();
        let plain = ["articles", "undated"].contains(&key) || key.starts_with("count:");
        // A whole number below ten is in articles, as in `P=1`.
        let value = units(value);
        format!(
            "{key}={}",
            if plain || value > 9 {
                value
            } else {
                value * Share::UNITS_PER_ARTICLE
            }
        )
    };
    let entries = |answer: &str| {
        let mut entries: Vec<String> = answer.split_whitespace().map(entry).collect();
        if !entries
            .iter()
            .any(|entry| entry.contains(':') && !entry.starts_with("metro:") && !entry.starts_with("count:"))
        {
            entries.sort();
        }
        entries
    };
    answer.split(" => ").map(entries).collect()
}

fn found(
    world: &World,
    counting: &Arc<Counting>,
    authors: &str,
    dates: &str,
    ask: &str,
    answer: &str,
) -> Answers {
    let id = ArticleId::parse("10.1/article").unwrap();
    let mut table = ContributionTable::new(Arc::clone(counting));
    let mut answers = Vec::new();
    for (state, answer) in authors.split(" => ").zip(answer.split(" => ")) {
        if state == "deleted" {
            assert!(table.remove(&id));
        } else {
            let article = world.article(state, dates);
            table.upsert(&id, &article);
            if ask == "parts" {
                answers.push(parts(world, counting, &article));
                continue;
            }
        }
        answers.push(ranking(world, &table, ask, answer));
    }
    answers
}

fn parts(world: &World, counting: &Counting, article: &whence_model::ResolvedArticle) -> Vec<String> {
    let name = |id: whence_model::RorId| world.short_name(&id.to_string());
    let parts = counting.divide(article, Method::default());
    parts
        .iter()
        .map(|part| {
            format!(
                "{}:{}={}",
                part.author,
                part.institution.map_or("-".into(), name),
                part.units
            )
        })
        .collect()
}

fn ranking(world: &World, table: &ContributionTable, ask: &str, answer: &str) -> Vec<String> {
    let (kind, options) = ask.split_once(' ').unwrap_or((ask, ""));
    let kind = EntityKind::ALL
        .into_iter()
        .find(|one| one.as_str() == kind)
        .unwrap();
    let ranking = table.rank(kind, &selection(world, options)).unwrap();
    let mut entries = Vec::new();
    let mut counts = BTreeMap::new();
    for row in ranking.rows {
        let name = world.short_name(&row.entity_share.named.entity.to_string());
        entries.push(format!("{name}={}", row.entity_share.share.units()));
        counts.insert(format!("count:{name}"), row.entity_share.count);
    }
    if ranking.coverage.unresolved != Share::ZERO {
        entries.push(format!("unresolved={}", ranking.coverage.unresolved.units()));
    }
    counts.insert("articles".into(), ranking.coverage.article_count);
    counts.insert("undated".into(), ranking.coverage.undated_count);
    // Counts are compared where the row gives them.
    let asked = answer
        .split_whitespace()
        .filter_map(|entry| entry.split_once('='))
        .map(|(key, _)| key);
    entries.extend(asked.filter_map(|key| counts.get(key).map(|count| format!("{key}={count}"))));
    entries.sort();
    entries
}

fn selection(world: &World, options: &str) -> Selection {
    let mut selection = Selection::default();
    for option in options.split_whitespace() {
        let (key, value) = option.split_once('=').unwrap();
        match key {
            "from" => selection.window.from = Some(Month::parse(value).unwrap()),
            "to" => selection.window.to = Some(Month::parse(value).unwrap()),
            "method" => selection.method = method(value),
            "territories" => {
                assert_eq!(value, "nature-index");
                selection.territories = Territories::NatureIndex;
            }
            "country" => selection.countries.push(CountryCode::parse(value).unwrap()),
            "with-country" => selection.with_country = Some(CountryCode::parse(value).unwrap()),
            "group" => selection.groups.push(slug(value)),
            "city" => selection.cities.push(CityId::Locality(world.geonames_id(value))),
            "max-authors" => selection.max_authors = Some(value.parse().unwrap()),
            _ => panic!("unknown option {option}"),
        }
    }
    selection
}

fn method(name: &str) -> Method {
    match name {
        "author-institution" => Method::AuthorInstitution,
        "author-address" => Method::AuthorAddress,
        "institution" => Method::Institution,
        "full" => Method::Full,
        _ => panic!("unknown method {name}"),
    }
}
