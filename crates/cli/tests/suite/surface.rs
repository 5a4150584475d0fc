//! The command line as such: help, completions, health, the demo.

use crate::support::{Stack, folder, run, whence};

const VERBS: &[&[&str]] = &[
    &["demo"],
    &["registry", "build"],
    &["registry", "info"],
    &["registry", "verify"],
    &["registry", "show"],
    &["registry", "search"],
    &["up"],
    &["import"],
    &["resolve"],
    &["rank"],
    &["explain"],
    &["override", "create"],
    &["override", "list"],
    &["override", "show"],
    &["override", "delete"],
    &["override", "export"],
    &["override", "import"],
    &["index"],
    &["export"],
    &["eval"],
    &["health"],
    &["completions"],
];

#[test]
fn every_verb_has_help_with_an_example() {
    for verb in VERBS {
        let help = run(verb.iter().copied().chain(["--help"])).succeeded().out;
        assert!(
            help.contains("Example") && help.contains("whence "),
            "{verb:?}: {help}"
        );
    }
    let help = run(["--help"]).succeeded().out;
    assert!(VERBS.iter().all(|verb| help.contains(verb[0])), "{help}");
    run(["frobnicate"]).failed(2, &["frobnicate"]);
}

#[test]
fn shells_get_completions() {
    for shell in ["bash", "zsh", "fish"] {
        assert!(run(["completions", shell]).succeeded().out.contains("whence"));
    }
}

#[test]
fn a_stack_is_healthy_until_it_stops() {
    let folder = folder();
    let stack = Stack::up(&folder);
    stack.run(["health"]).succeeded();
    stack
        .run(["health", "--service", "whence.ingest.v1.IngestService"])
        .succeeded();
    stack
        .run(["health", "--service", "none"])
        .failed(1, &[&stack.url]);
    let url = stack.url.clone();
    assert_eq!(stack.stop().0, Some(0));
    run(["health", "--gateway", &url]).failed(1, &["does not answer"]);
}

#[test]
fn the_demo_shows_rankings_and_explains_a_share() {
    let done = run(["demo"]).succeeded();
    for words in [
        "1,500",
        "Beijing",
        "Which cities lead?",
        "Which institutions lead?",
        "worth exactly 1",
        "What next?",
    ] {
        assert!(done.out.contains(words), "no {words:?} in {}", done.out);
    }
    assert_eq!(done.err, "");
}

#[test]
fn a_reader_that_has_enough_is_no_error() {
    let mut command = whence(["completions", "bash"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
