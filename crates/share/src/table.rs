//! The contribution table: every stored article reduced to what queries ask of it, in memory.
//!
//! Takes resolved articles by id, in any order and as often as they change. What always holds: the table
//! is a function of the articles that are in it, never of how they came there; taking one out leaves
//! nothing behind that an answer could show. Articles without personal authors are kept and counted
//! apart; all others are worth exactly 1.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use whence_model::{ArticleId, Issn, PublicationDate, ResolvedArticle, Slug};

use crate::article_type::type_slug;
use crate::authorship::Authorship;
use crate::canonical::resolved_digest;
use crate::counting::{Counting, Slice};
use crate::divide::Method;
use crate::interner::Interner;
use crate::selection::FieldCode;

/// All articles, ready to be counted.
#[derive(Clone)]
pub struct ContributionTable {
    counting: Arc<Counting>,
    articles: BTreeMap<ArticleId, Stored>,
    pub(crate) venues: Interner<Vec<Issn>>,
    pub(crate) typings: Interner<Typing>,
    pub(crate) fields: Interner<FieldCode>,
}

/// The types of an article, as its source words them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Typing {
    pub(crate) source: Slug,
    /// In order, each once.
    pub(crate) types: Vec<Slug>,
}

/// What is kept of one article.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) digest: [u8; 32],
    pub(crate) date: Option<PublicationDate>,
    pub(crate) venue: u32,
    pub(crate) typing: u32,
    pub(crate) retracted: bool,
    pub(crate) flags: Box<[Slug]>,
    /// Numbers of fields, in order, each once.
    pub(crate) fields: Box<[u32]>,
    pub(crate) authorship: Authorship,
    /// By the default method.
    slices: Box<[Slice]>,
}

impl Stored {
    pub(crate) fn has_authors(&self) -> bool {
        self.authorship.author_count() > 0
    }
}

impl ContributionTable {
    /// An empty table that counts by these rules.
    pub fn new(counting: Arc<Counting>) -> Self {
        Self {
            counting,
            articles: BTreeMap::new(),
            venues: Interner::default(),
            typings: Interner::default(),
            fields: Interner::default(),
        }
    }

    /// The rules that it counts by.
    pub fn counting(&self) -> &Counting {
        &self.counting
    }

    /// Puts an article in, in place of what was there under its id. Says whether that changed anything.
    pub fn upsert(&mut self, id: &ArticleId, resolved: &ResolvedArticle) -> bool {
        let stored = self.reduce(resolved);
        let digest = stored.digest;
        let earlier = self.articles.insert(id.clone(), stored);
        earlier.is_none_or(|earlier| earlier.digest != digest)
    }

    /// Takes an article out. Says whether it was there.
    pub fn remove(&mut self, id: &ArticleId) -> bool {
        self.articles.remove(id).is_some()
    }

    /// Stored articles.
    pub fn len(&self) -> usize {
        self.articles.len()
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.articles.is_empty()
    }

    /// Whether an article is stored.
    pub fn contains(&self, id: &ArticleId) -> bool {
        self.articles.contains_key(id)
    }

    fn reduce(&mut self, resolved: &ResolvedArticle) -> Stored {
        let article = resolved.article();
        let authorship = self.counting.authorship(resolved);
        let slices = self.counting.slices(&authorship, Method::default()).into();
        let mut types: Vec<Slug> = article
            .types
            .iter()
            .filter_map(|words| type_slug(words))
            .collect();
        types.sort_unstable();
        types.dedup();
        let field = |field: &whence_model::ResearchField| FieldCode {
            scheme: field.scheme.clone(),
            code: field.code.clone(),
        };
        let mut fields: Vec<u32> = article
            .fields
            .iter()
            .map(|own| self.fields.intern(field(own)))
            .collect();
        fields.sort_unstable();
        fields.dedup();
        Stored {
            digest: resolved_digest(resolved),
            date: article.date(),
            venue: self.venues.intern(article.venue.issns.clone()),
            typing: self.typings.intern(Typing {
                source: article.source.clone(),
                types,
            }),
            retracted: article.retracted,
            flags: article.flags.clone().into(),
            fields: fields.into(),
            authorship,
            slices,
        }
    }

    /// All articles in order of id.
    pub(crate) fn articles(&self) -> impl Iterator<Item = (&ArticleId, &Stored)> {
        self.articles.iter()
    }

    /// The articles after an id, in order; all of them after none.
    pub(crate) fn articles_after<'a>(
        &'a self,
        id: Option<&ArticleId>,
    ) -> impl Iterator<Item = (&'a ArticleId, &'a Stored)> + use<'a> {
        let after = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.articles.range((after, Bound::Unbounded))
    }

    /// The slices of an article by a method.
    pub(crate) fn slices<'a>(&self, stored: &'a Stored, method: Method) -> Cow<'a, [Slice]> {
        if method == Method::default() {
            Cow::Borrowed(&stored.slices)
        } else {
            Cow::Owned(self.counting.slices(&stored.authorship, method))
        }
    }
}
