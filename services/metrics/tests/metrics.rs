//! From a record to its place in a ranking, and back: over a real socket and a real store.
#![expect(clippy::unwrap_used, reason = "in a test a panic is a finding")]

mod support;

use tempfile::tempdir;
use tonic::Code;
use whence_model::Share;
use whence_proto::{metrics as pb, types};

use support::{LEEDS, NOWHERE, PARIS, Running, YORK, article, entity, fields, outcomes, share, told};

fn ranking_of(kind: types::EntityKind) -> pb::ListRankingsRequest {
    pb::ListRankingsRequest {
        entity_kind: kind.into(),
        ..Default::default()
    }
}

/// Rank, id, name, units and Count of each row.
fn rows(ranking: &pb::ListRankingsResponse) -> Vec<(i64, String, String, i128, i64)> {
    let row = |row: &pb::RankingRow| {
        let held = row.entity_share.clone().unwrap();
        (
            row.rank,
            held.entity.unwrap().id,
            held.name,
            share(held.share).units(),
            held.count,
        )
    };
    ranking.rows.iter().map(row).collect()
}

#[tokio::test]
async fn what_is_recorded_is_ranked() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let contents = vec![
        article("10.1/a", &[&[LEEDS], &[LEEDS, YORK], &[PARIS]]),
        article("10.1/b", &[&[YORK]]),
        article("10.1/c", &[&[NOWHERE]]),
        article("10.1/d", &[]),
    ];
    let answers = service.import("june", contents).await.unwrap();
    assert_eq!(answers[0].flushed_through, 0);
    assert_eq!(answers.last().unwrap().flushed_through, 4);
    assert_eq!(outcomes(&answers), [pb::Outcome::Recorded; 4]);
    let accounting = answers.last().unwrap().accounting.unwrap();
    assert_eq!(
        (
            accounting.read_count,
            accounting.recorded_count,
            accounting.author_count
        ),
        (4, 4, 5)
    );
    assert_eq!(
        (
            accounting.affiliation_count,
            accounting.resolved_affiliation_count
        ),
        (6, 6)
    );

    let institutions = service
        .rank(ranking_of(types::EntityKind::Institution))
        .await
        .unwrap();
    let expected = [
        (1, YORK.1.to_owned(), YORK.0.to_owned(), 1_166_666_666_667, 2),
        (2, LEEDS.1.to_owned(), LEEDS.0.to_owned(), 500_000_000_000, 1),
        (3, PARIS.1.to_owned(), PARIS.0.to_owned(), 333_333_333_333, 1),
    ];
    assert_eq!(rows(&institutions), expected);
    let coverage = institutions.coverage.unwrap();
    assert_eq!(
        (coverage.article_count, share(coverage.unresolved)),
        (3, Share::ONE)
    );

    let cities = service.rank(ranking_of(types::EntityKind::City)).await.unwrap();
    let ids: Vec<_> = rows(&cities)
        .into_iter()
        .map(|(rank, id, ..)| (rank, id))
        .collect();
    let expected = [
        (1, "metro:paris"),
        (2, "geonames:2633352"),
        (3, "geonames:2644688"),
    ];
    assert_eq!(ids, expected.map(|(rank, id)| (rank, id.to_owned())));
    let total: i128 = rows(&cities).iter().map(|(_, _, _, units, _)| units).sum();
    assert_eq!(total, Share::from_articles(3).units());
    service.stop().await;
}

#[tokio::test]
async fn the_parts_of_an_explanation_add_up_to_the_share() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let contents = (0..150).map(|n| {
        article(
            &format!("10.1/{n:03}"),
            &[&[LEEDS], &[YORK, PARIS], &[LEEDS, YORK]],
        )
    });
    let contents = contents.collect();
    service.import("june", contents).await.unwrap();

    let york = || Some(entity(types::EntityKind::Institution, YORK.1));
    let asked = pb::GetShareRequest {
        entity: york(),
        selection: None,
    };
    let held = service
        .client
        .clone()
        .get_share(asked)
        .await
        .unwrap()
        .into_inner()
        .entity_share
        .unwrap();
    let explained = service
        .explain(pb::ExplainShareRequest {
            entity: york(),
            selection: None,
        })
        .await
        .unwrap();

    assert_eq!(
        (held.count, held.name.as_str(), held.country_code.as_str()),
        (150, YORK.0, "GB")
    );
    assert_eq!(explained.len(), 150);
    let ids: Vec<_> = explained
        .iter()
        .map(|article| article.article_id.as_str())
        .collect();
    assert!(ids.is_sorted());
    assert_eq!(
        explained
            .iter()
            .map(|article| share(article.share))
            .sum::<Share>(),
        share(held.share)
    );
    let first = &explained[0];
    assert_eq!(first.title, "On 10.1/000");
    assert_eq!(
        first.parts.iter().map(|part| share(part.share)).sum::<Share>(),
        share(first.share)
    );
    let part = &first.parts[0];
    assert_eq!(
        (part.author_position, part.author_name.as_str()),
        (2, "Author of 2")
    );
    assert_eq!(part.affiliations, ["University of York, GB"]);
    assert_eq!(
        (part.institution_name.as_str(), part.confidence_ten_thousandths),
        (YORK.0, 9_000)
    );
    assert_eq!(part.place.clone().unwrap().geonames_id, i64::from(YORK.2));
    service.stop().await;
}

