//! A metrics service on a socket of its own over a real store, and articles to record in it.
#![allow(dead_code, reason = "each test file uses a part")]

use std::path::Path;

use tokio::task::JoinHandle;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;
use whence_metrics::{curation_service, open, service};
use whence_model::{CountryCode, GeonamesId, RorId, Share, Slug};
use whence_proto::curation::curation_service_client::CurationServiceClient;
use whence_proto::metrics::metrics_service_client::MetricsServiceClient;
use whence_proto::metrics::record_articles_request::Message;
use whence_proto::metrics::record_entry::Content;
use whence_proto::{IntoModel, metrics as pb, types};
use whence_registry::{
    BuiltRegistry, Country, InstitutionRecord, InstitutionState, InstitutionType, MetropolitanArea,
    MetropolitanAreaIndex, NameKind, NameRecord, PlaceIndex, PlaceRecord, Registry, SnapshotBuilder,
};
use whence_runtime::serve::{Server, bind};

pub(crate) type Client = MetricsServiceClient<Channel>;

/// Institutions as (name, id, locality, country): all universities.
pub(crate) const LEEDS: Institution = (
    "University of Leeds",
    "https://ror.org/0019nm773",
    2_644_688,
    "GB",
);
pub(crate) const YORK: Institution = ("University of York", "https://ror.org/001anm730", 2_633_352, "GB");
pub(crate) const PARIS: Institution = ("Sorbonne", "https://ror.org/0016nm708", 2_988_507, "FR");
/// One that the registry lacks.
pub(crate) const NOWHERE: Institution = ("Nowhere", "https://ror.org/05qbk4x57", 2_988_507, "FR");

