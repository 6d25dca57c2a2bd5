//! What a copy of a server does on its own as soon as it runs, in quarantine and out of it.
//! In the scenario `web` the server's image consumes a queue and writes to a database.

use aws_sdk_ec2::types::{InstanceType, IpPermission, IpRange};
use serde_json::Value;

use super::support::{Bench, filter};

const WEB: &str = "sg-0c9e17d4a6b3f8520";

/// Launches a copy with one group, and lets it come up.
async fn copy(bench: &Bench, group: &str) -> String {
    let run = bench.ec2.run_instances().image_id("ami-09c4e7a1f5d8b2630");
    let run = run
        .min_count(1)
        .max_count(1)
        .instance_type(InstanceType::from("m6i.large"));
    let run = run
        .subnet_id("subnet-03d9f5b7182ce6a40")
        .security_group_ids(group);
    let made = run.send().await.unwrap().instances.unwrap().remove(0);
    bench.wait(300).await;
    made.instance_id.unwrap()
}

fn reached(bench: &Bench, id: &str) -> Vec<String> {
    let picture = bench.aws.picture();
    let told = &picture["111122223333/eu-west-1"]["instances"][id]["reached"];
    let Value::Object(told) = told else {
        panic!("{told}");
    };
    told.keys().cloned().collect()
}

/// A group that lets SSH in from one address, and nothing out.
async fn quarantine(bench: &Bench) -> String {
    let create = bench.ec2.create_security_group().group_name("quarantine");
    let create = create
        .description("quarantine")
        .vpc_id("vpc-0e4c71a9d53b28f60");
    let group = create.send().await.unwrap().group_id.unwrap();
    let read = bench.ec2.describe_security_group_rules();
    let read = read
        .filters(filter("group-id", &[&group]))
        .send()
        .await
        .unwrap();
    let ids = read.security_group_rules().iter();
    let ids = ids.map(|rule| rule.security_group_rule_id().unwrap().to_owned());
    let revoke = bench.ec2.revoke_security_group_egress().group_id(&group);
    let revoke = revoke.set_security_group_rule_ids(Some(ids.collect()));
    revoke.send().await.unwrap();
    let range = IpRange::builder().cidr_ip("198.51.100.7/32").build();
    let ssh = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(22)
        .to_port(22);
    let authorize = bench
        .ec2
        .authorize_security_group_ingress()
        .group_id(&group);
    authorize
        .ip_permissions(ssh.ip_ranges(range).build())
        .send()
        .await
        .unwrap();
    group
}

#[tokio::test(start_paused = true)]
async fn a_copy_in_quarantine_reaches_nothing_until_it_is_let_out() {
    let bench = Bench::scenario("web");
    let group = quarantine(&bench).await;
    let copy = copy(&bench, &group).await;
    assert_eq!(bench.instance_state(&copy).await, "running");
    assert!(reached(&bench, &copy).is_empty());
    let instance = bench.instance(&copy).await;
    let first = instance.network_interfaces()[0]
        .network_interface_id()
        .unwrap();
    let modify = bench
        .ec2
        .modify_network_interface_attribute()
        .network_interface_id(first);
    modify.groups(WEB).send().await.unwrap();
    assert_eq!(
        reached(&bench, &copy),
        ["10.40.20.7:5432", "10.40.20.9:5672"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_launched_with_the_groups_of_the_server_does_its_work_twice() {
    let bench = Bench::scenario("web");
    let copy = copy(&bench, WEB).await;
    assert_eq!(
        reached(&bench, &copy),
        ["10.40.20.7:5432", "10.40.20.9:5672"]
    );
}

#[tokio::test(start_paused = true)]
async fn the_default_rules_alone_let_a_copy_out() {
    let bench = Bench::scenario("web");
    let create = bench
        .ec2
        .create_security_group()
        .group_name("not a quarantine");
    let create = create.description("x").vpc_id("vpc-0e4c71a9d53b28f60");
    let group = create.send().await.unwrap().group_id.unwrap();
    let text = "10.40.20.9 lets only web servers in";
    let copy = copy(&bench, &group).await;
    assert!(reached(&bench, &copy).is_empty(), "{text}");
    let range = IpRange::builder().cidr_ip("10.40.0.0/16").build();
    let queue = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(5672)
        .to_port(5672);
    let authorize = bench
        .ec2
        .authorize_security_group_ingress()
        .group_id("sg-08d4f2a7e1c5b3960");
    authorize
        .ip_permissions(queue.ip_ranges(range).build())
        .send()
        .await
        .unwrap();
    assert_eq!(reached(&bench, &copy), ["10.40.20.9:5672"]);
}
