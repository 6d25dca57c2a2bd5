//! Targets of a target group: initial, healthy, unhealthy, draining, gone. In the scenario `web`, where checks come every
//! ten seconds and three of them make a target healthy.

use aws_sdk_elasticloadbalancingv2::types::TargetDescription;

use super::support::{Bench, code};

const WEB_1: &str = "i-0b61d7e3a9f2c4850";
const WEB_2: &str = "i-04f8a2c6d9e1b7350";
const BACK: &str = "sg-08d4f2a7e1c5b3960";

async fn group(bench: &Bench) -> String {
    let read = bench
        .elb
        .describe_target_groups()
        .names("shop-web")
        .send()
        .await
        .unwrap();
    read.target_groups()[0]
        .target_group_arn()
        .unwrap()
        .to_owned()
}

fn target(id: &str) -> TargetDescription {
    TargetDescription::builder().id(id).build()
}

/// State and reason of a target.
async fn health(bench: &Bench, id: &str) -> (String, Option<String>) {
    let group = group(bench).await;
    let read = bench.elb.describe_target_health().target_group_arn(group);
    let read = read.targets(target(id)).send().await.unwrap();
    let health = read.target_health_descriptions()[0]
        .target_health()
        .unwrap()
        .clone();
    let reason = health.reason().map(|reason| reason.as_str().to_owned());
    (health.state().unwrap().as_str().to_owned(), reason)
}

async fn register(bench: &Bench, id: &str) {
    let register = bench
        .elb
        .register_targets()
        .target_group_arn(group(bench).await);
    register.targets(target(id)).send().await.unwrap();
}

async fn deregister(bench: &Bench, id: &str) {
    let deregister = bench
        .elb
        .deregister_targets()
        .target_group_arn(group(bench).await);
    deregister.targets(target(id)).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_target_drains_for_as_long_as_its_group_says_and_is_healthy_again_after_three_checks() {
    let bench = Bench::scenario("web");
    assert_eq!(health(&bench, WEB_2).await.0, "healthy");
    let read = bench
        .elb
        .describe_target_group_attributes()
        .target_group_arn(group(&bench).await);
    let read = read.send().await.unwrap();
    assert_eq!(read.attributes()[0].value(), Some("300"));
    deregister(&bench, WEB_2).await;
    let draining = Some("Target.DeregistrationInProgress".to_owned());
    assert_eq!(
        health(&bench, WEB_2).await,
        ("draining".to_owned(), draining)
    );
    deregister(&bench, WEB_2).await;
    assert!(
        !bench
            .aws
            .calls()
            .iter()
            .rfind(|call| call.mutates)
            .unwrap()
            .took_effect
    );
    bench.wait(301).await;
    let gone = Some("Target.NotRegistered".to_owned());
    assert_eq!(health(&bench, WEB_2).await, ("unused".to_owned(), gone));
    register(&bench, WEB_2).await;
    assert_eq!(health(&bench, WEB_2).await.0, "initial");
    bench.wait(30).await;
    assert_eq!(health(&bench, WEB_2).await, ("healthy".to_owned(), None));
}

#[tokio::test(start_paused = true)]
async fn whoever_lets_the_load_balancer_not_in_or_does_not_answer_is_unhealthy() {
    let bench = Bench::scenario("web");
    let timeout = || ("unhealthy".to_owned(), Some("Target.Timeout".to_owned()));
    assert_eq!(
        health(&bench, WEB_1).await,
        timeout(),
        "the update broke it"
    );
    assert_eq!(health(&bench, WEB_2).await.0, "healthy");
    let instance = bench.instance(WEB_2).await;
    let first = instance.network_interfaces()[0]
        .network_interface_id()
        .unwrap();
    let groups = |groups: &'static str| {
        let modify = bench.ec2.modify_network_interface_attribute();
        modify.network_interface_id(first).groups(groups).send()
    };
    groups(BACK).await.unwrap();
    assert_eq!(health(&bench, WEB_2).await, timeout());
    groups("sg-0c9e17d4a6b3f8520").await.unwrap();
    bench.wait(29).await;
    assert_eq!(health(&bench, WEB_2).await, timeout());
    bench.wait(1).await;
    assert_eq!(health(&bench, WEB_2).await.0, "healthy");
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.set_impaired(WEB_2, true);
    });
    assert_eq!(health(&bench, WEB_2).await, timeout());
    bench
        .ec2
        .stop_instances()
        .instance_ids(WEB_1)
        .send()
        .await
        .unwrap();
    let stopped = Some("Target.InvalidState".to_owned());
    assert_eq!(health(&bench, WEB_1).await, ("unused".to_owned(), stopped));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_a_target_is_refused() {
    let bench = Bench::scenario("web");
    let register = |arn: String, id: &str| {
        let register = bench.elb.register_targets().target_group_arn(arn);
        register.targets(target(id)).send()
    };
    let arn = group(&bench).await;
    let nobody = register("arn:aws:elasticloadbalancing:x".into(), WEB_1).await;
    assert_eq!(code(nobody), "TargetGroupNotFound");
    assert_eq!(
        code(register(arn.clone(), "i-0123456789abcdef0").await),
        "InvalidTarget"
    );
    let queue = bench.id("queue");
    bench
        .ec2
        .stop_instances()
        .instance_ids(&queue)
        .send()
        .await
        .unwrap();
    assert_eq!(code(register(arn.clone(), &queue).await), "InvalidTarget");
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.set_denied("elasticloadbalancing:RegisterTargets", true);
    });
    assert_eq!(code(register(arn, WEB_2).await), "AccessDenied");
}

