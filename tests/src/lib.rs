//! End-to-end tests of Whence over real processes, sockets and stores.
