//! What a request would reach, read out of its typed input: for the guard's decision, and by nobody else.
//!
//! What cannot be told to keep within its limit does not.

mod lambda;

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::operation::put_metric_alarm::PutMetricAlarmInput;
use aws_sdk_dynamodb::operation::delete_resource_policy::DeleteResourcePolicyInput;
use aws_sdk_dynamodb::operation::put_resource_policy::PutResourcePolicyInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::untag_resource::UntagResourceInput;
use aws_sdk_dynamodb::operation::update_continuous_backups::UpdateContinuousBackupsInput;
use aws_sdk_dynamodb::operation::update_contributor_insights::UpdateContributorInsightsInput;
use aws_sdk_dynamodb::operation::update_table::UpdateTableInput;
use aws_sdk_dynamodb::types::{
    ContributorInsightsAction, CreateReplicationGroupMemberAction, GlobalSecondaryIndexUpdate,
    PointInTimeRecoverySpecification, Put, ReplicationGroupUpdate, StreamSpecification,
    TransactWriteItem,
};
use aws_sdk_ec2::operation::create_replace_root_volume_task::CreateReplaceRootVolumeTaskInput;
use aws_sdk_ec2::operation::delete_tags::DeleteTagsInput;
use aws_sdk_route53::operation::change_resource_record_sets::ChangeResourceRecordSetsInput;
use aws_sdk_route53::types::{Change, ChangeAction, ResourceRecordSet};
use aws_sdk_ssm::operation::put_parameter::PutParameterInput;
use aws_smithy_runtime_api::client::interceptors::context::Input;

use super::Scope;

/// Reads the scope out of the typed input of every mutation a plan can name.
pub fn of(input: &Input) -> Scope {
    if let Some(input) = input.downcast_ref::<DeleteTagsInput>() {
        return Scope {
            dry_run: input.dry_run() == Some(true),
            within_limit: own_tags_only(input),
        };
    }
    if let Some(input) = input.downcast_ref::<CreateReplaceRootVolumeTaskInput>() {
        return Scope {
            dry_run: input.dry_run() == Some(true),
            within_limit: input.delete_replaced_root_volume() != Some(true),
        };
    }
    if let Some(input) = input.downcast_ref::<ChangeResourceRecordSetsInput>() {
        let changes = input
            .change_batch()
            .map_or(&[][..], |batch| batch.changes());
        return Scope {
            dry_run: false,
            within_limit: replaces_records(changes),
        };
    }
    Scope {
        dry_run: asks_in_advance(input),
        within_limit: of_table(input).or_else(|| lambda::of(input)) == Some(true),
    }
}

/// Tells whether a call about a table, an alarm that watches one, or the parameter that names one, keeps within its
/// limit; `None` for any other call.
fn of_table(input: &Input) -> Option<bool> {
    if let Some(input) = input.downcast_ref::<PutMetricAlarmInput>() {
        // Where it is not said they are enabled.
        return Some(input.actions_enabled() == Some(false));
    }
    if let Some(input) = input.downcast_ref::<DeleteResourcePolicyInput>() {
        return Some(is_named(input.expected_revision_id()));
    }
    if let Some(input) = input.downcast_ref::<PutResourcePolicyInput>() {
        return Some(is_named(input.expected_revision_id()));
    }
    if let Some(input) = input.downcast_ref::<TransactWriteItemsInput>() {
        let items = input.transact_items();
        return Some(!items.is_empty() && items.iter().all(puts_what_is_missing));
    }
    if let Some(input) = input.downcast_ref::<UntagResourceInput>() {
        let keys = input.tag_keys();
        return Some(!keys.is_empty() && keys.iter().all(|key| key.starts_with("defib:")));
    }
    if let Some(input) = input.downcast_ref::<UpdateContinuousBackupsInput>() {
        // Switched off and on again, it has forgotten everything of before.
        let wanted = input.point_in_time_recovery_specification();
        return Some(
            wanted.is_some_and(PointInTimeRecoverySpecification::point_in_time_recovery_enabled),
        );
    }
    if let Some(input) = input.downcast_ref::<UpdateContributorInsightsInput>() {
        let action = input.contributor_insights_action();
        return Some(action == Some(&ContributorInsightsAction::Enable));
    }
    if let Some(input) = input.downcast_ref::<UpdateTableInput>() {
        return Some(takes_nothing_away(input));
    }
    let input = input.downcast_ref::<PutParameterInput>()?;
    // A policy of a parameter can delete it.
    let more = input.r#type().is_some()
        || input.key_id().is_some()
        || input.tier().is_some()
        || input.policies().is_some();
    Some(input.overwrite() == Some(true) && !more)
}

