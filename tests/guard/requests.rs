//! Every request that the product can make, made by the product's own clients; and some that it must
//! never make, which it has no code for and which only the guard stands before.
//!
//! `compiled` holds these lists against the product's sources.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ContributorInsightsAction, Delete, DeleteGlobalSecondaryIndexAction,
    DeleteReplicationGroupMemberAction, GlobalSecondaryIndexUpdate, KeysAndAttributes,
    MultiRegionConsistency, PointInTimeRecoverySpecification, Put, ReplicationGroupUpdate,
    StreamSpecification, TransactWriteItem, Update,
};
use aws_sdk_ec2::types::Tag;
use aws_sdk_lambda::types::EventSourcePosition;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};
use defib::aws::connect::Clients;
use defib::aws::failure::failure;
use defib::domain::failure::FailureClass;
use serde::{Deserialize, Serialize};

/// What came of one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Service as the SDK names it.
    pub service: String,
    /// Method of the client, which another service may have, too.
    pub method: String,
    /// Whether the guard refused it.
    pub refused: bool,
}

macro_rules! outcome {
    ($service:expr, $method:ident, $request:expr) => {{
        let answer = $request.send().await;
        let failed = answer
            .err()
            .map(|error| failure(stringify!($method), &error));
        Outcome {
            service: $service.to_owned(),
            method: stringify!($method).to_owned(),
            refused: failed.is_some_and(|failed| failed.class == FailureClass::Refused),
        }
    }};
}

/// Stands for what a read must name, where its name is part of an address.
pub const NAME: &str = "x";

macro_rules! reads {
    ($($client:ident . $method:ident $(( $($set:ident = $value:expr),* ))?),* $(,)?) => {
        /// Service and method of all reads but `GetCallerIdentity`, which a client does before it is there.
        pub const READS: &[(&str, &str)] = &[$((service_of(stringify!($client)), stringify!($method))),*];

        /// Does every read.
        pub async fn read(clients: &Clients) -> Vec<Outcome> {
            vec![$(outcome!(service_of(stringify!($client)), $method, clients.$client.$method()$($(.$set($value))*)?)),*]
        }
    };
}

/// Returns the SDK's name of the service that one of our clients is of.
const fn service_of(client: &str) -> &'static str {
    match client.as_bytes() {
        b"application_autoscaling" => "Application Auto Scaling",
        b"autoscaling" => "Auto Scaling",
        b"backup" => "Backup",
        b"cloudwatch" => "CloudWatch",
        b"dynamodb" => "DynamoDB",
        b"ec2" => "EC2",
        b"elb" => "Elastic Load Balancing v2",
        b"iam" => "IAM",
        b"kms" => "KMS",
        b"lambda" => "Lambda",
        b"rds" => "RDS",
        b"route53" => "Route 53",
        b"ssm" => "SSM",
        _new => panic!("say of which service the client is"),
    }
}

/// A table, for what must name one.
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/t";

/// A key of a table.
fn a_key() -> HashMap<String, KeysAndAttributes> {
    let key = HashMap::from([("id".to_owned(), AttributeValue::S("1".to_owned()))]);
    let keys = KeysAndAttributes::builder().keys(key).build();
    HashMap::from([("t".to_owned(), keys.expect("a key"))])
}

