//! Overrides over a real socket and a real store: created, listed, watched, deleted, and there again.
#![expect(clippy::unwrap_used, reason = "in a test a panic is a finding")]

mod support;

use tempfile::tempdir;
use tonic::{Code, Status};
use whence_proto::curation::create_override_request::Subject;
use whence_proto::{OVERRIDE_REVISION_HEADER, curation as pb};

use support::{LEEDS, PARIS, Running, YORK, article, fields, told};

fn creation(address: &str, ror_ids: &[&str]) -> pb::CreateOverrideRequest {
    pb::CreateOverrideRequest {
        subject: Some(Subject::Address(address.to_owned())),
        ror_ids: ror_ids.iter().map(ToString::to_string).collect(),
        none: ror_ids.is_empty(),
        curator: "C. Urator".to_owned(),
        reason: "a test".to_owned(),
        ..Default::default()
    }
}

fn of_pattern(name: &str, country_code: &str, geonames_id: i64) -> pb::CreateOverrideRequest {
    pb::CreateOverrideRequest {
        subject: Some(Subject::Pattern(pb::NamePattern {
            name: name.to_owned(),
            country_code: country_code.to_owned(),
            geonames_id,
        })),
        ..creation("", &[LEEDS.1])
    }
}

async fn create(
    service: &Running,
    request: pb::CreateOverrideRequest,
) -> Result<(pb::CreateOverrideResponse, String), Status> {
    let answer = service.curation.clone().create_override(request).await?;
    let revision = answer.metadata().get(OVERRIDE_REVISION_HEADER).unwrap();
    let revision = revision.to_str().unwrap().to_owned();
    Ok((answer.into_inner(), revision))
}

async fn delete(service: &Running, id: &str, reason: &str) -> Result<pb::Override, Status> {
    let request = pb::DeleteOverrideRequest {
        override_id: id.to_owned(),
        curator: "D. Eleter".to_owned(),
        reason: reason.to_owned(),
    };
    let answer = service.curation.clone().delete_override(request).await?;
    Ok(answer.into_inner().r#override.unwrap())
}

async fn list(service: &Running, show_deleted: bool) -> Vec<pb::Override> {
    let mut all = vec![];
    let mut page_token = String::new();
    loop {
        let request = pb::ListOverridesRequest {
            page_size: 2,
            page_token,
            show_deleted,
        };
        let page = service
            .curation
            .clone()
            .list_overrides(request)
            .await
            .unwrap()
            .into_inner();
        all.extend(page.overrides);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return all;
        }
    }
}

fn ids(overrides: &[pb::Override]) -> Vec<&str> {
    overrides.iter().map(|entry| entry.override_id.as_str()).collect()
}

#[tokio::test]
async fn an_override_is_kept_with_its_history() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let (created, revision) = create(&service, creation("Leeds, somewhere", &[LEEDS.1]))
        .await
        .unwrap();
    let created = created.r#override.unwrap();
    assert_eq!((created.override_id.as_str(), revision.as_str()), ("1", "1"));
    let change = created.created.clone().unwrap();
    assert_eq!(
        (change.curator.as_str(), change.reason.as_str(), change.revision),
        ("C. Urator", "a test", 1)
    );
    assert!(change.time.unwrap().seconds > 1_700_000_000);
    create(&service, of_pattern("Université de Paris", "FR", 2_988_507))
        .await
        .unwrap();
    create(&service, creation("a shed", &[])).await.unwrap();
    let deleted = delete(&service, "1", "mistaken").await.unwrap();
    assert_eq!(deleted.deleted.as_ref().map(|change| change.revision), Some(4));
    let again = delete(&service, "1", "once more").await.unwrap();
    assert_eq!(again, deleted, "the first deletion stands");
    let before = (list(&service, false).await, list(&service, true).await);
    assert_eq!(
        (ids(&before.0), ids(&before.1)),
        (vec!["2", "3"], vec!["1", "2", "3"])
    );
    service.stop().await;

    let service = Running::start(store.path()).await;
    assert_eq!((list(&service, false).await, list(&service, true).await), before);
    let get = |id: &str| pb::GetOverrideRequest {
        override_id: id.to_owned(),
    };
    let found = service.curation.clone().get_override(get("1")).await.unwrap();
    assert_eq!(found.metadata().get(OVERRIDE_REVISION_HEADER).unwrap(), "4");
    assert_eq!(found.into_inner().r#override, Some(deleted));
    let status = service.curation.clone().get_override(get("9")).await.unwrap_err();
    assert_eq!(told(&status), (Code::NotFound, "UNKNOWN_OVERRIDE".to_owned()));
    let status = delete(&service, "9", "why not").await.unwrap_err();
    assert_eq!(told(&status), (Code::NotFound, "UNKNOWN_OVERRIDE".to_owned()));
    let (_, revision) = create(&service, creation("Leeds somewhere!", &[LEEDS.1]))
        .await
        .unwrap();
    assert_eq!(revision, "5", "the subject is free again, and revisions go on");
}

#[tokio::test]
async fn one_override_stands_for_one_thing() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    create(&service, creation("Univ. de São Paulo", &[]))
        .await
        .unwrap();
    let status = create(&service, creation("UNIVERSITY, de sao paulo.", &[LEEDS.1]))
        .await
        .unwrap_err();
    assert_eq!(
        told(&status),
        (Code::FailedPrecondition, "OVERRIDE_EXISTS".to_owned())
    );
    create(&service, of_pattern("Univ. de São Paulo", "", 0))
        .await
        .unwrap();
    create(&service, of_pattern("Univ. de São Paulo", "FR", 0))
        .await
        .unwrap();
    let status = create(&service, of_pattern("université de são paulo", "fr", 0))
        .await
        .unwrap_err();
    assert_eq!(told(&status).1, "OVERRIDE_EXISTS");
}

