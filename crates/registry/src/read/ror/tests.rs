use proptest::prelude::*;

use super::record::Name;
use super::*;
use crate::NameKind;

fn read(text: &str) -> (Result<Vec<Organisation>, RegistryError>, Vec<String>) {
    let mut report = BuildReport::default();
    let organisations = read_ror("dump.json", text.as_bytes(), &mut report);
    (
        organisations,
        report.findings.iter().map(ToString::to_string).collect(),
    )
}

fn record(id: &str, change: impl FnOnce(&mut serde_json::Value)) -> String {
    let mut record = serde_json::json!({
        "id": id,
        "names": [{"value": "Peking University", "types": ["ror_display", "label"], "lang": "en"}],
        "types": ["education"],
        "status": "active",
        "established": 1898,
        "locations": [],
        "relationships": [],
        "admin": {"last_modified": {"date": "2024-05-01", "schema_version": "2.1"}},
    });
    change(&mut record);
    record.to_string()
}

const PEKING: &str = "https://ror.org/02v51f717";

#[test]
fn a_bad_record_spoils_only_itself() {
    let good = record(PEKING, |_| ());
    let bad_id = record("https://ror.org/02v51f718", |_| ());
    let nameless = record("https://ror.org/034t30j35", |record| {
        record["names"] = serde_json::json!([]);
    });
    let schema_1 = r#"{"id": "https://ror.org/04c4dkn09", "name": "USTC", "addresses": []}"#;
    let (organisations, notes) = read(&format!("[{bad_id}, {good}, {nameless}, {schema_1}, 7]"));
    let ids: Vec<_> = organisations
        .unwrap()
        .iter()
        .map(|one| one.ror_id.to_string())
        .collect();
    assert_eq!(ids, [PEKING]);
    assert_eq!(
        notes,
        [
            "dump.json, record https://ror.org/02v51f718: skipped: \"https://ror.org/02v51f718\" is not a ROR id \
             with valid check digits, such as https://ror.org/05qbk4x57",
            "dump.json, record https://ror.org/034t30j35: skipped: no name",
            "dump.json, record https://ror.org/04c4dkn09: skipped: schema 1.x, and whence reads schema 2.x",
            "dump.json, record number 5: skipped: invalid type: integer `7`, expected struct Record at line 1 column 1",
        ]
    );
}

#[test]
fn unknown_words_are_left_out_and_the_record_is_kept() {
    let (organisations, notes) = read(&format!(
        "[{}]",
        record(PEKING, |record| {
            record["types"] = serde_json::json!(["education", "guild"]);
            record["status"] = serde_json::json!("dormant");
            record["relationships"] = serde_json::json!([{"type": "cousin", "id": PEKING}]);
            record["locations"] =
                serde_json::json!([{"geonames_id": 0, "geonames_details": {"lat": 0.0, "lng": 0.0}}]);
        })
    ));
    assert_eq!(organisations.unwrap()[0].types.iter().count(), 1);
    assert_eq!(notes.len(), 4, "{notes:?}");
}

#[test]
fn names_come_display_name_first_each_with_its_most_telling_kind() {
    for (types, expected) in [
        (vec!["alias", "label", "ror_display"], NameKind::Display),
        (vec!["acronym", "alias"], NameKind::Acronym),
        (vec!["alias", "label"], NameKind::Label),
        (vec!["alias"], NameKind::Alias),
        (vec![], NameKind::Alias),
    ] {
        let name = Name {
            value: "X".into(),
            types: types.iter().map(ToString::to_string).collect(),
            lang: None,
        };
        assert_eq!(name.kind(&mut Vec::new()), expected, "{types:?}");
    }
    let reported = ["PKU", "Peking University"].map(|value| Name {
        value: value.into(),
        types: vec![if value == "PKU" {
            "acronym".into()
        } else {
            "ror_display".into()
        }],
        lang: Some(String::new()),
    });
    let names = names(&reported, &mut Vec::new()).unwrap();
    let texts: Vec<_> = names.iter().map(|name| name.text.as_str()).collect();
    assert_eq!(texts, ["Peking University", "PKU"]);
}

#[test]
fn without_a_display_name_the_first_name_is_shown() {
    let (organisations, notes) = read(&format!(
        "[{}]",
        record(PEKING, |record| record["names"][0]["types"] =
            serde_json::json!(["label"]))
    ));
    assert_eq!(organisations.unwrap()[0].names[0].kind, NameKind::Display);
    assert_eq!(
        notes,
        [format!(
            "dump.json, record {PEKING}: no display name; took the first name"
        )]
    );
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn one_display_name_comes_first_whatever_the_kinds(kinds in prop::collection::vec(0..4_usize, 1..6)) {
        let words = ["ror_display", "label", "alias", "acronym"];
        let reported: Vec<Name> = kinds
            .iter()
            .map(|kind| Name { value: "X".into(), types: vec![words[*kind].into()], lang: None })
            .collect();
        let names = names(&reported, &mut Vec::new()).unwrap();
        prop_assert_eq!(names.len(), kinds.len());
        let display: Vec<usize> =
            (0..names.len()).filter(|at| names[*at].kind == NameKind::Display).collect();
        prop_assert_eq!(display, vec![0]);
    }
}
