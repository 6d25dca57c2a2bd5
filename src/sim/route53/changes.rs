//! `ChangeResourceRecordSets` and `GetChange`.
//!
//! An accepted change is `PENDING` until every name server of the zone knows it. There is no token: a batch that deletes what
//! stood there before and creates what shall stand there compares and swaps.

use aws_sdk_route53::operation::change_resource_record_sets::{
    ChangeResourceRecordSetsInput, ChangeResourceRecordSetsOutput,
};
use aws_sdk_route53::operation::get_change::{GetChangeInput, GetChangeOutput};
use aws_sdk_route53::types::{ChangeInfo, ChangeStatus};
use jiff::Timestamp;

use super::batch::{self, Change};
use super::model::Submitted;
use super::{dns, records, zone};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::after;

/// `ChangeResourceRecordSets`
pub fn change(
    input: &ChangeResourceRecordSetsInput,
    call: &mut Call<'_>,
) -> Answer<ChangeResourceRecordSetsOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let in_sync = after(now, call.delays().dns_change);
    let of = zone(call, input.hosted_zone_id())?;
    let batch = input.change_batch();
    let changes = batch.map_or(&[][..], |batch| batch.changes());
    let read = |change: &aws_sdk_route53::types::Change| {
        let record = change.resource_record_set()?;
        Some((change.action().clone(), records::read(record)))
    };
    let changes: Vec<Change> = changes.iter().filter_map(read).collect();
    if changes.is_empty() {
        let message = "The request must contain at least one change";
        return Err(Refusal::client("InvalidInput", message));
    }
    let made = batch::apply(of, &changes).map_err(|wrong| {
        let message = format!("[{}]", wrong.join(", "));
        Refusal::client("InvalidChangeBatch", message)
    })?;
    of.records = made;
    let id = call
        .world()
        .new_id("C")
        .replace('-', "")
        .to_ascii_uppercase();
    let submitted = Submitted {
        at: now,
        in_sync,
        comment: batch.and_then(|batch| batch.comment()).map(str::to_owned),
    };
    let info = info(&id, &submitted, now)?;
    dns(call).changes.insert(id, submitted);
    answer(move |output: &mut ChangeResourceRecordSetsOutput| output.change_info = Some(info))
}

/// `GetChange`
pub fn get(input: &GetChangeInput, call: &mut Call<'_>) -> Answer<GetChangeOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let id = input.id().unwrap_or_default();
    let id = id.strip_prefix("/change/").unwrap_or(id).to_owned();
    let submitted = dns(call).changes.get(&id).cloned();
    let submitted = submitted.ok_or_else(|| {
        let message = format!("Could not find resource with ID: {id}");
        Refusal::new(404, "NoSuchChange", message)
    })?;
    let info = info(&id, &submitted, now)?;
    answer(move |output: &mut GetChangeOutput| output.change_info = Some(info))
}

fn info(id: &str, of: &Submitted, now: Timestamp) -> Result<ChangeInfo, Refusal> {
    let status = if now < of.in_sync {
        ChangeStatus::Pending
    } else {
        ChangeStatus::Insync
    };
    let info = ChangeInfo::builder()
        .id(format!("/change/{id}"))
        .status(status)
        .submitted_at(date(of.at))
        .set_comment(of.comment.clone());
    info.build()
        .map_err(|error| Refusal::new(500, "InternalFailure", error.to_string()))
}
