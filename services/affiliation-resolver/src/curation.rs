//! The overrides that act on answers, followed from the metrics service, which keeps them.
//!
//! A watch brings the full state and then every change; each makes a new value of [`Curated`], which a request
//! takes once, so that an answer and the revision beside it fit. When the watch breaks, answers go on with what
//! is known while it is opened again. A request that needs a revision which has not come waits for it, within
//! its deadline, and is refused rather than answered with less. Before the first full state nothing is answered.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use tonic::transport::Channel;
use whence_model::{ErrorKind, Override, OverrideId};
use whence_proto::curation::curation_service_client::CurationServiceClient;
use whence_proto::{IntoModel, OVERRIDE_REVISION_HEADER, curation as pb};
use whence_resolve::overrides::Overrides;
use whence_runtime::serve::MESSAGE_BYTES_MAX;
use whence_runtime::{Deadline, ServiceError};

/// How long a request waits for a revision, if its deadline does not end that sooner.
const PATIENCE: Duration = Duration::from_secs(5);
/// The waits before a broken watch is opened again: doubling between the two.
const WATCH_AGAIN_MIN: Duration = Duration::from_millis(50);
const WATCH_AGAIN_MAX: Duration = Duration::from_secs(5);
/// Changes that wait are taken together, at most so many messages.
const TOGETHER: usize = 1_000;

/// Why a request cannot be answered with the overrides that it needs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurationError {
    /// They have not come in time.
    #[error(
        "revision {needed} of the overrides has not reached this resolver, which is at {}; try again",
        reached.map_or_else(|| "none".to_owned(), |reached| reached.to_string())
    )]
    Behind {
        /// The revision needed.
        needed: u64,
        /// The revision here; none before the first full state.
        reached: Option<u64>,
    },
    /// They never will.
    #[error(
        "revision {needed} of the overrides is needed, and this resolver does not follow any; set WHENCE_RESOLVER_CURATION to the URL of the metrics service"
    )]
    NotFollowed {
        /// The revision needed.
        needed: u64,
    },
    /// The header is not a revision.
    #[error("{OVERRIDE_REVISION_HEADER} is not a revision; give a whole number from 0 up")]
    Unreadable,
}

impl ServiceError for CurationError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Behind { .. } | Self::NotFollowed { .. } => ErrorKind::Unavailable,
            Self::Unreadable => ErrorKind::InvalidArgument,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Behind { .. } => "OVERRIDES_BEHIND",
            Self::NotFollowed { .. } => "OVERRIDES_NOT_FOLLOWED",
            Self::Unreadable => "OVERRIDE_REVISION_UNREADABLE",
        }
    }
}

/// The overrides as of one revision.
#[derive(Debug, Default)]
pub struct Curated {
    /// Those that stand.
    pub overrides: Overrides,
    /// Their revision.
    pub revision: u64,
    /// Which state this is of all that this process has had. A store that was restored from a backup counts its
    /// revisions anew; this never does.
    pub state: u64,
}

/// The newest overrides, and the watch that brings them.
#[derive(Clone, Debug)]
pub struct Curation {
    /// None before the first full state.
    newest: watch::Receiver<Option<Arc<Curated>>>,
    /// Whether there is a watch.
    follows: bool,
}

impl Curation {
    /// No overrides at all.
    pub fn none() -> Self {
        Self {
            newest: watch::channel(Some(Arc::default())).1,
            follows: false,
        }
    }

    /// Follows the curation service at the other end of this channel until told to stop.
    pub fn follow(metrics: Channel, stop: CancellationToken) -> Self {
        let (sender, newest) = watch::channel(None);
        let client = CurationServiceClient::new(metrics).max_decoding_message_size(MESSAGE_BYTES_MAX);
        tokio::spawn(stop.run_until_cancelled_owned(follow(client, sender)));
        Self {
            newest,
            follows: true,
        }
    }

    /// The overrides that a request is to be answered with: of the revision that it needs, or newer.
    pub async fn for_request<T>(&self, request: &tonic::Request<T>) -> Result<Arc<Curated>, CurationError> {
        let needed = needed(request)?;
        if let Some(curated) = self.newest.borrow().as_ref().filter(|it| it.revision >= needed) {
            return Ok(Arc::clone(curated));
        }
        if !self.follows {
            return Err(CurationError::NotFollowed { needed });
        }
        // A refusal must come before the deadline does: it tells the caller to ask another replica.
        let patience =
            Deadline::of(request).map_or(PATIENCE, |deadline| PATIENCE.min(deadline.remaining() * 4 / 5));
        let mut newest = self.newest.clone();
        let is_enough =
            |it: &Option<Arc<Curated>>| it.as_ref().is_some_and(|curated| curated.revision >= needed);
        let reached = tokio::time::timeout(patience, newest.wait_for(is_enough)).await;
        let reached = reached.ok().and_then(Result::ok).and_then(|it| it.clone());
        reached.ok_or_else(|| CurationError::Behind {
            needed,
            reached: self.newest.borrow().as_ref().map(|curated| curated.revision),
        })
    }

