//! `whence resolve` and `whence eval`: one line out for each line in, the same by every way.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Done, Stack, assert_same_lines, folder, path, run, sample_lines, whence, write};

const OXFORD: &str = "Dept. of Physics, University of Oxford, Oxford OX1 3PU, UK";

fn addresses() -> Vec<String> {
    let articles = sample_lines().into_iter().take(150);
    let articles = articles.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let addresses = articles.flat_map(|article| {
        let authors = article["authors"].as_array().unwrap().clone();
        authors
            .into_iter()
            .flat_map(|author| author["affiliations"].as_array().cloned().unwrap_or_default())
    });
    addresses
        .map(|address| address.as_str().unwrap().replace('\n', " "))
        .collect()
}

#[test]
fn the_answer_has_the_documented_form() {
    let done = run(["resolve", "--explain", OXFORD]).succeeded();
    assert!(done.err.contains("starter registry"), "{done:?}");
    assert_eq!(done.out.lines().count(), 1);
    let line = &done.lines()[0];
    let first = &line["institutions"][0];
    assert_eq!(
        (&line["affiliation"], &first["name"]),
        (&json!(OXFORD), &json!("University of Oxford"))
    );
    assert_eq!(first["ror_id"], "https://ror.org/052gg0110");
    let span = |end: usize| usize::try_from(first["span"][end].as_u64().unwrap()).unwrap();
    assert_eq!(&OXFORD[span(0)..span(1)], "University of Oxford");
    assert_eq!(
        (&first["role"], &first["country_code"], &line["country_code"]),
        (&json!("affiliation"), &json!("GB"), &json!("GB"))
    );
    assert_eq!(
        (&line["city"], &line["locality"]),
        (&first["city"], &first["locality"])
    );
    assert!(line["unmatched"].is_array() && line["candidates"].is_array() && first["parents"].is_array());
    assert_eq!(
        (&first["state"], &first["successors"]),
        (&json!("active"), &json!([]))
    );
    let nothing = run(["resolve", "--min-confidence", "1", OXFORD]).succeeded();
    assert_eq!(nothing.lines()[0]["institutions"], json!([]));
}

#[test]
fn an_answer_is_explained_in_process_and_through_a_gateway_alike() {
    let explained = run(["resolve", "--explain", OXFORD])
        .succeeded()
        .lines()
        .remove(0);
    let explanation = &explained["explanation"];
    let texts = |what: &str| -> Vec<String> {
        let found = explanation[what].as_array().unwrap().iter();
        found.map(|it| it["text"].as_str().unwrap().to_owned()).collect()
    };
    assert!(
        texts("segments").contains(&"University of Oxford".to_owned()),
        "{explanation}"
    );
    assert!(texts("places").contains(&"UK".to_owned()), "{explanation}");
    let candidates = explanation["candidates"].as_array().unwrap();
    let oxford = candidates
        .iter()
        .find(|it| it["ror_id"] == "https://ror.org/052gg0110")
        .unwrap();
    assert_eq!(
        (&oxford["verdict"], &oxford["text"]),
        (&json!("chosen"), &json!("University of Oxford"))
    );
    assert_eq!(oxford["confidence"], explained["institutions"][0]["confidence"]);
    assert!(!oxford["features"].as_object().unwrap().is_empty() && oxford["reason"] != "");
    assert!(
        run(["resolve", OXFORD]).succeeded().lines()[0]
            .get("explanation")
            .is_none()
    );
    run(["resolve", "--features", OXFORD]).failed(2, &["--explain"]);

    let folder = folder();
    let stack = Stack::up(&folder);
    let through = stack.run(["resolve", "--explain", OXFORD]).succeeded();
    assert_eq!(through.lines(), [explained]);
}

