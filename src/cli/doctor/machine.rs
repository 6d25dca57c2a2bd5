//! What the doctor finds on this machine: settings, the files of the journal, the terminal.
//! What stands in the journal is read elsewhere.

use std::borrow::Cow;
use std::io::IsTerminal as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::sys::statvfs::statvfs;
use nix::unistd::{AccessFlags, access};

use crate::cli::console;
use crate::cli::flags::Flags;
use crate::cli::output::{Output, locale, locale_is_utf8};
use crate::config::{Config, ConfigError, Paths};
use crate::domain::check::{Check, Verdict};
use crate::domain::text::shown;

/// How far down the directory of the journal is looked.
const DEPTH: usize = 3;
/// A disk with less room takes no journal.
const LEAST_ROOM: u64 = 1 << 20;
/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

/// Looks at the settings file; without one, the home directory is not known.
pub fn settings(read: Option<(&Path, &Result<Config, ConfigError>)>) -> Check {
    let check = |verdict, found| Check::new("settings", verdict, found);
    match read {
        None => check(Verdict::Stop, "the home directory is not known".to_owned())
            .advise("set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME"),
        Some((file, Ok(_))) => {
            let name = shown(&file.to_string_lossy());
            let has = if file.exists() {
                "has been read"
            } else {
                "does not exist: defaults"
            };
            check(Verdict::Fine, format!("{name} {has}"))
        }
        Some((_, Err(error))) => {
            let advice = match error {
                ConfigError::Invalid {
                    nearest: Some(nearest),
                    ..
                } => format!("perhaps {nearest} was meant"),
                ConfigError::Invalid { nearest: None, .. } => "mend that line".to_owned(),
                ConfigError::Unreadable { source, .. } => source.to_string(),
                ConfigError::NoHome => "set HOME".to_owned(),
            };
            check(Verdict::Stop, error.to_string()).advise(advice)
        }
    }
}

/// Looks at the user's own keys, as the console would read them.
pub fn keys(flags: &Flags, config: &Config, paths: Option<&Paths>) -> Check {
    let check = |verdict, found| Check::new("keys", verdict, found);
    let file = paths.map(|paths| paths.config.join("keymap.toml"));
    if let Err(report) = console::keymap(flags, config, file.as_deref()) {
        return check(Verdict::Stop, report.what).advise(report.todo.join("\n"));
    }
    match file.filter(|file| file.exists()) {
        Some(file) => {
            let name = shown(&file.to_string_lossy());
            check(Verdict::Fine, format!("{name} has been read"))
        }
        None => check(Verdict::Fine, "no keys of your own: defaults".to_owned()),
    }
}

/// Looks whether a directory, or the one that it would be made in, can be written to: `None` where it can. Nothing
/// is written to find out.
pub fn unwritable(name: &str, directory: &Path, verdict: Verdict) -> Option<Check> {
    let above = directory.ancestors().find(|one| one.exists())?;
    let shown_name = shown(&directory.to_string_lossy());
    let found = if let Err(error) = access(above, AccessFlags::W_OK | AccessFlags::X_OK) {
        format!("{shown_name} cannot be written: {}", error.desc())
    } else {
        let left = room(above).filter(|left| *left < LEAST_ROOM)?;
        format!("the disk of {shown_name} is full: {left} bytes are left")
    };
    let advice =
        "make room or mend its permissions, or name another place: XDG_STATE_HOME, XDG_CACHE_HOME";
    Some(Check::new(name, verdict, found).advise(advice))
}

/// Returns how many bytes a file system has left for this user; `None` where it does not tell.
fn room(directory: &Path) -> Option<u64> {
    let found = statvfs(directory).ok()?;
    // `c_ulong` has 32 bits on some machines.
    #[expect(clippy::useless_conversion, reason = "it is one on others")]
    let (blocks, size) = (
        u64::from(found.blocks_available()),
        u64::from(found.fragment_size()),
    );
    blocks.checked_mul(size)
}

