//! A run that is in the way of another, as a report of the command line: who is at what, and the ways out.
//! The console names the same run, and its own ways to it.

use crate::domain::ids::RunId;
use crate::domain::run::RunStatus;
use crate::runner::unfinished::InTheWay;

use super::{FAILED, Report};

impl From<InTheWay> for Report {
    fn from(found: InTheWay) -> Self {
        let report = Self::new(FAILED, found.told())
            .safe("Nothing was changed by this command, and that run stays as it is.");
        let (status, alive) = found.stands();
        ways_out(found.run(), status, alive)
            .into_iter()
            .fold(report, Self::todo)
    }
}

fn ways_out(run: &RunId, status: RunStatus, alive: bool) -> Vec<String> {
    let run = run.tail();
    let first = match status {
        RunStatus::Waiting => format!("see what it asks: defib show {run}"),
        _at_work if alive => format!("follow it: defib attach {run}"),
        RunStatus::Running
        | RunStatus::RollingBack
        | RunStatus::Paused
        | RunStatus::Failed
        | RunStatus::Done
        | RunStatus::RolledBack => format!("let it go on: defib resume {run}"),
    };
    vec![first, format!("or take it back: defib rollback {run}")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_out_depends_on_what_the_run_waits_for() {
        let run = RunId::from("01JD4QAAAA7K");
        let first = |status, alive| ways_out(&run, status, alive).swap_remove(0);
        assert_eq!(
            first(RunStatus::Running, true),
            "follow it: defib attach AAAA7K"
        );
        let dead = first(RunStatus::Running, false);
        assert_eq!(dead, "let it go on: defib resume AAAA7K");
        assert_eq!(first(RunStatus::Failed, false), dead);
        assert!(first(RunStatus::Waiting, false).ends_with("defib show AAAA7K"));
    }
}
