//! The table that is there, the name that the new one gets, and the key that it needs.
//! A key that cannot be used shows late in a restore, so it is asked about before.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::domain::words;
use crate::restore::observations::kms::Key;

use super::super::last_seen::when;
use super::super::mark::Mark;
use super::super::prepared::Prepared;
use super::{asked, fine, know, stop};

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let mut checks = vec![table(prepared), target(prepared)];
    let key = prepared.facts.key.as_ref();
    checks.extend(key.map(|key| asked("key", key, of_key)));
    checks.extend(Mark::of(prepared.facts).map(|mark| know("active", mark.told())));
    checks
}

fn table(prepared: &Prepared) -> Check {
    let name = "table";
    let called = shown(&prepared.old.name);
    if let (Some(region), Some(table)) = (prepared.facts.stays_in(), prepared.facts.described()) {
        return of_state(&format!("{called} in {region}"), &table.status);
    }
    match (&prepared.facts.source, &prepared.facts.before) {
        (None, Some(before)) if before.last_seen => know(
            name,
            format!(
                "{called} is gone: it gets the settings that it was last seen with, on {}",
                when(before.at, prepared),
            ),
        )
        .advise("what was changed after that is not in them"),
        (None, Some(before)) => know(
            name,
            format!(
                "{called} is gone: it gets the settings that it had on {}, which the file holds",
                words::instant(before.at),
            ),
        )
        .advise("what was changed after that is not in them"),
        (None, None) => know(
            name,
            format!(
                "{called} is gone: of its settings only those are known that the backup keeps; tags, auto scaling, \
                 resource policy, protection, class and point-in-time recovery are not"
            ),
        )
        .advise(
            "name a file by --settings that defib snapshot-settings has written, or give them back by hand",
        ),
        (Some(source), _) => of_state(&called, &source.status),
    }
}

fn of_state(called: &str, status: &str) -> Check {
    let found = format!("{called} is {}", shown(status));
    match status {
        "ACTIVE" | "UPDATING" => fine("table", found),
        _other => stop("table", found),
    }
}

fn target(prepared: &Prepared) -> Check {
    let name = "target";
    let called = shown(&prepared.new.name);
    asked(name, &prepared.facts.target, |found| match found {
        None if prepared.same_name() => fine(
            name,
            format!("{called} is free: the table gets its old name again"),
        ),
        None => fine(name, format!("{called} is free")),
        Some(table) => stop(
            name,
            format!("there is a table {called}, {}", shown(&table.status)),
        )
        .advise("name another by --target; nothing is restored into a table that is there"),
    })
}

fn of_key(key: &Key) -> Check {
    let name = "key";
    let found = format!("the KMS key {} is {}", shown(&key.arn), shown(&key.state));
    if key.state == "Enabled" {
        return fine(name, found);
    }
    let enable = match key.state.as_str() {
        "PendingDeletion" | "PendingReplicaDeletion" => {
            "cancel its deletion (aws kms cancel-key-deletion) and enable it"
        }
        _other => "enable it",
    };
    stop(name, found).advise(format!(
        "DynamoDB could not read the table, and would say so late; {enable}, or choose another key by --sse-key (what \
         the old table is encrypted with is needed in any case)"
    ))
}