reads!(
    application_autoscaling.describe_scalable_targets,
    application_autoscaling.describe_scaling_policies,
    application_autoscaling.describe_scheduled_actions,
    autoscaling.describe_auto_scaling_groups,
    autoscaling.describe_auto_scaling_instances,
    backup.describe_recovery_point(backup_vault_name = NAME, recovery_point_arn = NAME),
    backup.get_backup_vault_access_policy(backup_vault_name = NAME),
    backup.list_backup_vaults,
    backup.list_legal_holds,
    backup.list_protected_resources,
    backup.list_recovery_points_by_backup_vault(backup_vault_name = NAME),
    backup.list_recovery_points_by_legal_hold(legal_hold_id = NAME),
    cloudwatch.describe_alarms,
    // Their endpoint depends on the table: without one the SDK sends nothing.
    dynamodb.batch_get_item(set_request_items = Some(a_key())),
    dynamodb.describe_backup(backup_arn = TABLE),
    dynamodb.describe_continuous_backups(table_name = "t"),
    dynamodb.describe_contributor_insights(table_name = "t"),
    dynamodb.describe_kinesis_streaming_destination(table_name = "t"),
    dynamodb.describe_table(table_name = "t"),
    dynamodb.describe_time_to_live(table_name = "t"),
    dynamodb.get_resource_policy(resource_arn = TABLE),
    dynamodb.list_backups,
    dynamodb.list_tables,
    dynamodb.list_tags_of_resource(resource_arn = TABLE),
    dynamodb.scan(table_name = "t"),
    ec2.describe_addresses,
    ec2.describe_fast_snapshot_restores,
    ec2.describe_image_attribute,
    ec2.describe_images,
    ec2.describe_instance_attribute,
    ec2.describe_instance_credit_specifications,
    ec2.describe_instance_status,
    ec2.describe_instance_types,
    ec2.describe_instances,
    ec2.describe_locked_snapshots,
    ec2.describe_network_interfaces,
    ec2.describe_regions,
    ec2.describe_replace_root_volume_tasks,
    ec2.describe_security_group_rules,
    ec2.describe_security_groups,
    ec2.describe_snapshot_attribute,
    ec2.describe_snapshot_tier_status,
    ec2.describe_snapshots,
    ec2.describe_spot_instance_requests,
    ec2.describe_subnets,
    ec2.describe_tags,
    ec2.describe_volume_status,
    ec2.describe_volumes,
    ec2.describe_volumes_modifications,
    ec2.describe_vpc_endpoints,
    ec2.get_console_output,
    ec2.get_ebs_default_kms_key_id,
    ec2.get_ebs_encryption_by_default,
    ec2.list_images_in_recycle_bin,
    ec2.list_snapshots_in_recycle_bin,
    ec2.list_volumes_in_recycle_bin,
    elb.describe_target_group_attributes(target_group_arn = NAME),
    elb.describe_target_groups,
    elb.describe_target_health(target_group_arn = NAME),
    iam.get_account_authorization_details,
    kms.describe_key,
    lambda.get_event_source_mapping(uuid = NAME),
    lambda.list_event_source_mappings,
    rds.describe_db_cluster_automated_backups,
    rds.describe_db_cluster_snapshots,
    rds.describe_db_clusters,
    rds.describe_db_instance_automated_backups,
    rds.describe_db_instances,
    rds.describe_db_snapshots,
    route53.get_change(id = NAME),
    route53.list_hosted_zones,
    route53.list_resource_record_sets(hosted_zone_id = NAME),
    ssm.get_parameter(name = NAME),
);

macro_rules! mutations {
    ($($method:ident),* $(,)?) => {
        /// Methods of all mutations of EC2 but `DeleteTags`.
        pub const MUTATIONS: &[&str] = &[$(stringify!($method)),*];

        /// Asks for every one of them through both clients, for real or as a dry run.
        pub async fn mutate(clients: &Clients, dry_run: bool) -> Vec<Outcome> {
            let mut told = Vec::new();
            for client in [&clients.ec2, &clients.ec2_once] {
                $(told.push(outcome!("EC2", $method, client.$method().dry_run(dry_run)));)*
            }
            told
        }
    };
}

mutations!(
    associate_address,
    attach_network_interface,
    attach_volume,
    authorize_security_group_egress,
    authorize_security_group_ingress,
    create_replace_root_volume_task,
    create_security_group,
    create_snapshot,
    create_tags,
    create_volume,
    detach_network_interface,
    detach_volume,
    disassociate_address,
    modify_instance_attribute,
    modify_network_interface_attribute,
    revoke_security_group_egress,
    revoke_security_group_ingress,
    run_instances,
    start_instances,
    stop_instances,
);

macro_rules! elsewhere {
    ($($service:literal: $client:ident, $once:ident . $method:ident ( $($set:ident = $value:expr),* )),* $(,)?) => {
        /// Service and method of all mutations of other services, which know no dry run.
        pub const ELSEWHERE: &[(&str, &str)] = &[$(($service, stringify!($method))),*];

        /// Asks for every one of them through both clients of its service.
        pub async fn mutate_elsewhere(clients: &Clients) -> Vec<Outcome> {
            let mut told = Vec::new();
            $(for client in [&clients.$client, &clients.$once] {
                told.push(outcome!($service, $method, client.$method()$(.$set($value))*));
            })*
            told
        }
    };
}

