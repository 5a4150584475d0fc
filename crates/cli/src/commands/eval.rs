//! `whence eval`: accuracy on labelled addresses. The measures stand in [`crate::evaluation`].

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use whence_model::RorId;
use whence_registry::{InstitutionState, Registry};
use whence_resolve::Resolver;

use crate::arguments::Global;
use crate::error::CliError;
use crate::evaluation::{Answered, Evaluation, GoldRow, evaluate};
use crate::in_order::{available_threads, in_order};
use crate::lines::{self, Line};
use crate::output::grouped;
use crate::pending_file::PendingFile;
use crate::registry_source::RegistryArgs;

/// What `whence eval` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence eval gold.jsonl --registry ror.snapshot\n  \
    whence eval gold.jsonl --registry ror.snapshot --errors wrong.jsonl --json\n\n\
    A row is {\"affiliation\": TEXT, \"ror_ids\": [URL, …]}, with no ids if nothing should match. Rows with \
    \"in_registry\": false are left out. \"named_parents\": [URL, …] allows these as well and asks whether the \
    answer is exactly the labelled set.")]
pub struct EvalArgs {
    /// Labelled addresses, one JSON object a line
    #[arg(value_name = "GOLD.jsonl")]
    gold: PathBuf,
    #[command(flatten)]
    registry: RegistryArgs,
    /// Leave out rows that should match nothing
    #[arg(long)]
    labelled_only: bool,
    /// Write the rows that were answered wrongly to this file, as JSON lines
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Threads that resolve [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
}

/// Resolves every row and measures.
pub fn run(args: &EvalArgs, global: &Global) -> Result<(), CliError> {
    let rows = lines::open(&args.gold)?;
    let mut errors = args.errors.as_deref().map(PendingFile::create).transpose()?;
    let resolver = Resolver::new(args.registry.open()?)?;
    let threads = args.threads.map_or_else(available_threads, usize::from);
    let mut answered = Vec::new();
    let name = args.gold.display().to_string();
    let work = |line: std::io::Result<Line>| {
        let row = read(&name, line.map_err(CliError::reading_file(&args.gold))?)?;
        let wanted = row.filter(|row| row.in_registry && !(args.labelled_only && row.ror_ids.is_empty()));
        wanted.map(|row| answer(&resolver, row)).transpose()
    };
    in_order(rows, threads, work, |row| {
        if let Some(row) = row? {
            if let Some(out) = errors.as_mut().filter(|_| row.is_wrong()) {
                row.write(resolver.registry(), out)?;
            }
            answered.push(row.answered);
        }
        Ok::<(), CliError>(())
    })?;
    errors.map_or(Ok(()), PendingFile::finish)?;
    let printed = global.output.print_one(&evaluate(&answered), for_people);
    printed.map_err(CliError::writing("standard output"))
}

/// A row with its answer.
struct Row {
    gold: GoldRow,
    answered: Answered,
}

fn read(file: &str, line: Line) -> Result<Option<GoldRow>, CliError> {
    let at = |reason: String| CliError::Partly(format!("{file}: line {}: {reason}", line.number));
    let text = line.text.map_err(at)?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let at = |error: serde_json::Error| {
        CliError::Partly(format!(
            "{file}: line {}: not a labelled address: {error}",
            line.number
        ))
    };
    serde_json::from_str(&text).map(Some).map_err(at)
}

fn answer(resolver: &Resolver, gold: GoldRow) -> Result<Row, CliError> {
    let registry = resolver.registry();
    let ids = |texts: &[String]| {
        let ids = texts
            .iter()
            .map(|text| RorId::parse(text))
            .collect::<Result<Vec<_>, _>>();
        ids.map_err(|error| CliError::Partly(format!("label of {:?}: {error}", gold.affiliation)))
    };
    let labels = ids(&gold.ror_ids)?
        .into_iter()
        .map(|id| met_by(registry, id))
        .collect();
    let named_parents = gold.named_parents.as_deref().map(ids).transpose()?;
    // A row that the resolver refuses is one without an answer.
    let resolution = resolver.resolve(&gold.affiliation).unwrap_or_default();
    let answer = resolution
        .institutions
        .iter()
        .map(|found| (found.ror_id, found.confidence.to_f64()));
    let answered = Answered {
        labels,
        named_parents: named_parents.map(|ids| ids.into_iter().collect()),
        answer: answer.collect(),
    };
    Ok(Row { gold, answered })
}

/// The ids that meet a label: itself and, if the registry has retired it, its successors.
fn met_by(registry: &Registry, label: RorId) -> BTreeSet<RorId> {
    let mut ids = BTreeSet::from([label]);
    if let Some(index) = registry.find(label) {
        let institution = registry.institution(index);
        if institution.state() != InstitutionState::Active {
            ids.extend(
                institution
                    .successors()
                    .map(|successor| registry.institution(successor).ror_id()),
            );
        }
    }
    ids
}

/// A wrong row, for people who look for the reason.
#[derive(Serialize)]
struct WrongRow<'a> {
    affiliation: &'a str,
    expected: Vec<Named>,
    answered: Vec<Named>,
}

