//! Pages: complete, in order, and never of another list than the first page was.
#![expect(clippy::unwrap_used, reason = "in a test a panic is a finding")]

mod support;

use tempfile::{TempDir, tempdir};
use tonic::Code;
use whence_model::Share;
use whence_proto::{metrics as pb, types};

use support::{LEEDS, PARIS, Running, YORK, article, fields, refused, share, told};

async fn filled() -> (TempDir, Running) {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let articles = (0..5).map(|n| article(&format!("10.1/{n}"), &[&[LEEDS], &[YORK, PARIS]]));
    let contents = articles
        .chain((0..3).map(|n| refused(&n.to_string(), "it has no id")))
        .collect();
    service.import("june", contents).await.unwrap();
    (store, service)
}

fn cities(page_size: i32, page_token: &str) -> pb::ListRankingsRequest {
    let entity_kind = types::EntityKind::City.into();
    pb::ListRankingsRequest {
        entity_kind,
        page_size,
        page_token: page_token.to_owned(),
        selection: None,
    }
}

#[tokio::test]
async fn a_ranking_page_by_page_is_the_ranking() {
    let (_store, service) = filled().await;
    let whole = service.rank(cities(0, "")).await.unwrap();
    assert_eq!(
        (whole.rows.len(), whole.row_count, whole.next_page_token.as_str()),
        (3, 3, "")
    );
    let mut rows = vec![];
    let mut token = String::new();
    loop {
        let page = service.rank(cities(1, &token)).await.unwrap();
        assert_eq!((page.row_count, page.coverage), (3, whole.coverage));
        rows.extend(page.rows);
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(rows, whole.rows);
    service.stop().await;
}

#[tokio::test]
async fn a_page_of_another_query_or_of_an_index_that_has_changed_is_refused() {
    let (_store, service) = filled().await;
    let token = service.rank(cities(1, "")).await.unwrap().next_page_token;
    let other = pb::ListRankingsRequest {
        entity_kind: types::EntityKind::Country.into(),
        ..cities(1, &token)
    };
    let status = service.rank(other).await.unwrap_err();
    assert_eq!(
        told(&status),
        (Code::InvalidArgument, "PAGE_TOKEN_OF_OTHER_QUERY".to_owned())
    );
    let status = service.rank(cities(1, "no token")).await.unwrap_err();
    assert_eq!(
        told(&status),
        (Code::InvalidArgument, "INVALID_PAGE_TOKEN".to_owned())
    );
    assert_eq!(fields(&status), ["page_token"]);

    assert!(
        service.rank(cities(2, &token)).await.is_ok(),
        "the page size may change"
    );
    service.delete("10.1/0").await.unwrap();
    let status = service.rank(cities(1, &token)).await.unwrap_err();
    assert_eq!(told(&status), (Code::Aborted, "INDEX_CHANGED".to_owned()));
    service.stop().await;
}

#[tokio::test]
async fn articles_come_in_order_of_id_page_by_page() {
    let (_store, service) = filled().await;
    let mut ids = vec![];
    let mut page_token = String::new();
    for size in [2, 2, 1] {
        let request = pb::ListArticlesRequest {
            page_size: 2,
            page_token,
        };
        let page = service
            .client
            .clone()
            .list_articles(request)
            .await
            .unwrap()
            .into_inner();
        assert_eq!(page.articles.len(), size);
        ids.extend(page.articles.into_iter().map(|article| article.article_id));
        page_token = page.next_page_token;
    }
    assert_eq!(
        (ids, page_token),
        (
            ["10.1/0", "10.1/1", "10.1/2", "10.1/3", "10.1/4"]
                .map(String::from)
                .to_vec(),
            String::new()
        )
    );
    let request = pb::ListArticlesRequest {
        page_size: -2,
        page_token: String::new(),
    };
    let status = service.client.clone().list_articles(request).await.unwrap_err();
    assert_eq!(fields(&status), ["page_size"]);
    service.stop().await;
}

#[tokio::test]
async fn contributions_page_by_page_give_every_article_once_in_each_kind() {
    let (_store, service) = filled().await;
    let mut contributions = vec![];
    let mut page_token = String::new();
    loop {
        let request = pb::ListContributionsRequest {
            page_size: 2,
            page_token,
        };
        let page = service
            .client
            .clone()
            .list_contributions(request)
            .await
            .unwrap()
            .into_inner();
        contributions.extend(page.contributions);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    for kind in [
        "institution",
        "institution_rolled",
        "city",
        "locality",
        "country",
        "sector",
    ] {
        let of_kind = contributions.iter().filter(|one| one.entity_kind == kind);
        assert_eq!(
            of_kind.map(|one| share(one.share)).sum::<Share>(),
            Share::from_articles(5),
            "{kind}"
        );
    }
    assert!(contributions.iter().map(|one| &one.article_id).is_sorted());
    service.stop().await;
}

#[tokio::test]
async fn rejections_page_by_page_are_those_of_one_import() {
    let (_store, service) = filled().await;
    let list = |import_id: &str, page_token: String| {
        let request = pb::ListRejectionsRequest {
            import_id: import_id.into(),
            page_size: 2,
            page_token,
        };
        let mut client = service.client.clone();
        async move {
            client
                .list_rejections(request)
                .await
                .map(tonic::Response::into_inner)
        }
    };
    let first = list("june", String::new()).await.unwrap();
    let second = list("june", first.next_page_token.clone()).await.unwrap();
    let sequences: Vec<_> = first
        .rejections
        .iter()
        .chain(&second.rejections)
        .map(|one| one.sequence)
        .collect();
    assert_eq!((sequences, second.next_page_token.as_str()), (vec![6, 7, 8], ""));
    let status = list("july", String::new()).await.unwrap_err();
    assert_eq!(told(&status), (Code::NotFound, "UNKNOWN_IMPORT".to_owned()));
    let status = list("july", first.next_page_token).await.unwrap_err();
    assert_eq!(told(&status).1, "PAGE_TOKEN_OF_OTHER_QUERY");
    service.stop().await;
}
