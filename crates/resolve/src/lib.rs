//! The matching engine: a printed address to institutions and a place.
