//! `ListHostedZones`, `ListHostedZonesByName`, `GetHostedZone`.
//!
//! A public and a private zone may have one name. Pages hold 100 zones at most (Route 53 API reference).

use aws_sdk_route53::operation::get_hosted_zone::{GetHostedZoneInput, GetHostedZoneOutput};
use aws_sdk_route53::operation::list_hosted_zones::{ListHostedZonesInput, ListHostedZonesOutput};
use aws_sdk_route53::operation::list_hosted_zones_by_name::{
    ListHostedZonesByNameInput, ListHostedZonesByNameOutput,
};
use aws_sdk_route53::types as route53;

use super::model::{Zone, name};
use super::{dns, order, zone};
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

fn size(asked: Option<i32>) -> usize {
    usize::try_from(asked.unwrap_or(100).clamp(1, 100)).unwrap_or(100)
}

/// `ListHostedZones`, by id.
pub fn list(input: &ListHostedZonesInput, call: &mut Call<'_>) -> Answer<ListHostedZonesOutput> {
    call.permit_elsewhere()?;
    let size = size(input.max_items());
    let from = input.marker().unwrap_or_default().to_owned();
    let zones = dns(call).zones.values();
    let mut zones = zones.filter(|zone| zone.id.as_str() >= from.as_str());
    let rows = zones
        .by_ref()
        .take(size)
        .map(row)
        .collect::<Result<Vec<_>, _>>()?;
    let next = zones.next().map(|zone| zone.id.clone());
    answer(move |output: &mut ListHostedZonesOutput| {
        output.hosted_zones = rows;
        output.is_truncated = next.is_some();
        output.next_marker = next;
        output.marker = from;
        output.max_items = i32::try_from(size).unwrap_or(100);
    })
}

/// `ListHostedZonesByName`: from a name on, in the order of names.
pub fn list_by_name(
    input: &ListHostedZonesByNameInput,
    call: &mut Call<'_>,
) -> Answer<ListHostedZonesByNameOutput> {
    call.permit_elsewhere()?;
    let size = size(input.max_items());
    let from = input.dns_name().map(|from| order::key(&name(from), "", ""));
    let from_id = input.hosted_zone_id().unwrap_or_default();
    let place = |zone: &Zone| (order::key(&zone.name, "", ""), zone.id.clone());
    let mut zones: Vec<_> = dns(call).zones.values().cloned().collect();
    zones.sort_by_key(place);
    let beyond = |zone: &&Zone| match &from {
        Some(from) => place(zone) >= (from.clone(), from_id.to_owned()),
        None => true,
    };
    let mut zones = zones.iter().filter(beyond);
    let rows = zones
        .by_ref()
        .take(size)
        .map(row)
        .collect::<Result<Vec<_>, _>>()?;
    let next = zones.next().cloned();
    answer(move |output: &mut ListHostedZonesByNameOutput| {
        output.hosted_zones = rows;
        output.is_truncated = next.is_some();
        output.next_hosted_zone_id = next.as_ref().map(|zone| zone.id.clone());
        output.next_dns_name = next.map(|zone| zone.name);
        output.max_items = i32::try_from(size).unwrap_or(100);
    })
}

/// `GetHostedZone`
pub fn get(input: &GetHostedZoneInput, call: &mut Call<'_>) -> Answer<GetHostedZoneOutput> {
    call.permit_elsewhere()?;
    let row = row(zone(call, input.id())?)?;
    answer(move |output: &mut GetHostedZoneOutput| output.hosted_zone = Some(row))
}

fn row(of: &Zone) -> Result<route53::HostedZone, Refusal> {
    let config = route53::HostedZoneConfig::builder()
        .private_zone(of.private)
        .comment(&of.comment);
    let count = i64::try_from(of.records.len()).unwrap_or(i64::MAX);
    let row = route53::HostedZone::builder()
        .id(format!("/hostedzone/{}", of.id))
        .name(&of.name)
        .caller_reference(&of.id)
        .config(config.build())
        .resource_record_set_count(count);
    row.build()
        .map_err(|error| Refusal::new(500, "InternalFailure", error.to_string()))
}
