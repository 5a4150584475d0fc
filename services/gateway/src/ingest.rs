//! `whence.ingest.v1.IngestService`: raw articles up, acknowledgements and progress down.
//!
//! Records are taken in chunks, so that an address printed on many articles is resolved once; chunks are
//! resolved two at a time and recorded in order. The metrics service acknowledges what is flushed, and its
//! acknowledgements are passed on as they come. A record that cannot be read, or whose address is refused,
//! becomes a rejection; only a broken stream or service ends the import, which then resumes.

use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt, TryStreamExt};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Request, Response, Status, Streaming};
use whence_model::{Article, ResolverVersions};
use whence_proto::ingest::ingest_service_server::IngestService;
use whence_proto::metrics::metrics_service_client::MetricsServiceClient;
use whence_proto::{IntoModel, ingest as pb, metrics};
use whence_runtime::to_status;

use crate::error::GatewayError;
use crate::resolve::Resolver;
use crate::revision::{Following, OverrideRevision};

/// Records taken together.
const CHUNK: usize = 256;
/// Chunks in resolution at a time.
const CHUNKS_AHEAD: usize = 2;
/// Entries on their way to the metrics service; more wait in the client.
const ENTRIES_AHEAD: usize = 512;

/// Imports over one resolver and one metrics service.
#[derive(Clone, Debug)]
pub struct Ingest {
    resolver: Resolver,
    metrics: MetricsServiceClient<Channel>,
    /// Ends with the last clone.
    _following: Arc<Following>,
}

impl Ingest {
    /// Imports through these channels, each address with the newest overrides, as long as they are followed.
    pub fn new(
        resolver: Channel,
        metrics: Channel,
        revision: OverrideRevision,
        following: Following,
    ) -> Self {
        let limit = whence_runtime::serve::MESSAGE_BYTES_MAX;
        let metrics = MetricsServiceClient::new(metrics).max_decoding_message_size(limit);
        Self {
            resolver: Resolver::new(resolver, revision),
            metrics,
            _following: Arc::new(following),
        }
    }
}

type Responses<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl IngestService for Ingest {
    type ImportArticlesStream = Responses<pb::ImportArticlesResponse>;

    async fn import_articles(
        &self,
        request: Request<Streaming<pb::ImportArticlesRequest>>,
    ) -> Result<Response<Self::ImportArticlesStream>, Status> {
        let mut records = request.into_inner();
        let first = records.message().await?.and_then(|first| first.message);
        let Some(pb::import_articles_request::Message::ImportId(import_id)) = first else {
            return Err(to_status(GatewayError::NotOpened));
        };
        let mut service = self.clone();
        let versions = service.resolver.versions().await?;
        let open = metrics::OpenImport {
            import_id,
            resolved_with: Some(versions.clone().into()),
        };

        let (entries, outgoing) = mpsc::channel(ENTRIES_AHEAD);
        let opened = metrics::RecordArticlesRequest {
            message: Some(metrics::record_articles_request::Message::Open(open)),
        };
        entries
            .send(opened)
            .await
            .map_err(|_| to_status(GatewayError::Unreachable { service: "metrics" }))?;
        let acknowledgements = service
            .metrics
            .record_articles(ReceiverStream::new(outgoing))
            .await?
            .into_inner();

        let (failure, failed) = mpsc::channel(1);
        tokio::spawn(async move {
            if let Err(error) = forward(records, service.resolver, versions, &entries).await {
                // The receiver is gone only if the client is; then nobody waits for the reason.
                let _ = failure.send(Err(error)).await;
            }
        });
        let acknowledgements = acknowledgements.map_ok(acknowledgement);
        Ok(Response::new(Box::pin(until_failure(acknowledgements, failed))))
    }

    async fn list_rejections(
        &self,
        request: Request<pb::ListRejectionsRequest>,
    ) -> Result<Response<pb::ListRejectionsResponse>, Status> {
        let pb::ListRejectionsRequest {
            import_id,
            page_size,
            page_token,
        } = request.into_inner();
        let request = metrics::ListRejectionsRequest {
            import_id,
            page_size,
            page_token,
        };
        let metrics::ListRejectionsResponse {
            rejections,
            next_page_token,
        } = self.metrics.clone().list_rejections(request).await?.into_inner();
        Ok(Response::new(pb::ListRejectionsResponse {
            rejections,
            next_page_token,
        }))
    }
}

/// The acknowledgements, and after them the reason why no more records were taken, if there is one.
fn until_failure(
    acknowledgements: impl Stream<Item = Result<pb::ImportArticlesResponse, Status>> + Send + 'static,
    failed: mpsc::Receiver<Result<pb::ImportArticlesResponse, Status>>,
) -> impl Stream<Item = Result<pb::ImportArticlesResponse, Status>> + Send {
    acknowledgements.chain(ReceiverStream::new(failed))
}

