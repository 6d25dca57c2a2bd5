//! Every operation of every AWS SDK crate that this package is built with, read from their sources.
//!
//! `cargo metadata` says where the sources are; the names are those that a crate gives its own
//! requests, which are the names that the guard sees.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// One operation of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Service as its requests name it: `Auto Scaling`.
    pub service: String,
    /// Name on the wire: `DeleteTags`.
    pub name: String,
    /// Method of the client: `delete_tags`.
    pub method: String,
}

/// Returns every operation, read once.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| sources().iter().flat_map(|folder| of(folder)).collect())
}

/// Returns the folder of each SDK crate in use.
fn sources() -> Vec<PathBuf> {
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--offline",
        "--locked",
        "--filter-platform",
        &host(),
    ]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo writes JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |package: &Value, field: &str| package[field].as_str().expect(field).to_owned();
    packages
        .iter()
        .filter(|package| text(package, "name").starts_with("aws-sdk-"))
        .map(|package| text(package, "manifest_path"))
        .filter_map(|manifest| Some(Path::new(&manifest).parent()?.to_owned()))
        .collect()
}

/// Crates of other platforms need not be on this machine.
fn host() -> String {
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.expect("cargo names its host").to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

/// Reads the operations of one crate. What it declares and what its folder holds must agree, so that
/// a change of its shape fails here and leaves nothing out.
fn of(folder: &Path) -> Vec<Operation> {
    let declared = fs::read_to_string(folder.join("src/operation.rs")).expect("src/operation.rs");
    let methods: Vec<&str> = declared
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let files = fs::read_dir(folder.join("src/operation")).expect("src/operation");
    let files = files.filter(|entry| {
        let path = entry.as_ref().expect("an entry of the folder").path();
        path.extension().is_some_and(|extension| extension == "rs")
    });
    assert_eq!(methods.len(), files.count(), "{}", folder.display());
    assert!(!methods.is_empty(), "{}", folder.display());
    methods.iter().map(|method| read(folder, method)).collect()
}

fn read(folder: &Path, method: &str) -> Operation {
    let file = folder.join(format!("src/operation/{method}.rs"));
    let text = fs::read_to_string(&file).expect("the file of an operation");
    let named: Vec<&str> = text.split("orchestrator::Metadata::new(").skip(1).collect();
    assert_eq!(named.len(), 1, "{} names one request", file.display());
    let mut quoted = named[0].split('"').skip(1).step_by(2);
    let (name, service) = (quoted.next(), quoted.next());
    Operation {
        service: service.expect("the service").to_owned(),
        name: name.expect("the operation").to_owned(),
        method: method.to_owned(),
    }
}