fn is_named(revision: Option<&str>) -> bool {
    revision.is_some_and(|revision| !revision.is_empty())
}

/// Tells whether a part of a transaction puts an item, and only where there is none of its key: an attribute that the
/// item has, as its keys are, must not be there.
fn puts_what_is_missing(part: &TransactWriteItem) -> bool {
    let no_other =
        part.condition_check().is_none() && part.delete().is_none() && part.update().is_none();
    let conditional = |put: &Put| {
        let names = put.expression_attribute_names();
        let mut names = names.into_iter().flatten();
        let only_new = match (names.next(), names.next()) {
            (Some((placeholder, attribute)), None) => {
                let condition = format!("attribute_not_exists({placeholder})");
                put.item().contains_key(attribute)
                    && put.condition_expression() == Some(condition.as_str())
            }
            (_, _) => false,
        };
        only_new && put.expression_attribute_values().is_none()
    };
    no_other && part.put().is_some_and(conditional)
}

/// Without a stream, what was not read yet of it is lost to who reads it. How consistent replicas are stays as AWS has
/// it: strong reads bind a table to two Regions more, for good.
fn takes_nothing_away(input: &UpdateTableInput) -> bool {
    let changes_only = |update: &GlobalSecondaryIndexUpdate| {
        update.update().is_some() && update.create().is_none() && update.delete().is_none()
    };
    let streams = input.stream_specification();
    input
        .global_secondary_index_updates()
        .iter()
        .all(changes_only)
        && input.replica_updates().iter().all(adds_only)
        && input.global_table_witness_updates().is_empty()
        && input.vector_index_updates().is_empty()
        && input.multi_region_consistency().is_none()
        && streams.is_none_or(StreamSpecification::stream_enabled)
}

/// Tells whether a replica is only made, with nothing said of it but its Region: it has the settings of its table then.
fn adds_only(update: &ReplicationGroupUpdate) -> bool {
    let plain = |create: &CreateReplicationGroupMemberAction| {
        !create.region_name().is_empty()
            && create.kms_master_key_id().is_none()
            && create.provisioned_throughput_override().is_none()
            && create.on_demand_throughput_override().is_none()
            && create.global_secondary_indexes().is_empty()
            && create.table_class_override().is_none()
    };
    update.create().is_some_and(plain)
        && update.update().is_none()
        && update.delete().is_none()
        && update.disassociate().is_none()
}

/// Without any tag named, EC2 deletes every tag of the resource.
fn own_tags_only(input: &DeleteTagsInput) -> bool {
    let own = |key: Option<&str>| key.is_some_and(|key| key.starts_with("defib:"));
    let tags = input.tags();
    !tags.is_empty() && tags.iter().all(|tag| own(tag.key()))
}

fn asks_in_advance(input: &Input) -> bool {
    macro_rules! dry_run {
        ($($input:ty),* $(,)?) => {
            $(if let Some(input) = input.downcast_ref::<$input>() {
                return input.dry_run() == Some(true);
            })*
        };
    }
    super::every_ec2_mutation!(dry_run);
    false
}

/// Tells whether every record set that a batch touches is there when it is done: it is put, or it is deleted and
/// created in one batch, which Route 53 does wholly or not at all (`ChangeResourceRecordSets`, API reference).
fn replaces_records(changes: &[Change]) -> bool {
    let mut seen = BTreeSet::new();
    let of_action =
        |action: &ChangeAction| changes.iter().filter(|one| one.action() == action).count();
    let (put, deleted) = (
        of_action(&ChangeAction::Upsert),
        of_action(&ChangeAction::Delete),
    );
    let created = of_action(&ChangeAction::Create);
    // No record twice by one action, and of the pairs as many halves of either kind.
    let once = changes.iter().all(|change| {
        let set = change.resource_record_set();
        set.is_some_and(|set| seen.insert((change.action().as_str().to_owned(), key_of(set))))
    });
    let paired = seen
        .iter()
        .filter(|(action, _)| action == "DELETE")
        .all(|(_, key)| seen.contains(&("CREATE".to_owned(), key.clone())));
    once && paired
        && deleted == created
        && put + deleted + created == changes.len()
        && !changes.is_empty()
}

