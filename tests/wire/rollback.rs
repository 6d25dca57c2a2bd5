//! Ways back that are not straight: twice, against somebody else's change, out of the outage.

use std::thread;

use serde_json::json;

use crate::estate::Make;
use crate::process;
use crate::refusal::assert_clear;
use crate::stage::{Stage, run_of};

const GP3: Make = Make::gp3(10, 4000, 200);

#[test]
fn a_run_without_yes_waits_for_a_person_and_has_changed_nothing() {
    let stage = Stage::with_data_volume(GP3);
    let output = stage
        .home
        .defib(&stage.arguments("run", &["--mode", "stop", "--json"]));
    let output = output.expect(&[3]);
    assert_eq!(stage.before.differences(&stage.picture()), "", "{output}");
}

#[test]
fn a_rolled_back_run_cannot_be_rolled_back_again_and_stays_as_it_is() {
    let stage = Stage::with_data_volume(GP3);
    let run = run_of(&stage.run(&["--mode", "unmount"]).expect(&[0]));
    let new = stage.swap(&run).assert_done(&stage.picture());
    stage.roll_back(&run, &new);
    let once = stage.picture();
    stage.home.defib(&["rollback", &run, "--yes"]).expect(&[0]);
    assert_eq!(once.differences(&stage.picture()), "");
}

#[test]
fn a_roll_back_stops_at_what_somebody_else_changed() {
    let stage = Stage::with_data_volume(GP3);
    let run = run_of(&stage.run(&["--mode", "stop"]).expect(&[0]));
    let new = stage.swap(&run).assert_done(&stage.picture());
    let estate = stage.estate();
    estate.stop(&stage.instance);
    estate.detach(&stage.instance, &new);
    let stranger = estate.volume(GP3, &[("Name", "somebody else's")]);
    estate.attach(&stage.instance, &stranger, &stage.device, false);
    let output = stage.home.defib(&["rollback", &run, "--yes"]).expect(&[3]);
    assert!(
        output.stderr.contains(&stranger),
        "the conflict is named\n{output}"
    );
    let devices = &stage.picture().instances[&stage.instance]["devices"];
    assert_eq!(
        devices[&stage.device]["volume"], stranger,
        "it was not touched"
    );
}

#[test]
fn a_run_that_is_refused_in_the_outage_can_be_rolled_back() {
    let stage = Stage::with_data_volume(GP3);
    let refusal = json!([{ "service": "ec2", "action": "AttachVolume", "times": 1000,
        "code": "UnauthorizedOperation", "message": "no", "status": 403 }]);
    stage.account.slow_down(100);
    let arguments = stage.arguments("run", &["--mode", "stop", "--json", "--yes"]);
    let viewer = stage.home.command(&arguments);
    let following = thread::spawn(move || process::run(viewer, ""));
    // Not earlier: the DryRun of the preflight would meet the same refusal.
    stage.wait_for_call("CreateVolume");
    stage.account.fault(&refusal);
    let output = following.join().expect("the viewer ends").expect(&[1]);
    let run = run_of(&output);
    stage.account.fault(&json!([]));
    // The volume is detached, so the snapshot alone leads to no instance any more.
    let second = stage.run(&["--mode", "stop"]).expect(&[1]);
    assert_clear(&second, &[&run, "failed", "defib resume"]);
    assert!(!second.stderr.contains("--instance"), "{second}");
    let planned = stage.home.defib(&stage.arguments("plan", &[]));
    assert_clear(&planned, &[&run, "is not over"]);
    let new = stage.swap(&run).new_volume(&stage.picture());
    stage.roll_back(&run, &new);
}
