//! Rankings, explanations and the index: their forms, and that they add up.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Done, Stack, folder, units};

/// A stack with the sample, which no test here changes.
struct Sample {
    stack: Stack,
    _folder: TempDir,
}

/// The stack of the tests that run now; it ends with the last of them.
fn sample() -> Arc<Sample> {
    static RUNNING: Mutex<Weak<Sample>> = Mutex::new(Weak::new());
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    running.upgrade().unwrap_or_else(|| {
        let folder = folder();
        let stack = Stack::up(&folder);
        stack.import_sample();
        let sample = Arc::new(Sample {
            stack,
            _folder: folder,
        });
        *running = Arc::downgrade(&sample);
        sample
    })
}

impl Sample {
    fn run(&self, arguments: &[&str]) -> Done {
        self.stack.run(arguments)
    }

    fn rank(&self, arguments: &[&str]) -> Vec<Value> {
        let arguments = [&["rank"], arguments, &["--json"]].concat();
        self.run(&arguments)
            .succeeded()
            .json()
            .as_array()
            .unwrap()
            .clone()
    }
}

#[test]
fn a_ranking_has_the_documented_form_and_is_in_order() {
    let sample = sample();
    let rows = sample.rank(&["cities", "--limit", "1000000"]);
    let keys: Vec<_> = rows[0].as_object().unwrap().keys().map(String::as_str).collect();
    // The JSON library sorts keys; what counts is that these are there.
    assert_eq!(
        keys,
        [
            "count",
            "country_code",
            "id",
            "name",
            "rank",
            "share",
            "share_units"
        ]
    );
    for pair in rows.windows(2) {
        let share = |row: &Value| units(&row["share_units"]);
        let (one, next) = (&pair[0], &pair[1]);
        assert!(share(one) >= share(next));
        assert_eq!(share(one) == share(next), one["rank"] == next["rank"]);
        assert!(
            share(one) > share(next) || one["id"].as_str() < next["id"].as_str(),
            "{one} {next}"
        );
    }
    assert_eq!(sample.rank(&["cities"]).len(), 20);
    assert_eq!(sample.rank(&["cities", "--limit", "3"]), rows[..3]);
    assert_eq!(sample.rank(&["cities", "--limit", "0"]).len(), 0);
}

#[test]
fn what_has_an_entity_and_what_has_none_add_up_to_the_articles() {
    let sample = sample();
    let index = sample.stack.index();
    let whole = units(&index["share_units"]);
    assert_eq!(
        whole,
        i128::from(index["articles_with_authors"].as_i64().unwrap()) * 1_000_000_000_000
    );
    for (kind, plural) in [
        ("institution", "institutions"),
        ("city", "cities"),
        ("locality", "localities"),
        ("country", "countries"),
        ("sector", "sectors"),
    ] {
        let rows = sample.rank(&[plural, "--type", "all", "--limit", "1000000"]);
        let ranked: i128 = rows.iter().map(|row| units(&row["share_units"])).sum();
        assert_eq!(
            ranked + units(&index["unresolved_share_units"][kind]),
            whole,
            "{kind}"
        );
    }
}

#[test]
fn filters_choose_articles_and_parts() {
    let sample = sample();
    let everywhere = sample.rank(&["cities", "--limit", "1000000"]);
    let chinese = sample.rank(&["cities", "--country", "cn", "--limit", "1000000"]);
    assert!(!chinese.is_empty() && chinese.len() < everywhere.len());
    assert!(chinese.iter().all(|row| row["country_code"] == "CN"));
    assert!(
        sample
            .rank(&["cities", "--from", "1990-01", "--to", "1990-12"])
            .is_empty()
    );
    let institutions = sample.rank(&["institutions", "--level", "credited", "--city", "metro:beijing"]);
    assert!(
        institutions
            .iter()
            .all(|row| row["id"].as_str().unwrap().starts_with("https://ror.org/"))
    );
    let run = |arguments: &[&str]| sample.run(arguments);
    run(&["rank", "cities", "--journal-set", "none"]).failed(1, &["there is no journal set none"]);
    run(&["rank", "cities", "--from", "2021"]).failed(2, &["2021"]);
    run(&["rank", "cities", "--from", "2021-02", "--to", "2021-01"]).failed(2, &["window"]);
    run(&["rank", "towns"]).failed(2, &["towns"]);
}

#[test]
fn an_explanation_adds_up_to_the_share_that_it_explains() {
    let sample = sample();
    let first = &sample.rank(&["countries", "--limit", "1"])[0];
    let id = first["id"].as_str().unwrap();
    let explained = sample
        .run(&["explain", "country", id, "--json"])
        .succeeded()
        .json();
    assert_eq!(explained["share_units"], first["share_units"]);
    let articles = explained["articles"].as_array().unwrap();
    assert_eq!(i64::try_from(articles.len()).ok(), first["count"].as_i64());
    let mut total = 0;
    for article in articles {
        let parts: i128 = article["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|part| units(&part["share_units"]))
            .sum();
        assert_eq!(parts, units(&article["share_units"]));
        total += parts;
    }
    assert_eq!(total, units(&first["share_units"]));
    let text = sample
        .run(&["explain", "country", id, "--limit", "1"])
        .succeeded()
        .out;
    assert!(
        text.contains("more articles") && text.contains("author"),
        "{text}"
    );
    sample
        .run(&["explain", "city", "beijing"])
        .failed(2, &["metro:beijing"]);
}

#[test]
fn the_index_has_the_documented_form() {
    let sample = sample();
    let index = sample.stack.index();
    for key in [
        "articles",
        "articles_with_authors",
        "articles_without_month",
        "share_units",
        "registry_version",
        "resolved_with",
        "methodology_version",
        "checksum",
    ] {
        assert!(!index[key].is_null(), "{key}");
    }
    let unresolved: BTreeMap<String, String> =
        serde_json::from_value(index["unresolved_share_units"].clone()).unwrap();
    assert_eq!(
        unresolved.keys().collect::<Vec<_>>(),
        ["city", "country", "institution", "locality", "sector"]
    );
    assert_eq!(index["checksum"].as_str().unwrap().len(), 64);
    assert_eq!(index["articles"], json!(1_500));
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let sample = sample();
    let mut ranking = sample.stack.command(["rank", "localities", "--limit", "100000"]);
    let mut ranking = ranking
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(ranking.stdout.take());
    let done = Done::of(ranking.wait_with_output().unwrap()).succeeded();
    assert_eq!(done.err, "");
}

#[test]
fn tables_are_for_people_and_csv_is_for_spreadsheets() {
    let sample = sample();
    let table = sample.run(&["rank", "cities", "--limit", "2"]).succeeded().out;
    assert!(
        table.starts_with("rank  city") && table.contains("from 1,500 articles"),
        "{table}"
    );
    let csv = sample
        .run(&["rank", "cities", "--limit", "2", "--csv"])
        .succeeded()
        .out;
    assert!(
        csv.starts_with("rank,id,name,country_code,share,share_units,count\n1,"),
        "{csv}"
    );
    assert_eq!(csv.lines().count(), 3);
    let none = sample
        .run(&["rank", "cities", "--limit", "0", "--csv"])
        .succeeded()
        .out;
    assert_eq!(none.lines().count(), 1);
}
