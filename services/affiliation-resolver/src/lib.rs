//! The affiliation-resolver service of Whence.
