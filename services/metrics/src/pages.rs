//! Pages: how long they are, and the tokens that lead from one to the next.
//!
//! A token is hexadecimal and means nothing to callers. Its first byte says which call gave it, so that
//! it cannot be taken for one of another call.

use prost::Message;
use sha2::{Digest, Sha256};
use whence_model::{ArticleId, OverrideId};
use whence_proto::{Violations, metrics as pb};
use whence_store::ImportId;

use crate::error::MetricsError;

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 1_000;
/// A page ends early rather than grow beyond what clients take.
const PAGE_BYTES_MAX: usize = 8 << 20;

const OF_ARTICLES: u8 = 1;
const OF_CONTRIBUTIONS: u8 = 2;
const OF_REJECTIONS: u8 = 3;
const OF_RANKINGS: u8 = 4;
const OF_OVERRIDES: u8 = 5;

/// The length of a page as asked for.
pub(crate) fn page_size(violations: &mut Violations, size: i32) -> Option<usize> {
    let size =
        usize::try_from(size).map_err(|_| format!("{size} is negative; leave it out for {PAGE_DEFAULT}"));
    violations.accept("page_size", size).map(|size| {
        if size == 0 {
            PAGE_DEFAULT
        } else {
            size.min(PAGE_MAX)
        }
    })
}

/// The length of a page of a call that has nothing else to check.
pub(crate) fn only_page_size(size: i32) -> Result<usize, MetricsError> {
    let mut violations = Violations::default();
    let size = page_size(&mut violations, size);
    Ok(violations.finish(size)?)
}

/// Fills a page with what comes: values under their keys. Gives the last key if more would follow.
pub(crate) fn fill<K, V>(
    size: usize,
    coming: impl Iterator<Item = Result<(K, V), MetricsError>>,
    length_bytes: impl Fn(&V) -> usize,
) -> Result<(Vec<V>, Option<K>), MetricsError> {
    let (mut page, mut last, mut bytes) = (Vec::new(), None, 0);
    for entry in coming {
        let (key, value) = entry?;
        bytes += length_bytes(&value);
        if page.len() == size || (bytes > PAGE_BYTES_MAX && !page.is_empty()) {
            return Ok((page, last));
        }
        page.push(value);
        last = Some(key);
    }
    Ok((page, None))
}

/// The article that a page of `ListArticles` or `ListContributions` begins after.
#[derive(Clone, Copy)]
pub(crate) struct AfterArticle(u8);

impl AfterArticle {
    pub(crate) const ARTICLES: Self = Self(OF_ARTICLES);
    pub(crate) const CONTRIBUTIONS: Self = Self(OF_CONTRIBUTIONS);

    pub(crate) fn token(self, last: Option<&ArticleId>) -> String {
        last.map(|id| seal(self.0, id.as_str().as_bytes()))
            .unwrap_or_default()
    }

    pub(crate) fn read(self, token: &str) -> Result<Option<ArticleId>, MetricsError> {
        let Some(bytes) = open(self.0, token)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).map_err(|_| MetricsError::MalformedPageToken)?;
        ArticleId::parse(&text)
            .map(Some)
            .map_err(|_| MetricsError::MalformedPageToken)
    }
}

/// The token of the page of rejections after a sequence.
pub(crate) fn rejections_token(import: &ImportId, last: Option<u64>) -> String {
    let token = |last: u64| {
        seal(
            OF_REJECTIONS,
            &[&last.to_be_bytes(), import.as_str().as_bytes()].concat(),
        )
    };
    last.map(token).unwrap_or_default()
}

/// The sequence that a page of an import's rejections begins after.
pub(crate) fn read_rejections(import: &ImportId, token: &str) -> Result<u64, MetricsError> {
    let Some(bytes) = open(OF_REJECTIONS, token)? else {
        return Ok(0);
    };
    let (last, of) = bytes
        .split_first_chunk()
        .ok_or(MetricsError::MalformedPageToken)?;
    if of != import.as_str().as_bytes() {
        return Err(MetricsError::PageOfOtherQuery);
    }
    Ok(u64::from_be_bytes(*last))
}

/// The token of the page of overrides after one, in a list with or without deleted ones.
pub(crate) fn overrides_token(show_deleted: bool, last: Option<OverrideId>) -> String {
    let token = |last: OverrideId| {
        let query = [u8::from(show_deleted)];
        seal(OF_OVERRIDES, &[&last.get().to_be_bytes(), &query[..]].concat())
    };
    last.map(token).unwrap_or_default()
}

/// The override that a page begins after.
pub(crate) fn read_overrides(show_deleted: bool, token: &str) -> Result<Option<OverrideId>, MetricsError> {
    let Some(bytes) = open(OF_OVERRIDES, token)? else {
        return Ok(None);
    };
    let (last, query) = bytes
        .split_first_chunk()
        .ok_or(MetricsError::MalformedPageToken)?;
    if *query != [u8::from(show_deleted)] {
        return Err(MetricsError::PageOfOtherQuery);
    }
    let last = OverrideId::new(u64::from_be_bytes(*last));
    last.map(Some).ok_or(MetricsError::MalformedPageToken)
}

