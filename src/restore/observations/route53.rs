//! Records of the account's own hosted zones that point to some addresses or names.
//! Aliases point to load balancers and the like, and stay as they are.

use std::collections::BTreeSet;

use aws_sdk_route53::types::{HostedZone, ResourceRecordSet, RrType};
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::restore::operations::route53_record::RecordSet;

/// Records that a page of Route 53 holds at most.
const PAGE: i32 = 300;

/// A record that points to one of the addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pointing {
    /// Id of the hosted zone.
    pub zone: String,
    /// Name of the hosted zone.
    pub zone_name: String,
    /// Whether only VPCs see it.
    pub private: bool,
    /// The record, verbatim; `None` where it routes in a way that cannot be carried over.
    pub record: Option<RecordSet>,
    /// Its name and type, for sentences.
    pub called: String,
}

/// A zone whose records cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadZone {
    /// Its name.
    pub name: String,
    /// Why not.
    pub why: String,
}

/// Reads every record of the account's zones that has one of `values`, and which zones cannot be read: those hide
/// nothing of the others.
///
/// # Errors
/// The failure of the read of the zones.
pub async fn pointing_to(
    clients: &Clients,
    values: &BTreeSet<String>,
) -> Result<(Vec<Pointing>, Vec<UnreadZone>), Failure> {
    let (mut found, mut unread) = (Vec::new(), Vec::new());
    if values.is_empty() {
        return Ok((found, unread));
    }
    let mut pages = clients.route53.list_hosted_zones().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure("route53:ListHostedZones", &error))?;
        for zone in page.hosted_zones() {
            match in_zone(clients, zone, values).await {
                Ok(records) => found.extend(records),
                Err(failure) => unread.push(UnreadZone {
                    name: zone.name().to_owned(),
                    why: failure.line(),
                }),
            }
        }
    }
    found.sort_by(|a, b| (&a.zone, &a.called).cmp(&(&b.zone, &b.called)));
    Ok((found, unread))
}

/// Where the next page of a zone begins: name, type and set.
type Start = (String, RrType, Option<String>);

async fn in_zone(
    clients: &Clients,
    zone: &HostedZone,
    values: &BTreeSet<String>,
) -> Result<Vec<Pointing>, Failure> {
    let id = zone.id().rsplit('/').next().unwrap_or_default();
    let mut found = Vec::new();
    let mut start: Option<Start> = None;
    loop {
        let (name, kind, set) = match start {
            Some((name, kind, set)) => (Some(name), Some(kind), set),
            None => (None, None, None),
        };
        let request = clients.route53.list_resource_record_sets();
        let request = request
            .hosted_zone_id(id)
            .max_items(PAGE)
            .set_start_record_name(name)
            .set_start_record_type(kind)
            .set_start_record_identifier(set);
        let page = request.send().await;
        let page = page.map_err(|error| failure("route53:ListResourceRecordSets", &error))?;
        let sets = page.resource_record_sets().iter();
        found.extend(
            sets.filter(|set| points(set, values))
                .map(|set| pointing(zone, id, set)),
        );
        let next = page.next_record_name().zip(page.next_record_type());
        match next.filter(|_| page.is_truncated()) {
            Some((name, kind)) => {
                let set = page.next_record_identifier().map(str::to_owned);
                start = Some((name.to_owned(), kind.clone(), set));
            }
            None => return Ok(found),
        }
    }
}

fn points(set: &ResourceRecordSet, values: &BTreeSet<String>) -> bool {
    let plain = |value: &str| value.trim_end_matches('.').to_ascii_lowercase();
    let kind = set.r#type().as_str();
    let values: BTreeSet<String> = values.iter().map(|value| plain(value)).collect();
    let mut own = set.resource_records().iter();
    matches!(kind, "A" | "AAAA" | "CNAME") && own.any(|own| values.contains(&plain(own.value())))
}

fn pointing(zone: &HostedZone, id: &str, set: &ResourceRecordSet) -> Pointing {
    let private = zone
        .config()
        .is_some_and(aws_sdk_route53::types::HostedZoneConfig::private_zone);
    Pointing {
        zone: id.to_owned(),
        zone_name: zone.name().to_owned(),
        private,
        record: RecordSet::read(set),
        called: crate::domain::text::shown(&format!("{} {}", set.name(), set.r#type().as_str())),
    }
}
