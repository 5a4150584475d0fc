//! `RecordArticles`: an import opened, then its entries recorded in groups, each acknowledged once it is
//! on disk and counted.
//!
//! Entries that wait together are recorded together: one flush for all of them. An error ends the stream;
//! what was acknowledged before it stays, and the import goes on from there when it is opened again.

use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{self, ReadyChunks};
use futures::{Stream, StreamExt};
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::{Status, Streaming};
use whence_model::ResolverVersions;
use whence_proto::metrics::record_articles_request::Message;
use whence_proto::{Violations, metrics as pb, types};
use whence_runtime::to_status;
use whence_store::{Accounting, EntryOutcome, ImportEntry, ImportId, ImportState, Outcome, Recorded};

use crate::convert::{count, only_text};
use crate::entry;
use crate::error::MetricsError;
use crate::registry::check_not_newer;
use crate::state::MetricsState;

/// How many entries are recorded together at most.
const RECORD_TOGETHER: usize = 512;

type Requests = stream::TakeUntil<Streaming<pb::RecordArticlesRequest>, WaitForCancellationFutureOwned>;

/// Where a stream of `RecordArticles` stands.
enum Recording {
    Opening(Pin<Box<Requests>>),
    Open {
        import: ImportId,
        requests: ReadyChunks<Pin<Box<Requests>>>,
    },
    /// Whatever came before this error has been answered.
    Failed(Status),
}

/// The answers to a stream of requests. The stream ends early when the service stops.
pub(crate) fn answers(
    state: Arc<MetricsState>,
    requests: Streaming<pb::RecordArticlesRequest>,
) -> impl Stream<Item = Result<pb::RecordArticlesResponse, Status>> + Send {
    let stopping = state.stopping.clone().cancelled_owned();
    let opening = Recording::Opening(Box::pin(requests.take_until(stopping)));
    stream::try_unfold(opening, move |recording| {
        let state = Arc::clone(&state);
        async move {
            match recording {
                Recording::Opening(requests) => open(&state, requests).await,
                Recording::Open { import, requests } => record(&state, import, requests).await,
                Recording::Failed(status) => Err(status),
            }
        }
    })
}

type Step = Result<Option<(pb::RecordArticlesResponse, Recording)>, Status>;

/// Opens the import that the first message names, and says how far it has come.
async fn open(state: &Arc<MetricsState>, mut requests: Pin<Box<Requests>>) -> Step {
    let Some(first) = requests.next().await.transpose()? else {
        return ended(state);
    };
    let (import, resolved_with) = read_opening(first).map_err(to_status)?;
    check_not_newer(state.registry(), &resolved_with).map_err(to_status)?;
    let opened = import.clone();
    let import_state = state
        .blocking(move |state| state.open_import(&opened, &resolved_with))
        .await?;
    tracing::info!(import_id = %import, flushed_through = import_state.flushed_through, "import opened");
    let requests = requests.ready_chunks(RECORD_TOGETHER);
    Ok(Some((
        response(import_state, vec![]),
        Recording::Open { import, requests },
    )))
}

/// Records the entries that have come, and acknowledges them.
async fn record(
    state: &Arc<MetricsState>,
    import: ImportId,
    mut requests: ReadyChunks<Pin<Box<Requests>>>,
) -> Step {
    let Some(chunk) = requests.next().await else {
        tracing::info!(import_id = %import, "end of an import's stream");
        return ended(state);
    };
    let of = import.clone();
    let work = move |state: &MetricsState| {
        let (entries, failure) = read_entries(&of, chunk);
        let recorded = if entries.is_empty() {
            None
        } else {
            Some(state.record(&of, entries)?)
        };
        Ok((recorded, failure))
    };
    match state.blocking(work).await? {
        (Some(recorded), failure) => {
            let Recorded { outcomes, state, .. } = recorded;
            let next = failure.map_or(Recording::Open { import, requests }, Recording::Failed);
            Ok(Some((response(state, outcomes), next)))
        }
        (None, Some(status)) => Err(status),
        // `ready_chunks` gives no empty chunk.
        (None, None) => Ok(None),
    }
}

