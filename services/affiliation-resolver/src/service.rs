//! `whence.affiliation.v1.AffiliationService`: each handler converts, calls the engine and converts back.

use std::pin::Pin;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};
use whence_model::RorId;
use whence_proto::affiliation::affiliation_service_server::AffiliationService;
use whence_proto::{affiliation as pb, types};
use whence_runtime::{ServiceError, to_status};

use crate::answer;
use crate::curation::{Curated, Curation};
use crate::current::Current;
use crate::refusal::RequestError;
use crate::resolving::Resolving;

/// A batch is at most this many addresses.
pub(crate) const BATCH_MAX: usize = 1_000;
/// How many addresses of a stream are taken together.
const STREAM_CHUNK: usize = 64;
/// How many institutions a page holds if nothing is said.
pub(crate) const PAGE_DEFAULT: usize = 20;
const PAGE_MAX: usize = 1_000;

/// The service over the snapshot and the overrides that are current when a request begins.
#[derive(Clone)]
pub struct Affiliation {
    current: Arc<Current>,
    curation: Curation,
}

/// What one request is answered with.
#[derive(Clone)]
struct Knowledge {
    resolving: Arc<Resolving>,
    curated: Arc<Curated>,
}

impl Affiliation {
    /// Serves answers of the current snapshot with the newest overrides.
    pub fn new(current: Arc<Current>, curation: Curation) -> Self {
        Self { current, curation }
    }

    /// What a request is answered with: the overrides that it needs are waited for.
    async fn knowledge<T>(&self, request: &Request<T>) -> Result<Knowledge, Status> {
        let curated = self.curation.for_request(request).await.map_err(to_status)?;
        Ok(self.with(curated))
    }

    fn with(&self, curated: Arc<Curated>) -> Knowledge {
        Knowledge {
            resolving: self.current.load(),
            curated,
        }
    }
}

impl Knowledge {
    fn registry(&self) -> &whence_registry::Registry {
        self.resolving.registry()
    }

    fn versions(&self) -> types::ResolverVersions {
        answer::versions(self.registry(), self.curated.revision).into()
    }

    fn resolve(&self, affiliation: &str) -> Result<pb::Resolution, RequestError> {
        let answer = self.resolving.resolve(affiliation, &self.curated)?;
        Ok(answer::resolution(self.registry(), affiliation, &answer))
    }

    fn outcome(&self, affiliation: &str) -> pb::ResolveOutcome {
        use pb::resolve_outcome::Result as Outcome;
        let result = match self.resolve(affiliation) {
            Ok(resolution) => Outcome::Resolution(resolution),
            Err(error) => Outcome::Error(pb::ResolveError {
                reason: error.reason().to_owned(),
                message: error.to_string(),
            }),
        };
        pb::ResolveOutcome { result: Some(result) }
    }
}

/// Resolves off the async threads: a batch takes longer than they may be held.
async fn outcomes(
    knowledge: &Knowledge,
    affiliations: Vec<String>,
) -> Result<Vec<pb::ResolveOutcome>, Status> {
    let knowledge = knowledge.clone();
    let work = move || {
        affiliations
            .iter()
            .map(|affiliation| knowledge.outcome(affiliation))
            .collect()
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| to_status(RequestError::ShuttingDown))
}

#[tonic::async_trait]
impl AffiliationService for Affiliation {
    async fn resolve_affiliation(
        &self,
        request: Request<pb::ResolveAffiliationRequest>,
    ) -> Result<Response<pb::ResolveAffiliationResponse>, Status> {
        let knowledge = self.knowledge(&request).await?;
        let pb::ResolveAffiliationRequest { affiliation, explain } = request.into_inner();
        let resolution = knowledge.resolve(&affiliation).map_err(to_status)?;
        let refused = |error| to_status(RequestError::from(error));
        let explanation = explain.then(|| knowledge.resolving.explain(&affiliation));
        Ok(Response::new(pb::ResolveAffiliationResponse {
            resolution: Some(resolution),
            versions: Some(knowledge.versions()),
            explanation: explanation.transpose().map_err(refused)?,
        }))
    }

    async fn batch_resolve_affiliations(
        &self,
        request: Request<pb::BatchResolveAffiliationsRequest>,
    ) -> Result<Response<pb::BatchResolveAffiliationsResponse>, Status> {
        let knowledge = self.knowledge(&request).await?;
        let pb::BatchResolveAffiliationsRequest { affiliations } = request.into_inner();
        if affiliations.len() > BATCH_MAX {
            return Err(to_status(RequestError::BatchTooLarge(affiliations.len())));
        }
        let outcomes = outcomes(&knowledge, affiliations).await?;
        Ok(Response::new(pb::BatchResolveAffiliationsResponse {
            outcomes,
            versions: Some(knowledge.versions()),
        }))
    }

    type StreamResolveAffiliationsStream =
        Pin<Box<dyn Stream<Item = Result<pb::StreamResolveAffiliationsResponse, Status>> + Send>>;