/// Looks at the directory of the journal and at every file in it: they must be the user's alone.
pub fn state(directory: &Path) -> Vec<Check> {
    let name = shown(&directory.to_string_lossy());
    if !directory.exists() && !directory.is_symlink() {
        if let Some(unwritable) = unwritable("state", directory, Verdict::Stop) {
            return vec![unwritable];
        }
        let found = format!("{name} does not exist: the first run makes it");
        return vec![Check::new("state", Verdict::Fine, found)];
    }
    let mut checks = Vec::new();
    examine(directory, DEPTH, &mut checks);
    checks.extend(unwritable("state", directory, Verdict::Stop));
    if checks.is_empty() {
        let found = format!("{name} and its files are yours alone");
        checks.push(Check::new("state", Verdict::Fine, found));
    }
    checks
}

fn examine(path: &Path, depth: usize, checks: &mut Vec<Check>) {
    let name = shown(&path.to_string_lossy());
    let mut stop = |found: String, advice: String| {
        checks.push(Check::new("state", Verdict::Stop, found).advise(advice));
    };
    let metadata = match path.symlink_metadata() {
        Ok(metadata) => metadata,
        Err(error) => return stop(format!("{name}: {error}"), "make it readable".to_owned()),
    };
    let quoted = shlex::try_quote(&name).map_or_else(|_| name.clone(), Cow::into_owned);
    if metadata.is_symlink() {
        let advice = format!("put a real file or directory there: ls -l {quoted}");
        return stop(format!("{name} is a symbolic link"), advice);
    }
    if metadata.uid() != nix::unistd::geteuid().as_raw() {
        let found = format!("{name} belongs to somebody else (uid {})", metadata.uid());
        stop(found, format!("ls -ld {quoted}"));
    }
    let mode = metadata.mode() & 0o777;
    if mode & OTHERS != 0 {
        let right = if metadata.is_dir() { "700" } else { "600" };
        let found = format!("{name} is open to others (mode {mode:03o})");
        stop(found, format!("chmod {right} {quoted}"));
    }
    if !metadata.is_dir() || depth == 0 {
        return;
    }
    match path.read_dir() {
        Ok(entries) => {
            let mut below: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
            below.sort();
            for path in below {
                examine(&path, depth - 1, checks);
            }
        }
        Err(error) => stop(format!("{name}: {error}"), "make it readable".to_owned()),
    }
}

/// Looks at the terminal and its locale.
pub fn terminal(output: &Output) -> Vec<Check> {
    let term = std::env::var("TERM").ok();
    let locale = locale();
    vec![
        terminal_kind(term.as_deref(), std::io::stdout().is_terminal()),
        encoding(locale.as_ref(), output.ascii()),
    ]
}

fn terminal_kind(term: Option<&str>, is_terminal: bool) -> Check {
    let check = |verdict, found: String| Check::new("terminal", verdict, found);
    match term {
        _any if !is_terminal => check(
            Verdict::Know,
            "stdout is no terminal: the console cannot open here, every command works".to_owned(),
        ),
        None | Some("" | "dumb") => check(
            Verdict::Know,
            "TERM names no terminal that the console can draw on".to_owned(),
        )
        .advise("export TERM=xterm-256color, or what your terminal is"),
        Some(term) => check(Verdict::Fine, format!("TERM is {}", shown(term))),
    }
}

