//! The standard health service, and what it says while a server starts, serves and stops.

use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

/// The health of a server and of each of its services. The empty name stands for the whole server.
pub(crate) struct Health {
    reporter: HealthReporter,
    names: Vec<&'static str>,
}

impl Health {
    pub(crate) fn new(reporter: HealthReporter, mut names: Vec<&'static str>) -> Self {
        names.push("");
        Self { reporter, names }
    }

    /// Every service serves.
    pub(crate) async fn serving(&self) {
        for name in &self.names {
            self.reporter
                .set_service_status(name, ServingStatus::Serving)
                .await;
        }
    }

    /// Nothing serves any more: those who watch are told so, and their streams end, since otherwise
    /// no connection with a watcher would ever drain.
    pub(crate) async fn stopping(mut self) {
        for name in &self.names {
            self.reporter
                .set_service_status(name, ServingStatus::NotServing)
                .await;
            self.reporter.clear_service_status(name).await;
        }
    }
}
