//! Overrides through a gateway over two resolvers and a metrics service, all real: whatever is asked after a
//! creation or deletion has returned is answered with it, by every resolver.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt;
use whence_affiliation_resolver::curation::Curation;
use whence_affiliation_resolver::current::Current;
use whence_affiliation_resolver::{registry, serve};
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::curation::create_override_request::Subject;
use whence_proto::curation::curation_service_client::CurationServiceClient;
use whence_proto::{affiliation as pb, curation};
use whence_registry::Registry;
use whence_resolve::Resolver;
use whence_runtime::serve::{Server, bind};

const ADDRESS: &str = "University of Oxford, Oxford, UK";
const ETH: &str = "https://ror.org/05a28rw58";

/// A gateway, and what stands behind it.
struct Stack {
    affiliation: AffiliationServiceClient<Channel>,
    curation: CurationServiceClient<Channel>,
    _folder: tempfile::TempDir,
    _stop: DropGuard,
}

async fn listen(server: Server, stop: &CancellationToken) -> Endpoint {
    let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let url = format!("http://{}", listener.address());
    tokio::spawn(server.serve(listener, stop.clone()));
    Endpoint::from_shared(url).unwrap()
}

async fn resolver(registry: Registry, curation: Curation, stop: &CancellationToken) -> Endpoint {
    let current = Arc::new(Current::new(Resolver::new(registry).unwrap()));
    listen(Server::new().add_service(serve(current, curation)), stop).await
}

impl Stack {
    /// Starts the stack; tells for each resolver whether it follows overrides.
    async fn start(follows: &[bool]) -> Self {
        let stop = CancellationToken::new();
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().to_owned();
        let opening = tokio::task::spawn_blocking(move || {
            let registry = registry::open(None).unwrap();
            (registry.clone(), whence_metrics::open(registry, &store).unwrap())
        });
        let (registry, state) = opening.await.unwrap();
        let server = Server::new()
            .add_service(whence_metrics::service(Arc::clone(&state)))
            .add_service(whence_metrics::curation_service(state));
        let metrics = listen(server, &stop).await;
        let mut resolvers = vec![];
        for follows in follows {
            let curation = if *follows {
                Curation::follow(metrics.connect_lazy(), stop.clone())
            } else {
                Curation::none()
            };
            resolvers.push(resolver(registry.clone(), curation, &stop).await);
        }
        let server = whence_gateway::server(whence_gateway::resolvers(resolvers), metrics.connect_lazy());
        let gateway = listen(server, &stop).await.connect().await.unwrap();
        Self {
            affiliation: AffiliationServiceClient::new(gateway.clone()),
            curation: CurationServiceClient::new(gateway),
            _folder: folder,
            _stop: stop.drop_guard(),
        }
    }

    async fn create(&mut self) -> curation::Override {
        let request = curation::CreateOverrideRequest {
            subject: Some(Subject::Address(ADDRESS.to_owned())),
            ror_ids: vec![ETH.to_owned()],
            curator: "C. Urator".to_owned(),
            reason: "a test".to_owned(),
            ..Default::default()
        };
        let created = self.curation.create_override(request).await.unwrap();
        created.into_inner().r#override.unwrap()
    }

    async fn delete(&mut self, id: String) {
        let request = curation::DeleteOverrideRequest {
            override_id: id,
            curator: "C. Urator".to_owned(),
            reason: "a test".to_owned(),
        };
        self.curation.delete_override(request).await.unwrap();
    }

    /// The distinct answers to some requests, which are spread over the resolvers.
    async fn answers(&self) -> BTreeSet<(bool, i64)> {
        let mut answers = BTreeSet::new();
        for _ in 0..8 {
            let request = pb::ResolveAffiliationRequest {
                affiliation: ADDRESS.to_owned(),
                explain: false,
            };
            let answer = self.affiliation.clone().resolve_affiliation(request).await;
            let answer = answer.unwrap().into_inner();
            let is_eth = answer.resolution.unwrap().institutions[0].ror_id == ETH;
            answers.insert((is_eth, answer.versions.unwrap().override_revision));
        }
        answers
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resolver_answers_with_what_was_created_and_deleted_before() {
    let mut stack = Stack::start(&[true, true]).await;
    for round in 0..10 {
        let created = stack.create().await;
        assert_eq!(stack.answers().await, BTreeSet::from([(true, round * 2 + 1)]));
        stack.delete(created.override_id).await;
        assert_eq!(stack.answers().await, BTreeSet::from([(false, round * 2 + 2)]));
    }
}

#[tokio::test]
async fn a_resolver_without_overrides_is_not_asked_for_what_needs_them() {
    let mut stack = Stack::start(&[false]).await;
    assert_eq!(stack.answers().await, BTreeSet::from([(false, 0)]));
    stack.create().await;
    let request = pb::ResolveAffiliationRequest {
        affiliation: ADDRESS.to_owned(),
        explain: false,
    };
    let status = stack.affiliation.resolve_affiliation(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    let reason = status.get_details_error_info().unwrap().reason;
    assert_eq!(reason, "OVERRIDES_NOT_FOLLOWED");
}