pub(crate) type Institution = (&'static str, &'static str, u32, &'static str);

pub(crate) const REGISTRY_VERSION: &str = "v1.58-2024-12-11";

/// Three universities in three cities, one of which is a metropolitan area.
pub(crate) fn registry() -> Registry {
    let place = |(_, _, id, country): Institution, name: &str, area: Option<u32>| PlaceRecord {
        geonames_id: GeonamesId::new(id).unwrap(),
        name: name.to_owned(),
        alternate_names: vec![],
        country: CountryCode::parse(country).unwrap(),
        admin1_code: String::new(),
        latitude: 0.0,
        longitude: 0.0,
        population: 0,
        metropolitan_area: area.map(MetropolitanAreaIndex::new),
    };
    let institution = |(name, ror_id, ..): Institution, place: u32| InstitutionRecord {
        ror_id: RorId::parse(ror_id).unwrap(),
        names: vec![NameRecord {
            text: name.to_owned(),
            kind: NameKind::Display,
            language: None,
        }],
        types: [InstitutionType::Education].into_iter().collect(),
        state: InstitutionState::Active,
        locations: vec![PlaceIndex::new(place)],
        established: None,
        parents: vec![],
        children: vec![],
        related: vec![],
        successors: vec![],
    };
    let country = |code, name: &str| Country {
        code: CountryCode::parse(code).unwrap(),
        name: name.to_owned(),
        alternates: vec![],
    };
    let paris = MetropolitanArea {
        slug: Slug::parse("paris").unwrap(),
        name: "Paris".to_owned(),
        country: CountryCode::parse("FR").unwrap(),
    };
    let built = BuiltRegistry {
        version: REGISTRY_VERSION.to_owned(),
        places: vec![
            place(YORK, "York", None),
            place(LEEDS, "Leeds", None),
            place(PARIS, "Paris", Some(0)),
        ],
        institutions: vec![institution(PARIS, 2), institution(LEEDS, 1), institution(YORK, 0)],
        metropolitan_areas: vec![paris],
        countries: vec![country("FR", "France"), country("GB", "United Kingdom")],
        ..BuiltRegistry::default()
    };
    Registry::from_bytes(SnapshotBuilder::new(&built).unwrap().to_bytes()).unwrap()
}

/// A service that runs until it is stopped.
pub(crate) struct Running {
    pub(crate) client: Client,
    pub(crate) curation: CurationServiceClient<Channel>,
    pub(crate) state: std::sync::Arc<whence_metrics::MetricsState>,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

impl Running {
    /// Starts a service over the store in this directory.
    pub(crate) async fn start(store: &Path) -> Self {
        let state = open(registry(), store).unwrap();
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let url = format!("http://{}", listener.address());
        let stop = CancellationToken::new();
        let server = Server::new()
            .add_service(service(state.clone()))
            .add_service(curation_service(state.clone()))
            .serve(listener, stop.clone());
        let server = tokio::spawn(async move { server.await.unwrap() });
        Self {
            client: Client::connect(url.clone()).await.unwrap(),
            curation: CurationServiceClient::connect(url).await.unwrap(),
            state,
            stop,
            server,
        }
    }

    /// Stops the service and gives the store free.
    pub(crate) async fn stop(self) {
        let Self {
            client,
            curation,
            state,
            stop,
            server,
        } = self;
        drop((client, curation));
        stop.cancel();
        server.await.unwrap();
        drop(state);
    }

    /// Records contents under sequences from 1, and gives every answer up to the end or an error.
    pub(crate) async fn import(
        &self,
        id: &str,
        contents: Vec<Content>,
    ) -> Result<Vec<pb::RecordArticlesResponse>, Status> {
        let entries = (1..)
            .zip(contents)
            .map(|(sequence, content)| entry(sequence, Some(content)));
        self.record([opening(id)].into_iter().chain(entries)).await
    }

    pub(crate) async fn record(
        &self,
        requests: impl IntoIterator<Item = pb::RecordArticlesRequest>,
    ) -> Result<Vec<pb::RecordArticlesResponse>, Status> {
        let requests: Vec<_> = requests.into_iter().collect();
        let answers = self
            .client
            .clone()
            .record_articles(tokio_stream::iter(requests))
            .await?;
        answers.into_inner().collect::<Result<_, _>>().await
    }

    pub(crate) async fn index(&self) -> pb::Index {
        let answer = self
            .client
            .clone()
            .get_index(pb::GetIndexRequest {})
            .await
            .unwrap();
        answer.into_inner().index.unwrap()
    }

    pub(crate) async fn rank(
        &self,
        request: pb::ListRankingsRequest,
    ) -> Result<pb::ListRankingsResponse, Status> {
        Ok(self.client.clone().list_rankings(request).await?.into_inner())
    }

    pub(crate) async fn explain(
        &self,
        request: pb::ExplainShareRequest,
    ) -> Result<Vec<pb::ArticleContribution>, Status> {
        let answers = self.client.clone().explain_share(request).await?.into_inner();
        let answers: Vec<_> = answers.collect::<Result<_, _>>().await?;
        Ok(answers
            .into_iter()
            .map(|answer: pb::ExplainShareResponse| answer.contribution.unwrap())
            .collect())
    }

    /// Deletes an article; gives its id.
    pub(crate) async fn delete(&self, id: &str) -> Result<String, Status> {
        let request = pb::DeleteArticleRequest {
            article_id: id.to_owned(),
        };
        Ok(self
            .client
            .clone()
            .delete_article(request)
            .await?
            .into_inner()
            .article_id)
    }
}

pub(crate) fn request(message: Message) -> pb::RecordArticlesRequest {
    pb::RecordArticlesRequest {
        message: Some(message),
    }
}

pub(crate) fn opening(id: &str) -> pb::RecordArticlesRequest {
    opening_with(id, REGISTRY_VERSION)
}

pub(crate) fn opening_with(id: &str, registry_version: &str) -> pb::RecordArticlesRequest {
    let resolved_with = types::ResolverVersions {
        registry_version: registry_version.to_owned(),
        registry_checksum: "another".to_owned(),
        engine_version: "1".to_owned(),
        override_revision: 0,
    };
    request(Message::Open(pb::OpenImport {
        import_id: id.to_owned(),
        resolved_with: Some(resolved_with),
    }))
}

pub(crate) fn entry(sequence: i64, content: Option<Content>) -> pb::RecordArticlesRequest {
    request(Message::Entry(pb::RecordEntry { sequence, content }))
}

/// An article of research, one author for each list of institutions, one address for each institution.
pub(crate) fn article(doi: &str, authors: &[&[Institution]]) -> Content {
    let author = |institutions: &&[Institution]| types::Author {
        name: format!("Author of {}", institutions.len()),
        affiliations: institutions.iter().map(address).collect(),
        ..Default::default()
    };
    let article = types::Article {
        identifiers: Some(types::ArticleIdentifiers {
            doi: doi.to_owned(),
            ..Default::default()
        }),
        source: "jsonl".to_owned(),
        title: format!("On {doi}"),
        types: vec!["research-article".to_owned()],
        electronic_date: Some(types::PublicationDate {
            year: 2021,
            month: 6,
            day: 8,
        }),
        authors: authors.iter().map(author).collect(),
        ..Default::default()
    };
    let mut resolutions: Vec<types::AddressResolution> = vec![];
    for institution in authors.iter().copied().flatten() {
        let resolution = resolution(institution);
        if resolutions
            .iter()
            .all(|known| known.affiliation != resolution.affiliation)
        {
            resolutions.push(resolution);
        }
    }
    Content::Article(types::ResolvedArticle {
        article: Some(article),
        resolutions,
    })
}

fn address((name, _, _, country): &Institution) -> String {
    format!("{name}, {country}")
}

fn resolution(institution: &Institution) -> types::AddressResolution {
    let (name, ror_id, locality, country) = institution;
    let place = types::ResolvedPlace {
        geonames_id: (*locality).into(),
        country_code: (*country).to_owned(),
    };
    types::AddressResolution {
        affiliation: address(institution),
        institutions: vec![types::ResolvedInstitution {
            ror_id: (*ror_id).to_owned(),
            confidence_ten_thousandths: 9_000,
            span: Some(types::TextSpan {
                start_byte: 0,
                end_byte: i32::try_from(name.len()).unwrap(),
            }),
            role: types::AffiliationRole::Affiliation.into(),
            place: Some(place.clone()),
        }],
        place: Some(place),
        ..Default::default()
    }
}

pub(crate) fn refused(record_id: &str, reason: &str) -> Content {
    Content::Refused(pb::RefusedRecord {
        record_id: record_id.to_owned(),
        location: "articles.jsonl: line 7".to_owned(),
        reason: reason.to_owned(),
    })
}

pub(crate) fn share(message: Option<types::Share>) -> Share {
    message.unwrap().into_model().unwrap()
}

pub(crate) fn entity(kind: types::EntityKind, id: &str) -> pb::Entity {
    pb::Entity {
        kind: kind.into(),
        id: id.to_owned(),
    }
}

/// The outcomes of all answers, in order.
pub(crate) fn outcomes(answers: &[pb::RecordArticlesResponse]) -> Vec<pb::Outcome> {
    answers
        .iter()
        .flat_map(|answer| &answer.outcomes)
        .map(pb::EntryOutcome::outcome)
        .collect()
}

/// The code and the reason of a status.
pub(crate) fn told(status: &Status) -> (Code, String) {
    (
        status.code(),
        status.get_error_details().error_info().unwrap().reason.clone(),
    )
}

/// The fields that a status complains of.
pub(crate) fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    details
        .bad_request()
        .unwrap()
        .field_violations
        .iter()
        .map(|one| one.field.clone())
        .collect()
}
