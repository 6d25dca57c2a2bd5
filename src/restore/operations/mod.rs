//! Every operation, one file per service part, and the registry of their names.
//!
//! Adding an operation is one struct with its trait and one line here.

use super::operation::{Decoder, decode_as};

pub mod application_autoscaling;
pub mod autoscaling_group;
pub mod cloudwatch_actions;
pub mod cloudwatch_alarm;
pub mod dynamodb_active;
pub mod dynamodb_alike;
pub mod dynamodb_count;
pub mod dynamodb_fill;
pub mod dynamodb_insights;
pub mod dynamodb_kinesis;
pub mod dynamodb_policy;
pub mod dynamodb_ready;
pub mod dynamodb_recovery;
pub mod dynamodb_restore;
pub mod dynamodb_table;
pub mod dynamodb_tags;
pub mod dynamodb_ttl;
pub mod dynamodb_update;
pub mod ec2_active;
pub mod ec2_address;
pub mod ec2_group;
pub mod ec2_instance;
pub mod ec2_instance_status;
pub mod ec2_interface;
pub mod ec2_launch;
pub mod ec2_protection;
mod ec2_read;
pub mod ec2_root;
pub mod ec2_snapshot;
pub mod ec2_tags;
pub mod ec2_volume;
pub mod elb_target;
pub mod lambda_mapping;

#[cfg(test)]
pub(super) mod recorder;
pub mod route53_record;
#[cfg(test)]
pub(super) mod sent;
pub mod ssm_parameter;

