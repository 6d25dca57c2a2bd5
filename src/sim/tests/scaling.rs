//! A member of an Auto Scaling group that is stopped: terminated, unless it is in standby or the group is told to look away.
//! In the scenario `web` the group `web` has one member, `web-2`.

use super::support::{Bench, code};

const WEB_2: &str = "i-04f8a2c6d9e1b7350";

async fn lifecycle(bench: &Bench) -> String {
    let read = bench
        .autoscaling
        .describe_auto_scaling_instances()
        .instance_ids(WEB_2);
    let read = read.send().await.unwrap();
    read.auto_scaling_instances()[0]
        .lifecycle_state()
        .unwrap()
        .to_owned()
}

async fn stop(bench: &Bench) {
    bench
        .ec2
        .stop_instances()
        .instance_ids(WEB_2)
        .send()
        .await
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_stopped_is_terminated_after_the_next_health_check() {
    let bench = Bench::scenario("web");
    stop(&bench).await;
    bench.wait(89).await;
    assert_eq!(bench.instance_state(WEB_2).await, "stopped");
    bench.wait(2).await;
    assert_eq!(bench.instance_state(WEB_2).await, "terminated");
    let read = bench
        .autoscaling
        .describe_scaling_activities()
        .auto_scaling_group_name("web");
    let read = read.send().await.unwrap();
    let told = read.activities()[0].description().unwrap().to_owned();
    assert_eq!(told, format!("Terminating EC2 instance: {WEB_2}"));
}

#[tokio::test(start_paused = true)]
async fn in_standby_nobody_looks_and_its_place_in_the_target_groups_is_kept() {
    let bench = Bench::scenario("web");
    let enter = || {
        let enter = bench
            .autoscaling
            .enter_standby()
            .auto_scaling_group_name("web");
        enter.instance_ids(WEB_2)
    };
    assert_eq!(code(enter().send().await), "ValidationError");
    let told = enter()
        .should_decrement_desired_capacity(true)
        .send()
        .await
        .unwrap();
    assert_eq!(
        told.activities()[0].status_code().unwrap().as_str(),
        "InProgress"
    );
    assert_eq!(lifecycle(&bench).await, "EnteringStandby");
    bench.wait(13).await;
    assert_eq!(lifecycle(&bench).await, "Standby");
    let picture = bench.aws.picture();
    let groups = &picture["111122223333/eu-west-1"]["target_groups"];
    assert!(!groups.to_string().contains(WEB_2), "{groups}");
    stop(&bench).await;
    bench.wait(600).await;
    assert_eq!(bench.instance_state(WEB_2).await, "stopped");
    bench
        .ec2
        .start_instances()
        .instance_ids(WEB_2)
        .send()
        .await
        .unwrap();
    bench.wait(60).await;
    let exit = || {
        bench
            .autoscaling
            .exit_standby()
            .auto_scaling_group_name("web")
    };
    exit().instance_ids(WEB_2).send().await.unwrap();
    bench.wait(13).await;
    assert_eq!(lifecycle(&bench).await, "InService");
    let groups = &bench.aws.picture()["111122223333/eu-west-1"]["target_groups"];
    assert!(groups.to_string().contains(WEB_2), "{groups}");
    assert_eq!(
        code(exit().instance_ids(WEB_2).send().await),
        "ValidationError"
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_does_not_become_smaller_than_its_minimum() {
    let text = crate::sim::scenarios()
        .iter()
        .find(|one| one.name == "web")
        .unwrap()
        .text;
    let text = text.replace("min = 0\nmax = 3", "min = 1\nmax = 1");
    let bench = Bench::text(&text);
    let enter = bench
        .autoscaling
        .enter_standby()
        .auto_scaling_group_name("web");
    let enter = enter
        .instance_ids(WEB_2)
        .should_decrement_desired_capacity(true);
    assert_eq!(code(enter.send().await), "ValidationError");
    assert_eq!(lifecycle(&bench).await, "InService");
    let other = bench
        .autoscaling
        .enter_standby()
        .auto_scaling_group_name("nobody's");
    let other = other
        .instance_ids(WEB_2)
        .should_decrement_desired_capacity(true);
    assert_eq!(code(other.send().await), "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn with_its_processes_suspended_a_group_looks_away_until_they_are_resumed() {
    let bench = Bench::scenario("web");
    let suspend = || {
        bench
            .autoscaling
            .suspend_processes()
            .auto_scaling_group_name("web")
    };
    let unknown = suspend().scaling_processes("Dream").send().await;
    assert_eq!(code(unknown), "ValidationError");
    suspend()
        .scaling_processes("ReplaceUnhealthy")
        .send()
        .await
        .unwrap();
    let read = bench
        .autoscaling
        .describe_auto_scaling_groups()
        .send()
        .await
        .unwrap();
    let suspended = read.auto_scaling_groups()[0].suspended_processes();
    assert_eq!(suspended[0].process_name(), Some("ReplaceUnhealthy"));
    stop(&bench).await;
    bench.wait(600).await;
    assert_eq!(bench.instance_state(WEB_2).await, "stopped");
    let resume = bench
        .autoscaling
        .resume_processes()
        .auto_scaling_group_name("web");
    resume.send().await.unwrap();
    bench.wait(89).await;
    assert_eq!(bench.instance_state(WEB_2).await, "stopped");
    bench.wait(2).await;
    assert_eq!(bench.instance_state(WEB_2).await, "terminated");
}
