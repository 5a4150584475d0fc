//! The measures for people: one set line by line, several side by side; with 95 % intervals.

use comfy_table::{CellAlignment, Table, presets};

use crate::evaluation::interval::Interval;
use crate::evaluation::{AtThreshold, ErrorKind, Evaluation};
use crate::output::{Column, grouped, table};

use super::{Set, Sets};

/// A measure: its name in JSON, its heading in a table, and what it says.
type Measure = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Evaluation) -> Option<f64>,
);

const MEASURES: [Measure; 13] = [
    ("precision", "precision", "right ÷ answered", |it| {
        Some(it.precision)
    }),
    ("recall", "recall", "right ÷ labelled", |it| Some(it.recall)),
    ("f1", "F1", "their harmonic mean", |it| Some(it.f1)),
    ("f0_5", "F0.5", "the same, precision counting twice", |it| {
        Some(it.f0_5)
    }),
    (
        "left_alone",
        "left alone",
        "of the rows that should match nothing",
        |it| it.left_alone,
    ),
    (
        "exact",
        "exact",
        "of the rows that ask get exactly the labelled set",
        |it| it.exact,
    ),
    (
        "exact_several",
        "of several",
        "the same, of rows that name several institutions",
        |it| it.exact_several,
    ),
    (
        "unnamed",
        "unnamed",
        "of these rows have an institution that the text does not name",
        |it| it.unnamed,
    ),
    (
        "country",
        "country",
        "of rows with a country have the right one",
        |it| it.country,
    ),
    (
        "locality",
        "locality",
        "of rows with a locality have the right one",
        |it| it.locality,
    ),
    (
        "candidate_recall",
        "candidates",
        "of labelled rows have a label among the candidates",
        |it| it.candidate_recall,
    ),
    ("ece", "ECE", "mean gap between confidence and truth", |it| {
        Some(it.ece)
    }),
    (
        "confident_right",
        "sure: right",
        "of the answers with a confidence of at least 0.9",
        |it| it.confident_right,
    ),
];

/// One set, line by line.
pub(super) fn one(evaluation: &Evaluation, thresholds: bool) -> String {
    let mut lines = vec![
        counts("rows", evaluation.rows, "labelled", evaluation.labelled),
        counts("answered", evaluation.answered, "right", evaluation.right),
    ];
    for (name, heading, words, value) in MEASURES {
        if let Some(value) = value(evaluation) {
            let between = interval(evaluation, name).map(|[low, high]| format!("[{low:.3}, {high:.3}]"));
            let between = between.unwrap_or_default();
            lines.push(format!("{heading:<12} {value:>9.3}   {between:<14}   {words}"));
        }
    }
    let Evaluation {
        cpu_seconds,
        addresses_per_cpu_second,
        seconds,
        ..
    } = evaluation;
    lines.push(format!(
        "time         {seconds:>8.1}s   {cpu_seconds:.2} s of a processor for resolving: {} addresses/s a thread",
        rate(*addresses_per_cpu_second)
    ));
    if !evaluation.errors.is_empty() {
        lines.push(format!("\nerrors\n{}", indented(&kinds(evaluation))));
    }
    if thresholds {
        lines.push(format!("\n{}", curve(&evaluation.thresholds)));
    }
    lines.join("\n")
}

/// Several sets, a row each.
pub(super) fn several(sets: &Sets, thresholds: bool) -> String {
    let Sets { sets, mixed } = sets;
    let mut parts = vec![side_by_side(sets), errors(sets)];
    let confident_right = mixed.confident_right.map(|share| format!("{share:.3}"));
    parts.push(format!(
        "all sets with the same weight: ECE {:.3}; answers with a confidence of at least 0.9 are right: {}",
        mixed.ece,
        confident_right.as_deref().unwrap_or("–")
    ));
    if thresholds {
        let curves = sets.iter().map(|set| {
            let curve = curve(&set.evaluation.thresholds);
            format!("{}\n{}", set.set, indented(&curve))
        });
        parts.extend(curves);
    }
    parts.join("\n\n")
}

