//! Operations that make a table out of a recovery point.
//!
//! A restore takes no token and no tags, but its name is one in the account and the Region: a table of that name is
//! this step's only if it was restored from the same point and the step has asked for it.

mod from_backup;
mod overrides;
#[cfg(test)]
mod tests;
mod to_point;
mod typed;

use aws_sdk_dynamodb::types::TableDescription;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::dynamodb::{Restored, Table};
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;
use crate::domain::text::shown;
use crate::restore::operation::{Context, Probe};

use super::dynamodb_table::{Unsettled, passing, unsettled};

pub use from_backup::RestoreFromBackup;
pub use to_point::RestoreToPointInTime;

/// Where the outputs stand in the answer of both calls.
const OUTPUTS: &[(&str, &str)] = &[
    ("table", "TableDescription.TableName"),
    ("arn", "TableDescription.TableArn"),
];

/// The table that was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredTable {
    /// Its name.
    pub table: String,
    /// Its ARN.
    pub arn: String,
}

fn created(output: &RestoredTable) -> Vec<Created> {
    vec![Created {
        id: output.table.clone(),
        kind: ResourceKind::Table,
    }]
}

/// What an answer tells of the table that it promises.
fn promised(table: Option<&TableDescription>) -> Option<RestoredTable> {
    let table = table?;
    Some(RestoredTable {
        table: table.table_name()?.to_owned(),
        arn: table.table_arn()?.to_owned(),
    })
}

/// A name that is taken may be this very request's doing, whose answer was lost: it is looked for.
fn refused(failure: Failure) -> Failure {
    let effect = if failure.class == FailureClass::Exists {
        Effect::Unknown
    } else {
        failure.effect
    };
    passing(Failure { effect, ..failure })
}

/// Says what a look at the target means; `is_same` tells whether it was restored from the point of this step.
fn judged(
    cx: &Context,
    target: &str,
    found: Option<Table>,
    is_same: impl Fn(&Restored) -> bool,
) -> Probe<RestoredTable> {
    let Some(table) = found else {
        return Probe::Absent { found: Value::Null };
    };
    let named = shown(target);
    if !table.restored.as_ref().is_some_and(is_same) {
        return Probe::Conflict(format!(
            "there is a table {named} that was not restored from this point"
        ));
    }
    // Before this step has asked for it, nobody else than a colleague can have.
    if cx.sent_at.is_none() && !cx.lost {
        return Probe::Conflict(format!(
            "there is a table {named} restored from this point already, which this run has not asked for: somebody \
             else is restoring it"
        ));
    }
    match unsettled(&table) {
        Some(Unsettled::Lost(why)) => Probe::Failed(why),
        Some(Unsettled::Passing(status)) => Probe::InProgress {
            detail: format!("{status}{}", since(cx)),
            percent: None,
        },
        None if table.restored.is_some_and(|restored| restored.in_progress) => Probe::InProgress {
            detail: format!("still being restored{}", since(cx)),
            percent: None,
        },
        None => Probe::Present {
            detail: format!("{named} is restored"),
            output: RestoredTable {
                table: table.name,
                arn: table.arn,
            },
        },
    }
}

/// For how many minutes it has been under way, once that is known.
fn since(cx: &Context) -> String {
    let minutes = cx
        .sent_at
        .map(|sent| cx.clients.clock.now().duration_since(sent).as_mins());
    minutes
        .filter(|minutes| *minutes > 0)
        .map_or_else(String::new, |minutes| format!(" for {minutes} min"))
}
