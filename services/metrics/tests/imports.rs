//! What an import may do, may do again, and may not do.
#![expect(clippy::unwrap_used, reason = "in a test a panic is a finding")]

mod support;

use tempfile::tempdir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic_types::StatusExt;
use whence_proto::metrics as pb;
use whence_proto::metrics::Outcome::{Deleted, Excluded, Recorded, Rejected, Unchanged};
use whence_proto::metrics::record_entry::Content;

use support::{
    LEEDS, PARIS, Running, YORK, article, entry, fields, opening, opening_with, outcomes, refused, told,
};

#[tokio::test]
async fn a_replay_gives_the_first_outcomes_and_changes_nothing() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let contents = || {
        let excluded = pb::ExcludedRecord {
            record_id: "7".into(),
            reason: "not of 2021".into(),
        };
        let deleted = pb::DeletedRecord {
            source: "jsonl".into(),
            source_id: "10.1/a".into(),
        };
        vec![
            article("10.1/a", &[&[LEEDS]]),
            article("10.1/a", &[&[LEEDS]]),
            article("10.1/b", &[&[LEEDS], &[PARIS]]),
            refused("8", "it has no authors"),
            Content::Excluded(excluded),
            Content::Deleted(deleted),
        ]
    };
    let first = service.import("june", contents()).await.unwrap();
    assert_eq!(
        outcomes(&first),
        [Recorded, Unchanged, Recorded, Rejected, Excluded, Deleted]
    );
    let index = service.index().await;
    assert_eq!(index.article_count, 1);

    let again = service.import("june", contents()).await.unwrap();
    assert_eq!(again[0].flushed_through, 6);
    let flat = |answers: &[pb::RecordArticlesResponse]| -> Vec<pb::EntryOutcome> {
        answers
            .iter()
            .flat_map(|answer| answer.outcomes.clone())
            .collect()
    };
    assert_eq!(flat(&again), flat(&first));
    assert_eq!(again.last().unwrap().accounting, first.last().unwrap().accounting);
    assert_eq!(service.index().await, index);
    service.stop().await;
}

#[tokio::test]
async fn other_content_under_a_recorded_sequence_is_aborted_with_both_digests() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    service
        .import("june", vec![article("10.1/a", &[&[LEEDS]])])
        .await
        .unwrap();
    let status = service
        .import("june", vec![article("10.1/a", &[&[YORK]])])
        .await
        .unwrap_err();
    assert_eq!(told(&status), (Code::Aborted, "SEQUENCE_CONFLICT".to_owned()));
    let details = status.get_error_details();
    let metadata = &details.error_info().unwrap().metadata;
    assert_ne!(metadata["recorded_digest"], metadata["given_digest"]);
    for digest in [&metadata["recorded_digest"], &metadata["given_digest"]] {
        assert!(
            digest.len() == 64 && status.message().contains(digest.as_str()),
            "{status}"
        );
    }

    let gap = [opening("june"), entry(3, Some(article("10.1/c", &[])))];
    let status = service.record(gap).await.unwrap_err();
    assert_eq!(
        told(&status),
        (Code::FailedPrecondition, "SEQUENCE_GAP".to_owned())
    );
    assert!(
        status.message().contains("sequence 3") && status.message().contains("where 2 was due"),
        "{status}"
    );
    service.stop().await;
}

#[tokio::test]
async fn a_malformed_record_is_rejected_while_the_others_are_recorded() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let mut malformed = article("10.1/b", &[&[LEEDS]]);
    let Content::Article(resolved) = &mut malformed else {
        panic!("not an article")
    };
    resolved.article.as_mut().unwrap().source = "Not a slug".into();
    resolved.resolutions[0].institutions[0].ror_id = "0019nm774".into();
    let contents = vec![
        article("10.1/a", &[&[LEEDS]]),
        malformed,
        article("10.1/c", &[&[PARIS]]),
    ];
    let answers = service.import("june", contents).await.unwrap();
    assert_eq!(outcomes(&answers), [Recorded, Rejected, Recorded]);
    let accounting = answers.last().unwrap().accounting.unwrap();
    assert_eq!(
        (
            accounting.read_count,
            accounting.recorded_count,
            accounting.rejected_count
        ),
        (3, 2, 1)
    );

    let list = pb::ListRejectionsRequest {
        import_id: "june".into(),
        ..Default::default()
    };
    let rejections = service
        .client
        .clone()
        .list_rejections(list)
        .await
        .unwrap()
        .into_inner()
        .rejections;
    assert_eq!((rejections.len(), rejections[0].sequence), (1, 2));
    let record = rejections[0].record.clone().unwrap();
    assert_eq!(
        (record.record_id.as_str(), record.location.as_str()),
        ("10.1/b", "sequence 2 of import june")
    );
    for path in [
        "article.article.source: ",
        "article.resolutions[0].institutions[0].ror_id: ",
    ] {
        assert!(record.reason.contains(path), "{}", record.reason);
    }
    service.stop().await;
}

