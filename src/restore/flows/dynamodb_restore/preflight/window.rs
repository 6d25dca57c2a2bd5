//! Whether what is restored from is there: the second in the window of its table, or the backup.
//! The window moves with every second; its ends are told only where they stop the plan.

use jiff::SignedDuration;

use crate::domain::check::Check;
use crate::domain::dynamodb::{Backup, BackupRow, Recovery, Window};
use crate::domain::facts::Fact;
use crate::domain::text::shown;
use crate::domain::words;

use super::super::prepared::Prepared;
use super::{asked, fine, know, stop};

/// So near to its moving beginning, a second may leave the window while people read.
const NEAR: SignedDuration = SignedDuration::from_hours(1);
/// A backup that ends within so long is worth a word.
const SOON: SignedDuration = SignedDuration::from_hours(48);

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    match &prepared.facts.backup {
        Some(backup) => vec![of_backup(prepared, backup)],
        None => vec![asked("window", &prepared.facts.recovery, |recovery| {
            of_window(prepared, recovery)
        })],
    }
}

fn of_window(prepared: &Prepared, recovery: &Recovery) -> Check {
    let name = "window";
    let old = shown(&prepared.old.name);
    let (Some(_), Some(window)) = (recovery.days, &recovery.moving) else {
        let found = format!("point-in-time recovery of {old} is off: no second can be restored");
        return stop(name, found).advise(remains(&prepared.facts.backups));
    };
    let Window { earliest, latest } = *window;
    let at = prepared.at;
    let ends = format!(
        "from {} to {}",
        words::instant(earliest),
        words::instant(latest)
    );
    if at < earliest {
        let found = format!("{} is before the window, {ends}", words::instant(at));
        return stop(name, found).advise(remains(&prepared.facts.backups));
    }
    if at > latest {
        // The end follows the clock at a distance.
        let wait = at.duration_since(latest);
        let ready = prepared.facts.observed_at.checked_add(wait);
        let ready = ready.map_or_else(|_| String::new(), words::instant);
        let found = format!(
            "{} cannot be restored yet: AWS lags by about five minutes, {ends}",
            words::instant(at)
        );
        return stop(name, found).advise(format!(
            "ask again from {ready} on, or choose an earlier second"
        ));
    }
    if at.duration_since(earliest) < NEAR {
        return know(
            name,
            "the second is still in the window, and leaves it within the hour: do not wait",
        );
    }
    fine(name, format!("{} is in the window", words::instant(at)))
}

fn of_backup(prepared: &Prepared, backup: &Backup) -> Check {
    let name = "backup";
    let called = backup.name.shown();
    if backup.state != "AVAILABLE" {
        let found = format!("the backup {called} is {}", shown(&backup.state));
        return stop(name, found).advise(remains(&prepared.facts.backups));
    }
    let made = words::instant(backup.taken_at);
    let now = prepared.facts.observed_at;
    match backup.expires_at {
        Some(end) if end.duration_since(now) < SOON => know(
            name,
            format!(
                "the backup {called} of {made} is deleted by AWS at {}",
                words::instant(end)
            ),
        ),
        Some(_) | None => fine(name, format!("the backup {called} of {made} is available")),
    }
}

/// Says what else there is to restore from.
pub(in super::super) fn remains(backups: &Fact<Vec<BackupRow>>) -> String {
    let Some(all) = backups.value() else {
        let why = backups.why_unknown().unwrap_or("no reason given");
        return format!("whether there are backups is not known: {why}");
    };
    let ready: Vec<&BackupRow> = all
        .iter()
        .filter(|backup| backup.state == "AVAILABLE")
        .collect();
    match ready.first() {
        None => "there is no backup of it either".to_owned(),
        Some(newest) => format!(
            "{} of it can be restored, the newest of {}: --backup {}",
            match ready.len() {
                1 => "1 backup".to_owned(),
                many => format!("{many} backups"),
            },
            words::instant(newest.taken_at),
            shown(&newest.arn)
        ),
    }
}
