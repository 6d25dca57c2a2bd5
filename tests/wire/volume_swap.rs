//! The flow volume swap, each variant from the command line to the last tag.

use crate::account::Account;
use crate::estate::{Estate, Make};
use crate::home::Home;
use crate::process::Output;
use crate::server::stock_server;
use crate::stage::{BEFORE_THE_INCIDENT, DEVICE, REGION, Stage, run_of};

const GP3: Make = Make::gp3(10, 4000, 200);
const IO2: Make = Make::io2(12, 640);

/// Asserts a finished run and its world; returns the run and the new volume.
fn swapped(stage: &Stage, output: Output) -> (String, String) {
    let output = output.expect(&[0]);
    let run = run_of(&output);
    let summary = output.json_lines().pop().expect("a summary");
    assert_eq!(summary["state"], "done", "{summary}");
    let new = stage.swap(&run).assert_done(&stage.picture());
    assert!(
        summary["created"].to_string().contains(&new),
        "{new} is listed: {summary}"
    );
    stage.assert_nothing_was_deleted();
    (run, new)
}

#[test]
fn a_data_volume_is_swapped_with_its_instance_stopped_and_rolled_back() {
    let stage = Stage::with_data_volume(GP3);
    let (run, new) = swapped(&stage, stage.run(&["--mode", "stop"]));
    stage.roll_back(&run, &new);
}

#[test]
fn a_data_volume_is_swapped_after_a_person_unmounted_it_and_rolled_back() {
    let stage = Stage::with_data_volume(GP3);
    let (run, new) = swapped(&stage, stage.run(&["--mode", "unmount"]));
    let stopped = stage
        .account
        .ec2_actions()
        .iter()
        .any(|action| action == "StopInstances");
    assert!(!stopped, "the instance was left alone");
    stage.roll_back(&run, &new);
}

#[test]
fn an_io2_volume_keeps_its_iops_and_is_rolled_back() {
    let stage = Stage::with_data_volume(IO2);
    let (run, new) = swapped(&stage, stage.run(&["--mode", "stop"]));
    stage.roll_back(&run, &new);
}

#[test]
fn a_root_volume_is_swapped_and_rolled_back() {
    let stage = Stage::with_root_volume();
    let (run, new) = swapped(&stage, stage.run(&[]));
    stage.roll_back(&run, &new);
}

#[test]
fn a_lost_volume_is_put_back_and_rolled_back() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.lose_the_volume();
    stage.delete_on_termination = false;
    let place = [
        "--instance",
        &stage.instance.clone(),
        "--device",
        &stage.device.clone(),
    ];
    let mut extra = place.to_vec();
    extra.extend(["--delete-on-termination", "no"]);
    let (run, new) = swapped(&stage, stage.run(&extra));
    stage.roll_back(&run, &new);
}

#[test]
fn a_lost_volume_asks_what_happens_to_it_on_termination() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.lose_the_volume();
    let (instance, device) = (stage.instance.clone(), stage.device.clone());
    let output = stage
        .run(&["--instance", &instance, "--device", &device])
        .expect(&[2]);
    assert!(output.stderr.contains("delete-on-termination"), "{output}");
    crate::swap::assert_same(&stage.before, &stage.picture());
}

#[test]
fn a_volume_is_attached_beside_the_old_one_and_rolled_back() {
    let stage = Stage::with_data_volume(GP3);
    let output = stage.run(&["--mode", "beside"]).expect(&[0]);
    let run = run_of(&output);
    let new = stage.swap(&run).assert_beside(&stage.picture());
    let summary = stage.home.only_run();
    assert_eq!(
        summary.get("outage_seconds"),
        Some(&serde_json::Value::Null),
        "{summary}"
    );
    stage.roll_back(&run, &new);
}

#[test]
fn a_stopped_instance_stays_stopped() {
    let mut stage = Stage::with_data_volume(GP3);
    stage.estate().stop(&stage.instance);
    stage.before = stage.picture();
    let (run, new) = swapped(&stage, stage.run(&[]));
    assert!(
        stage.home.only_run()["outage_seconds"].is_null(),
        "nothing was interrupted"
    );
    stage.roll_back(&run, &new);
}

