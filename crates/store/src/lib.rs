//! Durable articles, ledgers and rejections over sled.
