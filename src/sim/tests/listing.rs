//! Paging, filters, ids, and who owns what.
//!
//! A filter that is not simulated must be refused: one that is ignored would list too much.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::InstanceType;

use super::support::{Bench, code, filter, message};

#[tokio::test(start_paused = true)]
async fn pages_cover_everything_once() {
    let bench = Bench::scenario("bad-deploy");
    let all = bench
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .send()
        .await
        .unwrap();
    assert_eq!(all.next_token, None);
    let mut token = None;
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = bench
            .ec2
            .describe_snapshots()
            .owner_ids("self")
            .max_results(50);
        let page = page.set_next_token(token).send().await.unwrap();
        assert!(page.snapshots().len() <= 50);
        seen.extend(
            page.snapshots()
                .iter()
                .map(|s| s.snapshot_id.clone().unwrap()),
        );
        pages += 1;
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), all.snapshots().len());
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    assert_eq!(pages, seen.len().div_ceil(50));
    assert!(pages > 3, "a real estate has pages: {pages}");
}

#[tokio::test(start_paused = true)]
async fn the_sdk_s_own_paginator_works() {
    let bench = Bench::scenario("bad-deploy");
    let pages = bench
        .ec2
        .describe_volumes()
        .max_results(5)
        .into_paginator()
        .items();
    let volumes = pages.send().try_collect().await.unwrap();
    let all = bench.ec2.describe_volumes().send().await.unwrap();
    assert_eq!(volumes.len(), all.volumes().len());
}

#[tokio::test(start_paused = true)]
async fn the_bounds_of_a_page_are_ec2_s() {
    let bench = Bench::scenario("bad-deploy");
    let small = bench.ec2.describe_volumes().max_results(4).send().await;
    assert!(message(small).contains("Expecting a value greater than 5."));
    bench
        .ec2
        .describe_volumes()
        .max_results(5000)
        .send()
        .await
        .unwrap();
    let named = bench
        .ec2
        .describe_instances()
        .instance_ids("i-0c4e8f1a2b3d5e607");
    let both = named.max_results(50).send().await;
    assert_eq!(code(both), "InvalidParameterCombination");
    let forged = bench
        .ec2
        .describe_volumes()
        .next_token("forged")
        .send()
        .await;
    assert_eq!(code(forged), "InvalidNextToken");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_filter_is_refused_by_name() {
    let bench = Bench::scenario("empty");
    let read = bench
        .ec2
        .describe_volumes()
        .filters(filter("attachment.instanceid", &["i-1"]));
    assert_eq!(
        message(read.send().await),
        "The filter 'attachment.instanceid' is invalid"
    );
}

#[tokio::test(start_paused = true)]
async fn volumes_are_found_by_tag_instance_state_and_snapshot() {
    let bench = Bench::scenario("refusals");
    let snapshot = bench.snapshot_id("plain-data").await;
    let made = bench.restore("plain-data").await;
    let count = |name: &'static str, value: String| {
        let read = bench
            .ec2
            .describe_volumes()
            .filters(filter(name, &[&value]));
        async move { read.send().await.unwrap().volumes().len() }
    };
    assert_eq!(count("tag:array", "md0".to_owned()).await, 2);
    assert_eq!(count("tag-key", "array".to_owned()).await, 2);
    assert_eq!(count("tag:Name", "raid-data-*".to_owned()).await, 2);
    assert_eq!(count("attachment.instance-id", bench.id("raid")).await, 3);
    assert_eq!(count("status", "creating".to_owned()).await, 1);
    assert_eq!(count("snapshot-id", snapshot).await, 1);
    assert_eq!(count("volume-id", made).await, 1);
}

#[tokio::test(start_paused = true)]
async fn instances_are_found_by_state_volume_and_tag() {
    let bench = Bench::scenario("refusals");
    let count = |name: &'static str, value: String| {
        let read = bench
            .ec2
            .describe_instances()
            .filters(filter(name, &[&value]));
        async move { read.send().await.unwrap().reservations().len() }
    };
    assert_eq!(count("instance-state-name", "stopped".to_owned()).await, 1);
    let volume = bench.id("multi-attach-data");
    assert_eq!(count("block-device-mapping.volume-id", volume).await, 2);
    assert_eq!(count("tag:Name", "spot-*".to_owned()).await, 2);
}

