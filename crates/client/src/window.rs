//! The records of an import that are under way: read, numbered, and kept until acknowledged.
//!
//! Invariant: the kept records are those with the sequences `acknowledged + 1 ..= read` that the
//! gateway did not have at the last opening, in order and without gaps; the first `sent` of them have
//! been sent on the current connection.

use std::collections::VecDeque;

use whence_proto::ingest::{ImportRecord, import_record::Content};

/// See the module.
#[derive(Debug)]
pub(crate) struct Window {
    capacity: usize,
    kept: VecDeque<ImportRecord>,
    sent: usize,
    read: i64,
    acknowledged: i64,
}

impl Window {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            kept: VecDeque::new(),
            sent: 0,
            read: 0,
            acknowledged: 0,
        }
    }

    /// The number of records read so far: the sequence of the last one.
    pub(crate) fn read(&self) -> i64 {
        self.read
    }

    /// Every sequence up to this one is done.
    pub(crate) fn acknowledged(&self) -> i64 {
        self.acknowledged
    }

    pub(crate) fn has_room(&self) -> bool {
        self.kept.len() < self.capacity
    }

    /// Numbers the next record and keeps it, unless it is done already.
    pub(crate) fn push(&mut self, content: Content) {
        self.read += 1;
        if self.read > self.acknowledged {
            self.kept.push_back(ImportRecord {
                sequence: self.read,
                content: Some(content),
            });
        }
    }

    /// The next record to send on this connection.
    pub(crate) fn unsent(&self) -> Option<&ImportRecord> {
        self.kept.get(self.sent)
    }

    /// Notes that the record given by [`Self::unsent`] is on its way.
    pub(crate) fn mark_sent(&mut self) {
        self.sent += 1;
    }

    /// Starts a new connection: everything kept has to be sent again.
    pub(crate) fn reopen(&mut self) {
        self.sent = 0;
    }

    /// Drops the records that are done.
    pub(crate) fn acknowledge(&mut self, flushed_through: i64) {
        self.acknowledged = self.acknowledged.max(flushed_through);
        while self
            .kept
            .front()
            .is_some_and(|record| record.sequence <= flushed_through)
        {
            self.kept.pop_front();
            self.sent = self.sent.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use whence_proto::metrics::ExcludedRecord;

    use super::*;

    fn record() -> Content {
        Content::Excluded(ExcludedRecord::default())
    }

    fn send_all(window: &mut Window) -> Vec<i64> {
        let mut sent = Vec::new();
        while let Some(record) = window.unsent() {
            sent.push(record.sequence);
            window.mark_sent();
        }
        sent
    }

    #[test]
    fn what_is_not_acknowledged_is_sent_again() {
        let mut window = Window::new(3);
        (0..3).for_each(|_| window.push(record()));
        assert!(!window.has_room());
        assert_eq!(send_all(&mut window), [1, 2, 3]);
        window.acknowledge(1);
        assert!(window.has_room());
        window.reopen();
        assert_eq!(send_all(&mut window), [2, 3]);
        window.acknowledge(3);
        window.push(record());
        assert_eq!(send_all(&mut window), [4]);
    }

    #[test]
    fn what_was_done_before_is_read_and_not_sent() {
        let mut window = Window::new(3);
        window.acknowledge(2);
        (0..3).for_each(|_| window.push(record()));
        assert_eq!(send_all(&mut window), [3]);
        assert_eq!(window.read(), 3);
    }
}