#[tokio::test]
async fn an_import_is_opened_once_and_first() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let status = service
        .record([entry(1, Some(article("10.1/a", &[])))])
        .await
        .unwrap_err();
    assert_eq!(
        told(&status),
        (Code::InvalidArgument, "IMPORT_NOT_OPENED".to_owned())
    );
    let status = service.record([opening("no spaces please")]).await.unwrap_err();
    assert_eq!(fields(&status), ["open.import_id"]);

    let requests = [
        opening("june"),
        entry(1, Some(article("10.1/a", &[]))),
        opening("july"),
    ];
    let status = service.record(requests).await.unwrap_err();
    assert_eq!(
        told(&status),
        (Code::InvalidArgument, "IMPORT_OPENED_TWICE".to_owned())
    );
    assert_eq!(
        service.index().await.article_count,
        1,
        "what came before the error is recorded"
    );
    assert!(service.record([]).await.unwrap().is_empty());
    service.stop().await;
}

#[tokio::test]
async fn a_resolver_with_a_newer_registry_is_refused() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let status = service
        .record([opening_with("june", "v1.100-2025-01-01")])
        .await
        .unwrap_err();
    assert_eq!(
        told(&status),
        (Code::FailedPrecondition, "REGISTRY_VERSION_MISMATCH".to_owned())
    );
    assert!(
        status.message().contains("v1.100-2025-01-01") && status.message().contains("v1.58-2024-12-11"),
        "{status}"
    );
    for version in ["v1.9-2022-09-01", "starter-2026-11"] {
        assert_eq!(
            service
                .record([opening_with("june", version)])
                .await
                .unwrap()
                .len(),
            1,
            "{version}"
        );
    }
    service.stop().await;
}

#[tokio::test]
async fn the_versions_in_use_are_those_of_the_stored_articles() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    service
        .import("june", vec![article("10.1/a", &[])])
        .await
        .unwrap();
    let older = [
        opening_with("july", "v1.9-2022-09-01"),
        entry(1, Some(article("10.1/b", &[]))),
    ];
    service.record(older).await.unwrap();
    let versions = |index: pb::Index| -> Vec<String> {
        index
            .resolved_with
            .into_iter()
            .map(|versions| versions.registry_version)
            .collect()
    };
    assert_eq!(
        versions(service.index().await),
        ["v1.58-2024-12-11", "v1.9-2022-09-01"]
    );
    service.delete("10.1/a").await.unwrap();
    assert_eq!(versions(service.index().await), ["v1.9-2022-09-01"]);
    service.stop().await;
}

#[tokio::test]
async fn an_import_under_way_ends_when_the_service_stops_and_goes_on_later() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let (requests, queue) = mpsc::channel(4);
    requests.send(opening("june")).await.unwrap();
    requests
        .send(entry(1, Some(article("10.1/a", &[&[LEEDS]]))))
        .await
        .unwrap();
    let answers = service
        .client
        .clone()
        .record_articles(ReceiverStream::new(queue))
        .await
        .unwrap();
    let mut answers = answers.into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().flushed_through, 0);
    assert_eq!(answers.message().await.unwrap().unwrap().flushed_through, 1);
    service.state.stop_streams();
    let status = answers.message().await.unwrap_err();
    assert_eq!(told(&status), (Code::Unavailable, "SHUTTING_DOWN".to_owned()));
    service.stop().await;

    let service = Running::start(store.path()).await;
    let opened = service.record([opening("june")]).await.unwrap();
    assert_eq!(opened[0].flushed_through, 1);
    service.stop().await;
}
