//! KMS, Auto Scaling and STS.
//!
//! These services answer a few reads and change nothing; what a key does to a volume is tested in `creating`.

use super::support::{ACCOUNT, Bench, REGION, code};

#[tokio::test(start_paused = true)]
async fn a_key_is_found_by_id_arn_and_alias() {
    let bench = Bench::scenario("refusals");
    let id = "22222222-0000-4000-8000-000000000002";
    let arn = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{id}");
    let alias = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:alias/disabled");
    for name in [id, &arn, "alias/disabled", &alias] {
        let read = bench.kms.describe_key().key_id(name).send().await.unwrap();
        let key = read.key_metadata.unwrap();
        assert_eq!((key.key_id.as_str(), key.enabled), (id, false), "{name}");
        assert_eq!(key.key_state.unwrap().as_str(), "Disabled");
    }
}

#[tokio::test(start_paused = true)]
async fn an_absent_key_is_the_sdk_s_own_not_found() {
    let bench = Bench::scenario("refusals");
    let read = bench.kms.describe_key().key_id("alias/nobody").send().await;
    assert!(
        read.unwrap_err()
            .into_service_error()
            .is_not_found_exception()
    );
}

#[tokio::test(start_paused = true)]
async fn a_key_may_not_be_described_when_the_scenario_says_so() {
    let bench = Bench::scenario("refusals");
    let secret = bench.kms.describe_key().key_id("alias/secret").send().await;
    assert_eq!(code(secret), "AccessDeniedException");
    bench.aws.third_party(ACCOUNT, REGION, |hands| {
        hands.set_denied("kms:DescribeKey", true);
    });
    let good = bench.kms.describe_key().key_id("alias/good").send().await;
    assert_eq!(code(good), "AccessDeniedException");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_aws_manages_is_there_once_it_is_asked_for_and_no_other_is() {
    let bench = Bench::scenario("empty");
    for alias in ["alias/aws/ebs", "alias/aws/dynamodb"] {
        let read = bench.kms.describe_key().key_id(alias).send().await;
        assert!(read.unwrap().key_metadata.unwrap().enabled, "{alias}");
    }
    let read = bench.kms.describe_key().key_id("alias/aws/else").send();
    assert_eq!(code(read.await), "NotFoundException");
}

#[tokio::test(start_paused = true)]
async fn only_members_of_a_group_are_listed() {
    let bench = Bench::scenario("refusals");
    let (member, plain) = (bench.id("asg-member"), bench.id("plain"));
    let read = bench.autoscaling.describe_auto_scaling_instances();
    let read = read
        .instance_ids(&member)
        .instance_ids(plain)
        .send()
        .await
        .unwrap();
    let rows = read.auto_scaling_instances();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].instance_id(), Some(&*member));
    assert_eq!(rows[0].lifecycle_state(), Some("InService"));
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_somebody_of_the_account() {
    let bench = Bench::scenario("empty");
    let who = bench.sts.get_caller_identity().send().await.unwrap();
    assert_eq!(who.account(), Some(ACCOUNT));
    assert_eq!(
        who.arn(),
        Some("arn:aws:sts::111122223333:assumed-role/OnCall/operator")
    );
}
