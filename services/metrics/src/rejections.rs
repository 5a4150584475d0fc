//! `ListRejections`: what an import refused, page by page.

use prost::Message;
use whence_proto::{Violations, metrics as pb};
use whence_store::{ImportId, RefusedRecord, Rejection};

use crate::convert::count;
use crate::error::MetricsError;
use crate::pages::{fill, page_size, read_rejections, rejections_token};
use crate::state::MetricsState;

/// Answers `ListRejections`.
pub(crate) fn list(
    state: &MetricsState,
    request: &pb::ListRejectionsRequest,
) -> Result<pb::ListRejectionsResponse, MetricsError> {
    let mut violations = Violations::default();
    let import = violations.accept("import_id", ImportId::parse(&request.import_id));
    let size = page_size(&mut violations, request.page_size);
    let (import, size) = violations.finish(import.zip(size))?;
    let after = read_rejections(&import, &request.page_token)?;
    if state.store.import(&import)?.is_none() {
        return Err(MetricsError::UnknownImport(import));
    }
    let coming = state.store.rejections(&import, after, size + 1)?;
    let coming = coming
        .into_iter()
        .map(|rejection| Ok((rejection.sequence, message(rejection))));
    let (rejections, last) = fill(size, coming, Message::encoded_len)?;
    Ok(pb::ListRejectionsResponse {
        rejections,
        next_page_token: rejections_token(&import, last),
    })
}

fn message(rejection: Rejection) -> pb::Rejection {
    let Rejection {
        sequence,
        record: RefusedRecord {
            record_id,
            location,
            reason,
        },
    } = rejection;
    pb::Rejection {
        sequence: count(sequence),
        record: Some(pb::RefusedRecord {
            record_id,
            location,
            reason,
        }),
    }
}
