//! Deadlines: what a caller's `grpc-timeout` asks for holds to the end of the call.
//!
//! tonic alone answers CANCELLED, stops its clock at the response headers and ignores a header that it
//! cannot read. This layer answers `DEADLINE_EXCEEDED`, also within a streamed body, and refuses an
//! unreadable header with `INVALID_ARGUMENT`. Handlers find a [`Deadline`] among the extensions of their
//! request; a proxy passes on the time that remains with [`Deadline::pass_on`].
//!
//! tonic's own timer starts after ours and polls us first, and we look at the clock at every poll:
//! so ours always decides.

use std::future::{Future, poll_fn, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body::Body as _;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};
use whence_model::ErrorKind;

use crate::early_end::{Guard, GuardedBody, NextFrame};
use crate::status::plain_status;

const TIMEOUT_HEADER: &str = "grpc-timeout";

/// When the caller stops waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The deadline that lies this far ahead.
    pub fn after(timeout: Duration) -> Self {
        let now = Instant::now();
        // A timeout of many years is none that anybody will see expire.
        let far = || now + Duration::from_secs(365 * 24 * 60 * 60);
        Self(now.checked_add(timeout).unwrap_or_else(far))
    }

    /// The deadline of a request that came through [`DeadlineLayer`]; none if its caller set none.
    pub fn of<T>(request: &tonic::Request<T>) -> Option<Self> {
        request.extensions().get().copied()
    }

    /// The time left; zero once it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Gives an outgoing request the time that the incoming one has left.
    pub fn pass_on<A, B>(incoming: &tonic::Request<A>, outgoing: &mut tonic::Request<B>) {
        if let Some(deadline) = Self::of(incoming) {
            outgoing.set_timeout(deadline.remaining());
        }
    }

    fn has_passed(self) -> bool {
        Instant::now() >= self.0
    }
}

fn exceeded() -> Status {
    plain_status(
        ErrorKind::DeadlineExceeded,
        "DEADLINE_EXCEEDED",
        "the deadline of the call has passed; ask for less or allow more time",
    )
}

/// The timeout that the headers ask for.
fn read_timeout(headers: &HeaderMap) -> Result<Option<Duration>, Status> {
    let Some(value) = headers.get(TIMEOUT_HEADER) else {
        return Ok(None);
    };
    let timeout = value.to_str().ok().and_then(parse_timeout);
    timeout.map(Some).ok_or_else(|| {
        let message =
            format!("{TIMEOUT_HEADER} {value:?} is not 1 to 8 digits and a unit of H, M, S, m, u or n");
        plain_status(ErrorKind::InvalidArgument, "GRPC_TIMEOUT_UNREADABLE", message)
    })
}

fn parse_timeout(text: &str) -> Option<Duration> {
    let (amount, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if !(1..=8).contains(&amount.len()) || !amount.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = amount.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 60 * 60)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// Holds every call to its caller's deadline.
#[derive(Clone, Copy, Debug, Default)]
pub struct DeadlineLayer;

impl<S> Layer<S> for DeadlineLayer {
    type Service = DeadlineService<S>;

    fn layer(&self, inner: S) -> DeadlineService<S> {
        DeadlineService { inner }
    }
}

/// See [`DeadlineLayer`].
#[derive(Clone, Debug)]
pub struct DeadlineService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for DeadlineService<S>
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

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match read_timeout(request.headers()) {
            Err(status) => Box::pin(ready(Ok(status.into_http()))),
            Ok(None) => Box::pin(self.inner.call(request)),
            Ok(Some(timeout)) => {
                let deadline = Deadline::after(timeout);
                request.extensions_mut().insert(deadline);
                Box::pin(bounded(self.inner.call(request), deadline))
            }
        }
    }
}

/// The response, or `DEADLINE_EXCEEDED` in its place or at its end.
async fn bounded<E>(
    call: impl Future<Output = Result<Response<Body>, E>>,
    deadline: Deadline,
) -> Result<Response<Body>, E> {
    let mut call = pin!(call);
    let mut expiry = Box::pin(sleep_until(deadline.0));
    let response = poll_fn(|cx| match call.as_mut().poll(cx) {
        Poll::Ready(response) => Poll::Ready(Some(response)),
        Poll::Pending if deadline.has_passed() => Poll::Ready(None),
        Poll::Pending => expiry.as_mut().poll(cx).map(|()| None),
    });
    match response.await {
        Some(response) => {
            Ok(response?.map(|body| GuardedBody::wrap(body, DeadlineGuard { deadline, expiry })))
        }
        None => Ok(exceeded().into_http()),
    }
}

