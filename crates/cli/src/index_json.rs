//! The JSON form of `whence index`: what is stored.

use std::fmt::Write;

use serde::Serialize;
use whence_proto::{metrics, types};

use crate::error::CliError;
use crate::output::grouped;
use crate::shares;

/// What is stored.
#[derive(Debug, Serialize)]
pub struct IndexJson {
    articles: i64,
    articles_with_authors: i64,
    articles_without_month: i64,
    share_units: String,
    unresolved_share_units: UnresolvedJson,
    registry_version: String,
    resolved_with: Vec<VersionsJson>,
    methodology_version: String,
    checksum: String,
    revision: i64,
    unknown_institutions: i64,
}

#[derive(Debug, Serialize)]
struct UnresolvedJson {
    institution: String,
    city: String,
    locality: String,
    country: String,
    sector: String,
}

#[derive(Debug, Serialize)]
struct VersionsJson {
    registry_version: String,
    registry_checksum: String,
    engine_version: String,
    override_revision: i64,
}

impl IndexJson {
    /// The form of an answer.
    pub fn of(index: metrics::Index) -> Result<Self, CliError> {
        let unresolved = index.unresolved.unwrap_or_default();
        let units = |share| shares::exact(share).map(shares::units);
        Ok(Self {
            articles: index.article_count,
            articles_with_authors: index.article_with_authors_count,
            articles_without_month: index.article_without_month_count,
            share_units: units(index.share)?,
            unresolved_share_units: UnresolvedJson {
                institution: units(unresolved.institution)?,
                city: units(unresolved.city)?,
                locality: units(unresolved.locality)?,
                country: units(unresolved.country)?,
                sector: units(unresolved.sector)?,
            },
            registry_version: index.registry_version,
            resolved_with: index.resolved_with.into_iter().map(VersionsJson::from).collect(),
            methodology_version: index.methodology_version,
            checksum: index.checksum,
            revision: index.revision,
            unknown_institutions: index.unknown_institution_count,
        })
    }
}

impl From<types::ResolverVersions> for VersionsJson {
    fn from(versions: types::ResolverVersions) -> Self {
        let types::ResolverVersions {
            registry_version,
            registry_checksum,
            engine_version,
            override_revision,
        } = versions;
        Self {
            registry_version,
            registry_checksum,
            engine_version,
            override_revision,
        }
    }
}

/// The same for people.
pub fn for_people(index: &metrics::Index) -> Result<String, CliError> {
    let whole = shares::exact(index.share)?;
    let unresolved = index.unresolved.unwrap_or_default();
    let part = |share| {
        let part = shares::exact(share)?;
        Ok::<_, CliError>(shares::per_cent(part, whole).unwrap_or_else(|| "–".to_owned()))
    };
    let mut lines = vec![
        format!("articles             {}", grouped(index.article_count)),
        format!(
            "  with authors       {}",
            grouped(index.article_with_authors_count)
        ),
        format!(
            "  without a month    {}",
            grouped(index.article_without_month_count)
        ),
        "unresolved Share".to_owned(),
        format!("  of institutions    {}", part(unresolved.institution)?),
        format!("  of cities          {}", part(unresolved.city)?),
        format!("  of localities      {}", part(unresolved.locality)?),
        format!("  of countries       {}", part(unresolved.country)?),
        format!("  of sectors         {}", part(unresolved.sector)?),
        format!("registry             {}", index.registry_version),
    ];
    for versions in &index.resolved_with {
        let mut line = format!(
            "resolved with        {}, engine {}",
            versions.registry_version, versions.engine_version
        );
        if versions.override_revision > 0 {
            // Writing to a string cannot fail.
            let _ = write!(line, ", overrides {}", versions.override_revision);
        }
        lines.push(line);
    }
    if index.unknown_institution_count > 0 {
        let count = grouped(index.unknown_institution_count);
        lines.push(format!(
            "unknown institutions {count}   stored, and not in this registry"
        ));
    }
    lines.push(format!("methodology          {}", index.methodology_version));
    lines.push(format!("checksum             {}", index.checksum));
    Ok(lines.join("\n"))
}
