//! Security groups with their rules, interfaces, and addresses: what is refused, and what takes its time.
//! The estate is that of the scenario `web`, or a small one where a quota matters.

use aws_sdk_ec2::types::{IpPermission, IpRange, NetworkInterfaceAttachmentChanges};

use super::support::{Bench, code, filter};

const WEB_1: &str = "i-0b61d7e3a9f2c4850";
const VPC: &str = "vpc-0e4c71a9d53b28f60";
const WEB: &str = "sg-0c9e17d4a6b3f8520";
const FREE: &str = "eni-0a5c3e7d9b1f28460";
const ELASTIC: &str = "eipalloc-0d2f6b8c4e1a97530";

fn permission(port: i32, cidr: &str) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).build();
    let permission = IpPermission::builder().ip_protocol("tcp");
    permission
        .from_port(port)
        .to_port(port)
        .ip_ranges(range)
        .build()
}

fn all(cidr: &str) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).build();
    IpPermission::builder()
        .ip_protocol("-1")
        .ip_ranges(range)
        .build()
}

async fn made(bench: &Bench) -> String {
    let create = bench
        .ec2
        .create_security_group()
        .group_name("defib-quarantine");
    let create = create.description("quarantine").vpc_id(VPC);
    create.send().await.unwrap().group_id.unwrap()
}

async fn rules(bench: &Bench, group: &str) -> Vec<aws_sdk_ec2::types::SecurityGroupRule> {
    let read = bench.ec2.describe_security_group_rules();
    let read = read.filters(filter("group-id", &[group])).send().await;
    read.unwrap().security_group_rules.unwrap()
}

/// The first interface of an instance.
async fn primary(bench: &Bench, id: &str) -> String {
    let instance = bench.instance(id).await;
    let first = instance.network_interfaces()[0].network_interface_id();
    first.unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_new_group_lets_everything_out_by_both_protocols_and_nothing_in() {
    let bench = Bench::scenario("web");
    let group = made(&bench).await;
    let rules = rules(&bench, &group).await;
    let mut out: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule.is_egress().unwrap(),
                rule.cidr_ipv4().or(rule.cidr_ipv6()).unwrap(),
            )
        })
        .collect();
    out.sort_unstable();
    assert_eq!(out, [(true, "0.0.0.0/0"), (true, "::/0")]);
    let again = bench
        .ec2
        .create_security_group()
        .group_name("defib-quarantine");
    let again = again.description("again").vpc_id(VPC).send().await;
    assert_eq!(code(again), "InvalidGroup.Duplicate");
    let elsewhere = bench
        .ec2
        .create_security_group()
        .group_name("x")
        .description("x");
    assert_eq!(
        code(elsewhere.vpc_id("vpc-0").send().await),
        "InvalidVpcID.NotFound"
    );
    let nowhere = bench
        .ec2
        .create_security_group()
        .group_name("x")
        .description("x");
    assert_eq!(code(nowhere.send().await), "VPCIdNotSpecified");
    let worded = bench
        .ec2
        .create_security_group()
        .group_name("x")
        .description("Schlüssel");
    assert_eq!(
        code(worded.vpc_id(VPC).send().await),
        "InvalidParameterValue"
    );
}

