//! Operations on the resource policy of a table: put one, and take away the one that was put.
//!
//! Both name the revision that they mean, which AWS compares before it changes anything: what somebody else has put
//! meanwhile stays (`PutResourcePolicy` and `DeleteResourcePolicy`, API reference).

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::{HandledTable, not_ready};
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::domain::text::Untrusted;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

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

    async fn probe(&self, _cx: &Context) -> Result<Probe<PolicySet>, Failure> {
        Err(not_ready(PUT))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<PolicySet>, Failure> {
        Err(not_ready(PUT))
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

    async fn probe(&self, _cx: &Context) -> Result<Probe<HandledTable>, Failure> {
        Err(not_ready(DELETE))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<HandledTable>, Failure> {
        Err(not_ready(DELETE))
    }
}
