//! One record of an import: from its message to what the store takes.
//!
//! A record whose content is not what the contract asks for fails alone: it becomes a refused record. A
//! message that cannot even be placed in the import ends it.

use whence_model::{RecordKey, Slug};
use whence_proto::metrics::record_entry::Content;
use whence_proto::{IntoModel, InvalidMessage, Violations, metrics as pb, types};
use whence_store::{EntryContent, ExcludedRecord, ImportEntry, ImportId, RefusedRecord};

use crate::error::MetricsError;

/// Reads one entry of an import.
pub(crate) fn read(import: &ImportId, entry: pb::RecordEntry) -> Result<ImportEntry, MetricsError> {
    let pb::RecordEntry { sequence, content } = entry;
    let sequence = read_sequence(sequence)?;
    let record_id = content.as_ref().map(name_of).unwrap_or_default();
    let content = read_content(content).unwrap_or_else(|invalid| {
        EntryContent::Refused(RefusedRecord {
            record_id,
            location: format!("sequence {sequence} of import {import}"),
            reason: invalid.to_string(),
        })
    });
    Ok(ImportEntry { sequence, content })
}

fn read_sequence(sequence: i64) -> Result<u64, MetricsError> {
    let mut violations = Violations::default();
    let positive = u64::try_from(sequence).ok().filter(|sequence| *sequence > 0);
    let positive = violations.within("entry", |violations| {
        violations.accept(
            "sequence",
            positive.ok_or_else(|| format!("{sequence} is below 1; sequences count from 1")),
        )
    });
    Ok(violations.finish(positive)?)
}

fn read_content(content: Option<Content>) -> Result<EntryContent, InvalidMessage> {
    let mut violations = Violations::default();
    let read = match content {
        None => {
            violations.report(
                "content",
                "is not set; give an article, refused, excluded or deleted",
            );
            None
        }
        Some(Content::Article(article)) => {
            let article = violations.within("article", |violations| article.check(violations));
            article.map(|article| EntryContent::Article(Box::new(article)))
        }
        Some(Content::Refused(pb::RefusedRecord {
            record_id,
            location,
            reason,
        })) => Some(EntryContent::Refused(RefusedRecord {
            record_id,
            location,
            reason,
        })),
        Some(Content::Excluded(pb::ExcludedRecord { record_id, reason })) => {
            Some(EntryContent::Excluded(ExcludedRecord { record_id, reason }))
        }
        Some(Content::Deleted(deleted)) => {
            violations.within("deleted", |violations| read_deleted(violations, deleted))
        }
    };
    violations.finish(read)
}

fn read_deleted(violations: &mut Violations, deleted: pb::DeletedRecord) -> Option<EntryContent> {
    let pb::DeletedRecord { source, source_id } = deleted;
    let source = violations.accept("source", Slug::parse(&source));
    if source_id.is_empty() {
        violations.report("source_id", "is empty");
        return None;
    }
    Some(EntryContent::Deleted(RecordKey {
        source: source?,
        source_id,
    }))
}

/// What a record calls itself, as far as it can be read.
fn name_of(content: &Content) -> String {
    match content {
        Content::Article(types::ResolvedArticle { article, .. }) => {
            article.as_ref().map(name_of_article).unwrap_or_default()
        }
        Content::Refused(record) => record.record_id.clone(),
        Content::Excluded(record) => record.record_id.clone(),
        Content::Deleted(record) => record.source_id.clone(),
    }
}

fn name_of_article(article: &types::Article) -> String {
    let identifiers = article.identifiers.iter();
    let mut names = identifiers.flat_map(|ids| [&ids.doi, &ids.pmid, &ids.pmcid, &ids.source_id]);
    names
        .find(|name| !name.is_empty())
        .unwrap_or(&article.title)
        .clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(content: Option<Content>) -> EntryContent {
        let import = ImportId::parse("june").unwrap();
        read(&import, pb::RecordEntry { sequence: 7, content })
            .unwrap()
            .content
    }

    fn refused(content: Option<Content>) -> (String, String) {
        match read_one(content) {
            EntryContent::Refused(record) => (record.record_id, record.reason),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_record_that_is_not_one_is_refused_under_its_name() {
        let identifiers = types::ArticleIdentifiers {
            pmid: "7".into(),
            ..Default::default()
        };
        let article = types::Article {
            identifiers: Some(identifiers),
            source: "PubMed".into(),
            version: -1,
            ..Default::default()
        };
        let content = Content::Article(types::ResolvedArticle {
            article: Some(article),
            resolutions: vec![],
        });
        let (name, reason) = refused(Some(content));
        assert_eq!(name, "7");
        assert!(
            reason.contains("article.article.source: ") && reason.contains("article.article.version: "),
            "{reason}"
        );
        assert!(refused(None).1.starts_with("content: "));
        let deleted = pb::DeletedRecord {
            source: "Pub Med".into(),
            source_id: String::new(),
        };
        let (_, reason) = refused(Some(Content::Deleted(deleted)));
        assert!(
            reason.contains("deleted.source: ") && reason.contains("deleted.source_id: "),
            "{reason}"
        );
    }

    #[test]
    fn a_record_without_a_place_in_the_import_ends_it() {
        let import = ImportId::parse("june").unwrap();
        for sequence in [0, -1] {
            let entry = pb::RecordEntry {
                sequence,
                content: None,
            };
            let error = read(&import, entry).unwrap_err();
            assert!(error.to_string().starts_with("entry.sequence: "), "{error}");
        }
    }
}
