//! `AttachVolume`, `DetachVolume`, `ModifyInstanceAttribute`.
//!
//! What the guest has mounted and what a colleague does come from `Hands`; no call of ours stands for them.

use aws_sdk_ec2::operation::attach_volume::{AttachVolumeError, AttachVolumeOutput};
use aws_sdk_ec2::operation::detach_volume::builders::DetachVolumeFluentBuilder;
use aws_sdk_ec2::types::{
    AttributeBooleanValue, EbsInstanceBlockDeviceSpecification, InstanceAttributeName,
    InstanceBlockDeviceMappingSpecification as Mapping, VolumeType,
};

use super::support::{Bench, code, message};
use crate::sim::{Hands, Turn};

type Sdk<O, E> = Result<O, aws_sdk_ec2::error::SdkError<E>>;

/// The refusals scenario with a free volume in zone a.
async fn with_free_volume() -> (Bench, String) {
    let bench = Bench::scenario("refusals");
    let volume = bench.restore("plain-data").await;
    bench.wait(15).await;
    (bench, volume)
}

async fn attach(
    bench: &Bench,
    volume: &str,
    instance: &str,
    device: &str,
) -> Sdk<AttachVolumeOutput, AttachVolumeError> {
    let attach = bench.ec2.attach_volume().volume_id(volume);
    attach
        .instance_id(bench.id(instance))
        .device(device)
        .send()
        .await
}

fn detach(bench: &Bench, volume: &str) -> DetachVolumeFluentBuilder {
    bench.ec2.detach_volume().volume_id(bench.id(volume))
}

