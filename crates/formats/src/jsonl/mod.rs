//! Whence JSONL: one JSON object a line, an article or a deletion.
//!
//! ```json
//! {"doi":"10.1/ab","pmid":7,"pmcid":"PMC7","source":"mine","source_id":"a-7","version":2,"revision_date":"2021-07-01",
//!  "journal":{"title":"Nature","issns":["0028-0836"]},"electronic_date":"2021-06-08","print_date":"2021-07","types":["Journal Article"],
//!  "retracted":false,"flags":["letter"],"title":"On addresses","fields":[{"scheme":"mesh","code":"D000818","label":"Animals"}],
//!  "authors":[{"name":"Ada Lovelace","kind":"person","orcid":"0000-0002-1825-0097","affiliations":["Peking University, Beijing, China"]}]}
//! {"delete":{"source":"mine","source_id":"a-7"}}
//! ```
//!
//! (Wrapped here only.) Everything is optional but some identifier. An unknown member is refused by
//! name, so that a misspelt one is never ignored. What [`write_article`] writes, the reader gives back
//! as the same article.

mod line;
mod reader;
mod writer;

pub(crate) use reader::JsonlReader;
pub use writer::{write_article, write_deletion};

#[cfg(test)]
mod tests;
