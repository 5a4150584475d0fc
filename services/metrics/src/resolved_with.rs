//! Which resolver versions the stored articles were resolved with.
//!
//! Nearly always all of them with the same, so only the others are remembered one by one.

use std::collections::HashMap;

use whence_model::{ArticleId, ResolverVersions};

/// The versions in use, article by article.
#[derive(Debug, Default)]
pub(crate) struct ResolvedWith {
    /// Each once; an article that is not among the others has the first.
    versions: Vec<ResolverVersions>,
    /// Articles with another than the first, by its position.
    others: HashMap<ArticleId, usize>,
}

impl ResolvedWith {
    /// Notes what an article is resolved with now.
    pub(crate) fn insert(&mut self, id: &ArticleId, versions: &ResolverVersions) {
        let known = self.versions.iter().position(|known| known == versions);
        let position = known.unwrap_or_else(|| {
            self.versions.push(versions.clone());
            self.versions.len() - 1
        });
        if position == 0 {
            self.others.remove(id);
        } else {
            self.others.insert(id.clone(), position);
        }
    }

    /// Forgets an article.
    pub(crate) fn remove(&mut self, id: &ArticleId) {
        self.others.remove(id);
    }

    /// The versions that some of so many articles were resolved with, in order.
    pub(crate) fn in_use(&self, article_count: usize) -> Vec<&ResolverVersions> {
        let mut counts = vec![0; self.versions.len()];
        for &position in self.others.values() {
            counts[position] += 1;
        }
        if let Some(first) = counts.first_mut() {
            *first = article_count.saturating_sub(self.others.len());
        }
        let mut used: Vec<_> = self
            .versions
            .iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .collect();
        used.sort_unstable();
        used.into_iter().map(|(versions, _)| versions).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_listed_as_long_as_an_article_has_it() {
        let id = |text| ArticleId::parse(text).unwrap();
        let versions = |text: &str| ResolverVersions {
            registry_version: text.into(),
            ..ResolverVersions::default()
        };
        let mut resolved_with = ResolvedWith::default();
        assert!(resolved_with.in_use(0).is_empty());
        resolved_with.insert(&id("10.1/a"), &versions("v2"));
        resolved_with.insert(&id("10.1/b"), &versions("v1"));
        resolved_with.insert(&id("10.1/c"), &versions("v2"));
        assert_eq!(resolved_with.in_use(3), [&versions("v1"), &versions("v2")]);
        resolved_with.insert(&id("10.1/b"), &versions("v2"));
        assert_eq!(resolved_with.in_use(3), [&versions("v2")]);
        resolved_with.insert(&id("10.1/b"), &versions("v1"));
        resolved_with.remove(&id("10.1/a"));
        resolved_with.remove(&id("10.1/c"));
        assert_eq!(resolved_with.in_use(1), [&versions("v1")]);
    }
}
