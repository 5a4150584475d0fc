//! A panic in a handler is a fault of ours, not the end of the service: it becomes `INTERNAL`.
//!
//! The panic hook has logged where it happened by then; this layer logs which call it was. What the
//! panic said stays in the log.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body::Body as _;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};
use whence_model::ErrorKind;

use crate::early_end::{Guard, GuardedBody, NextFrame};
use crate::status::plain_status;

/// Answers `INTERNAL` where a handler, or the stream that it returned, panics.
#[derive(Clone, Copy, Debug, Default)]
pub struct PanicLayer;

impl<S> Layer<S> for PanicLayer {
    type Service = PanicService<S>;

    fn layer(&self, inner: S) -> PanicService<S> {
        PanicService { inner }
    }
}

/// See [`PanicLayer`].
#[derive(Clone, Debug)]
pub struct PanicService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for PanicService<S>
where
    S: Service<Request<B>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Response<Body>, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path().to_owned();
        let call = AssertUnwindSafe(self.inner.call(request)).catch_unwind();
        Box::pin(async move {
            match call.await {
                Ok(response) => Ok(response?.map(|body| GuardedBody::wrap(body, PanicGuard { path }))),
                Err(panic) => Ok(internal(&path, panic.as_ref()).into_http()),
            }
        })
    }
}

struct PanicGuard {
    path: String,
}

impl Guard for PanicGuard {
    fn poll(&mut self, body: Pin<&mut Body>, cx: &mut Context<'_>) -> Poll<Result<NextFrame, Status>> {
        match catch_unwind(AssertUnwindSafe(|| body.poll_frame(cx))) {
            Ok(frame) => frame.map(Ok),
            Err(panic) => Poll::Ready(Err(internal(&self.path, panic.as_ref()))),
        }
    }
}

fn internal(path: &str, panic: &(dyn Any + Send)) -> Status {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("nothing");
    tracing::error!(path, said, "a handler panicked");
    plain_status(
        ErrorKind::Internal,
        "HANDLER_PANICKED",
        "a fault in the service; its log says more",
    )
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{StreamExt, stream};
    use http_body::Frame;
    use http_body_util::{BodyExt, StreamBody};
    use tonic::Code;
    use tonic::codegen::Bytes;
    use tower::{ServiceExt, service_fn};

    use super::*;

    #[tokio::test]
    async fn a_panicking_handler_answers_internal() {
        let handler = service_fn(|_: Request<()>| async { panic!("out of cheese") });
        let handler = handler
            .map_response(|(): ()| Response::<Body>::default())
            .map_err(|error: Infallible| error);
        let response = PanicLayer
            .layer(handler)
            .oneshot(Request::default())
            .await
            .unwrap();
        let status = Status::from_header_map(response.headers()).unwrap();
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("cheese"));
    }

    #[tokio::test]
    async fn a_panicking_stream_ends_with_internal() {
        let handler = service_fn(|_: Request<()>| async {
            let frames = stream::iter(0..2).map(|n| match n {
                0 => Ok::<_, Status>(Frame::data(Bytes::from_static(b"first"))),
                _ => panic!("out of cheese"),
            });
            Ok::<_, Infallible>(Response::new(Body::new(StreamBody::new(frames))))
        });
        let response = PanicLayer
            .layer(handler)
            .oneshot(Request::default())
            .await
            .unwrap();
        let collected = response.into_body().collect().await.unwrap();
        assert_eq!(
            Status::from_header_map(collected.trailers().unwrap())
                .unwrap()
                .code(),
            Code::Internal
        );
        assert_eq!(collected.to_bytes(), "first");
    }
}
