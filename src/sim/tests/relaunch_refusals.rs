//! Refusals of a relaunch that the scenario `web` has no place for: quotas of interfaces, products, other networks.
//! The estate is one of its own.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, InstanceNetworkInterfaceSpecification, InstanceType, ResourceType,
    TagSpecification,
};
use aws_sdk_elasticloadbalancingv2::types::TargetDescription;

use super::support::{Bench, code, tag};

const INSTANCE: &str = "i-0aaaaaaaaaaaaaaa1";
const SUBNET: &str = "subnet-0aaaaaaaaaaaaaaa1";
const OTHER_GROUP: &str = "sg-0aaaaaaaaaaaaaaa9";

fn bench() -> Bench {
    let groups = (1..=6).map(|n| format!("[[place.security-group]]\nid = \"sg-0aaaaaaaaaaaaaaa{n}\"\nname = \"g{n}\"\nvpc = \"main\"\n"));
    let interfaces = (1..=3).map(|n| format!("[[place.interface]]\nid = \"eni-0aaaaaaaaaaaaaaa{n}\"\nname = \"e{n}\"\nsubnet = \"s\"\nprivate_ip = \"10.0.0.2{n}\"\n"));
    let images = [
        ("1", "product_codes = [\"code\"]\nsize = 40"),
        ("2", "architecture = \"arm64\"\nsize = 40"),
        ("3", "size = 4"),
        ("4", "size = 40"),
    ];
    let images = images.map(|(n, more)| {
        format!("[[place.image]]\nid = \"ami-0aaaaaaaaaaaaaaa{n}\"\nbefore = \"1h\"\n{more}\n")
    });
    Bench::text(&format!(
        "[story]\ntitle = \"t\"\nincident_at = \"2026-03-14T02:17:00Z\"\n\
         opens_at = \"2026-03-14T02:31:00Z\"\n[[place]]\naccount = \"111122223333\"\n\
         region = \"eu-west-1\"\n[[place.vpc]]\nname = \"main\"\ncidr = \"10.0.0.0/16\"\n\
         [[place.vpc]]\nname = \"other\"\ncidr = \"10.1.0.0/16\"\n\
         [[place.subnet]]\nid = \"{SUBNET}\"\nname = \"s\"\nvpc = \"main\"\nzone = \"a\"\n\
         cidr = \"10.0.0.0/24\"\n[[place.subnet]]\nname = \"o\"\nvpc = \"other\"\nzone = \"a\"\n\
         cidr = \"10.1.0.0/24\"\n{}\
         [[place.security-group]]\nid = \"{OTHER_GROUP}\"\nname = \"other-group\"\nvpc = \"other\"\n\
         [[place.instance]]\nid = \"{INSTANCE}\"\nname = \"one\"\ntype = \"t3.large\"\nzone = \"a\"\n\
         subnet = \"s\"\nroot_size = 8\n\
         [[place.instance]]\nname = \"two\"\ntype = \"m6i.large\"\nzone = \"a\"\nsubnet = \"o\"\n\
         root_size = 8\n{}\
         [[place.address]]\nid = \"eipalloc-1\"\npublic_ip = \"203.0.113.5\"\n\
         [[place.placement-group]]\nname = \"wide\"\nstrategy = \"spread\"\n\
         [[place.target-group]]\nname = \"idle\"\nport = 80\nvpc = \"main\"\ntargets = [\"one\"]\n\
         [[place.target-group]]\nname = \"by-ip\"\nport = 80\nvpc = \"main\"\ntarget_type = \"ip\"\n{}",
        groups.collect::<String>(),
        interfaces.collect::<String>(),
        images.concat(),
    ))
}

