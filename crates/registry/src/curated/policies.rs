//! Policies: roll-up rules, sector exceptions, joint institutions and territories, one table each.

use std::collections::BTreeMap;

use whence_model::{CountryCode, Sector, Slug};

use super::groups::find;
use super::{JointInstitution, RollUpPolicy, SectorException, Territory, TerritoryPolicy};
use crate::table::{Row, Table};
use crate::{
    BuildReport, InstitutionIndex, InstitutionRecord, InstitutionState, InstitutionType, RegistryError,
};

/// What the loaders of policies read against.
pub(crate) struct Context<'a> {
    pub(crate) institutions: &'a [InstitutionRecord],
    pub(crate) report: &'a mut BuildReport,
}

impl Context<'_> {
    fn find(
        &mut self,
        table: Table<'_>,
        row: &Row<'_>,
        column: &str,
    ) -> Result<Option<InstitutionIndex>, RegistryError> {
        find(row, column, self.institutions, self.report, table.file)
    }
}

/// Reads `rule,subject,name,reason`. Rules: `child-type-stands` (a type), `parent-name-bars` (a display
/// name, `*` in it for any words), `parent-bars`, `child-stands`, `child-rolls` (a ROR id each).
pub(crate) fn read_roll_up(
    table: Table<'_>,
    context: &mut Context<'_>,
) -> Result<RollUpPolicy, RegistryError> {
    let mut policy = RollUpPolicy::default();
    table.for_each_row(&["rule", "subject", "reason"], |row| {
        let subject = row.get("subject");
        if subject.is_empty() {
            return Err(row.refuse("no subject"));
        }
        match row.get("rule") {
            "child-type-stands" => policy.standing_types.push(
                InstitutionType::parse(subject)
                    .ok_or_else(|| row.refuse(format!("{subject:?} is not a ROR type")))?,
            ),
            "parent-name-bars" => policy.barred_parents.extend(named(subject, context.institutions)),
            "parent-bars" => policy.barred_parents.extend(context.find(table, row, "subject")?),
            "child-stands" => policy
                .standing_institutions
                .extend(context.find(table, row, "subject")?),
            "child-rolls" => policy
                .rolling_institutions
                .extend(context.find(table, row, "subject")?),
            other => return Err(row.refuse(format!("unknown rule {other:?}"))),
        }
        Ok(())
    })?;
    policy
        .barred_parents
        .extend(withdrawn_parents(context.institutions));
    policy.standing_types.sort_unstable();
    for list in [
        &mut policy.barred_parents,
        &mut policy.standing_institutions,
        &mut policy.rolling_institutions,
    ] {
        list.sort_unstable();
        list.dedup();
    }
    Ok(policy)
}

/// A withdrawn record stands for nothing that could hold a Share.
fn withdrawn_parents(institutions: &[InstitutionRecord]) -> impl Iterator<Item = InstitutionIndex> {
    let withdrawn =
        |one: &InstitutionRecord| one.state == InstitutionState::Withdrawn && !one.children.is_empty();
    let indexed = institutions.iter().enumerate();
    indexed
        .filter(move |(_, one)| withdrawn(one))
        .map(|(at, _)| InstitutionIndex::from_usize(at))
}

/// Institutions whose display name fits the pattern.
fn named<'a>(
    pattern: &'a str,
    institutions: &'a [InstitutionRecord],
) -> impl Iterator<Item = InstitutionIndex> + 'a {
    let indexed = institutions.iter().enumerate();
    indexed
        .filter(move |(_, one)| fits(pattern, one.name()))
        .map(|(at, _)| InstitutionIndex::from_usize(at))
}

/// Whether a name fits a pattern, in which `*` stands for one character or more.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(rest) = name.strip_prefix(before) else {
        return false;
    };
    rest.char_indices()
        .skip(1)
        .map(|(at, _)| at)
        .chain([rest.len()])
        .any(|at| !rest.is_empty() && fits(after, &rest[at..]))
}

/// Reads `ror_id,sector,reason`. In order of institution.
pub(crate) fn read_sectors(
    table: Table<'_>,
    context: &mut Context<'_>,
) -> Result<Vec<SectorException>, RegistryError> {
    let mut exceptions = BTreeMap::new();
    table.for_each_row(&["ror_id", "sector", "reason"], |row| {
        let sector = row.parse("sector", Sector::parse)?;
        let Some(institution) = context.find(table, row, "ror_id")? else {
            return Ok(());
        };
        match exceptions.insert(institution, SectorException { institution, sector }) {
            Some(_) => Err(row.refuse("the institution occurs a second time")),
            None => Ok(()),
        }
    })?;
    Ok(exceptions.into_values().collect())
}

/// Reads `ror_id,parent_ror_id,source`.
pub(crate) fn read_joint_institutions(
    table: Table<'_>,
    context: &mut Context<'_>,
) -> Result<Vec<JointInstitution>, RegistryError> {
    let mut joint = Vec::new();
    table.for_each_row(&["ror_id", "parent_ror_id", "source"], |row| {
        let institution = context.find(table, row, "ror_id")?;
        let parent = context.find(table, row, "parent_ror_id")?;
        joint.extend(
            institution
                .zip(parent)
                .map(|(institution, parent)| JointInstitution { institution, parent }),
        );
        Ok(())
    })?;
    Ok(joint)
}

/// Reads `policy,territory,country,source`, and adds the policy `iso`, which counts everything as coded.
pub(crate) fn read_territories(table: Table<'_>) -> Result<Vec<TerritoryPolicy>, RegistryError> {
    let mut policies: BTreeMap<Slug, BTreeMap<CountryCode, Territory>> = BTreeMap::new();
    policies.extend(Slug::parse("iso").ok().map(|slug| (slug, BTreeMap::new())));
    table.for_each_row(&["policy", "territory", "country", "source"], |row| {
        let slug = row.parse("policy", Slug::parse)?;
        let territory = row.parse("territory", CountryCode::parse)?;
        let country = row.parse("country", CountryCode::parse)?;
        let rows = policies.entry(slug).or_default();
        match rows.insert(territory, Territory { territory, country }) {
            Some(_) => Err(row.refuse(format!("{territory} occurs a second time"))),
            None => Ok(()),
        }
    })?;
    let policy = |(slug, rows): (Slug, BTreeMap<_, Territory>)| TerritoryPolicy {
        slug,
        territories: rows.into_values().collect(),
    };
    Ok(policies.into_iter().map(policy).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_some_words() {
        for (pattern, name, expected) in [
            ("Ministry of *", "Ministry of Health", true),
            ("Ministry of *", "Ministry of ", false),
            ("Ministry of *", "Danish Ministry of Health", false),
            ("* Health System", "Ochsner Health System", true),
            ("* Health System", "Health System", false),
            ("University of * System", "University of Illinois System", true),
            ("University of * System", "University of Illinois Systems", false),
            ("Region *", "Region Skåne", true),
            ("Region *", "Regione Lazio", false),
        ] {
            assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
        }
    }
}
