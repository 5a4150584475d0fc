//! `whence override import`: a file of overrides, line by line.
//!
//! What stands already with the same meaning stays as it is, so that an import can be repeated. A line that
//! cannot be read or is refused is told with its number and does not stop the others.

use std::collections::HashMap;
use std::io::Write;

use serde::Serialize;
use tonic::Code;
use whence_client::{Client, ClientError};
use whence_model::{OverrideSubject, RorId};
use whence_proto::IntoModel;
use whence_resolve::overrides::normalised;
use whence_resolve::text::Splitter;

use crate::error::CliError;
use crate::lines::{self, Line};
use crate::output::{OutputArgs, Row, grouped};

use super::form::OverrideJson;
use super::{ImportArgs, read};

/// What has become of the lines of a file: read = created + unchanged + deleted + refused.
#[derive(Debug, Default, Serialize)]
struct Summary {
    /// Lines that are not empty.
    read: u64,
    created: u64,
    /// Those that stood already.
    unchanged: u64,
    /// Those that the file says are deleted; left out.
    deleted: u64,
    refused: u64,
}

impl Row for Summary {
    const COLUMNS: &'static [&'static str] = &["read", "created", "unchanged", "deleted", "refused"];
}

/// What stands, by what it stands for.
struct Standing {
    splitter: Splitter,
    meanings: HashMap<OverrideSubject, Vec<String>>,
}

impl Standing {
    async fn read(client: &Client) -> Result<Self, CliError> {
        let mut standing = Self {
            splitter: Splitter::default(),
            meanings: HashMap::new(),
        };
        for entry in read(client, false).await?.0 {
            let entry = entry
                .into_model()
                .map_err(|error| CliError::Fault(error.to_string()))?;
            let ror_ids: Vec<_> = entry.ror_ids.iter().map(ToString::to_string).collect();
            standing.note(&entry.subject, &ror_ids);
        }
        Ok(standing)
    }

    fn note(&mut self, subject: &OverrideSubject, ror_ids: &[String]) {
        let subject = normalised(&self.splitter, subject);
        self.meanings.insert(subject, in_order(ror_ids));
    }

    fn holds(&self, subject: &OverrideSubject, ror_ids: &[String]) -> bool {
        let subject = normalised(&self.splitter, subject);
        self.meanings.get(&subject) == Some(&in_order(ror_ids))
    }
}

/// Ids in one form and order; what is no id stays as it is, for the service to refuse.
fn in_order(ror_ids: &[String]) -> Vec<String> {
    let form = |text: &String| RorId::parse(text).map_or_else(|_| text.clone(), |id| id.to_string());
    let mut ids: Vec<_> = ror_ids.iter().map(form).collect();
    ids.sort_unstable();
    ids
}

/// Imports and accounts for every line.
pub(super) async fn run(client: &Client, args: ImportArgs, output: OutputArgs) -> Result<(), CliError> {
    let ImportArgs {
        file,
        curator,
        reason,
    } = args;
    let name = file.display().to_string();
    let lines = lines::open(&file)?;
    let mut standing = Standing::read(client).await?;
    let mut summary = Summary::default();
    for line in lines {
        let Line { number, text } = line.map_err(CliError::reading(&*name))?;
        if text.as_ref().is_ok_and(|text| text.trim().is_empty()) {
            continue;
        }
        summary.read += 1;
        let text = text.and_then(|text| parse(&text, &curator, &reason));
        let refused = match text {
            Ok(entry) => take(client, entry, &mut standing, &mut summary).await?,
            Err(error) => Some(error),
        };
        if let Some(why) = refused {
            summary.refused += 1;
            // Nothing is left to do if standard error is closed.
            let _ = writeln!(std::io::stderr(), "{name}: line {number}: {why}");
        }
    }
    let printed = output.print_one(&summary, Summary::for_people);
    printed.map_err(CliError::writing("standard output"))?;
    match summary.refused {
        0 => Ok(()),
        refused => Err(CliError::Partly(format!(
            "{} lines were refused; everything else is imported",
            grouped(refused)
        ))),
    }
}

fn parse(text: &str, curator: &str, reason: &str) -> Result<OverrideJson, String> {
    let mut entry: OverrideJson = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for (field, default) in [(&mut entry.curator, curator), (&mut entry.reason, reason)] {
        if field.is_empty() {
            default.clone_into(field);
        }
    }
    Ok(entry)
}

/// Creates an override unless it stands; gives why it is refused, if it is.
async fn take(
    client: &Client,
    entry: OverrideJson,
    standing: &mut Standing,
    summary: &mut Summary,
) -> Result<Option<String>, CliError> {
    if entry.deleted.is_some() {
        summary.deleted += 1;
        return Ok(None);
    }
    let subject = match entry.subject() {
        Ok(subject) => subject,
        Err(error) => return Ok(Some(error)),
    };
    if standing.holds(&subject, &entry.ror_ids) {
        summary.unchanged += 1;
        return Ok(None);
    }
    let ror_ids = entry.ror_ids.clone();
    match client.create_override(entry.creation(subject.clone())).await {
        Ok(_) => {
            summary.created += 1;
            standing.note(&subject, &ror_ids);
            Ok(None)
        }
        Err(error) if is_about_the_line(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(error.into()),
    }
}

fn is_about_the_line(error: &ClientError) -> bool {
    matches!(
        error.code(),
        Some(Code::InvalidArgument | Code::FailedPrecondition)
    )
}

impl Summary {
    fn for_people(&self) -> String {
        let Self {
            read,
            created,
            unchanged,
            deleted,
            refused,
        } = *self;
        let [read, created, unchanged, deleted, refused] =
            [read, created, unchanged, deleted, refused].map(grouped);
        format!(
            "{read} overrides read: {created} created, {unchanged} unchanged, {deleted} left out as deleted, {refused} refused"
        )
    }
}
