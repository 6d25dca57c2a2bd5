//! What the scenarios hold, and a whole volume swap.
//!
//! The swap is written out call by call, without the engine: what it needs is what the simulation must give.

use aws_sdk_ec2::error::ProvideErrorMetadata;
use aws_sdk_ec2::types::{
    EbsInstanceBlockDeviceSpecification, InstanceBlockDeviceMappingSpecification, VolumeType,
};
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_types::request_id::RequestId;

use super::support::Bench;

const VOLUME: &str = "vol-0a5d3c9e71b2f4608";
const INSTANCE: &str = "i-0c4e8f1a2b3d5e607";
const GOOD: &str = "snap-0b7e41c8d92f3a650";

/// A volume from the good snapshot, available.
async fn restored(bench: &Bench) -> String {
    let create = bench.ec2.create_volume().availability_zone("eu-west-1a");
    let create = create.snapshot_id(GOOD).volume_type(VolumeType::Gp3);
    let made = create.send().await.unwrap();
    assert!(made.request_id().is_some());
    let new = made.volume_id.unwrap();
    assert_eq!(bench.volume_state(&new).await, "creating");
    bench.wait(15).await;
    assert_eq!(bench.volume_state(&new).await, "available");
    new
}

/// The old volume off, the new one on in its place, with the old one's setting.
async fn swap(bench: &Bench, new: &str) {
    let detach = bench.ec2.detach_volume().volume_id(VOLUME);
    let detach = detach.instance_id(INSTANCE).device("/dev/sdf");
    detach.send().await.unwrap();
    bench.wait(7).await;
    assert_eq!(bench.volume_state(VOLUME).await, "available");
    let attach = bench.ec2.attach_volume().volume_id(new);
    let attach = attach.instance_id(INSTANCE).device("/dev/sdf");
    attach.send().await.unwrap();
    bench.wait(7).await;
    assert_eq!(bench.volume_state(new).await, "in-use");
    let keep = EbsInstanceBlockDeviceSpecification::builder().delete_on_termination(false);
    let mapping = InstanceBlockDeviceMappingSpecification::builder().device_name("/dev/sdf");
    let mapping = mapping.ebs(keep.build()).build();
    let modify = bench.ec2.modify_instance_attribute().instance_id(INSTANCE);
    modify.block_device_mappings(mapping).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_volume_swap_runs_from_snapshot_to_healthy_instance() {
    let bench = Bench::scenario("bad-deploy");
    assert!(bench.aws.volume_data(VOLUME).unwrap().damaged);
    let new = restored(&bench).await;
    let stop = bench.ec2.stop_instances().instance_ids(INSTANCE);
    stop.send().await.unwrap();
    bench.wait(41).await;
    assert_eq!(bench.instance_state(INSTANCE).await, "stopped");
    swap(&bench, &new).await;
    let start = bench.ec2.start_instances().instance_ids(INSTANCE);
    start.send().await.unwrap();
    bench.wait(26).await;
    assert_eq!(bench.instance_state(INSTANCE).await, "running");
    assert!(!bench.aws.volume_data(&new).unwrap().damaged);
    let history = bench.aws.instance_history(INSTANCE);
    let states: Vec<&str> = history.iter().map(|turn| turn.state.as_str()).collect();
    assert_eq!(
        states,
        ["running", "stopping", "stopped", "pending", "running"]
    );
    let down = history[2].at.duration_since(history[1].at);
    assert_eq!(down.as_secs(), 40);
}

#[tokio::test(start_paused = true)]
async fn an_operation_nobody_registered_is_refused_by_name_and_recorded() {
    let bench = Bench::scenario("bad-deploy");
    let before = bench.aws.picture();
    let error = bench
        .ec2
        .delete_volume()
        .volume_id(VOLUME)
        .send()
        .await
        .unwrap_err();
    assert!(error.code().is_none());
    assert!(format!("{error:?}").contains("DeleteVolume"), "{error:?}");
    let call = bench.aws.calls().pop().unwrap();
    assert_eq!(
        (call.operation.as_str(), call.outcome.as_str()),
        ("DeleteVolume", "not simulated")
    );
    assert!(call.mutates && !call.took_effect);
    assert_eq!(call.parameters["VolumeId"], VOLUME);
    assert_eq!(bench.aws.picture(), before);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_operation_is_not_retried() {
    let bench = Bench::scenario("empty");
    let terminate = bench.retrying().terminate_instances();
    let refused = terminate.instance_ids("i-0123456789abcdef0").send().await;
    let told = DisplayErrorContext(refused.unwrap_err()).to_string();
    assert!(
        told.contains("does not know EC2 TerminateInstances"),
        "{told}"
    );
    assert_eq!(bench.aws.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_operation_is_named_whatever_its_service_speaks() {
    let bench = Bench::scenario("empty");
    let delete = bench.ssm.delete_parameter().name("/shop/table").send();
    let told = DisplayErrorContext(delete.await.unwrap_err()).to_string();
    assert!(told.contains("does not know SSM DeleteParameter"), "{told}");
    let scaling = &bench.application_autoscaling;
    let list = scaling.list_tags_for_resource().resource_arn("arn").send();
    let told = DisplayErrorContext(list.await.unwrap_err()).to_string();
    let named = "does not know Application Auto Scaling ListTagsForResource";
    assert!(told.contains(named), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_client_without_the_interceptor_reaches_nothing() {
    let bench = Bench::scenario("empty");
    let config = aws_sdk_ec2::Config::builder()
        .behavior_version(aws_sdk_ec2::config::BehaviorVersion::latest())
        .region(aws_sdk_ec2::config::Region::new("eu-west-1"))
        .credentials_provider(super::support::credentials())
        .http_client(bench.aws.http_client());
    let bare = aws_sdk_ec2::Client::from_conf(config.build());
    let refused = bare.describe_volumes().send().await;
    assert!(
        format!("{refused:?}").contains("NoInterceptor"),
        "{refused:?}"
    );
    assert!(bench.aws.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_call_is_recorded_with_what_was_sent() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("plain-data");
    let detach = bench.ec2.detach_volume().volume_id(&volume);
    let answered = detach.device("/dev/sdf").send().await.unwrap();
    let call = bench.aws.calls().pop().unwrap();
    assert_eq!(Some(&*call.request_id), answered.request_id());
    assert_eq!(call.at, bench.clock.now());
    assert_eq!(
        (call.service.as_str(), call.operation.as_str()),
        ("EC2", "DetachVolume")
    );
    assert_eq!(call.parameters["VolumeId"], volume);
    assert_eq!(call.parameters["Device"], "/dev/sdf");
    assert!(call.took_effect && call.mutates && !call.dry_run);
    assert_eq!(call.outcome, "OK");
}
