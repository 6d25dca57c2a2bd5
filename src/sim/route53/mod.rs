//! Route 53: hosted zones and their records, one set of them for an account and all its Regions.
//!
//! A batch of changes is made wholly or not at all, and is seen at once by those who list; `GetChange` says when all name
//! servers know it. Nobody resolves a name here.

mod batch;
mod changes;
pub mod model;
mod order;
pub mod picture;
mod records;
mod zones;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;

use model::{Dns, Zone};

/// How the SDK names the service.
const ROUTE_53: &str = "Route 53";

/// Lists the operations of Route 53.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(ROUTE_53, "ListHostedZones", zones::list),
        Operation::read(ROUTE_53, "ListHostedZonesByName", zones::list_by_name),
        Operation::read(ROUTE_53, "GetHostedZone", zones::get),
        Operation::read(ROUTE_53, "ListResourceRecordSets", records::list),
        Operation::mutation(ROUTE_53, "ChangeResourceRecordSets", changes::change),
        Operation::read(ROUTE_53, "GetChange", changes::get),
    ]
}

/// Returns what the account of a call has.
fn dns<'a>(call: &'a mut Call<'_>) -> &'a mut Dns {
    let account = call.account().to_owned();
    call.world().dns.entry(account).or_default()
}

/// Finds a zone, whose id may come with the path that answers have before it.
fn zone<'a>(call: &'a mut Call<'_>, id: Option<&str>) -> Result<&'a mut Zone, Refusal> {
    let id = id.unwrap_or_default();
    let id = id.strip_prefix("/hostedzone/").unwrap_or(id).to_owned();
    dns(call).zones.get_mut(&id).ok_or_else(|| {
        let message = format!("No hosted zone found with ID: {id}");
        Refusal::new(404, "NoSuchHostedZone", message)
    })
}
