//! Resolving the addresses of articles: each distinct address once, in batches.
//!
//! Every batch asks for the newest overrides. An import counts as resolved with those that acted when it was
//! opened: later ones act on its later records as well, so that no record is ever said to be newer than it is.

use std::collections::HashMap;

use tonic::Status;
use tonic::transport::Channel;
use whence_model::{AddressResolution, Article, ResolvedArticle, ResolverVersions};
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::{IntoModel, affiliation as pb};
use whence_runtime::to_status;

use crate::error::GatewayError;
use crate::revision::OverrideRevision;

/// The resolver takes at most this many addresses in one call.
const BATCH_MAX: usize = 1_000;

/// What became of an address: what it resolved to, or why the resolver refuses it.
type Answer = Result<whence_model::Resolution, String>;

/// A client of the resolver that asks for whole chunks of articles.
#[derive(Clone, Debug)]
pub struct Resolver {
    client: AffiliationServiceClient<Channel>,
    revision: OverrideRevision,
}

impl Resolver {
    /// A client over this channel, which may balance over several resolvers, with the newest revision of the
    /// overrides.
    pub fn new(channel: Channel, revision: OverrideRevision) -> Self {
        let limit = whence_runtime::serve::MESSAGE_BYTES_MAX;
        Self {
            client: AffiliationServiceClient::new(channel).max_decoding_message_size(limit),
            revision,
        }
    }

    /// The versions that answer now.
    pub async fn versions(&mut self) -> Result<ResolverVersions, Status> {
        let registry = self
            .client
            .get_registry(self.revision.stamped(pb::GetRegistryRequest {}))
            .await?
            .into_inner()
            .registry
            .unwrap_or_default();
        Ok(ResolverVersions {
            registry_version: registry.version,
            registry_checksum: registry.checksum,
            engine_version: registry.engine_version,
            override_revision: u64::try_from(registry.override_revision).unwrap_or_default(),
        })
    }

    /// Resolves the addresses of some articles. An article with an address that is refused is refused
    /// with it, alone. All answers must come from the versions given.
    pub async fn resolve(
        &mut self,
        articles: Vec<Article>,
        versions: &ResolverVersions,
    ) -> Result<Vec<Result<ResolvedArticle, String>>, Status> {
        let mut answers: HashMap<String, Answer> = HashMap::new();
        let distinct = distinct_affiliations(&articles);
        for batch in distinct.chunks(BATCH_MAX) {
            let resolved = self.resolve_batch(batch, versions).await?;
            answers.extend(batch.iter().cloned().zip(resolved));
        }
        Ok(articles
            .into_iter()
            .map(|article| join(article, &answers))
            .collect())
    }

    async fn resolve_batch(
        &mut self,
        batch: &[String],
        versions: &ResolverVersions,
    ) -> Result<Vec<Answer>, Status> {
        let request = pb::BatchResolveAffiliationsRequest {
            affiliations: batch.to_vec(),
        };
        let response = self
            .client
            .batch_resolve_affiliations(self.revision.stamped(request))
            .await?
            .into_inner();
        let answered_by = response.versions.unwrap_or_default();
        if answered_by.registry_checksum != versions.registry_checksum
            || answered_by.engine_version != versions.engine_version
        {
            let before = versions.registry_version.clone();
            return Err(to_status(GatewayError::ResolverChanged {
                before,
                after: answered_by.registry_version,
            }));
        }
        if response.outcomes.len() != batch.len() {
            let error = GatewayError::IncompleteAnswer {
                affiliations: batch.len(),
                answers: response.outcomes.len(),
            };
            return Err(to_status(error));
        }
        Ok(response.outcomes.into_iter().map(answer).collect())
    }
}

fn answer(outcome: pb::ResolveOutcome) -> Answer {
    use pb::resolve_outcome::Result as Outcome;
    match outcome.result {
        Some(Outcome::Resolution(resolution)) => resolution.into_model().map_err(|error| error.to_string()),
        Some(Outcome::Error(error)) => Err(error.message),
        None => Err("the resolver gave no answer".to_owned()),
    }
}

fn distinct_affiliations(articles: &[Article]) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let all = articles.iter().flat_map(Article::distinct_affiliations);
    all.filter(|affiliation| seen.insert(*affiliation))
        .map(str::to_owned)
        .collect()
}

fn join(article: Article, answers: &HashMap<String, Answer>) -> Result<ResolvedArticle, String> {
    let mut resolutions = Vec::new();
    for affiliation in article.distinct_affiliations() {
        match answers.get(affiliation) {
            Some(Ok(resolution)) => {
                resolutions.push(AddressResolution {
                    affiliation: affiliation.to_owned(),
                    resolution: resolution.clone(),
                });
            }
            Some(Err(reason)) => return Err(format!("affiliation {:?}: {reason}", shortened(affiliation))),
            None => {
                return Err(format!(
                    "affiliation {:?} was not resolved",
                    shortened(affiliation)
                ));
            }
        }
    }
    ResolvedArticle::new(article, resolutions).map_err(|error| error.to_string())
}

fn shortened(affiliation: &str) -> String {
    affiliation.chars().take(60).collect()
}
