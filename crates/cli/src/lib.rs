//! The whence command line.
