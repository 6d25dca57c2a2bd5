//! What a scenario file may and may not say, and what the embedded ones promise.
//!
//! A scenario that the demonstration opens with is held to its own story here.

use super::support::Bench;
use crate::clock::Clock;
use crate::sim::{ScenarioError, SimulatedAws, Story, scenarios};

const HEAD: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[place]]
account = "111122223333"
region = "eu-west-1"
"#;

fn error(tail: &str) -> ScenarioError {
    SimulatedAws::from_scenario(&format!("{HEAD}{tail}"), Clock::real()).unwrap_err()
}

#[test]
fn an_unknown_field_is_an_error() {
    let error = error("colour = \"red\"");
    let ScenarioError::Unreadable(source) = error else {
        panic!("{error}");
    };
    assert!(source.to_string().contains("colour"), "{source}");
}

#[test]
fn contradictions_are_named() {
    let snapshot = "[[place.snapshot]]\nvolume = \"nothing\"";
    assert_eq!(
        error(snapshot).to_string(),
        "111122223333/eu-west-1 has no volume `nothing`"
    );
    let zone = "[[place.volume]]\nname = \"v\"\nzone = \"z\"\nsize = 1";
    assert!(error(zone).to_string().contains("no zone `z`"));
    let twice = "[[place.volume]]\nname = \"v\"\nzone = \"a\"\nsize = 1\n".repeat(2);
    assert!(error(&twice).to_string().contains("is described twice"));
    let cluster = "[[place.db-instance]]\nname = \"d\"\nengine = \"mysql\"\ncluster = \"c\"";
    assert!(error(cluster).to_string().contains("no DB cluster `c`"));
    let made = "[[place.db-snapshot]]\ndatabase = \"d\"\nengine = \"mysql\"\nmade = \"luck\"";
    assert!(error(made).to_string().contains("`luck`"));
    let state =
        "[[place.instance]]\nname = \"v\"\nzone = \"a\"\ntype = \"t3.large\"\nstate = \"dozing\"";
    assert!(error(state).to_string().contains("`dozing`"));
}

#[test]
fn every_embedded_scenario_can_be_built_and_says_what_it_is() {
    for scenario in scenarios() {
        let story = Story::of(scenario.text).unwrap();
        let clock = Clock::real();
        SimulatedAws::from_scenario(scenario.text, clock).unwrap();
        assert!(scenario.sentence.ends_with('.'), "{}", scenario.name);
        assert!(story.incident_at < story.opens_at, "{}", scenario.name);
        assert!(!story.accounts.is_empty(), "{}", scenario.name);
    }
}

#[tokio::test(start_paused = true)]
async fn the_good_snapshot_of_the_bad_deploy_is_good_and_the_newest_is_not() {
    let bench = Bench::scenario("bad-deploy");
    let story = bench.aws.scenario_story().clone();
    let picture = bench.aws.picture();
    let snapshots = &picture["111122223333/eu-west-1"]["snapshots"];
    let good = &snapshots[story.good_snapshot_id.as_deref().unwrap()];
    let bad = &snapshots[story.bad_snapshot_id.as_deref().unwrap()];
    assert_eq!(good["data"]["damaged"], false);
    assert_eq!(bad["data"]["damaged"], true);
    assert_eq!(
        (&good["state"], &bad["state"]),
        (&"completed".into(), &"completed".into())
    );
    let taken: jiff::Timestamp = good["started"].as_str().unwrap().parse().unwrap();
    assert_eq!(story.incident_at.duration_since(taken).as_mins(), 14);
    let volume = bench.aws.volume_data(story.volume_id.as_deref().unwrap());
    assert!(volume.unwrap().damaged);
}

#[tokio::test(start_paused = true)]
async fn the_bad_deploy_looks_like_a_real_estate() {
    let bench = Bench::scenario("bad-deploy");
    let picture = bench.aws.picture();
    let place = &picture["111122223333/eu-west-1"];
    let count = |kind: &str| place[kind].as_object().unwrap().len();
    assert!(count("instances") >= 15, "{}", count("instances"));
    assert!(count("volumes") >= 20, "{}", count("volumes"));
    assert!(count("snapshots") >= 150, "{}", count("snapshots"));
}

