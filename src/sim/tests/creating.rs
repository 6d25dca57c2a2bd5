//! `CreateVolume`, `CreateSnapshot`, `ModifyVolume`: refusals, tokens, what becomes of the new thing.
//!
//! What becomes of a new thing is read again later: the answer of a creating call promises nothing.

use aws_sdk_ec2::operation::create_volume::builders::CreateVolumeFluentBuilder;
use aws_sdk_ec2::types::{ResourceType, TagSpecification, VolumeType};

use super::support::{Bench, code, message, tag};

fn in_zone_a(bench: &Bench) -> CreateVolumeFluentBuilder {
    bench.ec2.create_volume().availability_zone("eu-west-1a")
}

#[tokio::test(start_paused = true)]
async fn the_same_token_and_parameters_are_the_same_volume() {
    let bench = Bench::scenario("empty");
    let create = || in_zone_a(&bench).size(10).client_token("t1").send();
    let first = create().await.unwrap().volume_id;
    bench.wait(60).await;
    assert_eq!(create().await.unwrap().volume_id, first);
    let effects: Vec<bool> = bench
        .aws
        .calls()
        .iter()
        .map(|call| call.took_effect)
        .collect();
    assert_eq!(effects, [true, false]);
}

#[tokio::test(start_paused = true)]
async fn the_same_token_with_other_parameters_is_a_mismatch() {
    let bench = Bench::scenario("empty");
    in_zone_a(&bench)
        .size(10)
        .client_token("t1")
        .send()
        .await
        .unwrap();
    let other = in_zone_a(&bench).size(11).client_token("t1").send().await;
    assert_eq!(code(other), "IdempotentParameterMismatch");
}

#[tokio::test(start_paused = true)]
async fn the_same_token_in_another_zone_is_a_second_volume() {
    let bench = Bench::scenario("empty");
    let here = in_zone_a(&bench)
        .size(10)
        .client_token("t1")
        .send()
        .await
        .unwrap();
    let create = bench.ec2.create_volume().availability_zone("eu-west-1b");
    let there = create.size(10).client_token("t1").send().await.unwrap();
    assert_ne!(here.volume_id, there.volume_id);
}

#[tokio::test(start_paused = true)]
async fn the_zone_must_exist() {
    let bench = Bench::scenario("empty");
    let create = bench.ec2.create_volume().availability_zone("eu-west-1z");
    assert_eq!(code(create.size(10).send().await), "InvalidZone.NotFound");
}

#[tokio::test(start_paused = true)]
async fn the_type_is_gp2_unless_said_otherwise() {
    let bench = Bench::scenario("empty");
    let made = in_zone_a(&bench).size(10).send().await.unwrap();
    assert_eq!(made.volume_type, Some(VolumeType::Gp2));
    assert_eq!(made.iops, Some(100));
}

