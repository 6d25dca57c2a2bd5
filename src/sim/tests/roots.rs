//! `CreateReplaceRootVolumeTask`: from which snapshots and images, in which states, and how it can end.
//! In the scenario `web`, where the image before the incident holds a snapshot of the root.

use super::support::{Bench, code};

const WEB_1: &str = "i-0b61d7e3a9f2c4850";
const ROOT: &str = "vol-0e8a4c61f7d3b2950";
const GOOD: &str = "snap-0d5e8b2f7a1c94360";

macro_rules! replace {
    ($bench:expr $(, $set:ident = $value:expr)*) => {
        $bench.ec2.create_replace_root_volume_task().instance_id(WEB_1)$(.$set($value))*.send().await
    };
}

async fn state(bench: &Bench, id: &str) -> String {
    let read = bench.ec2.describe_replace_root_volume_tasks();
    let read = read.replace_root_volume_task_ids(id).send().await.unwrap();
    let task = &read.replace_root_volume_tasks()[0];
    task.task_state().unwrap().as_str().to_owned()
}

/// The volume at the root of the instance.
async fn root(bench: &Bench) -> Option<String> {
    let instance = bench.instance(WEB_1).await;
    let mut mappings = instance.block_device_mappings().iter();
    let root = mappings.find(|mapping| mapping.device_name() == Some("/dev/xvda"))?;
    root.ebs()?.volume_id().map(str::to_owned)
}

#[tokio::test(start_paused = true)]
async fn the_root_is_replaced_while_the_instance_runs_and_the_old_one_stays() {
    let bench = Bench::scenario("web");
    let made = replace!(bench, snapshot_id = GOOD, client_token = "t").unwrap();
    let task = made.replace_root_volume_task.unwrap();
    let id = task.replace_root_volume_task_id().unwrap().to_owned();
    assert_eq!(task.task_state().unwrap().as_str(), "pending");
    assert_eq!(code(replace!(bench, snapshot_id = GOOD)), "IncorrectState");
    let again = replace!(bench, snapshot_id = GOOD, client_token = "t").unwrap();
    let again = again.replace_root_volume_task.unwrap();
    assert_eq!(again.replace_root_volume_task_id(), Some(id.as_str()));
    assert_eq!(
        code(replace!(bench, client_token = "t")),
        "IdempotentParameterMismatch"
    );
    bench.wait(46).await;
    assert_eq!(state(&bench, &id).await, "in-progress");
    bench.wait(45).await;
    assert_eq!(state(&bench, &id).await, "succeeded");
    assert_eq!(bench.volume_state(ROOT).await, "available");
    let new = root(&bench).await.unwrap();
    assert_ne!(new, ROOT);
    assert_eq!(bench.volume(&new).await.snapshot_id(), Some(GOOD));
    assert_eq!(bench.instance_state(WEB_1).await, "running");
    assert!(bench.aws.checks_pass_at(WEB_1).unwrap() > bench.clock.now());
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_another_lineage_is_refused() {
    let bench = Bench::scenario("web");
    let data = replace!(bench, snapshot_id = "snap-06a9c3e1d7f5b2840");
    assert_eq!(code(data), "InvalidSnapshot.LineageMismatch");
    let unknown = replace!(bench, snapshot_id = "snap-0123456789abcdef0");
    assert_eq!(code(unknown), "InvalidSnapshot.NotFound");
    let two = replace!(
        bench,
        snapshot_id = GOOD,
        image_id = "ami-09c4e7a1f5d8b2630"
    );
    assert_eq!(code(two), "InvalidParameterCombination");
    let deletes = replace!(
        bench,
        snapshot_id = GOOD,
        delete_replaced_root_volume = true
    );
    assert_eq!(code(deletes), "InvalidParameterCombination");
    assert_eq!(root(&bench).await.as_deref(), Some(ROOT));
}

#[tokio::test(start_paused = true)]
async fn an_image_must_fit_the_instance_and_a_volume_its_zone() {
    let bench = Bench::scenario("web");
    let read = bench
        .ec2
        .describe_images()
        .include_disabled(true)
        .owners("self");
    let images = read.send().await.unwrap().images.unwrap();
    let disabled = images
        .iter()
        .find(|one| one.state().is_some_and(|s| s.as_str() == "disabled"));
    let disabled = disabled.unwrap().image_id().unwrap();
    assert_eq!(
        code(replace!(bench, image_id = disabled)),
        "InvalidAMIID.Unavailable"
    );
    let in_use = replace!(bench, volume_id = "vol-03c7e9b5a2f14d860");
    assert_eq!(code(in_use), "IncorrectState");
    let elsewhere = bench
        .ec2
        .create_volume()
        .availability_zone("eu-west-1b")
        .size(20);
    let elsewhere = elsewhere.send().await.unwrap().volume_id.unwrap();
    bench.wait(15).await;
    assert_eq!(
        code(replace!(bench, volume_id = elsewhere)),
        "InvalidVolume.ZoneMismatch"
    );
    replace!(bench, image_id = "ami-09c4e7a1f5d8b2630").unwrap();
}

#[tokio::test(start_paused = true)]
async fn only_a_running_instance_gets_another_root() {
    let bench = Bench::scenario("web");
    bench
        .ec2
        .stop_instances()
        .instance_ids(WEB_1)
        .send()
        .await
        .unwrap();
    bench.wait(41).await;
    assert_eq!(
        code(replace!(bench, snapshot_id = GOOD)),
        "IncorrectInstanceState"
    );
}

#[tokio::test(start_paused = true)]
async fn a_replacement_that_fails_leaves_the_old_root_or_none() {
    for (ends, holds) in [("failed", true), ("failed-detached", false)] {
        let text = crate::sim::scenarios()
            .iter()
            .find(|one| one.name == "web")
            .unwrap()
            .text;
        let name = "name = \"web-1\"\ntype";
        let text = text.replace(name, &format!("root_replacement_ends = \"{ends}\"\n{name}"));
        let bench = Bench::text(&text);
        let made = replace!(bench, snapshot_id = GOOD).unwrap();
        let task = made.replace_root_volume_task.unwrap();
        let id = task.replace_root_volume_task_id().unwrap();
        bench.wait(91).await;
        assert!(state(&bench, id).await.starts_with("failing"));
        bench.wait(45).await;
        assert_eq!(state(&bench, id).await, ends);
        assert_eq!(
            root(&bench).await.as_deref(),
            holds.then_some(ROOT),
            "{ends}"
        );
    }
}