fn others<T>(bench: &Bench, change: impl FnOnce(&mut Hands<'_>) -> T) -> T {
    bench.aws.third_party("111122223333", "eu-west-1", change)
}

#[tokio::test(start_paused = true)]
async fn a_new_attachment_is_attaching_then_attached_and_outlives_its_instance() {
    let (bench, volume) = with_free_volume().await;
    let made = attach(&bench, &volume, "plain", "/dev/sdg").await.unwrap();
    assert_eq!(made.delete_on_termination, Some(false));
    assert_eq!(bench.volume_state(&volume).await, "in-use");
    assert_eq!(bench.attachment_state(&volume).await, "attaching");
    bench.wait(7).await;
    assert_eq!(bench.attachment_state(&volume).await, "attached");
}

#[tokio::test(start_paused = true)]
async fn a_volume_of_another_zone_is_a_mismatch() {
    let (bench, volume) = with_free_volume().await;
    let refused = attach(&bench, &volume, "raid", "/dev/sdh").await;
    assert_eq!(code(refused), "InvalidVolume.ZoneMismatch");
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_is_still_creating_is_not_available() {
    let bench = Bench::scenario("refusals");
    let volume = bench.restore("plain-data").await;
    let refused = attach(&bench, &volume, "plain", "/dev/sdg").await;
    assert_eq!(code(refused), "IncorrectState");
    let broken = bench.id("broken-data");
    let refused = attach(&bench, &broken, "plain", "/dev/sdg").await;
    assert_eq!(message(refused), format!("{broken} is not 'available'."));
}

#[tokio::test(start_paused = true)]
async fn a_volume_that_is_attached_is_in_use() {
    let (bench, volume) = with_free_volume().await;
    attach(&bench, &volume, "stopped", "/dev/sdg")
        .await
        .unwrap();
    let twice = attach(&bench, &volume, "plain", "/dev/sdg").await;
    assert_eq!(code(twice), "VolumeInUse");
}

#[tokio::test(start_paused = true)]
async fn a_multi_attach_volume_goes_on_several_instances_but_once_on_each() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("multi-attach-data");
    attach(&bench, &volume, "plain", "/dev/sdg").await.unwrap();
    let twice = attach(&bench, &volume, "cluster-1", "/dev/sdg").await;
    assert_eq!(code(twice), "VolumeInUse");
    assert_eq!(bench.volume(&volume).await.attachments().len(), 3);
    let unsaid = detach(&bench, "multi-attach-data").send().await;
    assert_eq!(code(unsaid), "MissingParameter");
}

#[tokio::test(start_paused = true)]
async fn attaching_to_a_taken_device_is_refused_until_it_is_free() {
    let (bench, volume) = with_free_volume().await;
    let refused = attach(&bench, &volume, "plain", "/dev/sdf").await;
    assert_eq!(
        message(refused),
        "Invalid value '/dev/sdf' for unixDevice. Attachment point /dev/sdf is already in use"
    );
    detach(&bench, "plain-data").send().await.unwrap();
    bench.wait(5).await;
    let refused = attach(&bench, &volume, "plain", "/dev/sdf").await;
    assert_eq!(code(refused), "InvalidParameterValue");
    bench.wait(2).await;
    attach(&bench, &volume, "plain", "/dev/sdf").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_instance_takes_volumes_only_while_running_or_stopped() {
    let (bench, volume) = with_free_volume().await;
    let refused = attach(&bench, &volume, "terminated", "/dev/sdf").await;
    assert_eq!(code(refused), "IncorrectState");
    let plain = bench.id("plain");
    bench
        .ec2
        .stop_instances()
        .instance_ids(plain)
        .send()
        .await
        .unwrap();
    let refused = attach(&bench, &volume, "plain", "/dev/sdg").await;
    assert!(message(refused).ends_with("is not 'running'."));
}

#[tokio::test(start_paused = true)]
async fn an_instance_has_only_so_many_slots() {
    let bench = Bench::scenario("refusals");
    let mut outcomes = Vec::new();
    for number in 0..26u8 {
        let create = bench.ec2.create_volume().availability_zone("eu-west-1a");
        let made = create.size(1).volume_type(VolumeType::Gp3).send().await;
        let volume = made.unwrap().volume_id.unwrap();
        bench.wait(15).await;
        let device = format!("/dev/xvdb{}", char::from(b'a' + number));
        outcomes.push(attach(&bench, &volume, "plain", &device).await);
    }
    assert_eq!(code(outcomes.pop().unwrap()), "AttachmentLimitExceeded");
    assert!(outcomes.iter().all(Result::is_ok));
}

#[tokio::test(start_paused = true)]
async fn a_volume_with_a_product_code_goes_only_on_a_stopped_instance() {
    let bench = Bench::scenario("refusals");
    let volume = bench.restore("product-code-data").await;
    bench.wait(15).await;
    let refused = attach(&bench, &volume, "product-code", "/dev/sdg").await;
    assert_eq!(code(refused), "OperationNotPermitted");
    attach(&bench, &volume, "stopped", "/dev/sdg")
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn detaching_takes_a_while_and_leaves_the_volume_available() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("plain-data");
    detach(&bench, "plain-data").send().await.unwrap();
    assert_eq!(bench.attachment_state(&volume).await, "detaching");
    bench.wait(7).await;
    assert_eq!(bench.volume_state(&volume).await, "available");
    let again = detach(&bench, "plain-data").send().await;
    assert_eq!(
        message(again),
        format!("Volume '{volume}' is in the 'available' state.")
    );
    let history = bench.aws.volume_attachment_history(&volume);
    let states: Vec<&str> = history.iter().map(|Turn { state, .. }| &**state).collect();
    assert!(states[2].starts_with("detached i-"), "{states:?}");
    assert_eq!(history[2].at.duration_since(history[1].at).as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn detaching_from_the_wrong_instance_or_device_finds_no_attachment() {
    let bench = Bench::scenario("refusals");
    let elsewhere = detach(&bench, "plain-data").instance_id(bench.id("stopped"));
    assert_eq!(code(elsewhere.send().await), "InvalidAttachment.NotFound");
    let other = detach(&bench, "plain-data").device("/dev/sdz");
    assert_eq!(code(other.send().await), "InvalidAttachment.NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_root_volume_leaves_only_a_stopped_instance() {
    let bench = Bench::scenario("refusals");
    let running = detach(&bench, "root-volume-root").send().await;
    assert_eq!(code(running), "OperationNotPermitted");
    detach(&bench, "stopped-root").send().await.unwrap();
    bench.wait(7).await;
    assert_eq!(
        bench.volume_state(&bench.id("stopped-root")).await,
        "available"
    );
}

#[tokio::test(start_paused = true)]
async fn a_mounted_volume_stays_busy_until_it_is_unmounted() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("mounted-data");
    detach(&bench, "mounted-data").send().await.unwrap();
    bench.wait(3600).await;
    assert_eq!(bench.attachment_state(&volume).await, "busy");
    others(&bench, |hands| hands.unmount(&volume));
    bench.wait(7).await;
    assert_eq!(bench.volume_state(&volume).await, "available");
}

#[tokio::test(start_paused = true)]
async fn a_mounted_volume_comes_off_when_its_instance_has_stopped() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("mounted-data");
    detach(&bench, "mounted-data").send().await.unwrap();
    let instance = bench.id("mounted");
    bench
        .ec2
        .stop_instances()
        .instance_ids(&instance)
        .send()
        .await
        .unwrap();
    bench.wait(39).await;
    assert_eq!(bench.attachment_state(&volume).await, "busy");
    bench.wait(8).await;
    assert_eq!(bench.volume_state(&volume).await, "available");
}

#[tokio::test(start_paused = true)]
async fn force_takes_a_mounted_volume_away() {
    let bench = Bench::scenario("refusals");
    detach(&bench, "mounted-data")
        .force(true)
        .send()
        .await
        .unwrap();
    bench.wait(7).await;
    assert_eq!(
        bench.volume_state(&bench.id("mounted-data")).await,
        "available"
    );
}

async fn set_mapping(bench: &Bench, device: &str, value: Option<bool>) -> Result<(), String> {
    let ebs = EbsInstanceBlockDeviceSpecification::builder().set_delete_on_termination(value);
    let mapping = Mapping::builder().device_name(device).ebs(ebs.build());
    let modify = bench.ec2.modify_instance_attribute();
    let modify = modify.instance_id(bench.id("plain"));
    let done = modify.block_device_mappings(mapping.build()).send().await;
    done.map(drop).map_err(|error| code::<(), _, _>(Err(error)))
}

#[tokio::test(start_paused = true)]
async fn a_mapping_without_a_value_means_delete_on_termination() {
    let bench = Bench::scenario("refusals");
    let volume = bench.id("plain-data");
    let kept = || async { bench.volume(&volume).await.attachments()[0].delete_on_termination };
    assert_eq!(kept().await, Some(false));
    set_mapping(&bench, "/dev/sdf", None).await.unwrap();
    assert_eq!(kept().await, Some(true));
    set_mapping(&bench, "/dev/sdf", Some(false)).await.unwrap();
    assert_eq!(kept().await, Some(false));
    let unknown = set_mapping(&bench, "/dev/sdz", Some(false)).await;
    assert_eq!(unknown, Err("InvalidInstanceAttributeValue".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn stop_protection_can_be_read_and_set() {
    let bench = Bench::scenario("refusals");
    let id = bench.id("stop-protected");
    let read = || async {
        let read = bench.ec2.describe_instance_attribute().instance_id(&id);
        let read = read.attribute(InstanceAttributeName::DisableApiStop);
        read.send().await.unwrap().disable_api_stop.unwrap().value
    };
    assert_eq!(read().await, Some(true));
    let off = AttributeBooleanValue::builder().value(false).build();
    let modify = bench.ec2.modify_instance_attribute().instance_id(&id);
    modify.disable_api_stop(off).send().await.unwrap();
    assert_eq!(read().await, Some(false));
    bench
        .ec2
        .stop_instances()
        .instance_ids(&id)
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_attribute_that_is_not_simulated_is_refused() {
    let bench = Bench::scenario("refusals");
    let value = aws_sdk_ec2::types::AttributeValue::builder()
        .value("t3.large")
        .build();
    let modify = bench
        .ec2
        .modify_instance_attribute()
        .instance_id(bench.id("plain"));
    assert_eq!(
        code(modify.instance_type(value).send().await),
        "InvalidParameterCombination"
    );
}
