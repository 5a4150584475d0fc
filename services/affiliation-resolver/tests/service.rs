//! The service over a real socket, answering from the starter registry.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic_types::StatusExt;
use whence_affiliation_resolver::curation::Curation;
use whence_affiliation_resolver::current::Current;
use whence_affiliation_resolver::{registry, serve};
use whence_proto::affiliation as pb;
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::affiliation::resolve_outcome::Result as Outcome;
use whence_resolve::Resolver;

type Client = AffiliationServiceClient<tonic::transport::Channel>;

/// A client of a service of its own, and the token that stops it.
async fn client() -> (Client, tokio_util::sync::DropGuard) {
    let registry = tokio::task::spawn_blocking(|| registry::open(None))
        .await
        .unwrap()
        .unwrap();
    let listener = whence_runtime::serve::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let url = format!("http://{}", listener.address());
    let stop = CancellationToken::new();
    let current = Current::new(Resolver::new(registry).unwrap());
    let server = whence_runtime::serve::Server::new().add_service(serve(Arc::new(current), Curation::none()));
    tokio::spawn(server.serve(listener, stop.clone()));
    (
        AffiliationServiceClient::connect(url).await.unwrap(),
        stop.drop_guard(),
    )
}

#[tokio::test]
async fn an_address_is_resolved_with_names_and_versions() {
    let (mut client, _stop) = client().await;
    let affiliation = "Dept. of Physics, Univ. of Oxford, UK".to_owned();
    let response = client
        .resolve_affiliation(pb::ResolveAffiliationRequest {
            affiliation,
            explain: false,
        })
        .await
        .unwrap()
        .into_inner();
    let resolution = response.resolution.unwrap();
    assert_eq!(resolution.institutions[0].name, "University of Oxford");
    assert_eq!(resolution.city.unwrap().id, "metro:oxford");
    assert!(
        response
            .versions
            .unwrap()
            .registry_version
            .starts_with("starter-")
    );
}

#[tokio::test]
async fn an_inactive_institution_is_answered_as_printed_with_what_took_its_place() {
    let (mut client, _stop) = client().await;
    let affiliations = [
        "Public Health England, London, UK",
        "Imperial College London, London, UK",
    ];
    let affiliations = affiliations.map(str::to_owned).to_vec();
    let response = client
        .batch_resolve_affiliations(pb::BatchResolveAffiliationsRequest { affiliations })
        .await
        .unwrap();
    let found = response.into_inner().outcomes.into_iter().map(|outcome| {
        let Some(Outcome::Resolution(resolution)) = outcome.result else {
            unreachable!("no address is too long")
        };
        let first = resolution.institutions.into_iter().next().unwrap();
        (first.name.clone(), first.state(), first.successors)
    });
    let successors = ["https://ror.org/018h10037", "https://ror.org/02m3w2z38"].map(str::to_owned);
    let expected = [
        (
            "Public Health England".to_owned(),
            pb::InstitutionState::Inactive,
            successors.to_vec(),
        ),
        (
            "Imperial College London".to_owned(),
            pb::InstitutionState::Active,
            vec![],
        ),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
}

#[tokio::test]
async fn an_address_that_is_too_long_fails_alone_in_its_batch() {
    let (mut client, _stop) = client().await;
    let affiliations = vec![
        "CNRS, Grenoble, France".to_owned(),
        "a".repeat(20_000),
        String::new(),
    ];
    let response = client
        .batch_resolve_affiliations(pb::BatchResolveAffiliationsRequest { affiliations })
        .await
        .unwrap();
    let outcomes: Vec<Outcome> = response
        .into_inner()
        .outcomes
        .into_iter()
        .map(|outcome| outcome.result.unwrap())
        .collect();
    assert!(matches!(&outcomes[0], Outcome::Resolution(resolution) if resolution.institutions.len() == 1));
    assert!(matches!(&outcomes[1], Outcome::Error(error) if error.reason == "AFFILIATION_TOO_LONG"));
    assert!(matches!(&outcomes[2], Outcome::Resolution(resolution) if resolution.institutions.is_empty()));
}

#[tokio::test]
async fn a_stream_is_answered_in_order() {
    let (mut client, _stop) = client().await;
    let names = ["University of Oxford, UK", "nothing", "ETH Zurich, Switzerland"];
    let requests = names.map(|name| pb::StreamResolveAffiliationsRequest {
        affiliation: name.to_owned(),
    });
    let mut answers = client
        .stream_resolve_affiliations(tokio_stream::iter(requests))
        .await
        .unwrap()
        .into_inner();
    let mut found = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        let Some(Outcome::Resolution(resolution)) = answer.outcome.unwrap().result else {
            unreachable!("no address is too long")
        };
        found.push(
            resolution
                .institutions
                .first()
                .map(|institution| institution.name.clone()),
        );
    }
    assert_eq!(
        found,
        [
            Some("University of Oxford".to_owned()),
            None,
            Some("ETH Zurich".to_owned())
        ]
    );
}

#[tokio::test]
async fn institutions_are_found_by_id_and_by_words() {
    let (mut client, _stop) = client().await;
    let get = |ror_id: &str| pb::GetInstitutionRequest {
        ror_id: ror_id.to_owned(),
    };
    let institution = client
        .get_institution(get("052gg0110"))
        .await
        .unwrap()
        .into_inner()
        .institution
        .unwrap();
    assert_eq!(
        (institution.ror_id.as_str(), institution.name.as_str()),
        ("https://ror.org/052gg0110", "University of Oxford")
    );
    assert_eq!(
        client.get_institution(get("not an id")).await.unwrap_err().code(),
        Code::InvalidArgument
    );
    let unknown = client.get_institution(get("https://ror.org/00wlhyn90")).await;
    assert!(unknown.is_err_and(|error| matches!(error.code(), Code::NotFound | Code::InvalidArgument)));

    let search = |page_token: String| pb::SearchInstitutionsRequest {
        query: "university".to_owned(),
        page_size: 2,
        page_token,
    };
    let first = client
        .search_institutions(search(String::new()))
        .await
        .unwrap()
        .into_inner();
    let second = client
        .search_institutions(search(first.next_page_token))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((first.institutions.len(), second.institutions.len()), (2, 2));
    assert_ne!(first.institutions[0].ror_id, second.institutions[0].ror_id);
    let foreign = client
        .search_institutions(search("x".to_owned()))
        .await
        .unwrap_err();
    assert_eq!(
        foreign.get_details_error_info().unwrap().reason,
        "INVALID_PAGE_TOKEN"
    );
}