#[tokio::test(start_paused = true)]
async fn interfaces_have_five_groups_of_their_own_network_at_most_and_types_have_room_for_few() {
    let bench = bench();
    let instance = bench.instance(INSTANCE).await;
    let first = instance.network_interfaces()[0]
        .network_interface_id()
        .unwrap();
    let modify = || {
        bench
            .ec2
            .modify_network_interface_attribute()
            .network_interface_id(first)
    };
    let many = (1..=6).map(|n| format!("sg-0aaaaaaaaaaaaaaa{n}")).collect();
    let many = modify().set_groups(Some(many)).send().await;
    assert_eq!(code(many), "SecurityGroupsPerInterfaceLimitExceeded");
    let other = modify().groups(OTHER_GROUP).send().await;
    assert_eq!(code(other), "InvalidGroup.NotFound");
    let attach = |n: i32| {
        let attach = bench.ec2.attach_network_interface().instance_id(INSTANCE);
        attach
            .network_interface_id(format!("eni-0aaaaaaaaaaaaaaa{n}"))
            .device_index(n)
            .send()
    };
    attach(1).await.unwrap();
    attach(2).await.unwrap();
    assert_eq!(code(attach(3).await), "AttachmentLimitExceeded");
    bench
        .ec2
        .stop_instances()
        .instance_ids(INSTANCE)
        .send()
        .await
        .unwrap();
    let stopping = bench
        .ec2
        .attach_network_interface()
        .instance_id(INSTANCE)
        .device_index(3);
    let stopping = stopping
        .network_interface_id("eni-0aaaaaaaaaaaaaaa3")
        .send()
        .await;
    assert_eq!(code(stopping), "IncorrectState");
    let unknown = bench.ec2.describe_network_interfaces();
    let unknown = unknown
        .network_interface_ids("eni-0123456789abcdef0")
        .send()
        .await;
    assert_eq!(code(unknown), "InvalidNetworkInterfaceID.NotFound");
}

#[tokio::test(start_paused = true)]
async fn an_address_goes_to_one_interface_and_its_own_private_address() {
    let bench = bench();
    let associate = || bench.ec2.associate_address().allocation_id("eipalloc-1");
    assert_eq!(code(associate().send().await), "MissingParameter");
    let wrong = associate()
        .instance_id(INSTANCE)
        .private_ip_address("10.0.0.99")
        .send()
        .await;
    assert_eq!(code(wrong), "InvalidParameterValue");
    let both = associate()
        .instance_id(INSTANCE)
        .network_interface_id("eni-0aaaaaaaaaaaaaaa1");
    assert_eq!(code(both.send().await), "InvalidParameterCombination");
    let free = associate().network_interface_id("eni-0aaaaaaaaaaaaaaa1");
    free.allow_reassociation(false).send().await.unwrap();
    let none = bench
        .ec2
        .describe_addresses()
        .public_ips("192.0.2.1")
        .send()
        .await;
    assert_eq!(code(none), "InvalidAddress.NotFound");
}

#[tokio::test(start_paused = true)]
async fn an_image_that_does_not_fit_replaces_no_root() {
    let bench = bench();
    let replace = |n: i32| {
        let replace = bench
            .ec2
            .create_replace_root_volume_task()
            .instance_id(INSTANCE);
        replace.image_id(format!("ami-0aaaaaaaaaaaaaaa{n}")).send()
    };
    for n in 1..=3 {
        assert_eq!(code(replace(n).await), "InvalidParameterValue", "{n}");
    }
    replace(4).await.unwrap();
    let unknown = bench.ec2.describe_replace_root_volume_tasks();
    let unknown = unknown
        .replace_root_volume_task_ids("replacevol-0")
        .send()
        .await;
    assert_eq!(code(unknown), "InvalidReplaceRootVolumeTaskID.NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_launch_is_held_to_what_its_parameters_can_mean_together() {
    let bench = bench();
    let launch = || {
        let run = bench
            .ec2
            .run_instances()
            .image_id("ami-0aaaaaaaaaaaaaaa4")
            .min_count(1);
        run.max_count(1)
            .instance_type(InstanceType::from("t3.large"))
    };
    let interface = |index: i32, public: bool| {
        InstanceNetworkInterfaceSpecification::builder()
            .device_index(index)
            .subnet_id(SUBNET)
            .associate_public_ip_address(public)
            .build()
    };
    let two = launch()
        .network_interfaces(interface(0, true))
        .network_interfaces(interface(1, false));
    assert_eq!(code(two.send().await), "InvalidParameterCombination");
    let twice = launch()
        .network_interfaces(interface(0, false))
        .network_interfaces(interface(0, false));
    assert_eq!(code(twice.send().await), "InvalidParameterValue");
    let second = launch()
        .network_interfaces(interface(1, false))
        .send()
        .await;
    assert_eq!(code(second), "VPCIdNotSpecified");
    let used = InstanceNetworkInterfaceSpecification::builder().device_index(0);
    let instance = bench.instance(INSTANCE).await;
    let first = instance.network_interfaces()[0]
        .network_interface_id()
        .unwrap();
    let used = launch().network_interfaces(used.network_interface_id(first).build());
    assert_eq!(code(used.send().await), "InvalidNetworkInterface.InUse");
    let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot);
    let tags = launch()
        .subnet_id(SUBNET)
        .tag_specifications(tags.tags(tag("a", "b")).build());
    assert_eq!(code(tags.send().await), "InvalidParameterValue");
    let more = launch().subnet_id(SUBNET).max_count(2).send().await;
    assert_eq!(code(more), "InvalidParameterValue");
    let public = launch()
        .network_interfaces(interface(0, true))
        .send()
        .await
        .unwrap();
    let id = public.instances()[0].instance_id().unwrap().to_owned();
    assert_eq!(bench.instance(&id).await.public_ip_address(), None);
    bench.wait(25).await;
    assert!(bench.instance(&id).await.public_ip_address().is_some());
}

