//! A CSV table with named columns, read row by row with file and line for every message.

use csv::{ReaderBuilder, StringRecord, Trim};
use whence_model::InvalidText;

use crate::RegistryError;

/// A table as text, with the name it is cited by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

/// One row of a table.
pub(crate) struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a StringRecord,
    values: StringRecord,
}

impl Table<'_> {
    /// Calls `each` on every row. The table must have the `required` columns and may have others.
    pub(crate) fn for_each_row(
        self,
        required: &[&str],
        mut each: impl FnMut(&Row<'_>) -> Result<(), RegistryError>,
    ) -> Result<(), RegistryError> {
        let mut reader = ReaderBuilder::new()
            .trim(Trim::All)
            .from_reader(self.text.as_bytes());
        let columns = reader.headers().map_err(|error| self.malformed(&error))?.clone();
        if let Some(missing) = required
            .iter()
            .find(|name| !columns.iter().any(|column| column == **name))
        {
            let reason = format!("no column {missing}; the columns are {}", required.join(", "));
            return Err(RegistryError::Row {
                file: self.file.to_owned(),
                line: 1,
                reason,
            });
        }
        for values in reader.into_records() {
            let values = values.map_err(|error| self.malformed(&error))?;
            let line = values.position().map_or(0, csv::Position::line);
            each(&Row {
                file: self.file,
                line,
                columns: &columns,
                values,
            })?;
        }
        Ok(())
    }

    fn malformed(&self, error: &csv::Error) -> RegistryError {
        let line = error.position().map_or(0, csv::Position::line);
        RegistryError::Row {
            file: self.file.to_owned(),
            line,
            reason: error.to_string(),
        }
    }
}

impl Row<'_> {
    /// The value in a column; empty if the table lacks the column.
    pub(crate) fn get(&self, column: &str) -> &str {
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| self.values.get(at)).unwrap_or_default()
    }

    /// The value in a column, parsed.
    pub(crate) fn parse<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, InvalidText>,
    ) -> Result<T, RegistryError> {
        parse(self.get(column)).map_err(|error| self.refuse(format!("{column}: {error}")))
    }

    /// The parts of a value that are separated by `|`.
    pub(crate) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column)
            .split('|')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }

    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    pub(crate) fn refuse(&self, reason: impl Into<String>) -> RegistryError {
        RegistryError::Row {
            file: self.file.to_owned(),
            line: self.line,
            reason: reason.into(),
        }
    }
}
