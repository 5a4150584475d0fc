//! `<PubmedArticle>` as strings: what the XML says, before anything is made of it.
//!
//! Walks one element and keeps what an article needs; the meaning is given in `article`. Identifiers
//! are those of the article itself: the ids of references and of corrections lie in other elements,
//! which are passed over.

use crate::pubmed::date::PrintedDate;
use crate::pubmed::xml::{Fault, Tag, Xml};

/// The strings of one citation.
#[derive(Debug, Default)]
pub(super) struct Citation {
    pub(super) pmid: String,
    pub(super) version: Option<String>,
    pub(super) date_revised: Option<PrintedDate>,
    pub(super) pub_model: String,
    pub(super) pub_date: Option<PrintedDate>,
    pub(super) article_dates: Vec<PrintedDate>,
    pub(super) journal_title: String,
    pub(super) issns: Vec<String>,
    pub(super) title: String,
    pub(super) types: Vec<String>,
    pub(super) retraction_notice: bool,
    pub(super) dois: Vec<String>,
    pub(super) location_dois: Vec<String>,
    pub(super) pmcids: Vec<String>,
    pub(super) headings: Vec<Heading>,
    pub(super) authors: Vec<Byline>,
    pub(super) authors_incomplete: bool,
}

/// A heading of the Medical Subject Headings.
#[derive(Debug, Default)]
pub(super) struct Heading {
    pub(super) code: String,
    pub(super) label: String,
}

/// An entry of the byline.
#[derive(Debug, Default)]
pub(super) struct Byline {
    pub(super) superseded: bool,
    pub(super) last_name: String,
    pub(super) fore_name: String,
    pub(super) initials: String,
    pub(super) suffix: String,
    pub(super) collective_name: Option<String>,
    pub(super) orcid: Option<String>,
    pub(super) affiliations: Vec<String>,
}

impl Citation {
    /// Reads the `<PubmedArticle>` that was just entered, to its end.
    pub(super) fn read(xml: &mut Xml) -> Result<Self, Fault> {
        let mut citation = Self::default();
        xml.children(|xml, tag| match tag.name() {
            "MedlineCitation" => citation.read_medline_citation(xml),
            "PubmedData" => citation.read_pubmed_data(xml),
            _ => xml.skip(tag),
        })?;
        Ok(citation)
    }

    fn read_medline_citation(&mut self, xml: &mut Xml) -> Result<(), Fault> {
        xml.children(|xml, tag| match tag.name() {
            "PMID" => {
                self.version = tag.attribute("Version");
                assign(&mut self.pmid, xml)
            }
            "DateRevised" => {
                self.date_revised = Some(read_date(xml)?);
                Ok(())
            }
            "Article" => {
                self.pub_model = tag.attribute("PubModel").unwrap_or_default();
                self.read_article(xml)
            }
            "MedlineJournalInfo" => xml.children(|xml, tag| match tag.name() {
                "ISSNLinking" => append(&mut self.issns, xml),
                _ => xml.skip(tag),
            }),
            "MeshHeadingList" => self.read_headings(xml),
            "CommentsCorrectionsList" => xml.children(|xml, tag| {
                self.retraction_notice |= tag
                    .attribute("RefType")
                    .is_some_and(|kind| kind == "RetractionIn");
                xml.skip(tag)
            }),
            _ => xml.skip(tag),
        })
    }

    fn read_article(&mut self, xml: &mut Xml) -> Result<(), Fault> {
        xml.children(|xml, tag| match tag.name() {
            "Journal" => self.read_journal(xml),
            "ArticleTitle" => assign(&mut self.title, xml),
            "ELocationID" if tag.attribute("EIdType").is_some_and(|kind| kind == "doi") && is_valid(tag) => {
                append(&mut self.location_dois, xml)
            }
            "AuthorList" if tag.attribute("Type").is_none_or(|kind| kind == "authors") => {
                self.authors_incomplete |= tag
                    .attribute("CompleteYN")
                    .is_some_and(|complete| complete == "N");
                self.read_authors(xml)
            }
            "PublicationTypeList" => xml.children(|xml, _| append(&mut self.types, xml)),
            "ArticleDate" => {
                self.article_dates.push(read_date(xml)?);
                Ok(())
            }
            _ => xml.skip(tag),
        })
    }

