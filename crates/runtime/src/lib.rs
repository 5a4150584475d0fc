//! What every service shares: configuration, telemetry, health, deadlines, shutdown.
//!
//! Nothing here knows the domain. Each file can be used without the others, except that [`serve`]
//! puts the layers of [`deadline`] and [`panic`] around every service that it serves.
//!
//! A service is started like this:
//!
//! ```no_run
//! # async fn start(service: impl Clone) -> Result<(), Box<dyn std::error::Error>> {
//! use whence_runtime::{serve, telemetry};
//!
//! telemetry::init(telemetry::LogFormat::Text, "info")?;
//! let stop = serve::stop_on_signals()?;
//! let listener = serve::bind("127.0.0.1:0".parse()?).await?;
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
pub mod status;
pub mod telemetry;

pub use deadline::Deadline;
pub use exit::{Failure, exit};
pub use status::{ServiceError, to_status};
