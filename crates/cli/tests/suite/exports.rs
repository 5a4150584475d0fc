//! Exports: their columns, that they are complete, and that they can be read back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::support::{Stack, folder, path, sample_lines, units, write};

fn csv_rows(path: &str) -> (String, Vec<BTreeMap<String, String>>) {
    let header = fs::read_to_string(path)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned();
    let mut reader = csv::Reader::from_path(path).unwrap();
    (header, reader.deserialize().map(Result::unwrap).collect())
}

fn json_rows(path: &str) -> Vec<Value> {
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn contributions_of_every_kind_add_up_to_the_articles() {
    let folder = folder();
    let stack = Stack::up(&folder);
    stack.import_sample();
    let index = stack.index();
    let (whole, file) = (units(&index["share_units"]), path(&folder, "contributions.csv"));
    stack
        .run(["export", "contributions", "--output", &file])
        .succeeded();
    let (header, rows) = csv_rows(&file);
    assert_eq!(header, "article_id,entity_kind,entity_id,share_units");
    let mut sums: BTreeMap<&str, (i128, i128)> = BTreeMap::new();
    for row in &rows {
        let share: i128 = row["share_units"].parse().unwrap();
        let (all, unresolved) = sums.entry(&row["entity_kind"]).or_default();
        *all += share;
        *unresolved += if row["entity_id"].is_empty() { share } else { 0 };
    }
    for kind in [
        "institution",
        "institution_rolled",
        "city",
        "locality",
        "country",
        "sector",
    ] {
        let (all, unresolved) = sums[kind];
        assert_eq!(all, whole, "{kind}");
        let key = kind.trim_end_matches("_rolled");
        assert_eq!(unresolved, units(&index["unresolved_share_units"][key]), "{kind}");
    }

    let lines = path(&folder, "contributions.jsonl");
    stack
        .run(["export", "contributions", "--output", &lines])
        .succeeded();
    let json = json_rows(&lines);
    assert_eq!(json.len(), rows.len());
    assert_eq!(json[7]["share_units"], rows[7]["share_units"].as_str());

    let resolutions = path(&folder, "resolutions.csv");
    stack
        .run(["export", "resolutions", "--output", &resolutions])
        .succeeded();
    let (header, rows) = csv_rows(&resolutions);
    assert_eq!(
        header,
        "article_id,author_position,affiliation_position,affiliation,ror_id,confidence,geonames_id,country_code"
    );
    let authors: BTreeSet<_> = rows
        .iter()
        .map(|row| (&row["article_id"], &row["author_position"]))
        .collect();
    assert_eq!(authors.len(), 11_535, "every author who counts has a row");

    let articles = path(&folder, "articles.jsonl");
    stack
        .run(["export", "articles", "--output", &articles])
        .succeeded();
    let copy_folder = crate::support::folder();
    let copy = Stack::up(&copy_folder);
    copy.run(["import", &articles]).succeeded();
    assert_eq!(
        copy.index()["checksum"],
        index["checksum"],
        "what is exported can be imported"
    );
}

#[test]
fn the_form_is_told_by_the_ending_and_nothing_half_written_is_left() {
    let folder = folder();
    let stack = Stack::up(&folder);
    stack
        .run(["import", &write(&folder, "a.jsonl", sample_lines()[..3].concat())])
        .succeeded();
    let rankings = path(&folder, "rankings.jsonl");
    stack
        .run(["export", "rankings", "--kind", "countries", "--output", &rankings])
        .succeeded();
    assert!(
        json_rows(&rankings)
            .iter()
            .all(|row| row["entity_kind"] == "country")
    );
    let candidates = path(&folder, "candidates.csv");
    stack
        .run(["export", "resolutions", "--candidates", "--output", &candidates])
        .succeeded();
    assert!(csv_rows(&candidates).0.ends_with(",country_code,chosen"));
    let printed = stack.run(["export", "articles", "--output", "-"]).succeeded();
    assert_eq!(printed.lines().len(), 3);

    stack
        .run(["export", "articles", "--output", "a.parquet"])
        .failed(2, &["not supported yet", ".csv"]);
    stack
        .run(["export", "articles", "--output", "a.xlsx"])
        .failed(2, &[".jsonl"]);
    stack.run(["export", "articles"]).failed(2, &["--output"]);
    let nowhere = path(&folder, "none/a.jsonl");
    stack
        .run(["export", "articles", "--output", &nowhere])
        .failed(1, &["none/a.jsonl"]);
    let left = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(left.into_iter().all(|name| !name.starts_with(".whence-")));
}