#[tokio::test(start_paused = true)]
async fn iops_and_throughput_must_fit_the_type() {
    let bench = Bench::scenario("empty");
    let of = |kind: VolumeType| in_zone_a(&bench).size(100).volume_type(kind);
    assert_eq!(code(of(VolumeType::Io2).send().await), "MissingParameter");
    let combination = "InvalidParameterCombination";
    assert_eq!(
        code(of(VolumeType::Gp2).iops(300).send().await),
        combination
    );
    assert_eq!(
        code(of(VolumeType::St1).size(125).throughput(300).send().await),
        combination
    );
    let shared = of(VolumeType::Gp3).multi_attach_enabled(true);
    assert_eq!(code(shared.send().await), combination);
    let gp3 = of(VolumeType::Gp3).send().await.unwrap();
    assert_eq!((gp3.iops, gp3.throughput), (Some(3000), Some(125)));
    of(VolumeType::Io2).iops(4000).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn size_iops_and_throughput_have_the_limits_of_their_type() {
    use VolumeType::{Gp2, Gp3, Io1, Io2, Sc1, St1, Standard};
    let bench = Bench::scenario("empty");
    let (value, combination) = ("InvalidParameterValue", "InvalidParameterCombination");
    let table = [
        (Gp3, 200, Some(999_999), None, value),
        (Gp3, 200, Some(2999), None, value),
        (Gp3, 200, None, Some(10), value),
        (Gp3, 200, Some(80_000), Some(2001), value),
        (Gp3, 8, Some(4001), None, combination),
        (Gp3, 200, None, Some(751), combination),
        (Gp3, 65_537, None, None, value),
        (Io1, 200, Some(10_001), None, combination),
        (Io1, 200, Some(99), None, value),
        (Io1, 3, Some(100), None, value),
        (Io2, 300, Some(256_001), None, value),
        (Io2, 10, Some(10_001), None, combination),
        (Gp2, 16_385, None, None, value),
        (St1, 124, None, None, value),
        (Sc1, 124, None, None, value),
        (Standard, 1025, None, None, value),
    ];
    for (kind, size, iops, throughput, expected) in table {
        let create = in_zone_a(&bench).volume_type(kind.clone()).size(size);
        let create = create.set_iops(iops).set_throughput(throughput);
        let found = code(create.send().await);
        assert_eq!(found, expected, "{kind:?} {size} {iops:?} {throughput:?}");
    }
    let fits = [
        (Gp3, 1, Some(3000), Some(750)),
        (Gp3, 160, Some(80_000), Some(2000)),
        (Io1, 4, Some(200), None),
        (Io2, 4, Some(4000), None),
        (Standard, 1024, None, None),
    ];
    for (kind, size, iops, throughput) in fits {
        let create = in_zone_a(&bench).volume_type(kind).size(size);
        let create = create.set_iops(iops).set_throughput(throughput);
        create.send().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_volume_cannot_be_smaller_than_its_snapshot() {
    let bench = Bench::scenario("refusals");
    let snapshot = bench.snapshot_id("snapshot-larger-data").await;
    let small = in_zone_a(&bench)
        .snapshot_id(&snapshot)
        .size(59)
        .send()
        .await;
    assert!(message(small).contains("expect size >= 60GB"));
    let same = in_zone_a(&bench)
        .snapshot_id(&snapshot)
        .send()
        .await
        .unwrap();
    assert_eq!(same.size, Some(60));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_must_be_completed_and_in_the_standard_tier() {
    let bench = Bench::scenario("refusals");
    for subject in ["snapshot-pending", "snapshot-error", "snapshot-archived"] {
        let snapshot = bench.snapshot_id(&format!("{subject}-data")).await;
        let create = in_zone_a(&bench).snapshot_id(snapshot);
        assert_eq!(code(create.send().await), "IncorrectState", "{subject}");
    }
    let absent = in_zone_a(&bench).snapshot_id("snap-0123456789abcdef0");
    assert_eq!(code(absent.send().await), "InvalidSnapshot.NotFound");
    let malformed = in_zone_a(&bench).snapshot_id("snap-xyz").send().await;
    assert_eq!(code(malformed), "InvalidSnapshotID.Malformed");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_used_fails_the_volume_after_the_call() {
    let bench = Bench::scenario("refusals");
    for subject in ["key-disabled-data", "key-absent-data"] {
        let volume = bench.restore(subject).await;
        assert_eq!(bench.volume_state(&volume).await, "creating");
        bench.wait(15).await;
        assert_eq!(bench.volume_state(&volume).await, "error", "{subject}");
    }
    let good = bench.restore("key-good-data").await;
    bench.wait(15).await;
    assert_eq!(bench.volume_state(&good).await, "available");
}

#[tokio::test(start_paused = true)]
async fn a_key_about_to_be_deleted_makes_the_volume_vanish_when_the_scenario_says_so() {
    let bench = Bench::scenario("refusals");
    let volume = bench.restore("key-pending-deletion-data").await;
    bench.wait(15).await;
    let read = bench.ec2.describe_volumes().volume_ids(volume).send().await;
    assert_eq!(code(read), "InvalidVolume.NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_key_needs_encryption_to_be_asked_for() {
    let bench = Bench::scenario("refusals");
    let create = in_zone_a(&bench).size(10).kms_key_id("alias/good");
    assert_eq!(
        code(create.clone().send().await),
        "InvalidParameterDependency"
    );
    let made = create.encrypted(true).send().await.unwrap();
    assert!(made.kms_key_id.unwrap().ends_with("000000000001"));
}

#[tokio::test(start_paused = true)]
async fn hydration_is_estimated_only_at_a_provisioned_rate() {
    let bench = Bench::scenario("refusals");
    let snapshot = bench.snapshot_id("plain-data").await;
    let slow = bench.restore("plain-data").await;
    let fast = in_zone_a(&bench)
        .snapshot_id(&snapshot)
        .volume_initialization_rate(300);
    let fast = fast.send().await.unwrap().volume_id.unwrap();
    let wild = in_zone_a(&bench)
        .snapshot_id(&snapshot)
        .volume_initialization_rate(301);
    assert_eq!(code(wild.send().await), "InvalidParameterValue");
    bench.wait(14 + 20).await;
    let read = bench.ec2.describe_volume_status();
    let read = read
        .volume_ids(&slow)
        .volume_ids(&fast)
        .send()
        .await
        .unwrap();
    let of = |id: &str| {
        let mut rows = read.volume_statuses().iter();
        let row = rows.find(|row| row.volume_id() == Some(id)).unwrap();
        row.initialization_status_details().unwrap().clone()
    };
    assert_eq!(of(&slow).estimated_time_to_complete_in_seconds, None);
    assert_eq!(of(&slow).progress, Some(3));
    assert_eq!(of(&fast).progress, Some(50));
    assert_eq!(of(&fast).estimated_time_to_complete_in_seconds, Some(20));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_is_pending_with_progress_and_then_completed() {
    let bench = Bench::scenario("bad-deploy");
    let wanted = TagSpecification::builder()
        .resource_type(ResourceType::Snapshot)
        .tags(tag("defib:run", "r1"));
    let create = bench
        .ec2
        .create_snapshot()
        .volume_id("vol-0a5d3c9e71b2f4608");
    let made = create
        .tag_specifications(wanted.build())
        .send()
        .await
        .unwrap();
    let id = made.snapshot_id.unwrap();
    let read = || async {
        let read = bench
            .ec2
            .describe_snapshots()
            .snapshot_ids(&id)
            .send()
            .await;
        read.unwrap().snapshots.unwrap().remove(0)
    };
    bench.wait(120).await;
    let half = read().await;
    assert_eq!(half.progress(), Some("50%"));
    assert_eq!(half.state().unwrap().as_str(), "pending");
    assert_eq!(half.completion_time, None);
    bench.wait(121).await;
    let whole = read().await;
    assert_eq!(whole.state().unwrap().as_str(), "completed");
    assert_eq!(whole.tags()[0].key(), Some("defib:run"));
    assert!(whole.completion_time.is_some());
    let picture = bench.aws.picture();
    let of = &picture["111122223333/eu-west-1"]["snapshots"][&id];
    assert_eq!(of["data"]["damaged"], true);
}

#[tokio::test(start_paused = true)]
async fn a_modification_passes_through_its_states_one_at_a_time() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("plain-data");
    let never = bench
        .ec2
        .describe_volumes_modifications()
        .volume_ids(&volume);
    assert_eq!(
        code(never.send().await),
        "InvalidVolumeModification.NotFound"
    );
    let modify = |size| {
        bench
            .ec2
            .modify_volume()
            .volume_id(&volume)
            .size(size)
            .send()
    };
    assert_eq!(code(modify(20).await), "InvalidParameterValue");
    modify(80).await.unwrap();
    assert_eq!(code(modify(90).await), "IncorrectModificationState");
    let state = || async {
        let read = bench
            .ec2
            .describe_volumes_modifications()
            .volume_ids(&volume);
        let mut rows = read.send().await.unwrap().volumes_modifications.unwrap();
        rows.remove(0).modification_state.unwrap().to_string()
    };
    assert_eq!(state().await, "modifying");
    bench.wait(361).await;
    assert_eq!(state().await, "optimizing");
    bench.wait(361).await;
    assert_eq!(state().await, "completed");
    modify(90).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_token_of_a_volume_that_failed_stays_used() {
    let bench = Bench::scenario("refusals");
    let snapshot = bench.snapshot_id("key-disabled-data").await;
    let create = || {
        let create = in_zone_a(&bench).snapshot_id(&snapshot);
        create.client_token("t1").send()
    };
    let first = create().await.unwrap().volume_id;
    bench.wait(15).await;
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.set_key_state("alias/disabled", "Enabled");
    });
    let again = create().await.unwrap();
    assert_eq!(again.volume_id, first);
    assert_eq!(again.state.unwrap().as_str(), "error");
}
