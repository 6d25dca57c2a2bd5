//! Tags, and rehearsals (`DryRun`) of everything that changes something.
//!
//! A mutation that is added to the simulation must be rehearsed here too, or the test says so.

use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};

use super::support::{ACCOUNT, Bench, REGION, code, filter, tag};

async fn tags(bench: &Bench, id: &str) -> Vec<(String, String)> {
    let volume = bench.volume(id).await;
    let pair = |tag: &Tag| (tag.key.clone().unwrap(), tag.value.clone().unwrap());
    volume.tags().iter().map(pair).collect()
}

#[tokio::test(start_paused = true)]
async fn deleting_a_tag_with_a_value_takes_only_that_value() {
    let bench = Bench::scenario("refusals");
    let id = bench.id("plain-data");
    let create = bench
        .ec2
        .create_tags()
        .resources(&id)
        .tags(tag("defib:active", "r1"));
    create.send().await.unwrap();
    let delete = |wanted: Tag| bench.ec2.delete_tags().resources(&id).tags(wanted).send();
    delete(tag("defib:active", "r2")).await.unwrap();
    delete(tag("defib:active", "")).await.unwrap();
    assert_eq!(tags(&bench, &id).await.len(), 2);
    delete(tag("defib:active", "r1")).await.unwrap();
    assert_eq!(tags(&bench, &id).await.len(), 1);
    delete(Tag::builder().key("Name").build()).await.unwrap();
    assert_eq!(tags(&bench, &id).await.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn tags_have_limits_and_aws_s_own_prefix_is_reserved() {
    let bench = Bench::scenario("refusals");
    let id = bench.id("plain-data");
    let create = |tags: Vec<Tag>| {
        let create = bench.ec2.create_tags().resources(&id);
        create.set_tags(Some(tags)).send()
    };
    let invalid = "InvalidParameterValue";
    assert_eq!(code(create(vec![tag("aws:mine", "x")]).await), invalid);
    assert_eq!(
        code(create(vec![tag("k", &"x".repeat(257))]).await),
        invalid
    );
    let many = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();
    assert_eq!(code(create(many).await), "TagLimitExceeded");
    assert_eq!(tags(&bench, &id).await.len(), 1);
    let unknown = bench.ec2.create_tags().resources("vol-0123456789abcdef0");
    let unknown = unknown.tags(tag("a", "b")).send().await;
    assert_eq!(code(unknown), "InvalidVolume.NotFound");
}

#[tokio::test(start_paused = true)]
async fn tags_of_a_creation_must_be_for_what_is_created() {
    let bench = Bench::scenario("empty");
    let of = |kind: ResourceType| {
        let wanted = TagSpecification::builder()
            .resource_type(kind)
            .tags(tag("a", "b"));
        let create = bench
            .ec2
            .create_volume()
            .availability_zone("eu-west-1a")
            .size(1);
        create.tag_specifications(wanted.build()).send()
    };
    assert_eq!(
        code(of(ResourceType::Snapshot).await),
        "InvalidParameterValue"
    );
    of(ResourceType::Volume).await.unwrap();
    let found = bench.ec2.describe_tags().filters(filter("key", &["a"]));
    let found = found.send().await.unwrap().tags.unwrap();
    assert_eq!(found[0].resource_type, Some(ResourceType::Volume));
}

/// The code that a rehearsal of each mutation ends with.
async fn rehearse(bench: &Bench) -> Vec<(&'static str, String)> {
    let (volume, instance) = (&bench.id("plain-data"), &bench.id("plain"));
    let ec2 = &bench.ec2;
    let create = ec2.create_volume().availability_zone("eu-west-1a").size(1);
    let snapshot = ec2.create_snapshot().volume_id(volume);
    let attach = ec2.attach_volume().volume_id(volume).device("/dev/sdf");
    let detach = ec2.detach_volume().volume_id(volume);
    let resize = ec2.modify_volume().volume_id(volume);
    let modify = ec2.modify_instance_attribute().instance_id(instance);
    let stop = ec2.stop_instances().instance_ids(instance);
    let start = ec2.start_instances().instance_ids(instance);
    let tagging = ec2.create_tags().resources(volume).tags(tag("a", "b"));
    let untagging = ec2.delete_tags().resources(volume);
    let attach = attach.instance_id(instance).dry_run(true).send().await;
    let modify = modify.dry_run(true).send().await;
    vec![
        ("CreateVolume", code(create.dry_run(true).send().await)),
        ("CreateSnapshot", code(snapshot.dry_run(true).send().await)),
        ("AttachVolume", code(attach)),
        ("DetachVolume", code(detach.dry_run(true).send().await)),
        ("ModifyVolume", code(resize.dry_run(true).send().await)),
        ("ModifyInstanceAttribute", code(modify)),
        ("StopInstances", code(stop.dry_run(true).send().await)),
        ("StartInstances", code(start.dry_run(true).send().await)),
        ("CreateTags", code(tagging.dry_run(true).send().await)),
        ("DeleteTags", code(untagging.dry_run(true).send().await)),
    ]
}

/// The same for the mutations of a relaunch, in the scenario `web`.
async fn rehearse_a_relaunch(bench: &Bench) -> Vec<(&'static str, String)> {
    const GROUP: &str = "sg-0c9e17d4a6b3f8520";
    let instance = bench.instance(&bench.id("web-1")).await;
    let attachment = |n: usize| {
        let held = instance.network_interfaces()[n].attachment().unwrap();
        held.attachment_id().unwrap().to_owned()
    };
    let id = instance.instance_id().unwrap();
    let interface = instance.network_interfaces()[0].network_interface_id();
    let interface = interface.unwrap();
    let address = bench.ec2.describe_addresses().send().await.unwrap();
    let association = address.addresses()[0].association_id().unwrap();
    let allocation = address.addresses()[0].allocation_id().unwrap();
    let ec2 = &bench.ec2;
    macro_rules! ask {
        ($($name:literal: $request:expr),* $(,)?) => {
            vec![$(($name, code($request.dry_run(true).send().await))),*]
        };
    }
    let run = ec2.run_instances().image_id("ami-09c4e7a1f5d8b2630");
    let run = run.min_count(1).max_count(1);
    let create = ec2.create_security_group().group_name("x");
    let authorize = ec2.authorize_security_group_egress().group_id(GROUP);
    let attach = ec2.attach_network_interface().instance_id(id);
    let associate = ec2.associate_address().allocation_id(allocation);
    let modify = ec2.modify_network_interface_attribute();
    ask!(
        "RunInstances": run.subnet_id("subnet-03d9f5b7182ce6a40"),
        "CreateSecurityGroup": create.description("x").vpc_id("vpc-0e4c71a9d53b28f60"),
        "AuthorizeSecurityGroupEgress": authorize,
        "AuthorizeSecurityGroupIngress": ec2.authorize_security_group_ingress().group_id(GROUP),
        "RevokeSecurityGroupEgress": ec2.revoke_security_group_egress().group_id(GROUP),
        "RevokeSecurityGroupIngress": ec2.revoke_security_group_ingress().group_id(GROUP),
        "ModifyNetworkInterfaceAttribute": modify.network_interface_id(interface),
        "AttachNetworkInterface": attach.network_interface_id(interface).device_index(0),
        "DetachNetworkInterface": ec2.detach_network_interface().attachment_id(attachment(0)),
        "AssociateAddress": associate.network_interface_id(interface),
        "DisassociateAddress": ec2.disassociate_address().association_id(association),
        "CreateReplaceRootVolumeTask": ec2.create_replace_root_volume_task().instance_id(id),
    )
}

#[tokio::test(start_paused = true)]
async fn a_rehearsal_changes_nothing_and_asks_before_it_looks_at_states() {
    let bench = Bench::scenario("refusals");
    let before = bench.aws.picture();
    let mut outcomes = rehearse(&bench).await;
    let web = Bench::scenario("web");
    let as_it_was = web.aws.picture();
    outcomes.extend(rehearse_a_relaunch(&web).await);
    assert_eq!(web.aws.picture(), as_it_was);
    for (operation, outcome) in &outcomes {
        assert_eq!(outcome, "DryRunOperation", "{operation}");
    }
    assert_eq!(bench.aws.picture(), before);
    assert!(
        bench
            .aws
            .calls()
            .iter()
            .all(|call| call.dry_run && !call.took_effect)
    );
    let known = bench.aws.operations();
    let mut mutations: Vec<&str> = known
        .iter()
        .filter(|op| op.mutates && op.service == "EC2")
        .map(|op| op.name)
        .collect();
    let mut rehearsed: Vec<&str> = outcomes.iter().map(|(operation, _)| *operation).collect();
    mutations.sort_unstable();
    rehearsed.sort_unstable();
    assert_eq!(rehearsed, mutations, "rehearse the new mutation too");
}

#[tokio::test(start_paused = true)]
async fn a_denied_mutation_is_unauthorized_even_as_a_rehearsal() {
    let bench = Bench::scenario("refusals");
    for (operation, _) in rehearse(&bench).await {
        let action = format!("ec2:{operation}");
        bench
            .aws
            .third_party(ACCOUNT, REGION, |hands| hands.set_denied(&action, true));
    }
    for (operation, outcome) in rehearse(&bench).await {
        assert_eq!(outcome, "UnauthorizedOperation", "{operation}");
    }
    let web = Bench::scenario("web");
    for (operation, _) in rehearse_a_relaunch(&web).await {
        let action = format!("ec2:{operation}");
        let deny = |hands: &mut crate::sim::Hands<'_>| hands.set_denied(&action, true);
        web.aws.third_party(ACCOUNT, REGION, deny);
    }
    for (operation, outcome) in rehearse_a_relaunch(&web).await {
        assert_eq!(outcome, "UnauthorizedOperation", "{operation}");
    }
    let absent = bench
        .ec2
        .stop_instances()
        .instance_ids("i-0123456789abcdef0");
    assert_eq!(
        code(absent.dry_run(true).send().await),
        "InvalidInstanceID.NotFound"
    );
}
