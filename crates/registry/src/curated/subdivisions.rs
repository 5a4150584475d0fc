//! First-order subdivisions: `country_code,admin1_code,name,code`, compiled from ROR and GeoNames, for
//! registries whose own records say little about them.

use std::collections::BTreeMap;

use whence_model::CountryCode;

use super::Subdivision;
use crate::RegistryError;
use crate::table::Table;

/// Subdivisions by country and GeoNames code.
pub(crate) type Subdivisions = BTreeMap<(CountryCode, String), Subdivision>;

/// Reads the table; each subdivision at most once.
pub(crate) fn read(table: Table<'_>) -> Result<Subdivisions, RegistryError> {
    let mut subdivisions = Subdivisions::new();
    table.for_each_row(&["country_code", "admin1_code", "name", "code"], |row| {
        let country = row.parse("country_code", CountryCode::parse)?;
        let admin1_code = row.get("admin1_code").to_owned();
        let (name, code) = (row.get("name").to_owned(), row.get("code").to_owned());
        let key = (country, admin1_code.clone());
        match subdivisions.insert(
            key,
            Subdivision {
                country,
                admin1_code,
                name,
                code,
            },
        ) {
            Some(earlier) => Err(row.refuse(format!(
                "{}.{} occurs a second time",
                country, earlier.admin1_code
            ))),
            None => Ok(()),
        }
    })?;
    Ok(subdivisions)
}