#[tokio::test(start_paused = true)]
async fn a_spot_instance_names_its_request_and_the_request_its_type() {
    let bench = Bench::scenario("refusals");
    for (name, kind) in [("spot-once", "one-time"), ("spot-persistent", "persistent")] {
        let read = bench.ec2.describe_instances().instance_ids(bench.id(name));
        let found = read.send().await.unwrap();
        let request = found.reservations()[0].instances()[0]
            .spot_instance_request_id()
            .unwrap()
            .to_owned();
        let read = bench.ec2.describe_spot_instance_requests();
        let told = read.spot_instance_request_ids(request).send().await;
        let told = told.unwrap();
        assert_eq!(told.spot_instance_requests().len(), 1, "{name}");
        let told = &told.spot_instance_requests()[0];
        assert_eq!(told.r#type().unwrap().as_str(), kind, "{name}");
    }
    let read = bench.ec2.describe_spot_instance_requests();
    let unknown = read.spot_instance_request_ids("sir-00000000").send().await;
    assert_eq!(code(unknown), "InvalidSpotInstanceRequestID.NotFound");
}

#[tokio::test(start_paused = true)]
async fn snapshots_are_found_by_volume_status_and_owner() {
    let bench = Bench::scenario("refusals");
    let all = bench.ec2.describe_snapshots().send().await.unwrap();
    let own = bench
        .ec2
        .describe_snapshots()
        .owner_ids("self")
        .send()
        .await
        .unwrap();
    assert_eq!(all.snapshots().len(), own.snapshots().len() + 1);
    let pending = bench
        .ec2
        .describe_snapshots()
        .filters(filter("status", &["pending"]));
    assert_eq!(pending.send().await.unwrap().snapshots().len(), 1);
    let binned = bench.id("snapshot-in-bin-data");
    let gone = bench
        .ec2
        .describe_snapshots()
        .filters(filter("volume-id", &[&binned]));
    assert_eq!(gone.send().await.unwrap().snapshots().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn unknown_and_malformed_ids_have_ec2_s_codes() {
    let bench = Bench::scenario("refusals");
    let volumes = bench.ec2.describe_volumes();
    let absent = volumes
        .clone()
        .volume_ids("vol-0123456789abcdef0")
        .send()
        .await;
    assert_eq!(
        message(absent),
        "The volume 'vol-0123456789abcdef0' does not exist."
    );
    let malformed = volumes.volume_ids("vol-?").send().await;
    assert_eq!(code(malformed), "InvalidVolumeID.Malformed");
    let two = bench
        .ec2
        .describe_instances()
        .instance_ids("i-0123456789abcdef0");
    let two = two.instance_ids("i-0123456789abcdef1").send().await;
    assert_eq!(
        message(two),
        "The instance IDs 'i-0123456789abcdef0, i-0123456789abcdef1' do not exist"
    );
}

#[tokio::test(start_paused = true)]
async fn instance_types_tell_of_stores_and_slots() {
    let bench = Bench::scenario("empty");
    let read = bench.ec2.describe_instance_types();
    let read = read
        .instance_types(InstanceType::M5dLarge)
        .instance_types(InstanceType::M7iLarge);
    let rows = read.send().await.unwrap().instance_types.unwrap();
    assert_eq!(rows[0].instance_storage_supported, Some(true));
    assert_eq!(
        rows[1].ebs_info().unwrap().maximum_ebs_attachments,
        Some(32)
    );
    let none = bench
        .ec2
        .describe_instance_types()
        .instance_types("q9.huge".into());
    assert_eq!(code(none.send().await), "InvalidInstanceType");
}

#[tokio::test(start_paused = true)]
async fn a_place_knows_its_regions_zones_and_encryption() {
    let bench = Bench::scenario("bad-deploy");
    let regions = bench.ec2.describe_regions().send().await.unwrap();
    let names: Vec<&str> = regions
        .regions()
        .iter()
        .filter_map(|r| r.region_name())
        .collect();
    assert_eq!(names, ["eu-west-1", "us-east-1"]);
    let zones = bench
        .ec2
        .describe_availability_zones()
        .send()
        .await
        .unwrap();
    assert_eq!(zones.availability_zones()[0].zone_id(), Some("euw1-az1"));
    let default = bench
        .ec2
        .get_ebs_encryption_by_default()
        .send()
        .await
        .unwrap();
    assert_eq!(default.ebs_encryption_by_default, Some(false));
    let key = bench.ec2.get_ebs_default_kms_key_id().send().await.unwrap();
    assert_eq!(key.kms_key_id(), Some("alias/aws/ebs"));
}

#[tokio::test(start_paused = true)]
async fn the_tiers_of_snapshots_can_be_read() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("snapshot-archived-data");
    let read = bench.ec2.describe_snapshot_tier_status();
    let rows = read
        .filters(filter("volume-id", &[&volume]))
        .send()
        .await
        .unwrap();
    let row = &rows.snapshot_tier_statuses()[0];
    assert_eq!(row.storage_tier().unwrap().as_str(), "archive");
    let status = row.last_tiering_operation_status().unwrap();
    assert_eq!(status.as_str(), "archival-completed");
}
