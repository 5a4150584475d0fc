//! Data files as rows with named columns; every complaint names the file, the line and the column.

use csv::{ReaderBuilder, StringRecord};

use crate::error::DataError;

/// A table reduced to the columns that are needed, in the order in which they were asked for.
pub(crate) struct CsvTable<const N: usize> {
    what: String,
    columns: [&'static str; N],
    positions: [usize; N],
    records: Vec<StringRecord>,
}

/// One row.
pub(crate) struct Row<'a, const N: usize> {
    table: &'a CsvTable<N>,
    record: &'a StringRecord,
}

impl<const N: usize> CsvTable<N> {
    /// Parses a table; lines that start with `#` are comments, further columns are left alone.
    pub(crate) fn parse(what: &str, text: &str, columns: [&'static str; N]) -> Result<Self, DataError> {
        let faulty = |reason: String| DataError::Table {
            what: what.to_owned(),
            reason,
        };
        let mut reader = ReaderBuilder::new()
            .comment(Some(b'#'))
            .from_reader(text.as_bytes());
        let header = reader
            .headers()
            .map_err(|error| faulty(error.to_string()))?
            .clone();
        let mut positions = [0; N];
        for (position, column) in positions.iter_mut().zip(columns) {
            *position = header
                .iter()
                .position(|name| name.trim() == column)
                .ok_or_else(|| faulty(format!("the column {column} is missing from the header")))?;
        }
        let records = reader
            .records()
            .collect::<Result<_, _>>()
            .map_err(|error| faulty(error.to_string()))?;
        Ok(Self {
            what: what.to_owned(),
            columns,
            positions,
            records,
        })
    }

    /// The rows, in order.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Row<'_, N>> {
        self.records.iter().map(move |record| Row { table: self, record })
    }
}

impl<const N: usize> Row<'_, N> {
    /// The trimmed text of the n-th column asked for.
    pub(crate) fn get(&self, column: usize) -> &str {
        self.record
            .get(self.table.positions[column])
            .unwrap_or_default()
            .trim()
    }

    /// The non-empty, trimmed pieces of a column, separated by `|` or `;`.
    pub(crate) fn list(&self, column: usize) -> impl Iterator<Item = &str> {
        self.get(column)
            .split(['|', ';'])
            .map(str::trim)
            .filter(|piece| !piece.is_empty())
    }

    /// The n-th column's parsed value; none if it is empty.
    pub(crate) fn parse<T, E: ToString>(
        &self,
        column: usize,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, DataError> {
        let text = self.get(column);
        if text.is_empty() {
            return Ok(None);
        }
        parse(text)
            .map(Some)
            .map_err(|error| self.error(self.table.columns[column], error.to_string()))
    }

    /// A complaint about this row.
    pub(crate) fn error(&self, column: &'static str, reason: String) -> DataError {
        let line = self.record.position().map_or(0, csv::Position::line);
        DataError::Row {
            what: self.table.what.clone(),
            line,
            column,
            reason,
        }
    }
}
