//! What every service shares: configuration, telemetry, health, deadlines, shutdown.
//!
//! Nothing here knows the domain. Each file can be used without the others, except that [`serve`]
//! puts the layers of [`deadline`] and [`panic`] around every service that it serves.
//!
//! A service is started like this:
//!
//! ```no_run
//! # use std::net::SocketAddr;
//! # use serde::{Deserialize, Serialize};
//! use whence_runtime::{Failure, Logging, serve, start};
//!
//! #[derive(Default, Deserialize, Serialize)]
//! struct Settings {
//!     listen: Option<SocketAddr>,
//!     #[serde(flatten)]
//!     logging: Logging,
//! }
//! # impl AsRef<Logging> for Settings {
//! #     fn as_ref(&self) -> &Logging {
//! #         &self.logging
//! #     }
//! # }
//!
//! # async fn run(flags: Settings) -> Result<(), Failure> {
//! let (settings, stop) = start::<Settings>("WHENCE_METRICS", None, &flags)?;
//! let listener = serve::bind(settings.listen.unwrap_or(([127, 0, 0, 1], 0).into())).await?;
//! println!("listening on {}", listener.address());
//! let server = serve::Server::new(); // .add_service(MetricsServiceServer::new(service)).reflect(FILE_DESCRIPTOR_SET)
//! server.serve(listener, stop).await?;
//! # Ok(())
//! # }
//! ```

pub mod config;
pub mod deadline;
mod early_end;
mod exit;
mod health;
pub mod panic;
pub mod serve;
mod start;
pub mod status;
pub mod telemetry;

pub use deadline::Deadline;
pub use exit::{Failure, exit, with_causes};
pub use start::{Logging, start};
pub use status::{ServiceError, to_status};
