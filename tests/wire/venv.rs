//! The Python environment of the third-party server, installed once under the target directory.
//!
//! Test processes may start at the same moment (some runners use one per test), so a file lock
//! decides who installs, and a marker written last tells the others that it is complete.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Returns the directory with `python` and `aws`; panics with one sentence when there cannot be one.
pub fn bin() -> &'static Path {
    try_bin().unwrap_or_else(|sentence| panic!("{sentence}"))
}

/// Returns that directory, or the sentence why there is none.
pub fn try_bin() -> Result<&'static Path, String> {
    // The failure is kept too: a second try would only take as long and say the same.
    static BIN: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let bin = BIN.get_or_init(install).as_ref();
    bin.map(PathBuf::as_path).map_err(Clone::clone)
}

fn install() -> Result<PathBuf, String> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let root = target.join(format!("wire-venv-{}", key()?));
    let lock = File::create(target.join("wire-venv.lock")).map_err(|error| {
        format!(
            "the wire tests cannot write to {}: {error}",
            target.display()
        )
    })?;
    lock.lock()
        .map_err(|error| format!("the lock of the wire tests' environment failed: {error}"))?;
    let complete = root.join("complete");
    if !complete.exists() {
        // What is left of an interrupted installation.
        let _ = fs::remove_dir_all(&root);
        build(&root)?;
        fs::write(&complete, "").map_err(|error| format!("{}: {error}", complete.display()))?;
    }
    Ok(root.join("bin"))
}

/// Names the environment by what it is made of, so that a change of either makes a new one.
fn key() -> Result<String, String> {
    let version = Command::new("python3").arg("--version").output().map_err(|error| {
        format!("the wire tests need python3 (3.11 or later) on PATH to run a third-party AWS server: {error}")
    })?;
    let mut digest = Sha256::new();
    digest.update(&version.stdout);
    digest.update(REQUIREMENTS);
    Ok(data_encoding::HEXLOWER.encode(&digest.finalize()[..6]))
}

fn build(root: &Path) -> Result<(), String> {
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv"]).arg(root);
    succeed(venv, "the wire tests need python3 with its venv module")?;
    let mut pip = Command::new(root.join("bin/pip"));
    pip.args([
        "install",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "-r",
    ])
    .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/requirements.txt"));
    succeed(
        pip,
        "the wire tests need a Python package index for tests/wire/requirements.txt",
    )
}

fn succeed(mut command: Command, need: &str) -> Result<(), String> {
    let output = command
        .output()
        .map_err(|error| format!("{need}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().rfind(|line| !line.trim().is_empty());
    Err(format!(
        "{need}: {}",
        last.unwrap_or("it failed without a word")
    ))
}