#[tokio::test]
async fn a_deleted_article_leaves_nothing_behind() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    service
        .import("june", vec![article("10.1/a", &[&[LEEDS]])])
        .await
        .unwrap();
    let before = service.index().await;
    service
        .import(
            "july",
            vec![article("10.1/b", &[&[NOWHERE]]), article("10.1/c", &[&[PARIS]])],
        )
        .await
        .unwrap();
    let between = service.index().await;
    assert_eq!((between.article_count, between.unknown_institution_count), (3, 1));
    assert_ne!(between.checksum, before.checksum);
    assert_eq!(service.delete("https://doi.org/10.1/B").await.unwrap(), "10.1/b");
    service.delete("10.1/c").await.unwrap();
    let after = service.index().await;
    assert!(after.revision > between.revision);
    assert_eq!(
        pb::Index {
            revision: before.revision,
            ..after
        },
        before
    );

    assert_eq!(
        told(&service.delete("10.1/b").await.unwrap_err()),
        (Code::NotFound, "UNKNOWN_ARTICLE".to_owned())
    );
    assert_eq!(fields(&service.delete("10.1").await.unwrap_err()), ["article_id"]);
    service.stop().await;
}

#[tokio::test]
async fn a_store_opened_again_counts_the_same() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let contents = (0..150)
        .map(|n| article(&format!("10.1/{n}"), &[&[LEEDS], &[NOWHERE, PARIS]]))
        .collect();
    service.import("june", contents).await.unwrap();
    service.delete("10.1/7").await.unwrap();
    let before = service.index().await;
    assert_eq!(before.article_count, 149);
    assert_eq!(before.resolved_with.len(), 1);
    service.stop().await;
    let service = Running::start(store.path()).await;
    assert_eq!(service.index().await, before);
    let get = pb::GetArticleRequest {
        article_id: "10.1/8".to_owned(),
    };
    let article = service
        .client
        .clone()
        .get_article(get)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(article.article.unwrap().article.unwrap().title, "On 10.1/8");
    service.stop().await;
}

#[tokio::test]
async fn every_faulty_field_of_a_query_is_named() {
    let store = tempdir().unwrap();
    let service = Running::start(store.path()).await;
    let selection = pb::Selection {
        from: "june".into(),
        countries: vec!["UK!".into()],
        ..Default::default()
    };
    let request = pb::ListRankingsRequest {
        selection: Some(selection),
        page_size: -1,
        ..Default::default()
    };
    let status = service.rank(request).await.unwrap_err();
    assert_eq!(
        told(&status),
        (Code::InvalidArgument, "INVALID_REQUEST".to_owned())
    );
    assert_eq!(
        fields(&status),
        [
            "selection.from",
            "selection.countries[0]",
            "entity_kind",
            "page_size"
        ]
    );

    let selected = |selection| pb::ListRankingsRequest {
        selection: Some(selection),
        ..ranking_of(types::EntityKind::City)
    };
    let unknown = pb::Selection {
        journal_set: "no-such-set".into(),
        ..Default::default()
    };
    let status = service.rank(selected(unknown)).await.unwrap_err();
    assert_eq!(told(&status), (Code::NotFound, "UNKNOWN_JOURNAL_SET".to_owned()));
    assert!(status.message().contains("nature-index"), "{status}");
    let backwards = pb::Selection {
        from: "2021-02".into(),
        to: "2021-01".into(),
        ..Default::default()
    };
    let status = service.rank(selected(backwards)).await.unwrap_err();
    assert_eq!(
        (told(&status).1.as_str(), fields(&status)),
        ("EMPTY_WINDOW", vec!["selection.from".to_owned()])
    );
    service.stop().await;
}
