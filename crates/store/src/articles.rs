//! Stored articles: by id, by any identifier, page by page, and away.

use std::sync::Arc;

use whence_model::{ArticleId, ResolvedArticle, ResolverVersions};

use crate::codec::damaged;
use crate::draft::{ChangedCluster, Draft, find_article, read_cluster, unseal_cluster};
use crate::identity::Cluster;
use crate::key::{ARTICLES, Key};
use crate::store::View;
use crate::{Store, StoreError};

/// An article as stored: the record that speaks for it, under the id of them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredArticle {
    /// Its id.
    pub id: ArticleId,
    /// The winning record with its addresses resolved.
    pub article: ResolvedArticle,
    /// What resolved that record.
    pub resolved_with: ResolverVersions,
    /// Further DOIs, PMIDs and PMCIDs under this one article, in order: a conflict between its records,
    /// or between the versions of one.
    pub conflicting_ids: Vec<ArticleId>,
}

/// One article before and after: whatever was counted under the id gives way to `after`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleChange {
    /// The id.
    pub id: ArticleId,
    /// What is stored under it now; none if nothing is.
    pub after: Option<StoredArticle>,
}

/// An article that was deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its id.
    pub id: ArticleId,
    /// Every article that is other than before.
    pub changes: Vec<ArticleChange>,
    /// Revision of the store after the deletion.
    pub revision: u64,
}

impl Store {
    /// The article with this id, or with this DOI, PMID, PMCID or source id on any of its records.
    pub fn article(&self, id: &ArticleId) -> Result<Option<StoredArticle>, StoreError> {
        self.reading(|tree, view| {
            let Some(id) = find_article(tree, id)? else {
                return Ok(None);
            };
            let missing = || {
                damaged(
                    &Key::Article(id.clone()).encode(),
                    "an identifier leads to it, and it is missing",
                )
            };
            let article = read_cluster(tree, &id)?.ok_or_else(missing)?;
            stored(article, view).map(Some)
        })
    }

    /// At most `limit` articles in order of id, from the first one after `after`.
    pub fn articles_after(
        &self,
        after: Option<&ArticleId>,
        limit: usize,
    ) -> Result<Vec<StoredArticle>, StoreError> {
        // The next key in byte order after any key is that key and a zero byte.
        let from = after.map_or_else(
            || ARTICLES.to_vec(),
            |id| [Key::Article(id.clone()).encode(), vec![0]].concat(),
        );
        self.reading(|tree, view| {
            let page = tree.scan(ARTICLES.to_vec(), from).take(limit);
            page.map(|entry| {
                let (key, sealed) = entry?;
                stored(unseal_cluster(&key, &sealed)?, view)
            })
            .collect()
        })
    }

    /// Deletes the article that an identifier leads to, with every record of it; none if there is none.
    /// Nothing remembers it: a record of it that comes again is recorded again.
    pub fn delete_article(&self, id: &ArticleId) -> Result<Option<Deleted>, StoreError> {
        let (deleted, revision) = self.writing(|tree, view| {
            let mut draft = Draft::new(tree);
            let Some(id) = draft.remove_article(id)? else {
                return Ok((None, None));
            };
            let (writes, changes) = draft.finish()?;
            Ok((Some((id, stored_changes(changes, view)?)), Some(writes)))
        })?;
        Ok(deleted.map(|(id, changes)| Deleted {
            id,
            changes,
            revision,
        }))
    }
}

pub(crate) fn stored_changes(
    changes: Vec<ChangedCluster>,
    view: &View,
) -> Result<Vec<ArticleChange>, StoreError> {
    let change = |ChangedCluster { id, now }| {
        let after = now.map(|article| stored(article, view)).transpose()?;
        Ok(ArticleChange { id, after })
    };
    changes.into_iter().map(change).collect()
}

fn stored(article: Cluster, view: &View) -> Result<StoredArticle, StoreError> {
    let number = article.winner().resolved_with;
    let versions = view.versions.get(number as usize);
    let missing = || {
        damaged(
            &Key::Versions(number).encode(),
            "an article needs it, and it is missing",
        )
    };
    let resolved_with = versions.ok_or_else(missing)?.clone();
    let Cluster {
        id,
        mut records,
        conflicting_ids,
    } = article;
    let article = Arc::unwrap_or_clone(records.swap_remove(0).article);
    Ok(StoredArticle {
        id,
        article,
        resolved_with,
        conflicting_ids,
    })
}
