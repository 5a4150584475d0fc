//! `WatchOverrides`: the overrides that stand, then every change as it comes, until the service stops.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::{Stream, stream};
use tokio::sync::watch;
use tonic::Status;
use whence_model::Override;
use whence_proto::curation as pb;
use whence_runtime::to_status;

use crate::convert::count;
use crate::error::MetricsError;
use crate::state::MetricsState;

/// Overrides in one message: with the longest texts that they may have it stays well below the limit.
const TOGETHER: usize = 400;

/// What one watcher has been sent.
struct Watcher {
    state: Arc<MetricsState>,
    revisions_only: bool,
    revisions: watch::Receiver<u64>,
    /// None until the full state has been sent.
    reached: Option<u64>,
    waiting: VecDeque<pb::WatchOverridesResponse>,
}

/// The messages to one watcher.
pub(crate) fn changes(
    state: Arc<MetricsState>,
    revisions_only: bool,
) -> impl Stream<Item = Result<pb::WatchOverridesResponse, Status>> + Send {
    let watcher = Watcher {
        revisions: state.override_revision.subscribe(),
        state,
        revisions_only,
        reached: None,
        waiting: VecDeque::new(),
    };
    stream::try_unfold(watcher, |mut watcher| async move {
        let message = watcher.next().await.map_err(to_status)?;
        Ok(Some((message, watcher)))
    })
}

impl Watcher {
    async fn next(&mut self) -> Result<pb::WatchOverridesResponse, MetricsError> {
        loop {
            if let Some(message) = self.waiting.pop_front() {
                return Ok(message);
            }
            if self.reached.is_some() {
                self.changed().await?;
            }
            self.collect()?;
        }
    }

    /// Waits for a revision that has not been seen.
    async fn changed(&mut self) -> Result<(), MetricsError> {
        let stopping = self.state.stopping.clone();
        tokio::select! {
            changed = self.revisions.changed() => changed.map_err(|_| MetricsError::Stopping),
            () = stopping.cancelled() => Err(MetricsError::Stopping),
        }
    }

    fn collect(&mut self) -> Result<(), MetricsError> {
        let book = self.state.book()?;
        let revision = book.revision();
        let changed = match self.reached {
            _ if self.revisions_only => vec![],
            None => book.after(None).filter(|it| it.stands()).cloned().collect(),
            Some(reached) => book.changed_since(reached),
        };
        drop(book);
        // A change that came while another was sent may have gone with it.
        if self.reached != Some(revision) {
            self.waiting = messages(&changed, revision);
            self.reached = Some(revision);
        }
        Ok(())
    }
}

fn messages(changed: &[Arc<Override>], revision: u64) -> VecDeque<pb::WatchOverridesResponse> {
    let message = |changed: &[Arc<Override>]| {
        let (standing, deleted): (Vec<_>, Vec<_>) = changed.iter().partition(|it| it.stands());
        pb::WatchOverridesResponse {
            created: standing
                .into_iter()
                .map(|it| Override::clone(it).into())
                .collect(),
            deleted_override_ids: deleted.into_iter().map(|it| it.id.to_string()).collect(),
            revision: count(revision),
            partial: true,
        }
    };
    let mut messages: VecDeque<_> = changed.chunks(TOGETHER).map(message).collect();
    if messages.is_empty() {
        messages.push_back(message(&[]));
    }
    if let Some(last) = messages.back_mut() {
        last.partial = false;
    }
    messages
}
