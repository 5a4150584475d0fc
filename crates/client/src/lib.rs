//! A typed client of the gateway: deadlines, retries, and imports that resume.
//!
//! ```no_run
//! use whence_client::Client;
//! use whence_proto::{metrics, types};
//!
//! # async fn ask() -> Result<(), whence_client::ClientError> {
//! let client = Client::connect("http://127.0.0.1:7340").await?;
//! let ranking = client
//!     .list_rankings(metrics::ListRankingsRequest {
//!         entity_kind: types::EntityKind::City.into(),
//!         page_size: 10,
//!         ..Default::default()
//!     })
//!     .await?;
//! for row in ranking.rows {
//!     println!("{} {}", row.rank, row.entity_share.unwrap_or_default().name);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Every unary call has a deadline. A call that the contract marks as free of side effects is tried
//! again while the gateway is unavailable; no other call ever is. An import is safe to repeat by its
//! sequences, so [`Client::import`] reconnects by itself and goes on after the last acknowledged record.

mod calls;
mod client;
mod error;
mod import;
mod window;

pub use calls::Explanation;
pub use client::{Client, ClientOptions};
pub use error::ClientError;
pub use import::{ImportProgress, ImportSummary};