elsewhere!(
    "Application Auto Scaling": application_autoscaling, application_autoscaling_once.put_scaling_policy(
        policy_name = "p"
    ),
    "Application Auto Scaling": application_autoscaling, application_autoscaling_once.put_scheduled_action(
        scheduled_action_name = "a"
    ),
    "Application Auto Scaling": application_autoscaling, application_autoscaling_once.register_scalable_target(
        resource_id = "table/t"
    ),
    "Auto Scaling": autoscaling, autoscaling_once.enter_standby(should_decrement_desired_capacity = true),
    "Auto Scaling": autoscaling, autoscaling_once.exit_standby(instance_ids = "i-1"),
    "Auto Scaling": autoscaling, autoscaling_once.resume_processes(auto_scaling_group_name = "g"),
    "Auto Scaling": autoscaling, autoscaling_once.suspend_processes(auto_scaling_group_name = "g"),
    "CloudWatch": cloudwatch, cloudwatch_once.disable_alarm_actions(alarm_names = "a"),
    "CloudWatch": cloudwatch, cloudwatch_once.enable_alarm_actions(alarm_names = "a"),
    "CloudWatch": cloudwatch, cloudwatch_once.put_metric_alarm(alarm_name = "a", actions_enabled = false),
    "DynamoDB": dynamodb, dynamodb_once.delete_resource_policy(
        resource_arn = TABLE,
        expected_revision_id = "1"
    ),
    "DynamoDB": dynamodb, dynamodb_once.enable_kinesis_streaming_destination(table_name = "t"),
    "DynamoDB": dynamodb, dynamodb_once.put_resource_policy(
        resource_arn = TABLE,
        expected_revision_id = "1"
    ),
    "DynamoDB": dynamodb, dynamodb_once.restore_table_from_backup(target_table_name = "t"),
    "DynamoDB": dynamodb, dynamodb_once.restore_table_to_point_in_time(target_table_name = "t"),
    "DynamoDB": dynamodb, dynamodb_once.tag_resource(resource_arn = TABLE),
    "DynamoDB": dynamodb, dynamodb_once.transact_write_items(
        transact_items = put(Some("attribute_not_exists(#key)"))
    ),
    "DynamoDB": dynamodb, dynamodb_once.untag_resource(resource_arn = TABLE, tag_keys = "defib:run"),
    "DynamoDB": dynamodb, dynamodb_once.update_continuous_backups(
        table_name = "t",
        point_in_time_recovery_specification = recovery(true)
    ),
    "DynamoDB": dynamodb, dynamodb_once.update_contributor_insights(
        table_name = "t",
        contributor_insights_action = ContributorInsightsAction::Enable
    ),
    "DynamoDB": dynamodb, dynamodb_once.update_table(table_name = "t"),
    "DynamoDB": dynamodb, dynamodb_once.update_time_to_live(table_name = "t"),
    "Elastic Load Balancing v2": elb, elb_once.deregister_targets(target_group_arn = "t"),
    "Elastic Load Balancing v2": elb, elb_once.register_targets(target_group_arn = "t"),
    "Lambda": lambda, lambda_once.create_event_source_mapping(
        enabled = false,
        starting_position = EventSourcePosition::Latest
    ),
    "Lambda": lambda, lambda_once.update_event_source_mapping(uuid = NAME, enabled = true),
    "Route 53": route53, route53_once.change_resource_record_sets(
        hosted_zone_id = NAME,
        change_batch = batch(&[change(ChangeAction::Upsert, "a.example.")])
    ),
    "SSM": ssm, ssm_once.put_parameter(name = "p", value = "v", overwrite = true),
);

/// A part of a transaction that puts an item on a condition.
fn put(condition: Option<&str>) -> TransactWriteItem {
    let put = Put::builder().table_name("t");
    let put = put.item("id", AttributeValue::S("1".to_owned()));
    let put = put.expression_attribute_names("#key", "id");
    let put = put.set_condition_expression(condition.map(str::to_owned));
    let put = put.build().expect("a table and an item");
    TransactWriteItem::builder().put(put).build()
}

/// Parts of a transaction that overwrite or delete.
fn parts_beyond() -> Vec<TransactWriteItem> {
    let key = || AttributeValue::S("1".to_owned());
    let delete = Delete::builder().table_name("t").key("id", key()).build();
    let update = Update::builder().table_name("t").key("id", key());
    let update = update.update_expression("REMOVE note").build();
    let part = TransactWriteItem::builder;
    vec![
        put(None),
        put(Some("attribute_exists(#key)")),
        part().delete(delete.expect("a key")).build(),
        part().update(update.expect("a key and a change")).build(),
    ]
}

fn recovery(on: bool) -> PointInTimeRecoverySpecification {
    let recovery = PointInTimeRecoverySpecification::builder();
    let recovery = recovery.point_in_time_recovery_enabled(on).build();
    recovery.expect("whether it is on")
}

fn change(action: ChangeAction, name: &str) -> Change {
    let record = ResourceRecordSet::builder().name(name).r#type(RrType::A);
    let record = record.build().expect("name and type");
    let change = Change::builder().action(action).resource_record_set(record);
    change.build().expect("action and record")
}

