//! Runs a program to its end, both streams caught, with a deadline that names what was seen so far.

use std::fmt;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Far beyond what anything takes: it only keeps a hang from lasting for ever.
pub const PATIENCE: Duration = Duration::from_mins(4);

pub struct Output {
    /// The exit code; `None` when a signal ended it.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Output {
    /// Returns the JSON lines of stdout; anything else there fails the test.
    pub fn json_lines(&self) -> Vec<Value> {
        let parsed = self.stdout.lines().map(serde_json::from_str);
        parsed
            .collect::<Result<_, _>>()
            .unwrap_or_else(|error| panic!("{error} in\n{self}"))
    }

    /// # Panics
    /// With both streams, when the exit code is none of these.
    pub fn expect(self, codes: &[i32]) -> Self {
        let found = self.status.is_some_and(|status| codes.contains(&status));
        assert!(found, "expected exit code {codes:?}\n{self}");
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            status,
            stdout,
            stderr,
        } = self;
        write!(
            f,
            "exit code {status:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n---"
        )
    }
}

/// Runs `command` with `stdin` as its input.
///
/// # Panics
/// With both streams, when it is still there after [`PATIENCE`]; it is killed first.
pub fn run(mut command: Command, stdin: &str) -> Output {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut input = child.stdin.take().expect("stdin is piped");
    let stdin = stdin.to_owned();
    // A program that does not read its input is no failure.
    thread::spawn(move || input.write_all(stdin.as_bytes()));
    let stdout = drain(child.stdout.take().expect("stdout is piped"));
    let stderr = drain(child.stderr.take().expect("stderr is piped"));
    let ended = wait(PATIENCE, || child.try_wait().expect("our own child"));
    if ended.is_none() {
        let _ = child.kill();
        let _ = child.wait();
    }
    let output = Output {
        status: ended.and_then(|status| status.code()),
        stdout: caught(&stdout),
        stderr: caught(&stderr),
    };
    assert!(ended.is_some(), "{command:?} did not end\n{output}");
    output
}

fn drain(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut chunk = [0; 8192];
        while let Ok(count @ 1..) = stream.read(&mut chunk) {
            let _ = sender.send(chunk[..count].to_vec());
        }
    });
    receiver
}

/// Collects to the end of the stream. A detached process that inherited it would keep it open for
/// ever, so silence ends it as well.
fn caught(stream: &Receiver<Vec<u8>>) -> String {
    let mut bytes = Vec::new();
    while let Ok(chunk) = stream.recv_timeout(Duration::from_secs(5)) {
        bytes.extend(chunk);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[expect(
    clippy::disallowed_methods,
    reason = "other processes live by the machine's own clock"
)]
/// Asks until there is an answer; `None` after `patience`.
pub fn wait<T>(patience: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() > deadline {
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for a condition that has to come about.
///
/// # Panics
/// When it has not after [`PATIENCE`].
pub fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    wait(PATIENCE, ask).unwrap_or_else(|| panic!("waited in vain for: {what}"))
}
