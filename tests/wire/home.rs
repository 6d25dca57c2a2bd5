//! A home directory of one test, and `defib` run in it with nothing else of this machine in sight.
//!
//! AWS files as people have them: static keys for one profile, and role profiles that assume their
//! way into the accounts of the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{self, Output};
use crate::server::{Server, server};
use crate::venv;

pub struct Home {
    server: &'static Server,
    directory: TempDir,
    profiles: String,
}

impl Home {
    pub fn new() -> Self {
        Self::on(server())
    }

    /// The same, with a server that is not the usual one as its AWS.
    pub fn on(server: &'static Server) -> Self {
        let directory = tempfile::Builder::new().prefix("defib-wire-").tempdir();
        let home = Self {
            server,
            directory: directory.expect("a temporary home"),
            profiles: String::new(),
        };
        for folder in ["tmp", "run"] {
            fs::create_dir(home.path().join(folder)).expect("a folder in the home");
        }
        home.write(
            ".aws/credentials",
            "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = base\n",
        );
        // The server honours DryRun, which defib cannot know of an endpoint that is not AWS.
        home.write(
            ".config/defib/config.toml",
            "endpoint_honours_dry_run = true\n",
        );
        home
    }

    /// Adds a profile that assumes a role in `account`; without a region when it is empty.
    pub fn role(mut self, profile: &str, account: &str, region: &str) -> Self {
        let role = format!("role_arn = arn:aws:iam::{account}:role/restore");
        let mut lines = vec![
            format!("[profile {profile}]"),
            role,
            "source_profile = base".into(),
        ];
        if !region.is_empty() {
            lines.push(format!("region = {region}"));
        }
        self.profiles += &(lines.join("\n") + "\n\n");
        self.write(".aws/config", &self.profiles);
        self
    }

    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Where the journal lives.
    pub fn state(&self) -> PathBuf {
        self.path().join(".local/state/defib")
    }

    pub fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder in the home");
        fs::write(&path, text).expect("a file in the home");
        path
    }

    /// Runs `defib` to its end.
    pub fn defib(&self, arguments: &[&str]) -> Output {
        process::run(self.command(arguments), "")
    }

    /// Returns `defib` ready to start, for those who want to change its environment first.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_defib"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .envs(self.environment());
        command
    }

    /// Everything a program in this home knows of its surroundings. The CLI of the server's
    /// environment comes first on PATH, so an exported script finds it.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let at = |folder: &str| self.path().join(folder).display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        vec![
            ("PATH", format!("{}:{path}", venv::bin().display())),
            ("HOME", self.path().display().to_string()),
            ("TMPDIR", at("tmp")),
            ("XDG_CONFIG_HOME", at(".config")),
            ("XDG_STATE_HOME", at(".local/state")),
            ("XDG_CACHE_HOME", at(".cache")),
            ("XDG_DATA_HOME", at(".local/share")),
            ("XDG_RUNTIME_DIR", at("run")),
            ("USER", "operator".into()),
            ("LANG", "C.UTF-8".into()),
            ("TERM", "xterm-256color".into()),
            ("AWS_ENDPOINT_URL", self.server.url.clone()),
            ("AWS_ENDPOINT_URL_BACKUP", self.server.backup_url.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ]
    }

    /// Returns the summaries of all runs, oldest first.
    pub fn runs(&self) -> Vec<Value> {
        self.defib(&["runs", "--json"]).expect(&[0]).json_lines()
    }

    /// Returns the summary of the only run there is.
    pub fn only_run(&self) -> Value {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1, "one run is expected: {runs:?}");
        runs.remove(0)
    }

    /// Returns the id of the detached runner, while there is one.
    pub fn runner(&self) -> Option<i32> {
        let of_runner = |pid: &i32| {
            let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split(|byte| *byte == 0).any(|word| word == b"runner")
        };
        self.processes().into_iter().find(of_runner)
    }

    /// Returns the ids of processes that belong to this home: viewers and detached runners.
    pub fn processes(&self) -> Vec<i32> {
        let mark = format!("HOME={}", self.path().display());
        let of_this_home = |pid: &i32| {
            let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|entry| entry == mark.as_bytes())
        };
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(of_this_home).collect()
    }
}

impl Drop for Home {
    /// A detached runner outlives everything on purpose; a test must not leave one behind.
    fn drop(&mut self) {
        for pid in self.processes() {
            let pid = nix::unistd::Pid::from_raw(pid);
            let _ = nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGKILL);
        }
    }
}
