//! Images, the Recycle Bin, locks and fast snapshot restore: what is listed where, and in which pages.
//! Each call has bounds of its own, which AWS enforces.

use aws_sdk_ec2::types::Image;

use super::support::{ACCOUNT, Bench, REGION, code, filter, message};

/// One image of each sort, and six snapshots in the Recycle Bin.
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
[[place.instance]]
id = "i-00000000000000001"
name = "db"
type = "m6i.large"
zone = "a"
root_size = 16
[[place.volume]]
name = "db-data"
zone = "a"
size = 200
attachment = [{ instance = "db", device = "/dev/sdf" }]
[[place.snapshot]]
id = "snap-00000000000000001"
volume = "db-data"
before = "3h"
fast_restore = [{ zone = "a" }, { zone = "b", state = "optimizing" }]
[[place.snapshot]]
id = "snap-00000000000000002"
volume = "db-data"
before = "30d"
lock = { mode = "compliance", created_before = "1h", kept = "30d", cooling_off = "3h" }
[[place.snapshot]]
id = "snap-00000000000000003"
volume = "db-data"
before = "40d"
lock = { mode = "governance", created_before = "2d", kept = "3d" }
[[place.schedule]]
volume = "db-data"
every = "1h"
count = 6
last_before = "100d"
[[place.image]]
id = "ami-00000000000000001"
instance = "db"
aws_backup = true
before = "3h"
[[place.image]]
id = "ami-00000000000000002"
instance = "db"
name = "old"
before = "50d"
state = "disabled"
[[place.image]]
id = "ami-00000000000000003"
instance = "db"
name = "older"
before = "60d"
deprecated_before = "10d"
[[place.image]]
id = "ami-00000000000000004"
name = "of a partner"
size = 8
before = "60d"
owner = "999999999999"
deprecated_before = "10d"
[[place.image]]
id = "ami-00000000000000005"
name = "in the vault"
size = 8
before = "60d"
owner = "888888888888"
owner_alias = "aws-backup-vault"
[[place.image]]
id = "ami-00000000000000006"
name = "copied"
size = 8
before = "9d"
copy_of = "ami-0000000000000000a"
copied_from = "us-east-1"
[[place.image]]
id = "ami-00000000000000007"
instance = "db"
name = "thrown away"
before = "90d"
recycle_bin = { entered_before = "2d" }
[[place.binned-volume]]
id = "vol-00000000000000009"
name = "db-old"
zone = "a"
size = 80
"#;

fn bench() -> Bench {
    Bench::text(ESTATE)
}

/// The last digits of the ids.
fn last(images: &[Image]) -> Vec<&str> {
    let ids = images.iter().map(|image| image.image_id().unwrap());
    ids.map(|id| &id[id.len() - 1..]).collect()
}

