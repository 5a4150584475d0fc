//! The binary: it serves on the port that it says, stops on SIGTERM, and says what keeps it from starting.
#![expect(clippy::unwrap_used, reason = "in a test a panic is a finding")]

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use whence_proto::metrics as pb;
use whence_proto::metrics::metrics_service_client::MetricsServiceClient;
use whence_registry::{BuiltRegistry, SnapshotBuilder};

fn command(directory: &TempDir) -> Command {
    let snapshot = directory.path().join("registry.snapshot");
    let registry = BuiltRegistry {
        version: "v1.0-2022-03-17".to_owned(),
        ..BuiltRegistry::default()
    };
    SnapshotBuilder::new(&registry).unwrap().write(&snapshot).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_whence-metrics"));
    command
        .env_clear()
        .env("WHENCE_METRICS_LISTEN", "127.0.0.1:0")
        .env("WHENCE_METRICS_REGISTRY", snapshot);
    command
        .env("WHENCE_METRICS_STORE", directory.path().join("store"))
        .env("WHENCE_GATEWAY", "http://127.0.0.1:7340");
    command.stderr(Stdio::piped()).kill_on_drop(true);
    command
}

/// Waits until the service says where it serves.
async fn address(service: &mut Child) -> String {
    let mut lines = BufReader::new(service.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().unwrap();
        if let Some((_, fields)) = line.split_once("serving address=") {
            let address = fields.split_whitespace().next().unwrap().to_owned();
            // Read on, so that the service can go on writing.
            tokio::spawn(async move { while lines.next_line().await.unwrap().is_some() {} });
            return address;
        }
    }
}

/// What a service that cannot start says.
async fn refusal(command: &mut Command) -> String {
    let output = command.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    text.lines()
        .find_map(|line| line.strip_prefix("error: "))
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_service_answers_and_stops_when_told_to() {
    let directory = tempdir().unwrap();
    let mut service = command(&directory).spawn().unwrap();
    let url = format!("http://{}", address(&mut service).await);
    let mut client = MetricsServiceClient::connect(url).await.unwrap();
    let index = client
        .get_index(pb::GetIndexRequest {})
        .await
        .unwrap()
        .into_inner()
        .index
        .unwrap();
    assert_eq!(
        (index.article_count, index.registry_version.as_str()),
        (0, "v1.0-2022-03-17")
    );

    let text = refusal(&mut command(&directory)).await;
    assert!(text.contains("is open in another process"), "{text}");

    let process_id = service.id().unwrap().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &process_id])
            .status()
            .unwrap()
            .success()
    );
    assert!(service.wait().await.unwrap().success());
}

#[tokio::test]
async fn what_keeps_the_service_from_starting_is_said() {
    let directory = tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let text = refusal(command(&directory).args(["--listen", &address])).await;
    assert!(
        text.contains(&address) && text.contains("already in use"),
        "{text}"
    );
    let text = refusal(command(&directory).args(["--registry", "no/such/file"])).await;
    assert!(text.contains("no/such/file"), "{text}");
    let text = refusal(command(&directory).env("WHENCE_METRICS_STOR", "here")).await;
    assert!(
        text.contains("WHENCE_METRICS_STOR") && text.contains("WHENCE_METRICS_STORE"),
        "{text}"
    );
    assert!(
        !Path::new(&directory.path().join("store")).exists(),
        "no store was made"
    );
}