    fn read_journal(&mut self, xml: &mut Xml) -> Result<(), Fault> {
        xml.children(|xml, tag| match tag.name() {
            "ISSN" => append(&mut self.issns, xml),
            "Title" => assign(&mut self.journal_title, xml),
            "JournalIssue" => xml.children(|xml, tag| match tag.name() {
                "PubDate" => {
                    self.pub_date = Some(read_date(xml)?);
                    Ok(())
                }
                _ => xml.skip(tag),
            }),
            _ => xml.skip(tag),
        })
    }

    fn read_authors(&mut self, xml: &mut Xml) -> Result<(), Fault> {
        xml.children(|xml, tag| {
            if !tag.is("Author") {
                return xml.skip(tag);
            }
            let mut author = Byline {
                superseded: !is_valid(tag),
                ..Byline::default()
            };
            xml.children(|xml, tag| author.read_part(xml, tag))?;
            self.authors.push(author);
            Ok(())
        })
    }

    fn read_headings(&mut self, xml: &mut Xml) -> Result<(), Fault> {
        xml.children(|xml, _| {
            xml.children(|xml, tag| {
                if !tag.is("DescriptorName") {
                    return xml.skip(tag);
                }
                let code = tag.attribute("UI").unwrap_or_default();
                self.headings.push(Heading {
                    code,
                    label: xml.text()?,
                });
                Ok(())
            })
        })
    }

    fn read_pubmed_data(&mut self, xml: &mut Xml) -> Result<(), Fault> {
        xml.children(|xml, tag| match tag.name() {
            "ArticleIdList" => xml.children(|xml, tag| match tag.attribute("IdType").as_deref() {
                Some("doi") => append(&mut self.dois, xml),
                Some("pmc") => append(&mut self.pmcids, xml),
                _ => xml.skip(tag),
            }),
            _ => xml.skip(tag),
        })
    }
}

impl Byline {
    fn read_part(&mut self, xml: &mut Xml, tag: &Tag) -> Result<(), Fault> {
        match tag.name() {
            "LastName" => assign(&mut self.last_name, xml),
            "ForeName" => assign(&mut self.fore_name, xml),
            "Initials" => assign(&mut self.initials, xml),
            "Suffix" => assign(&mut self.suffix, xml),
            "CollectiveName" => {
                self.collective_name = Some(xml.text()?);
                Ok(())
            }
            "Identifier" if tag.attribute("Source").is_some_and(|source| source == "ORCID") => {
                self.orcid = Some(xml.text()?);
                Ok(())
            }
            "AffiliationInfo" => xml.children(|xml, tag| match tag.name() {
                "Affiliation" => append(&mut self.affiliations, xml),
                _ => xml.skip(tag),
            }),
            // Before 2015 the address was a child of the author itself.
            "Affiliation" => append(&mut self.affiliations, xml),
            _ => xml.skip(tag),
        }
    }
}

fn read_date(xml: &mut Xml) -> Result<PrintedDate, Fault> {
    let mut date = PrintedDate::default();
    xml.children(|xml, tag| match tag.name() {
        "Year" => assign(&mut date.year, xml),
        "Month" => assign(&mut date.month, xml),
        "Day" => assign(&mut date.day, xml),
        "MedlineDate" => assign(&mut date.medline_date, xml),
        // A season names no month.
        _ => xml.skip(tag),
    })?;
    Ok(date)
}

fn is_valid(tag: &Tag) -> bool {
    tag.attribute("ValidYN").is_none_or(|valid| valid != "N")
}

fn assign(place: &mut String, xml: &mut Xml) -> Result<(), Fault> {
    *place = xml.text()?;
    Ok(())
}

fn append(list: &mut Vec<String>, xml: &mut Xml) -> Result<(), Fault> {
    let text = xml.text()?;
    // An empty element says nothing.
    if !text.is_empty() {
        list.push(text);
    }
    Ok(())
}
