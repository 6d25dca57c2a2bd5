//! The zones of the accounts in the picture of the world. They belong to no Region: an account that has any is shown once more,
//! as `ACCOUNT/global`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::{Dns, Record, Zone};

/// Shows the zones of each account that has any.
pub fn of(accounts: &BTreeMap<String, Dns>) -> impl Iterator<Item = (String, Value)> + '_ {
    let with_zones = accounts.iter().filter(|(_, dns)| !dns.zones.is_empty());
    with_zones.map(|(account, dns)| {
        let zones = dns
            .zones
            .values()
            .map(|zone| (zone.id.clone(), zone_picture(zone)));
        let shown = json!({"hosted_zones": Value::Object(zones.collect())});
        (format!("{account}/global"), shown)
    })
}

fn zone_picture(zone: &Zone) -> Value {
    let mut records: Vec<_> = zone.records.iter().map(words).collect();
    records.sort();
    json!({"name": zone.name, "private": zone.private, "records": records})
}

fn words(record: &Record) -> String {
    let ttl = record.ttl.map_or_else(String::new, |ttl| format!(" {ttl}"));
    let set = record
        .set
        .as_ref()
        .map_or_else(String::new, |set| format!(" [{set}]"));
    let alias = record
        .alias
        .as_ref()
        .map(|alias| format!("alias {}", alias.name));
    let values = alias.unwrap_or_else(|| record.values.join(" "));
    format!("{}{ttl} {}{set} {values}", record.name, record.kind)
}