fn encoding(locale: Option<&(&'static str, String)>, ascii: bool) -> Check {
    let named = locale.map_or_else(
        || "no locale is set".to_owned(),
        |(name, value)| format!("{name} is {}", shown(value)),
    );
    if locale_is_utf8() {
        let signs = if ascii { "; ASCII signs by flag" } else { "" };
        return Check::new("locale", Verdict::Fine, format!("{named}{signs}"));
    }
    Check::new(
        "locale",
        Verdict::Know,
        format!("{named}: only ASCII signs are shown"),
    )
    .advise("export LC_ALL=C.UTF-8 if the terminal shows UTF-8")
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;
    use crate::domain::check::stops;

    fn private_directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        set_mode(directory.path(), 0o700);
        directory
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_journal_that_is_the_users_alone_is_fine() {
        let directory = private_directory();
        let file = directory.path().join("journal");
        fs::write(&file, "").unwrap();
        set_mode(&file, 0o600);
        assert!(!stops(&state(directory.path())));
        assert!(!stops(&state(&directory.path().join("absent"))));
    }

    #[test]
    fn a_place_that_cannot_be_written_is_named_before_anything_is_to_be_written_there() {
        let directory = private_directory();
        let file = directory.path().join("file");
        fs::write(&file, "").unwrap();
        set_mode(&file, 0o600);
        let checks = state(&file.join("defib"));
        assert!(stops(&checks), "{checks:?}");
        assert!(checks[0].found.contains("cannot be written"), "{checks:?}");
        let cache = unwritable("cache", &file.join("defib"), Verdict::Know);
        assert!(cache.is_some_and(|check| !stops(&[check])));
        assert!(unwritable("state", &directory.path().join("a/b"), Verdict::Stop).is_none());
        assert!(room(directory.path()).is_some());
    }

    #[test]
    fn files_that_others_can_read_are_named_with_the_command() {
        let directory = private_directory();
        let file = directory.path().join("journal");
        fs::write(&file, "").unwrap();
        set_mode(&file, 0o644);
        let checks = state(directory.path());
        assert_eq!(checks.len(), 1);
        assert!(checks[0].found.ends_with("is open to others (mode 644)"));
        let advice = checks[0].advice.as_deref().unwrap();
        assert!(advice.starts_with("chmod 600 "), "{advice}");
        set_mode(directory.path(), 0o755);
        assert_eq!(state(directory.path()).len(), 2);
    }

    #[test]
    fn a_symbolic_link_in_place_of_the_journal_is_refused() {
        let directory = private_directory();
        let link = directory.path().join("link");
        std::os::unix::fs::symlink("/nowhere", &link).unwrap();
        assert!(stops(&state(&link)));
    }

    #[test]
    fn broken_settings_stop_and_missing_ones_do_not() {
        let directory = private_directory();
        let file = directory.path().join("config.toml");
        let check = |file: &Path| settings(Some((file, &Config::read(file)))).verdict;
        assert_eq!(check(&file), Verdict::Fine);
        fs::write(&file, "regoins = []").unwrap();
        assert_eq!(check(&file), Verdict::Stop);
        assert_eq!(settings(None).verdict, Verdict::Stop);
    }

    #[test]
    fn keys_that_the_console_would_refuse_are_named_with_their_line() {
        let directory = private_directory();
        let path = |name: &str| directory.path().join(name);
        let paths = Paths {
            config: path("config"),
            state: path("state"),
            cache: path("cache"),
        };
        let check = || keys(&Flags::default(), &Config::default(), Some(&paths));
        assert_eq!(check().verdict, Verdict::Fine);
        fs::create_dir(&paths.config).unwrap();
        fs::write(paths.config.join("keymap.toml"), "[list]\nopne = [\"o\"]\n").unwrap();
        let refused = check();
        assert_eq!(refused.verdict, Verdict::Stop);
        assert!(refused.found.contains("line 2"), "{}", refused.found);
        assert!(refused.advice.unwrap().contains("mend that line"));
        fs::write(paths.config.join("keymap.toml"), "[list]\n").unwrap();
        assert!(check().found.ends_with("has been read"));
    }

    #[test]
    fn a_dumb_terminal_is_something_to_know() {
        assert_eq!(terminal_kind(Some("dumb"), true).verdict, Verdict::Know);
        assert_eq!(terminal_kind(None, true).verdict, Verdict::Know);
        assert_eq!(terminal_kind(Some("tmux"), true).verdict, Verdict::Fine);
        assert_eq!(terminal_kind(Some("tmux"), false).verdict, Verdict::Know);
    }
}
