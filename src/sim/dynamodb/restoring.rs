//! `RestoreTableToPointInTime` and `RestoreTableFromBackup`: a new table with the data and without the settings.
//!
//! There is no token: the name is what keeps a table from being made twice. Its id and its ARN follow from the name
//! alone, so that two worlds with the same history are alike.

use aws_sdk_dynamodb::operation::restore_table_from_backup::{
    RestoreTableFromBackupInput, RestoreTableFromBackupOutput,
};
use aws_sdk_dynamodb::operation::restore_table_to_point_in_time::{
    RestoreTableToPointInTimeInput, RestoreTableToPointInTimeOutput,
};
use jiff::Timestamp;

use super::model::{Restored, Settings, Table, table_arn, table_id};
use super::overrides::Overrides;
use super::shape::{Items, Put, Shape};
use super::{pace, permit, rows};
use crate::sim::call::Call;
use crate::sim::ec2::instant;
use crate::sim::kms;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};
use crate::sim::world::{Estate, Place};

/// How many restores may go on at once (DynamoDB API reference).
const MOST: usize = 50;

/// What is restored.
struct Source {
    shape: Shape,
    items: Items,
    restored: Restored,
}

/// `RestoreTableToPointInTime`.
pub fn to_point_in_time(
    input: &RestoreTableToPointInTimeInput,
    call: &mut Call<'_>,
) -> Answer<RestoreTableToPointInTimeOutput> {
    permit(call, "RestoreTableToPointInTime")?;
    pace(call, "RestoreTableToPointInTime")?;
    let target = target(input.target_table_name(), call)?;
    let now = call.now();
    let name = input.source_table_name().or(input.source_table_arn());
    let name = name.unwrap_or_default();
    let table = estate_of(name, call).dynamodb.table(name).ok_or_else(|| {
        Refusal::client("TableNotFoundException", format!("Table not found: {name}"))
    })?;
    let at = asked_for(input, table, now)?;
    let source = Source {
        shape: table.shape.clone(),
        items: table.items.clone(),
        restored: Restored {
            table_arn: table.arn.clone(),
            backup_arn: None,
            at,
        },
    };
    let row = restore(source, &Overrides::of_point(input), target, call)?;
    answer(move |output: &mut RestoreTableToPointInTimeOutput| {
        output.table_description = Some(row);
    })
}

/// The instant that is asked for, which lies in the window.
fn asked_for(
    input: &RestoreTableToPointInTimeInput,
    table: &Table,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let on = table.settings.continuous.as_ref().ok_or_else(|| {
        let name = &table.name;
        let message = format!("Point in time recovery is not enabled for table '{name}'");
        Refusal::client("PointInTimeRecoveryUnavailableException", message)
    })?;
    let (earliest, latest) = on.window(now);
    let at = match (
        input.restore_date_time(),
        input.use_latest_restorable_time(),
    ) {
        (Some(at), None | Some(false)) => instant(at),
        (None, Some(true)) => Some(latest),
        (Some(_), Some(true)) | (None, None | Some(false)) => None,
    };
    let at = at.ok_or_else(|| {
        invalid("Exactly one of RestoreDateTime and UseLatestRestorableTime has to be given")
    })?;
    if at < earliest || at > latest {
        return Err(Refusal::client(
            "InvalidRestoreTimeException",
            format!(
                "An invalid restore time was specified. RestoreDateTime must be between {} and {}",
                earliest.strftime("%FT%TZ"),
                latest.strftime("%FT%TZ")
            ),
        ));
    }
    Ok(at)
}

