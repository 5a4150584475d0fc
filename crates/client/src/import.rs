//! Imports: records up, acknowledgements down, and on a broken connection once more from there.
//!
//! A record is kept until the gateway has acknowledged it, at most a window of them. When a connection
//! breaks, the next one says through which sequence the import is done, and the rest is sent again. The
//! import fails when it has made no progress over as many connections as the options allow.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Status, Streaming};
use whence_proto::ingest::import_articles_request::Message;
use whence_proto::ingest::import_record::Content;
use whence_proto::ingest::ingest_service_client::IngestServiceClient;
use whence_proto::ingest::{ImportArticlesRequest, ImportArticlesResponse};
use whence_proto::metrics::{EntryOutcome, ImportAccounting};

use crate::client::{Client, MESSAGE_BYTES_MAX, requested_delay};
use crate::error::{ClientError, is_passing};
use crate::window::Window;

/// Records handed to the transport ahead of what it can send.
const SEND_BUFFER: usize = 64;

/// How far an import has come.
#[derive(Clone, Copy, Debug)]
pub struct ImportProgress<'a> {
    /// Every record up to this sequence is done.
    pub flushed_through: i64,
    /// The import so far, earlier runs included.
    pub accounting: &'a ImportAccounting,
    /// The records newly rejected, with their reasons.
    pub rejections: &'a [EntryOutcome],
}

/// An import that is done.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportSummary {
    /// The records of the input.
    pub record_count: i64,
    /// How many of them an earlier run had already done.
    pub resumed_after: i64,
    /// How often the connection broke and was made again.
    pub reconnect_count: u32,
    /// The import as a whole, earlier runs included.
    pub accounting: ImportAccounting,
}

impl Client {
    /// Imports all records of the stream under the given id, and reports progress at every
    /// acknowledgement. Repeating an import with the same id and the same records resumes it.
    pub async fn import(
        &self,
        import_id: &str,
        records: impl Stream<Item = Content>,
        progress: impl FnMut(ImportProgress<'_>),
    ) -> Result<ImportSummary, ClientError> {
        let records = std::pin::pin!(records.fuse());
        let mut import = Import {
            client: self,
            id: import_id,
            records,
            records_ended: false,
            window: Window::new(self.options().import_window),
            accounting: ImportAccounting::default(),
            resumed_after: None,
            progress,
        };
        import.run().await
    }
}

struct Import<'a, R, P> {
    client: &'a Client,
    id: &'a str,
    records: R,
    records_ended: bool,
    window: Window,
    accounting: ImportAccounting,
    resumed_after: Option<i64>,
    progress: P,
}

/// Why a connection of an import has ended before the import.
enum Broken {
    /// Something that may pass: connect again.
    Passing(Status),
    /// Something that will not.
    ForGood(ClientError),
}

