//! `whence` from outside: the real binary, real processes, real sockets and a real store.
//!
//! Every stack takes a port that is free and a folder of its own; tests wait for conditions and know
//! nothing of each other.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod support;

mod architecture;
mod bad_input;
mod crash;
mod documents;
mod exports;
mod import;
mod overrides;
mod queries;
mod registry;
mod resolve;
mod surface;
