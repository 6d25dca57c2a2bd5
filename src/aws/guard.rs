//! What a client may call: an interceptor over one pure decision, before anything is sent.
//!
//! A viewer reads. A runner reads, and calls what its frozen plan names. A login assumes a role. Nothing
//! deletes, in any mode, but for tags that are defib's own and a target's registration at a cut-over. Names are matched
//! exactly, never by prefix.

/// Hands the input of every mutation of EC2 that a plan can name to a macro.
macro_rules! every_ec2_mutation {
    ($with:ident) => {
        $with!(
            aws_sdk_ec2::operation::associate_address::AssociateAddressInput,
            aws_sdk_ec2::operation::attach_network_interface::AttachNetworkInterfaceInput,
            aws_sdk_ec2::operation::attach_volume::AttachVolumeInput,
            aws_sdk_ec2::operation::authorize_security_group_egress::AuthorizeSecurityGroupEgressInput,
            aws_sdk_ec2::operation::authorize_security_group_ingress::AuthorizeSecurityGroupIngressInput,
            aws_sdk_ec2::operation::create_replace_root_volume_task::CreateReplaceRootVolumeTaskInput,
            aws_sdk_ec2::operation::create_security_group::CreateSecurityGroupInput,
            aws_sdk_ec2::operation::create_snapshot::CreateSnapshotInput,
            aws_sdk_ec2::operation::create_tags::CreateTagsInput,
            aws_sdk_ec2::operation::create_volume::CreateVolumeInput,
            aws_sdk_ec2::operation::delete_tags::DeleteTagsInput,
            aws_sdk_ec2::operation::detach_network_interface::DetachNetworkInterfaceInput,
            aws_sdk_ec2::operation::detach_volume::DetachVolumeInput,
            aws_sdk_ec2::operation::disassociate_address::DisassociateAddressInput,
            aws_sdk_ec2::operation::modify_instance_attribute::ModifyInstanceAttributeInput,
            aws_sdk_ec2::operation::modify_network_interface_attribute::ModifyNetworkInterfaceAttributeInput,
            aws_sdk_ec2::operation::revoke_security_group_egress::RevokeSecurityGroupEgressInput,
            aws_sdk_ec2::operation::revoke_security_group_ingress::RevokeSecurityGroupIngressInput,
            aws_sdk_ec2::operation::run_instances::RunInstancesInput,
            aws_sdk_ec2::operation::start_instances::StartInstancesInput,
            aws_sdk_ec2::operation::stop_instances::StopInstancesInput,
        )
    };
}
use every_ec2_mutation;

pub mod rehearsal;
mod scope;

