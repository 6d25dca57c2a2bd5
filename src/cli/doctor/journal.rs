//! What the doctor finds in the journal: its version, its runs, and whether their chains are whole.
//! It is opened for looking only: nothing is made, migrated or copied aside.

use std::path::Path;

use crate::domain::check::{Check, Verdict};
use crate::domain::ids::RunId;
use crate::domain::run::{RunState, lost};
use crate::journal::damage::{Damage, Evidence};
use crate::journal::sqlite::SqliteJournal;
use crate::journal::{Journal as _, JournalError};
use crate::report::Report;

const NAME: &str = "journal";

/// Looks into the journal of a directory.
pub async fn checks(directory: &Path) -> Vec<Check> {
    match SqliteJournal::look(directory).await {
        Ok(None) => vec![Check::new(NAME, Verdict::Fine, "there is no journal yet")],
        Ok(Some(journal)) => contents(&journal).await,
        Err(error) => vec![stopped(error)],
    }
}

fn stopped(error: JournalError) -> Check {
    let report = Report::from(error);
    Check::new(NAME, Verdict::Stop, report.what).advise(report.todo.join("\n"))
}

async fn contents(journal: &SqliteJournal) -> Vec<Check> {
    let mut checks: Vec<Check> = journal
        .could_be_written()
        .err()
        .map(stopped)
        .into_iter()
        .collect();
    let runs = match journal.runs().await {
        Ok(runs) => runs,
        Err(error) => {
            checks.push(stopped(error));
            return checks;
        }
    };
    let (mut whole, mut open, mut salvaged) = (0, Vec::new(), Vec::new());
    for run in &runs {
        let state = match journal.damage(run).await {
            Ok(Some(damage)) => {
                checks.push(damaged(&damage));
                continue;
            }
            Ok(None) => journal.read(run, 0).await,
            Err(error) => Err(error),
        };
        match state.map(|events| RunState::fold(&events)) {
            Ok(state) => {
                whole += 1;
                salvaged.extend(state.iter().filter_map(goes_on_from_a_part));
                open.extend(state.filter(|state| !state.status().is_over()));
            }
            Err(error) => checks.push(stopped(error)),
        }
    }
    let version = journal.version();
    let found = match (runs.len(), runs.len() - whole) {
        (0, _) => format!("version {version}, no run yet"),
        (1, 0) => format!("version {version}, one run, and its chain is whole"),
        (all, 0) => format!("version {version}, {all} runs, and every chain is whole"),
        (all, damaged) => format!("version {version}, {all} runs, of which {damaged} are damaged"),
    };
    let verdict = if whole == runs.len() {
        Verdict::Fine
    } else {
        Verdict::Know
    };
    checks.push(Check::new(NAME, verdict, found));
    checks.extend(salvaged);
    for state in open {
        checks.push(unfinished(journal, &state).await);
    }
    checks
}

/// Says which run is damaged at which event, what is lost, where the copy is, and what to do.
fn damaged(damage: &Damage) -> Check {
    let lost = lost(damage.intact, damage.written);
    let found = format!("{}; {lost}", damage.told());
    let report = Report::from(JournalError::Broken(damage.clone()));
    let copy = damage.evidence.told().unwrap_or_else(|| {
        let run = damage.run.tail();
        format!("the damaged files are copied aside by the next command: defib show {run}")
    });
    let todo = report.todo.join("\n");
    Check::new(NAME, Verdict::Stop, found).advise(format!("{copy}\n{todo}"))
}

/// A run that goes on from a part of its record is told for as long as it is there.
fn goes_on_from_a_part(state: &RunState) -> Option<Check> {
    let salvaged = state.salvaged.as_ref()?;
    let lost = lost(salvaged.intact, salvaged.written);
    let (run, valid) = (&state.run, salvaged.intact);
    let found =
        format!("the record of run {run} was damaged: {lost}; it goes on from {valid} events");
    let copy = Evidence::Copied(salvaged.copy.clone()).told();
    Some(Check::new(NAME, Verdict::Know, found).advise(copy.unwrap_or_default()))
}

/// A run that is not over is worth knowing of: it keeps others away from what it works on.
async fn unfinished(journal: &SqliteJournal, state: &RunState) -> Check {
    let (run, status) = (&state.run, state.status().as_str());
    let found = match journal.is_held(run).await {
        Ok(true) => format!("run {run} is {status}, and its runner is at work"),
        Ok(false) => format!("run {run} is {status}, and no runner holds it"),
        Err(error) => return stopped(error),
    };
    Check::new(NAME, Verdict::Know, found).advise(show(run))
}

fn show(run: &RunId) -> String {
    format!("defib show {}", run.tail())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::check::stops;
    use crate::domain::run::{Approval, EventBody, Operator, RunEvent};
    use crate::restore::export::specimen;

    fn home() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn event(seq: u64, body: EventBody) -> RunEvent {
        RunEvent {
            run: "01JD4QAAAA7K".into(),
            seq,
            at: "2026-03-01T02:00:00Z".parse().unwrap(),
            step: None,
            body,
        }
    }

    fn planned() -> EventBody {
        EventBody::Planned {
            plan: Box::new(specimen::plan()),
            by: Operator {
                user: "me".into(),
                host: "here".into(),
            },
            approval: Approval::default(),
            version: "1".into(),
            endpoints: Vec::new(),
        }
    }

    #[tokio::test]
    async fn no_journal_is_fine_and_stays_none() {
        let home = home();
        let checks = checks(&home.path().join("state")).await;
        assert!(!stops(&checks), "{checks:?}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn version_runs_and_what_is_unfinished_are_told() {
        let home = home();
        let journal = SqliteJournal::open(home.path()).unwrap();
        journal.append(&event(1, planned())).await.unwrap();
        let found = checks(home.path()).await;
        assert_eq!(found[0].found, "version 1, one run, and its chain is whole");
        assert_eq!(
            found[1].found,
            "run 01JD4QAAAA7K is running, and no runner holds it"
        );
        assert_eq!(found[1].advice.as_deref(), Some("defib show AAAA7K"));
        journal.append(&event(2, EventBody::Done)).await.unwrap();
        assert_eq!(checks(home.path()).await.len(), 1);
    }

    #[tokio::test]
    async fn a_journal_of_no_bytes_is_explained_and_left_alone() {
        let home = home();
        drop(SqliteJournal::open(home.path()).unwrap());
        let file = home.path().join("journal.db");
        fs::write(&file, "").unwrap();
        let checks = checks(home.path()).await;
        assert!(stops(&checks), "{checks:?}");
        assert!(checks[0].found.contains("is empty"), "{checks:?}");
        assert!(
            checks[0].advice.as_deref().unwrap().contains("mv "),
            "{checks:?}"
        );
        assert_eq!(fs::metadata(&file).unwrap().len(), 0);
    }
}
