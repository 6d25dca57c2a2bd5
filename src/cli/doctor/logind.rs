//! Whether a run outlives the session: systemd-logind may kill a user's processes at logout
//! (`KillUserProcesses`, `logind.conf(5)`). Asks the running logind first, then its files.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::domain::check::{Check, Verdict};
use crate::domain::text::shown;

/// Present where systemd runs the machine, `sd_booted(3)`.
const SYSTEMD_RUNS: &str = "/run/systemd/system";
const LINGER: &str = "/var/lib/systemd/linger";
/// Read in this order; drop-ins come after the main file.
const FILES: [&str; 3] = [
    "/usr/lib/systemd/logind.conf",
    "/run/systemd/logind.conf",
    "/etc/systemd/logind.conf",
];

/// Looks whether a run goes on after logging out.
pub fn check() -> Check {
    if !Path::new(SYSTEMD_RUNS).exists() {
        return fine("no systemd-logind here: runs go on after logging out");
    }
    let kills = asked().or_else(|| in_files(&texts()));
    let user = nix::unistd::User::from_uid(nix::unistd::geteuid());
    let user = user
        .ok()
        .flatten()
        .map_or_else(String::new, |user| user.name);
    let lingers = !user.is_empty() && Path::new(LINGER).join(&user).exists();
    let group = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    // Below the user's own service manager a process belongs to no session.
    let outlives = lingers && group.contains("/user@");
    judged(kills, outlives, &user)
}

fn judged(kills: Option<bool>, outlives: bool, user: &str) -> Check {
    match kills {
        Some(false) => fine("KillUserProcesses=no: runs go on after logging out"),
        Some(true) if outlives => {
            fine("KillUserProcesses=yes, but this shell belongs to a service that lingers")
        }
        Some(true) => Check::new(
            "logind",
            Verdict::Know,
            "KillUserProcesses=yes: logging out kills a run, which can then be resumed",
        )
        .advise(scope(user)),
        None => Check::new(
            "logind",
            Verdict::Unanswered,
            "whether logind kills processes at logout (KillUserProcesses) could not be read",
        )
        .advise(scope(user)),
    }
}

fn fine(found: &str) -> Check {
    Check::new("logind", Verdict::Fine, found)
}

fn scope(user: &str) -> String {
    format!(
        "loginctl enable-linger {}\nsystemd-run --user --scope defib …",
        shown(user)
    )
}

/// Asks the running logind, which knows its built-in default too.
fn asked() -> Option<bool> {
    let answer = Command::new("busctl")
        .args(["--system", "--timeout=2", "get-property"])
        .args(["org.freedesktop.login1", "/org/freedesktop/login1"])
        .args(["org.freedesktop.login1.Manager", "KillUserProcesses"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    match answer.stdout.trim_ascii() {
        b"b true" => Some(true),
        b"b false" => Some(false),
        _other => None,
    }
}

/// Reads the files in the order in which they apply.
fn texts() -> Vec<String> {
    // The main file of the highest directory stands for all; drop-ins apply by name.
    let main = FILES.iter().rev().find(|file| Path::new(file).exists());
    let mut drop_ins: Vec<PathBuf> = FILES
        .iter()
        .filter_map(|file| Path::new(&format!("{file}.d")).read_dir().ok())
        .flat_map(|entries| entries.flatten().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "conf"))
        .collect();
    drop_ins.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    main.map(PathBuf::from)
        .into_iter()
        .chain(drop_ins)
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect()
}

/// Returns the last setting in force, or nothing if none is made.
fn in_files(texts: &[String]) -> Option<bool> {
    let lines = texts.iter().flat_map(|text| text.lines());
    let mut values = lines.filter_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == "KillUserProcesses").then(|| value.trim().to_ascii_lowercase())
    });
    let value = values.next_back()?;
    match value.as_str() {
        "yes" | "true" | "on" | "1" | "y" | "t" => Some(true),
        "no" | "false" | "off" | "0" | "n" | "f" => Some(false),
        _other => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(texts: &[&str]) -> Option<bool> {
        in_files(&texts.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn the_last_setting_is_in_force_and_comments_are_none() {
        let main = "[Login]\n#KillUserProcesses=yes\n";
        assert_eq!(read(&[main]), None);
        assert_eq!(
            read(&[main, "[Login]\nKillUserProcesses = yes\n"]),
            Some(true)
        );
        assert_eq!(
            read(&["KillUserProcesses=yes", "KillUserProcesses=no"]),
            Some(false)
        );
    }

    #[test]
    fn being_killed_at_logout_comes_with_the_way_around_it() {
        let check = judged(Some(true), false, "ops");
        assert_eq!(check.verdict, Verdict::Know);
        let advice = check.advice.unwrap();
        assert!(advice.contains("systemd-run --user --scope"), "{advice}");
        assert!(advice.contains("loginctl enable-linger ops"), "{advice}");
        assert_eq!(judged(Some(true), true, "ops").verdict, Verdict::Fine);
        assert_eq!(judged(Some(false), false, "ops").verdict, Verdict::Fine);
    }

    #[test]
    fn what_could_not_be_read_is_never_fine() {
        assert_eq!(judged(None, false, "ops").verdict, Verdict::Unanswered);
    }
}
