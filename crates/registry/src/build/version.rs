//! The version of a registry: that of its ROR dump.

use crate::read::Organisation;

/// The version in the name of a dump: `v1.58-2024-12-11-ror-data_schema_v2.json` is `v1.58-2024-12-11`.
pub(super) fn of_file(name: &str) -> Option<String> {
    let (version, _) = name.split_once("-ror-data")?;
    (version.starts_with('v') && version.len() > 1).then(|| version.to_owned())
}

/// The latest date of a change: a dump under another name is known by what it holds.
pub(super) fn of_records(organisations: &[Organisation]) -> String {
    let latest = organisations
        .iter()
        .map(|organisation| organisation.last_modified.as_str())
        .max();
    latest
        .filter(|date| !date.is_empty())
        .unwrap_or("undated")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_dump_gives_its_version() {
        for (name, version) in [
            (
                "v1.58-2024-12-11-ror-data_schema_v2.json",
                Some("v1.58-2024-12-11"),
            ),
            ("v2.9-subset-ror-data_schema_v2.json", Some("v2.9-subset")),
            ("v1.59-2025-01-23-ror-data.json", Some("v1.59-2025-01-23")),
            ("my-dump.json", None),
            ("-ror-data.json", None),
        ] {
            assert_eq!(of_file(name).as_deref(), version, "{name}");
        }
    }
}