use std::collections::BTreeSet;
use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeSerializationInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Reads that every client may do: service as the SDK names it, and operation.
pub const READS: &[(&str, &str)] = &[
    ("Application Auto Scaling", "DescribeScalableTargets"),
    ("Application Auto Scaling", "DescribeScalingPolicies"),
    ("Application Auto Scaling", "DescribeScheduledActions"),
    ("Auto Scaling", "DescribeAutoScalingGroups"),
    ("Auto Scaling", "DescribeAutoScalingInstances"),
    ("Backup", "DescribeRecoveryPoint"),
    ("Backup", "GetBackupVaultAccessPolicy"),
    ("Backup", "ListBackupVaults"),
    ("Backup", "ListLegalHolds"),
    ("Backup", "ListProtectedResources"),
    ("Backup", "ListRecoveryPointsByBackupVault"),
    ("Backup", "ListRecoveryPointsByLegalHold"),
    ("CloudWatch", "DescribeAlarms"),
    ("DynamoDB", "BatchGetItem"),
    ("DynamoDB", "DescribeBackup"),
    ("DynamoDB", "DescribeContinuousBackups"),
    ("DynamoDB", "DescribeContributorInsights"),
    ("DynamoDB", "DescribeKinesisStreamingDestination"),
    ("DynamoDB", "DescribeTable"),
    ("DynamoDB", "DescribeTimeToLive"),
    ("DynamoDB", "GetResourcePolicy"),
    ("DynamoDB", "ListBackups"),
    ("DynamoDB", "ListTables"),
    ("DynamoDB", "ListTagsOfResource"),
    ("DynamoDB", "Scan"),
    ("EC2", "DescribeAddresses"),
    ("EC2", "DescribeFastSnapshotRestores"),
    ("EC2", "DescribeImageAttribute"),
    ("EC2", "DescribeImages"),
    ("EC2", "DescribeInstanceAttribute"),
    ("EC2", "DescribeInstanceCreditSpecifications"),
    ("EC2", "DescribeInstanceStatus"),
    ("EC2", "DescribeInstanceTypes"),
    ("EC2", "DescribeInstances"),
    ("EC2", "DescribeLockedSnapshots"),
    ("EC2", "DescribeNetworkInterfaces"),
    ("EC2", "DescribeRegions"),
    ("EC2", "DescribeReplaceRootVolumeTasks"),
    ("EC2", "DescribeSecurityGroupRules"),
    ("EC2", "DescribeSecurityGroups"),
    ("EC2", "DescribeSnapshotAttribute"),
    ("EC2", "DescribeSnapshotTierStatus"),
    ("EC2", "DescribeSnapshots"),
    ("EC2", "DescribeSpotInstanceRequests"),
    ("EC2", "DescribeSubnets"),
    ("EC2", "DescribeTags"),
    ("EC2", "DescribeVolumeStatus"),
    ("EC2", "DescribeVolumes"),
    ("EC2", "DescribeVolumesModifications"),
    ("EC2", "DescribeVpcEndpoints"),
    ("EC2", "GetConsoleOutput"),
    ("EC2", "GetEbsDefaultKmsKeyId"),
    ("EC2", "GetEbsEncryptionByDefault"),
    ("EC2", "ListImagesInRecycleBin"),
    ("EC2", "ListSnapshotsInRecycleBin"),
    ("EC2", "ListVolumesInRecycleBin"),
    ("Elastic Load Balancing v2", "DescribeTargetGroupAttributes"),
    ("Elastic Load Balancing v2", "DescribeTargetGroups"),
    ("Elastic Load Balancing v2", "DescribeTargetHealth"),
    ("IAM", "GetAccountAuthorizationDetails"),
    ("KMS", "DescribeKey"),
    ("Lambda", "GetEventSourceMapping"),
    ("Lambda", "ListEventSourceMappings"),
    ("RDS", "DescribeDBClusterAutomatedBackups"),
    ("RDS", "DescribeDBClusterSnapshots"),
    ("RDS", "DescribeDBClusters"),
    ("RDS", "DescribeDBInstanceAutomatedBackups"),
    ("RDS", "DescribeDBInstances"),
    ("RDS", "DescribeDBSnapshots"),
    ("Route 53", "GetChange"),
    ("Route 53", "ListHostedZones"),
    ("Route 53", "ListResourceRecordSets"),
    ("SSM", "GetParameter"),
    ("STS", "GetCallerIdentity"),
];

