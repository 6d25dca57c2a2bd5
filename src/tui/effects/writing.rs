//! Writes reports and plans, and the files that a person asks for.
//! A file that exists is never overwritten.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;

use jiff::Timestamp;

use crate::domain::ids::RunId;
use crate::domain::plan::Plan;
use crate::domain::run::{RunEvent, RunState};
use crate::domain::text::shown;
use crate::report::{FAILED, Report};
use crate::restore::export::report::{Asked, damaged, report};
use crate::restore::export::{json, markdown, shell};
use crate::tui::effect::Format;
use crate::tui::msg::Msg;

use super::Effects;

/// How many names are tried for a file.
const NAMES: u32 = 100;

/// Returns the report of a run as the console shows it.
pub(in crate::tui) fn report_text(
    state: &RunState,
    events: &[RunEvent],
    incident: Option<Timestamp>,
    now: Timestamp,
) -> String {
    report(state, events, Asked { incident, now })
}

impl Effects {
    pub(super) async fn write_report(&self, run: RunId, incident: Option<Timestamp>) {
        let msg = match self.report_of(&run, incident).await {
            Ok(text) => Msg::ReportWritten { run, text },
            Err(report) => Msg::Failed(report),
        };
        self.tell(msg).await;
    }

    async fn report_of(&self, run: &RunId, incident: Option<Timestamp>) -> Result<String, Report> {
        let journal = self.journal().await?;
        let events = journal.read_intact(run).await?;
        let damage = journal.damage(run).await?;
        let state = RunState::fold(&events)
            .ok_or_else(|| Report::new(FAILED, format!("run {run} has no plan in the journal")))?;
        let damaged = damage.as_ref().map(damaged).unwrap_or_default();
        Ok(damaged + &report_text(&state, &events, incident, self.clock().now()))
    }

    pub(super) async fn export_plan(&self, plan: &Plan, format: Format) {
        let rendered = match format {
            Format::Markdown => markdown::runbook(plan).map(|text| (text, "md")),
            Format::Shell => shell::script(plan).map(|text| (text, "sh")),
            Format::Json => Ok((json::render(plan), "json")),
        };
        match rendered {
            Ok((text, ending)) => {
                let name = format!("defib-{}-{}.{ending}", plan.flow, plan.point.id);
                self.export_text(&name, &text).await;
            }
            Err(error) => self.tell(Msg::Failed(error.into())).await,
        }
    }

    pub(super) async fn export_text(&self, name: &str, text: &str) {
        let (directory, name, text) =
            (self.world.exports.clone(), name.to_owned(), text.to_owned());
        let written =
            tokio::task::spawn_blocking(move || write_new(&directory, &name, &text)).await;
        let msg = match written {
            Ok(Ok(path)) => Msg::Exported { path },
            Ok(Err(error)) => Msg::Failed(not_written(&error.to_string())),
            Err(error) => Msg::Failed(not_written(&error.to_string())),
        };
        self.tell(msg).await;
    }
}

fn not_written(why: &str) -> Report {
    Report::new(FAILED, format!("the file was not written: {}", shown(why)))
        .safe("Nothing else was changed.")
        .todo("start defib in a directory that you may write to")
}

/// Writes a file that only its owner reads, under the first name that is free.
fn write_new(directory: &std::path::Path, name: &str, text: &str) -> std::io::Result<String> {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.".contains(c) {
            c
        } else {
            '_'
        }
    };
    let name: String = name.chars().map(safe).collect();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, "txt"));
    for n in 1..=NAMES {
        let name = if n == 1 {
            name.clone()
        } else {
            format!("{stem}-{n}.{ending}")
        };
        let path = directory.join(name);
        let file = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path);
        match file {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(shown(&path.to_string_lossy()));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(std::io::Error::other(format!(
        "{NAMES} files of this name are there already"
    )))
}
