//! Lets exactly the wanted addresses and ports into, or out of, a security group.
//!
//! Neither call takes a token: they look at what is there, and anything else than the wanted rules is somebody's
//! doing and a conflict.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::rules::{Opening, Rule, rules_of, unlisted};
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::GroupId;
use crate::domain::plan::Ref;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, resolved, stamp_tags,
};

const INWARD: &str = "ec2:AuthorizeSecurityGroupIngress";
const OUTWARD: &str = "ec2:AuthorizeSecurityGroupEgress";

/// A security group lets in exactly these.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowIngress {
    /// The group.
    pub group: Ref<GroupId>,
    /// Who may reach which ports.
    pub opening: Opening,
}

/// A security group lets out exactly these.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AllowEgress {
    /// The group.
    pub group: Ref<GroupId>,
    /// Who may be reached at which ports.
    pub opening: Opening,
}

/// A group with its rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowed {
    /// The group.
    pub group: GroupId,
}

fn request(api: &'static str, group: &Ref<GroupId>, opening: &Opening) -> Request {
    Request {
        service: "ec2",
        api,
        parameters: json!({
            "GroupId": group,
            "IpPermissions": opening.parameters(),
            "TagSpecifications": [
                {"ResourceType": "security-group-rule", "Tags": stamp_tags()},
            ],
        }),
    }
}

fn tags(cx: &Context) -> TagSpecification {
    let tags = cx.stamp.tags();
    let tags = tags
        .iter()
        .map(|(key, value)| Tag::builder().key(*key).value(value).build());
    TagSpecification::builder()
        .resource_type(ResourceType::SecurityGroupRule)
        .set_tags(Some(tags.collect()))
        .build()
}

/// Compares what is there on one side with what is wanted.
async fn compared(
    cx: &Context,
    group: &GroupId,
    opening: &Opening,
    outward: bool,
) -> Result<Probe<Allowed>, Failure> {
    let Some(rules) = rules_of(cx, group).await? else {
        return Ok(unlisted(group));
    };
    let side = rules.iter().filter(|found| found.egress == outward);
    let there: BTreeSet<Rule> = side.map(|found| found.rule.clone()).collect();
    let wanted = opening.rules();
    let verb = if outward { "lets out" } else { "lets in" };
    if let Some(other) = there.difference(&wanted).next() {
        return Ok(Probe::Conflict(format!(
            "{group} {verb} {}, which the plan does not",
            other.shown()
        )));
    }
    Ok(if there == wanted {
        Probe::Present {
            output: Allowed {
                group: group.clone(),
            },
            detail: format!("{group} {verb} {} and nothing else", told(&wanted)),
        }
    } else if there.is_empty() {
        Probe::Absent {
            found: json!({"rules": 0}),
        }
    } else {
        Probe::InProgress {
            detail: format!("{} of {} rules are there", there.len(), wanted.len()),
            percent: None,
        }
    })
}

fn told(rules: &BTreeSet<Rule>) -> String {
    let all: Vec<String> = rules.iter().map(Rule::shown).collect();
    all.join(", ")
}

fn allowed(group: &GroupId, answer: &impl RequestId) -> Issued<Allowed> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(Allowed {
            group: group.clone(),
        }),
    }
}

#[async_trait]
impl Operation for AllowIngress {
    type Output = Allowed;
    const NAME: &'static str = "ec2:AllowIngress";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("AuthorizeSecurityGroupIngress", &self.group, &self.opening)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Allowed>, Failure> {
        compared(cx, resolved(&self.group, INWARD)?, &self.opening, false).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Allowed>, Failure> {
        let group = resolved(&self.group, INWARD)?;
        let answer = cx
            .clients
            .ec2_once
            .authorize_security_group_ingress()
            .group_id(group.as_str())
            .set_ip_permissions(Some(self.opening.permissions()))
            .tag_specifications(tags(cx))
            .send()
            .await
            .map_err(|error| failure(INWARD, &error))?;
        Ok(allowed(group, &answer))
    }
}

#[async_trait]
impl Operation for AllowEgress {
    type Output = Allowed;
    const NAME: &'static str = "ec2:AllowEgress";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("AuthorizeSecurityGroupEgress", &self.group, &self.opening)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Allowed>, Failure> {
        compared(cx, resolved(&self.group, OUTWARD)?, &self.opening, true).await
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Allowed>, Failure> {
        let group = resolved(&self.group, OUTWARD)?;
        let answer = cx
            .clients
            .ec2_once
            .authorize_security_group_egress()
            .group_id(group.as_str())
            .set_ip_permissions(Some(self.opening.permissions()))
            .tag_specifications(tags(cx))
            .send()
            .await
            .map_err(|error| failure(OUTWARD, &error))?;
        Ok(allowed(group, &answer))
    }
}
