//! Another registry without a restart: on SIGHUP, and when the file of the snapshot is replaced.
//!
//! The new snapshot is opened beside the old one, its checksums are verified and its index is opened; only
//! then does it answer. One that cannot be opened leaves the old one answering, and the log says why.
//!
//! The file is looked at once a second rather than through the kernel's notices: those follow the file or
//! its folder and miss a link that is pointed elsewhere (as orchestrators replace mounted files) and changes
//! made on another machine, while one look costs a microsecond.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use whence_registry::{Registry, SnapshotError};
use whence_resolve::Resolver;
use whence_resolve::index::IndexError;
use whence_runtime::with_causes;

use crate::current::Current;

/// How long a replaced file may stay unnoticed.
pub const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The file of a snapshot, and which one of that name was seen last.
#[derive(Clone, Debug)]
pub struct SnapshotFile {
    path: PathBuf,
    seen: Option<Identity>,
}

/// What tells a file from another of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
}

/// Why a snapshot cannot take over.
#[derive(Debug, thiserror::Error)]
enum ReloadError {
    #[error(transparent)]
    Snapshot(#[from] SnapshotError),
    #[error(transparent)]
    Index(#[from] IndexError),
}

impl SnapshotFile {
    /// Notes which file is there now. Comes before the opening: a file that is replaced during it is then
    /// seen as another one.
    pub fn new(path: PathBuf) -> Self {
        let seen = identity(&path);
        Self { path, seen }
    }

    /// Whether there is another file than the one seen last; it is seen now.
    fn has_changed(&mut self) -> bool {
        let found = identity(&self.path);
        // A file that is gone is about to be replaced, or will be missed at the next start: no reason to stop.
        let changed = found.is_some() && found != self.seen;
        if changed {
            self.seen = found;
        }
        changed
    }
}

fn identity(path: &Path) -> Option<Identity> {
    let metadata = fs::metadata(path).ok()?;
    Some(Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
        size_bytes: metadata.size(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
    })
}

/// Replaces the current snapshot whenever SIGHUP comes or another file is there, until told to stop. The
/// file is looked at every `look_interval`. Without a file, SIGHUP is taken and has nothing to do.
pub fn follow(
    file: Option<SnapshotFile>,
    current: Arc<Current>,
    look_interval: Duration,
    stop: CancellationToken,
) -> io::Result<JoinHandle<()>> {
    let hangups = signal(SignalKind::hangup())?;
    let mut looks = interval(look_interval);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    Ok(tokio::spawn(async move {
        stop.run_until_cancelled(following(file, current, hangups, looks))
            .await;
    }))
}

async fn following(
    file: Option<SnapshotFile>,
    current: Arc<Current>,
    mut hangups: Signal,
    mut looks: Interval,
) {
    let Some(mut file) = file else {
        while hangups.recv().await.is_some() {
            tracing::warn!("SIGHUP without effect: the embedded starter registry cannot be reloaded");
        }
        return;
    };
    loop {
        let asked = tokio::select! {
            _ = hangups.recv() => true,
            _ = looks.tick() => false,
        };
        if !file.has_changed() && !asked {
            continue;
        }
        let (path, current) = (file.path.clone(), Arc::clone(&current));
        if let Err(error) = spawn_blocking(move || reload_and_tell(&path, &current)).await {
            tracing::error!(path = %file.path.display(), %error, "the reload has failed; the old registry goes on");
        }
    }
}

fn reload_and_tell(path: &Path, current: &Current) {
    let replaced = current.load().registry().version().to_owned();
    match reload(path, current) {
        Ok(Some(registry)) => {
            tracing::info!(
                path = %path.display(),
                replaced,
                registry = registry.version(),
                checksum = registry.checksum_hex(),
                "another registry answers"
            );
        }
        Ok(None) => tracing::info!(path = %path.display(), "the registry is the one that answers already"),
        Err(error) => {
            let (path, error) = (path.display(), with_causes(&error));
            tracing::error!(%path, error, "the snapshot cannot be opened; the old registry goes on");
        }
    }
}

/// Gives the registry that answers from now on; none if it is the one that did already.
fn reload(path: &Path, current: &Current) -> Result<Option<Registry>, ReloadError> {
    let registry = Registry::open(path)?;
    if registry.checksum_hex() == current.load().registry().checksum_hex() {
        return Ok(None);
    }
    current.replace(Resolver::new(registry.clone())?);
    Ok(Some(registry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_changed_when_it_is_another_and_not_when_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.snapshot");
        fs::write(&path, "one").unwrap();
        let mut file = SnapshotFile::new(path.clone());
        assert!(!file.has_changed());

        fs::remove_file(&path).unwrap();
        assert!(!file.has_changed());

        let other = folder.path().join("other");
        fs::write(&other, "other").unwrap();
        fs::rename(&other, &path).unwrap();
        assert!(file.has_changed());
        assert!(!file.has_changed());
    }

    #[test]
    fn a_link_that_is_pointed_elsewhere_is_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other, link] = ["one", "other", "link"].map(|name| folder.path().join(name));
        fs::write(&one, "one").unwrap();
        fs::write(&other, "two").unwrap();
        std::os::unix::fs::symlink(&one, &link).unwrap();
        let mut file = SnapshotFile::new(link.clone());
        fs::remove_file(&link).unwrap();
        std::os::unix::fs::symlink(&other, &link).unwrap();
        assert!(file.has_changed());
    }
}
