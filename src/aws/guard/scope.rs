//! What a request would reach, read out of its typed input: for the guard's decision, and by nobody else.
//!
//! What cannot be told to keep within its limit does not.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::create_replace_root_volume_task::CreateReplaceRootVolumeTaskInput;
use aws_sdk_ec2::operation::delete_tags::DeleteTagsInput;
use aws_sdk_route53::operation::change_resource_record_sets::ChangeResourceRecordSetsInput;
use aws_sdk_route53::types::{Change, ChangeAction, ResourceRecordSet};
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
        within_limit: false,
    }
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
    use aws_sdk_route53::types::{ChangeBatch, RrType};

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