/// Calls that a plan can name and that delete nothing. Anything else is refused even where a plan names it, so that a
/// doctored plan cannot reach further than defib's own operations do.
pub const MUTATIONS: &[(&str, &str)] = &[
    ("Application Auto Scaling", "PutScalingPolicy"),
    ("Application Auto Scaling", "PutScheduledAction"),
    ("Application Auto Scaling", "RegisterScalableTarget"),
    ("Auto Scaling", "EnterStandby"),
    ("Auto Scaling", "ExitStandby"),
    ("Auto Scaling", "ResumeProcesses"),
    ("Auto Scaling", "SuspendProcesses"),
    ("CloudWatch", "DisableAlarmActions"),
    ("CloudWatch", "EnableAlarmActions"),
    ("CloudWatch", "PutMetricAlarm"),
    ("DynamoDB", "EnableKinesisStreamingDestination"),
    ("DynamoDB", "PutResourcePolicy"),
    ("DynamoDB", "RestoreTableFromBackup"),
    ("DynamoDB", "RestoreTableToPointInTime"),
    ("DynamoDB", "TagResource"),
    ("DynamoDB", "TransactWriteItems"),
    ("DynamoDB", "UntagResource"),
    ("DynamoDB", "UpdateContinuousBackups"),
    ("DynamoDB", "UpdateContributorInsights"),
    ("DynamoDB", "UpdateTable"),
    ("DynamoDB", "UpdateTimeToLive"),
    ("EC2", "AssociateAddress"),
    ("EC2", "AttachNetworkInterface"),
    ("EC2", "AttachVolume"),
    ("EC2", "AuthorizeSecurityGroupEgress"),
    ("EC2", "AuthorizeSecurityGroupIngress"),
    ("EC2", "CreateReplaceRootVolumeTask"),
    ("EC2", "CreateSecurityGroup"),
    ("EC2", "CreateSnapshot"),
    ("EC2", "CreateTags"),
    ("EC2", "CreateVolume"),
    ("EC2", "DetachNetworkInterface"),
    ("EC2", "DetachVolume"),
    ("EC2", "DisassociateAddress"),
    ("EC2", "ModifyInstanceAttribute"),
    ("EC2", "ModifyNetworkInterfaceAttribute"),
    ("EC2", "RevokeSecurityGroupEgress"),
    ("EC2", "RevokeSecurityGroupIngress"),
    ("EC2", "RunInstances"),
    ("EC2", "StartInstances"),
    ("EC2", "StopInstances"),
    ("Elastic Load Balancing v2", "RegisterTargets"),
    ("Lambda", "CreateEventSourceMapping"),
    ("Lambda", "UpdateEventSourceMapping"),
    ("Route 53", "ChangeResourceRecordSets"),
    ("SSM", "PutParameter"),
];

/// Deletions that a plan can name after all. Everything else that deletes, terminates, deregisters or releases is on no
/// list, and refused in every mode. A deregistered target is an instance that stays as it is.
pub const DELETIONS: &[(&str, &str)] = &[
    ("DynamoDB", "DeleteResourcePolicy"),
    ("EC2", "DeleteTags"),
    ("Elastic Load Balancing v2", "DeregisterTargets"),
];

/// Calls of both lists that may only be sent within a limit, and what they would do beyond it.
pub const LIMITED: &[(&str, &str, &str)] = &[
    (
        "CloudWatch",
        "PutMetricAlarm",
        "it would let an alarm act that nobody has enabled",
    ),
    (
        "DynamoDB",
        "DeleteResourcePolicy",
        "it would delete a policy whatever that says by then",
    ),
    (
        "DynamoDB",
        "PutResourcePolicy",
        "it would replace a policy whatever that says by then",
    ),
    (
        "DynamoDB",
        "TransactWriteItems",
        "it would do more than put items that are not there",
    ),
    (
        "DynamoDB",
        "UntagResource",
        "it would delete tags that are not defib's own",
    ),
    (
        "DynamoDB",
        "UpdateContinuousBackups",
        "it would give up what can be restored of a table",
    ),
    (
        "DynamoDB",
        "UpdateContributorInsights",
        "it would end what is recorded of a table",
    ),
    (
        "DynamoDB",
        "UpdateTable",
        "it would delete an index, delete or change a replica, set how replicas agree, or end a stream",
    ),
    (
        "EC2",
        "CreateReplaceRootVolumeTask",
        "it would delete the volume that it replaces",
    ),
    (
        "EC2",
        "DeleteTags",
        "it would delete tags that are not defib's own",
    ),
    (
        "Lambda",
        "CreateEventSourceMapping",
        "it would call a function at once, or with what happened before",
    ),
    (
        "Lambda",
        "UpdateEventSourceMapping",
        "it would do more than enable or disable a mapping",
    ),
    (
        "Route 53",
        "ChangeResourceRecordSets",
        "it would do more than replace records, each by one of the same name and type",
    ),
    (
        "SSM",
        "PutParameter",
        "it would do more than give a parameter another value",
    ),
];