fn side_by_side(sets: &[Set]) -> String {
    let measured: Vec<&Measure> = MEASURES
        .iter()
        .filter(|(_, _, _, value)| sets.iter().any(|set| value(&set.evaluation).is_some()))
        .collect();
    let headings = measured.iter().map(|(_, heading, ..)| *heading);
    let header = ["set", "rows", "labelled"]
        .into_iter()
        .chain(headings)
        .chain(["addresses/s a thread"]);
    let rows = sets.iter().map(|Set { set, evaluation }| {
        let values = measured
            .iter()
            .map(|(name, _, _, value)| cell(evaluation, name, value(evaluation)));
        let counts = [
            set.clone(),
            grouped(evaluation.rows),
            grouped(evaluation.labelled),
        ];
        let speed = rate(evaluation.addresses_per_cpu_second);
        counts.into_iter().chain(values).chain([speed]).collect()
    });
    of_numbers(header.collect(), rows)
}

/// A table whose first column is a name and whose others are numbers.
fn of_numbers(header: Vec<&str>, rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(header);
    table.add_rows(rows);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if at > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A value with its interval below it.
fn cell(evaluation: &Evaluation, name: &str, value: Option<f64>) -> String {
    let Some(value) = value else {
        return "–".to_owned();
    };
    let short = |end: f64| format!("{end:.3}").trim_start_matches('0').to_owned();
    let between = interval(evaluation, name).map(|[low, high]| format!("\n{}–{}", short(low), short(high)));
    format!("{value:.3}{}", between.unwrap_or_default())
}

fn interval(evaluation: &Evaluation, name: &str) -> Option<Interval> {
    evaluation.intervals.get(name).copied()
}

/// Errors by kind, a row for each set.
fn errors(sets: &[Set]) -> String {
    let header = ["errors"].into_iter().chain(ErrorKind::ALL.map(ErrorKind::words));
    let rows = sets.iter().map(|Set { set, evaluation }| {
        let counts = ErrorKind::ALL.map(|kind| grouped(count(evaluation, kind)));
        [set.clone()].into_iter().chain(counts).collect()
    });
    of_numbers(header.collect(), rows)
}

fn kinds(evaluation: &Evaluation) -> String {
    let kinds = ErrorKind::ALL.map(|kind| (kind, count(evaluation, kind)));
    let mut kinds: Vec<_> = kinds.into_iter().filter(|(_, count)| *count > 0).collect();
    kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    let lines = kinds
        .iter()
        .map(|(kind, count)| format!("{:<24}{:>7}", kind.words(), grouped(*count)));
    lines.collect::<Vec<_>>().join("\n")
}

fn count(evaluation: &Evaluation, kind: ErrorKind) -> usize {
    evaluation.errors.get(&kind).copied().unwrap_or_default()
}

fn curve(thresholds: &[AtThreshold]) -> String {
    let columns = [
        Column::number("min. confidence", |at: &AtThreshold| {
            format!("{:.2}", at.confidence_min)
        }),
        Column::number("answered", |at| grouped(at.answered)),
        Column::number("precision", |at| share((at.answered > 0).then_some(at.precision))),
        Column::number("recall", |at| format!("{:.3}", at.recall)),
        Column::number("F1", |at| format!("{:.3}", at.f1)),
        Column::number("left alone", |at| share(at.left_alone)),
        Column::number("exact", |at| share(at.exact)),
    ];
    table(thresholds, &columns).trim_fmt()
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{share:.3}"))
}

fn counts(name: &str, count: usize, other: &str, other_count: usize) -> String {
    format!(
        "{name:<12} {:>9}   {other} {}",
        grouped(count),
        grouped(other_count)
    )
}

#[expect(clippy::cast_possible_truncation, reason = "a rate for people")]
fn rate(per_second: f64) -> String {
    grouped(per_second.round() as i64)
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}