#[tokio::test(start_paused = true)]
async fn a_load_balancer_names_its_listener_and_the_groups_behind_it() {
    let bench = Bench::scenario("web");
    let read = bench.elb.describe_load_balancers().send().await.unwrap();
    let balancer = read.load_balancers()[0].load_balancer_arn().unwrap();
    let read = bench
        .elb
        .describe_listeners()
        .load_balancer_arn(balancer)
        .send()
        .await
        .unwrap();
    let listener = &read.listeners()[0];
    let behind = listener.default_actions()[0].target_group_arn().unwrap();
    assert_eq!(behind, group(&bench).await);
    let rules = bench
        .elb
        .describe_rules()
        .listener_arn(listener.listener_arn().unwrap());
    assert_eq!(rules.send().await.unwrap().rules().len(), 1);
    let unknown = bench
        .elb
        .describe_load_balancers()
        .names("nobody")
        .send()
        .await;
    assert_eq!(code(unknown), "LoadBalancerNotFound");
}

#[tokio::test(start_paused = true)]
async fn what_is_launched_from_the_good_image_becomes_healthy_and_from_the_other_never() {
    for (image, state) in [
        ("ami-09c4e7a1f5d8b2630", "healthy"),
        ("ami-03f7b1d9c5e2a8460", "unhealthy"),
    ] {
        let bench = Bench::scenario("web");
        let run = bench
            .ec2
            .run_instances()
            .image_id(image)
            .min_count(1)
            .max_count(1);
        let run = run
            .instance_type("m6i.large".into())
            .subnet_id("subnet-03d9f5b7182ce6a40");
        let run = run.security_group_ids("sg-0c9e17d4a6b3f8520");
        let made = run.send().await.unwrap().instances.unwrap().remove(0);
        let id = made.instance_id.unwrap();
        bench.wait(30).await;
        register(&bench, &id).await;
        assert_eq!(health(&bench, &id).await.0, "initial");
        bench.wait(60).await;
        assert_eq!(
            health(&bench, &id).await.0,
            "unhealthy",
            "it is still coming up"
        );
        bench.wait(120).await;
        assert_eq!(health(&bench, &id).await.0, state, "{image}");
    }
}
