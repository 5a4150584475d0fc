//! Overrides that act at once: the service over a real socket, following a curation service that the test
//! leads by the hand.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;
use whence_affiliation_resolver::curation::Curation;
use whence_affiliation_resolver::current::Current;
use whence_affiliation_resolver::{registry, serve};
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::curation::curation_service_server::{CurationService, CurationServiceServer};
use whence_proto::{OVERRIDE_REVISION_HEADER, affiliation as pb, curation};
use whence_resolve::Resolver;

const OXFORD: &str = "https://ror.org/052gg0110";
const ETH: &str = "https://ror.org/05a28rw58";
const ADDRESS: &str = "University of Oxford, Oxford, UK";

type Change = Result<curation::WatchOverridesResponse, Status>;

/// A curation service whose watchers are handed to the test.
struct Led {
    watchers: mpsc::UnboundedSender<mpsc::UnboundedSender<Change>>,
}

#[tonic::async_trait]
impl CurationService for Led {
    async fn create_override(
        &self,
        _: Request<curation::CreateOverrideRequest>,
    ) -> Result<Response<curation::CreateOverrideResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn get_override(
        &self,
        _: Request<curation::GetOverrideRequest>,
    ) -> Result<Response<curation::GetOverrideResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn list_overrides(
        &self,
        _: Request<curation::ListOverridesRequest>,
    ) -> Result<Response<curation::ListOverridesResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    async fn delete_override(
        &self,
        _: Request<curation::DeleteOverrideRequest>,
    ) -> Result<Response<curation::DeleteOverrideResponse>, Status> {
        Err(Status::unimplemented(""))
    }

    type WatchOverridesStream = Pin<Box<dyn Stream<Item = Change> + Send>>;

    async fn watch_overrides(
        &self,
        _: Request<curation::WatchOverridesRequest>,
    ) -> Result<Response<Self::WatchOverridesStream>, Status> {
        let (changes, watched) = mpsc::unbounded_channel();
        self.watchers.send(changes).unwrap();
        Ok(Response::new(Box::pin(UnboundedReceiverStream::new(watched))))
    }
}

/// A resolver, and the watches that it opens.
struct Service {
    client: AffiliationServiceClient<Channel>,
    watchers: mpsc::UnboundedReceiver<mpsc::UnboundedSender<Change>>,
    _stop: DropGuard,
}

async fn listen(server: whence_runtime::serve::Server, stop: &CancellationToken) -> String {
    let listener = whence_runtime::serve::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let url = format!("http://{}", listener.address());
    tokio::spawn(server.serve(listener, stop.clone()));
    url
}

async fn resolver(curation: Curation, stop: &CancellationToken) -> AffiliationServiceClient<Channel> {
    let opened = tokio::task::spawn_blocking(|| registry::open(None));
    let current = Current::new(Resolver::new(opened.await.unwrap().unwrap()).unwrap());
    let server = whence_runtime::serve::Server::new().add_service(serve(Arc::new(current), curation));
    AffiliationServiceClient::connect(listen(server, stop).await)
        .await
        .unwrap()
}

impl Service {
    async fn start() -> Self {
        let stop = CancellationToken::new();
        let (sender, watchers) = mpsc::unbounded_channel();
        let led = CurationServiceServer::new(Led { watchers: sender });
        let url = listen(whence_runtime::serve::Server::new().add_service(led), &stop).await;
        let channel = Endpoint::from_shared(url).unwrap().connect_lazy();
        let curation = Curation::follow(channel, stop.clone());
        Self {
            client: resolver(curation, &stop).await,
            watchers,
            _stop: stop.drop_guard(),
        }
    }

    /// The ROR ids of the answer, and the revision of the overrides that acted.
    async fn resolve(&self, needed: Option<u64>) -> Result<(Vec<String>, i64), Status> {
        resolve(&self.client, needed, Duration::from_secs(60)).await
    }
}

fn request<T>(message: T, needed: Option<u64>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(needed) = needed {
        let headers = request.metadata_mut();
        headers.insert(OVERRIDE_REVISION_HEADER, needed.into());
    }
    request
}

async fn resolve(
    client: &AffiliationServiceClient<Channel>,
    needed: Option<u64>,
    timeout: Duration,
) -> Result<(Vec<String>, i64), Status> {
    let message = pb::BatchResolveAffiliationsRequest {
        affiliations: vec![ADDRESS.to_owned()],
    };
    let mut request = request(message, needed);
    request.set_timeout(timeout);
    let response = client
        .clone()
        .batch_resolve_affiliations(request)
        .await?
        .into_inner();
    let pb::resolve_outcome::Result::Resolution(resolution) =
        response.outcomes.into_iter().next().unwrap().result.unwrap()
    else {
        unreachable!("the address is short")
    };
    let ids = resolution.institutions.into_iter().map(|it| it.ror_id);
    Ok((ids.collect(), response.versions.unwrap().override_revision))
}

fn created(revision: i64, ror_ids: &[&str]) -> curation::Override {
    curation::Override {
        override_id: revision.to_string(),
        subject: Some(curation::r#override::Subject::Address(ADDRESS.to_owned())),
        ror_ids: ror_ids.iter().map(ToString::to_string).collect(),
        created: Some(curation::OverrideChange {
            revision,
            ..Default::default()
        }),
        deleted: None,
    }
}

fn change(
    revision: i64,
    created: Vec<curation::Override>,
    deleted: &[&str],
) -> curation::WatchOverridesResponse {
    curation::WatchOverridesResponse {
        created,
        deleted_override_ids: deleted.iter().map(ToString::to_string).collect(),
        revision,
        partial: false,
    }
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().unwrap().reason)
}

