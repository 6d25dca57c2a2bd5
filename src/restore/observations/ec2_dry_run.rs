//! Asks EC2 with `DryRun` whether the calls of a plan would be allowed.
//!
//! Nothing is changed: the guard lets such a request pass only where `DryRun` is honoured. The answer
//! proves permission for these very ids, not the rights on a KMS key, and neither quota nor capacity.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{
    EbsInstanceBlockDeviceSpecification, InstanceBlockDeviceMappingSpecification, ResourceType,
    Tag, TagSpecification, VolumeType,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::clock::Clock;
use crate::domain::facts::Fact;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::ids::VolumeId;
use crate::domain::plan::{Call, Ref};
use crate::domain::text::Untrusted;
use crate::restore::operation::{Operation, TAG_GENERATION, TAG_RUN, TAG_SOURCE, TAG_STEP, decode};
use crate::restore::operations::ec2_active::{MarkActive, TAG_ACTIVE, TAG_ACTIVE_BY, UnmarkActive};
use crate::restore::operations::ec2_instance::{
    SetDeleteOnTermination, StartInstance, StopInstance,
};
use crate::restore::operations::ec2_snapshot::CreateSnapshot;
use crate::restore::operations::ec2_tags::{RemoveTags, TagResource, TagValue};
use crate::restore::operations::ec2_volume::{AttachVolume, CreateVolume, DetachVolume};

/// Stands in a tag for a run that does not exist yet.
const NO_RUN_YET: &str = "preflight";

/// What EC2 says about a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It would have been done.
    Allowed,
    /// The caller may not, in AWS's words.
    Denied(Untrusted),
}

/// Whether one call of a plan would be allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Name in the operation registry.
    pub operation: String,
    /// IAM action, `ec2:CreateVolume`.
    pub action: String,
    /// True where another volume stood in for one that does not exist yet.
    pub advisory: bool,
    /// The answer.
    pub answer: Fact<Answer>,
}

/// Asks about one call. Where it refers to a volume that an earlier step will make, `stand_in`
/// takes that volume's place.
pub async fn permission(
    clients: &Clients,
    call: &Call,
    stand_in: Option<&VolumeId>,
    clock: &Clock,
) -> Permission {
    let mut asked = Asked {
        clients,
        stand_in,
        advisory: false,
    };
    let answer = asked.ask(call).await;
    Permission {
        operation: call.operation.clone(),
        action: action(call),
        advisory: asked.advisory,
        answer: fact(answer, clock),
    }
}

/// Returns the IAM action that a call needs, `ec2:CreateVolume`.
pub fn action(call: &Call) -> String {
    let request = decode(call).map(|operation| operation.request());
    request.map_or_else(
        |_| call.operation.clone(),
        |request| format!("{}:{}", iam_prefix(request.service), request.api),
    )
}

/// Returns by what name policies know a service that the AWS CLI names `service`.
fn iam_prefix(service: &str) -> &str {
    match service {
        "elbv2" => "elasticloadbalancing",
        other => other,
    }
}

/// Why there is no answer, or what the endpoint said.
type Outcome = Result<Failure, String>;

fn fact(outcome: Outcome, clock: &Clock) -> Fact<Answer> {
    let known = |value| Fact::Observed {
        value,
        at: clock.now(),
    };
    match outcome {
        Err(why) => Fact::Unknown(why),
        Ok(failure) => match failure.class {
            FailureClass::DryRunAllowed => known(Answer::Allowed),
            FailureClass::Denied => known(Answer::Denied(failure.message)),
            FailureClass::Refused => {
                Fact::Unknown("not asked: this endpoint is not known to honour DryRun".to_owned())
            }
            FailureClass::Throttled
            | FailureClass::Server
            | FailureClass::Unanswered
            | FailureClass::CredentialsExpired
            | FailureClass::CredentialsBroken
            | FailureClass::NotFound
            | FailureClass::State
            | FailureClass::Exists
            | FailureClass::Token
            | FailureClass::Quota
            | FailureClass::Capacity
            | FailureClass::Key
            | FailureClass::Validation
            | FailureClass::Other => Fact::Unknown(failure.line()),
        },
    }
}

struct Asked<'a> {
    clients: &'a Clients,
    stand_in: Option<&'a VolumeId>,
    advisory: bool,
}

/// Sends a request that was given `dry_run(true)` and returns what came back.
macro_rules! dry_run {
    ($call:literal, $request:expr) => {
        match $request.dry_run(true).send().await {
            Err(error) => Ok(failure($call, &error)),
            // An endpoint that honours DryRun never answers like this.
            Ok(_) => Err("the endpoint answered without saying that it was a dry run".to_owned()),
        }
    };
}

