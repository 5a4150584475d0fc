//! `whence.metrics.v1.MetricsService`, call by call in the order of the contract.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use tonic::{Request, Response, Status, Streaming};
use whence_proto::metrics as pb;
use whence_proto::metrics::metrics_service_server::MetricsService;

use crate::state::MetricsState;
use crate::{articles, explain, index, rankings, record, rejections};

/// The service over one state.
#[derive(Clone, Debug)]
pub struct Metrics {
    state: Arc<MetricsState>,
}

impl Metrics {
    /// Answers from this state.
    pub(crate) fn new(state: Arc<MetricsState>) -> Self {
        Self { state }
    }
}

type Answer<T> = Result<Response<T>, Status>;
type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

#[tonic::async_trait]
impl MetricsService for Metrics {
    type RecordArticlesStream = Answers<pb::RecordArticlesResponse>;

    async fn record_articles(
        &self,
        request: Request<Streaming<pb::RecordArticlesRequest>>,
    ) -> Answer<Self::RecordArticlesStream> {
        let answers = record::answers(Arc::clone(&self.state), request.into_inner());
        Ok(Response::new(Box::pin(answers)))
    }

    async fn list_rejections(
        &self,
        request: Request<pb::ListRejectionsRequest>,
    ) -> Answer<pb::ListRejectionsResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| rejections::list(state, &request))
            .await
            .map(Response::new)
    }

    async fn get_article(&self, request: Request<pb::GetArticleRequest>) -> Answer<pb::GetArticleResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| articles::get(state, &request))
            .await
            .map(Response::new)
    }

    async fn list_articles(
        &self,
        request: Request<pb::ListArticlesRequest>,
    ) -> Answer<pb::ListArticlesResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| articles::list(state, &request))
            .await
            .map(Response::new)
    }

    async fn delete_article(
        &self,
        request: Request<pb::DeleteArticleRequest>,
    ) -> Answer<pb::DeleteArticleResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| articles::delete(state, &request))
            .await
            .map(Response::new)
    }

    async fn get_share(&self, request: Request<pb::GetShareRequest>) -> Answer<pb::GetShareResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| rankings::get_share(state, request))
            .await
            .map(Response::new)
    }

    async fn list_rankings(
        &self,
        request: Request<pb::ListRankingsRequest>,
    ) -> Answer<pb::ListRankingsResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| rankings::list(state, request))
            .await
            .map(Response::new)
    }

    type ExplainShareStream = Answers<pb::ExplainShareResponse>;

    async fn explain_share(
        &self,
        request: Request<pb::ExplainShareRequest>,
    ) -> Answer<Self::ExplainShareStream> {
        let request = request.into_inner();
        let contributions = self
            .state
            .blocking(move |state| explain::contributions(state, request))
            .await?;
        Ok(Response::new(Box::pin(explain::joined(
            Arc::clone(&self.state),
            contributions,
        ))))
    }

    async fn list_contributions(
        &self,
        request: Request<pb::ListContributionsRequest>,
    ) -> Answer<pb::ListContributionsResponse> {
        let request = request.into_inner();
        self.state
            .blocking(move |state| rankings::list_contributions(state, &request))
            .await
            .map(Response::new)
    }

    async fn get_index(&self, request: Request<pb::GetIndexRequest>) -> Answer<pb::GetIndexResponse> {
        let pb::GetIndexRequest {} = request.into_inner();
        self.state.blocking(index::get).await.map(Response::new)
    }
}
