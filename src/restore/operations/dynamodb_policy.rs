//! Operations on the resource policy of a table: put one, and take away the one that was put.
//!
//! Both name the revision that they mean, which AWS compares before it changes anything: what somebody else has put
//! meanwhile stays (`PutResourcePolicy` and `DeleteResourcePolicy`, API reference).

use async_trait::async_trait;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dynamodb_table::{HandledTable, accepted, present};
use crate::aws::failure::failure;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::plan::Ref;
use crate::domain::text::{Untrusted, shown};
use crate::restore::observations::dynamodb_table::policy;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, conflict_of, resolved,
};

#[cfg(test)]
mod tests;

const PUT: &str = "dynamodb:PutResourcePolicy";
const DELETE: &str = "dynamodb:DeleteResourcePolicy";

/// Stands for the revision of a table that has no policy.
pub const NO_POLICY: &str = "NO_POLICY";

/// A table has a resource policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPolicy {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
    /// The policy, as JSON.
    pub policy: Untrusted,
    /// The policy that it has before; `None` if it has none.
    pub instead_of: Option<Untrusted>,
    /// Revision of that one, or [`NO_POLICY`].
    pub revision: Ref<String>,
}

/// The resource policy of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicySet {
    /// Name of the table.
    pub table: String,
    /// Revision of the policy.
    pub revision: String,
}

/// A table does not have the resource policy that a run has put there, nor another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemovePolicy {
    /// Name of the table.
    pub table: String,
    /// Its ARN.
    pub arn: String,
    /// The policy that the run has put there, as JSON.
    pub policy: Untrusted,
    /// Its revision.
    pub revision: Ref<String>,
}

/// A revision that is no more says that somebody was faster, or that this very request was sent before: it is looked at
/// again. AWS refuses both calls by this code then, with or without a policy (API reference).
fn overtaken(failure: Failure) -> Failure {
    let class = if failure.code.as_deref() == Some("PolicyNotFoundException") {
        FailureClass::State
    } else {
        failure.class
    };
    Failure { class, ..failure }
}

/// Tells whether two policies say the same: as JSON, whatever the order of a list, and with one text for a list of
/// one (IAM policy grammar).
pub(super) fn same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).map(normal).ok();
    one == other || read(one).is_some_and(|one| Some(one) == read(other))
}

fn normal(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(normal).collect();
            items.sort_by_key(Value::to_string);
            match items.len() {
                1 => items.remove(0),
                _several => Value::Array(items),
            }
        }
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, field)| match (name.as_str(), normal(field)) {
                ("Principal", principal) if principal == json!({"AWS": "*"}) => (name, json!("*")),
                (_, field) => (name, field),
            })
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[async_trait]
impl Operation for SetPolicy {
    type Output = PolicySet;
    const NAME: &'static str = "dynamodb:SetPolicy";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "PutResourcePolicy",
            parameters: json!({
                "ResourceArn": self.arn,
                "Policy": self.policy.raw(),
                "ExpectedRevisionId": self.revision,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<PolicySet>, Failure> {
        let revision = resolved(&self.revision, PUT)?;
        let found = policy(&cx.clients, &self.arn).await?;
        let document = found.as_ref().map(|found| found.document.raw());
        let named = shown(&self.table);
        if let Some(found) = &found
            && same(found.document.raw(), self.policy.raw())
        {
            return Ok(Probe::Present {
                output: PolicySet {
                    table: self.table.clone(),
                    revision: found.revision.clone(),
                },
                detail: "the policy is in force".to_owned(),
            });
        }
        let before = self.instead_of.as_ref().map(Untrusted::raw);
        let as_before = match (document, before) {
            (None, None) => true,
            (Some(found), Some(before)) => same(found, before),
            (Some(_), None) | (None, Some(_)) => false,
        };
        let there = found.map_or_else(|| NO_POLICY.to_owned(), |found| found.revision);
        Ok(if as_before && there == *revision {
            Probe::Absent {
                found: json!({"revision": there}),
            }
        } else {
            Probe::Conflict(format!(
                "the resource policy of {named} was changed by somebody else"
            ))
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<PolicySet>, Failure> {
        let answer = cx
            .clients
            .dynamodb_once
            .put_resource_policy()
            .resource_arn(&self.arn)
            .policy(self.policy.raw())
            .expected_revision_id(resolved(&self.revision, PUT)?)
            .send()
            .await
            .map_err(|error| overtaken(failure(PUT, &error)))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: answer.revision_id().map(|revision| PolicySet {
                table: self.table.clone(),
                revision: revision.to_owned(),
            }),
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("revision", "RevisionId")]
    }
}

#[async_trait]
impl Operation for RemovePolicy {
    type Output = HandledTable;
    const NAME: &'static str = "dynamodb:RemovePolicy";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "dynamodb",
            api: "DeleteResourcePolicy",
            parameters: json!({
                "ResourceArn": self.arn,
                "ExpectedRevisionId": self.revision,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        let revision = resolved(&self.revision, DELETE)?;
        let Some(found) = policy(&cx.clients, &self.arn).await? else {
            return Ok(present(&self.table, "no policy"));
        };
        let ours = same(found.document.raw(), self.policy.raw()) && found.revision == *revision;
        Ok(if ours {
            Probe::Absent {
                found: json!({"revision": found.revision}),
            }
        } else {
            Probe::Conflict(format!(
                "the resource policy of {} was changed by somebody else",
                shown(&self.table)
            ))
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        let answer = cx
            .clients
            .dynamodb_once
            .delete_resource_policy()
            .resource_arn(&self.arn)
            .expected_revision_id(resolved(&self.revision, DELETE)?)
            .send()
            .await
            .map_err(|error| overtaken(failure(DELETE, &error)))?;
        Ok(accepted(&self.table, &answer))
    }
}