/// How a stream ends whose requests have ended: as its caller wished, or because the service stops.
fn ended(state: &MetricsState) -> Step {
    if state.stopping.is_cancelled() {
        Err(to_status(MetricsError::Stopping))
    } else {
        Ok(None)
    }
}

fn read_opening(request: pb::RecordArticlesRequest) -> Result<(ImportId, ResolverVersions), MetricsError> {
    let Some(Message::Open(pb::OpenImport {
        import_id,
        resolved_with,
    })) = request.message
    else {
        return Err(MetricsError::NotOpened);
    };
    let mut violations = Violations::default();
    let (import, resolved_with) = violations.within("open", |violations| {
        let import = violations.accept("import_id", ImportId::parse(&import_id));
        (
            import,
            violations.required::<types::ResolverVersions>("resolved_with", resolved_with),
        )
    });
    Ok(violations.finish(import.zip(resolved_with))?)
}

/// The entries up to the first message that ends the stream, and what it ends with.
fn read_entries(
    import: &ImportId,
    requests: Vec<Result<pb::RecordArticlesRequest, Status>>,
) -> (Vec<ImportEntry>, Option<Status>) {
    let mut entries = Vec::with_capacity(requests.len());
    for request in requests {
        match request.and_then(|request| read_entry(import, request).map_err(to_status)) {
            Ok(entry) => entries.push(entry),
            Err(status) => return (entries, Some(status)),
        }
    }
    (entries, None)
}

fn read_entry(import: &ImportId, request: pb::RecordArticlesRequest) -> Result<ImportEntry, MetricsError> {
    match request.message {
        Some(Message::Entry(message)) => entry::read(import, message),
        Some(Message::Open(_)) => Err(MetricsError::OpenedTwice(import.clone())),
        None => only_text("message", Err("is not set; send an entry")),
    }
}

fn response(state: ImportState, outcomes: Vec<EntryOutcome>) -> pb::RecordArticlesResponse {
    pb::RecordArticlesResponse {
        flushed_through: count(state.flushed_through),
        outcomes: outcomes.into_iter().map(outcome).collect(),
        accounting: Some(accounting(&state.accounting)),
    }
}

fn outcome(outcome: EntryOutcome) -> pb::EntryOutcome {
    let EntryOutcome {
        sequence,
        outcome,
        article_id,
        reason,
    } = outcome;
    let outcome = match outcome {
        Outcome::Recorded => pb::Outcome::Recorded,
        Outcome::Unchanged => pb::Outcome::Unchanged,
        Outcome::Updated => pb::Outcome::Updated,
        Outcome::Excluded => pb::Outcome::Excluded,
        Outcome::Rejected => pb::Outcome::Rejected,
        Outcome::Deleted => pb::Outcome::Deleted,
    };
    let rejected = outcome == pb::Outcome::Rejected;
    pb::EntryOutcome {
        sequence: count(sequence),
        outcome: outcome.into(),
        article_id: article_id.map(|id| id.to_string()).unwrap_or_default(),
        reason: if rejected { reason } else { String::new() },
    }
}

fn accounting(accounting: &Accounting) -> pb::ImportAccounting {
    let Accounting {
        read,
        recorded,
        unchanged,
        updated,
        excluded,
        rejected,
        deleted,
        authors,
        affiliations,
        resolved_affiliations,
    } = *accounting;
    pb::ImportAccounting {
        read_count: count(read),
        recorded_count: count(recorded),
        unchanged_count: count(unchanged),
        updated_count: count(updated),
        excluded_count: count(excluded),
        rejected_count: count(rejected),
        deleted_count: count(deleted),
        author_count: count(authors),
        affiliation_count: count(affiliations),
        resolved_affiliation_count: count(resolved_affiliations),
    }
}
