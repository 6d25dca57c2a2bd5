//! `StopInstances`, `StartInstances`, `DescribeInstanceStatus`.
//!
//! States are read at instants around each turn, and the history must hold the turns that nobody saw.

use super::support::{Bench, code, message};

async fn stop(bench: &Bench, name: &str) -> Result<String, String> {
    let stop = bench.ec2.stop_instances().instance_ids(bench.id(name));
    match stop.send().await {
        Ok(done) => {
            let mut changes = done.stopping_instances.unwrap();
            let state = changes.remove(0).current_state.unwrap();
            Ok(state.name.unwrap().to_string())
        }
        Err(error) => Err(code::<(), _, _>(Err(error))),
    }
}

async fn start(bench: &Bench, name: &str) -> Result<String, String> {
    let start = bench.ec2.start_instances().instance_ids(bench.id(name));
    match start.send().await {
        Ok(done) => {
            let mut changes = done.starting_instances.unwrap();
            let state = changes.remove(0).current_state.unwrap();
            Ok(state.name.unwrap().to_string())
        }
        Err(error) => Err(code::<(), _, _>(Err(error))),
    }
}

fn refused(code: &str) -> Result<String, String> {
    Err(code.to_owned())
}

#[tokio::test(start_paused = true)]
async fn stopping_takes_a_while_and_stopping_again_is_fine() {
    let bench = Bench::scenario("refusals");
    assert_eq!(stop(&bench, "plain").await.unwrap(), "stopping");
    assert_eq!(stop(&bench, "plain").await.unwrap(), "stopping");
    bench.wait(41).await;
    assert_eq!(stop(&bench, "plain").await.unwrap(), "stopped");
    let effects = bench.aws.calls();
    assert_eq!(effects.iter().filter(|call| call.took_effect).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_stopped_says_why() {
    let bench = Bench::scenario("refusals");
    assert_eq!(
        stop(&bench, "stop-protected").await,
        refused("OperationNotPermitted")
    );
    assert_eq!(
        stop(&bench, "spot-once").await,
        refused("UnsupportedOperation")
    );
    assert_eq!(
        stop(&bench, "instance-store-root").await,
        refused("UnsupportedOperation")
    );
    assert_eq!(
        stop(&bench, "terminated").await,
        refused("IncorrectInstanceState")
    );
    assert!(stop(&bench, "termination-protected").await.is_ok());
    assert!(stop(&bench, "spot-persistent").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn one_refused_instance_keeps_all_of_them_running() {
    let bench = Bench::scenario("refusals");
    let stop = bench.ec2.stop_instances().instance_ids(bench.id("plain"));
    let both = stop.instance_ids(bench.id("stop-protected")).send().await;
    assert_eq!(code(both), "OperationNotPermitted");
    assert_eq!(bench.instance_state(&bench.id("plain")).await, "running");
}

#[tokio::test(start_paused = true)]
async fn an_instance_starts_only_when_it_has_stopped() {
    let bench = Bench::scenario("refusals");
    assert_eq!(start(&bench, "plain").await.unwrap(), "running");
    stop(&bench, "plain").await.unwrap();
    assert_eq!(
        start(&bench, "plain").await,
        refused("IncorrectInstanceState")
    );
    bench.wait(41).await;
    assert_eq!(start(&bench, "plain").await.unwrap(), "pending");
    assert_eq!(
        stop(&bench, "plain").await,
        refused("IncorrectInstanceState")
    );
    bench.wait(26).await;
    assert_eq!(start(&bench, "plain").await.unwrap(), "running");
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_its_root_volume_does_not_start() {
    let bench = Bench::scenario("refusals");
    let detach = bench
        .ec2
        .detach_volume()
        .volume_id(bench.id("stopped-root"));
    detach.send().await.unwrap();
    let start = bench
        .ec2
        .start_instances()
        .instance_ids(bench.id("stopped"));
    let error = message(start.send().await);
    assert!(
        error.ends_with("does not have a volume attached at root (/dev/xvda)"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_instance_without_capacity_stays_stopped() {
    let bench = Bench::scenario("refusals");
    stop(&bench, "no-capacity").await.unwrap();
    bench.wait(41).await;
    assert_eq!(
        start(&bench, "no-capacity").await,
        refused("InsufficientInstanceCapacity")
    );
    let id = bench.id("no-capacity");
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.set_capacity(&id, true);
    });
    assert_eq!(start(&bench, "no-capacity").await.unwrap(), "pending");
}

#[tokio::test(start_paused = true)]
async fn a_public_address_changes_unless_it_is_elastic() {
    let bench = Bench::scenario("refusals");
    for (name, stays) in [("public-address", false), ("elastic-address", true)] {
        let id = bench.id(name);
        let before = bench.instance(&id).await.public_ip_address;
        stop(&bench, name).await.unwrap();
        bench.wait(41).await;
        let between = bench.instance(&id).await.public_ip_address;
        start(&bench, name).await.unwrap();
        bench.wait(26).await;
        let after = bench.instance(&id).await.public_ip_address;
        assert!(after.is_some());
        assert_eq!(
            (between == before, after == before),
            (stays, stays),
            "{name}"
        );
    }
}

async fn checks(bench: &Bench, name: &str, all: bool) -> Option<(String, String)> {
    let read = bench
        .ec2
        .describe_instance_status()
        .instance_ids(bench.id(name));
    let rows = read.include_all_instances(all).send().await.unwrap();
    let row = rows.instance_statuses.unwrap().pop()?;
    let text = |summary: Option<aws_sdk_ec2::types::InstanceStatusSummary>| {
        summary.unwrap().status.unwrap().to_string()
    };
    Some((text(row.instance_status), text(row.system_status)))
}

fn both(word: &str) -> (String, String) {
    (word.to_owned(), word.to_owned())
}

#[tokio::test(start_paused = true)]
async fn the_checks_initialize_and_then_pass() {
    let bench = Bench::scenario("refusals");
    assert_eq!(checks(&bench, "stopped", false).await, None);
    assert_eq!(
        checks(&bench, "stopped", true).await,
        Some(both("not-applicable"))
    );
    start(&bench, "stopped").await.unwrap();
    assert_eq!(checks(&bench, "stopped", false).await, None);
    bench.wait(26).await;
    assert_eq!(
        checks(&bench, "stopped", false).await,
        Some(both("initializing"))
    );
    let due = bench.aws.checks_pass_at(&bench.id("stopped")).unwrap();
    bench.wait(150).await;
    assert_eq!(checks(&bench, "stopped", false).await, Some(both("ok")));
    assert!(due <= bench.clock.now());
}

#[tokio::test(start_paused = true)]
async fn an_impaired_guest_fails_the_instance_check_alone() {
    let bench = Bench::scenario("refusals");
    let found = checks(&bench, "never-healthy", false).await;
    assert_eq!(found, Some(("impaired".to_owned(), "ok".to_owned())));
    assert_eq!(bench.aws.checks_pass_at(&bench.id("never-healthy")), None);
}

#[tokio::test(start_paused = true)]
async fn the_history_has_the_exact_instants_though_nobody_looked() {
    let bench = Bench::scenario("refusals");
    let id = bench.id("plain");
    let begun = bench.clock.now();
    stop(&bench, "plain").await.unwrap();
    bench.wait(3600).await;
    start(&bench, "plain").await.unwrap();
    bench.wait(3600).await;
    let history = bench.aws.instance_history(&id);
    let after: Vec<(i64, &str)> = history[1..]
        .iter()
        .map(|turn| (turn.at.duration_since(begun).as_secs(), turn.state.as_str()))
        .collect();
    let expected = [
        (0, "stopping"),
        (40, "stopped"),
        (3600, "pending"),
        (3625, "running"),
    ];
    assert_eq!(after, expected);
}

#[tokio::test(start_paused = true)]
async fn time_never_runs_backwards_in_the_world() {
    let bench = Bench::scenario("refusals");
    stop(&bench, "plain").await.unwrap();
    bench.wait(41).await;
    assert_eq!(bench.instance_state(&bench.id("plain")).await, "stopped");
    bench.clock.jump(jiff::SignedDuration::from_secs(-5));
    assert_eq!(bench.instance_state(&bench.id("plain")).await, "stopped");
}

#[tokio::test(start_paused = true)]
async fn a_terminated_instance_takes_only_the_volumes_that_go_with_it() {
    let bench = Bench::scenario("refusals");
    let (instance, root, data) = (
        bench.id("plain"),
        bench.id("plain-root"),
        bench.id("plain-data"),
    );
    bench.aws.third_party("111122223333", "eu-west-1", |hands| {
        hands.terminate(&instance);
    });
    assert_eq!(bench.instance_state(&instance).await, "terminated");
    assert_eq!(bench.volume_state(&data).await, "available");
    let read = bench.ec2.describe_volumes().volume_ids(root).send().await;
    assert_eq!(code(read), "InvalidVolume.NotFound");
}
