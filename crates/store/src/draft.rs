//! What one batch does to the articles, worked out in memory before anything is written.
//!
//! Takes record states and deletions one after the other and regroups the articles that each of them
//! touches; gives the keys to write and the articles that are other than before. Every record is in
//! exactly one article, and every identifier of an article leads to it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use whence_model::{ArticleId, RecordKey};

use crate::StoreError;
use crate::codec::article::{seal_records, unseal_records};
use crate::codec::damaged;
use crate::codec::ledger::{seal_alias, unseal_alias};
use crate::identity::{Absorbed, Cluster, RecordState, group, own_key};
use crate::import::Outcome;
use crate::key::Key;
use crate::store::{Tree, Writes};

/// Articles as they would be after the batch.
pub(crate) struct Draft<'a> {
    tree: &'a Tree,
    touched: BTreeMap<ArticleId, Touched>,
    /// Which article an identifier leads to, as far as asked or changed.
    owners: HashMap<ArticleId, Option<ArticleId>>,
}

#[derive(Default)]
struct Touched {
    before: Option<Cluster>,
    now: Option<Cluster>,
}

/// An article that the batch changes; none if it is gone.
pub(crate) struct ChangedCluster {
    pub(crate) id: ArticleId,
    pub(crate) now: Option<Cluster>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(tree: &'a Tree) -> Self {
        Self {
            tree,
            touched: BTreeMap::new(),
            owners: HashMap::new(),
        }
    }

    /// Takes in one state of a record; gives what became of it, and its article.
    pub(crate) fn record(&mut self, state: RecordState) -> Result<(Outcome, ArticleId), StoreError> {
        let own = state.own_key().clone();
        let home = self.find(&own)?;
        let stored = match &home {
            Some(id) => self
                .cluster(id)?
                .and_then(|article| article.record(state.key()))
                .cloned(),
            None => None,
        };
        let (known, state) = match stored.map(|stored| stored.absorb(&state)) {
            Some(Absorbed::Unchanged) => return Ok((Outcome::Unchanged, home.unwrap_or(own))),
            Some(Absorbed::Superseded(merged)) => (Some(Outcome::Unchanged), merged),
            Some(Absorbed::Replaced(merged)) => (Some(Outcome::Updated), merged),
            None => (None, state),
        };
        let mut ids = BTreeSet::from_iter(home);
        for key in state.keys() {
            ids.extend(self.find(key)?);
        }
        let outcome = known.unwrap_or(if ids.is_empty() {
            Outcome::Recorded
        } else {
            Outcome::Updated
        });
        self.regroup(&ids, |records| {
            records.retain(|record| record.key() != state.key());
            records.push(state);
        })?;
        let id = self.find(&own)?.unwrap_or(own);
        Ok((outcome, id))
    }

    /// Takes out one record; gives the article that it was in, none if it is not stored.
    pub(crate) fn remove_record(&mut self, key: &RecordKey) -> Result<Option<ArticleId>, StoreError> {
        // A key that no record can have names none.
        let Ok(own) = own_key(key) else { return Ok(None) };
        let home = self.find(&own)?;
        if let Some(id) = &home {
            self.regroup(&BTreeSet::from([id.clone()]), |records| {
                records.retain(|record| record.key() != key);
            })?;
        }
        Ok(home)
    }

    /// Takes out an article with all its records; gives its id, none if there is no such article.
    pub(crate) fn remove_article(&mut self, id: &ArticleId) -> Result<Option<ArticleId>, StoreError> {
        let found = self.find(id)?;
        if let Some(id) = &found {
            self.regroup(&BTreeSet::from([id.clone()]), Vec::clear)?;
        }
        Ok(found)
    }

