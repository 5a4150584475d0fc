//! The gateway service of Whence.
