//! The sample of articles that the product carries reads whole.

use std::collections::HashSet;
use std::path::Path;

use whence_formats::{Record, open};

#[test]
fn every_article_of_the_sample_is_dated_and_addressed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample/articles.jsonl.zst");
    let mut ids = HashSet::new();
    for record in open(&path, None).unwrap() {
        let Record::Article(article) = record.unwrap() else {
            panic!("not an article")
        };
        assert!(article.month().is_some(), "{:?}", article.identifiers);
        assert!(
            article
                .personal_authors()
                .all(|(_, author)| !author.affiliations.is_empty())
        );
        assert!(article.personal_authors().count() > 0 && !article.retracted);
        assert!(ids.insert(article.id()));
    }
    assert_eq!(ids.len(), 1500);
}
