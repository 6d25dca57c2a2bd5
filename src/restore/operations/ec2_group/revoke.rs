//! Takes the rules from a new security group by which AWS lets everything out.
//!
//! By the ids of the rules: a rule given by its values that does not match is no error, and stays (EC2 API
//! reference, `RevokeSecurityGroupEgress`). That none is left is read back.

use async_trait::async_trait;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{rules_of, unlisted};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::GroupId;
use crate::domain::plan::Ref;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, resolved,
};

const CALL: &str = "ec2:RevokeSecurityGroupEgress";

/// A security group lets nothing out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeEgress {
    /// The group.
    pub group: Ref<GroupId>,
    /// Ids of the rules that it came with. Any other one is somebody else's.
    pub rules: Ref<Vec<String>>,
}

/// A group without egress.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WithoutEgress {
    /// The group.
    pub group: GroupId,
}

#[async_trait]
impl Operation for RevokeEgress {
    type Output = WithoutEgress;
    const NAME: &'static str = "ec2:RevokeEgress";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "RevokeSecurityGroupEgress",
            parameters: json!({
                "GroupId": self.group,
                "SecurityGroupRuleIds": self.rules,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<WithoutEgress>, Failure> {
        let group = resolved(&self.group, CALL)?;
        let known = resolved(&self.rules, CALL)?;
        let Some(rules) = rules_of(cx, group).await? else {
            return Ok(unlisted(group));
        };
        let mut outward = rules.iter().filter(|rule| rule.egress).peekable();
        if outward.peek().is_none() {
            return Ok(Probe::Present {
                output: WithoutEgress {
                    group: group.clone(),
                },
                detail: format!("{group} lets nothing out"),
            });
        }
        let left: Vec<&str> = rules
            .iter()
            .filter(|rule| rule.egress)
            .map(|rule| rule.id.as_str())
            .collect();
        if let Some(other) = outward.find(|rule| !known.contains(&rule.id)) {
            return Ok(Probe::Conflict(format!(
                "{group} lets out {}, by a rule that it did not come with",
                other.rule.shown()
            )));
        }
        Ok(if left.len() == known.len() {
            Probe::Absent {
                found: json!({"rules": left}),
            }
        } else {
            Probe::InProgress {
                detail: format!("{} of {} rules are left", left.len(), known.len()),
                percent: None,
            }
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<WithoutEgress>, Failure> {
        let group = resolved(&self.group, CALL)?;
        let rules = resolved(&self.rules, CALL)?;
        let answer = cx
            .clients
            .ec2_once
            .revoke_security_group_egress()
            .group_id(group.as_str())
            .set_security_group_rule_ids(Some(rules.clone()))
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(WithoutEgress {
                group: group.clone(),
            }),
        })
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "ec2",
            api: "DescribeSecurityGroups",
            parameters: json!({"GroupIds": [self.group]}),
            query: "length(SecurityGroups[0].IpPermissionsEgress)".to_owned(),
            wanted: &["0"],
            fatal: &[],
        })
    }
}