/// Name and decoder of every operation.
pub const REGISTRY: &[(&str, Decoder)] = &[
    (
        "application-autoscaling:PutPolicy",
        decode_as::<application_autoscaling::PutPolicy>,
    ),
    (
        "application-autoscaling:PutScheduledAction",
        decode_as::<application_autoscaling::PutScheduledAction>,
    ),
    (
        "application-autoscaling:RegisterTarget",
        decode_as::<application_autoscaling::RegisterTarget>,
    ),
    (
        "autoscaling:EnterStandby",
        decode_as::<autoscaling_group::EnterStandby>,
    ),
    (
        "autoscaling:ExitStandby",
        decode_as::<autoscaling_group::ExitStandby>,
    ),
    (
        "autoscaling:ResumeProcesses",
        decode_as::<autoscaling_group::ResumeProcesses>,
    ),
    (
        "autoscaling:SuspendProcesses",
        decode_as::<autoscaling_group::SuspendProcesses>,
    ),
    (
        "cloudwatch:MuteAlarms",
        decode_as::<cloudwatch_actions::MuteAlarms>,
    ),
    (
        "cloudwatch:PutAlarm",
        decode_as::<cloudwatch_alarm::PutAlarm>,
    ),
    (
        "cloudwatch:UnmuteAlarms",
        decode_as::<cloudwatch_actions::UnmuteAlarms>,
    ),
    (
        "dynamodb:AddReplica",
        decode_as::<dynamodb_update::AddReplica>,
    ),
    (
        "dynamodb:CountExpired",
        decode_as::<dynamodb_count::CountExpired>,
    ),
    (
        "dynamodb:EnableContributorInsights",
        decode_as::<dynamodb_insights::EnableContributorInsights>,
    ),
    (
        "dynamodb:EnableKinesisDestination",
        decode_as::<dynamodb_kinesis::EnableKinesisDestination>,
    ),
    (
        "dynamodb:EnableStream",
        decode_as::<dynamodb_update::EnableStream>,
    ),
    (
        "dynamodb:EnableTimeToLive",
        decode_as::<dynamodb_ttl::EnableTimeToLive>,
    ),
    ("dynamodb:FillTable", decode_as::<dynamodb_fill::FillTable>),
    (
        "dynamodb:MarkActive",
        decode_as::<dynamodb_active::MarkActive>,
    ),
    (
        "dynamodb:RemovePolicy",
        decode_as::<dynamodb_policy::RemovePolicy>,
    ),
    (
        "dynamodb:RestoreFromBackup",
        decode_as::<dynamodb_restore::RestoreFromBackup>,
    ),
    (
        "dynamodb:RestoreToPointInTime",
        decode_as::<dynamodb_restore::RestoreToPointInTime>,
    ),
    (
        "dynamodb:SetCapacity",
        decode_as::<dynamodb_update::SetCapacity>,
    ),
    (
        "dynamodb:SetDeletionProtection",
        decode_as::<dynamodb_update::SetDeletionProtection>,
    ),
    (
        "dynamodb:SetPolicy",
        decode_as::<dynamodb_policy::SetPolicy>,
    ),
    (
        "dynamodb:SetRecovery",
        decode_as::<dynamodb_recovery::SetRecovery>,
    ),
    (
        "dynamodb:SetTableClass",
        decode_as::<dynamodb_update::SetTableClass>,
    ),
    (
        "dynamodb:TableIsAlike",
        decode_as::<dynamodb_alike::TableIsAlike>,
    ),
    (
        "dynamodb:TableIsReady",
        decode_as::<dynamodb_ready::TableIsReady>,
    ),
    ("dynamodb:TagTable", decode_as::<dynamodb_tags::TagTable>),
    (
        "dynamodb:UnmarkActive",
        decode_as::<dynamodb_active::UnmarkActive>,
    ),
    ("ec2:AllowEgress", decode_as::<ec2_group::AllowEgress>),
    ("ec2:AllowIngress", decode_as::<ec2_group::AllowIngress>),
    (
        "ec2:AssociateAddress",
        decode_as::<ec2_address::AssociateAddress>,
    ),
    (
        "ec2:AttachInterface",
        decode_as::<ec2_interface::AttachInterface>,
    ),
    ("ec2:AttachVolume", decode_as::<ec2_volume::AttachVolume>),
    (
        "ec2:CreateSecurityGroup",
        decode_as::<ec2_group::CreateGroup>,
    ),
    (
        "ec2:CreateSnapshot",
        decode_as::<ec2_snapshot::CreateSnapshot>,
    ),
    ("ec2:CreateVolume", decode_as::<ec2_volume::CreateVolume>),
    (
        "ec2:DetachInterface",
        decode_as::<ec2_interface::DetachInterface>,
    ),
    ("ec2:DetachVolume", decode_as::<ec2_volume::DetachVolume>),
    (
        "ec2:DisassociateAddress",
        decode_as::<ec2_address::DisassociateAddress>,
    ),
    (
        "ec2:InstanceIsHealthy",
        decode_as::<ec2_instance_status::InstanceIsHealthy>,
    ),
    (
        "ec2:LaunchInstance",
        decode_as::<ec2_launch::LaunchInstance>,
    ),
    ("ec2:MarkActive", decode_as::<ec2_active::MarkActive>),
    ("ec2:RemoveTags", decode_as::<ec2_tags::RemoveTags>),
    (
        "ec2:ReplaceRootVolume",
        decode_as::<ec2_root::ReplaceRootVolume>,
    ),
    ("ec2:RevokeEgress", decode_as::<ec2_group::RevokeEgress>),
    (
        "ec2:SetDeleteOnTermination",
        decode_as::<ec2_instance::SetDeleteOnTermination>,
    ),
    ("ec2:SetGroups", decode_as::<ec2_interface::SetGroups>),
    (
        "ec2:SetSourceDestCheck",
        decode_as::<ec2_interface::SetSourceDestCheck>,
    ),
    (
        "ec2:SetStopProtection",
        decode_as::<ec2_protection::SetStopProtection>,
    ),
    (
        "ec2:SetTerminationProtection",
        decode_as::<ec2_protection::SetTerminationProtection>,
    ),
    (
        "ec2:StartInstance",
        decode_as::<ec2_instance::StartInstance>,
    ),
    ("ec2:StopInstance", decode_as::<ec2_instance::StopInstance>),
    ("ec2:TagResource", decode_as::<ec2_tags::TagResource>),
    ("ec2:UnmarkActive", decode_as::<ec2_active::UnmarkActive>),
    (
        "elb:DeregisterTarget",
        decode_as::<elb_target::DeregisterTarget>,
    ),
    (
        "elb:RegisterTarget",
        decode_as::<elb_target::RegisterTarget>,
    ),
    (
        "lambda:CreateMapping",
        decode_as::<lambda_mapping::CreateMapping>,
    ),
    (
        "lambda:DisableMapping",
        decode_as::<lambda_mapping::DisableMapping>,
    ),
    (
        "lambda:EnableMapping",
        decode_as::<lambda_mapping::EnableMapping>,
    ),
    (
        "route53:ChangeRecord",
        decode_as::<route53_record::ChangeRecord>,
    ),
    ("ssm:SetParameter", decode_as::<ssm_parameter::SetParameter>),
];