#[tokio::test]
async fn a_request_acts_once() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let request = |address: &str| pb::CreateOverrideRequest {
        request_id: "7f1c0b9e-6d0e".to_owned(),
        ..creation(address, &[YORK.1])
    };
    let (first, _) = create(&service, request("York")).await.unwrap();
    let (again, revision) = create(&service, request("York")).await.unwrap();
    assert_eq!((again, revision.as_str()), (first, "1"));
    let status = create(&service, request("New York")).await.unwrap_err();
    assert_eq!(told(&status), (Code::Aborted, "REQUEST_ID_CONFLICT".to_owned()));
}

#[tokio::test]
async fn every_violation_is_told_with_its_field() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let unknown = "https://ror.org/05qbk4x57";
    let bare = pb::CreateOverrideRequest {
        request_id: "no spaces".to_owned(),
        ..Default::default()
    };
    let both = pb::CreateOverrideRequest {
        none: true,
        ..creation("x", &[LEEDS.1])
    };
    let cases = [
        (
            bare,
            &["subject", "ror_ids", "curator", "reason", "request_id"][..],
        ),
        (both, &["ror_ids"]),
        (
            creation("x", &[unknown, "x", YORK.1, YORK.1]),
            &["ror_ids[0]", "ror_ids[1]", "ror_ids[3]"],
        ),
        (creation(" .,; ", &[]), &["address"]),
        (creation(&"x".repeat(16_385), &[]), &["address"]),
        (of_pattern("", "", 0), &["pattern.name"]),
        (of_pattern("of the", "", 0), &["pattern.name"]),
        (
            of_pattern("of", "XX", 0),
            &["pattern.name", "pattern.country_code"],
        ),
        (of_pattern("York", "", 7), &["pattern.geonames_id"]),
        (of_pattern("York", "FR", 2_633_352), &["pattern.country_code"]),
        (
            of_pattern("York", "FRA", -2),
            &["pattern.country_code", "pattern.geonames_id"],
        ),
    ];
    for (request, expected) in cases {
        let status = create(&service, request).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(fields(&status), expected, "{}", status.message());
    }
    let status = delete(&service, "one", " ").await.unwrap_err();
    assert_eq!(fields(&status), ["override_id", "reason"]);
    assert!(list(&service, true).await.is_empty());
}

#[tokio::test]
async fn watchers_see_the_full_state_and_then_every_change() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    create(&service, creation("Leeds", &[LEEDS.1])).await.unwrap();
    create(&service, creation("York", &[YORK.1])).await.unwrap();
    delete(&service, "1", "mistaken").await.unwrap();
    let watch = |revisions_only| pb::WatchOverridesRequest { revisions_only };
    let mut changes = service
        .curation
        .clone()
        .watch_overrides(watch(false))
        .await
        .unwrap()
        .into_inner();
    let state = changes.message().await.unwrap().unwrap();
    assert_eq!((ids(&state.created), state.revision), (vec!["2"], 3));
    assert!(!state.partial);

    create(&service, creation("Paris", &[PARIS.1])).await.unwrap();
    let change = changes.message().await.unwrap().unwrap();
    assert_eq!((ids(&change.created), change.revision), (vec!["4"], 4));
    delete(&service, "2", "mistaken").await.unwrap();
    let change = changes.message().await.unwrap().unwrap();
    assert_eq!(
        (change.created, change.deleted_override_ids, change.revision),
        (vec![], vec!["2".to_owned()], 5)
    );
    let mut revisions = service
        .curation
        .clone()
        .watch_overrides(watch(true))
        .await
        .unwrap()
        .into_inner();
    let first = revisions.message().await.unwrap().unwrap();
    assert_eq!((first.created, first.revision), (vec![], 5));

    service.state.stop_streams();
    let status = changes.message().await.unwrap_err();
    assert_eq!(told(&status), (Code::Unavailable, "SHUTTING_DOWN".to_owned()));
    drop((changes, revisions));
    service.stop().await;
}

#[tokio::test]
async fn a_full_state_of_any_size_comes_whole() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    for number in 0..401 {
        create(&service, creation(&format!("place {number}"), &[]))
            .await
            .unwrap();
    }
    let request = pb::WatchOverridesRequest::default();
    let answer = service.curation.clone().watch_overrides(request).await.unwrap();
    let mut changes = answer.into_inner();
    let (mut count, mut partial) = (0, vec![]);
    while partial.last() != Some(&false) {
        let message = changes.message().await.unwrap().unwrap();
        count += message.created.len();
        partial.push(message.partial);
    }
    assert_eq!((count, partial), (401, vec![true, false]));
    drop(changes);
    service.state.stop_streams();
    service.stop().await;
}

#[tokio::test]
async fn a_creation_tells_which_stored_articles_it_touches() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let contents = vec![
        article("10.1/a", &[&[LEEDS], &[YORK]]),
        article("10.1/b", &[&[YORK]]),
        article("10.1/c", &[&[LEEDS]]),
    ];
    service.import("june", contents).await.unwrap();
    let request = pb::CreateOverrideRequest {
        report_articles: true,
        ..of_pattern("university of leeds", "GB", 0)
    };
    let touched = create(&service, request).await.unwrap().0.touched.unwrap();
    assert_eq!(touched.article_ids, ["10.1/a", "10.1/c"]);
    assert_eq!(
        (
            touched.article_count,
            touched.read_article_count,
            touched.complete
        ),
        (2, 3, true)
    );
    let (quiet, _) = create(&service, creation("nowhere", &[])).await.unwrap();
    assert_eq!(quiet.touched, None);
}
