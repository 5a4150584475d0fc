//! A thin cursor over XML events: from element to child element, the text of an element, or past it.
//!
//! Only the predefined entities and character references are expanded, so that no document can grow in
//! memory; any other is a problem of its record, not of the stream.

use std::io;
use std::sync::Arc;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::error::FormatError;
use crate::metered::{Metered, RECORD_BYTES_MAX, RecordTooLarge};

/// The cursor. Every [`Tag`] that it gives must be read to its end, by [`Xml::children`],
/// [`Xml::text`] or [`Xml::skip`], before the next one is asked for.
pub(crate) struct Xml {
    reader: Reader<Metered>,
    buffer: Vec<u8>,
    rooted: bool,
    problem: Option<String>,
}

/// The start of an element.
pub(crate) struct Tag(BytesStart<'static>);

impl Tag {
    pub(crate) fn name(&self) -> &str {
        self.0.name().0
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.name() == name
    }

    /// The value of an attribute, if it is there and well-formed.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let attribute = self.0.try_get_attribute(name).ok().flatten()?;
        Some(attribute.value.trim().to_owned())
    }
}

/// Why the stream cannot be read further.
pub(crate) enum Fault {
    Xml(quick_xml::Error),
    Ends,
    Root(String),
    NoRoot,
    Encoding(String),
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        Self::Xml(error)
    }
}

impl Fault {
    pub(crate) fn into_error(self, location: String) -> FormatError {
        let reason = match self {
            Self::Xml(quick_xml::Error::Io(source)) if !is_too_large(&source) => {
                let source =
                    Arc::try_unwrap(source).unwrap_or_else(|shared| io::Error::new(shared.kind(), shared));
                return FormatError::from_read(location, source);
            }
            Self::Xml(quick_xml::Error::Io(_)) => {
                format!("one record has more than {RECORD_BYTES_MAX} bytes: leave it out or shorten it")
            }
            Self::Xml(error) => format!("malformed XML ({error}): fetch the file again or mend it there"),
            Self::Ends => "the XML ends in the middle of an element: fetch the file again".to_owned(),
            Self::Root(name) => format!("the document is <{name}>: PubMed XML is a <PubmedArticleSet>"),
            Self::NoRoot => "there is no XML element: PubMed XML is a <PubmedArticleSet>".to_owned(),
            Self::Encoding(name) => format!("the XML is encoded in {name}: convert it to UTF-8"),
        };
        FormatError::Malformed { location, reason }
    }
}

fn is_too_large(error: &io::Error) -> bool {
    error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<RecordTooLarge>())
        .is_some()
}

impl Xml {
    pub(crate) fn new(text: Metered) -> Self {
        let mut reader = Reader::from_reader(text);
        reader.config_mut().expand_empty_elements = true;
        Self {
            reader,
            buffer: Vec::new(),
            rooted: false,
            problem: None,
        }
    }

    pub(crate) fn begin_record(&mut self) {
        self.reader.get_mut().begin_record();
    }

    pub(crate) fn line(&self) -> u64 {
        self.reader.get_ref().line()
    }

    pub(crate) fn position(&self) -> u64 {
        self.reader.get_ref().position()
    }

    /// What was wrong inside the elements read since the last call, though the stream can go on.
    pub(crate) fn take_problem(&mut self) -> Option<String> {
        self.problem.take()
    }

    /// The next element of the document itself; none at its end. A document without any is a fault.
    pub(crate) fn root(&mut self) -> Result<Option<Tag>, Fault> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer)? {
                Event::Start(start) => {
                    self.rooted = true;
                    return Ok(Some(Tag(start.into_owned())));
                }
                Event::Decl(declaration) => {
                    let encoding = declaration.encoding().and_then(Result::ok).unwrap_or_default();
                    if !matches!(
                        encoding.to_ascii_lowercase().as_str(),
                        "" | "utf-8" | "utf8" | "us-ascii"
                    ) {
                        return Err(Fault::Encoding(encoding.into_owned()));
                    }
                }
                Event::Eof if self.rooted => return Ok(None),
                Event::Eof => return Err(Fault::NoRoot),
                _ => {}
            }
        }
    }

    /// The next child of the current element, or none at its end. Text between the children is layout.
    pub(crate) fn child(&mut self) -> Result<Option<Tag>, Fault> {
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer)? {
                Event::Start(start) => return Ok(Some(Tag(start.into_owned()))),
                Event::End(_) => return Ok(None),
                Event::Eof => return Err(Fault::Ends),
                _ => {}
            }
        }
    }

    /// Visits the children of the current element to its end.
    pub(crate) fn children(
        &mut self,
        mut visit: impl FnMut(&mut Self, &Tag) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        while let Some(tag) = self.child()? {
            visit(self, &tag)?;
        }
        Ok(())
    }

    /// The text of the current element to its end, inline markup flattened, white space around it cut.
    pub(crate) fn text(&mut self) -> Result<String, Fault> {
        let mut text = String::new();
        let mut depth = 0_u64;
        loop {
            self.buffer.clear();
            match self.reader.read_event_into(&mut self.buffer)? {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => return Ok(text.trim().to_owned()),
                Event::End(_) => depth -= 1,
                Event::Text(piece) => text.push_str(&piece.xml10_content()),
                Event::CData(piece) => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(reference) => match expand(&reference) {
                    Some(Expansion::Character(character)) => text.push(character),
                    Some(Expansion::Entity(entity)) => text.push_str(entity),
                    None => {
                        let problem = || {
                            format!(
                                "entity &{}; is not defined: write the character itself",
                                &*reference
                            )
                        };
                        self.problem.get_or_insert_with(problem);
                    }
                },
                Event::Eof => return Err(Fault::Ends),
                _ => {}
            }
        }
    }

    /// Passes over the current element.
    pub(crate) fn skip(&mut self, tag: &Tag) -> Result<(), Fault> {
        self.buffer.clear();
        self.reader.read_to_end_into(tag.0.name(), &mut self.buffer)?;
        Ok(())
    }
}

enum Expansion {
    Character(char),
    Entity(&'static str),
}

fn expand(reference: &BytesRef<'_>) -> Option<Expansion> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => Some(Expansion::Character(character)),
        Ok(None) => resolve_xml_entity(reference).map(Expansion::Entity),
        Err(_) => None,
    }
}
