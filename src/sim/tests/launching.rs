//! `RunInstances`: what a launch makes, how long it takes, and everything that it is refused for.
//! The image is that of the scenario `web`, made before its incident.

use std::time::Duration;

use aws_sdk_ec2::operation::get_console_output::GetConsoleOutputOutput;
use aws_sdk_ec2::operation::run_instances::builders::RunInstancesFluentBuilder;
use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, IamInstanceProfileSpecification,
    InstanceNetworkInterfaceSpecification, InstanceType, Placement, ResourceType, TagSpecification,
};
use data_encoding::BASE64;

use super::support::{Bench, code, message, tag};
use crate::sim::Lag;

const IMAGE: &str = "ami-09c4e7a1f5d8b2630";
const SUBNET: &str = "subnet-03d9f5b7182ce6a40";
const BACK: &str = "sg-08d4f2a7e1c5b3960";

fn launch(bench: &Bench) -> RunInstancesFluentBuilder {
    let run = bench
        .ec2
        .run_instances()
        .image_id(IMAGE)
        .min_count(1)
        .max_count(1);
    run.instance_type(InstanceType::from("m6i.large"))
}

fn with(subnet: &str, ip: Option<&str>) -> InstanceNetworkInterfaceSpecification {
    InstanceNetworkInterfaceSpecification::builder()
        .device_index(0)
        .subnet_id(subnet)
        .groups(BACK)
        .set_private_ip_address(ip.map(str::to_owned))
        .associate_public_ip_address(false)
        .build()
}

fn tags(kind: ResourceType) -> TagSpecification {
    let tags = TagSpecification::builder().resource_type(kind);
    tags.tags(tag("defib:run", "r")).build()
}

fn disk(device: &str, size: i32) -> BlockDeviceMapping {
    let ebs = EbsBlockDevice::builder()
        .volume_size(size)
        .delete_on_termination(false);
    BlockDeviceMapping::builder()
        .device_name(device)
        .ebs(ebs.build())
        .build()
}

/// A launch with everything that a relaunch says.
fn full(bench: &Bench) -> RunInstancesFluentBuilder {
    launch(bench)
        .network_interfaces(with(SUBNET, Some("10.40.8.77")))
        .block_device_mappings(disk("/dev/sdg", 20))
        .tag_specifications(tags(ResourceType::Instance))
        .tag_specifications(tags(ResourceType::Volume))
        .tag_specifications(tags(ResourceType::NetworkInterface))
        .disable_api_termination(true)
        .iam_instance_profile(IamInstanceProfileSpecification::builder().name("p").build())
        .user_data(data_encoding::BASE64.encode(b"canary"))
        .client_token("t")
}

#[tokio::test(start_paused = true)]
async fn an_instance_comes_with_its_volumes_its_interface_and_their_tags() {
    let bench = Bench::scenario("web");
    let made = full(&bench)
        .send()
        .await
        .unwrap()
        .instances
        .unwrap()
        .remove(0);
    let id = made.instance_id().unwrap().to_owned();
    assert_eq!(made.state().unwrap().name().unwrap().as_str(), "pending");
    let instance = bench.instance(&id).await;
    assert_eq!(instance.private_ip_address(), Some("10.40.8.77"));
    assert_eq!(instance.public_ip_address(), None);
    assert_eq!(instance.tags()[0].key(), Some("defib:run"));
    let tokens = instance.metadata_options().unwrap().http_tokens().unwrap();
    assert_eq!(tokens.as_str(), "required");
    let mut volumes = Vec::new();
    for mapping in instance.block_device_mappings() {
        let volume = bench
            .volume(mapping.ebs().unwrap().volume_id().unwrap())
            .await;
        assert_eq!(volume.tags()[0].key(), Some("defib:run"));
        let deletes = volume.attachments()[0].delete_on_termination().unwrap();
        let device = mapping.device_name().unwrap().to_owned();
        volumes.push((device, volume.size().unwrap(), deletes));
    }
    let wanted = [
        ("/dev/sdf", 120, true),
        ("/dev/sdg", 20, false),
        ("/dev/xvda", 20, true),
    ];
    let wanted = wanted.map(|(device, size, deletes)| (device.to_owned(), size, deletes));
    assert_eq!(volumes, wanted);
    bench.wait(24).await;
    assert_eq!(bench.instance_state(&id).await, "pending");
    bench.wait(1).await;
    assert_eq!(bench.instance_state(&id).await, "running");
}

