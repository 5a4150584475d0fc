//! `whence explain`: the articles behind a Share, each with its parts and the addresses they rest on.
//!
//! The parts are added up as they arrive and must give the Share exactly, or the command fails.

use clap::Args;
use serde::Serialize;
use whence_client::Client;
use whence_model::{Entity, EntityKind, Share};
use whence_proto::{metrics, types};

use crate::arguments::Global;
use crate::error::CliError;
use crate::filters::Filters;
use crate::kinds::Kind;
use crate::output::grouped;
use crate::shares;

/// What `whence explain` takes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    whence explain city metro:beijing --from 2021-01 --to 2021-12\n  \
    whence explain institution https://ror.org/05qbk4x57 --limit 3\n  \
    whence explain country CH --type all --json | jq '.articles[].share_units'")]
pub struct ExplainArgs {
    /// Kind of the entity
    #[arg(value_enum)]
    kind: Kind,
    /// Its id: ROR id, metro:<slug> or geonames:<n>, GeoNames number, country code, sector or group
    #[arg(value_name = "ID")]
    id: String,
    /// Show at most this many articles; the total always holds all of them [default: 10 for people, all with --json]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    filters: Filters,
}

/// A Share with what it is made of.
#[derive(Debug, Serialize)]
pub struct Explained {
    pub(super) entity_kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) country_code: Option<String>,
    pub(super) share: f64,
    pub(super) share_units: String,
    pub(super) count: i64,
    pub(super) articles: Vec<ArticleJson>,
    #[serde(skip)]
    pub(super) exact: Share,
}

/// One article.
#[derive(Debug, Serialize)]
pub(super) struct ArticleJson {
    pub(super) article_id: String,
    pub(super) title: String,
    pub(super) venue: String,
    pub(super) date: String,
    pub(super) share: f64,
    pub(super) share_units: String,
    pub(super) parts: Vec<PartJson>,
    #[serde(skip)]
    pub(super) exact: Share,
}

/// One part of an article.
#[derive(Debug, Serialize)]
pub(super) struct PartJson {
    pub(super) author_position: i32,
    pub(super) author: String,
    pub(super) ror_id: String,
    pub(super) institution: String,
    pub(super) geonames_id: Option<i64>,
    pub(super) country_code: Option<String>,
    pub(super) affiliations: Vec<String>,
    pub(super) confidence: f64,
    pub(super) share: f64,
    pub(super) share_units: String,
    #[serde(skip)]
    pub(super) exact: Share,
}

/// Asks for the articles and prints them.
pub async fn run(args: ExplainArgs, global: &Global) -> Result<(), CliError> {
    if global.output.csv {
        return Err(CliError::usage("an explanation has lists in it; ask for --json"));
    }
    let ExplainArgs {
        kind,
        id,
        limit,
        filters,
    } = args;
    let limit = limit.unwrap_or(if global.output.json { usize::MAX } else { 10 });
    let client = Client::connect(global.gateway_url()).await?;
    let explained = explain(&client, kind, &id, filters.into(), limit).await?;
    global
        .output
        .print_document(&explained, Explained::for_people)
        .map_err(CliError::writing("standard output"))
}

/// The Share of an entity with its first articles.
pub async fn explain(
    client: &Client,
    kind: Kind,
    id: &str,
    selection: metrics::Selection,
    limit: usize,
) -> Result<Explained, CliError> {
    let model_kind = match kind {
        Kind::Institutions => EntityKind::InstitutionRolled,
        Kind::Cities => EntityKind::City,
        Kind::Localities => EntityKind::Locality,
        Kind::Countries => EntityKind::Country,
        Kind::Sectors => EntityKind::Sector,
        Kind::Groups => EntityKind::Group,
    };
    let entity = Entity::parse(model_kind, id).map_err(|error| CliError::usage(error.to_string()))?;
    let entity = metrics::Entity::from(&entity);
    let request = metrics::GetShareRequest {
        entity: Some(entity.clone()),
        selection: Some(selection.clone()),
    };
    let share = client.get_share(request).await?.entity_share.unwrap_or_default();
    let mut explained = Explained::of(kind, share)?;
    let request = metrics::ExplainShareRequest {
        entity: Some(entity),
        selection: Some(selection),
    };
    let mut stream = client.explain_share(request).await?;
    let (mut total, mut count) = (Share::ZERO, 0);
    while let Some(contribution) = stream.next().await? {
        let article = ArticleJson::of(contribution)?;
        total += article.exact;
        count += 1;
        if explained.articles.len() < limit {
            explained.articles.push(article);
        }
    }
    if (total, count) != (explained.exact, explained.count) {
        let exact = explained.exact;
        let fault = format!(
            "the articles add up to {total} over {count}, and the Share is {exact}; if articles were just imported, ask again"
        );
        return Err(CliError::Partly(fault));
    }
    Ok(explained)
}

