//! Rows of an export, written as JSON lines or as CSV with a header.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use crate::error::CliError;
use crate::output::Row;
use crate::pending_file::PendingFile;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileForm {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated, with a header line.
    Csv,
}

impl FileForm {
    /// By the ending of the file; standard output takes JSON lines.
    pub(super) fn of(path: &Path) -> Result<Self, CliError> {
        let name = path.display();
        let ending = path
            .extension()
            .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        match ending.as_deref() {
            _ if path.as_os_str() == "-" => Ok(Self::Jsonl),
            Some("jsonl" | "ndjson") => Ok(Self::Jsonl),
            Some("csv") => Ok(Self::Csv),
            Some("parquet") => Err(CliError::usage(format!(
                "cannot write {name}: Parquet is not supported yet; name the file .jsonl or .csv"
            ))),
            _ => Err(CliError::usage(format!(
                "cannot tell the form of {name}; name the file .jsonl or .csv"
            ))),
        }
    }
}

/// Writes rows of one kind.
pub(super) struct RowWriter {
    out: PendingFile,
    form: FileForm,
    row_count: usize,
}

impl RowWriter {
    /// Begins a file.
    pub(super) fn create(path: &Path, form: FileForm) -> Result<Self, CliError> {
        Ok(Self {
            out: PendingFile::create(path)?,
            form,
            row_count: 0,
        })
    }

    /// Throws away what is written and begins anew, with the header of such rows.
    pub(super) fn begin<R: Row>(&mut self) -> Result<(), CliError> {
        self.begin_with(R::COLUMNS)
    }

    /// The same with these columns.
    pub(super) fn begin_with(&mut self, columns: &[&str]) -> Result<(), CliError> {
        if self.row_count > 0 && matches!(self.out, PendingFile::Stdout(_)) {
            let message =
                "the index has changed while it was written to standard output; export again, best to a file";
            return Err(CliError::Partly(message.to_owned()));
        }
        self.row_count = 0;
        let begun = self.out.restart().and_then(|()| match self.form {
            FileForm::Csv => self.line(|out| csv_line(out, columns)),
            FileForm::Jsonl => Ok(()),
        });
        begun.map_err(self.out.failed())
    }

    /// Adds a row.
    pub(super) fn write(&mut self, row: &impl Serialize) -> Result<(), CliError> {
        self.row_count += 1;
        let form = self.form;
        let written = self.line(|out| match form {
            FileForm::Csv => csv_line(out, row),
            FileForm::Jsonl => {
                serde_json::to_writer(&mut *out, row)?;
                out.write_all(b"\n")
            }
        });
        written.map_err(self.out.failed())
    }

    /// Adds a row that writes itself.
    pub(super) fn write_with(
        &mut self,
        write: impl FnOnce(&mut PendingFile) -> io::Result<()>,
    ) -> Result<(), CliError> {
        self.row_count += 1;
        self.line(write).map_err(self.out.failed())
    }

    /// Completes the file; gives the number of its rows.
    pub(super) fn finish(self) -> Result<usize, CliError> {
        self.out.finish()?;
        Ok(self.row_count)
    }

    fn line(&mut self, write: impl FnOnce(&mut PendingFile) -> io::Result<()>) -> io::Result<()> {
        write(&mut self.out)
    }
}

fn csv_line(out: &mut PendingFile, row: impl Serialize) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .buffer_capacity(512)
        .from_writer(out);
    writer.serialize(row).map_err(io::Error::other)?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_says_the_form() {
        let form = |path: &str| FileForm::of(Path::new(path)).map_err(|error| error.to_string());
        assert_eq!(form("a.CSV"), Ok(FileForm::Csv));
        assert_eq!(form("a.b.jsonl"), Ok(FileForm::Jsonl));
        assert_eq!(form("-"), Ok(FileForm::Jsonl));
        assert!(form("a.parquet").unwrap_err().contains("not supported yet"));
        assert!(form("a.xlsx").is_err() && form("csv").is_err());
    }
}
