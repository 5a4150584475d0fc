//! Reads the records of an import in a thread of its own, a bounded number ahead of the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use whence_formats::{Record, Refused};
use whence_proto::ingest::import_record::Content;
use whence_proto::metrics::{DeletedRecord, RefusedRecord};

use crate::error::CliError;

use super::input::{Input, Part};

/// Records read ahead.
const AHEAD: usize = 512;

/// What there is to say after reading.
#[derive(Default)]
pub(super) struct ReadReport {
    /// What was left out of records, and how often.
    pub notes: BTreeMap<&'static str, u64>,
    /// Why the input could not be read to its end.
    pub broken: Option<CliError>,
}

/// Begins to read; the counter says how many bytes have been taken from the input.
pub(super) fn spawn(
    input: Input,
    bytes_read: Arc<AtomicU64>,
) -> (ReceiverStream<Content>, JoinHandle<ReadReport>) {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let reading = tokio::task::spawn_blocking(move || read(&input, &sender, &bytes_read));
    (ReceiverStream::new(receiver), reading)
}

fn read(input: &Input, sender: &mpsc::Sender<Content>, bytes_read: &AtomicU64) -> ReadReport {
    let mut report = ReadReport::default();
    let mut whole_parts = 0;
    for part in &input.parts {
        match read_part(part, input, sender, &mut report, &|bytes| {
            bytes_read.store(whole_parts + bytes, Ordering::Relaxed);
        }) {
            Ok(Some(bytes)) => whole_parts += bytes,
            // Nobody listens any more: the import has failed, and says why.
            Ok(None) => break,
            Err(error) => {
                report.broken = Some(error);
                break;
            }
        }
    }
    report
}

/// Reads one part; gives its length in bytes unless nobody listens.
fn read_part(
    part: &Part,
    input: &Input,
    sender: &mpsc::Sender<Content>,
    report: &mut ReadReport,
    reached: &dyn Fn(u64),
) -> Result<Option<u64>, CliError> {
    let mut reader = part.reader(input.format)?;
    let mut read_to_end = || -> Result<bool, CliError> {
        while let Some(record) = reader.next() {
            if sender.blocking_send(content(record?)).is_err() {
                return Ok(false);
            }
            reached(reader.bytes_read());
        }
        Ok(true)
    };
    let read = read_to_end();
    for (note, count) in reader.notes().iter() {
        *report.notes.entry(note).or_default() += count;
    }
    Ok(read?.then(|| reader.bytes_read()))
}

/// A record as it is sent.
pub fn content(record: Record) -> Content {
    match record {
        Record::Article(article) => Content::Article((*article).into()),
        Record::Refused(Refused {
            record_id,
            location,
            reason,
        }) => Content::Refused(RefusedRecord {
            record_id,
            location,
            reason,
        }),
        Record::Deleted(key) => Content::Deleted(DeletedRecord {
            source: key.source.to_string(),
            source_id: key.source_id,
        }),
    }
}