#[tokio::test(start_paused = true)]
async fn a_token_stands_for_its_first_request_and_user_data_is_told_to_those_who_ask() {
    let bench = Bench::scenario("web");
    let made = full(&bench)
        .send()
        .await
        .unwrap()
        .instances
        .unwrap()
        .remove(0);
    let id = made.instance_id().unwrap().to_owned();
    let again = full(&bench)
        .send()
        .await
        .unwrap()
        .instances
        .unwrap()
        .remove(0);
    assert_eq!(again.instance_id(), Some(id.as_str()));
    let other = launch(&bench)
        .subnet_id(SUBNET)
        .client_token("t")
        .send()
        .await;
    assert_eq!(code(other), "IdempotentParameterMismatch");
    assert!(!bench.aws.picture().to_string().contains("canary"));
    let read = bench.ec2.describe_instance_attribute().instance_id(&id);
    let read = read.attribute("userData".into()).send().await.unwrap();
    let told = read.user_data().unwrap().value().unwrap().to_owned();
    assert_eq!(told, data_encoding::BASE64.encode(b"canary"));
}

#[tokio::test(start_paused = true)]
async fn the_token_of_an_instance_that_is_gone_is_spent_and_another_zone_knows_it_not() {
    let bench = Bench::scenario("web");
    let run = |subnet: &str| launch(&bench).subnet_id(subnet).client_token("t").send();
    let first = run(SUBNET).await.unwrap().instances.unwrap().remove(0);
    let id = first.instance_id().unwrap().to_owned();
    let other = run("subnet-0a7e2c94f1d6835b0").await.unwrap();
    assert_ne!(other.instances()[0].instance_id(), Some(id.as_str()));
    bench
        .aws
        .third_party("111122223333", "eu-west-1", |hands| hands.terminate(&id));
    assert_eq!(code(run(SUBNET).await), "IdempotentInstanceTerminated");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_cannot_be_launched_is_refused() {
    let bench = Bench::scenario("web");
    let image = |id: &str| launch(&bench).image_id(id).subnet_id(SUBNET).send();
    assert_eq!(
        code(image("ami-0123456789abcdef0").await),
        "InvalidAMIID.NotFound"
    );
    assert_eq!(code(image("ami-x").await), "InvalidAMIID.Malformed");
    let read = bench
        .ec2
        .describe_images()
        .owners("self")
        .include_disabled(true);
    let images = read.send().await.unwrap().images.unwrap();
    let disabled = images
        .iter()
        .find(|one| one.state().is_some_and(|s| s.as_str() == "disabled"));
    let refused = image(disabled.unwrap().image_id().unwrap()).await;
    assert_eq!(code(refused), "InvalidAMIID.Unavailable");
    let arm = launch(&bench)
        .instance_type(InstanceType::from("m7g.large"))
        .subnet_id(SUBNET);
    let arm = arm.send().await;
    assert!(message(arm).contains("The architecture 'arm64'"));
    let no = launch(&bench)
        .instance_type(InstanceType::from("z9.huge"))
        .subnet_id(SUBNET);
    assert_eq!(code(no.send().await), "InvalidParameterValue");
    let key = launch(&bench)
        .subnet_id(SUBNET)
        .key_name("nobody's")
        .send()
        .await;
    assert_eq!(code(key), "InvalidKeyPair.NotFound");
}

#[tokio::test(start_paused = true)]
async fn products_and_boot_modes_are_held_to() {
    let bench = Bench::text(&small(
        "[[place.image]]\nid = \"ami-0aaaaaaaaaaaaaaa1\"\nbefore = \"1h\"\nsize = 8\n\
         product_codes = [\"code\"]\nnot_subscribed = true\n\
         [[place.image]]\nid = \"ami-0aaaaaaaaaaaaaaa2\"\nbefore = \"1h\"\nsize = 8\n\
         architecture = \"arm64\"\nboot_mode = \"legacy-bios\"\n",
    ));
    let subnet = subnet(&bench).await;
    let product = launch(&bench)
        .image_id("ami-0aaaaaaaaaaaaaaa1")
        .subnet_id(&subnet);
    assert_eq!(code(product.send().await), "OptInRequired");
    let boot = launch(&bench)
        .image_id("ami-0aaaaaaaaaaaaaaa2")
        .subnet_id(&subnet);
    let boot = boot.instance_type(InstanceType::from("m7g.large"));
    assert_eq!(code(boot.send().await), "InvalidParameterCombination");
}

/// A place with a subnet in which one address is free, a full placement group, and no `c5.large`.
fn small(more: &str) -> String {
    format!(
        "[story]\ntitle = \"t\"\nincident_at = \"2026-03-14T02:17:00Z\"\n\
         opens_at = \"2026-03-14T02:31:00Z\"\n[[place]]\naccount = \"111122223333\"\n\
         region = \"eu-west-1\"\nno_capacity = [\"c5.large\"]\n\
         [[place.vpc]]\nname = \"main\"\ncidr = \"10.0.0.0/16\"\n\
         [[place.subnet]]\nname = \"s\"\nvpc = \"main\"\nzone = \"a\"\ncidr = \"10.0.0.0/28\"\n\
         taken = 10\n[[place.placement-group]]\nname = \"tight\"\nfull = true\n\
         [[place.image]]\nid = \"ami-0aaaaaaaaaaaaaaa0\"\nbefore = \"1h\"\nsize = 8\n{more}"
    )
}

async fn subnet(bench: &Bench) -> String {
    let read = bench.ec2.describe_subnets().send().await.unwrap();
    read.subnets()[0].subnet_id().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_room_nothing_is_launched() {
    let bench = Bench::text(&small(""));
    let subnet = subnet(&bench).await;
    let run = || {
        launch(&bench)
            .image_id("ami-0aaaaaaaaaaaaaaa0")
            .subnet_id(&subnet)
    };
    let tight = Placement::builder().group_name("tight").build();
    assert_eq!(
        code(run().placement(tight).send().await),
        "InsufficientInstanceCapacity"
    );
    let c5 = run()
        .instance_type(InstanceType::from("c5.large"))
        .send()
        .await;
    assert_eq!(code(c5), "InsufficientInstanceCapacity");
    let unknown = Placement::builder().group_name("nobody's").build();
    assert_eq!(
        code(run().placement(unknown).send().await),
        "InvalidPlacementGroup.Unknown"
    );
    run().send().await.unwrap();
    assert_eq!(
        code(run().send().await),
        "InsufficientFreeAddressesInSubnet"
    );
    let read = bench.ec2.describe_subnets().send().await.unwrap();
    assert_eq!(read.subnets()[0].available_ip_address_count(), Some(0));
    let read = bench.ec2.describe_instances().send().await.unwrap();
    assert_eq!(read.reservations().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn interfaces_and_addresses_must_fit() {
    let bench = Bench::scenario("web");
    let taken = launch(&bench).network_interfaces(with(SUBNET, Some("10.40.8.21")));
    assert_eq!(code(taken.send().await), "InvalidIPAddress.InUse");
    let outside = launch(&bench).network_interfaces(with(SUBNET, Some("10.40.9.9")));
    assert_eq!(code(outside.send().await), "InvalidParameterValue");
    let both = launch(&bench)
        .network_interfaces(with(SUBNET, None))
        .security_group_ids(BACK);
    assert_eq!(code(both.send().await), "InvalidParameterCombination");
    let nowhere = launch(&bench)
        .subnet_id("subnet-0123456789abcdef0")
        .send()
        .await;
    assert_eq!(code(nowhere), "InvalidSubnetID.NotFound");
    let unknown = launch(&bench)
        .subnet_id(SUBNET)
        .security_group_ids("sg-0123456789abcdef0");
    assert_eq!(code(unknown.send().await), "InvalidGroup.NotFound");
    let none = launch(&bench).send().await;
    assert_eq!(code(none), "VPCIdNotSpecified");
}

#[tokio::test(start_paused = true)]
async fn block_devices_must_fit_the_image() {
    let bench = Bench::scenario("web");
    let small = launch(&bench)
        .subnet_id(SUBNET)
        .block_device_mappings(disk("/dev/xvda", 4));
    assert_eq!(code(small.send().await), "InvalidBlockDeviceMapping");
    let ebs = EbsBlockDevice::builder()
        .snapshot_id("snap-06a9c3e1d7f5b2840")
        .build();
    let root = BlockDeviceMapping::builder()
        .device_name("/dev/xvda")
        .ebs(ebs)
        .build();
    let root = launch(&bench).subnet_id(SUBNET).block_device_mappings(root);
    assert_eq!(code(root.send().await), "InvalidBlockDeviceMapping");
    let none = BlockDeviceMapping::builder()
        .device_name("/dev/sdf")
        .no_device("")
        .build();
    let run = launch(&bench).subnet_id(SUBNET).block_device_mappings(none);
    let made = run.send().await.unwrap().instances.unwrap().remove(0);
    assert_eq!(made.block_device_mappings().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_used_ends_the_instance_that_needs_it() {
    let bench = Bench::scenario("web");
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.set_key_state("alias/acme-web", "Disabled");
    });
    let made = launch(&bench).subnet_id(SUBNET).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    bench.wait(15).await;
    let instance = bench.instance(&id).await;
    assert_eq!(
        instance.state().unwrap().name().unwrap().as_str(),
        "terminated"
    );
    assert_eq!(
        instance.state_reason().unwrap().code(),
        Some("Client.InternalError")
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_instance_may_be_unknown_for_a_while() {
    let bench = Bench::scenario("web");
    bench.aws.faults().set_lag(Lag {
        unknown_reads: 1,
        unlisted_reads: 0,
        unlisted_for: Duration::from_secs(5),
    });
    let made = launch(&bench).subnet_id(SUBNET).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    let read = || bench.ec2.describe_instances().instance_ids(&id).send();
    assert_eq!(code(read().await), "InvalidInstanceID.NotFound");
    assert!(read().await.is_ok());
    let listed = bench.ec2.describe_instances().send().await.unwrap();
    let ids = |listed: &aws_sdk_ec2::operation::describe_instances::DescribeInstancesOutput| {
        let all = listed
            .reservations()
            .iter()
            .flat_map(aws_sdk_ec2::types::Reservation::instances);
        all.filter_map(|one| one.instance_id().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert!(!ids(&listed).contains(&id));
    bench.wait(6).await;
    let listed = bench.ec2.describe_instances().send().await.unwrap();
    assert!(ids(&listed).contains(&id));
}

#[tokio::test(start_paused = true)]
async fn the_console_is_silent_until_the_guest_has_run_for_a_while() {
    let bench = Bench::scenario("web");
    let made = launch(&bench).subnet_id(SUBNET).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    let read = || bench.ec2.get_console_output().instance_id(&id).send();
    bench.wait(84).await;
    assert_eq!(read().await.unwrap().output(), None);
    bench.wait(1).await;
    let kept = console(&read().await.unwrap());
    assert!(kept.contains("is up"), "{kept}");
    bench.wait(1000).await;
    assert_eq!(console(&read().await.unwrap()), kept);
}

#[tokio::test(start_paused = true)]
async fn the_newest_output_grows_while_the_guest_boots() {
    let bench = Bench::scenario("web");
    let made = launch(&bench).subnet_id(SUBNET).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    let read = || {
        let read = bench.ec2.get_console_output().instance_id(&id);
        read.latest(true).send()
    };
    bench.wait(24).await;
    assert_eq!(read().await.unwrap().output(), None, "it does not run yet");
    let mut before = String::new();
    for seconds in [2, 10, 20, 70, 900] {
        bench.wait(seconds).await;
        let told = read().await.unwrap();
        let text = console(&told);
        let grows = text.len() > before.len() && text.starts_with(&before);
        assert!(grows, "after {seconds} s more: {text}");
        before = text;
    }
    assert!(before.contains("\u{1b}[0;32m  OK"), "{before}");
    assert!(before.contains("Temporary Directories"), "{before}");
}

#[tokio::test(start_paused = true)]
async fn only_nitro_tells_the_newest_output() {
    let bench = Bench::scenario("web");
    let old = launch(&bench).instance_type(InstanceType::from("i3.large"));
    let made = old.subnet_id(SUBNET).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    bench.wait(85).await;
    let read = || bench.ec2.get_console_output().instance_id(&id);
    let refused = read().latest(true).send().await;
    assert_eq!(code(refused), "UnsupportedOperation");
    assert!(console(&read().send().await.unwrap()).contains("is up"));
}

fn console(told: &GetConsoleOutputOutput) -> String {
    let text = BASE64.decode(told.output().unwrap().as_bytes());
    String::from_utf8(text.unwrap()).unwrap()
}
