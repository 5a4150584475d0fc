//! Running `whence` and stacks of it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// How long a condition is waited for, in steps of [`STEP`]: far longer than any machine needs.
const STEPS_MAX: usize = 12_000;
const STEP: Duration = Duration::from_millis(10);

/// Waits until there is something.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..STEPS_MAX {
        if let Some(found) = look() {
            return found;
        }
        thread::sleep(STEP);
    }
    panic!("waited in vain for {what}");
}

/// The folder of the repository.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sample of 1,500 articles.
pub(crate) fn sample() -> PathBuf {
    repository().join("data/sample/articles.jsonl.zst")
}

/// The sample as lines.
pub(crate) fn sample_lines() -> Vec<String> {
    let mut text = String::new();
    let file = File::open(sample()).unwrap();
    // The readers of whence undo zstd; here the library does.
    zstd::Decoder::new(file)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    text.lines().map(|line| format!("{line}\n")).collect()
}

/// `whence`, free of what the environment says.
pub(crate) fn whence<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whence"));
    command
        .args(arguments)
        .env_remove("WHENCE_GATEWAY")
        .env_remove("WHENCE_LOG")
        .stdin(Stdio::null());
    command
}

/// What a command has done.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// The one JSON document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The JSON lines on standard output.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// It has succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }

    /// It has failed with this code, and says these words, and nothing of a panic.
    #[track_caller]
    pub(crate) fn failed(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert!(
            self.err.contains("error: ") && !self.err.contains("panicked"),
            "{self:?}"
        );
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in {}", self.err);
        }
        self
    }
}

/// Runs to the end.
pub(crate) fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Done {
    Done::of(whence(arguments).output().unwrap())
}

/// A folder for one test.
pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Writes a file of a test.
pub(crate) fn write(folder: &TempDir, name: &str, contents: impl AsRef<[u8]>) -> String {
    let path = folder.path().join(name);
    fs::write(&path, contents).unwrap();
    path.display().to_string()
}

/// A path in the folder of a test.
pub(crate) fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

/// A running `whence up`.
pub(crate) struct Stack {
    process: Child,
    pub(crate) url: String,
    pub(crate) ready_file: String,
    log: PathBuf,
}

impl Stack {
    /// Starts a stack over the data in a folder and waits until it answers.
    pub(crate) fn up(folder: &TempDir) -> Self {
        Self::up_with::<&str>(folder, [])
    }

    /// The same with further arguments.
    pub(crate) fn up_with<S: AsRef<OsStr>>(folder: &TempDir, arguments: impl IntoIterator<Item = S>) -> Self {
        let (data, ready_file) = (path(folder, "data"), path(folder, "ready"));
        let log = folder.path().join("log");
        let _ = fs::remove_file(&ready_file);
        let mut command = whence([
            "up",
            "--data-dir",
            &data,
            "--listen",
            "127.0.0.1:0",
            "--ready-file",
            &ready_file,
        ]);
        command
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap());
        let mut process = command.spawn().unwrap();
        let url = wait_for("the stack", || {
            if let Some(status) = process.try_wait().unwrap() {
                panic!(
                    "the stack ended with {status}: {}",
                    fs::read_to_string(&log).unwrap()
                );
            }
            fs::read_to_string(&ready_file).ok()
        });
        Self {
            process,
            url,
            ready_file,
            log,
        }
    }

    /// Runs a command against the stack.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }

    /// A command against the stack.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = whence(arguments);
        command.env("WHENCE_GATEWAY", &self.url);
        command
    }

    /// The index.
    pub(crate) fn index(&self) -> Value {
        self.run(["index", "--json"]).succeeded().json()
    }

    /// Imports the sample.
    pub(crate) fn import_sample(&self) -> Value {
        self.run([OsStr::new("import"), OsStr::new("--json"), sample().as_os_str()])
            .succeeded()
            .json()
    }

    /// Waits until it has logged these words.
    pub(crate) fn wait_for_log(&self, words: &str) {
        wait_for(words, || {
            fs::read_to_string(&self.log).ok()?.contains(words).then_some(())
        });
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Asks it to stop, and gives its exit code and what it has logged.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        terminate(&self.process);
        let status = self.process.wait().unwrap();
        (status.code(), fs::read_to_string(&self.log).unwrap())
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends SIGTERM.
pub(crate) fn terminate(process: &Child) {
    let killed = Command::new("kill")
        .args(["-TERM", &process.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
}

/// The two texts are the same; else tells the first line that differs.
#[track_caller]
pub(crate) fn assert_same_lines(one: &str, other: &str) {
    for (number, (one, other)) in (1..).zip(one.lines().zip(other.lines())) {
        assert_eq!(one, other, "line {number}");
    }
    assert_eq!(one.lines().count(), other.lines().count(), "lines");
}

/// A field of a JSON object as an integer of any size.
pub(crate) fn units(value: &Value) -> i128 {
    value.as_str().unwrap().parse().unwrap()
}