fn batch(changes: &[Change]) -> ChangeBatch {
    let batch = ChangeBatch::builder().set_changes(Some(changes.to_vec()));
    batch.build().expect("changes")
}

/// Removes tags of defib's own, which is the one deletion in EC2 that a plan can name.
pub async fn remove_own_tags(clients: &Clients, dry_run: bool) -> Vec<Outcome> {
    let mut told = Vec::new();
    for client in [&clients.ec2, &clients.ec2_once] {
        let request = client.delete_tags().resources("vol-1").dry_run(dry_run);
        let request = request.tags(tag("defib:run")).tags(tag("defib:step"));
        told.push(outcome!("EC2", delete_tags, request));
    }
    told
}

/// Deletes whatever the services in use can delete.
pub async fn delete(clients: &Clients, dry_run: bool) -> Vec<Outcome> {
    let mut told = Vec::new();
    for client in [&clients.ec2, &clients.ec2_once] {
        macro_rules! ask {
            ($($method:ident ( $($set:ident = $value:expr),* )),* $(,)?) => {
                $(told.push(outcome!("EC2", $method, client.$method().dry_run(dry_run)$(.$set($value))*));)*
            };
        }
        ask!(
            delete_tags(resources = "vol-1"),
            delete_tags(resources = "vol-1", tags = tag("Name")),
            delete_tags(
                resources = "vol-1",
                tags = tag("defib:run"),
                tags = tag("Name")
            ),
            delete_tags(resources = "vol-1", tags = tag("xdefib:run")),
            delete_tags(resources = "vol-1", tags = tag("DEFIB:run")),
            delete_tags(resources = "vol-1", tags = Tag::builder().build()),
            delete_network_interface(network_interface_id = "eni-1"),
            delete_security_group(group_id = "sg-1"),
            delete_snapshot(snapshot_id = "snap-1"),
            delete_volume(volume_id = "vol-1"),
            create_replace_root_volume_task(
                instance_id = "i-1",
                delete_replaced_root_volume = true
            ),
            deregister_image(image_id = "ami-1"),
            release_address(allocation_id = "eipalloc-1"),
            terminate_instances(instance_ids = "i-1"),
        );
    }
    told.extend(delete_elsewhere(clients).await);
    told
}

async fn delete_elsewhere(clients: &Clients) -> Vec<Outcome> {
    let Clients {
        kms,
        autoscaling,
        dynamodb,
        elb,
        ..
    } = clients;
    let group = autoscaling.delete_auto_scaling_group();
    let member = autoscaling.terminate_instance_in_auto_scaling_group();
    let mut told = vec![
        outcome!(
            "Auto Scaling",
            delete_auto_scaling_group,
            group.auto_scaling_group_name("g")
        ),
        outcome!(
            "Auto Scaling",
            terminate_instance_in_auto_scaling_group,
            member
                .instance_id("i-1")
                .should_decrement_desired_capacity(false)
        ),
        outcome!(
            "KMS",
            delete_alias,
            kms.delete_alias().alias_name("alias/k")
        ),
        outcome!(
            "KMS",
            schedule_key_deletion,
            kms.schedule_key_deletion().key_id("k")
        ),
        outcome!(
            "DynamoDB",
            delete_table,
            dynamodb.delete_table().table_name("t")
        ),
        outcome!(
            "DynamoDB",
            delete_backup,
            dynamodb.delete_backup().backup_arn(TABLE)
        ),
        outcome!(
            "Elastic Load Balancing v2",
            delete_target_group,
            elb.delete_target_group().target_group_arn("t")
        ),
        outcome!(
            "Elastic Load Balancing v2",
            delete_load_balancer,
            elb.delete_load_balancer().load_balancer_arn("l")
        ),
    ];
    told.extend(delete_records(clients).await);
    told.extend(delete_around_tables(clients).await);
    told.extend(delete_of_tables(clients).await);
    told.extend(beyond_of_mappings(clients).await);
    told
}

/// What watches a table, reads it, is allowed to, or names it.
async fn delete_around_tables(clients: &Clients) -> Vec<Outcome> {
    let Clients {
        ssm,
        cloudwatch,
        lambda,
        iam,
        ..
    } = clients;
    vec![
        outcome!("SSM", delete_parameter, ssm.delete_parameter().name("p")),
        outcome!(
            "CloudWatch",
            delete_alarms,
            cloudwatch.delete_alarms().alarm_names("a")
        ),
        outcome!(
            "Lambda",
            delete_event_source_mapping,
            lambda.delete_event_source_mapping().uuid("u")
        ),
        outcome!("IAM", delete_role, iam.delete_role().role_name("r")),
        outcome!(
            "IAM",
            delete_role_policy,
            iam.delete_role_policy().role_name("r").policy_name("p")
        ),
    ]
}