/// `RestoreTableFromBackup`.
pub fn from_backup(
    input: &RestoreTableFromBackupInput,
    call: &mut Call<'_>,
) -> Answer<RestoreTableFromBackupOutput> {
    permit(call, "RestoreTableFromBackup")?;
    pace(call, "RestoreTableFromBackup")?;
    let target = target(input.target_table_name(), call)?;
    let arn = input.backup_arn().unwrap_or_default();
    let backup = estate_of(arn, call).dynamodb.backup(arn)?;
    if backup.status != "AVAILABLE" {
        return Err(Refusal::client(
            "BackupInUseException",
            format!("Backup is being created or deleted: {arn}"),
        ));
    }
    let source = Source {
        shape: backup.kept.shape.clone(),
        items: backup.kept.items.clone(),
        restored: Restored {
            table_arn: backup.table_arn.clone(),
            backup_arn: Some(backup.arn.clone()),
            at: backup.created,
        },
    };
    let row = restore(source, &Overrides::of_backup(input), target, call)?;
    answer(move |output: &mut RestoreTableFromBackupOutput| {
        output.table_description = Some(row);
    })
}

/// The estate that an ARN says it is of: that of another Region of the account, where it names one (DynamoDB developer
/// guide, "Restoring a table to a point in time"). A name is one here.
fn estate_of<'a>(source: &str, call: &'a mut Call<'_>) -> &'a mut Estate {
    let parts: Vec<&str> = source.splitn(6, ':').collect();
    let ["arn", _, "dynamodb", region, account, _] = parts[..] else {
        return call.estate();
    };
    if account != call.account() {
        return call.estate();
    }
    let place = Place::new(account, region);
    call.world().estate(&place)
}

/// The name of the new table: 3 to 255 of `A-Za-z0-9_.-`, which no table has.
fn target(name: Option<&str>, call: &mut Call<'_>) -> Result<String, Refusal> {
    let name = name.unwrap_or_default();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if !(3..=255).contains(&name.len()) || !name.chars().all(fits) {
        return Err(invalid(&format!(
            "1 validation error detected: Value '{name}' at 'targetTableName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+, with a \
             length between 3 and 255"
        )));
    }
    if call.estate().dynamodb.tables.contains_key(name) {
        return Err(Refusal::client(
            "TableAlreadyExistsException",
            format!("Table already exists: {name}"),
        ));
    }
    Ok(name.to_owned())
}

/// Makes the table. A key that cannot be used shows once it would be there.
fn restore(
    source: Source,
    overrides: &Overrides,
    name: String,
    call: &mut Call<'_>,
) -> Result<aws_sdk_dynamodb::types::TableDescription, Refusal> {
    let now = call.now();
    let under_way = call.estate().dynamodb.tables.values();
    let restoring =
        under_way.filter(|table| table.restored.is_some() && table.status_at(now) == "CREATING");
    if restoring.count() >= MOST {
        return Err(Refusal::client(
            "LimitExceededException",
            "Subscriber limit exceeded: There is a limit of 50 concurrent table restores per subscriber",
        ));
    }
    let mut shape = overrides.apply(source.shape, call.estate())?;
    shape.key_arn = shape
        .key_arn
        .filter(|key| !key.ends_with("alias/aws/dynamodb"));
    let usable = shape
        .key_arn
        .as_deref()
        .is_none_or(|key| kms::failure_to_encrypt(call.estate(), key).is_none());
    let becomes = if usable {
        "ACTIVE"
    } else {
        "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    };
    let mut status = Timeline::new(now, "CREATING".to_owned());
    status.then(after(now, call.delays().restore_table), becomes.to_owned());
    let arn = table_arn(&Place::new(call.account(), call.region()), &name);
    let table = Table {
        id: table_id(&format!("{arn}, restored")),
        status,
        created: now,
        shape,
        items: Items {
            as_of: Some(source.restored.at),
            put: Put::default(),
            ..source.items
        },
        settings: Settings::none(now),
        restored: Some(source.restored),
        visibility: call.new_visibility(),
        name: name.clone(),
        arn,
    };
    let row = rows::table(&table, now)?;
    call.estate().dynamodb.tables.insert(name, table);
    Ok(row)
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
