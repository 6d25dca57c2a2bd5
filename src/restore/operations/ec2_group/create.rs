//! Makes a security group for one run.
//!
//! Making one takes no token, but its name is one in the VPC: it is derived from run and step, so a second one
//! cannot come to be.

use async_trait::async_trait;
use aws_sdk_ec2::types::{Filter, ResourceType, SecurityGroup, Tag, TagSpecification};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rules::{Found, rules_of, unlisted};
use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::ids::GroupId;
use crate::domain::resource::ResourceKind;
use crate::domain::run::Created;
use crate::domain::text::shown;
use crate::restore::operation::{
    Context, Issued, Operation, Path, Probe, Request, Resend, TAG_RUN, TAG_STEP, Told, own_output,
    stamp_marker, stamp_tags,
};
use crate::restore::operations::ec2_read::{gone_or, tag};

const CALL: &str = "ec2:CreateSecurityGroup";

/// A security group of this step is in a VPC.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    /// The VPC.
    pub vpc: String,
    /// ASCII, as AWS takes it; at most 255 characters.
    pub description: String,
}

/// The group made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeGroup {
    /// Its id.
    pub group: GroupId,
    /// Ids of the rules that AWS put there by itself; `None` until they have been read.
    pub egress_rules: Option<Vec<String>>,
}

#[async_trait]
impl Operation for CreateGroup {
    type Output = MadeGroup;
    const NAME: &'static str = "ec2:CreateSecurityGroup";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterMisses;

    fn request(&self) -> Request {
        Request {
            service: "ec2",
            api: "CreateSecurityGroup",
            parameters: json!({
                "GroupName": stamp_marker("name"),
                "Description": self.description,
                "VpcId": self.vpc,
                "TagSpecifications": [
                    {"ResourceType": "security-group", "Tags": stamp_tags()},
                ],
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<MadeGroup>, Failure> {
        let found = self.groups(cx).await?;
        let [group] = found.as_slice() else {
            return Ok(match found.len() {
                0 => Probe::Absent { found: Value::Null },
                several => Probe::Conflict(format!(
                    "{several} security groups carry the name of this step; expected one"
                )),
            });
        };
        if let Some(why) = self.foreign(cx, group) {
            return Ok(Probe::Conflict(why));
        }
        let id = GroupId::from(group.group_id().unwrap_or_default());
        let Some(rules) = rules_of(cx, &id).await? else {
            return Ok(unlisted(&id));
        };
        Ok(Probe::Present {
            detail: format!("{id} made"),
            output: made(id, &rules),
        })
    }

    /// A name that is taken may be this very request's doing, whose answer was lost: it is looked for.
    async fn issue(&self, cx: &Context) -> Result<Issued<MadeGroup>, Failure> {
        let tags = cx.stamp.tags();
        let tags = tags
            .iter()
            .map(|(key, value)| Tag::builder().key(*key).value(value).build());
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroup)
            .set_tags(Some(tags.collect()))
            .build();
        let answer = cx
            .clients
            .ec2_once
            .create_security_group()
            .group_name(cx.stamp.name())
            .description(&self.description)
            .vpc_id(&self.vpc)
            .tag_specifications(tags)
            .send()
            .await
            .map_err(|error| failure(CALL, &error))
            .map_err(|refused| {
                let effect = if refused.class == FailureClass::Exists {
                    Effect::Unknown
                } else {
                    refused.effect
                };
                Failure { effect, ..refused }
            })?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: answer.group_id().map(|id| MadeGroup {
                group: id.into(),
                egress_rules: None,
            }),
        })
    }

    fn created(&self, output: &MadeGroup) -> Vec<Created> {
        vec![Created {
            id: output.group.as_str().to_owned(),
            kind: ResourceKind::SecurityGroup,
        }]
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("group", "GroupId")]
    }

    fn told(&self) -> Option<Told> {
        let rules = "SecurityGroupRules[?IsEgress].SecurityGroupRuleId";
        Some(Told {
            service: "ec2",
            api: "DescribeSecurityGroupRules",
            parameters: json!({"Filters": [{"Name": "group-id", "Values": [own_output("group")]}]}),
            outputs: vec![("egress_rules", Path::List(rules.to_owned()))],
        })
    }
}

fn made(group: GroupId, rules: &[Found]) -> MadeGroup {
    let outward = rules.iter().filter(|rule| rule.egress);
    MadeGroup {
        group,
        egress_rules: Some(outward.map(|rule| rule.id.clone()).collect()),
    }
}

impl CreateGroup {
    /// By id once AWS has told it; by its name before, which nobody else can have used.
    async fn groups(&self, cx: &Context) -> Result<Vec<SecurityGroup>, Failure> {
        let request = cx.clients.ec2.describe_security_groups();
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let request = match cx.accepted_id("group") {
            Some(id) => request.group_ids(id),
            None => request
                .filters(filter("group-name", &cx.stamp.name()))
                .filters(filter("vpc-id", &self.vpc)),
        };
        match request.send().await {
            Ok(answer) => Ok(answer.security_groups().to_vec()),
            Err(error) => {
                let gone = gone_or(failure("ec2:DescribeSecurityGroups", &error))?;
                Ok(gone.unwrap_or_default())
            }
        }
    }

    /// Says why a group of the step's name is not of its making.
    fn foreign(&self, cx: &Context, group: &SecurityGroup) -> Option<String> {
        let id = shown(group.group_id().unwrap_or_default());
        let tags = group.tags();
        let ours = tag(tags, TAG_RUN) == Some(cx.stamp.run.as_str())
            && tag(tags, TAG_STEP) == Some(cx.stamp.step.as_str());
        if !ours {
            return Some(format!("{id} has the name of this step, but not its tags"));
        }
        (group.vpc_id() != Some(self.vpc.as_str())).then(|| {
            format!(
                "{id} carries the tags of this step, but is not in {}",
                shown(&self.vpc)
            )
        })
    }
}
