//! The metrics service of Whence.
