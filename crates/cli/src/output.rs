//! Output: tables for people, `--json` and `--csv` for scripts; results on stdout, everything else on stderr.

use std::io::{self, Write};

use clap::Args;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;

use crate::error::CliError;

/// How results are printed.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct OutputArgs {
    /// Print one JSON document
    #[arg(long, global = true, conflicts_with = "csv", help_heading = "Output")]
    pub json: bool,
    /// Print CSV with a header line
    #[arg(long, global = true, help_heading = "Output")]
    pub csv: bool,
}

/// A row that scripts read: flat, under these names.
pub trait Row: Serialize {
    /// The names of its fields, in order.
    const COLUMNS: &'static [&'static str];
}

/// One column of a table for people.
pub struct Column<'a, T> {
    /// Its heading.
    pub heading: &'a str,
    /// Whether it holds numbers.
    pub right_aligned: bool,
    /// Its text for a row.
    pub text: fn(&T) -> String,
}

impl<'a, T> Column<'a, T> {
    /// A column of words.
    pub fn text(heading: &'a str, text: fn(&T) -> String) -> Self {
        Self {
            heading,
            right_aligned: false,
            text,
        }
    }

    /// A column of numbers.
    pub fn number(heading: &'a str, text: fn(&T) -> String) -> Self {
        Self {
            heading,
            right_aligned: true,
            text,
        }
    }
}

impl OutputArgs {
    /// Whether people read the result.
    pub fn for_people(self) -> bool {
        !self.json && !self.csv
    }

    /// Prints rows: as a table, or each with all its fields for scripts.
    pub fn print_rows<T: Row>(self, rows: &[T], columns: &[Column<'_, T>]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            print_json(&mut out, rows)
        } else if self.csv {
            print_csv(out, T::COLUMNS, rows)
        } else {
            writeln!(out, "{}", table(rows, columns).trim_fmt())
        }
    }

    /// Prints a value with lists in it, which CSV cannot hold.
    pub fn print_document<T: Serialize>(
        self,
        value: &T,
        for_people: impl FnOnce(&T) -> String,
    ) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            print_json(&mut out, value)
        } else {
            writeln!(out, "{}", for_people(value))
        }
    }

    /// Prints one value: its fields, or one document or row for scripts.
    pub fn print_one<T: Row>(self, value: &T, for_people: impl FnOnce(&T) -> String) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            print_json(&mut out, value)
        } else if self.csv {
            print_csv(out, T::COLUMNS, std::slice::from_ref(value))
        } else {
            writeln!(out, "{}", for_people(value))
        }
    }
}

/// Prints a text for people.
pub fn print_text(text: &str) -> Result<(), CliError> {
    // A reader that has enough, as `head` does, makes an error here and a panic in `println!`.
    writeln!(io::stdout(), "{text}").map_err(CliError::writing("standard output"))
}

fn print_json<T: Serialize + ?Sized>(out: &mut impl Write, value: &T) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

/// A table without rows still has its header.
fn print_csv<T: Serialize>(out: impl Write, columns: &[&str], rows: &[T]) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(out);
    writer.write_record(columns).map_err(io::Error::other)?;
    for row in rows {
        writer.serialize(row).map_err(io::Error::other)?;
    }
    writer.flush()
}

/// A table with a heading and no frame.
pub fn table<T>(rows: &[T], columns: &[Column<'_, T>]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_header(columns.iter().map(|column| column.heading));
    for row in rows {
        table.add_row(columns.iter().map(|column| (column.text)(row)));
    }
    for (index, column) in columns.iter().enumerate() {
        if let Some(table_column) = table.column_mut(index) {
            table_column.set_padding((0, 2));
            if column.right_aligned {
                table_column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    table
}

/// A whole number with thin groups of three, as people read it.
pub fn grouped(number: impl TryInto<i128>) -> String {
    let number: i128 = number.try_into().unwrap_or_default();
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number < 0 {
        format!("-{grouped}")
    } else {
        grouped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (-20_788, "-20,788"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