/// Names are one whatever their case, and with or without the point at their end.
fn key_of(set: &ResourceRecordSet) -> (String, String, Option<String>) {
    let name = set.name().trim_end_matches('.').to_ascii_lowercase();
    let kind = set.r#type().as_str().to_owned();
    (name, kind, set.set_identifier().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use aws_sdk_dynamodb::types::builders::{
        CreateReplicationGroupMemberActionBuilder, ReplicationGroupUpdateBuilder,
    };
    use aws_sdk_dynamodb::types::{
        AttributeValue, Delete, DeleteGlobalSecondaryIndexAction,
        DeleteReplicationGroupMemberAction, DisassociateReplicationGroupMemberAction,
        DisassociationMode, MultiRegionConsistency, TableClass, UpdateGlobalSecondaryIndexAction,
        UpdateReplicationGroupMemberAction,
    };
    use aws_sdk_route53::types::{ChangeBatch, RrType};
    use aws_sdk_ssm::types::ParameterType;

    use super::*;

    fn change(action: &str, name: &str, kind: &str, set: Option<&str>) -> Change {
        let record = ResourceRecordSet::builder()
            .name(name)
            .r#type(RrType::from(kind))
            .set_set_identifier(set.map(str::to_owned));
        let change = Change::builder().action(ChangeAction::from(action));
        let change = change.resource_record_set(record.build().unwrap());
        change.build().unwrap()
    }

    fn scope(changes: Vec<Change>) -> Scope {
        let batch = ChangeBatch::builder()
            .set_changes(Some(changes))
            .build()
            .unwrap();
        let input = ChangeResourceRecordSetsInput::builder()
            .hosted_zone_id("Z1")
            .change_batch(batch);
        of(&Input::erase(input.build().unwrap()))
    }

    /// Batches in short: actions by their first letter, name, type and identifier.
    const WITHIN: &[&str] = &[
        "U a A -",
        "D a A - C a A -",
        "D a A - C A A -",
        "D a A 1 C a A 1",
        "D a A - D b A - C b A - C a A - U c CNAME -",
    ];

    const BEYOND: &[&str] = &[
        "",
        "D a A -",
        "C a A -",
        "D a A - C a AAAA -",
        "D a A - C b A -",
        "D a A 1 C a A 2",
        "D a A - U a A -",
        "U a A - C b A -",
        "U a A - P b A -",
        "D a A - C a A - D a A - C b A -",
    ];

    fn within(batch: &str) -> bool {
        let words: Vec<&str> = batch.split_whitespace().collect();
        let changes = words.chunks(4).map(|of| {
            let action = match of[0] {
                "C" => "CREATE",
                "D" => "DELETE",
                "U" => "UPSERT",
                other => other,
            };
            let set = Some(of[3]).filter(|set| *set != "-");
            let end = if of[0] == "C" { "" } else { "." };
            change(action, &format!("{}.example{end}", of[1]), of[2], set)
        });
        scope(changes.collect()).within_limit
    }

    #[test]
    fn records_are_put_or_replaced_in_pairs_of_one_name_and_type() {
        for batch in WITHIN {
            assert!(within(batch), "{batch}");
        }
        for batch in BEYOND {
            assert!(!within(batch), "{batch}");
        }
    }

    #[test]
    fn an_index_is_never_deleted_by_an_update() {
        let of_table = || UpdateTableInput::builder().table_name("t");
        let update = UpdateGlobalSecondaryIndexAction::builder().index_name("i");
        let delete = DeleteGlobalSecondaryIndexAction::builder().index_name("i");
        let change = |deletes: bool| {
            let change = GlobalSecondaryIndexUpdate::builder();
            let change = if deletes {
                change.delete(delete.clone().build().unwrap())
            } else {
                change.update(update.clone().build().unwrap())
            };
            change.build()
        };
        let gone = DeleteReplicationGroupMemberAction::builder().region_name("eu-west-1");
        let gone = ReplicationGroupUpdate::builder().delete(gone.build().unwrap());
        let stream = |on| {
            let stream = StreamSpecification::builder().stream_enabled(on);
            of_table().stream_specification(stream.build().unwrap())
        };
        let updated = |deletes: &[bool]| {
            let all = deletes.iter().map(|delete| change(*delete));
            of_table().set_global_secondary_index_updates(Some(all.collect()))
        };
        for (input, within) in [
            (of_table().deletion_protection_enabled(true), true),
            (updated(&[false]), true),
            (updated(&[true]), false),
            (updated(&[false, true]), false),
            (of_table().replica_updates(gone.build()), false),
            (
                of_table().multi_region_consistency(MultiRegionConsistency::Strong),
                false,
            ),
            (
                of_table().multi_region_consistency(MultiRegionConsistency::Eventual),
                false,
            ),
            (stream(true), true),
            (stream(false), false),
        ] {
            let input = input.build().unwrap();
            let told = format!("{input:?}");
            assert_eq!(of(&Input::erase(input)).within_limit, within, "{told}");
        }
    }

    #[test]
    fn a_replica_is_made_and_never_changed_or_deleted() {
        let create = CreateReplicationGroupMemberAction::builder().region_name("us-east-1");
        let made = |create: CreateReplicationGroupMemberActionBuilder| {
            ReplicationGroupUpdate::builder().create(create.build().unwrap())
        };
        let change = UpdateReplicationGroupMemberAction::builder().region_name("us-east-1");
        let change = change.build().unwrap();
        let gone = DeleteReplicationGroupMemberAction::builder().region_name("us-east-1");
        let gone = gone.build().unwrap();
        let apart = DisassociateReplicationGroupMemberAction::builder()
            .region_name("us-east-1")
            .disassociation_mode(DisassociationMode::WaitForReplication);
        let apart = apart.build().unwrap();
        let plain = made(create.clone());
        for (updates, within) in [
            (vec![plain.clone()], true),
            (
                vec![plain.clone(), plain.clone().delete(gone.clone())],
                false,
            ),
            (vec![plain.clone().update(change.clone())], false),
            (vec![plain.clone().disassociate(apart.clone())], false),
            (
                vec![ReplicationGroupUpdate::builder().update(change)],
                false,
            ),
            (vec![ReplicationGroupUpdate::builder().delete(gone)], false),
            (
                vec![ReplicationGroupUpdate::builder().disassociate(apart)],
                false,
            ),
            (vec![ReplicationGroupUpdate::builder()], false),
            (vec![made(create.clone().region_name(""))], false),
            (vec![made(create.clone().kms_master_key_id("k"))], false),
            (
                vec![made(create.table_class_override(TableClass::Standard))],
                false,
            ),
        ] {
            let updates = updates
                .into_iter()
                .map(ReplicationGroupUpdateBuilder::build);
            let input = UpdateTableInput::builder()
                .table_name("t")
                .set_replica_updates(Some(updates.collect()));
            let input = input.build().unwrap();
            let told = format!("{input:?}");
            assert_eq!(of(&Input::erase(input)).within_limit, within, "{told}");
        }
    }

    #[test]
    fn a_policy_is_deleted_by_its_revision_alone() {
        for (revision, within) in [(Some("1"), true), (Some(""), false), (None, false)] {
            let delete = DeleteResourcePolicyInput::builder()
                .resource_arn("a")
                .set_expected_revision_id(revision.map(str::to_owned));
            let delete = Input::erase(delete.build().unwrap());
            assert_eq!(of(&delete).within_limit, within, "{revision:?}");
            let put = PutResourcePolicyInput::builder()
                .resource_arn("a")
                .policy("{}")
                .set_expected_revision_id(revision.map(str::to_owned));
            let put = Input::erase(put.build().unwrap());
            assert_eq!(of(&put).within_limit, within, "{revision:?}");
        }
    }

    #[test]
    fn recovery_is_never_switched_off_and_a_parameter_only_gets_another_value() {
        for on in [false, true] {
            let wanted = PointInTimeRecoverySpecification::builder();
            let wanted = wanted.point_in_time_recovery_enabled(on).build().unwrap();
            let input = UpdateContinuousBackupsInput::builder()
                .table_name("t")
                .point_in_time_recovery_specification(wanted);
            let input = Input::erase(input.build().unwrap());
            assert_eq!(of(&input).within_limit, on);
        }
        let put = || PutParameterInput::builder().name("p").value("v");
        for (input, within) in [
            (put(), false),
            (put().overwrite(false), false),
            (put().overwrite(true), true),
            (put().overwrite(true).r#type(ParameterType::String), false),
            (put().overwrite(true).policies("[]"), false),
        ] {
            let input = input.build().unwrap();
            let told = format!("{input:?}");
            assert_eq!(of(&Input::erase(input)).within_limit, within, "{told}");
        }
    }

    #[test]
    fn a_transaction_puts_items_that_are_not_there_and_does_nothing_else() {
        let put = |condition: Option<&str>, attribute: &str| {
            let put = Put::builder()
                .table_name("t")
                .item("id", AttributeValue::S("1".to_owned()))
                .set_condition_expression(condition.map(str::to_owned))
                .expression_attribute_names("#key", attribute);
            let part = TransactWriteItem::builder().put(put.build().unwrap());
            part.build()
        };
        let deleted = Delete::builder()
            .table_name("t")
            .set_key(Some(HashMap::new()));
        let deleted = TransactWriteItem::builder().delete(deleted.build().unwrap());
        let good = || put(Some("attribute_not_exists(#key)"), "id");
        let within = |parts: Vec<TransactWriteItem>| {
            let input = TransactWriteItemsInput::builder().set_transact_items(Some(parts));
            of(&Input::erase(input.build().unwrap())).within_limit
        };
        assert!(within(vec![good(), good()]));
        for other in [
            put(None, "id"),
            put(Some("attribute_exists(#key)"), "id"),
            put(Some("attribute_not_exists(#key) OR id = id"), "id"),
            put(Some("attribute_not_exists(#key)"), "note"),
            deleted.build(),
            TransactWriteItem::builder().build(),
        ] {
            assert!(!within(vec![good(), other.clone()]), "{other:?}");
        }
        assert!(!within(Vec::new()));
    }

    #[test]
    fn no_alarm_is_put_that_acts_at_once() {
        for (acts, within) in [(Some(false), true), (Some(true), false), (None, false)] {
            let input = PutMetricAlarmInput::builder().alarm_name("a");
            let input = input.set_actions_enabled(acts).build().unwrap();
            assert_eq!(of(&Input::erase(input)).within_limit, within, "{acts:?}");
        }
    }

    #[test]
    fn contributor_insights_are_never_switched_off() {
        for (action, within) in [("ENABLE", true), ("DISABLE", false), ("OTHER", false)] {
            let input = UpdateContributorInsightsInput::builder()
                .table_name("t")
                .contributor_insights_action(ContributorInsightsAction::from(action));
            let input = Input::erase(input.build().unwrap());
            assert_eq!(of(&input).within_limit, within, "{action}");
        }
        let nothing = UpdateContributorInsightsInput::builder().table_name("t");
        let nothing = Input::erase(nothing.build().unwrap());
        assert!(!of(&nothing).within_limit);
    }

    #[test]
    fn no_tags_of_a_table_go_but_those_of_defib() {
        for (keys, within) in [
            (&[][..], false),
            (&["defib:active", "defib:active-by"][..], true),
            (&["defib:active", "team"][..], false),
            (&["xdefib:active"][..], false),
        ] {
            let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
            let input = UntagResourceInput::builder().resource_arn("a");
            let input = input.set_tag_keys(Some(keys.clone())).build().unwrap();
            assert_eq!(of(&Input::erase(input)).within_limit, within, "{keys:?}");
        }
    }

    #[test]
    fn a_root_is_replaced_and_never_deleted_with_it() {
        for (delete, within) in [(None, true), (Some(false), true), (Some(true), false)] {
            let input = CreateReplaceRootVolumeTaskInput::builder()
                .instance_id("i-1")
                .set_delete_replaced_root_volume(delete);
            let scope = of(&Input::erase(input.build().unwrap()));
            assert_eq!(scope.within_limit, within, "{delete:?}");
        }
    }
}