#[tokio::test(start_paused = true)]
async fn the_lost_volume_is_gone_and_its_snapshot_restores() {
    let bench = Bench::scenario("lost-volume");
    let story = bench.aws.scenario_story().clone();
    let volume = story.volume_id.unwrap();
    assert_eq!(bench.aws.volume_data(&volume), None);
    let create = bench.ec2.create_volume().availability_zone("eu-west-1b");
    let made = create
        .snapshot_id(story.good_snapshot_id.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(made.size, Some(500));
}

#[tokio::test(start_paused = true)]
async fn every_image_of_the_web_server_has_its_snapshots_and_the_newest_is_broken() {
    let bench = Bench::scenario("web");
    let picture = bench.aws.picture();
    let place = &picture["111122223333/eu-west-1"];
    let images = place["images"].as_object().unwrap().values();
    let mut made: Vec<(jiff::Timestamp, bool)> = Vec::new();
    for image in images.filter(|image| image["state"] == "available") {
        let mut damaged = false;
        for disk in image["disks"].as_array().unwrap() {
            let snapshot = &place["snapshots"][disk["snapshot_id"].as_str().unwrap()];
            assert_eq!(snapshot["started"], image["created"], "{image}");
            damaged |= snapshot["data"]["damaged"] == true;
        }
        made.push((image["created"].as_str().unwrap().parse().unwrap(), damaged));
    }
    made.sort_unstable();
    let (newest, rest) = made.split_last().unwrap();
    assert!(newest.1 && rest.iter().all(|(_, damaged)| !damaged));
    assert_eq!(rest.len(), 11);
}

#[tokio::test(start_paused = true)]
async fn the_table_of_the_story_can_be_had_back() {
    let bench = Bench::scenario("table");
    let story = bench.aws.scenario_story().clone();
    let at: jiff::Timestamp = story.choices["at"].parse().unwrap();
    assert_eq!(story.incident_at.duration_since(at).as_secs(), 1);
    let call = bench.dynamodb.restore_table_to_point_in_time();
    let call = call
        .source_table_name("orders")
        .target_table_name("orders-back");
    let second = aws_smithy_types::DateTime::from_secs(at.as_second());
    call.restore_date_time(second).send().await.unwrap();
    bench.wait(24 * 60).await;
    let count = bench.dynamodb.scan().table_name("orders-back");
    let count = count.select(aws_sdk_dynamodb::types::Select::Count);
    assert!(count.send().await.unwrap().scanned_count() > 0);

    let picture = bench.aws.picture();
    let place = &picture["111122223333/eu-west-1"];
    let (was, is) = (&place["tables"]["orders"], &place["tables"]["orders-back"]);
    assert_eq!(was["data"]["items"], is["data"]["items"]);
    assert_eq!(is["data"]["as_of"], story.choices["at"]);
    // Everything that the story needs the table to have lost again.
    for setting in [
        "continuous",
        "stream",
        "ttl",
        "policy",
        "scaling",
        "triggers",
    ] {
        assert!(
            was[setting].is_string() || was[setting].is_object(),
            "{setting}"
        );
        assert!(is[setting].is_null(), "{setting}");
    }
    let parameter = &place["parameters"][&story.choices["parameter"]];
    assert_eq!(parameter["value"], "orders");
    assert_eq!(place["tables"].as_object().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn hostile_names_arrive_byte_for_byte() {
    let bench = Bench::scenario("hostile-names");
    let instance = bench.instance("i-0aaaaaaa000000000").await;
    let name = instance.tags()[0].value().unwrap();
    assert_eq!(name, "\u{1b}[2J\u{1b}[Hall is well");
}

#[tokio::test(start_paused = true)]
async fn two_worlds_of_one_scenario_are_alike() {
    let picture = |bench: &Bench| bench.aws.picture();
    let (one, two) = (Bench::scenario("refusals"), Bench::scenario("refusals"));
    let made = |bench: &Bench| {
        let create = bench.ec2.create_volume().availability_zone("eu-west-1a");
        create.size(1).send()
    };
    let ids = (
        made(&one).await.unwrap().volume_id,
        made(&two).await.unwrap().volume_id,
    );
    assert_eq!(ids.0, ids.1);
    assert!(picture(&one) == picture(&two), "the pictures differ");
}

#[tokio::test(start_paused = true)]
async fn accounts_and_regions_are_apart() {
    let bench = Bench::scenario("bad-deploy");
    let retry = aws_sdk_ec2::config::retry::RetryConfig::disabled();
    let virginia = super::support::ec2(&bench.aws, "111122223333", "us-east-1", retry);
    let read = virginia.describe_instances().send().await.unwrap();
    assert_eq!(read.reservations().len(), 2);
    let call = bench.aws.calls().pop().unwrap();
    assert_eq!(call.region, "us-east-1");
}
