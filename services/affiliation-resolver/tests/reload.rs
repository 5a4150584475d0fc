//! Another snapshot while requests are under way, over a real socket and in the process as it is run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::Channel;
use whence_affiliation_resolver::curation::{Curated, Curation};
use whence_affiliation_resolver::current::Current;
use whence_affiliation_resolver::reload::{self, SnapshotFile};
use whence_affiliation_resolver::resolving::Resolving;
use whence_affiliation_resolver::{registry, serve};
use whence_proto::affiliation as pb;
use whence_proto::affiliation::affiliation_service_client::AffiliationServiceClient;
use whence_proto::affiliation::resolve_outcome::Result as Outcome;
use whence_registry::{NameKind, NameRecord};
use whence_resolve::Resolver;
use whence_resolve::index::snapshot;

type Client = AffiliationServiceClient<Channel>;

const AFFILIATION: &str = "University of Oxford, Oxford, UK";
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// Replaces the file by the starter registry as of this version, with Oxford named after it.
fn write_snapshot(path: &Path, version: &str) {
    let (mut built, _) = whence_registry::starter().unwrap();
    version.clone_into(&mut built.version);
    let oxford = built
        .institutions
        .iter_mut()
        .find(|record| record.name() == "University of Oxford")
        .unwrap();
    let name = oxford.names[0].clone();
    oxford.names.push(NameRecord {
        kind: NameKind::Label,
        ..name
    });
    oxford.names[0].text = oxford_in(version);
    snapshot(&built).unwrap().write(path).unwrap();
}

fn oxford_in(version: &str) -> String {
    format!("University of Oxford {version}")
}

/// A service of a test's own that follows the file.
struct Service {
    client: Client,
    current: Arc<Current>,
    path: PathBuf,
    _folder: TempDir,
    _stop: DropGuard,
}

impl Service {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.snapshot");
        write_snapshot(&path, "one");
        let file = SnapshotFile::new(path.clone());
        let resolver = Resolver::new(registry::open(Some(&path)).unwrap()).unwrap();
        let current = Arc::new(Current::new(resolver));
        let stop = CancellationToken::new();
        reload::follow(Some(file), Arc::clone(&current), LOOK_INTERVAL, stop.clone()).unwrap();
        let listener = whence_runtime::serve::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let url = format!("http://{}", listener.address());
        let server =
            whence_runtime::serve::Server::new().add_service(serve(Arc::clone(&current), Curation::none()));
        tokio::spawn(server.serve(listener, stop.clone()));
        Self {
            client: Client::connect(url).await.unwrap(),
            current,
            path,
            _folder: folder,
            _stop: stop.drop_guard(),
        }
    }
}

async fn version(client: &mut Client) -> String {
    let response = client.get_registry(pb::GetRegistryRequest {}).await.unwrap();
    response.into_inner().registry.unwrap().version
}

/// Asks until this version answers.
async fn wait_for_version(client: &mut Client, awaited: &str) {
    while version(client).await != awaited {}
}

/// The name is of the snapshot that the versions name. Gives the version.
fn checked(resolution: &pb::Resolution, versions: Option<whence_proto::types::ResolverVersions>) -> String {
    let version = versions.unwrap().registry_version;
    assert_eq!(resolution.institutions[0].name, oxford_in(&version));
    version
}

fn resolution(outcome: Option<pb::ResolveOutcome>) -> pb::Resolution {
    match outcome.unwrap().result.unwrap() {
        Outcome::Resolution(resolution) => resolution,
        Outcome::Error(error) => unreachable!("{error:?}"),
    }
}

async fn ask_once(client: &mut Client) -> String {
    let request = pb::ResolveAffiliationRequest {
        affiliation: AFFILIATION.to_owned(),
        explain: false,
    };
    let response = client.resolve_affiliation(request).await.unwrap().into_inner();
    checked(&response.resolution.unwrap(), response.versions)
}

async fn ask_in_a_batch(client: &mut Client) -> String {
    let request = pb::BatchResolveAffiliationsRequest {
        affiliations: vec![AFFILIATION.to_owned(); 100],
    };
    let response = client
        .batch_resolve_affiliations(request)
        .await
        .unwrap()
        .into_inner();
    let versions: BTreeSet<String> = response
        .outcomes
        .into_iter()
        .map(|outcome| {
            let resolution = resolution(Some(outcome));
            checked(&resolution, response.versions.clone())
        })
        .collect();
    versions.into_iter().next().unwrap()
}

/// Requests one after the other until told to stop; gives the versions that have answered.
fn keep_asking(mut client: Client, batch: bool, stop: CancellationToken) -> JoinHandle<BTreeSet<String>> {
    tokio::spawn(async move {
        let mut seen = BTreeSet::new();
        while !stop.is_cancelled() {
            seen.insert(if batch {
                ask_in_a_batch(&mut client).await
            } else {
                ask_once(&mut client).await
            });
        }
        seen
    })
}