/// Takes records, resolves them in chunks and hands them on in order, until the client is done.
async fn forward(
    records: Streaming<pb::ImportArticlesRequest>,
    resolver: Resolver,
    versions: ResolverVersions,
    entries: &mpsc::Sender<metrics::RecordArticlesRequest>,
) -> Result<(), Status> {
    let chunks = records.ready_chunks(CHUNK).map(|chunk| {
        let (mut resolver, versions) = (resolver.clone(), versions.clone());
        async move { resolve_chunk(chunk, &mut resolver, &versions).await }
    });
    let mut entries_ready = std::pin::pin!(chunks.buffered(CHUNKS_AHEAD));
    while let Some((chunk, broken)) = entries_ready.next().await.transpose()? {
        for entry in chunk {
            let message = metrics::record_articles_request::Message::Entry(entry);
            let request = metrics::RecordArticlesRequest {
                message: Some(message),
            };
            if entries.send(request).await.is_err() {
                // The metrics service ended the stream; its status reaches the client from there.
                return Ok(());
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
    }
    Ok(())
}

/// The entries of a chunk, and the error that ended the stream after them, if one did.
type ResolvedChunk = (Vec<metrics::RecordEntry>, Option<Status>);

async fn resolve_chunk(
    chunk: Vec<Result<pb::ImportArticlesRequest, Status>>,
    resolver: &mut Resolver,
    versions: &ResolverVersions,
) -> Result<ResolvedChunk, Status> {
    let mut articles = Vec::new();
    let mut waiting = Vec::new();
    let mut broken = None;
    for request in chunk {
        match request.and_then(read) {
            Ok((sequence, Read::Article(article))) => {
                articles.push(*article);
                waiting.push((sequence, None));
            }
            Ok((sequence, Read::Other(content))) => waiting.push((sequence, Some(*content))),
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    let labels: Vec<String> = articles.iter().map(label).collect();
    let mut answers = resolver
        .resolve(articles, versions)
        .await?
        .into_iter()
        .zip(labels);
    let entries = waiting.into_iter().filter_map(|(sequence, content)| {
        let content = content.or_else(|| answers.next().map(|(result, label)| content_of(result, label)))?;
        Some(metrics::RecordEntry {
            sequence,
            content: Some(content),
        })
    });
    Ok((entries.collect(), broken))
}

type Content = metrics::record_entry::Content;

/// A record as read: an article that waits for its addresses, or anything else.
enum Read {
    Article(Box<Article>),
    Other(Box<Content>),
}

fn read(request: pb::ImportArticlesRequest) -> Result<(i64, Read), Status> {
    let Some(pb::import_articles_request::Message::Record(record)) = request.message else {
        return Err(to_status(GatewayError::NotOpened));
    };
    let pb::ImportRecord { sequence, content } = record;
    let content = content.ok_or_else(|| to_status(GatewayError::EmptyRecord { sequence }))?;
    let read = match content {
        pb::import_record::Content::Article(article) => {
            let record_id = article.identifiers.as_ref().map(record_id).unwrap_or_default();
            match article.into_model() {
                Ok(article) => Read::Article(Box::new(article)),
                Err(error) => Read::Other(Box::new(refused(record_id, sequence, error.to_string()))),
            }
        }
        pb::import_record::Content::Refused(record) => Read::Other(Box::new(Content::Refused(record))),
        pb::import_record::Content::Excluded(record) => Read::Other(Box::new(Content::Excluded(record))),
        pb::import_record::Content::Deleted(record) => Read::Other(Box::new(Content::Deleted(record))),
    };
    Ok((sequence, read))
}

fn content_of(result: Result<whence_model::ResolvedArticle, String>, label: String) -> Content {
    match result {
        Ok(article) => Content::Article(article.into()),
        Err(reason) => Content::Refused(metrics::RefusedRecord {
            record_id: label,
            location: String::new(),
            reason,
        }),
    }
}

fn refused(record_id: String, sequence: i64, reason: String) -> Content {
    Content::Refused(metrics::RefusedRecord {
        record_id,
        location: format!("record {sequence} of the import"),
        reason,
    })
}

fn label(article: &Article) -> String {
    article.id().map(|id| id.to_string()).unwrap_or_default()
}

/// What a record calls itself, before it is known to be valid.
fn record_id(identifiers: &whence_proto::types::ArticleIdentifiers) -> String {
    let known = [
        &identifiers.doi,
        &identifiers.pmid,
        &identifiers.pmcid,
        &identifiers.source_id,
    ];
    known
        .into_iter()
        .find(|id| !id.is_empty())
        .cloned()
        .unwrap_or_default()
}

fn acknowledgement(response: metrics::RecordArticlesResponse) -> pb::ImportArticlesResponse {
    let metrics::RecordArticlesResponse {
        flushed_through,
        outcomes,
        accounting,
    } = response;
    let rejected = |outcome: &metrics::EntryOutcome| outcome.outcome() == metrics::Outcome::Rejected;
    pb::ImportArticlesResponse {
        flushed_through,
        accounting,
        rejections: outcomes.into_iter().filter(rejected).collect(),
    }
}
