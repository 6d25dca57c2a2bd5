//! `ListResourceRecordSets`: from a name, a type and an identifier on, up to 300 at a time.
//! (Route 53 API reference.)

use aws_sdk_route53::operation::list_resource_record_sets::{
    ListResourceRecordSetsInput, ListResourceRecordSetsOutput,
};
use aws_sdk_route53::types as route53;

use super::model::{Alias, Record, name};
use super::{order, zone};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `ListResourceRecordSets`
pub fn list(
    input: &ListResourceRecordSetsInput,
    call: &mut Call<'_>,
) -> Answer<ListResourceRecordSetsOutput> {
    call.permit_elsewhere()?;
    let size = input.max_items().unwrap_or(300).clamp(1, 300);
    let kind = input
        .start_record_type()
        .map_or("", route53::RrType::as_str);
    if !kind.is_empty() && input.start_record_name().is_none() {
        let message = "The input is not valid: a type was given without a name";
        return Err(Refusal::client("InvalidInput", message));
    }
    let set = input.start_record_identifier().unwrap_or_default();
    let from = input
        .start_record_name()
        .map(|from| order::key(&name(from), kind, set));
    let mut records = zone(call, input.hosted_zone_id())?.records.clone();
    records.sort_by_key(order::of);
    let beyond = |record: &&Record| from.as_ref().is_none_or(|from| order::of(record) >= *from);
    let mut records = records.iter().filter(beyond);
    let count = usize::try_from(size).unwrap_or(300);
    let rows = records
        .by_ref()
        .take(count)
        .map(row)
        .collect::<Result<Vec<_>, _>>()?;
    let next = records.next().cloned();
    answer(move |output: &mut ListResourceRecordSetsOutput| {
        output.resource_record_sets = rows;
        output.is_truncated = next.is_some();
        output.max_items = size;
        if let Some(next) = next {
            output.next_record_name = Some(next.name);
            output.next_record_type = Some(route53::RrType::from(next.kind.as_str()));
            output.next_record_identifier = next.set;
        }
    })
}

fn broken(error: &aws_smithy_types::error::operation::BuildError) -> Refusal {
    Refusal::new(500, "InternalFailure", error.to_string())
}

fn row(of: &Record) -> Result<route53::ResourceRecordSet, Refusal> {
    let mut values = Vec::new();
    for value in &of.values {
        let value = route53::ResourceRecord::builder().value(value).build();
        values.push(value.map_err(|error| broken(&error))?);
    }
    let alias = of.alias.as_ref().map(alias).transpose()?;
    let row = route53::ResourceRecordSet::builder()
        .name(&of.name)
        .r#type(route53::RrType::from(of.kind.as_str()))
        .set_set_identifier(of.set.clone())
        .set_weight(of.weight)
        .set_ttl(of.ttl)
        .set_resource_records((!values.is_empty()).then_some(values))
        .set_alias_target(alias)
        .set_health_check_id(of.health_check.clone());
    row.build().map_err(|error| broken(&error))
}

fn alias(of: &Alias) -> Result<route53::AliasTarget, Refusal> {
    let row = route53::AliasTarget::builder()
        .hosted_zone_id(&of.zone)
        .dns_name(&of.name)
        .evaluate_target_health(of.evaluate_health);
    row.build().map_err(|error| broken(&error))
}

/// Reads a record set out of a request.
pub fn read(of: &route53::ResourceRecordSet) -> Record {
    let values = of.resource_records().iter();
    let alias = of.alias_target().map(|alias| Alias {
        zone: alias.hosted_zone_id().to_owned(),
        name: name(alias.dns_name()),
        evaluate_health: alias.evaluate_target_health(),
    });
    Record {
        name: name(of.name()),
        kind: of.r#type().as_str().to_owned(),
        set: of.set_identifier().map(str::to_owned),
        weight: of.weight(),
        ttl: of.ttl(),
        values: values.map(|value| value.value().to_owned()).collect(),
        alias,
        health_check: of.health_check_id().map(str::to_owned),
    }
}
