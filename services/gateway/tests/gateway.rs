//! The gateway over a real socket, with nothing behind it: what it answers by itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt;
use whence_proto::affiliation as pb;
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::curation::ListOverridesRequest;
use whence_proto::curation::curation_service_client::CurationServiceClient;
use whence_proto::ingest::ImportArticlesRequest;
use whence_proto::ingest::ingest_service_client::IngestServiceClient;

/// A channel to a gateway whose services are at an address where nothing listens.
async fn gateway() -> (Channel, DropGuard) {
    // Bound and dropped again: the port is free, so a connection to it is refused.
    let nobody = whence_runtime::serve::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap()
        .address();
    let nobody = Endpoint::from_shared(format!("http://{nobody}"))
        .unwrap()
        .connect_lazy();
    let listener = whence_runtime::serve::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let url = format!("http://{}", listener.address());
    let stop = CancellationToken::new();
    tokio::spawn(whence_gateway::server(nobody.clone(), nobody).serve(listener, stop.clone()));
    (
        Endpoint::from_shared(url).unwrap().connect().await.unwrap(),
        stop.drop_guard(),
    )
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_named() {
    let (channel, _stop) = gateway().await;
    let request = pb::ResolveAffiliationRequest {
        affiliation: "CNRS".to_owned(),
        explain: false,
    };
    let status = AffiliationServiceClient::new(channel)
        .resolve_affiliation(request)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(
        status.message().contains("affiliation-resolver"),
        "{}",
        status.message()
    );
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "SERVICE_UNREACHABLE"
    );
}

#[tokio::test]
async fn an_import_must_be_opened_first() {
    let (channel, _stop) = gateway().await;
    let requests = tokio_stream::iter([ImportArticlesRequest { message: None }]);
    let status = IngestServiceClient::new(channel)
        .import_articles(requests)
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        status.get_details_error_info().unwrap().reason,
        "IMPORT_NOT_OPENED"
    );
}

#[tokio::test]
async fn curation_is_passed_through_to_metrics() {
    let (channel, _stop) = gateway().await;
    let status = CurationServiceClient::new(channel)
        .list_overrides(ListOverridesRequest::default())
        .await
        .unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().contains("metrics"), "{}", status.message());
}
