//! The methodology as its users see it: worked cases, laws that hold for any articles, and queries.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod laws;
mod methodology;
mod queries;
mod twin;
mod world;
