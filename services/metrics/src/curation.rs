//! `whence.curation.v1.CurationService`, call by call in the order of the contract.
//!
//! Every answer says in its headers which revision of the overrides it has reached: what was created or
//! deleted is on disk, and known to whoever asks for that revision.

use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use prost::Message;
use tonic::metadata::MetadataValue;
use tonic::{Request, Response, Status};
use whence_model::{Override, OverrideId};
use whence_proto::curation::curation_service_server::CurationService;
use whence_proto::{OVERRIDE_REVISION_HEADER, Violations, curation as pb};

use crate::convert::{count, only_text};
use crate::error::MetricsError;
use crate::new_override::{Rules, deletion};
use crate::pages::{fill, overrides_token, page_size, read_overrides};
use crate::state::MetricsState;
use crate::{touched, watch};

/// The service over one state.
#[derive(Clone, Debug)]
pub struct Curation {
    state: Arc<MetricsState>,
}

impl Curation {
    /// Keeps the overrides of this state.
    pub(crate) fn new(state: Arc<MetricsState>) -> Self {
        Self { state }
    }

    /// The answer with the revision that has been reached.
    fn answer<T>(&self, message: T) -> Response<T> {
        let mut response = Response::new(message);
        let revision = *self.state.override_revision.borrow();
        let headers = response.metadata_mut();
        headers.insert(OVERRIDE_REVISION_HEADER, MetadataValue::from(revision));
        response
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl CurationService for Curation {
    async fn create_override(
        &self,
        request: Request<pb::CreateOverrideRequest>,
    ) -> Answer<pb::CreateOverrideResponse> {
        let request = request.into_inner();
        let created = self.state.blocking(move |state| create(state, request)).await?;
        Ok(self.answer(created))
    }

    async fn get_override(
        &self,
        request: Request<pb::GetOverrideRequest>,
    ) -> Answer<pb::GetOverrideResponse> {
        let request = request.into_inner();
        let found = self.state.blocking(move |state| get(state, &request)).await?;
        Ok(self.answer(found))
    }

    async fn list_overrides(
        &self,
        request: Request<pb::ListOverridesRequest>,
    ) -> Answer<pb::ListOverridesResponse> {
        let request = request.into_inner();
        let page = self.state.blocking(move |state| list(state, &request)).await?;
        Ok(self.answer(page))
    }

    async fn delete_override(
        &self,
        request: Request<pb::DeleteOverrideRequest>,
    ) -> Answer<pb::DeleteOverrideResponse> {
        let request = request.into_inner();
        let deleted = self.state.blocking(move |state| delete(state, &request)).await?;
        Ok(self.answer(deleted))
    }

    type WatchOverridesStream =
        Pin<Box<dyn Stream<Item = Result<pb::WatchOverridesResponse, Status>> + Send>>;

    async fn watch_overrides(
        &self,
        request: Request<pb::WatchOverridesRequest>,
    ) -> Answer<Self::WatchOverridesStream> {
        let pb::WatchOverridesRequest { revisions_only } = request.into_inner();
        let changes = watch::changes(Arc::clone(&self.state), revisions_only);
        Ok(self.answer(Box::pin(changes) as Self::WatchOverridesStream))
    }
}

fn create(
    state: &MetricsState,
    request: pb::CreateOverrideRequest,
) -> Result<pb::CreateOverrideResponse, MetricsError> {
    let report_articles = request.report_articles;
    let (new, request_id) = {
        let book = state.book()?;
        let rules = Rules {
            registry: state.registry(),
            splitter: book.splitter(),
        };
        rules.creation(request)?
    };
    let created = state.create_override(new, request_id.as_ref())?;
    tracing::info!(override_id = %created.id, curator = created.created.decision.curator, "override created");
    let touched = report_articles.then(|| touched::articles(state, &created));
    Ok(pb::CreateOverrideResponse {
        touched: touched.transpose()?,
        r#override: Some(created.into()),
    })
}

fn get(
    state: &MetricsState,
    request: &pb::GetOverrideRequest,
) -> Result<pb::GetOverrideResponse, MetricsError> {
    let id = only_text("override_id", OverrideId::parse(&request.override_id))?;
    let found = state.book()?.get(id).cloned();
    let found = found.ok_or(MetricsError::UnknownOverride(id))?;
    Ok(pb::GetOverrideResponse {
        r#override: Some(Override::clone(&found).into()),
    })
}

fn list(
    state: &MetricsState,
    request: &pb::ListOverridesRequest,
) -> Result<pb::ListOverridesResponse, MetricsError> {
    let mut violations = Violations::default();
    let size = page_size(&mut violations, request.page_size);
    let size = violations.finish(size)?;
    let after = read_overrides(request.show_deleted, &request.page_token)?;
    let book = state.book()?;
    let shown = book
        .after(after)
        .filter(|entry| request.show_deleted || entry.stands());
    let coming = shown.map(|entry| Ok((entry.id, pb::Override::from(Override::clone(entry)))));
    let (overrides, last) = fill(size, coming, Message::encoded_len)?;
    Ok(pb::ListOverridesResponse {
        overrides,
        next_page_token: overrides_token(request.show_deleted, last),
        revision: count(book.revision()),
    })
}

fn delete(
    state: &MetricsState,
    request: &pb::DeleteOverrideRequest,
) -> Result<pb::DeleteOverrideResponse, MetricsError> {
    let (id, decision) = deletion(request)?;
    let deleted = state.delete_override(id, decision)?;
    tracing::info!(override_id = %id, "override deleted");
    Ok(pb::DeleteOverrideResponse {
        r#override: Some(deleted.into()),
    })
}
