//! The hidden command `runner`: the detached process that drives one run.
//!
//! It has no terminal and asks nobody: what it needs to know comes from the journal. Nobody types it;
//! the commands that need a runner start it.

use std::io::Read as _;
use std::sync::Arc;

use crate::aws::connect::Connector;
use crate::aws::logins::{self, Logins};
use crate::domain::ids::RunId;
use crate::journal::Journal;
use crate::journal::sqlite::SqliteJournal;
use crate::report::{FAILED, Report};
use crate::restore::pacing::Pacing;
use crate::runner;

use super::{Session, last_words};

/// The most that a session takes, in bytes; tokens have some hundred, and AWS sets no limit.
const SESSION_MOST: u64 = 64 * 1024;

/// Arguments of `runner`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The run
    pub run: String,
    /// Read the session to work with from stdin
    #[arg(long)]
    pub session_on_stdin: bool,
}

/// Drives a run until it is over or a person is needed.
///
/// # Errors
/// A report, which goes to the runner's log.
pub async fn run(args: Args, session: &mut Session<'_>) -> Result<u8, Report> {
    runner::detach()?;
    let started = last_words::heading(std::process::id(), session.clock.now());
    session.output.note(&started);
    let logins = if args.session_on_stdin {
        Logins::holding(handed_over()?)
    } else {
        Logins::default()
    };
    let journal = SqliteJournal::open(&session.paths.state)?;
    let run = RunId::new(args.run);
    let connector = Connector {
        logins,
        ..session.viewer.clone()
    };
    let clock = session.clock.clone();
    let journal = watched(journal);
    runner::drive(journal, connector, clock, Pacing::default(), &run).await?;
    Ok(0)
}

/// Reads the session that whoever started this process has handed over. What is wrong with one is not told:
/// that could quote it.
fn handed_over() -> Result<logins::Session, Report> {
    let handed = std::io::stdin().lock().take(SESSION_MOST);
    serde_json::from_reader(handed).map_err(|_secret| {
        Report::new(FAILED, "the session that was handed over cannot be read")
            .todo("resume the run: that hands over another one")
    })
}

/// In debug builds `DEFIB_CRASH_AT=k` kills the runner at the k-th boundary of the journal, so that
/// tests can try every crash with a real process.
#[cfg(debug_assertions)]
fn watched(journal: SqliteJournal) -> Arc<dyn Journal> {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let Some(k) = std::env::var("DEFIB_CRASH_AT")
        .ok()
        .and_then(|k| k.parse::<u64>().ok())
    else {
        return Arc::new(journal);
    };
    Arc::new(crate::journal::boundary::Watched::new(
        journal,
        move |boundary| {
            if boundary.number == k {
                let _ = kill(Pid::this(), Signal::SIGKILL);
            }
            Box::pin(std::future::ready(()))
        },
    ))
}

#[cfg(not(debug_assertions))]
fn watched(journal: SqliteJournal) -> Arc<dyn Journal> {
    Arc::new(journal)
}