#[derive(Serialize)]
struct Named {
    ror_id: String,
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<f64>,
}

impl Row {
    /// Whether the best answer is wrong, or missing, or the set is not exact where the row asks for that.
    fn is_wrong(&self) -> bool {
        let right = self.answered.is_right().unwrap_or(!self.answered.is_labelled());
        !right || self.answered.is_exact() == Some(false)
    }

    fn write(&self, registry: &Registry, out: &mut PendingFile) -> Result<(), CliError> {
        let named = |ror_id: &str, confidence: Option<f64>| {
            let index = RorId::parse(ror_id).ok().and_then(|id| registry.find(id));
            let name = index.map(|index| registry.institution(index).name().to_owned());
            Named {
                ror_id: ror_id.to_owned(),
                name,
                confidence,
            }
        };
        let answer = self.answered.answer.iter();
        let row = WrongRow {
            affiliation: &self.gold.affiliation,
            expected: self.gold.ror_ids.iter().map(|id| named(id, None)).collect(),
            answered: answer
                .map(|(id, confidence)| named(&id.to_string(), Some(*confidence)))
                .collect(),
        };
        let failed = out.failed();
        let line = serde_json::to_string(&row).map_err(std::io::Error::other);
        line.and_then(|line| writeln!(out, "{line}")).map_err(failed)
    }
}

fn for_people(evaluation: &Evaluation) -> String {
    let Evaluation {
        rows,
        labelled,
        answered,
        right,
        precision,
        recall,
        f1,
        f0_5,
        ..
    } = evaluation;
    let Evaluation {
        unlabelled,
        unlabelled_unanswered,
        ece,
        exact,
        ..
    } = evaluation;
    let mut lines = vec![
        format!(
            "rows         {:>9}   labelled {}",
            grouped(*rows),
            grouped(*labelled)
        ),
        format!(
            "answered     {:>9}   right {}",
            grouped(*answered),
            grouped(*right)
        ),
        format!("precision    {precision:>9.3}   right ÷ answered"),
        format!("recall       {recall:>9.3}   right ÷ labelled"),
        format!("F1           {f1:>9.3}"),
        format!("F0.5         {f0_5:>9.3}"),
        format!(
            "left alone   {:>9}   of {} that match nothing",
            grouped(*unlabelled_unanswered),
            grouped(*unlabelled)
        ),
        format!("ECE          {ece:>9.3}   mean gap between confidence and truth"),
    ];
    if let Some(exact) = exact {
        lines.push(format!(
            "exact        {exact:>9.3}   of the rows that ask get exactly the labelled set"
        ));
    }
    lines.join("\n")
}
