//! Changes a record of Route 53 from exactly what the plan read to exactly what it says.
//!
//! One batch deletes the old record and creates the new one: Route 53 does both or none, and refuses where the old
//! one is not verbatim what is there. Resolvers keep the old answer for its time to live, which is waited for.

mod set;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ChangeInfo, ChangeStatus, RrType};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, own_output,
};

pub use set::{Location, RecordSet};

const CALL: &str = "route53:ChangeResourceRecordSets";

/// How long Route 53 takes at most, in seconds, to bring a change to its servers once it is accepted (Route 53
/// developer guide, "usually within 60 seconds").
const SPREADING: i64 = 60;

/// A record of a hosted zone is this one instead of that one, everywhere if that is asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeRecord {
    /// Id of the hosted zone, without `/hostedzone/`.
    pub zone: String,
    /// The record as it was read.
    pub old: RecordSet,
    /// The record as it is wanted; of the same name, type and set.
    pub new: RecordSet,
    /// Whether it is waited for until no resolver has the old answer any more.
    #[serde(default = "is_waited_for")]
    pub until_forgotten: bool,
}

/// It was always waited for before a plan could say otherwise.
fn is_waited_for() -> bool {
    true
}

/// A record that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedRecord {
    /// Id of the change, where the run made it.
    pub change: Option<String>,
}

#[async_trait]
impl Operation for ChangeRecord {
    type Output = ChangedRecord;
    const NAME: &'static str = "route53:ChangeRecord";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "route53",
            api: "ChangeResourceRecordSets",
            parameters: json!({
                "HostedZoneId": self.zone,
                "ChangeBatch": {"Changes": [
                    {"Action": "DELETE", "ResourceRecordSet": self.old.parameters()},
                    {"Action": "CREATE", "ResourceRecordSet": self.new.parameters()},
                ]},
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<ChangedRecord>, Failure> {
        let found = self.found(cx).await?;
        if found.as_ref() == Some(&self.new) {
            return self.spread(cx).await;
        }
        Ok(if found.as_ref() == Some(&self.old) {
            Probe::Absent {
                found: json!({"record": self.old}),
            }
        } else {
            let there = found
                .as_ref()
                .map_or_else(|| "gone".to_owned(), RecordSet::told);
            Probe::Conflict(format!(
                "{} is {there}, where the plan knew {}",
                self.old.called(),
                self.old.told()
            ))
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<ChangedRecord>, Failure> {
        let change = |action, set: &RecordSet| -> Result<Change, Failure> {
            let change = Change::builder().action(action);
            let change = change.resource_record_set(set.described().ok_or_else(incomplete)?);
            change.build().map_err(|_missing| incomplete())
        };
        let batch = ChangeBatch::builder()
            .changes(change(ChangeAction::Delete, &self.old)?)
            .changes(change(ChangeAction::Create, &self.new)?)
            .build()
            .map_err(|_missing| incomplete())?;
        let request = cx.clients.route53_once.change_resource_record_sets();
        let request = request.hosted_zone_id(&self.zone).change_batch(batch);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(ChangedRecord {
                change: answer
                    .change_info()
                    .map(|change| bare(change.id()).to_owned()),
            }),
        })
    }

    fn wait(&self) -> Option<Wait> {
        self.until_forgotten.then(|| Wait {
            service: "route53",
            api: "GetChange",
            parameters: json!({"Id": own_output("change")}),
            query: "ChangeInfo.Status".to_owned(),
            wanted: &["INSYNC"],
            fatal: &[],
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("change", "ChangeInfo.Id")]
    }
}

/// AWS names zones and changes with the way to them.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

fn incomplete() -> Failure {
    Failure {
        class: FailureClass::Refused,
        effect: Effect::None,
        call: CALL.to_owned(),
        code: None,
        message: "a record has no name, type or value yet".into(),
        request_id: None,
    }
}

impl ChangeRecord {
    /// Reads the record of the old one's name, type and set. The list starts there and is in their order.
    async fn found(&self, cx: &Context) -> Result<Option<RecordSet>, Failure> {
        let request = cx.clients.route53.list_resource_record_sets();
        let request = request
            .hosted_zone_id(&self.zone)
            .start_record_name(&self.old.name)
            .start_record_type(RrType::from(self.old.kind.as_str()))
            .set_start_record_identifier(self.old.set.clone())
            .max_items(1);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure("route53:ListResourceRecordSets", &error))?;
        let mut sets = answer
            .resource_record_sets()
            .iter()
            .filter_map(RecordSet::read);
        Ok(sets.find(|set| set.is_the_same(&self.old)))
    }

    /// The record is there: what is left is that every server and every resolver has it.
    async fn spread(&self, cx: &Context) -> Result<Probe<ChangedRecord>, Failure> {
        let change = cx.accepted_id("change");
        let output = ChangedRecord {
            change: change.map(str::to_owned),
        };
        let present = |detail: String| Probe::Present { output, detail };
        let called = self.new.called();
        let waits = |state: &str, submitted: i64| {
            let left = self.left(submitted, cx.clients.clock.now().as_second());
            (left > 0).then(|| Probe::InProgress {
                detail: format!("{state}resolvers may keep the old answer for {left} s more"),
                percent: None,
            })
        };
        if !self.until_forgotten {
            return Ok(present(format!("{called} is {}", self.new.told())));
        }
        let Some(change) = change else {
            // Whether the answer to the request was lost or another has changed it, it was not before the request.
            let sent = cx.sent_at.map(jiff::Timestamp::as_second);
            let there = present(format!("{called} is {}", self.new.told()));
            return Ok(sent.and_then(|sent| waits("", sent)).unwrap_or(there));
        };
        let request = cx.clients.route53.get_change();
        let answer = request.id(change).send().await;
        let answer = answer.map_err(|error| failure("route53:GetChange", &error))?;
        let info = answer.change_info();
        if info.map(ChangeInfo::status) != Some(&ChangeStatus::Insync) {
            return Ok(Probe::InProgress {
                detail: "PENDING: not on all servers of Route 53 yet".to_owned(),
                percent: None,
            });
        }
        let submitted = info.map_or(0, |info| info.submitted_at().secs());
        let there = present(format!(
            "{called} is {}, and the old answer has run out",
            self.new.told()
        ));
        Ok(waits("INSYNC: ", submitted).unwrap_or(there))
    }

    /// Returns for how many seconds more a resolver may keep the old answer. It can have got it until the change
    /// was on all servers, which AWS does not date.
    fn left(&self, submitted: i64, now: i64) -> i64 {
        submitted + SPREADING + self.old.ttl - now
    }
}