impl<R, P> Import<'_, R, P>
where
    R: Stream<Item = Content> + Unpin,
    P: FnMut(ImportProgress<'_>),
{
    async fn run(&mut self) -> Result<ImportSummary, ClientError> {
        let mut reconnect_count = 0;
        let mut delays = self.client.options().delays();
        loop {
            let before = self.window.acknowledged();
            let status = match self.connection().await {
                Ok(()) => break,
                Err(Broken::ForGood(error)) => return Err(error),
                Err(Broken::Passing(status)) => status,
            };
            if self.window.acknowledged() > before {
                delays = self.client.options().delays();
            }
            let Some(delay) = delays.next() else {
                return Err(self.client.answered(status));
            };
            self.wait(delay, &status).await;
            reconnect_count += 1;
        }
        Ok(ImportSummary {
            record_count: self.window.read(),
            resumed_after: self.resumed_after.unwrap_or_default(),
            reconnect_count,
            accounting: self.accounting,
        })
    }

    async fn wait(&self, delay: Duration, status: &Status) {
        let delay = delay.max(requested_delay(status));
        let acknowledged = self.window.acknowledged();
        tracing::warn!(import_id = self.id, acknowledged, %status, ?delay, "connecting again to go on with the import");
        tokio::time::sleep(delay).await;
    }

    /// Runs one connection: to the end of the import if nothing breaks.
    async fn connection(&mut self) -> Result<(), Broken> {
        let (requests, mut answers) = self.open().await?;
        let mut requests = Some(requests);
        loop {
            if self.records_ended && self.window.unsent().is_none() {
                // Closing our side tells the gateway to flush what it has and to finish.
                requests = None;
            }
            let unsent = self.window.unsent().is_some();
            tokio::select! {
                record = self.records.next(), if !self.records_ended && self.window.has_room() => match record {
                    Some(content) => self.window.push(content),
                    None => self.records_ended = true,
                },
                permit = reserve(requests.as_ref()), if unsent => self.send(permit),
                answer = answers.message() => match answer.map_err(|status| self.broken(status))? {
                    Some(answer) => self.acknowledge(answer),
                    None => return self.finished(),
                },
            }
        }
    }

    /// Opens the import on a new connection and learns what is already done.
    async fn open(
        &mut self,
    ) -> Result<
        (
            mpsc::Sender<ImportArticlesRequest>,
            Streaming<ImportArticlesResponse>,
        ),
        Broken,
    > {
        let (requests, queue) = mpsc::channel(SEND_BUFFER);
        let opening = Message::ImportId(self.id.to_owned());
        // The queue is empty and its receiver is ours: there is room.
        let _ = requests.try_send(ImportArticlesRequest {
            message: Some(opening),
        });
        let mut service =
            IngestServiceClient::new(self.client.channel()).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let answers = service.import_articles(ReceiverStream::new(queue)).await;
        let mut answers = answers.map_err(|status| self.broken(status))?.into_inner();
        let opened = answers.message().await.map_err(|status| self.broken(status))?;
        let opened = opened.ok_or_else(|| Broken::Passing(ended_early()))?;
        self.check_opening(opened.flushed_through)?;
        self.window.reopen();
        self.resumed_after.get_or_insert(opened.flushed_through);
        self.acknowledge(opened);
        Ok((requests, answers))
    }

    /// What was acknowledged is no longer here to be sent again.
    fn check_opening(&self, flushed_through: i64) -> Result<(), Broken> {
        let acknowledged = self.window.acknowledged();
        if flushed_through < acknowledged {
            let import_id = self.id.to_owned();
            return Err(Broken::ForGood(ClientError::ImportRewound {
                import_id,
                acknowledged,
                flushed_through,
            }));
        }
        Ok(())
    }

    /// Sends the next record; a queue that is gone shows as the end of the answers.
    fn send(&mut self, permit: Option<mpsc::Permit<'_, ImportArticlesRequest>>) {
        if let (Some(permit), Some(record)) = (permit, self.window.unsent()) {
            permit.send(ImportArticlesRequest {
                message: Some(Message::Record(record.clone())),
            });
            self.window.mark_sent();
        }
    }

    fn acknowledge(&mut self, answer: ImportArticlesResponse) {
        let ImportArticlesResponse {
            flushed_through,
            accounting,
            rejections,
        } = answer;
        self.window.acknowledge(flushed_through);
        self.accounting = accounting.unwrap_or(self.accounting);
        (self.progress)(ImportProgress {
            flushed_through,
            accounting: &self.accounting,
            rejections: &rejections,
        });
    }

    /// The gateway has closed its side without an error.
    fn finished(&self) -> Result<(), Broken> {
        let (acknowledged, record_count) = (self.window.acknowledged(), self.window.read());
        if !self.records_ended || acknowledged < record_count {
            return Err(Broken::Passing(ended_early()));
        }
        if acknowledged > record_count {
            return Err(Broken::ForGood(ClientError::ImportOfOtherInput {
                import_id: self.id.to_owned(),
                flushed_through: acknowledged,
                record_count,
            }));
        }
        Ok(())
    }

    fn broken(&self, status: Status) -> Broken {
        if is_passing(&status) {
            Broken::Passing(status)
        } else {
            Broken::ForGood(self.client.answered(status))
        }
    }
}

/// Room for one request; none if the connection no longer takes any.
async fn reserve(
    requests: Option<&mpsc::Sender<ImportArticlesRequest>>,
) -> Option<mpsc::Permit<'_, ImportArticlesRequest>> {
    match requests?.reserve().await {
        Ok(permit) => Some(permit),
        // The answers say why; until they do there is nothing to send to.
        Err(_) => std::future::pending().await,
    }
}

fn ended_early() -> Status {
    Status::unavailable("the gateway has closed the import before all records were acknowledged")
}
