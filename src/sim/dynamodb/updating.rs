//! `UpdateTable`: one update at a time, while the table is `ACTIVE` (DynamoDB API reference).
//! Indexes are neither made nor deleted here, replicas are made and never deleted; the key stays.

use aws_sdk_dynamodb::operation::update_table::{UpdateTableInput, UpdateTableOutput};
use aws_sdk_dynamodb::types as dynamodb;
use jiff::Timestamp;

use super::model::{Settings, Stream, Table};
use super::shape::{Capacity, Shape};
use super::tables::find;
use super::{permit, replicas, rows};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `UpdateTable`. An update that changes nothing is refused where it is one of throughput or of the stream.
pub fn update(input: &UpdateTableInput, call: &mut Call<'_>) -> Answer<UpdateTableOutput> {
    permit(call, "UpdateTable")?;
    only_known(input)?;
    let (now, delays) = (call.now(), call.delays());
    let replica = replicas::asked(input, call)?;
    let table = find(call, input.table_name().unwrap_or_default())?;
    idle(table, now)?;
    let shape = reshaped(&table.shape, input, &table.name)?;
    let settings = reset(&table.settings, input, now)?;
    let changed = shape.is_some() || settings.is_some();
    if let Some(shape) = shape {
        table.shape = shape;
    }
    if let Some(settings) = settings {
        table.settings = settings;
    }
    if changed {
        table.update(now, delays.update_table);
    }
    let changed = changed || replica.is_some();
    if let Some(replica) = replica {
        replicas::add(table, replica, now, delays.replica)?;
    }
    let row = rows::table(table, now)?;
    if !changed {
        call.nothing_changed();
    }
    answer(move |output: &mut UpdateTableOutput| output.table_description = Some(row))
}

/// Refuses a table that is not `ACTIVE`.
pub fn idle(table: &Table, now: Timestamp) -> Result<(), Refusal> {
    let status = table.status_at(now);
    if status == "ACTIVE" {
        return Ok(());
    }
    let (name, doing) = (&table.name, status.to_lowercase());
    Err(Refusal::client(
        "ResourceInUseException",
        format!("Attempt to change a resource which is still in use: Table is {doing}: {name}"),
    ))
}

/// Its throughput and that of its indexes, if any of it is asked for.
fn reshaped(was: &Shape, input: &UpdateTableInput, name: &str) -> Result<Option<Shape>, Refusal> {
    let indexes = input.global_secondary_index_updates();
    let of_table = input.billing_mode().is_some()
        || input.provisioned_throughput().is_some()
        || input.on_demand_throughput().is_some();
    if !of_table && indexes.is_empty() {
        return Ok(None);
    }
    let mut shape = was.clone();
    let by_request = match input.billing_mode() {
        Some(mode) => *mode == dynamodb::BillingMode::PayPerRequest,
        None => was.capacity.on_demand,
    };
    let asked = (input.provisioned_throughput(), input.on_demand_throughput());
    shape.capacity = throughput(was.capacity, by_request, asked)?;
    for update in indexes.iter().filter_map(|one| one.update()) {
        let index = shape.indexes.get_mut(update.index_name());
        let index = index.filter(|index| !index.local).ok_or_else(|| {
            let message = format!(
                "Requested resource not found: Index: {}",
                update.index_name()
            );
            Refusal::client("ResourceNotFoundException", message)
        })?;
        let asked = (
            update.provisioned_throughput(),
            update.on_demand_throughput(),
        );
        index.capacity = throughput(index.capacity, by_request, asked)?;
    }
    for index in shape.indexes.values_mut().filter(|index| !index.local) {
        index.capacity = throughput(index.capacity, by_request, (None, None))?;
    }
    let of = |shape: &Shape| -> Vec<Capacity> {
        let indexes = shape.indexes.values().map(|index| index.capacity);
        std::iter::once(shape.capacity).chain(indexes).collect()
    };
    if of(&shape) == of(was) {
        return Err(invalid(&format!(
            "The provisioned throughput for the table {name} will not change. The requested value \
             equals the current value."
        )));
    }
    Ok(Some(shape))
}

/// What throughput becomes. Limits of -1 are none.
fn throughput(
    was: Capacity,
    by_request: bool,
    (provisioned, on_demand): (
        Option<&dynamodb::ProvisionedThroughput>,
        Option<&dynamodb::OnDemandThroughput>,
    ),
) -> Result<Capacity, Refusal> {
    if by_request {
        if provisioned.is_some() {
            return Err(invalid(
                "One or more parameter values were invalid: Neither ReadCapacityUnits nor \
                 WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        let mut is = if was.on_demand {
            was
        } else {
            Capacity::ON_DEMAND
        };
        let given = |limit: i64| (limit >= 0).then_some(limit);
        if let Some(limits) = on_demand {
            is.max_read = limits.max_read_request_units().map_or(is.max_read, given);
            is.max_write = limits.max_write_request_units().map_or(is.max_write, given);
        }
        return Ok(is);
    }
    match provisioned {
        Some(asked) => Ok(Capacity::provisioned(
            asked.read_capacity_units(),
            asked.write_capacity_units(),
        )),
        None if !was.on_demand => Ok(was),
        None => Err(invalid(
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits \
             must both be specified when BillingMode is PROVISIONED",
        )),
    }
}

/// Its other settings, if one of them becomes another.
fn reset(
    was: &Settings,
    input: &UpdateTableInput,
    now: Timestamp,
) -> Result<Option<Settings>, Refusal> {
    let mut settings = was.clone();
    if let Some(protected) = input.deletion_protection_enabled() {
        settings.protected = protected;
    }
    if let Some(class) = input.table_class() {
        class.as_str().clone_into(&mut settings.class);
    }
    if let Some(asked) = input.stream_specification() {
        settings.stream = stream(&was.stream, asked, now)?;
    }
    let same = settings.protected == was.protected
        && settings.class == was.class
        && settings.stream.view == was.stream.view;
    Ok((!same).then_some(settings))
}

fn stream(
    was: &Stream,
    asked: &dynamodb::StreamSpecification,
    now: Timestamp,
) -> Result<Stream, Refusal> {
    match (&was.view, asked.stream_enabled()) {
        (Some(_), true) => Err(invalid("Table already has an enabled stream")),
        (None, false) => Err(invalid("Table has no stream to disable")),
        (Some(_), false) => Ok(Stream {
            view: None,
            ..was.clone()
        }),
        (None, true) => {
            let view = asked
                .stream_view_type()
                .ok_or_else(|| invalid("StreamViewType is required when StreamEnabled is true"))?;
            Ok(Stream {
                view: Some(view.as_str().to_owned()),
                label: Some(now),
            })
        }
    }
}

/// What is not simulated must not seem to work.
fn only_known(input: &UpdateTableInput) -> Result<(), Refusal> {
    let indexes = input.global_secondary_index_updates();
    let more = input.deletion_protection_enabled().is_some()
        || input.table_class().is_some()
        || input.stream_specification().is_some()
        || input.billing_mode().is_some();
    let other = (more && !input.replica_updates().is_empty())
        || input.sse_specification().is_some()
        || input.warm_throughput().is_some()
        || indexes
            .iter()
            .any(|one| one.create().is_some() || one.delete().is_some());
    if !other {
        return Ok(());
    }
    Err(invalid(
        "The simulated AWS updates throughput, class, protection and stream, and makes replicas by themselves",
    ))
}

pub fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
