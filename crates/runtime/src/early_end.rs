//! Bodies that end before their handler does: whatever is still to come is replaced by a status.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::HeaderMap;
use http_body::{Body as _, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::Bytes;

/// Polls a body and says instead of its next frame, if it must, the status that ends it.
pub(crate) trait Guard: Send + Unpin + 'static {
    /// The next frame of the body, or the status with which the body ends here.
    fn poll(&mut self, body: Pin<&mut Body>, cx: &mut Context<'_>) -> Poll<Result<NextFrame, Status>>;
}

pub(crate) type NextFrame = Option<Result<Frame<Bytes>, Status>>;

/// A body under a guard.
pub(crate) struct GuardedBody<G> {
    /// None once the body has ended early.
    body: Option<Body>,
    guard: G,
}

impl<G: Guard> GuardedBody<G> {
    /// The body under the guard, as a body of a response.
    pub(crate) fn wrap(body: Body, guard: G) -> Body {
        // A body that holds nothing more has nothing to guard, and its headers already carry the status.
        if body.is_end_stream() {
            body
        } else {
            Body::new(Self {
                body: Some(body),
                guard,
            })
        }
    }
}

impl<G: Guard> http_body::Body for GuardedBody<G> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<NextFrame> {
        let Self { body, guard } = &mut *self;
        let Some(guarded) = body else {
            return Poll::Ready(None);
        };
        match guard.poll(Pin::new(guarded), cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok(frame)) => Poll::Ready(frame),
            Poll::Ready(Err(status)) => {
                // Dropping the handler's body tells the handler that nobody listens any more.
                *body = None;
                Poll::Ready(Some(trailers(&status)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

fn trailers(status: &Status) -> Result<Frame<Bytes>, Status> {
    let mut trailers = HeaderMap::new();
    status.add_header(&mut trailers)?;
    Ok(Frame::trailers(trailers))
}
