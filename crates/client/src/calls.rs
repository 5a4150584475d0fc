//! The calls of the gateway, each as a method.

use tonic::{Status, Streaming};
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::curation::curation_service_client::CurationServiceClient;
use whence_proto::ingest::ingest_service_client::IngestServiceClient;
use whence_proto::metrics::metrics_service_client::MetricsServiceClient;
use whence_proto::{affiliation, curation, ingest, metrics};

use crate::client::{Client, MESSAGE_BYTES_MAX};
use crate::error::ClientError;

/// One method a line: its name, the client that has it, its path, its request and its answer.
macro_rules! unary_calls {
    ($($(#[$doc:meta])* $name:ident, $service:ident, $path:literal, $request:ty => $response:ty;)*) => {
        impl Client {
            $(
                $(#[$doc])*
                pub async fn $name(&self, request: $request) -> Result<$response, ClientError> {
                    self.call($path, request, async |channel, request| {
                        let mut service = $service::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
                        service.$name(request).await
                    })
                    .await
                }
            )*
        }

        #[cfg(test)]
        const PATHS: &[&str] = &[$($path),*];
    };
}

unary_calls! {
    /// Resolves one address.
    resolve_affiliation, AffiliationServiceClient, "whence.affiliation.v1.AffiliationService/ResolveAffiliation",
        affiliation::ResolveAffiliationRequest => affiliation::ResolveAffiliationResponse;
    /// Resolves up to 1,000 addresses, answered in order.
    batch_resolve_affiliations, AffiliationServiceClient,
        "whence.affiliation.v1.AffiliationService/BatchResolveAffiliations",
        affiliation::BatchResolveAffiliationsRequest => affiliation::BatchResolveAffiliationsResponse;
    /// One institution by ROR id.
    get_institution, AffiliationServiceClient, "whence.affiliation.v1.AffiliationService/GetInstitution",
        affiliation::GetInstitutionRequest => affiliation::GetInstitutionResponse;
    /// Institutions whose names match a text, best first.
    search_institutions, AffiliationServiceClient, "whence.affiliation.v1.AffiliationService/SearchInstitutions",
        affiliation::SearchInstitutionsRequest => affiliation::SearchInstitutionsResponse;
    /// What the registry holds and which versions answer.
    get_registry, AffiliationServiceClient, "whence.affiliation.v1.AffiliationService/GetRegistry",
        affiliation::GetRegistryRequest => affiliation::GetRegistryResponse;
    /// One stored article with its resolutions.
    get_article, MetricsServiceClient, "whence.metrics.v1.MetricsService/GetArticle",
        metrics::GetArticleRequest => metrics::GetArticleResponse;
    /// Stored articles in order of id, page by page.
    list_articles, MetricsServiceClient, "whence.metrics.v1.MetricsService/ListArticles",
        metrics::ListArticlesRequest => metrics::ListArticlesResponse;
    /// Deletes one article from the store and all metrics.
    delete_article, MetricsServiceClient, "whence.metrics.v1.MetricsService/DeleteArticle",
        metrics::DeleteArticleRequest => metrics::DeleteArticleResponse;
    /// The Share and Count of one entity.
    get_share, MetricsServiceClient, "whence.metrics.v1.MetricsService/GetShare",
        metrics::GetShareRequest => metrics::GetShareResponse;
    /// A ranking by Share, page by page.
    list_rankings, MetricsServiceClient, "whence.metrics.v1.MetricsService/ListRankings",
        metrics::ListRankingsRequest => metrics::ListRankingsResponse;
    /// The exact part of each article that each entity holds, page by page.
    list_contributions, MetricsServiceClient, "whence.metrics.v1.MetricsService/ListContributions",
        metrics::ListContributionsRequest => metrics::ListContributionsResponse;
    /// What is stored.
    get_index, MetricsServiceClient, "whence.metrics.v1.MetricsService/GetIndex",
        metrics::GetIndexRequest => metrics::GetIndexResponse;
    /// Creates an override, which acts on every call after this one.
    create_override, CurationServiceClient, "whence.curation.v1.CurationService/CreateOverride",
        curation::CreateOverrideRequest => curation::CreateOverrideResponse;
    /// One override, standing or deleted.
    get_override, CurationServiceClient, "whence.curation.v1.CurationService/GetOverride",
        curation::GetOverrideRequest => curation::GetOverrideResponse;
    /// Overrides in order of creation, page by page.
    list_overrides, CurationServiceClient, "whence.curation.v1.CurationService/ListOverrides",
        curation::ListOverridesRequest => curation::ListOverridesResponse;
    /// Deletes an override, which is remembered.
    delete_override, CurationServiceClient, "whence.curation.v1.CurationService/DeleteOverride",
        curation::DeleteOverrideRequest => curation::DeleteOverrideResponse;
    /// What an import rejected, page by page.
    list_rejections, IngestServiceClient, "whence.ingest.v1.IngestService/ListRejections",
        ingest::ListRejectionsRequest => ingest::ListRejectionsResponse;
}

impl Client {
    /// Every article that makes up an entity's Share, as a stream without a deadline.
    pub async fn explain_share(
        &self,
        request: metrics::ExplainShareRequest,
    ) -> Result<Explanation, ClientError> {
        let service = MetricsServiceClient::new(self.channel());
        let answer = service
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .explain_share(request)
            .await;
        let answer = answer.map_err(|status| self.answered(status))?;
        Ok(Explanation {
            client: self.clone(),
            articles: answer.into_inner(),
        })
    }

    pub(crate) fn answered(&self, status: Status) -> ClientError {
        ClientError::answered(self.url(), status)
    }
}

/// The articles behind a Share, in order of id.
#[derive(Debug)]
pub struct Explanation {
    client: Client,
    articles: Streaming<metrics::ExplainShareResponse>,
}

impl Explanation {
    /// The next article; none at the end.
    pub async fn next(&mut self) -> Result<Option<metrics::ArticleContribution>, ClientError> {
        loop {
            match self
                .articles
                .message()
                .await
                .map_err(|status| self.client.answered(status))?
            {
                None => return Ok(None),
                Some(metrics::ExplainShareResponse {
                    contribution: Some(contribution),
                }) => {
                    return Ok(Some(contribution));
                }
                Some(metrics::ExplainShareResponse { contribution: None }) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_but_those_of_changes_is_free_of_side_effects_in_the_contract() {
        let writing: Vec<_> = PATHS
            .iter()
            .filter(|path| !whence_proto::has_no_side_effects(path))
            .collect();
        let expected = [
            "whence.metrics.v1.MetricsService/DeleteArticle",
            "whence.curation.v1.CurationService/CreateOverride",
            "whence.curation.v1.CurationService/DeleteOverride",
        ];
        assert!(writing.into_iter().eq(&expected), "{PATHS:?}");
    }
}