#[tokio::test(start_paused = true)]
async fn owners_disabled_and_deprecated_decide_which_images_are_listed() {
    let bench = bench();
    let all = || bench.ec2.describe_images();
    for (asked, wanted) in [
        (all().owners("self"), vec!["1", "3", "6"]),
        (
            all().owners("self").include_disabled(true),
            vec!["1", "2", "3", "6"],
        ),
        (all().owners("aws-backup-vault"), vec!["5"]),
        (all().owners("999999999999"), vec![]),
        (
            all().owners("999999999999").include_deprecated(true),
            vec!["4"],
        ),
        (
            all().owners("self").owners("aws-backup-vault"),
            vec!["1", "3", "5", "6"],
        ),
        (all(), vec!["1", "3", "5", "6"]),
        (
            all().executable_users("self").include_deprecated(true),
            vec!["4", "5"],
        ),
    ] {
        let told = asked.clone().send().await.unwrap();
        assert_eq!(last(told.images()), wanted, "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_tells_where_it_comes_from_and_what_is_under_it() {
    let bench = bench();
    let read = bench
        .ec2
        .describe_images()
        .image_ids("ami-00000000000000001");
    let image = read.send().await.unwrap().images.unwrap().remove(0);
    let name = image.name().unwrap();
    assert!(name.starts_with("AwsBackup_i-00000000000000001_"), "{name}");
    assert_eq!(image.source_instance_id(), Some("i-00000000000000001"));
    assert_eq!(image.creation_date(), Some("2026-03-13T23:17:00.000Z"));
    let disks = image.block_device_mappings();
    let data = disks
        .iter()
        .find(|disk| disk.device_name() == Some("/dev/sdf"));
    let data = data.unwrap().ebs().unwrap();
    assert_eq!(data.snapshot_id(), Some("snap-00000000000000001"));
    assert_eq!(disks.len(), 2);
    let read = bench.ec2.describe_images();
    let copy = read.filters(filter("name", &["copied"])).send().await;
    let copy = copy.unwrap().images.unwrap().remove(0);
    assert_eq!(copy.source_image_id(), Some("ami-0000000000000000a"));
    assert_eq!(copy.source_instance_id(), None);
}

#[tokio::test(start_paused = true)]
async fn images_come_in_pages_and_unknown_ones_are_refused() {
    let bench = bench();
    let read = bench.ec2.describe_images().owners("self").max_results(2);
    let pages = read.into_paginator().items().send();
    let images = pages.try_collect().await.unwrap();
    assert_eq!(last(&images), ["1", "3", "6"]);
    let read = bench.ec2.describe_images();
    let absent = read.clone().image_ids("ami-00000000000000007").send().await;
    assert_eq!(code(absent), "InvalidAMIID.NotFound");
    let odd = read.clone().image_ids("ami-?").send().await;
    assert_eq!(code(odd), "InvalidAMIID.Malformed");
    let both = read.image_ids("ami-00000000000000001").max_results(5);
    assert_eq!(code(both.send().await), "InvalidParameterCombination");
}

#[tokio::test(start_paused = true)]
async fn what_is_in_the_recycle_bin_is_on_no_other_list() {
    let bench = Bench::scenario("bad-deploy");
    let snapshots = bench.ec2.list_snapshots_in_recycle_bin().send().await;
    let snapshots = snapshots.unwrap().snapshots.unwrap();
    assert_eq!(snapshots.len(), 1);
    let id = snapshots[0].snapshot_id().unwrap();
    let listed = bench.ec2.describe_snapshots().send().await.unwrap();
    assert!(
        listed
            .snapshots()
            .iter()
            .all(|one| one.snapshot_id() != Some(id))
    );
    let entered = snapshots[0].recycle_bin_enter_time().unwrap().secs();
    let exits = snapshots[0].recycle_bin_exit_time().unwrap().secs();
    assert_eq!(exits - entered, 14 * 86_400);

    let images = bench.ec2.list_images_in_recycle_bin().send().await.unwrap();
    assert_eq!(images.images()[0].name(), Some("web golden 2025-05"));
    let volumes = bench
        .ec2
        .list_volumes_in_recycle_bin()
        .send()
        .await
        .unwrap();
    let volume = &volumes.volumes()[0];
    assert_eq!((volume.size(), volumes.volumes().len()), (Some(300), 1));
    let read = bench.ec2.describe_volumes();
    let read = read.volume_ids(volume.volume_id().unwrap()).send().await;
    assert_eq!(code(read), "InvalidVolume.NotFound");
}

#[tokio::test(start_paused = true)]
async fn the_bounds_of_pages_differ_from_call_to_call() {
    let bench = bench();
    let ec2 = &bench.ec2;
    let few = ec2.list_snapshots_in_recycle_bin().max_results(4).send();
    assert_eq!(code(few.await), "InvalidParameterValue");
    let one = ec2.list_images_in_recycle_bin().max_results(1).send();
    assert_eq!(one.await.unwrap().images().len(), 1);
    let many = ec2.list_volumes_in_recycle_bin().max_results(501).send();
    assert!(message(many.await).contains("less than 500"));
    let many = ec2.describe_locked_snapshots().max_results(1001).send();
    assert_eq!(code(many.await), "InvalidParameterValue");
    let many = ec2
        .describe_fast_snapshot_restores()
        .max_results(201)
        .send();
    assert_eq!(code(many.await), "InvalidParameterValue");
    let all = ec2.list_volumes_in_recycle_bin().max_results(500).send();
    assert_eq!(all.await.unwrap().volumes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_lock_cools_off_holds_and_expires() {
    let bench = bench();
    let states = async || {
        let read = bench.ec2.describe_locked_snapshots().send().await.unwrap();
        let rows = read.snapshots.unwrap();
        let states = rows.iter().map(|row| row.lock_state().unwrap().to_string());
        states.collect::<Vec<_>>()
    };
    assert_eq!(states().await, ["compliance-cooloff", "governance"]);
    bench.wait(3 * 3600).await;
    assert_eq!(states().await, ["compliance", "governance"]);
    bench.wait(24 * 3600).await;
    assert_eq!(states().await, ["compliance", "expired"]);
    let read = bench.ec2.describe_locked_snapshots();
    let read = read.filters(filter("lock-state", &["compliance"]));
    let row = read.send().await.unwrap().snapshots.unwrap().remove(0);
    assert_eq!(row.snapshot_id(), Some("snap-00000000000000002"));
    assert_eq!(
        (row.lock_duration(), row.cool_off_period()),
        (Some(30), Some(3))
    );
}

#[tokio::test(start_paused = true)]
async fn fast_snapshot_restore_is_told_by_snapshot_and_zone() {
    let bench = bench();
    let read = bench.ec2.describe_fast_snapshot_restores().max_results(1);
    let rows = read.into_paginator().items().send().try_collect().await;
    let rows = rows.unwrap();
    let told = rows.iter().map(|row| {
        let state = row.state().unwrap().as_str();
        (row.availability_zone().unwrap(), state)
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [("eu-west-1a", "enabled"), ("eu-west-1b", "optimizing")]
    );
    let read = bench.ec2.describe_fast_snapshot_restores();
    let read = read.filters(filter("state", &["enabled"])).send().await;
    assert_eq!(read.unwrap().fast_snapshot_restores().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_of_these_calls_can_be_denied() {
    let bench = bench();
    let deny = |action: &str| {
        let action = action.to_owned();
        bench
            .aws
            .third_party(ACCOUNT, REGION, |hands| hands.set_denied(&action, true));
    };
    for action in [
        "ec2:DescribeImages",
        "ec2:ListSnapshotsInRecycleBin",
        "ec2:ListImagesInRecycleBin",
        "ec2:ListVolumesInRecycleBin",
        "ec2:DescribeLockedSnapshots",
        "ec2:DescribeFastSnapshotRestores",
    ] {
        deny(action);
    }
    let ec2 = &bench.ec2;
    let denied = [
        code(ec2.describe_images().send().await),
        code(ec2.list_snapshots_in_recycle_bin().send().await),
        code(ec2.list_images_in_recycle_bin().send().await),
        code(ec2.list_volumes_in_recycle_bin().send().await),
        code(ec2.describe_locked_snapshots().send().await),
        code(ec2.describe_fast_snapshot_restores().send().await),
    ];
    assert_eq!(denied, ["UnauthorizedOperation"; 6]);
}
