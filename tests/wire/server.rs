//! One third-party AWS server per test process, and its control surface over plain HTTP.
//!
//! The server leaves when the pipe to its stdin closes, which the kernel does however this
//! process ends; nothing has to be cleaned up.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::venv;

const START: Duration = Duration::from_mins(1);

pub struct Server {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// The same for AWS Backup, which has a server of its own: ours.
    pub backup_url: String,
    log: Mutex<File>,
    // Holds the pipe that keeps the server alive.
    _process: Child,
}

/// Returns the server of this test process, started at the first call.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

/// Returns a server of the same make without the rules that were added to it: what its authors,
/// and not we, think AWS is.
pub fn stock_server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&["--stock"]))
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let mut log = tempfile::tempfile().expect("a temporary file for the server's log");
        // -B: no __pycache__ in the source tree.
        let mut process = Command::new(venv::bin().join("python"))
            .arg("-B")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/launch.py"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log.try_clone().expect("a second handle of the log"))
            .spawn()
            .expect("the environment's own python starts");
        let stdout = process.stdout.take().expect("stdout is piped");
        let Some((url, backup_url)) = ready_urls(stdout) else {
            let _ = process.kill();
            panic!(
                "the third-party AWS server did not start:\n{}",
                tail(&mut log)
            );
        };
        Self {
            url,
            backup_url,
            log: Mutex::new(log),
            _process: process,
        }
    }

    /// Calls the control surface, for the rows of one account where the path is about one.
    ///
    /// # Panics
    /// When the server refuses the request: then the test itself is wrong.
    pub fn control(&self, method: &str, path: &str, account: &str, body: &Value) -> Value {
        control(&self.url, method, path, account, body)
    }

    /// Calls the control surface of AWS Backup.
    ///
    /// # Panics
    /// When the server refuses the request.
    pub fn control_backup(&self, method: &str, path: &str, body: &Value) -> Value {
        control(&self.backup_url, method, path, "", body)
    }

    /// Returns the end of the server's log: the tracebacks of requests it failed at.
    pub fn log_tail(&self) -> String {
        tail(&mut self.log.lock().expect("nobody panics with the log in hand"))
    }
}

fn control(url: &str, method: &str, path: &str, account: &str, body: &Value) -> Value {
    let host = url.trim_start_matches("http://");
    let body = body.to_string();
    let mut stream = TcpStream::connect(host).expect("the server listens");
    write!(
        stream,
        "{method} /__test__/{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\
             x-moto-account-id: {account}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .expect("the server reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .expect("the server answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an HTTP answer");
    assert!(head.contains(" 200 "), "{method} {path}: {body}");
    serde_json::from_str(body).expect("the control surface speaks JSON")
}

/// The third-party server, and that of AWS Backup.
fn ready_urls(stdout: ChildStdout) -> Option<(String, String)> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(stdout).read_line(&mut line);
        let _ = sender.send(line);
    });
    let line = receiver.recv_timeout(START).ok()?;
    let (url, backup_url) = line.trim().strip_prefix("READY ")?.split_once(' ')?;
    Some((url.to_owned(), backup_url.to_owned()))
}

fn tail(log: &mut File) -> String {
    let mut bytes = Vec::new();
    // The server writes through the same open file: reading to its end puts the place back.
    let _ = log.seek(SeekFrom::Start(0));
    let _ = log.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