#[tokio::test]
async fn a_request_is_answered_with_the_revision_that_it_needs() {
    let mut service = Service::start().await;
    let watcher = service.watchers.recv().await.unwrap();
    watcher.send(Ok(change(0, vec![], &[]))).unwrap();
    let engine = (vec![OXFORD.to_owned()], 0);
    assert_eq!(service.resolve(None).await.unwrap(), engine);

    // The request comes first, the change that it needs after it; what is remembered is not served.
    let later = async {
        watcher
            .send(Ok(change(1, vec![created(1, &[ETH])], &[])))
            .unwrap();
    };
    let (waited, ()) = tokio::join!(service.resolve(Some(1)), later);
    let curated = (vec![ETH.to_owned()], 1);
    assert_eq!(waited.unwrap(), curated);
    assert_eq!(service.resolve(None).await.unwrap(), curated);

    watcher.send(Ok(change(2, vec![], &["1"]))).unwrap();
    assert_eq!(service.resolve(Some(2)).await.unwrap(), (engine.0, 2));
    watcher.send(Ok(change(3, vec![created(3, &[])], &[]))).unwrap();
    assert_eq!(service.resolve(Some(3)).await.unwrap(), (vec![], 3));
    let message = pb::ResolveAffiliationRequest {
        affiliation: ADDRESS.to_owned(),
        explain: false,
    };
    let one = service.client.resolve_affiliation(request(message, Some(3)));
    let resolution = one.await.unwrap().into_inner().resolution.unwrap();
    assert_eq!(resolution.override_ids, ["3"]);
    let get = request(pb::GetRegistryRequest {}, Some(3));
    let registry = service.client.get_registry(get).await.unwrap().into_inner();
    assert_eq!(registry.registry.unwrap().override_revision, 3);
}

#[tokio::test]
async fn a_replica_that_stays_behind_says_so_before_the_deadline() {
    let mut service = Service::start().await;
    let timeout = Duration::from_secs(2);
    let nothing_yet = resolve(&service.client, None, timeout).await.unwrap_err();
    assert_eq!(
        reason(&nothing_yet),
        (Code::Unavailable, "OVERRIDES_BEHIND".to_owned())
    );
    let watcher = service.watchers.recv().await.unwrap();
    watcher.send(Ok(change(4, vec![], &[]))).unwrap();
    service.resolve(Some(4)).await.unwrap();
    let behind = resolve(&service.client, Some(5), timeout).await.unwrap_err();
    assert_eq!(
        reason(&behind),
        (Code::Unavailable, "OVERRIDES_BEHIND".to_owned())
    );
    assert!(behind.message().contains("revision 5") && behind.message().contains("at 4"));
}

#[tokio::test]
async fn a_watch_that_breaks_is_opened_again_and_its_full_state_replaces_the_old_one() {
    let mut service = Service::start().await;
    let watcher = service.watchers.recv().await.unwrap();
    let first = curation::WatchOverridesResponse {
        created: vec![created(1, &[ETH])],
        deleted_override_ids: vec![],
        revision: 1,
        partial: true,
    };
    watcher.send(Ok(first)).unwrap();
    watcher.send(Ok(change(1, vec![], &[]))).unwrap();
    let curated = (vec![ETH.to_owned()], 1);
    assert_eq!(service.resolve(Some(1)).await.unwrap(), curated);

    watcher.send(Err(Status::unavailable("restarting"))).unwrap();
    drop(watcher);
    let watcher = service.watchers.recv().await.unwrap();
    assert_eq!(
        service.resolve(None).await.unwrap(),
        curated,
        "what is known goes on"
    );
    // The store is an older one now, whose first override is another.
    watcher.send(Ok(change(1, vec![created(1, &[])], &[]))).unwrap();
    watcher.send(Ok(change(2, vec![], &[]))).unwrap();
    assert_eq!(service.resolve(Some(2)).await.unwrap(), (vec![], 2));
}

#[tokio::test]
async fn without_curation_only_requests_that_need_none_are_answered() {
    let stop = CancellationToken::new();
    let client = resolver(Curation::none(), &stop).await;
    let timeout = Duration::from_secs(60);
    for needed in [None, Some(0)] {
        let answer = resolve(&client, needed, timeout).await.unwrap();
        assert_eq!(answer, (vec![OXFORD.to_owned()], 0));
    }
    let status = resolve(&client, Some(1), timeout).await.unwrap_err();
    assert_eq!(
        reason(&status),
        (Code::Unavailable, "OVERRIDES_NOT_FOLLOWED".to_owned())
    );
    let mut unreadable = Request::new(pb::BatchResolveAffiliationsRequest::default());
    let headers = unreadable.metadata_mut();
    headers.insert(OVERRIDE_REVISION_HEADER, "soon".parse().unwrap());
    let status = client
        .clone()
        .batch_resolve_affiliations(unreadable)
        .await
        .unwrap_err();
    assert_eq!(
        reason(&status),
        (Code::InvalidArgument, "OVERRIDE_REVISION_UNREADABLE".to_owned())
    );
    stop.cancel();
}
