//! Imports against a gateway that behaves badly, over a real socket that can be cut.
#![expect(clippy::unwrap_used, reason = "in a test a panic is a finding")]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_stream::{Stream, StreamExt};
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt};
use whence_client::{Client, ClientError, ClientOptions, ImportSummary};
use whence_proto::ingest::import_articles_request::Message;
use whence_proto::ingest::import_record::Content;
use whence_proto::ingest::ingest_service_server::{IngestService, IngestServiceServer};
use whence_proto::ingest::{
    ImportArticlesRequest, ImportArticlesResponse, ImportRecord, ListRejectionsRequest,
    ListRejectionsResponse,
};
use whence_proto::metrics::{DeletedRecord, ImportAccounting};

/// A gateway that keeps sequences and nothing else.
#[derive(Clone, Default)]
struct Gateway {
    /// Acknowledged and unacknowledged sequences in the order in which they first arrived.
    recorded: Arc<Mutex<Vec<i64>>>,
    /// How many records came in over all connections.
    received: Arc<Mutex<usize>>,
    /// The most that were under way at once.
    under_way_max: Arc<Mutex<usize>>,
    connections: Arc<Mutex<usize>>,
    behaviour: Behaviour,
    cut: Arc<Notify>,
}

#[derive(Clone, Copy, Default)]
struct Behaviour {
    /// Acknowledges when this many records are under way, and at the end.
    batch: usize,
    /// Cuts the first connection after this many records, the last of them unacknowledged.
    cut_after: Option<usize>,
    /// Refuses every import for good.
    aborts: bool,
    /// Refuses every import for now.
    unavailable: bool,
    /// Forgets everything when the first connection is cut.
    forgets: bool,
}

type Answers = mpsc::Sender<Result<ImportArticlesResponse, Status>>;

impl Gateway {
    fn acknowledgement(&self) -> ImportArticlesResponse {
        let flushed_through = self.recorded.lock().unwrap().last().copied().unwrap_or_default();
        let accounting = ImportAccounting {
            read_count: flushed_through,
            ..Default::default()
        };
        ImportArticlesResponse {
            flushed_through,
            accounting: Some(accounting),
            rejections: vec![],
        }
    }

    async fn serve(self, mut requests: Streaming<ImportArticlesRequest>, answers: Answers) {
        let Some(Ok(ImportArticlesRequest {
            message: Some(Message::ImportId(_)),
        })) = requests.next().await
        else {
            return;
        };
        *self.connections.lock().unwrap() += 1;
        let first = *self.connections.lock().unwrap() == 1;
        answers.send(Ok(self.acknowledgement())).await.unwrap();
        let mut under_way = Vec::new();
        let mut arrived = 0;
        while let Some(Ok(ImportArticlesRequest {
            message: Some(Message::Record(record)),
        })) = requests.next().await
        {
            arrived += 1;
            under_way.push(self.take(&record, under_way.len()));
            if first && self.behaviour.cut_after == Some(arrived) {
                if self.behaviour.forgets {
                    self.recorded.lock().unwrap().clear();
                }
                self.cut.notify_one();
                return std::future::pending().await;
            }
            if under_way.len() == self.behaviour.batch {
                self.recorded.lock().unwrap().append(&mut under_way);
                answers.send(Ok(self.acknowledgement())).await.unwrap();
            }
        }
        self.recorded.lock().unwrap().append(&mut under_way);
        answers.send(Ok(self.acknowledgement())).await.ok();
    }

    fn take(&self, record: &ImportRecord, under_way: usize) -> i64 {
        *self.received.lock().unwrap() += 1;
        let mut max = self.under_way_max.lock().unwrap();
        *max = (*max).max(under_way + 1);
        record.sequence
    }
}

#[tonic::async_trait]
impl IngestService for Gateway {
    type ImportArticlesStream = Pin<Box<dyn Stream<Item = Result<ImportArticlesResponse, Status>> + Send>>;

    async fn import_articles(
        &self,
        requests: Request<Streaming<ImportArticlesRequest>>,
    ) -> Result<Response<Self::ImportArticlesStream>, Status> {
        if self.behaviour.aborts {
            let info = ErrorDetails::with_error_info("SEQUENCE_CONTENT_CHANGED", "whence", HashMap::new());
            return Err(Status::with_error_details(
                Code::Aborted,
                "sequence 1 has other content",
                info,
            ));
        }
        if self.behaviour.unavailable {
            *self.connections.lock().unwrap() += 1;
            return Err(Status::unavailable("metrics cannot be reached"));
        }
        let (answers, stream) = mpsc::channel(8);
        tokio::spawn(self.clone().serve(requests.into_inner(), answers));
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }

    /// Answers at the third try.
    async fn list_rejections(
        &self,
        _: Request<ListRejectionsRequest>,
    ) -> Result<Response<ListRejectionsResponse>, Status> {
        let mut connections = self.connections.lock().unwrap();
        *connections += 1;
        if *connections < 3 {
            Err(Status::unavailable("not yet"))
        } else {
            Ok(Response::new(ListRejectionsResponse::default()))
        }
    }
}