#[tokio::test(start_paused = true)]
async fn rules_are_revoked_by_their_id_and_by_what_they_allow() {
    let bench = Bench::scenario("web");
    let group = made(&bench).await;
    let there = rules(&bench, &group).await;
    let ids: Vec<_> = there
        .iter()
        .map(|rule| rule.security_group_rule_id().unwrap())
        .collect();
    let revoke = || bench.ec2.revoke_security_group_egress().group_id(&group);
    let none = revoke()
        .ip_permissions(permission(22, "10.0.0.0/8"))
        .send()
        .await;
    assert_eq!(code(none), "InvalidPermission.NotFound");
    let both = revoke()
        .ip_permissions(all("0.0.0.0/0"))
        .security_group_rule_ids(ids[0]);
    assert_eq!(code(both.send().await), "InvalidParameterCombination");
    assert_eq!(rules(&bench, &group).await.len(), 2, "nothing was revoked");
    let one = revoke()
        .ip_permissions(all("0.0.0.0/0"))
        .send()
        .await
        .unwrap();
    assert_eq!(one.revoked_security_group_rules().len(), 1);
    let gone = revoke()
        .security_group_rule_ids(ids[0])
        .security_group_rule_ids(ids[1]);
    assert_eq!(
        code(gone.send().await),
        "InvalidSecurityGroupRuleId.NotFound"
    );
    let left = rules(&bench, &group).await;
    let id = left[0].security_group_rule_id().unwrap();
    revoke().security_group_rule_ids(id).send().await.unwrap();
    assert!(rules(&bench, &group).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn in_a_default_vpc_what_matches_no_rule_is_listed_and_no_error() {
    let bench = Bench::text(&small("default = true"));
    let read = bench.ec2.describe_security_groups().send().await.unwrap();
    let group = read.security_groups()[0].group_id().unwrap().to_owned();
    let revoke = bench.ec2.revoke_security_group_egress().group_id(&group);
    let told = revoke
        .ip_permissions(permission(22, "10.0.0.0/8"))
        .send()
        .await
        .unwrap();
    assert_eq!(told.unknown_ip_permissions().len(), 1);
    assert!(told.revoked_security_group_rules().is_empty());
    assert!(!bench.aws.calls().last().unwrap().took_effect);
}

/// A place with one VPC of which something more is said, and a quota of two groups.
fn small(vpc: &str) -> String {
    format!(
        "[story]\ntitle = \"t\"\nincident_at = \"2026-03-14T02:17:00Z\"\n\
         opens_at = \"2026-03-14T02:31:00Z\"\n[[place]]\naccount = \"111122223333\"\n\
         region = \"eu-west-1\"\ngroup_quota = 2\n[[place.vpc]]\nname = \"main\"\n\
         cidr = \"10.0.0.0/16\"\n{vpc}\n"
    )
}

#[tokio::test(start_paused = true)]
async fn groups_and_their_rules_are_counted() {
    let bench = Bench::text(&small(""));
    let read = bench.ec2.describe_vpcs().send().await.unwrap();
    let vpc = read.vpcs()[0].vpc_id().unwrap().to_owned();
    let create = |name: &str| {
        let create = bench.ec2.create_security_group().group_name(name);
        create.description(name).vpc_id(&vpc).send()
    };
    let group = create("one").await.unwrap().group_id.unwrap();
    let only = rules(&bench, &group).await;
    assert_eq!(
        only.len(),
        1,
        "without a block of IPv6 there is one default rule"
    );
    assert_eq!(code(create("two").await), "SecurityGroupLimitExceeded");
    let authorize = |from: i32, to: i32| {
        let ports = (from..to)
            .map(|port| permission(port, "10.0.0.0/8"))
            .collect();
        let authorize = bench
            .ec2
            .authorize_security_group_ingress()
            .group_id(&group);
        authorize.set_ip_permissions(Some(ports)).send()
    };
    authorize(1, 61).await.unwrap();
    assert_eq!(
        code(authorize(61, 62).await),
        "RulesPerSecurityGroupLimitExceeded"
    );
    assert_eq!(code(authorize(1, 2).await), "InvalidPermission.Duplicate");
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_makes_no_sense_is_refused() {
    let bench = Bench::scenario("web");
    let authorize = |permission: IpPermission| {
        let authorize = bench.ec2.authorize_security_group_ingress().group_id(WEB);
        authorize.ip_permissions(permission).send()
    };
    assert_eq!(
        code(authorize(permission(22, "10.0.0.0")).await),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(authorize(permission(70_000, "10.0.0.0/8")).await),
        "InvalidParameterValue"
    );
    let nobody = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(1)
        .to_port(1);
    assert_eq!(code(authorize(nobody.build()).await), "MissingParameter");
    let unknown = bench
        .ec2
        .authorize_security_group_egress()
        .group_id("sg-0123456789abcdef0");
    let unknown = unknown.ip_permissions(all("0.0.0.0/0")).send().await;
    assert_eq!(code(unknown), "InvalidGroup.NotFound");
}

#[tokio::test(start_paused = true)]
async fn an_interface_gets_other_groups_one_attribute_at_a_time() {
    let bench = Bench::scenario("web");
    let group = made(&bench).await;
    let interface = primary(&bench, WEB_1).await;
    let modify = || {
        bench
            .ec2
            .modify_network_interface_attribute()
            .network_interface_id(&interface)
    };
    modify().groups(&group).send().await.unwrap();
    let instance = bench.instance(WEB_1).await;
    assert_eq!(
        instance.security_groups()[0].group_id(),
        Some(group.as_str())
    );
    let other = &instance.network_interfaces()[1];
    assert_eq!(
        other.groups()[0].group_id(),
        Some(WEB),
        "the second has what it had"
    );
    let unknown = modify().groups("sg-0123456789abcdef0").send().await;
    assert_eq!(code(unknown), "InvalidGroup.NotFound");
    let off = aws_sdk_ec2::types::AttributeBooleanValue::builder()
        .value(false)
        .build();
    let two = modify()
        .groups(WEB)
        .source_dest_check(off.clone())
        .send()
        .await;
    assert_eq!(code(two), "InvalidParameterCombination");
    modify().source_dest_check(off).send().await.unwrap();
    assert_eq!(bench.instance(WEB_1).await.source_dest_check(), Some(false));
}

#[tokio::test(start_paused = true)]
async fn a_second_interface_moves_and_the_first_never_does() {
    let bench = Bench::scenario("web");
    let instance = bench.instance(WEB_1).await;
    let held = |n: usize| instance.network_interfaces()[n].attachment().unwrap();
    let detach = |n: usize| {
        let detach = bench.ec2.detach_network_interface();
        detach
            .attachment_id(held(n).attachment_id().unwrap())
            .send()
    };
    assert_eq!(code(detach(0).await), "OperationNotPermitted");
    let queue = bench.id("queue");
    let attach = |index: i32| {
        let attach = bench
            .ec2
            .attach_network_interface()
            .network_interface_id(FREE);
        attach.instance_id(&queue).device_index(index).send()
    };
    assert_eq!(code(attach(1).await), "InvalidNetworkInterface.InUse");
    detach(1).await.unwrap();
    assert_eq!(code(attach(1).await), "InvalidNetworkInterface.InUse");
    bench.wait(9).await;
    assert_eq!(code(attach(0).await), "InvalidParameterValue");
    let other_zone = bench
        .ec2
        .attach_network_interface()
        .network_interface_id(FREE);
    let other_zone = other_zone.instance_id(bench.id("web-2")).device_index(1);
    assert_eq!(code(other_zone.send().await), "InvalidParameterCombination");
    let attachment = attach(1).await.unwrap().attachment_id.unwrap();
    bench.wait(5).await;
    let keep = NetworkInterfaceAttachmentChanges::builder().attachment_id(&attachment);
    let keep = keep.delete_on_termination(true).build();
    let modify = bench
        .ec2
        .modify_network_interface_attribute()
        .network_interface_id(FREE);
    modify.attachment(keep).send().await.unwrap();
    let there = bench.instance(&queue).await;
    let second = there.network_interfaces()[1].attachment().unwrap();
    assert_eq!(second.delete_on_termination(), Some(true));
    assert_eq!(code(detach(1).await), "InvalidAttachmentID.NotFound");
}

#[tokio::test(start_paused = true)]
async fn an_address_moves_with_a_new_association_and_stays_where_it_is_asked_to() {
    let bench = Bench::scenario("web");
    let queue = primary(&bench, &bench.id("queue")).await;
    let associate = |free: bool| {
        let associate = bench.ec2.associate_address().allocation_id(ELASTIC);
        associate
            .network_interface_id(&queue)
            .allow_reassociation(free)
            .send()
    };
    assert_eq!(code(associate(false).await), "Resource.AlreadyAssociated");
    let before = bench.ec2.describe_addresses().send().await.unwrap();
    let before = before.addresses()[0].clone();
    assert_eq!(before.instance_id(), Some(WEB_1));
    let new = associate(true).await.unwrap().association_id.unwrap();
    assert_ne!(before.association_id(), Some(new.as_str()));
    assert_eq!(bench.instance(WEB_1).await.public_ip_address(), None);
    let there = bench.instance(&bench.id("queue")).await;
    assert_eq!(there.public_ip_address(), before.public_ip());
    let same = associate(false).await.unwrap().association_id.unwrap();
    assert_eq!(same, new, "it is there already");
    let old = bench
        .ec2
        .disassociate_address()
        .association_id(before.association_id().unwrap());
    assert_eq!(code(old.send().await), "InvalidAssociationID.NotFound");
    let now = bench.ec2.disassociate_address().association_id(&new);
    now.send().await.unwrap();
    assert_eq!(
        bench.instance(&bench.id("queue")).await.public_ip_address(),
        None
    );
}

#[tokio::test(start_paused = true)]
async fn an_address_goes_to_a_running_instance_with_one_interface_or_by_the_interface() {
    let bench = Bench::scenario("web");
    let by_instance = |id: String| {
        let associate = bench.ec2.associate_address().allocation_id(ELASTIC);
        associate.instance_id(id).send()
    };
    assert_eq!(
        code(by_instance(WEB_1.to_owned()).await),
        "InvalidInstanceID"
    );
    let queue = bench.id("queue");
    bench
        .ec2
        .stop_instances()
        .instance_ids(&queue)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(by_instance(queue.clone()).await),
        "IncorrectInstanceState"
    );
    let unknown = bench.ec2.associate_address().allocation_id("eipalloc-0");
    assert_eq!(
        code(unknown.instance_id(queue).send().await),
        "InvalidAllocationID.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn others_move_what_traffic_depends_on() {
    let bench = Bench::scenario("web");
    let queue = bench.id("queue");
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.give_address(ELASTIC, &queue);
        hands.set_groups(FREE, &[WEB, "sg-08d4f2a7e1c5b3960"]);
        hands.set_record(
            "Z0294157QK3ZP8DV61MX",
            "shop.acme.example",
            "A",
            &["192.0.2.9"],
        );
        hands.set_image_state("ami-09c4e7a1f5d8b2630", "disabled");
        hands.set_capacity_for("m6i.large", false);
    });
    let read = bench.ec2.describe_addresses().send().await.unwrap();
    assert_eq!(read.addresses()[0].instance_id(), Some(queue.as_str()));
    let read = bench
        .ec2
        .describe_network_interfaces()
        .network_interface_ids(FREE);
    let read = read.send().await.unwrap();
    assert_eq!(read.network_interfaces()[0].groups().len(), 2);
    let picture = bench.aws.picture();
    let zones = picture["111122223333/global"]["hosted_zones"].to_string();
    assert!(zones.contains("192.0.2.9"), "{zones}");
    let read = bench
        .ec2
        .describe_images()
        .image_ids("ami-09c4e7a1f5d8b2630");
    assert!(read.send().await.unwrap().images().is_empty());
}