#[test]
fn a_safety_snapshot_is_taken_unless_declined() {
    let stage = Stage::with_data_volume(GP3);
    swapped(&stage, stage.run(&[]));
    assert_eq!(
        stage.picture().snapshots.len(),
        stage.before.snapshots.len() + 1
    );
    let declined = Stage::with_data_volume(GP3);
    swapped(&declined, declined.run(&["--no-safety-snapshot"]));
    assert_eq!(
        declined.picture().snapshots.len(),
        declined.before.snapshots.len()
    );
}

#[test]
fn what_is_asked_for_overrides_what_was_there() {
    let stage = Stage::with_data_volume(GP3);
    let asked = ["--size", "16", "--iops", "5000", "--throughput", "300"];
    let output = stage
        .run(&[&asked[..], &["--keep-until", "2030-01-31"]].concat())
        .expect(&[0]);
    let run = run_of(&output);
    let picture = stage.picture();
    // The kept old volume carries `defib:step` too, so the step's name is what tells them apart.
    let created = |row: &&serde_json::Value| row["tags"]["defib:step"] == "create-volume";
    let new: Vec<_> = picture.volumes.values().filter(created).collect();
    let [new] = new[..] else {
        panic!("run {run}: one new volume, not {new:?}")
    };
    assert_eq!(
        (&new["size"], &new["iops"]),
        (&16.into(), &5000.into()),
        "run {run}"
    );
    assert_eq!(new["throughput"], 300);
    let old = &picture.volumes[stage.old.as_deref().unwrap()]["tags"]["defib:keep-until"];
    assert!(old.to_string().contains("2030-01-31"), "{old}");
}

#[test]
fn a_plan_changes_nothing_and_every_format_prints_it() {
    let stage = Stage::with_data_volume(GP3);
    for format in ["text", "json", "markdown", "shell"] {
        let plan = stage.arguments("plan", &["--format", format]);
        let output = stage.home.defib(&plan).expect(&[0]);
        assert!(
            output.stdout.contains(&stage.snapshot),
            "{format}\n{output}"
        );
        let again = || timeless(&stage.home.defib(&plan).expect(&[0]).stdout);
        let (once, twice) = (timeless(&output.stdout), again());
        // How long ago the point was made is told in hours: one can be over between two plans, not two.
        if once != twice {
            assert_eq!(twice, again(), "{format} is stable");
        }
    }
    assert_eq!(
        stage.before.differences(&stage.picture()),
        "",
        "not even a tag"
    );
}

/// Drops the lines of a plan file that say when something was read or made.
fn timeless(text: &str) -> String {
    let of_time = |line: &&str| {
        let line = line.trim_start();
        let of_json = ["\"at\": ", "\"made_at\": ", "\"observed_at\": "];
        let of_paper = ["| made | "];
        !of_json
            .iter()
            .chain(&of_paper)
            .any(|field| line.starts_with(field))
    };
    text.lines().filter(of_time).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_server_as_its_authors_published_it_sees_the_same_swap() {
    let account = Account::on(stock_server());
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let old = estate.volume(GP3, &[("Name", "orders-db data")]);
    estate.attach(&instance, &old, DEVICE, true);
    let snapshot = estate.snapshot(&old, BEFORE_THE_INCIDENT, &[]);
    let home = Home::on(stock_server()).role("red", &account.id, REGION);
    let place = ["--profile", "red", "--region", REGION];
    let swap = [
        "run",
        "volume-swap",
        "--snapshot",
        &snapshot,
        "--mode",
        "stop",
        "--yes",
        "--json",
    ];
    let output = home.defib(&[&place[..], &swap].concat()).expect(&[0]);
    let new = estate.volume_at(&instance, DEVICE);
    assert_ne!(new, old);
    assert!(
        home.only_run()["created"].to_string().contains(&new),
        "{output}"
    );
    home.defib(&["rollback", &run_of(&output), "--yes"])
        .expect(&[0]);
    assert_eq!(estate.volume_at(&instance, DEVICE), old);
}