    /// The newest overrides, for what goes on after a request was taken.
    pub fn newest(&self) -> Arc<Curated> {
        self.newest.borrow().clone().unwrap_or_default()
    }
}

/// The revision that the headers of a request ask for; 0 if they do not.
fn needed<T>(request: &tonic::Request<T>) -> Result<u64, CurationError> {
    let Some(header) = request.metadata().get(OVERRIDE_REVISION_HEADER) else {
        return Ok(0);
    };
    let revision = header.to_str().ok().and_then(|text| text.parse().ok());
    revision.ok_or(CurationError::Unreadable)
}

type Newest = watch::Sender<Option<Arc<Curated>>>;

/// Opens the watch, again and again.
async fn follow(client: CurationServiceClient<Channel>, newest: Newest) {
    let mut wait = WATCH_AGAIN_MIN;
    loop {
        let before = newest.borrow().as_ref().map(|curated| curated.state);
        if let Err(status) = watch(client.clone(), &newest).await {
            tracing::warn!(code = ?status.code(), message = status.message(), "the watch of overrides has ended");
        }
        let has_moved = newest.borrow().as_ref().map(|curated| curated.state) != before;
        wait = if has_moved {
            WATCH_AGAIN_MIN
        } else {
            WATCH_AGAIN_MAX.min(wait * 2)
        };
        tokio::time::sleep(wait).await;
    }
}

async fn watch(mut client: CurationServiceClient<Channel>, newest: &Newest) -> Result<(), Status> {
    let request = pb::WatchOverridesRequest::default();
    let changes = client.watch_overrides(request).await?.into_inner();
    let mut changes = changes.ready_chunks(TOGETHER);
    let mut standing = BTreeMap::new();
    while let Some(messages) = changes.next().await {
        let mut reached = None;
        let mut broken = None;
        for message in messages {
            match message {
                Ok(message) => reached = take(message, &mut standing)?.or(reached),
                Err(status) => broken = Some(status),
            }
        }
        if let Some(revision) = reached {
            publish(&standing, revision, newest).await?;
        }
        if let Some(status) = broken {
            return Err(status);
        }
    }
    Ok(())
}

/// Takes a message over; gives the revision that is reached with it, unless more of the same state follows.
fn take(
    message: pb::WatchOverridesResponse,
    standing: &mut BTreeMap<OverrideId, Arc<Override>>,
) -> Result<Option<u64>, Status> {
    let pb::WatchOverridesResponse {
        created,
        deleted_override_ids,
        revision,
        partial,
    } = message;
    // An override that is not understood must not be passed over in silence.
    let not_understood =
        |error: &dyn std::fmt::Display| Status::internal(format!("an override is not understood: {error}"));
    for entry in created {
        let entry = entry.into_model().map_err(|error| not_understood(&error))?;
        standing.insert(entry.id, Arc::new(entry));
    }
    for id in deleted_override_ids {
        standing.remove(&OverrideId::parse(&id).map_err(|error| not_understood(&error))?);
    }
    let revision = u64::try_from(revision).map_err(|error| not_understood(&error))?;
    Ok((!partial).then_some(revision))
}

/// From now on these answer.
async fn publish(
    standing: &BTreeMap<OverrideId, Arc<Override>>,
    revision: u64,
    newest: &Newest,
) -> Result<(), Status> {
    let entries: Vec<_> = standing.values().cloned().collect();
    let count = entries.len();
    let overrides = spawn_blocking(move || Overrides::new(entries.iter().map(AsRef::as_ref))).await;
    let overrides = overrides.map_err(|error| Status::internal(error.to_string()))?;
    let state = newest.borrow().as_ref().map_or(1, |curated| curated.state + 1);
    newest.send_replace(Some(Arc::new(Curated {
        overrides,
        revision,
        state,
    })));
    if state == 1 {
        tracing::info!(standing = count, revision, "overrides loaded");
    } else {
        tracing::debug!(standing = count, revision, "overrides changed");
    }
    Ok(())
}
