//! Canonical bytes: what two indexes must agree on to be the same, in a form that no machine or order of
//! arrival changes.
//!
//! Every value is written as a tag or a length followed by its bytes; numbers are big-endian. Nothing of
//! imports, times or sequences goes in. The checksum of an index is SHA-256 over the digests of its
//! articles in order of id, so that it can be kept up to date article by article.

use sha2::{Digest, Sha256};
use whence_model::{
    Article, AuthorKind, InstitutionMatch, Place, PublicationDate, Resolution, ResolvedArticle, Role,
};

/// Version of the methodology: a change of any rule that can change an answer raises it.
pub const METHODOLOGY_VERSION: &str = "1";

/// SHA-256 over the canonical bytes of an article with its resolutions and the methodology version.
pub fn resolved_digest(resolved: &ResolvedArticle) -> [u8; 32] {
    let mut bytes = Canonical::default();
    bytes.text(METHODOLOGY_VERSION);
    bytes.article(resolved.article());
    bytes.list(resolved.resolutions(), |bytes, address| {
        bytes.text(&address.affiliation);
        bytes.resolution(&address.resolution);
    });
    bytes.finish()
}

/// SHA-256 over the canonical bytes of a record as its source gave it, title and revision included: the
/// digest that decides between two states of one record.
pub fn record_digest(article: &Article) -> [u8; 32] {
    let mut bytes = Canonical::default();
    bytes.article(article);
    bytes.text(&article.title);
    bytes.number(article.version.into());
    bytes.date(article.revision_date);
    bytes.list(&article.fields, |bytes, field| bytes.text(&field.label));
    bytes.finish()
}

/// SHA-256 over digests that come in order of article id.
pub(crate) fn index_checksum<'a>(digests: impl Iterator<Item = &'a [u8; 32]>) -> [u8; 32] {
    let mut hasher = Sha256::new();
    digests.for_each(|digest| hasher.update(digest));
    hasher.finalize().into()
}

#[derive(Default)]
struct Canonical {
    hasher: Sha256,
}

impl Canonical {
    fn finish(self) -> [u8; 32] {
        self.hasher.finalize().into()
    }

    fn number(&mut self, number: u64) {
        self.hasher.update(number.to_be_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.hasher.update(text);
    }

    fn optional(&mut self, value: Option<String>) {
        self.number(u64::from(value.is_some()));
        if let Some(value) = value {
            self.text(&value);
        }
    }

    fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(values.len() as u64);
        for value in values {
            write(self, value);
        }
    }

    fn date(&mut self, date: Option<PublicationDate>) {
        self.optional(date.map(|date| date.to_string()));
    }

    fn article(&mut self, article: &Article) {
        let ids = &article.identifiers;
        self.optional(ids.doi.as_ref().map(ToString::to_string));
        self.optional(ids.pmid.map(|id| id.to_string()));
        self.optional(ids.pmcid.map(|id| id.to_string()));
        self.optional(ids.source_id.clone());
        self.text(article.source.as_str());
        self.list(&article.venue.issns, |bytes, issn| bytes.text(&issn.to_string()));
        self.text(&article.venue.title);
        self.date(article.electronic_date);
        self.date(article.print_date);
        self.list(&article.types, |bytes, words| bytes.text(words));
        self.number(u64::from(article.retracted));
        self.list(&article.flags, |bytes, flag| bytes.text(flag.as_str()));
        self.list(&article.fields, |bytes, field| {
            bytes.text(field.scheme.as_str());
            bytes.text(&field.code);
        });
        self.list(&article.authors, |bytes, author| {
            bytes.text(&author.name);
            bytes.number(match author.kind {
                AuthorKind::Person => 0,
                AuthorKind::Consortium => 1,
            });
            bytes.optional(author.orcid.map(|orcid| orcid.to_string()));
            bytes.list(&author.affiliations, |bytes, affiliation| bytes.text(affiliation));
        });
    }

    fn resolution(&mut self, resolution: &Resolution) {
        self.list(&resolution.institutions, Self::institution);
        self.list(&resolution.candidates, Self::institution);
        self.list(&resolution.unmatched, |bytes, unmatched| {
            bytes.number(unmatched.span.start.into());
            bytes.number(unmatched.span.end.into());
        });
        self.place(resolution.place);
    }

    fn institution(&mut self, found: &InstitutionMatch) {
        self.text(found.ror_id.as_str());
        self.number(found.confidence.ten_thousandths().into());
        self.number(found.span.start.into());
        self.number(found.span.end.into());
        self.number(match found.role {
            Role::Affiliation => 0,
            Role::PresentAddress => 1,
        });
        self.place(found.place);
    }

    fn place(&mut self, place: Place) {
        self.optional(place.locality().map(|id| id.to_string()));
        self.optional(place.country().map(|code| code.to_string()));
    }
}
