//! The command line as types: global options and the verbs. What a verb takes stands in its own file.

use clap::{Args, Parser, Subcommand};
use tonic::transport::Uri;

use crate::commands::{
    completions, demo, eval, explain, export, health, import, index, overrides, rank, registry, resolve, up,
};
use crate::output::OutputArgs;

/// The address at which a stack listens if nothing else is said.
pub const DEFAULT_GATEWAY: &str = "http://127.0.0.1:7340";

/// From the address an author printed to the Share of an institution, a city and a country.
#[derive(Debug, Parser)]
#[command(name = "whence", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Start with `whence demo`: it needs no data, no network and cleans up after itself.\n\
    Exit codes: 0 done, 1 the work failed or was only partly done, 2 the command line was wrong."
)]
pub struct Arguments {
    /// Options of every verb.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every verb.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// URL of the stack's gateway, `http://127.0.0.1:7340` if not given.
    #[arg(
        long,
        global = true,
        env = "WHENCE_GATEWAY",
        help = "URL of the stack's gateway [default: http://127.0.0.1:7340]",
        value_name = "URL",
        hide_env_values = true, value_parser = gateway
    )]
    pub gateway: Option<String>,
    /// What to log on standard error.
    #[arg(
        long,
        global = true,
        env = "WHENCE_LOG",
        help = "What to log on standard error, such as debug or whence_client=debug,warn",
        value_name = "FILTER",
        hide_env_values = true
    )]
    pub log: Option<String>,
    /// How results are printed.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// A URL of a gateway; nothing at all is what an empty variable says.
fn gateway(text: &str) -> Result<String, String> {
    let uri = Uri::try_from(text)
        .ok()
        .filter(|uri| uri.scheme_str() == Some("http") && uri.host().is_some());
    if uri.is_some() || text.is_empty() {
        return Ok(text.to_owned());
    }
    Err(format!("not the URL of a gateway, such as {DEFAULT_GATEWAY}"))
}

impl Global {
    /// The gateway to talk to.
    pub fn gateway_url(&self) -> &str {
        self.gateway
            .as_deref()
            .filter(|url| !url.is_empty())
            .unwrap_or(DEFAULT_GATEWAY)
    }

    /// Whether a gateway was named, by option or environment.
    pub fn names_gateway(&self) -> bool {
        self.gateway.as_deref().is_some_and(|url| !url.is_empty())
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See what whence does: a stack, real articles, rankings, one Share explained; then clean up
    Demo(demo::DemoArgs),
    /// Build a registry snapshot from official dumps, or look inside one
    #[command(subcommand)]
    Registry(registry::RegistryCommand),
    /// Run the whole stack in this process: resolver, metrics and gateway
    Up(up::UpArgs),
    /// Stream article records into a stack
    Import(import::ImportArgs),
    /// Tell which institutions and which place printed addresses name
    Resolve(resolve::ResolveArgs),
    /// Rank institutions, cities, localities, countries, sectors or groups by Share
    Rank(rank::RankArgs),
    /// Show the articles that make up a Share, with the addresses behind them
    Explain(explain::ExplainArgs),
    /// Decide what an address or a name means, against the resolver; at once and with a history
    #[command(subcommand)]
    Override(overrides::OverrideCommand),
    /// Tell what is stored: counts, versions, checksum
    Index(index::IndexArgs),
    /// Write what is stored to a file, as JSONL or CSV
    Export(export::ExportArgs),
    /// Measure the resolver on labelled addresses
    Eval(eval::EvalArgs),
    /// Ask a service whether it serves; for health checks
    Health(health::HealthArgs),
    /// Print the completions of a shell
    Completions(completions::CompletionsArgs),
}