#[tokio::test(start_paused = true)]
async fn what_stands_around_an_instance_is_told() {
    let bench = bench();
    let read = bench.ec2.describe_placement_groups().send().await.unwrap();
    assert_eq!(
        read.placement_groups()[0].strategy().unwrap().as_str(),
        "spread"
    );
    let unknown = bench
        .ec2
        .describe_placement_groups()
        .group_names("x")
        .send()
        .await;
    assert_eq!(code(unknown), "InvalidPlacementGroup.Unknown");
    let credits = |id: String| {
        let read = bench.ec2.describe_instance_credit_specifications();
        read.instance_ids(id).send()
    };
    let told = credits(INSTANCE.to_owned()).await.unwrap();
    let told = told.instance_credit_specifications()[0]
        .cpu_credits()
        .unwrap()
        .to_owned();
    assert_eq!(told, "unlimited");
    assert_eq!(code(credits(bench.id("two")).await), "UnsupportedOperation");
    let unknown = bench
        .ec2
        .describe_subnets()
        .subnet_ids("subnet-0")
        .send()
        .await;
    assert_eq!(code(unknown), "InvalidSubnetID.NotFound");
    let unknown = bench.ec2.describe_vpcs().vpc_ids("vpc-0").send().await;
    assert_eq!(code(unknown), "InvalidVpcID.NotFound");
    let off = AttributeBooleanValue::builder().value(false).build();
    let read = bench
        .ec2
        .describe_instance_attribute()
        .instance_id(INSTANCE);
    let read = read
        .attribute("sourceDestCheck".into())
        .send()
        .await
        .unwrap();
    assert_ne!(read.source_dest_check(), Some(&off));
}

#[tokio::test(start_paused = true)]
async fn targets_are_of_their_groups_kind_and_network() {
    let bench = bench();
    let read = bench.elb.describe_target_groups().send().await.unwrap();
    let arn = |name: &str| {
        let mut groups = read.target_groups().iter();
        let group = groups.find(|one| one.target_group_name() == Some(name));
        group.unwrap().target_group_arn().unwrap().to_owned()
    };
    let idle = bench
        .elb
        .describe_target_health()
        .target_group_arn(arn("idle"));
    let idle = idle.send().await.unwrap();
    let reason = idle.target_health_descriptions()[0]
        .target_health()
        .unwrap()
        .reason();
    assert_eq!(reason.unwrap().as_str(), "Target.NotInUse");
    let register = |group: &str, id: String| {
        let target = TargetDescription::builder().id(id).build();
        bench
            .elb
            .register_targets()
            .target_group_arn(arn(group))
            .targets(target)
            .send()
    };
    assert_eq!(
        code(register("idle", bench.id("two")).await),
        "InvalidTarget"
    );
    assert_eq!(
        code(register("by-ip", INSTANCE.to_owned()).await),
        "ValidationError"
    );
    register("by-ip", "10.0.0.21".to_owned()).await.unwrap();
    let none = bench
        .elb
        .register_targets()
        .target_group_arn(arn("idle"))
        .send()
        .await;
    assert_eq!(code(none), "ValidationError");
}