/// One stream over all snapshots.
fn keep_streaming(mut client: Client, stop: CancellationToken) -> JoinHandle<BTreeSet<String>> {
    tokio::spawn(async move {
        let (sender, receiver) = tokio::sync::mpsc::channel(8);
        let sending = async {
            let affiliation = || pb::StreamResolveAffiliationsRequest {
                affiliation: AFFILIATION.to_owned(),
            };
            while !stop.is_cancelled() {
                sender.send(affiliation()).await.unwrap();
            }
            drop(sender);
        };
        let receiving = async {
            let requests = tokio_stream::wrappers::ReceiverStream::new(receiver);
            let answers = client.stream_resolve_affiliations(requests).await.unwrap();
            let mut answers = answers.into_inner();
            let mut seen = BTreeSet::new();
            while let Some(answer) = answers.message().await.unwrap() {
                seen.insert(checked(&resolution(answer.outcome), answer.versions));
            }
            seen
        };
        tokio::join!(sending, receiving).1
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_request_is_lost_and_every_answer_is_of_one_snapshot_while_the_file_is_replaced() {
    let mut service = Service::start().await;
    let stop = CancellationToken::new();
    let mut asking: Vec<_> = (0..4)
        .map(|at| keep_asking(service.client.clone(), at % 2 == 1, stop.clone()))
        .collect();
    asking.push(keep_streaming(service.client.clone(), stop.clone()));
    for next in ["two", "three", "four"] {
        write_snapshot(&service.path, next);
        wait_for_version(&mut service.client, next).await;
    }
    assert_eq!(ask_once(&mut service.client).await, "four");
    stop.cancel();
    for asked in asking {
        let seen = asked.await.unwrap();
        assert!(seen.len() > 1, "{seen:?}");
    }
}

#[tokio::test]
async fn a_snapshot_that_was_replaced_is_freed_with_its_mapping_when_its_last_request_ends() {
    let mut service = Service::start().await;
    let request: Arc<Resolving> = service.current.load();
    let replaced = Arc::downgrade(&request);
    write_snapshot(&service.path, "two");
    wait_for_version(&mut service.client, "two").await;

    assert_eq!(request.registry().version(), "one");
    let answer = request.resolve(AFFILIATION, &Curated::default()).unwrap();
    assert_eq!(answer.resolution.institutions.len(), 1);
    drop(request);
    assert!(replaced.upgrade().is_none());
    if let Ok(maps) = fs::read_to_string("/proc/self/maps") {
        let name = service.path.display().to_string();
        let mapped = maps.lines().filter(|line| line.contains(&name));
        assert!(mapped.clone().all(|line| !line.ends_with("(deleted)")), "{maps}");
        assert_eq!(mapped.count(), 1);
    }
}

/// The service as it is run, with the lines that it logs.
struct Process {
    child: Child,
    lines: tokio::io::Lines<BufReader<tokio::process::ChildStderr>>,
}

impl Process {
    fn start(registry: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_whence-affiliation-resolver"));
        command.env_clear().env("WHENCE_RESOLVER_LISTEN", "127.0.0.1:0");
        if let Some(path) = registry {
            command.arg("--registry").arg(path);
        }
        command.stderr(std::process::Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Waits for the line with these words.
    async fn line(&mut self, words: &str) -> String {
        loop {
            let line = self.lines.next_line().await.unwrap().unwrap();
            if line.contains(words) {
                return line;
            }
        }
    }

    async fn client(&mut self) -> Client {
        let line = self.line("serving address=").await;
        let (_, fields) = line.split_once("serving address=").unwrap();
        let address = fields.split_whitespace().next().unwrap();
        Client::connect(format!("http://{address}")).await.unwrap()
    }

    async fn hang_up(&self) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-HUP", &id]).status().await.unwrap();
        assert!(sent.success());
    }
}

#[tokio::test]
async fn on_sighup_a_sound_file_takes_over_and_a_broken_one_leaves_the_old_snapshot_answering() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("registry.snapshot");
    write_snapshot(&path, "one");
    let mut process = Process::start(Some(&path));
    let mut client = process.client().await;
    assert_eq!(version(&mut client).await, "one");

    process.hang_up().await;
    process.line("the one that answers already").await;

    let whole = fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    let other = folder.path().join("other");
    for broken in [&whole[..whole.len() - 100], &flipped, b"not a snapshot", b""] {
        fs::write(&other, broken).unwrap();
        fs::rename(&other, &path).unwrap();
        process.hang_up().await;
        let line = process.line("the old registry goes on").await;
        assert!(
            line.contains("ERROR") && line.contains("registry.snapshot"),
            "{line}"
        );
        assert_eq!(version(&mut client).await, "one");
    }
    fs::remove_file(&path).unwrap();
    process.hang_up().await;
    process.line("No such file").await;
    assert_eq!(version(&mut client).await, "one");

    write_snapshot(&path, "two");
    process.hang_up().await;
    let line = process.line("another registry answers").await;
    assert!(line.contains("replaced=\"one\""), "{line}");
    assert_eq!(version(&mut client).await, "two");
}

#[tokio::test]
async fn without_a_file_sighup_ends_nothing() {
    let mut process = Process::start(None);
    let mut client = process.client().await;
    process.hang_up().await;
    process.line("SIGHUP without effect").await;
    assert!(version(&mut client).await.starts_with("starter-"));
}
