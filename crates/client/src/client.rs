//! The client: one connection to a gateway, and how its calls are made.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder, Retryable};
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_types::StatusExt;
use whence_proto::has_no_side_effects;

use crate::error::ClientError;

/// The largest answer that the client takes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A dead gateway is noticed within the sum of the two, also in the middle of an import.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// How patient a client is.
#[derive(Clone, Copy, Debug)]
pub struct ClientOptions {
    /// The deadline of every unary call, over all its tries.
    pub call_timeout: Duration,
    /// How often a call, or a connection of an import that makes no progress, is tried again.
    pub retries_max: usize,
    /// The wait before the first retry; it doubles, with some jitter, up to [`Self::retry_delay_max`].
    pub retry_delay_min: Duration,
    /// The longest wait between two tries.
    pub retry_delay_max: Duration,
    /// How many records of an import may be under way without being acknowledged.
    pub import_window: usize,
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            call_timeout: Duration::from_secs(60),
            retries_max: 8,
            retry_delay_min: Duration::from_millis(100),
            retry_delay_max: Duration::from_secs(5),
            import_window: 2_000,
        }
    }
}

/// A client of a gateway. Clones share the connection, which is made again when it breaks.
#[derive(Clone, Debug)]
pub struct Client {
    url: String,
    channel: Channel,
    options: ClientOptions,
}

impl Client {
    /// Connects to a gateway, such as `http://127.0.0.1:7340`.
    pub async fn connect(url: &str) -> Result<Self, ClientError> {
        Self::connect_with(url, ClientOptions::default()).await
    }

    /// Connects with other options.
    pub async fn connect_with(url: &str, options: ClientOptions) -> Result<Self, ClientError> {
        let invalid = |source| ClientError::InvalidUrl {
            url: url.to_owned(),
            source,
        };
        let endpoint = Endpoint::from_shared(url.to_owned()).map_err(invalid)?;
        let endpoint = endpoint
            .connect_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_interval(KEEPALIVE_INTERVAL)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        let channel = endpoint
            .connect()
            .await
            .map_err(|error| ClientError::connecting(url, error))?;
        Ok(Self {
            url: url.to_owned(),
            channel,
            options,
        })
    }

    /// The URL of the gateway.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(crate) fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// Makes a unary call, again while the gateway is unavailable if the contract allows it.
    pub(crate) async fn call<Q: Clone, A>(
        &self,
        path: &'static str,
        request: Q,
        send: impl AsyncFn(Channel, Request<Q>) -> Result<Response<A>, Status>,
    ) -> Result<A, ClientError> {
        let tries = async || {
            let mut request = Request::new(request.clone());
            request.set_timeout(self.options.call_timeout);
            send(self.channel(), request).await
        };
        let policy = self.options.backoff().with_max_times(self.options.retries_max);
        let answer = tries
            .retry(policy)
            .when(|status| has_no_side_effects(path) && status.code() == tonic::Code::Unavailable)
            .adjust(|status, delay| delay.map(|delay| delay.max(requested_delay(status))))
            .notify(|status, delay| tracing::debug!(path, %status, ?delay, "trying again"));
        let answer = tokio::time::timeout(self.options.call_timeout, answer).await;
        let late =
            |_| Status::deadline_exceeded("the gateway has not answered within the deadline of the call");
        let answer = answer.map_err(late).flatten();
        answer
            .map(Response::into_inner)
            .map_err(|status| ClientError::answered(&self.url, status))
    }
}

impl ClientOptions {
    fn backoff(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.retry_delay_min)
            .with_max_delay(self.retry_delay_max)
            .with_jitter()
    }

    /// The waits between the connections of an import that makes no progress.
    pub(crate) fn delays(&self) -> impl Iterator<Item = Duration> + use<> {
        self.backoff().with_max_times(self.retries_max).build()
    }
}

/// The wait that a service asks for before the next try.
pub(crate) fn requested_delay(status: &Status) -> Duration {
    status
        .get_details_retry_info()
        .and_then(|info| info.retry_delay)
        .unwrap_or_default()
}
