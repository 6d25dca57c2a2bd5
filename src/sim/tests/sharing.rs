//! Who may use a snapshot or an image, told to its owner alone; and the moves of snapshots between the tiers.
//! Nothing is shared or moved here.

use aws_sdk_ec2::types::{ImageAttributeName, SnapshotAttributeName};

use super::support::{Bench, code, filter};

/// A snapshot and an image of each sort.
const ESTATE: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[account]]
id = "111122223333"
name = "acme-prod"
[[place]]
account = "111122223333"
region = "eu-west-1"
[[place.volume]]
name = "data"
zone = "a"
size = 200
[[place.snapshot]]
id = "snap-00000000000000001"
volume = "data"
before = "3h"
public = true
shared_with = ["444455556666"]
[[place.snapshot]]
id = "snap-00000000000000002"
volume = "data"
before = "90d"
archived = true
tiering = { operation = "temporary-restore-in-progress", progress = 40, archived_before = "60d", expires_after = "9d" }
[[place.snapshot]]
id = "snap-00000000000000003"
volume = "data"
before = "9d"
owner = "999999999999"
[[place.snapshot]]
id = "snap-00000000000000004"
volume = "data"
before = "10d"
recycle_bin = {}
[[place.image]]
id = "ami-00000000000000001"
name = "golden"
size = 8
before = "60d"
architecture = "arm64"
public = true
shared_with = ["444455556666"]
organizations = ["arn:aws:organizations::1:organization/o-1", "arn:aws:organizations::1:ou/o-1/ou-1"]
[[place.image]]
id = "ami-00000000000000002"
name = "of a partner"
size = 8
before = "60d"
owner = "999999999999"
"#;

fn snapshot(digit: char) -> String {
    format!("snap-0000000000000000{digit}")
}

#[tokio::test(start_paused = true)]
async fn an_owner_is_told_who_may_make_volumes_and_nobody_else_is() {
    let bench = Bench::text(ESTATE);
    let ask = |digit| {
        let call = bench.ec2.describe_snapshot_attribute();
        let call = call.attribute(SnapshotAttributeName::CreateVolumePermission);
        call.snapshot_id(snapshot(digit)).send()
    };
    let told = ask('1').await.unwrap();
    let [everybody, account] = told.create_volume_permissions() else {
        panic!("{told:?}");
    };
    assert_eq!(everybody.group().unwrap().as_str(), "all");
    assert_eq!(account.user_id(), Some("444455556666"));
    assert!(
        ask('2')
            .await
            .unwrap()
            .create_volume_permissions()
            .is_empty()
    );
    assert_eq!(code(ask('3').await), "AuthFailure");
    assert_eq!(code(ask('4').await), "InvalidSnapshot.NotFound");
    let other = bench.ec2.describe_snapshot_attribute();
    let other = other.attribute(SnapshotAttributeName::ProductCodes);
    let other = other.snapshot_id(snapshot('1')).send().await;
    assert_eq!(code(other), "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn an_image_is_shared_with_everybody_with_accounts_and_with_organizations() {
    let bench = Bench::text(ESTATE);
    let ask = |digit| {
        let call = bench.ec2.describe_image_attribute();
        let call = call.attribute(ImageAttributeName::LaunchPermission);
        call.image_id(format!("ami-0000000000000000{digit}")).send()
    };
    let told = ask('1').await.unwrap();
    let [everybody, account, organization, unit] = told.launch_permissions() else {
        panic!("{told:?}");
    };
    assert_eq!(everybody.group().unwrap().as_str(), "all");
    assert_eq!(account.user_id(), Some("444455556666"));
    assert!(organization.organization_arn().is_some());
    assert!(unit.organizational_unit_arn().is_some());
    assert_eq!(code(ask('2').await), "AuthFailure");
    assert_eq!(code(ask('9').await), "InvalidAMIID.NotFound");
    let images = bench.ec2.describe_images().owners("self");
    let images = images.send().await.unwrap();
    let image = &images.images()[0];
    assert_eq!(image.architecture().unwrap().as_str(), "arm64");
    assert_eq!(image.public(), Some(true));
}

#[tokio::test(start_paused = true)]
async fn a_restore_from_the_archive_tells_how_far_it_is() {
    let bench = Bench::text(ESTATE);
    let read = bench.ec2.describe_snapshot_tier_status();
    let ids = [snapshot('1'), snapshot('2')];
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let rows = read
        .filters(filter("snapshot-id", &ids))
        .send()
        .await
        .unwrap();
    let [never, moving] = rows.snapshot_tier_statuses() else {
        panic!("{rows:?}");
    };
    assert_eq!(never.last_tiering_operation_status(), None);
    assert_eq!(never.storage_tier().unwrap().as_str(), "standard");
    let operation = moving.last_tiering_operation_status().unwrap();
    assert_eq!(operation.as_str(), "temporary-restore-in-progress");
    assert_eq!(moving.last_tiering_progress(), Some(40));
    assert!(moving.archival_complete_time().is_some());
    assert!(moving.restore_expiry_time() > moving.archival_complete_time());
}