    /// What to write, and every article that is other than before, in order of id.
    pub(crate) fn finish(self) -> Result<(Writes, Vec<ChangedCluster>), StoreError> {
        let mut writes = Writes::default();
        let mut aliases_before = BTreeMap::new();
        let mut aliases_now = BTreeMap::new();
        let mut changes = Vec::new();
        for (id, touched) in self.touched {
            aliases_before.extend(touched.before.iter().flat_map(aliases));
            aliases_now.extend(touched.now.iter().flat_map(aliases));
            if touched.before == touched.now {
                continue;
            }
            let key = Key::Article(id.clone());
            let sealed = touched
                .now
                .as_ref()
                .map(|article| seal_records(&key, &article.records))
                .transpose()?;
            writes.put_or_remove(&key, sealed);
            writes.articles_added += u64::from(touched.before.is_none() && touched.now.is_some());
            writes.articles_removed += u64::from(touched.before.is_some() && touched.now.is_none());
            let same = |before: &Cluster, now: &Cluster| before.reads_as(now);
            if !touched
                .before
                .as_ref()
                .zip(touched.now.as_ref())
                .is_some_and(|(before, now)| same(before, now))
            {
                changes.push(ChangedCluster { id, now: touched.now });
            }
        }
        for alias in aliases_before
            .keys()
            .filter(|alias| !aliases_now.contains_key(*alias))
        {
            writes.put_or_remove(&Key::Alias(alias.clone()), None);
        }
        for (alias, id) in &aliases_now {
            if aliases_before.get(alias) != Some(id) {
                let key = Key::Alias(alias.clone());
                let sealed = seal_alias(&key, id)?;
                writes.put_or_remove(&key, Some(sealed));
            }
        }
        Ok((writes, changes))
    }

    /// Takes these articles apart, changes their records, and puts what is left together again.
    fn regroup(
        &mut self,
        ids: &BTreeSet<ArticleId>,
        edit: impl FnOnce(&mut Vec<RecordState>),
    ) -> Result<(), StoreError> {
        let mut records = Vec::new();
        for id in ids {
            self.cluster(id)?;
            if let Some(article) = self.touched.get_mut(id).and_then(|touched| touched.now.take()) {
                self.owners.extend(article.keys().map(|key| (key.clone(), None)));
                records.extend(article.records);
            }
        }
        edit(&mut records);
        for article in group(records) {
            self.owners
                .extend(article.keys().map(|key| (key.clone(), Some(article.id.clone()))));
            let id = article.id.clone();
            self.touched.entry(id).or_default().now = Some(article);
        }
        Ok(())
    }

    /// The article that an identifier leads to.
    fn find(&mut self, key: &ArticleId) -> Result<Option<ArticleId>, StoreError> {
        if let Some(known) = self.owners.get(key) {
            return Ok(known.clone());
        }
        let found = find_article(self.tree, key)?;
        self.owners.insert(key.clone(), found.clone());
        Ok(found)
    }

    fn cluster(&mut self, id: &ArticleId) -> Result<Option<&Cluster>, StoreError> {
        if !self.touched.contains_key(id) {
            let before = read_cluster(self.tree, id)?;
            self.touched.insert(
                id.clone(),
                Touched {
                    now: before.clone(),
                    before,
                },
            );
        }
        Ok(self.touched.get(id).and_then(|touched| touched.now.as_ref()))
    }
}

/// Every identifier of an article that needs an entry of its own, with the id that it leads to.
fn aliases(article: &Cluster) -> impl Iterator<Item = (ArticleId, ArticleId)> {
    article
        .keys()
        .filter(|key| **key != article.id)
        .map(|key| (key.clone(), article.id.clone()))
}

/// The stored article that an identifier leads to.
pub(crate) fn find_article(tree: &Tree, id: &ArticleId) -> Result<Option<ArticleId>, StoreError> {
    if tree.contains(&Key::Article(id.clone()))? {
        return Ok(Some(id.clone()));
    }
    let key = Key::Alias(id.clone());
    tree.get(&key)?
        .map(|sealed| unseal_alias(&key.encode(), &sealed))
        .transpose()
}

/// The stored article with this id.
pub(crate) fn read_cluster(tree: &Tree, id: &ArticleId) -> Result<Option<Cluster>, StoreError> {
    let key = Key::Article(id.clone());
    tree.get(&key)?
        .map(|sealed| unseal_cluster(&key.encode(), &sealed))
        .transpose()
}

/// The article that a stored value is.
pub(crate) fn unseal_cluster(key: &[u8], sealed: &[u8]) -> Result<Cluster, StoreError> {
    let article =
        Cluster::new(unseal_records(key, sealed)?).ok_or_else(|| damaged(key, "it has no records"))?;
    if Key::Article(article.id.clone()).encode() != key {
        return Err(damaged(key, "its records are those of another article"));
    }
    Ok(article)
}
