//! PubMed XML, as the National Library of Medicine publishes it (DTD `pubmed_190101` and its later
//! revisions; the DTD is declared and never fetched).
//!
//! Takes the text of a `<PubmedArticleSet>`, gives its records. One record at a time: `citation` walks
//! the XML and keeps the strings that matter, `article` gives them their meaning, `date` reads the
//! dates. Abstracts, references and investigators (who are not authors) are passed over.

mod article;
mod citation;
mod date;
mod xml;

use whence_model::{Pmid, RecordKey, Slug};

use crate::error::FormatError;
use crate::metered::Metered;
use crate::record::{Notes, Record, Refused, literal_slug};
use citation::Citation;
use xml::{Fault, Tag, Xml};

/// Gives the records of one `<PubmedArticleSet>` in order.
pub(crate) struct PubmedReader {
    name: String,
    xml: Xml,
    within: Within,
    records: u64,
    source: Slug,
    notes: Notes,
}

/// The element whose children come next.
enum Within {
    Document,
    Set,
    Deletions,
}

impl PubmedReader {
    pub(crate) fn new(name: &str, text: Metered) -> Self {
        Self {
            name: name.to_owned(),
            xml: Xml::new(text),
            within: Within::Document,
            records: 0,
            source: literal_slug("pubmed"),
            notes: Notes::default(),
        }
    }

    pub(crate) fn notes(&self) -> &Notes {
        &self.notes
    }

    pub(crate) fn next_record(&mut self) -> Result<Option<Record>, FormatError> {
        self.advance()
            .map_err(|fault| fault.into_error(self.failure_location()))
    }

    fn advance(&mut self) -> Result<Option<Record>, Fault> {
        loop {
            self.xml.begin_record();
            match self.within {
                Within::Document => match self.xml.root()? {
                    Some(tag) if tag.is("PubmedArticleSet") => self.within = Within::Set,
                    Some(tag) => return Err(Fault::Root(tag.name().to_owned())),
                    None => return Ok(None),
                },
                Within::Set => match self.xml.child()? {
                    Some(tag) if tag.is("DeleteCitation") => self.within = Within::Deletions,
                    Some(tag) => return self.record(&tag).map(Some),
                    None => self.within = Within::Document,
                },
                Within::Deletions => match self.xml.child()? {
                    Some(_) => return self.deletion().map(Some),
                    None => self.within = Within::Set,
                },
            }
        }
    }

    fn record(&mut self, tag: &Tag) -> Result<Record, Fault> {
        self.records += 1;
        let line = self.xml.line();
        if !tag.is("PubmedArticle") {
            self.xml.skip(tag)?;
            let reason = format!("<{}> is not an article: only <PubmedArticle> is read", tag.name());
            return Ok(self.refused(line, "", reason));
        }
        let citation = Citation::read(&mut self.xml)?;
        let id = citation.pmid.clone();
        if let Some(problem) = self.xml.take_problem() {
            return Ok(self.refused(line, &id, problem));
        }
        Ok(match citation.into_article(&self.source, &mut self.notes) {
            Ok(article) => Record::Article(Box::new(article)),
            Err(reason) => self.refused(line, &id, reason),
        })
    }

    fn deletion(&mut self) -> Result<Record, Fault> {
        self.records += 1;
        let line = self.xml.line();
        let id = self.xml.text()?;
        Ok(match Pmid::parse(&id) {
            Ok(pmid) => Record::Deleted(RecordKey {
                source: self.source.clone(),
                source_id: pmid.to_string(),
            }),
            Err(invalid) => self.refused(line, &id, format!("DeleteCitation: {invalid}")),
        })
    }

    fn refused(&self, line: u64, id: &str, reason: String) -> Record {
        let called = if id.is_empty() {
            String::new()
        } else {
            format!(" (PMID {id})")
        };
        let location = format!("{}: record {}{called}, line {line}", self.name, self.records);
        Record::Refused(Refused {
            record_id: id.to_owned(),
            location,
            reason,
        })
    }

    fn failure_location(&self) -> String {
        let (line, byte) = (self.xml.line(), self.xml.position());
        format!(
            "{}: line {line}, byte {byte} of the text, after record {}",
            self.name, self.records
        )
    }
}

#[cfg(test)]
mod tests;
