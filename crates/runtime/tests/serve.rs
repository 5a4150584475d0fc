//! A server over a real socket: health, reflection, deadlines, panics and stopping.
#![expect(clippy::unwrap_used, clippy::panic, reason = "in a test a panic is a finding")]

use std::convert::Infallible;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::client::Grpc;
use tonic::server::NamedService;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_prost::ProstCodec;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ListServiceResponse, ServerReflectionRequest};
use tower::Service;
use whence_runtime::serve::{ServeError, Server, bind};

/// A service whose calls do what their names say.
#[derive(Clone, Default)]
struct Probe {
    arrived: Arc<Notify>,
    may_finish: Arc<Notify>,
}

impl NamedService for Probe {
    const NAME: &'static str = "probe.Probe";
}

impl Service<Request<Body>> for Probe {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let Self { arrived, may_finish } = self.clone();
        Box::pin(async move {
            arrived.notify_one();
            match request.uri().path() {
                "/probe.Probe/Hang" => std::future::pending().await,
                "/probe.Probe/Panic" => panic!("as asked"),
                "/probe.Probe/Wait" => may_finish.notified().await,
                _ => {}
            }
            Ok(Status::cancelled("done").into_http())
        })
    }
}

struct Running {
    uri: Uri,
    stop: CancellationToken,
    probe: Probe,
    server: JoinHandle<Result<(), ServeError>>,
}

async fn start(configure: impl Fn(Server) -> Server) -> Running {
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let uri = format!("http://{}", listener.address()).parse().unwrap();
    let (stop, probe) = (CancellationToken::new(), Probe::default());
    let server = configure(
        Server::new()
            .add_service(probe.clone())
            .reflect(tonic_health::pb::FILE_DESCRIPTOR_SET),
    );
    let server = tokio::spawn(server.serve(listener, stop.clone()));
    Running {
        uri,
        stop,
        probe,
        server,
    }
}

/// A transport without timers of its own, unlike tonic's: what comes back was said by the server.
fn transport() -> Client<HttpConnector, Body> {
    Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http()
}

async fn call(uri: &Uri, path: &'static str, timeout: Option<Duration>) -> Status {
    let mut client = Grpc::with_origin(transport(), uri.clone());
    client.ready().await.unwrap();
    let mut request = tonic::Request::new(());
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    let answer = client
        .unary(request, path.parse().unwrap(), ProstCodec::<(), ()>::default())
        .await;
    answer.map(|_: tonic::Response<()>| ()).unwrap_err()
}

#[tokio::test]
async fn health_says_serving_until_the_server_stops() {
    let Running {
        uri, stop, server, ..
    } = start(|server| server).await;
    let mut health = HealthClient::with_origin(transport(), uri);
    let probe = || HealthCheckRequest {
        service: Probe::NAME.into(),
    };
    let whole = HealthCheckRequest::default();
    assert_eq!(
        health.check(whole).await.unwrap().into_inner().status(),
        ServingStatus::Serving
    );
    let mut watch = health.watch(probe()).await.unwrap().into_inner();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::Serving
    );
    stop.cancel();
    assert_eq!(
        watch.next().await.unwrap().unwrap().status(),
        ServingStatus::NotServing
    );
    assert!(
        watch.next().await.is_none(),
        "a watcher must not keep the server from stopping"
    );
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn reflection_lists_the_described_services() {
    let Running { uri, .. } = start(|server| server).await;
    let mut client = ServerReflectionClient::with_origin(transport(), uri);
    let list = MessageRequest::ListServices(String::new());
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(list),
    };
    let mut answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response.unwrap();
    let MessageResponse::ListServicesResponse(ListServiceResponse { service }) = answer else {
        panic!("not a list: {answer:?}")
    };
    assert!(
        service
            .iter()
            .any(|service| service.name == "grpc.health.v1.Health"),
        "{service:?}"
    );
}

#[tokio::test]
async fn an_address_in_use_is_named_with_the_way_out() {
    let taken = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let error = bind(taken.address()).await.unwrap_err();
    assert!(matches!(error, ServeError::AddressInUse(address) if address == taken.address()));
    assert!(error.to_string().contains("--listen"));
}

#[tokio::test]
async fn the_deadline_of_a_caller_holds_over_the_wire() {
    let Running { uri, .. } = start(|server| server).await;
    let status = call(&uri, "/probe.Probe/Hang", Some(Duration::from_millis(20))).await;
    assert_eq!(status.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_panic_is_internal_and_the_server_goes_on() {
    let Running { uri, .. } = start(|server| server).await;
    assert_eq!(
        call(&uri, "/probe.Probe/Panic", None).await.code(),
        Code::Internal
    );
    assert_eq!(call(&uri, "/probe.Probe/Other", None).await.message(), "done");
}

#[tokio::test]
async fn a_call_in_flight_finishes_before_the_server_stops() {
    let Running {
        uri,
        stop,
        probe,
        server,
    } = start(|server| server).await;
    let in_flight = tokio::spawn({
        let uri = uri.clone();
        async move { call(&uri, "/probe.Probe/Wait", None).await }
    });
    probe.arrived.notified().await;
    stop.cancel();
    probe.may_finish.notify_one();
    assert_eq!(in_flight.await.unwrap().message(), "done");
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_call_that_never_ends_does_not_keep_the_server() {
    let Running {
        uri,
        stop,
        probe,
        server,
    } = start(|server| server.drain_limit(Duration::ZERO)).await;
    let hanging = tokio::spawn(async move { call(&uri, "/probe.Probe/Hang", None).await });
    probe.arrived.notified().await;
    stop.cancel();
    server.await.unwrap().unwrap();
    hanging.abort();
}
