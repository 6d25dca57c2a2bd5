//! Replicas of a table in other Regions (global tables of version 2019.11.21): made by `UpdateTable`, one at a time.
//!
//! A replica is a line of its table: it is no table of its own in the other Region, and nothing is written to it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::operation::update_table::UpdateTableInput;
use aws_sdk_dynamodb::types::ReplicationGroupUpdate;
use jiff::{SignedDuration, Timestamp};

use super::model::Table;
use super::updating::invalid;
use crate::sim::app_scaling::model::AppScaling;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::timeline::{Timeline, after};

/// Those that no account has to ask for, with the ones that are described.
const USUAL: &[&str] = &[
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// What is asked for, and what it is judged by.
pub struct Asked {
    region: String,
    /// Whether it comes to be `ACTIVE`.
    comes: bool,
    scaling: AppScaling,
}

/// Reads which replica is asked for, if one is.
pub fn asked(input: &UpdateTableInput, call: &mut Call<'_>) -> Result<Option<Asked>, Refusal> {
    let region = match input.replica_updates() {
        [] => return Ok(None),
        [one] => created(one)?,
        _several => {
            return Err(invalid(
                "Only one replica update can be specified in one UpdateTable request",
            ));
        }
    };
    if region == call.region() {
        return Err(invalid(
            "Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or \
             UpdateTable as required.",
        ));
    }
    let account = call.account().to_owned();
    let mut known: BTreeSet<String> = call.world().regions(&account).into_iter().collect();
    known.extend(USUAL.iter().map(|name| (*name).to_owned()));
    if !known.contains(&region) {
        return Err(invalid(&format!(
            "Region {region} is not valid or not enabled"
        )));
    }
    // DynamoDB asks for it on behalf of whoever updates the table.
    let (world, action) = (call.world(), "dynamodb:CreateTableReplica");
    let denied = world.denied.get(&account);
    if denied.is_some_and(|denied| denied.contains(action)) {
        return Err(Refusal::access_denied(&account, action));
    }
    let estate = call.estate();
    Ok(Some(Asked {
        comes: !estate.dynamodb.without_replicas.contains(&region),
        scaling: estate.app_scaling.clone(),
        region,
    }))
}

/// What is not simulated must not seem to work.
fn created(update: &ReplicationGroupUpdate) -> Result<String, Refusal> {
    let alone =
        update.update().is_none() && update.delete().is_none() && update.disassociate().is_none();
    let plain = update.create().filter(|create| {
        alone
            && create.kms_master_key_id().is_none()
            && create.provisioned_throughput_override().is_none()
            && create.on_demand_throughput_override().is_none()
            && create.global_secondary_indexes().is_empty()
            && create.table_class_override().is_none()
    });
    let plain = plain.map(|create| create.region_name().to_owned());
    plain.ok_or_else(|| invalid("The simulated AWS makes replicas as their table is, and no more"))
}

/// Makes it, or refuses to.
pub fn add(
    table: &mut Table,
    asked: Asked,
    now: Timestamp,
    delay: SignedDuration,
) -> Result<(), Refusal> {
    let Asked {
        region,
        comes,
        scaling,
    } = asked;
    if table.settings.replicas.contains_key(&region) {
        return Err(invalid(&format!(
            "Failed to create a the new replica of table with name: '{}' because one already exists in region: {region}",
            table.name
        )));
    }
    if table.settings.stream.view.as_deref() != Some("NEW_AND_OLD_IMAGES") {
        return Err(invalid(
            "Table needs to have stream enabled with NEW_AND_OLD_IMAGES to add a replica",
        ));
    }
    if table.shape.key_arn.is_some() {
        return Err(invalid(
            "KMSMasterKeyId must be specified for each replica of a table with a customer managed key",
        ));
    }
    if !scales_writes(table, &scaling) {
        return Err(invalid(
            "Table write capacity should either be Pay-Per-Request or AutoScaled.",
        ));
    }
    let mut status = Timeline::new(now, "CREATING");
    let then = if comes { "ACTIVE" } else { "CREATION_FAILED" };
    status.then(after(now, delay), then);
    table.settings.replicas.insert(region, status);
    table.update(now, delay);
    Ok(())
}

/// Paid by request, or with a policy for the writes of the table and of each of its global indexes.
fn scales_writes(table: &Table, scaling: &AppScaling) -> bool {
    if table.shape.capacity.on_demand {
        return true;
    }
    let name = &table.name;
    let global = table.shape.indexes.iter().filter(|(_, index)| !index.local);
    let global = global.map(|(index, _)| format!("table/{name}/index/{index}"));
    std::iter::once(format!("table/{name}"))
        .chain(global)
        .all(|resource| {
            let mut policies = scaling.policies.keys();
            policies.any(|((of, dimension), _)| {
                *of == resource && dimension.ends_with(":WriteCapacityUnits")
            })
        })
}