/// Calls of both lists that no operation makes yet. A line goes when its operation comes: tests hold that every
/// other call of the lists is made, and none of these.
pub const AWAITED: &[(&str, &str)] = &[("EC2", "RevokeSecurityGroupIngress")];

/// What a login may call, and nobody else: it changes nothing, and hands out credentials.
pub const LOGINS: &[(&str, &str)] = &[("STS", "AssumeRole")];

/// Returns the SDK's name of a service that the AWS CLI names `service`.
#[must_use]
pub fn sdk_service(service: &str) -> &str {
    match service {
        "application-autoscaling" => "Application Auto Scaling",
        "autoscaling" => "Auto Scaling",
        "cloudwatch" => "CloudWatch",
        "dynamodb" => "DynamoDB",
        "ec2" => "EC2",
        "elbv2" => "Elastic Load Balancing v2",
        "iam" => "IAM",
        "lambda" => "Lambda",
        "route53" => "Route 53",
        "ssm" => "SSM",
        other => other,
    }
}

/// Whose client it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Reads only; asks `DryRun` where the endpoint is known to honour it.
    Viewer {
        /// Whether `DryRun` is honoured.
        dry_run: bool,
    },
    /// Reads, and the calls of its frozen plan: service as the SDK names it, and operation.
    Runner(BTreeSet<(String, String)>),
    /// Gets credentials, and does nothing with them.
    Login,
}

/// What the decision needs to know of a request beyond its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The request asks only whether it would be allowed.
    pub dry_run: bool,
    /// The request keeps within the limit of its call; where there is none, this means nothing.
    pub within_limit: bool,
}

/// A request that was refused before it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    service: String,
    operation: String,
    why: String,
}

impl Refusal {
    /// Names the request and the reason.
    #[must_use]
    pub fn new(service: &str, operation: &str, why: &str) -> Self {
        Self {
            service: service.to_owned(),
            operation: operation.to_owned(),
            why: why.to_owned(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            operation,
            why,
        } = self;
        write!(f, "{service} {operation} was not sent: {why}")
    }
}

impl std::error::Error for Refusal {}

/// Decides whether a request may be sent.
///
/// # Errors
/// The [`Refusal`] with its reason.
pub fn decide(mode: &Mode, service: &str, operation: &str, scope: Scope) -> Result<(), Refusal> {
    let refuse = |why| Err(Refusal::new(service, operation, why));
    if *mode == Mode::Login && LOGINS.contains(&(service, operation)) {
        return Ok(());
    }
    if *mode == Mode::Login {
        return refuse("a login does nothing else");
    }
    if READS.contains(&(service, operation)) {
        return Ok(());
    }
    if !MUTATIONS.contains(&(service, operation)) && !DELETIONS.contains(&(service, operation)) {
        return refuse("defib does not use it in any mode");
    }
    if let Some(beyond) = limit_of(service, operation)
        && !scope.within_limit
    {
        return refuse(beyond);
    }
    match mode {
        Mode::Viewer { .. } if scope.dry_run && service != "EC2" => {
            refuse("nothing but EC2 knows a DryRun")
        }
        Mode::Viewer { dry_run } => match (scope.dry_run, dry_run) {
            (true, true) => Ok(()),
            (true, false) => refuse("this endpoint is not known to honour DryRun"),
            (false, _) => refuse("only a run may change anything, and this is not one"),
        },
        // An endpoint that does not honour DryRun would carry the call out.
        Mode::Runner(_) if scope.dry_run => refuse("a run asks nothing in advance"),
        Mode::Login => refuse("a login does nothing else"),
        Mode::Runner(calls) => {
            if calls.contains(&(service.to_owned(), operation.to_owned())) {
                Ok(())
            } else {
                refuse("the plan of this run does not name it")
            }
        }
    }
}

/// Returns what a call would do beyond its limit; `None` for one without a limit.
fn limit_of(service: &str, operation: &str) -> Option<&'static str> {
    let mut limited = LIMITED.iter();
    let found = limited.find(|(s, o, _)| (*s, *o) == (service, operation));
    found.map(|(_, _, beyond)| *beyond)
}