impl Explained {
    fn of(kind: Kind, share: metrics::EntityShare) -> Result<Self, CliError> {
        let metrics::EntityShare {
            entity,
            name,
            country_code,
            share,
            count,
        } = share;
        let exact = shares::exact(share)?;
        Ok(Self {
            entity_kind: kind.singular(),
            id: entity.unwrap_or_default().id,
            name,
            country_code: Some(country_code).filter(|code| !code.is_empty()),
            share: exact.to_f64(),
            share_units: shares::units(exact),
            count,
            articles: Vec::new(),
            exact,
        })
    }

    fn for_people(&self) -> String {
        let name = if self.name.is_empty() {
            &self.id
        } else {
            &self.name
        };
        let mut blocks = vec![format!(
            "{name} ({}): Share {}, exactly {}, from {} articles",
            self.id,
            shares::for_people(self.exact),
            self.exact,
            grouped(self.count)
        )];
        blocks.extend(self.articles.iter().map(ArticleJson::for_people));
        let hidden = self.count - i64::try_from(self.articles.len()).unwrap_or(self.count);
        if hidden > 0 {
            blocks.push(format!(
                "and {} more articles; --limit N shows more of them",
                grouped(hidden)
            ));
        }
        blocks.join("\n\n")
    }
}

impl ArticleJson {
    fn of(contribution: metrics::ArticleContribution) -> Result<Self, CliError> {
        let metrics::ArticleContribution {
            article_id,
            title,
            venue_title,
            date,
            share,
            parts,
        } = contribution;
        let exact = shares::exact(share)?;
        Ok(Self {
            article_id,
            title,
            venue: venue_title,
            date: date.map(date_text).unwrap_or_default(),
            share: exact.to_f64(),
            share_units: shares::units(exact),
            parts: parts.into_iter().map(PartJson::of).collect::<Result<_, _>>()?,
            exact,
        })
    }

    /// The article and its parts, one a line, with the addresses under them.
    fn for_people(&self) -> String {
        let title = if self.title.is_empty() {
            "(no title)"
        } else {
            &self.title
        };
        let mut lines = vec![
            format!("  {}  {title}", shares::for_people(self.exact)),
            format!("        {}  {}  {}", self.venue, self.date, self.article_id),
        ];
        for part in &self.parts {
            let institution = if part.institution.is_empty() {
                "no institution"
            } else {
                &part.institution
            };
            lines.push(format!(
                "        {}  author {} {}: {institution}",
                part.exact, part.author_position, part.author
            ));
            lines.extend(
                part.affiliations
                    .iter()
                    .map(|address| format!("              “{address}”")),
            );
        }
        lines.join("\n")
    }
}

impl PartJson {
    fn of(part: metrics::ExplainedPart) -> Result<Self, CliError> {
        let exact = shares::exact(part.share)?;
        let place = part.place.unwrap_or_default();
        Ok(Self {
            author_position: part.author_position,
            author: part.author_name,
            ror_id: part.ror_id,
            institution: part.institution_name,
            geonames_id: Some(place.geonames_id).filter(|id| *id != 0),
            country_code: Some(place.country_code).filter(|code| !code.is_empty()),
            affiliations: part.affiliations,
            confidence: f64::from(part.confidence_ten_thousandths) / 10_000.0,
            share: exact.to_f64(),
            share_units: shares::units(exact),
            exact,
        })
    }
}

fn date_text(date: types::PublicationDate) -> String {
    let types::PublicationDate { year, month, day } = date;
    match (month, day) {
        (0, _) => format!("{year:04}"),
        (_, 0) => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    }
}
