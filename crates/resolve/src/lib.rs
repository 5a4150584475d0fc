//! The matching engine: a printed address to the institutions and the place that it names.
//!
//! In the order of the pipeline: [`text`] splits into comparable words, [`clean`] finds what is no address,
//! [`segment`] reads the address into segments and statements, [`place`] finds countries, states and
//! cities, [`candidates`] finds the records that some words could name (with the [`index`], which is part
//! of the registry snapshot), [`features`] measures each and [`model`] weighs it, [`compare`] looks at the best few together, [`choose`]
//! picks the set, [`unmatched`] reports what has no record. [`resolver`] is the pipeline itself.
//!
//! Pure: no I/O, no clock, no async, no floating point on the way to an answer; the same address and
//! snapshot give the same bytes on every machine.

pub mod candidates;
pub mod choose;
pub mod clean;
pub mod compare;
pub mod context;
pub mod dirt;
pub mod explain;
pub mod features;
pub mod gazetteer;
pub mod hash;
pub mod index;
pub mod model;
pub mod overrides;
pub mod place;
pub mod relations;
pub mod resolver;
pub mod search;
pub mod segment;
pub mod text;
pub mod trees;
pub mod unmatched;
pub mod words;

pub use resolver::{AFFILIATION_BYTES_MAX, AffiliationTooLong, ENGINE_VERSION, Resolver};
