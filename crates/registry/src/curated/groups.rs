//! Groups: named lists of institutions, `group,name,ror_id,institution,include_descendants,source`, one
//! row a member. With `include_descendants` all its children, and theirs, are members too.

use std::collections::{BTreeMap, BTreeSet};

use whence_model::{RorId, Slug};

use super::Group;
use crate::table::{Row, Table};
use crate::{BuildReport, InstitutionIndex, InstitutionRecord, Position, Problem, RegistryError};

const COLUMNS: [&str; 4] = ["group", "name", "ror_id", "include_descendants"];

/// Reads the table against the institutions, whose children must be linked. In order of slug.
pub(crate) fn read(
    table: Table<'_>,
    institutions: &[InstitutionRecord],
    report: &mut BuildReport,
) -> Result<Vec<Group>, RegistryError> {
    let mut groups: BTreeMap<Slug, (String, BTreeSet<InstitutionIndex>)> = BTreeMap::new();
    table.for_each_row(&COLUMNS, |row| {
        let slug = row.parse("group", Slug::parse)?;
        let name = row.get("name");
        let (known, members) = groups
            .entry(slug)
            .or_insert_with(|| (name.to_owned(), BTreeSet::new()));
        if known != name {
            return Err(row.refuse(format!("the group is called {known:?} above and {name:?} here")));
        }
        let with_descendants = include_descendants(row)?;
        let Some(member) = find(row, "ror_id", institutions, report, table.file)? else {
            return Ok(());
        };
        if with_descendants {
            add_descendants(member, institutions, members);
        }
        members.insert(member);
        Ok(())
    })?;
    let group = |(slug, (name, members)): (Slug, (String, BTreeSet<_>))| Group {
        slug,
        name,
        members: members.into_iter().collect(),
    };
    Ok(groups.into_iter().map(group).collect())
}

fn include_descendants(row: &Row<'_>) -> Result<bool, RegistryError> {
    match row.get("include_descendants") {
        "yes" => Ok(true),
        "no" | "" => Ok(false),
        other => Err(row.refuse(format!("include_descendants is yes or no, not {other:?}"))),
    }
}

fn add_descendants(
    of: InstitutionIndex,
    institutions: &[InstitutionRecord],
    members: &mut BTreeSet<InstitutionIndex>,
) {
    let mut seen = BTreeSet::from([of]);
    let mut waiting = vec![of];
    while let Some(index) = waiting.pop() {
        let children = institutions
            .get(index.to_usize())
            .map_or(&[][..], |institution| &institution.children);
        waiting.extend(children.iter().filter(|child| seen.insert(**child)));
    }
    members.extend(seen);
}

/// The institution that a column names; none, with a note, if the registry lacks it.
pub(crate) fn find(
    row: &Row<'_>,
    column: &str,
    institutions: &[InstitutionRecord],
    report: &mut BuildReport,
    file: &str,
) -> Result<Option<InstitutionIndex>, RegistryError> {
    let id = row.parse(column, RorId::parse)?;
    let found = institutions
        .binary_search_by_key(&id, |institution| institution.ror_id)
        .ok();
    if found.is_none() {
        report.note(
            file,
            Position::Line(row.line()),
            Problem::UnknownInstitution { id: id.to_string() },
        );
    }
    Ok(found.map(InstitutionIndex::from_usize))
}