struct DeadlineGuard {
    deadline: Deadline,
    expiry: Pin<Box<Sleep>>,
}

impl Guard for DeadlineGuard {
    fn poll(&mut self, body: Pin<&mut Body>, cx: &mut Context<'_>) -> Poll<Result<NextFrame, Status>> {
        // First the clock: a body that always has a frame ready must end as well.
        if self.deadline.has_passed() {
            return Poll::Ready(Err(exceeded()));
        }
        match body.poll_frame(cx) {
            Poll::Ready(frame) => Poll::Ready(Ok(frame)),
            Poll::Pending => self.expiry.as_mut().poll(cx).map(|()| Err(exceeded())),
        }
    }
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

    fn request(timeout: &str) -> Request<()> {
        Request::builder()
            .header(TIMEOUT_HEADER, timeout)
            .body(())
            .unwrap()
    }

    async fn answer<F>(timeout: &str, handler: impl Fn(Request<()>) -> F) -> Response<Body>
    where
        F: Future<Output = Result<Response<Body>, Infallible>> + Send + 'static,
    {
        DeadlineLayer
            .layer(service_fn(handler))
            .oneshot(request(timeout))
            .await
            .unwrap()
    }

    fn code_in(headers: &HeaderMap) -> Code {
        Status::from_header_map(headers).unwrap().code()
    }

    #[test]
    fn timeouts_are_read_as_the_protocol_writes_them() {
        for (text, timeout) in [
            ("1H", Some(Duration::from_secs(3600))),
            ("2M", Some(Duration::from_secs(120))),
            ("99999999S", Some(Duration::from_secs(99_999_999))),
            ("5m", Some(Duration::from_millis(5))),
            ("5u", Some(Duration::from_micros(5))),
            ("0n", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("5", None),
            ("-5S", None),
            ("5s", None),
            ("123456789S", None),
            ("5é", None),
        ] {
            assert_eq!(parse_timeout(text), timeout, "{text:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_never_answers_exceeds_its_deadline() {
        let start = Instant::now();
        let response = answer("3S", |_| std::future::pending()).await;
        assert_eq!(code_in(response.headers()), Code::DeadlineExceeded);
        assert_eq!(start.elapsed().as_secs(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_streamed_body_ends_at_the_deadline() {
        let response = answer("3S", |_| async {
            let first = stream::iter([Ok::<_, Status>(Frame::data(Bytes::from_static(b"first")))]);
            Ok(Response::new(Body::new(StreamBody::new(
                first.chain(stream::pending()),
            ))))
        });
        let collected = response.await.into_body().collect().await.unwrap();
        assert_eq!(code_in(collected.trailers().unwrap()), Code::DeadlineExceeded);
        assert_eq!(collected.to_bytes(), "first");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_is_always_ready_ends_as_well() {
        let response = answer("0n", |_| async {
            let endless = stream::repeat_with(|| Ok::<_, Status>(Frame::data(Bytes::from_static(b"more"))));
            Ok(Response::new(Body::new(StreamBody::new(endless))))
        });
        let collected = response.await.into_body().collect().await.unwrap();
        assert_eq!(code_in(collected.trailers().unwrap()), Code::DeadlineExceeded);
    }

    #[tokio::test]
    async fn an_unreadable_header_is_refused_before_any_work() {
        let response = answer("soon", |_| async { unreachable!("the handler must not run") }).await;
        assert_eq!(code_in(response.headers()), Code::InvalidArgument);
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_passes_on_the_time_that_remains() {
        let response = answer("5S", |incoming| async move {
            tokio::time::advance(Duration::from_secs(2)).await;
            let mut outgoing = tonic::Request::new(());
            Deadline::pass_on(&tonic::Request::from_http(incoming), &mut outgoing);
            assert_eq!(outgoing.metadata().get(TIMEOUT_HEADER).unwrap(), "3000000u");
            Ok(Response::default())
        });
        assert!(response.await.status().is_success());
    }
}