impl Asked<'_> {
    async fn ask(&mut self, call: &Call) -> Outcome {
        match call.operation.as_str() {
            CreateSnapshot::NAME => self.create_snapshot(&input(call)?).await,
            CreateVolume::NAME => self.create_volume(&input(call)?).await,
            StopInstance::NAME => self.stop(&input(call)?).await,
            StartInstance::NAME => self.start(&input(call)?).await,
            DetachVolume::NAME => self.detach(&input(call)?).await,
            AttachVolume::NAME => self.attach(&input(call)?).await,
            SetDeleteOnTermination::NAME => self.delete_on_termination(&input(call)?).await,
            MarkActive::NAME => self.mark(&input(call)?).await,
            UnmarkActive::NAME => self.unmark(&input(call)?).await,
            TagResource::NAME => self.tag(&input(call)?).await,
            RemoveTags::NAME => self.remove_tags(&input(call)?).await,
            _other => Err("not asked: defib does not know how to ask for it".to_owned()),
        }
    }

    fn volume(&mut self, volume: &Ref<VolumeId>) -> Result<String, String> {
        if let Some(known) = volume.known() {
            return Ok(known.as_str().to_owned());
        }
        self.advisory = true;
        self.stand_in
            .map(|volume| volume.as_str().to_owned())
            .ok_or_else(|| "not asked: the volume does not exist yet".to_owned())
    }

    async fn create_snapshot(&self, operation: &CreateSnapshot) -> Outcome {
        let request = self
            .clients
            .ec2_once
            .create_snapshot()
            .volume_id(operation.volume.as_str())
            .description(&operation.description)
            .tag_specifications(specification(ResourceType::Snapshot, &operation.tags));
        dry_run!("ec2:CreateSnapshot", request)
    }

    async fn create_volume(&self, operation: &CreateVolume) -> Outcome {
        let request = self
            .clients
            .ec2_once
            .create_volume()
            .snapshot_id(operation.snapshot.as_str())
            .availability_zone(&operation.zone)
            .volume_type(VolumeType::from(operation.volume_type.as_str()))
            .size(operation.size)
            .set_iops(operation.iops)
            .set_throughput(operation.throughput)
            .set_encrypted(operation.encrypted.then_some(true))
            .set_kms_key_id(operation.kms_key.clone())
            .set_multi_attach_enabled(operation.multi_attach.then_some(true))
            .set_volume_initialization_rate(operation.initialization_rate)
            .tag_specifications(specification(ResourceType::Volume, &operation.tags));
        dry_run!("ec2:CreateVolume", request)
    }

    async fn stop(&self, operation: &StopInstance) -> Outcome {
        let request = self.clients.ec2_once.stop_instances();
        let request = request.instance_ids(operation.instance.as_str());
        dry_run!("ec2:StopInstances", request)
    }

    async fn start(&self, operation: &StartInstance) -> Outcome {
        let request = self.clients.ec2_once.start_instances();
        let request = request.instance_ids(operation.instance.as_str());
        dry_run!("ec2:StartInstances", request)
    }

    async fn detach(&mut self, operation: &DetachVolume) -> Outcome {
        let volume = self.volume(&operation.volume)?;
        let request = self
            .clients
            .ec2_once
            .detach_volume()
            .volume_id(volume)
            .instance_id(operation.instance.as_str())
            .device(&operation.device);
        dry_run!("ec2:DetachVolume", request)
    }

    async fn attach(&mut self, operation: &AttachVolume) -> Outcome {
        let volume = self.volume(&operation.volume)?;
        let request = self
            .clients
            .ec2_once
            .attach_volume()
            .volume_id(volume)
            .instance_id(operation.instance.as_str())
            .device(&operation.device);
        dry_run!("ec2:AttachVolume", request)
    }

    async fn delete_on_termination(&self, operation: &SetDeleteOnTermination) -> Outcome {
        let ebs = EbsInstanceBlockDeviceSpecification::builder()
            .delete_on_termination(operation.delete)
            .build();
        let mapping = InstanceBlockDeviceMappingSpecification::builder()
            .device_name(&operation.device)
            .ebs(ebs)
            .build();
        let request = self
            .clients
            .ec2_once
            .modify_instance_attribute()
            .instance_id(operation.instance.as_str())
            .block_device_mappings(mapping);
        dry_run!("ec2:ModifyInstanceAttribute", request)
    }

    async fn tag(&self, operation: &TagResource) -> Outcome {
        let tags = operation.tags.iter().map(|(key, value)| match value {
            TagValue::Text(text) => tag(key, text.raw()),
            TagValue::Run => tag(key, NO_RUN_YET),
        });
        self.create_tags(&operation.resource, tags.collect()).await
    }

    async fn mark(&self, operation: &MarkActive) -> Outcome {
        let tags = [TAG_ACTIVE, TAG_ACTIVE_BY].map(|key| tag(key, NO_RUN_YET));
        self.create_tags(&operation.resource, tags.into()).await
    }

    async fn create_tags(&self, resource: &str, tags: Vec<Tag>) -> Outcome {
        let request = self.clients.ec2_once.create_tags();
        let request = request.resources(resource).set_tags(Some(tags));
        dry_run!("ec2:CreateTags", request)
    }

    async fn remove_tags(&self, operation: &RemoveTags) -> Outcome {
        let keys = operation.keys.iter().map(String::as_str);
        self.delete_tags(&operation.resource, keys).await
    }

    async fn unmark(&self, operation: &UnmarkActive) -> Outcome {
        let keys = [TAG_ACTIVE, TAG_ACTIVE_BY].into_iter();
        self.delete_tags(&operation.resource, keys).await
    }

    async fn delete_tags(&self, resource: &str, keys: impl Iterator<Item = &str>) -> Outcome {
        let tags = keys.map(|key| Tag::builder().key(key).build()).collect();
        let request = self.clients.ec2_once.delete_tags();
        let request = request.resources(resource).set_tags(Some(tags));
        dry_run!("ec2:DeleteTags", request)
    }
}

fn input<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    serde_json::from_value(call.input.clone())
        .map_err(|error| format!("not asked: its input cannot be read: {error}"))
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// The tags as a run would send them, so that conditions of a policy on tag keys are met.
fn specification(kind: ResourceType, tags: &BTreeMap<Untrusted, Untrusted>) -> TagSpecification {
    let carried = tags.iter().map(|(key, value)| tag(key.raw(), value.raw()));
    let own = [TAG_RUN, TAG_STEP, TAG_GENERATION, TAG_SOURCE];
    let own = own.into_iter().map(|key| tag(key, NO_RUN_YET));
    TagSpecification::builder()
        .resource_type(kind)
        .set_tags(Some(carried.chain(own).collect()))
        .build()
}