#[test]
fn lines_keep_their_order_and_a_bad_one_its_place() {
    let folder = folder();
    let (plain, json) = (
        "University of Oxford, UK".to_owned(),
        json!({"affiliation": OXFORD, "id": 7}).to_string(),
    );
    let long = "x".repeat(20_000);
    let mut input = [plain.as_str(), &json, "", "{\"address\": 1}", &long, "ETH Zürich"]
        .join("\r\n")
        .into_bytes();
    input.extend(b"\n\xff\xfe\n");
    let file = write(&folder, "in.txt", input);
    let done =
        run(["resolve", "--input", &file, "--threads", "3"]).failed(1, &["3 lines could not be resolved"]);
    let lines = done.lines();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        (&lines[0]["affiliation"], &lines[1]["affiliation"]),
        (&json!(plain), &json!(OXFORD))
    );
    assert_eq!(
        (&lines[2]["affiliation"], &lines[2]["institutions"]),
        (&json!(""), &json!([]))
    );
    for at in [3, 4, 6] {
        assert_eq!(lines[at]["line"], at + 1);
        assert!(lines[at]["error"].is_string());
    }
    assert_eq!(lines[5]["affiliation"], "ETH Zürich");
    run(["resolve", "--input", &path(&folder, "none.txt")]).failed(1, &["none.txt"]);
    run(["resolve"]).failed(2, &["TEXT"]);
    run(["resolve", "--input", &file, OXFORD]).failed(2, &["cannot be used with"]);
}

#[test]
fn threads_and_gateways_change_nothing() {
    let folder = folder();
    let file = write(&folder, "in.txt", addresses().join("\n"));
    let output = path(&folder, "out.jsonl");
    run(["resolve", "--input", &file, "--output", &output, "--threads", "1"]).succeeded();
    let one = fs::read_to_string(&output).unwrap();
    assert_eq!(one.lines().count(), addresses().len());
    let four = run(["resolve", "--input", &file, "--threads", "4"]).succeeded();
    assert_same_lines(&four.out, &one);

    let mut piped = whence(["resolve", "--input", "-"]);
    let mut piped = piped
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = piped.stdin.take().unwrap();
    let text = fs::read(&file).unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(&text).unwrap());
    let piped = Done::of(piped.wait_with_output().unwrap()).succeeded();
    writer.join().unwrap();
    assert_same_lines(&piped.out, &one);

    let stack = Stack::up(&folder);
    let through = stack.run(["resolve", "--input", &file]).succeeded();
    assert_same_lines(&through.out, &one);
    let explained = ["resolve", "--input", &file, "--explain"];
    assert_same_lines(
        &stack.run(explained).succeeded().out,
        &run(explained).succeeded().out,
    );
    let alone = ["resolve", OXFORD];
    assert_same_lines(&stack.run(alone).succeeded().out, &run(alone).succeeded().out);
}

#[test]
fn accuracy_is_measured_on_labelled_rows() {
    let folder = folder();
    let rows = [
        json!({"affiliation": OXFORD, "ror_ids": ["https://ror.org/052gg0110"]}),
        json!({"affiliation": "ETH Zürich, Switzerland", "ror_ids": ["https://ror.org/052gg0110"]}),
        json!({"affiliation": "My garden shed", "ror_ids": []}),
        json!({"affiliation": OXFORD, "ror_ids": ["https://ror.org/05qbk4x57"], "in_registry": false}),
    ];
    let gold = write(&folder, "gold.jsonl", rows.map(|row| format!("{row}\n")).concat());
    let errors = path(&folder, "wrong.jsonl");
    let measured = run(["eval", &gold, "--json", "--errors", &errors])
        .succeeded()
        .json();
    for (key, value) in [
        ("rows", 3),
        ("labelled", 2),
        ("answered", 2),
        ("right", 1),
        ("unlabelled", 1),
        ("unlabelled_unanswered", 1),
    ] {
        assert_eq!(measured[key], value, "{key}");
    }
    for (key, value) in [("precision", 0.5), ("recall", 0.5), ("f1", 0.5), ("f0_5", 0.5)] {
        assert_eq!(measured[key], value, "{key}");
    }
    assert!(measured["ece"].is_number() && measured.get("exact").is_none());
    let wrong = fs::read_to_string(errors).unwrap();
    assert!(
        wrong.lines().count() == 1 && wrong.contains("University of Oxford"),
        "{wrong}"
    );
    let labelled = run(["eval", &gold, "--json", "--labelled-only"])
        .succeeded()
        .json();
    assert_eq!(
        (&labelled["rows"], &labelled["unlabelled"]),
        (&json!(2), &json!(0))
    );
    let bad = write(&folder, "bad.jsonl", "{\"affiliation\": \"x\"}\n");
    run(["eval", &bad]).failed(1, &["bad.jsonl: line 1", "ror_ids"]);
}