    async fn stream_resolve_affiliations(
        &self,
        request: Request<Streaming<pb::StreamResolveAffiliationsRequest>>,
    ) -> Result<Response<Self::StreamResolveAffiliationsStream>, Status> {
        // What the stream needs as a whole is there from here on.
        self.knowledge(&request).await?;
        let service = self.clone();
        let answers = request
            .into_inner()
            .ready_chunks(STREAM_CHUNK)
            .then(move |chunk| {
                let service = service.clone();
                async move { service.answer_chunk(chunk).await }
            });
        let answers = answers.flat_map(futures::stream::iter);
        Ok(Response::new(Box::pin(answers)))
    }

    async fn get_institution(
        &self,
        request: Request<pb::GetInstitutionRequest>,
    ) -> Result<Response<pb::GetInstitutionResponse>, Status> {
        let pb::GetInstitutionRequest { ror_id } = request.into_inner();
        let ror_id = RorId::parse(&ror_id).map_err(|error| to_status(RequestError::from(error)))?;
        let resolving = self.current.load();
        let registry = resolving.registry();
        let index = registry
            .find(ror_id)
            .ok_or_else(|| to_status(RequestError::UnknownInstitution(ror_id)))?;
        let institution = answer::institution(registry, &registry.institution(index));
        Ok(Response::new(pb::GetInstitutionResponse {
            institution: Some(institution),
        }))
    }

    async fn search_institutions(
        &self,
        request: Request<pb::SearchInstitutionsRequest>,
    ) -> Result<Response<pb::SearchInstitutionsResponse>, Status> {
        let pb::SearchInstitutionsRequest {
            query,
            page_size,
            page_token,
        } = request.into_inner();
        let (start, size) = page(page_size, &page_token).map_err(to_status)?;
        if query.trim().is_empty() {
            return Err(to_status(RequestError::EmptyQuery));
        }
        if query.len() > whence_resolve::AFFILIATION_BYTES_MAX {
            return Err(to_status(RequestError::TooLong(
                whence_resolve::AffiliationTooLong { bytes: query.len() },
            )));
        }
        let resolving = self.current.load();
        let searching = Arc::clone(&resolving);
        let found = tokio::task::spawn_blocking(move || searching.search(&query)).await;
        let found = found.map_err(|_| to_status(RequestError::ShuttingDown))?;
        let registry = resolving.registry();
        let shown = found.iter().skip(start).take(size);
        let institutions = shown
            .map(|&index| answer::institution(registry, &registry.institution(index)))
            .collect();
        let next = start + size;
        let next_page_token = if next < found.len() {
            next.to_string()
        } else {
            String::new()
        };
        Ok(Response::new(pb::SearchInstitutionsResponse {
            institutions,
            next_page_token,
        }))
    }

    async fn get_registry(
        &self,
        request: Request<pb::GetRegistryRequest>,
    ) -> Result<Response<pb::GetRegistryResponse>, Status> {
        let knowledge = self.knowledge(&request).await?;
        let pb::GetRegistryRequest {} = request.into_inner();
        let registry = knowledge.registry();
        let versions = knowledge.versions();
        let registry = pb::Registry {
            version: versions.registry_version,
            checksum: versions.registry_checksum,
            engine_version: versions.engine_version,
            override_revision: versions.override_revision,
            institution_count: count(registry.institution_count()),
            place_count: count(registry.place_count()),
            metropolitan_area_count: count(registry.metropolitan_areas().len()),
        };
        Ok(Response::new(pb::GetRegistryResponse {
            registry: Some(registry),
        }))
    }
}

impl Affiliation {
    async fn answer_chunk(
        &self,
        chunk: Vec<Result<pb::StreamResolveAffiliationsRequest, Status>>,
    ) -> Vec<Result<pb::StreamResolveAffiliationsResponse, Status>> {
        let mut affiliations = Vec::with_capacity(chunk.len());
        let mut broken = None;
        for request in chunk {
            match request {
                Ok(request) => affiliations.push(request.affiliation),
                Err(error) => broken = Some(error),
            }
        }
        let knowledge = self.with(self.curation.newest());
        let versions = knowledge.versions();
        let response = |outcome| pb::StreamResolveAffiliationsResponse {
            outcome: Some(outcome),
            versions: Some(versions.clone()),
        };
        match outcomes(&knowledge, affiliations).await {
            Ok(outcomes) => outcomes
                .into_iter()
                .map(|outcome| Ok(response(outcome)))
                .chain(broken.map(Err))
                .collect(),
            Err(error) => vec![Err(error)],
        }
    }
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Where a page starts and how long it is.
fn page(size: i32, token: &str) -> Result<(usize, usize), RequestError> {
    let size = match usize::try_from(size) {
        Err(_) => return Err(RequestError::PageSize(size)),
        Ok(0) => PAGE_DEFAULT,
        Ok(size) => size.min(PAGE_MAX),
    };
    let start = if token.is_empty() { Ok(0) } else { token.parse() };
    let start = start.map_err(|_| RequestError::PageToken(token.chars().take(40).collect()))?;
    Ok((start, size))
}