/// SHA-256 of what a ranking is asked for, without which page of it.
pub(crate) fn ranking_digest(request: &pb::ListRankingsRequest) -> [u8; 32] {
    let query = pb::ListRankingsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    Sha256::digest(query.encode_to_vec()).into()
}

/// The token of the page of a ranking that begins at this position.
pub(crate) fn rankings_token(revision: u64, digest: [u8; 32], position: usize) -> String {
    let position = position as u64;
    seal(
        OF_RANKINGS,
        &[&revision.to_be_bytes()[..], &position.to_be_bytes(), &digest].concat(),
    )
}

/// The position that a page of a ranking begins at: of the same query and of an index that is as it was.
pub(crate) fn read_rankings(token: &str, revision: u64, digest: [u8; 32]) -> Result<usize, MetricsError> {
    let Some(bytes) = open(OF_RANKINGS, token)? else {
        return Ok(0);
    };
    let parts = bytes
        .split_first_chunk()
        .and_then(|(then, rest)| Some((then, rest.split_first_chunk()?)));
    let (then, (position, of)) = parts.ok_or(MetricsError::MalformedPageToken)?;
    if of != digest {
        return Err(MetricsError::PageOfOtherQuery);
    }
    let then = u64::from_be_bytes(*then);
    if then != revision {
        return Err(MetricsError::IndexChanged { then, now: revision });
    }
    usize::try_from(u64::from_be_bytes(*position)).map_err(|_| MetricsError::MalformedPageToken)
}

fn seal(of: u8, bytes: &[u8]) -> String {
    hex::encode([&[of], bytes].concat())
}

/// What stands in a token; none in an empty one.
fn open(of: u8, token: &str) -> Result<Option<Vec<u8>>, MetricsError> {
    if token.is_empty() {
        return Ok(None);
    }
    let mut bytes = hex::decode(token).map_err(|_| MetricsError::MalformedPageToken)?;
    if bytes.first() != Some(&of) {
        return Err(MetricsError::MalformedPageToken);
    }
    bytes.remove(0);
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_where_it_was_given() {
        let id = ArticleId::parse("10.1/ab").unwrap();
        let token = AfterArticle::ARTICLES.token(Some(&id));
        assert_eq!(AfterArticle::ARTICLES.read(&token).unwrap(), Some(id));
        assert!(matches!(
            AfterArticle::CONTRIBUTIONS.read(&token),
            Err(MetricsError::MalformedPageToken)
        ));
        assert_eq!(AfterArticle::ARTICLES.read("").unwrap(), None);
        for bad in ["x", "01", "0", "01ff", "04"] {
            assert!(AfterArticle::ARTICLES.read(bad).is_err(), "{bad}");
        }

        let (june, july) = (ImportId::parse("june").unwrap(), ImportId::parse("july").unwrap());
        let token = rejections_token(&june, Some(7));
        assert_eq!(read_rejections(&june, &token).unwrap(), 7);
        assert!(matches!(
            read_rejections(&july, &token),
            Err(MetricsError::PageOfOtherQuery)
        ));

        let token = overrides_token(true, OverrideId::new(7));
        assert_eq!(read_overrides(true, &token).unwrap(), OverrideId::new(7));
        assert!(matches!(
            read_overrides(false, &token),
            Err(MetricsError::PageOfOtherQuery)
        ));
    }

    #[test]
    fn a_page_of_a_ranking_belongs_to_one_query_and_one_revision() {
        let query = |limit| pb::ListRankingsRequest {
            entity_kind: 1,
            page_size: limit,
            ..Default::default()
        };
        let digest = ranking_digest(&query(1));
        assert_eq!(digest, ranking_digest(&query(2)));
        let other = ranking_digest(&pb::ListRankingsRequest {
            entity_kind: 2,
            ..query(1)
        });
        let token = rankings_token(5, digest, 40);
        assert_eq!(read_rankings(&token, 5, digest).unwrap(), 40);
        assert!(matches!(
            read_rankings(&token, 5, other),
            Err(MetricsError::PageOfOtherQuery)
        ));
        assert!(matches!(
            read_rankings(&token, 6, digest),
            Err(MetricsError::IndexChanged { then: 5, now: 6 })
        ));
        assert!(matches!(
            read_rankings("0400", 5, digest),
            Err(MetricsError::MalformedPageToken)
        ));
    }

    #[test]
    fn a_page_is_full_by_number_or_by_size_and_never_empty_for_size() {
        let numbers =
            |lengths: &'static [usize]| lengths.iter().enumerate().map(|(key, length)| Ok((key, *length)));
        let filled = |size, lengths| fill(size, numbers(lengths), |length| *length).unwrap();
        assert_eq!(filled(2, &[1, 2, 3]), (vec![1, 2], Some(1)));
        assert_eq!(filled(3, &[1, 2, 3]), (vec![1, 2, 3], None));
        assert_eq!(filled(3, &[]), (vec![], None));
        assert_eq!(
            filled(3, &[PAGE_BYTES_MAX + 1, 1]),
            (vec![PAGE_BYTES_MAX + 1], Some(0))
        );
        assert_eq!(filled(3, &[1, PAGE_BYTES_MAX, 1]), (vec![1], Some(0)));
    }
}
