//! Streaming readers and writers of article records.