/// Starts the gateway behind a wire that the gateway itself can cut.
async fn start(behaviour: Behaviour) -> (Gateway, Client) {
    let gateway = Gateway {
        behaviour,
        ..Gateway::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = IngestServiceServer::new(gateway.clone());
    let server = tonic::transport::Server::builder().add_service(service);
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
    let wire = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", wire.local_addr().unwrap());
    tokio::spawn(carry(wire, address, gateway.cut.clone()));
    let client = Client::connect_with(&url, quick()).await.unwrap();
    (gateway, client)
}

async fn carry(wire: TcpListener, gateway: SocketAddr, cut: Arc<Notify>) {
    loop {
        let (mut near, _) = wire.accept().await.unwrap();
        let mut far = TcpStream::connect(gateway).await.unwrap();
        let cut = cut.clone();
        tokio::spawn(async move {
            tokio::select! {
                _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                () = cut.notified() => {}
            }
        });
    }
}

fn quick() -> ClientOptions {
    let moment = Duration::from_millis(1);
    ClientOptions {
        retries_max: 3,
        retry_delay_min: moment,
        retry_delay_max: moment,
        import_window: 10,
        ..ClientOptions::default()
    }
}

fn records(count: usize) -> impl Stream<Item = Content> {
    tokio_stream::iter((0..count).map(|n| {
        Content::Deleted(DeletedRecord {
            source: "test".into(),
            source_id: n.to_string(),
        })
    }))
}

async fn import(client: &Client, count: usize) -> (Result<ImportSummary, ClientError>, Vec<i64>) {
    let mut reported = Vec::new();
    let summary = client
        .import("june", records(count), |progress| {
            reported.push(progress.flushed_through);
        })
        .await;
    (summary, reported)
}

#[tokio::test]
async fn every_record_is_acknowledged_and_no_more_than_a_window_is_under_way() {
    let (gateway, client) = start(Behaviour {
        batch: 10,
        ..Behaviour::default()
    })
    .await;
    let (summary, reported) = import(&client, 35).await;
    let summary = summary.unwrap();
    assert_eq!(
        (
            summary.record_count,
            summary.resumed_after,
            summary.reconnect_count
        ),
        (35, 0, 0)
    );
    assert_eq!(summary.accounting.read_count, 35);
    assert_eq!(reported, [0, 10, 20, 30, 35]);
    assert_eq!(*gateway.recorded.lock().unwrap(), (1..=35).collect::<Vec<_>>());
    assert_eq!(*gateway.under_way_max.lock().unwrap(), 10);
}

#[tokio::test]
async fn an_empty_import_ends_at_once() {
    let (_, client) = start(Behaviour {
        batch: 10,
        ..Behaviour::default()
    })
    .await;
    assert_eq!(import(&client, 0).await.0.unwrap().record_count, 0);
}

#[tokio::test]
async fn a_cut_connection_goes_on_after_the_last_acknowledged_record() {
    let (gateway, client) = start(Behaviour {
        batch: 4,
        cut_after: Some(15),
        ..Behaviour::default()
    })
    .await;
    let summary = import(&client, 35).await.0.unwrap();
    assert_eq!((summary.record_count, summary.reconnect_count), (35, 1));
    assert_eq!(*gateway.recorded.lock().unwrap(), (1..=35).collect::<Vec<_>>());
    assert_eq!(*gateway.received.lock().unwrap(), 15 + 35 - 12);
}

#[tokio::test]
async fn a_repeated_import_sends_only_what_is_new() {
    let (gateway, client) = start(Behaviour {
        batch: 4,
        ..Behaviour::default()
    })
    .await;
    import(&client, 20).await.0.unwrap();
    let summary = import(&client, 25).await.0.unwrap();
    assert_eq!((summary.record_count, summary.resumed_after), (25, 20));
    assert_eq!(*gateway.received.lock().unwrap(), 25);
}

#[tokio::test]
async fn an_import_of_fewer_records_than_are_done_is_noticed() {
    let (_, client) = start(Behaviour {
        batch: 4,
        ..Behaviour::default()
    })
    .await;
    import(&client, 20).await.0.unwrap();
    let error = import(&client, 5).await.0.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::ImportOfOtherInput {
                flushed_through: 20,
                record_count: 5,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_gateway_that_has_forgotten_what_it_acknowledged_is_told_so() {
    let behaviour = Behaviour {
        batch: 4,
        cut_after: Some(15),
        forgets: true,
        ..Behaviour::default()
    };
    let (_, client) = start(behaviour).await;
    let error = import(&client, 35).await.0.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::ImportRewound {
                flushed_through: 0,
                ..
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn a_refusal_for_good_is_not_tried_again() {
    let (_, client) = start(Behaviour {
        aborts: true,
        ..Behaviour::default()
    })
    .await;
    let error = import(&client, 5).await.0.unwrap_err();
    assert_eq!(
        error.to_string(),
        "sequence 1 has other content [SEQUENCE_CONTENT_CHANGED]"
    );
}

#[tokio::test]
async fn a_gateway_that_stays_unavailable_ends_the_import() {
    let (gateway, client) = start(Behaviour {
        unavailable: true,
        ..Behaviour::default()
    })
    .await;
    let error = import(&client, 5).await.0.unwrap_err();
    assert_eq!(error.to_string(), "metrics cannot be reached [Unavailable]");
    assert_eq!(*gateway.connections.lock().unwrap(), 1 + quick().retries_max);
}

#[tokio::test]
async fn a_call_without_side_effects_is_tried_again() {
    let (_, client) = start(Behaviour::default()).await;
    // Calls can be spawned: their futures are `Send`.
    let call = tokio::spawn(async move { client.list_rejections(ListRejectionsRequest::default()).await });
    assert_eq!(call.await.unwrap().unwrap(), ListRejectionsResponse::default());
}

#[tokio::test]
async fn a_refused_connection_says_how_to_start_a_stack() {
    let nobody = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let error = Client::connect(&format!("http://{nobody}")).await.unwrap_err();
    assert!(matches!(error, ClientError::NoStack { .. }), "{error:?}");
    assert!(error.to_string().contains("whence up --data-dir DIR"));
    let error = Client::connect("not a url").await.unwrap_err();
    assert!(matches!(error, ClientError::InvalidUrl { .. }), "{error:?}");
}