fn without_index() -> GlobalSecondaryIndexUpdate {
    let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("i");
    let delete = delete.build().expect("the name of an index");
    GlobalSecondaryIndexUpdate::builder().delete(delete).build()
}

fn without_replica() -> ReplicationGroupUpdate {
    let delete = DeleteReplicationGroupMemberAction::builder().region_name("eu-west-1");
    let delete = delete.build().expect("the Region of a replica");
    ReplicationGroupUpdate::builder().delete(delete).build()
}

/// What is beyond the limits of the calls about a table.
async fn delete_of_tables(clients: &Clients) -> Vec<Outcome> {
    let (delete, without_replica) = (without_index(), without_replica());
    let without = StreamSpecification::builder().stream_enabled(false).build();
    let without = without.expect("whether it is on");
    let mut told = Vec::new();
    for client in [&clients.dynamodb, &clients.dynamodb_once] {
        macro_rules! ask {
            ($($method:ident ( $($set:ident = $value:expr),* )),* $(,)?) => {
                $(told.push(outcome!("DynamoDB", $method, client.$method()$(.$set($value))*));)*
            };
        }
        ask!(
            delete_resource_policy(resource_arn = TABLE),
            put_resource_policy(resource_arn = TABLE),
            untag_resource(resource_arn = TABLE, tag_keys = "team"),
            update_continuous_backups(
                table_name = "t",
                point_in_time_recovery_specification = recovery(false)
            ),
            update_contributor_insights(
                table_name = "t",
                contributor_insights_action = ContributorInsightsAction::Disable
            ),
            update_table(
                table_name = "t",
                global_secondary_index_updates = delete.clone()
            ),
            update_table(table_name = "t", stream_specification = without.clone()),
            update_table(table_name = "t", replica_updates = without_replica.clone()),
            update_table(
                table_name = "t",
                multi_region_consistency = MultiRegionConsistency::Strong
            ),
        );
        for part in parts_beyond() {
            ask!(transact_write_items(
                transact_items = put(Some("attribute_not_exists(#key)")),
                transact_items = part.clone()
            ));
        }
    }
    for client in [&clients.cloudwatch, &clients.cloudwatch_once] {
        for request in [
            client.put_metric_alarm().alarm_name("a"),
            client
                .put_metric_alarm()
                .alarm_name("a")
                .actions_enabled(true),
        ] {
            told.push(outcome!("CloudWatch", put_metric_alarm, request));
        }
    }
    for client in [&clients.ssm, &clients.ssm_once] {
        let request = client.put_parameter().name("p").value("v");
        told.push(outcome!("SSM", put_parameter, request));
    }
    told
}

/// What is beyond the limits of the calls about a mapping.
async fn beyond_of_mappings(clients: &Clients) -> Vec<Outcome> {
    let mut told = Vec::new();
    for client in [&clients.lambda, &clients.lambda_once] {
        let made = client.create_event_source_mapping().enabled(false);
        let replayed = made.starting_position(EventSourcePosition::TrimHorizon);
        told.push(outcome!("Lambda", create_event_source_mapping, replayed));
        let made = client.create_event_source_mapping();
        let at_once = made.starting_position(EventSourcePosition::Latest);
        told.push(outcome!("Lambda", create_event_source_mapping, at_once));
        let changed = client.update_event_source_mapping().uuid(NAME);
        let changed = changed.enabled(true).function_name("other");
        told.push(outcome!("Lambda", update_event_source_mapping, changed));
    }
    told
}

async fn delete_records(clients: &Clients) -> Vec<Outcome> {
    let delete = |name| change(ChangeAction::Delete, name);
    let create = |name| change(ChangeAction::Create, name);
    let batches = [
        vec![delete("a.example.")],
        vec![delete("a.example."), create("b.example.")],
        vec![
            delete("a.example."),
            change(ChangeAction::Upsert, "a.example."),
        ],
        vec![create("a.example.")],
    ];
    let mut told = Vec::new();
    for client in [&clients.route53, &clients.route53_once] {
        let zone = client.delete_hosted_zone().id(NAME);
        told.push(outcome!("Route 53", delete_hosted_zone, zone));
        for changes in &batches {
            let request = client.change_resource_record_sets().hosted_zone_id(NAME);
            told.push(outcome!(
                "Route 53",
                change_resource_record_sets,
                request.change_batch(batch(changes))
            ));
        }
    }
    told
}

fn tag(key: &str) -> Tag {
    Tag::builder().key(key).build()
}
