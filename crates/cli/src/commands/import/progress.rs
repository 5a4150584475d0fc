//! The progress of an import on standard error; nothing where that is not a terminal.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use whence_client::ImportProgress;

use crate::output::grouped;

use super::input::Input;

/// A bar by bytes where the length of the input is known, with records and rate beside it.
pub(super) struct Progress {
    bar: ProgressBar,
    bytes_read: Arc<AtomicU64>,
    start: Instant,
    resumed_after: Option<i64>,
}

impl Progress {
    /// Begins.
    pub(super) fn new(input: &Input) -> Self {
        let bar = ProgressBar::with_draw_target(input.length, ProgressDrawTarget::stderr());
        let template = match input.length {
            Some(_) => "{bar:30} {percent:>3} %  {msg}  ETA {eta}",
            None => "{spinner} {decimal_bytes}  {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self {
            bar,
            bytes_read: Arc::default(),
            start: Instant::now(),
            resumed_after: None,
        }
    }

    /// The counter of bytes taken from the input.
    pub(super) fn bytes_read(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.bytes_read)
    }

    /// Shows how far the import has come.
    pub(super) fn show(&mut self, reached: &ImportProgress<'_>) {
        let resumed_after = *self.resumed_after.get_or_insert(reached.flushed_through);
        let done = u32::try_from(reached.flushed_through - resumed_after).unwrap_or(u32::MAX);
        let rate = f64::from(done) / self.start.elapsed().as_secs_f64().max(0.001);
        let rejected = match reached.accounting.rejected_count {
            0 => String::new(),
            count => format!(", {} rejected", grouped(count)),
        };
        let records = grouped(reached.flushed_through);
        self.bar
            .set_message(format!("{records} records{rejected}, {rate:.0}/s"));
        self.bar.set_position(self.bytes_read.load(Ordering::Relaxed));
    }

    /// Clears the line.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