/// Applies [`decide`] to every request of a client.
#[derive(Debug)]
pub struct Guard {
    mode: Mode,
}

impl Guard {
    /// Makes a guard for one mode.
    #[must_use]
    pub fn new(mode: Mode) -> Self {
        Self { mode }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Guard {
    fn name(&self) -> &'static str {
        "defib guard"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (service, operation) = config
            .load::<Metadata>()
            .map_or(("unknown", "unknown"), |call| (call.service(), call.name()));
        decide(&self.mode, service, operation, scope::of(context.input()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRY: Scope = Scope {
        dry_run: true,
        within_limit: false,
    };

    fn runner(calls: &[(&str, &str)]) -> Mode {
        let own = |(s, o): &(&str, &str)| ((*s).to_owned(), (*o).to_owned());
        Mode::Runner(calls.iter().map(own).collect())
    }

    #[test]
    fn a_viewer_sends_no_mutation() {
        for (service, operation) in MUTATIONS {
            let viewer = Mode::Viewer { dry_run: true };
            let scope = Scope {
                within_limit: true,
                ..Scope::default()
            };
            assert!(
                decide(&viewer, service, operation, scope).is_err(),
                "{operation}"
            );
        }
    }

    #[test]
    fn a_dry_run_passes_only_where_it_is_honoured() {
        let ask = |dry_run| decide(&Mode::Viewer { dry_run }, "EC2", "CreateVolume", DRY);
        assert!(ask(true).is_ok());
        assert!(ask(false).is_err());
    }

    #[test]
    fn a_runner_sends_only_what_its_plan_names() {
        let mode = runner(&[("EC2", "AttachVolume")]);
        assert!(decide(&mode, "EC2", "AttachVolume", Scope::default()).is_ok());
        assert!(decide(&mode, "EC2", "DetachVolume", Scope::default()).is_err());
    }

    #[test]
    fn a_runner_never_asks_in_advance() {
        let mode = runner(&[("EC2", "AttachVolume")]);
        assert!(decide(&mode, "EC2", "AttachVolume", DRY).is_err());
    }

    #[test]
    fn deletions_are_refused_even_where_a_plan_names_them() {
        for operation in [
            "DeleteVolume",
            "TerminateInstances",
            "DeregisterImage",
            "ReleaseAddress",
        ] {
            let mode = runner(&[("EC2", operation)]);
            assert!(decide(&mode, "EC2", operation, Scope::default()).is_err());
        }
        let mode = runner(&[("EC2", "DeleteTags")]);
        let own = Scope {
            within_limit: true,
            ..Scope::default()
        };
        assert!(decide(&mode, "EC2", "DeleteTags", own).is_ok());
        assert!(decide(&mode, "EC2", "DeleteTags", Scope::default()).is_err());
    }

    #[test]
    fn a_login_assumes_a_role_and_nobody_else_does() {
        let may = |mode: &Mode| decide(mode, "STS", "AssumeRole", Scope::default()).is_ok();
        assert!(may(&Mode::Login));
        assert!(!may(&Mode::Viewer { dry_run: true }));
        assert!(!may(&runner(&[("STS", "AssumeRole")])));
        for (service, operation) in READS.iter().chain(MUTATIONS).chain(DELETIONS) {
            assert!(decide(&Mode::Login, service, operation, DRY).is_err());
        }
    }

    #[test]
    fn names_are_matched_exactly() {
        let viewer = Mode::Viewer { dry_run: false };
        assert!(decide(&viewer, "EC2", "DescribeVolumes", Scope::default()).is_ok());
        assert!(decide(&viewer, "EC2", "DescribeVolumesX", Scope::default()).is_err());
        assert!(decide(&viewer, "ec2", "DescribeVolumes", Scope::default()).is_err());
    }
}
