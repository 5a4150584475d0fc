//! `whence override`: what curators decide about addresses and names, with its history, as a file and back.

mod form;
mod import;
mod show;

use std::io::Write;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};
use whence_client::Client;
use whence_proto::curation;
use whence_proto::curation::create_override_request::Subject;

use crate::arguments::Global;
use crate::error::CliError;
use crate::output::grouped;
use crate::paging::PAGE_MAX;
use crate::pending_file::PendingFile;

use self::form::OverrideJson;

/// The verbs of `whence override`.
#[derive(Debug, Subcommand)]
pub enum OverrideCommand {
    /// Decide what an address or a name means; it acts on every request from then on
    Create(Box<CreateArgs>),
    /// List overrides in order of creation
    List(ListArgs),
    /// Show one override, standing or deleted
    Show(ShowArgs),
    /// Delete an override; it is remembered with who deleted it, when and why
    Delete(DeleteArgs),
    /// Write overrides to a file, one JSON object a line
    Export(ExportArgs),
    /// Create the overrides of a file; those that stand already stay as they are
    Import(ImportArgs),
}

/// What `whence override create` takes.
#[derive(Args, Debug)]
#[command(group(ArgGroup::new("subject").required(true)), group(ArgGroup::new("meaning").required(true)))]
#[command(after_help = "Examples:\n  \
    whence override create --address \"Key Lab of Nothing, Hefei\" --none --curator ann --reason \"no institution\"\n  \
    whence override create --name \"Northeastern University\" --country CN --ror https://ror.org/03awzbc87 \\\n    \
    --curator ann --reason \"the one in Shenyang\"\n\n\
    Case, diacritics, punctuation and white space do not matter. Stored articles keep what was decided when they \
    were imported; the answer tells which of them have such an address.")]
pub struct CreateArgs {
    /// A whole address
    #[arg(long, value_name = "TEXT", group = "subject")]
    address: Option<String>,
    /// Words that stand next to each other in an address
    #[arg(long, value_name = "TEXT", group = "subject")]
    name: Option<String>,
    /// Only where the address says this country, ISO alpha-2
    #[arg(long, value_name = "CODE", requires = "name")]
    country: Option<String>,
    /// Only where the address says this locality, a GeoNames id
    #[arg(long, value_name = "ID", requires = "name")]
    locality: Option<i64>,
    /// ROR id of an institution that it means; may be repeated
    #[arg(long, value_name = "ID", group = "meaning")]
    ror: Vec<String>,
    /// It means no institution
    #[arg(long, group = "meaning")]
    none: bool,
    #[command(flatten)]
    decision: DecisionArgs,
    /// Makes the command safe to repeat: the same id creates the same override once
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
}

/// Who decides and why.
#[derive(Args, Debug)]
struct DecisionArgs {
    /// Who decides
    #[arg(long, env = "WHENCE_CURATOR", value_name = "NAME", hide_env_values = true)]
    curator: String,
    /// Why, for those who ask later
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// What `whence override list` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  whence override list\n  whence override list --deleted --json")]
pub struct ListArgs {
    /// Also list deleted ones: the whole history
    #[arg(long)]
    deleted: bool,
}

/// What `whence override show` takes.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  whence override show 17 --json")]
pub struct ShowArgs {
    /// The override
    #[arg(value_name = "ID")]
    id: String,
}

/// What `whence override delete` takes.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  whence override delete 17 --curator ann --reason \"in ROR since May\"")]
pub struct DeleteArgs {
    /// The override
    #[arg(value_name = "ID")]
    id: String,
    #[command(flatten)]
    decision: DecisionArgs,
}

/// What `whence override export` takes.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  whence override export --output overrides.jsonl")]
pub struct ExportArgs {
    /// The file to write; - for standard output
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// Also write deleted ones: the whole history. An import leaves those out
    #[arg(long)]
    deleted: bool,
}

/// What `whence override import` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence override import overrides.jsonl\n  \
    echo '{\"address\": \"My garden\", \"ror_ids\": []}' | whence override import - --curator ann --reason \"a test\"\n\n\
    A line has address or name (with country_code and geonames_id where needed), and ror_ids, which are empty for \
    none; curator and reason, unless the command gives them. Ids, times and revisions of an export are read over. \
    Importing again changes nothing. A line that is refused is told with its number, and the exit code is 1.")]
pub struct ImportArgs {
    /// The file; - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Who decides, where a line does not say
    #[arg(
        long,
        env = "WHENCE_CURATOR",
        value_name = "NAME",
        default_value = "",
        hide_env_values = true,
        hide_default_value = true
    )]
    curator: String,
    /// Why, where a line does not say
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
}

/// Asks and prints.
pub async fn run(command: OverrideCommand, global: &Global) -> Result<(), CliError> {
    let client = Client::connect(global.gateway_url()).await?;
    let output = global.output;
    match command {
        OverrideCommand::Create(args) => create(&client, *args, global).await,
        OverrideCommand::List(args) => {
            let (overrides, revision) = read(&client, args.deleted).await?;
            show::list(&overrides, revision, output)
        }
        OverrideCommand::Show(args) => {
            let request = curation::GetOverrideRequest { override_id: args.id };
            let found = client.get_override(request).await?.r#override;
            show::one(&client, found, None, output).await
        }
        OverrideCommand::Delete(args) => {
            let request = curation::DeleteOverrideRequest {
                override_id: args.id,
                curator: args.decision.curator,
                reason: args.decision.reason,
            };
            let deleted = client.delete_override(request).await?.r#override;
            show::one(&client, deleted, None, output).await
        }
        OverrideCommand::Export(args) => export(&client, args).await,
        OverrideCommand::Import(args) => import::run(&client, args, output).await,
    }
}

async fn create(client: &Client, args: CreateArgs, global: &Global) -> Result<(), CliError> {
    let CreateArgs {
        address,
        name,
        country,
        locality,
        ror,
        none,
        decision,
        request_id,
    } = args;
    let pattern = name.map(|name| curation::NamePattern {
        name,
        country_code: country.unwrap_or_default(),
        geonames_id: locality.unwrap_or_default(),
    });
    let request = curation::CreateOverrideRequest {
        subject: address.map(Subject::Address).or(pattern.map(Subject::Pattern)),
        ror_ids: ror,
        none,
        curator: decision.curator,
        reason: decision.reason,
        request_id: request_id.unwrap_or_default(),
        report_articles: true,
    };
    let created = client.create_override(request).await?;
    show::one(client, created.r#override, created.touched, global.output).await
}

/// All overrides, and their revision.
async fn read(client: &Client, show_deleted: bool) -> Result<(Vec<curation::Override>, i64), CliError> {
    let (mut overrides, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = curation::ListOverridesRequest {
            page_size: PAGE_MAX,
            page_token,
            show_deleted,
        };
        let page = client.list_overrides(request).await?;
        overrides.extend(page.overrides);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok((overrides, page.revision));
        }
    }
}

async fn export(client: &Client, args: ExportArgs) -> Result<(), CliError> {
    let ExportArgs { output, deleted } = args;
    let mut file = PendingFile::create(&output)?;
    let (overrides, _) = read(client, deleted).await?;
    let count = overrides.len();
    for entry in overrides {
        let line = serde_json::to_string(&OverrideJson::of(entry));
        let line = line.map_err(|error| CliError::Fault(error.to_string()))?;
        writeln!(file, "{line}").map_err(file.failed())?;
    }
    file.finish()?;
    if output.as_os_str() != "-" {
        eprintln!(
            "wrote {} overrides to {}",
            grouped(count as u64),
            output.display()
        );
    }
    Ok(())
}
