//! `whence registry build`: official dumps in, one snapshot out, and a report of what was skipped.

use std::io::{self, Write};

use serde::Serialize;
use whence_registry::{BuildInputs, BuildReport, BuiltRegistry, Finding, SnapshotSummary};
use whence_resolve::index::snapshot;

use crate::error::CliError;
use crate::output::{OutputArgs, grouped};
use crate::pending_file::PendingFile;

use super::BuildArgs;

/// What was built.
#[derive(Serialize)]
struct Built {
    version: String,
    checksum: String,
    size_bytes: u64,
    ror_records_read: u64,
    geonames_rows_read: u64,
    institutions: usize,
    places: usize,
    metropolitan_areas: usize,
    groups: usize,
    countries: usize,
    findings: Vec<FindingsOfAKind>,
}

/// How often something was found, with an example.
#[derive(Serialize)]
struct FindingsOfAKind {
    what: &'static str,
    count: usize,
    example: String,
}

/// Builds, writes and reports.
pub(super) fn run(args: BuildArgs, output: OutputArgs) -> Result<(), CliError> {
    if output.csv {
        return Err(CliError::usage(
            "the report of a build has lists in it; ask for --json",
        ));
    }
    let BuildArgs {
        ror,
        geonames,
        metro_areas,
        groups,
        out,
        findings,
    } = args;
    let inputs = BuildInputs {
        ror,
        geonames,
        metropolitan_areas: metro_areas,
        groups,
    };
    let (built, report) = whence_registry::build(&inputs)?;
    if let Some(path) = findings {
        write_findings(PendingFile::create(&path)?, &report.findings)?;
    }
    let summary = snapshot(&built)?.write(&out)?;
    let result = describe(&built, &report, summary);
    let printed = output.print_document(&result, |result| for_people(result, &out.display().to_string()));
    printed.map_err(CliError::writing("standard output"))
}

fn write_findings(mut out: PendingFile, findings: &[Finding]) -> Result<(), CliError> {
    let mut write = || findings.iter().try_for_each(|finding| writeln!(out, "{finding}"));
    let written: io::Result<()> = write();
    written.map_err(out.failed())?;
    out.finish()
}

fn describe(built: &BuiltRegistry, report: &BuildReport, summary: SnapshotSummary) -> Built {
    let example = |what: &str| {
        let first = report
            .findings
            .iter()
            .find(|finding| finding.problem.summary() == what);
        first.map(ToString::to_string).unwrap_or_default()
    };
    let counts = report.counts().into_iter();
    Built {
        version: summary.version,
        checksum: summary.checksum_hex,
        size_bytes: summary.size_bytes,
        ror_records_read: report.ror_records_read,
        geonames_rows_read: report.geonames_rows_read,
        institutions: built.institutions.len(),
        places: built.places.len(),
        metropolitan_areas: built.metropolitan_areas.len(),
        groups: built.groups.len(),
        countries: built.countries.len(),
        findings: counts
            .map(|(what, count)| FindingsOfAKind {
                what,
                count,
                example: example(what),
            })
            .collect(),
    }
}

fn for_people(built: &Built, path: &str) -> String {
    let mut lines = vec![
        format!(
            "wrote {path}: registry {}, {} bytes, checksum {}",
            built.version,
            grouped(built.size_bytes),
            built.checksum
        ),
        format!(
            "  institutions        {:>9}   of {} ROR records",
            grouped(built.institutions),
            grouped(built.ror_records_read)
        ),
        format!(
            "  places              {:>9}   of {} GeoNames rows",
            grouped(built.places),
            grouped(built.geonames_rows_read)
        ),
        format!("  metropolitan areas  {:>9}", grouped(built.metropolitan_areas)),
        format!("  groups              {:>9}", grouped(built.groups)),
        format!("  countries           {:>9}", grouped(built.countries)),
    ];
    if built.findings.is_empty() {
        lines.push("nothing was skipped".to_owned());
    } else {
        lines.push("skipped, left out or mended (--findings FILE writes all of it):".to_owned());
    }
    for FindingsOfAKind { what, count, example } in &built.findings {
        lines.push(format!(
            "  {:>7}  {what}\n           such as {example}",
            grouped(*count)
        ));
    }
    lines.join("\n")
}
