//! The newest revision of the overrides that this gateway has heard of: what every request to a resolver needs.
//!
//! It is learnt from the headers of the curation service, so that a creation counts before its caller knows
//! of it, and from a watch of its own, for what other gateways and earlier ones have passed through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use tokio::task::{AbortHandle, JoinHandle};
use tonic::transport::Channel;
use tonic::{Request, Status};
use whence_proto::OVERRIDE_REVISION_HEADER;
use whence_proto::curation::WatchOverridesRequest;
use whence_proto::curation::curation_service_client::CurationServiceClient;

/// How long a watch that has ended waits before it is opened again.
const WATCH_AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The newest known revision. Clones share it; it only grows.
#[derive(Clone, Debug, Default)]
pub struct OverrideRevision {
    newest: Arc<AtomicU64>,
}

impl OverrideRevision {
    /// Takes note of a revision.
    pub fn raise(&self, revision: u64) {
        self.newest.fetch_max(revision, Ordering::AcqRel);
    }

    /// The newest.
    pub fn newest(&self) -> u64 {
        self.newest.load(Ordering::Acquire)
    }

    /// Takes note of what the headers of an answer say.
    pub fn learn(&self, headers: &HeaderMap) {
        if let Some(revision) = read(headers) {
            self.raise(revision);
        }
    }

    /// Asks for the newest revision, or for a newer one if the caller of the request does.
    pub fn stamp(&self, headers: &mut HeaderMap) {
        let newest = self.newest();
        let asked = headers.contains_key(OVERRIDE_REVISION_HEADER);
        // What cannot be read is the resolver's to refuse.
        let is_enough = read(headers).map_or(asked || newest == 0, |revision| revision >= newest);
        if !is_enough {
            headers.insert(OVERRIDE_REVISION_HEADER, HeaderValue::from(newest));
        }
    }

    /// A request to a resolver that needs the newest revision.
    pub fn stamped<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let mut headers = std::mem::take(request.metadata_mut()).into_headers();
        self.stamp(&mut headers);
        *request.metadata_mut() = tonic::metadata::MetadataMap::from_headers(headers);
        request
    }

    /// Follows the revisions of the metrics service at the other end of this channel.
    pub fn follow(&self, metrics: Channel) -> Following {
        let (client, revision) = (CurationServiceClient::new(metrics), self.clone());
        let task: JoinHandle<()> = tokio::spawn(async move {
            loop {
                if let Err(status) = revision.watch(client.clone()).await {
                    tracing::debug!(%status, "the watch of overrides has ended");
                }
                tokio::time::sleep(WATCH_AGAIN_AFTER).await;
            }
        });
        Following(task.abort_handle())
    }

    async fn watch(&self, mut client: CurationServiceClient<Channel>) -> Result<(), Status> {
        let request = WatchOverridesRequest { revisions_only: true };
        let mut changes = client.watch_overrides(request).await?.into_inner();
        while let Some(change) = changes.message().await? {
            self.raise(u64::try_from(change.revision).unwrap_or_default());
        }
        Ok(())
    }
}

fn read(headers: &HeaderMap) -> Option<u64> {
    headers.get(OVERRIDE_REVISION_HEADER)?.to_str().ok()?.parse().ok()
}

/// A watch that ends with this value.
#[derive(Debug)]
pub struct Following(AbortHandle);

impl Drop for Following {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamped(newest: u64, asked: Option<&'static str>) -> Option<String> {
        let revision = OverrideRevision::default();
        revision.raise(newest);
        let mut headers = HeaderMap::new();
        if let Some(asked) = asked {
            headers.insert(OVERRIDE_REVISION_HEADER, HeaderValue::from_static(asked));
        }
        revision.stamp(&mut headers);
        let stamp = headers.get(OVERRIDE_REVISION_HEADER)?;
        Some(stamp.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_request_asks_for_the_newest_revision_that_its_caller_or_the_gateway_knows() {
        for (newest, asked, stamp) in [
            (0, None, None),
            (7, None, Some("7")),
            (7, Some("3"), Some("7")),
            (7, Some("9"), Some("9")),
            (0, Some("9"), Some("9")),
            (7, Some("soon"), Some("soon")),
        ] {
            assert_eq!(stamped(newest, asked).as_deref(), stamp, "{newest} {asked:?}");
        }
    }

    #[test]
    fn a_revision_only_grows() {
        let revision = OverrideRevision::default();
        let mut headers = HeaderMap::new();
        for (told, newest) in [("4", 4), ("2", 4), ("x", 4), ("5", 5)] {
            headers.insert(OVERRIDE_REVISION_HEADER, HeaderValue::from_static(told));
            revision.learn(&headers);
            assert_eq!(revision.newest(), newest);
        }
    }
}
