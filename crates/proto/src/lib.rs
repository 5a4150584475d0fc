//! The gRPC contract as generated code, and conversions to and from the model.
//!
//! The messages, clients and servers of each package stand in a module of its own: [`types`],
//! [`affiliation`], [`curation`], [`metrics`] and [`ingest`]. From the model to the wire goes `From`; from the wire
//! to the model goes [`IntoModel`], which takes every field apart, so that a new field cannot be
//! forgotten, and reports all violations at once with their paths.
//!
//! ```
//! use whence_proto::{IntoModel, types};
//!
//! let article = types::Article { source: "Not a slug".into(), version: -1, ..Default::default() };
//! let invalid = article.into_model().unwrap_err();
//! let fields: Vec<_> = invalid.violations.iter().map(|violation| violation.field.as_str()).collect();
//! assert_eq!(fields, ["identifiers", "source", "version"]);
//! ```

mod article;
mod entity;
mod method;
mod overrides;
mod resolution;
mod resolved;
mod share;
mod violations;

pub use entity::{check_entity_kind, level};
pub use method::has_no_side_effects;
pub use overrides::OVERRIDE_REVISION_HEADER;
pub use resolved::resolved_place;
pub use violations::{FieldViolation, IntoModel, InvalidMessage, Violations};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated from proto/, where the comments stand"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/whence.rs"));
}

pub use generated::whence::affiliation::v1 as affiliation;
pub use generated::whence::curation::v1 as curation;
pub use generated::whence::ingest::v1 as ingest;
pub use generated::whence::metrics::v1 as metrics;
pub use generated::whence::r#type::v1 as types;

/// All files of `proto/`, encoded: what reflection serves.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/whence.binpb"));
