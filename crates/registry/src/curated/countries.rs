//! Countries and territories: `code,name,alternates`, the alternates separated by `|`.

use std::collections::BTreeMap;

use whence_model::CountryCode;

use super::Country;
use crate::RegistryError;
use crate::table::Table;

/// Reads the table; each code at most once. In order of code.
pub(crate) fn read(table: Table<'_>) -> Result<Vec<Country>, RegistryError> {
    let mut countries: BTreeMap<CountryCode, Country> = BTreeMap::new();
    table.for_each_row(&["code", "name", "alternates"], |row| {
        let code = row.parse("code", CountryCode::parse)?;
        let alternates = row.list("alternates").map(str::to_owned).collect();
        let country = Country {
            code,
            name: row.get("name").to_owned(),
            alternates,
        };
        if country.name.is_empty() {
            return Err(row.refuse(format!("{code} has no name")));
        }
        match countries.insert(code, country) {
            Some(_) => Err(row.refuse(format!("{code} occurs a second time"))),
            None => Ok(()),
        }
    })?;
    Ok(countries.into_values().collect())
}