#[test]
fn sets_are_measured_side_by_side_with_places_kinds_of_errors_and_folds() {
    let folder = folder();
    let none: [&str; 0] = [];
    let exact = json!({
        "affiliation": OXFORD, "ror_ids": ["https://ror.org/052gg0110"], "named_parents": none,
        "outside": ["A laboratory"], "locality": "Oxford", "country": "GB",
    });
    let foreign = json!({
        "affiliation": "ETH Zürich, Zürich, Switzerland", "ror_ids": ["https://ror.org/052gg0110"],
        "named_parents": none, "locality": "Bern", "country": "CH",
    });
    let one = write(&folder, "one.jsonl", format!("{exact}\n{foreign}\n"));
    let two = write(
        &folder,
        "two.jsonl",
        format!("{}\n", json!({"affiliation": OXFORD, "ror_ids": none})),
    );
    let errors = path(&folder, "wrong.jsonl");

    let alone = run(["eval", &one, "--json"]).succeeded().json();
    for (key, value) in [
        ("exact", 0.5),
        ("exact_several", 1.0),
        ("unnamed", 0.5),
        ("locality", 0.5),
    ] {
        assert_eq!(alone[key], value, "{key}");
    }
    assert_eq!(
        (&alone["country"], &alone["errors"]),
        (&json!(1.0), &json!({"wrong_country": 1}))
    );
    assert_eq!(alone["intervals"]["exact"].as_array().unwrap().len(), 2);
    assert_eq!(alone["thresholds"].as_array().unwrap().len(), 10);
    assert!(alone["cpu_seconds"].as_f64().unwrap() > 0.0 && alone["candidate_recall"] == 0.5);

    let both = run(["eval", &one, &two, "--json", "--errors", &errors])
        .succeeded()
        .json();
    let sets = both["sets"].as_array().unwrap();
    assert_eq!(
        (&sets[0]["set"], &sets[0]["exact"]),
        (&json!("one"), &alone["exact"])
    );
    assert_eq!(
        (&sets[1]["left_alone"], &sets[1]["errors"]["should_be_none"]),
        (&json!(0.0), &json!(1))
    );
    assert!(both["mixed"]["ece"].is_number());
    let wrong = fs::read_to_string(errors).unwrap();
    let wrong: Vec<Value> = wrong
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(wrong.len(), 2);
    assert_eq!(
        (&wrong[0]["kind"], &wrong[0]["line"]),
        (&json!("wrong_country"), &json!(2))
    );
    assert_eq!(wrong[0]["answered"][0]["country_code"], "CH");
    assert_eq!(
        (&wrong[1]["set"], &wrong[1]["kind"]),
        (&json!("two"), &json!("should_be_none"))
    );

    let people = run(["eval", &one, &two, "--thresholds"]).succeeded().out;
    for words in ["left alone", "wrong country", "same weight", "min. confidence"] {
        assert!(people.contains(words), "no {words:?} in {people}");
    }
    let csv = run(["eval", &one, &two, "--csv"]).succeeded().out;
    assert!(
        csv.starts_with("set,rows,labelled") && csv.lines().count() == 3,
        "{csv}"
    );
    let rows = ["0/2", "1/2"].map(|fold| run(["eval", &one, "--json", "--fold", fold]).succeeded().json());
    assert_eq!(
        rows[0]["rows"].as_u64().unwrap() + rows[1]["rows"].as_u64().unwrap(),
        2
    );
    run(["eval", &one, "--fold", "2/2"]).failed(2, &["K/N"]);
}
