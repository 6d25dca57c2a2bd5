//! Tests of the harness itself: a lenient peer or a blind picture would let anything pass.

use std::process::Command;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::types::{ResourceType, Tag, TagSpecification};
use serde_json::json;

use crate::account::Account;
use crate::estate::{Estate, HOSTILE_TAGS, Make, ROOT};
use crate::full_disk::FullDisk;
use crate::home::Home;
use crate::process;
use crate::server::{server, stock_server};
use crate::venv;

const REGION: &str = "eu-west-1";
const DATA: Make = Make::gp3(10, 4000, 200);

/// Returns the error code with which the service refused.
fn refusal<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> String {
    let SdkError::ServiceError(error) = error else {
        panic!("the server failed\n{}", server().log_tail());
    };
    error.err().code().expect("an error has a code").to_owned()
}

#[test]
fn two_accounts_do_not_see_each_other() {
    let (one, other) = (Account::fresh(), Account::fresh());
    let (here, there) = (Estate::new(&one, REGION), Estate::new(&other, REGION));
    let volume = here.volume(DATA, &[]);
    here.snapshot(&volume, "2026-03-01T02:00:00Z", &[]);
    assert_eq!(here.picture().snapshots.len(), 1);
    assert_eq!(
        there.picture().volumes.len() + there.picture().snapshots.len(),
        0
    );
    let elsewhere = Estate::new(&one, "us-east-1");
    assert_eq!(
        elsewhere.picture().volumes.len(),
        0,
        "regions are apart too"
    );
}

#[test]
fn hostile_tags_are_seeded_byte_equal() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let volume = estate.volume(DATA, &HOSTILE_TAGS);
    let tags = &estate.picture().volumes[&volume]["tags"];
    for (key, value) in HOSTILE_TAGS {
        assert_eq!(tags[key], value, "{key:?}");
    }
}

#[test]
fn an_occupied_device_is_refused_by_the_peer() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let (first, second) = (estate.volume(DATA, &[]), estate.volume(DATA, &[]));
    estate.attach(&instance, &first, "/dev/sdf", true);
    let attach = |volume: &str, device: &str| {
        let request = estate
            .ec2
            .attach_volume()
            .instance_id(&instance)
            .volume_id(volume);
        account
            .wait(request.device(device).send())
            .map_err(refusal)
            .unwrap_err()
    };
    assert_eq!(attach(&second, "/dev/sdf"), "InvalidParameterValue");
    assert_eq!(attach(&first, "/dev/sdg"), "VolumeInUse");
}

#[test]
fn a_volume_of_another_zone_is_refused_by_the_peer() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let create = estate
        .ec2
        .create_volume()
        .availability_zone("eu-west-1b")
        .size(1);
    let volume = account.wait(create.send()).expect("CreateVolume");
    let attach = estate
        .ec2
        .attach_volume()
        .instance_id(&instance)
        .device("/dev/sdf");
    let attach = attach.set_volume_id(volume.volume_id);
    assert_eq!(
        account.wait(attach.send()).map_err(refusal).unwrap_err(),
        "InvalidVolume.ZoneMismatch"
    );
}

#[test]
fn the_root_of_a_running_instance_stays_and_without_it_nothing_starts() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let root = estate.volume_at(&instance, ROOT);
    let detach = estate.ec2.detach_volume().volume_id(&root);
    assert_eq!(
        account
            .wait(detach.clone().send())
            .map_err(refusal)
            .unwrap_err(),
        "OperationNotPermitted"
    );
    estate.stop(&instance);
    account
        .wait(detach.clone().send())
        .expect("a stopped instance gives its root away");
    assert_eq!(
        account.wait(detach.send()).map_err(refusal).unwrap_err(),
        "IncorrectState",
        "it is detached already"
    );
    let start = estate.ec2.start_instances().instance_ids(&instance);
    assert_eq!(
        account.wait(start.send()).map_err(refusal).unwrap_err(),
        "IncorrectState"
    );
}

#[test]
fn a_terminated_instance_takes_its_root_along_and_leaves_the_rest() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let data = estate.volume(DATA, &[]);
    estate.attach(&instance, &data, "/dev/sdf", false);
    estate.terminate(&instance);
    let picture = estate.picture();
    assert_eq!(picture.instances[&instance]["state"], "terminated");
    assert_eq!(picture.volumes.keys().collect::<Vec<_>>(), [&data]);
    assert_eq!(picture.volumes[&data]["state"], "available");
}

#[test]
fn the_same_client_token_gives_the_same_volume() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let create = |size: i32, label: &str| {
        let tag = Tag::builder().key("Name").value(label).build();
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::Volume)
            .tags(tag);
        let request = estate.ec2.create_volume().availability_zone(estate.zone());
        let request = request
            .size(size)
            .client_token("once")
            .tag_specifications(tags.build());
        account.wait(request.send()).map_err(refusal)
    };
    let first = create(1, "data").expect("CreateVolume");
    let again = create(1, "data").expect("a replay");
    assert_eq!(first.volume_id(), again.volume_id());
    assert_eq!(estate.picture().volumes.len(), 1);
    assert_eq!(
        create(2, "data").unwrap_err(),
        "IdempotentParameterMismatch"
    );
    assert_eq!(
        create(1, "other").unwrap_err(),
        "IdempotentParameterMismatch"
    );
}

#[test]
fn an_unusable_snapshot_is_refused_by_the_peer() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let volume = estate.volume(DATA, &[]);
    let snapshot = estate.snapshot(&volume, "2026-03-01T02:00:00Z", &[]);
    let restore = |size: Option<i32>| {
        let request = estate.ec2.create_volume().availability_zone(estate.zone());
        let request = request.snapshot_id(&snapshot).set_size(size);
        account.wait(request.send()).map_err(refusal)
    };
    assert_eq!(
        restore(Some(1)).unwrap_err(),
        "InvalidParameterValue",
        "smaller than the snapshot"
    );
    estate.set_snapshot_state(&snapshot, "pending");
    assert_eq!(restore(None).unwrap_err(), "IncorrectState");
    estate.set_snapshot_state(&snapshot, "completed");
    restore(None).expect("CreateVolume");
    estate.archive_snapshot(&snapshot);
    assert_eq!(restore(None).unwrap_err(), "IncorrectState");
}

#[test]
fn a_fault_meets_only_the_account_it_is_meant_for() {
    let (one, other) = (Account::fresh(), Account::fresh());
    one.fault(&json!([{ "service": "ec2", "action": "DescribeVolumes",
        "code": "RequestLimitExceeded", "status": 503 }]));
    other
        .wait(other.ec2(REGION).describe_volumes().send())
        .expect("not the faulty one");
    let describe = || {
        one.wait(one.ec2(REGION).describe_volumes().send())
            .map_err(refusal)
    };
    assert_eq!(describe().unwrap_err(), "RequestLimitExceeded");
    describe().expect("a fault strikes as often as it says");
    assert_eq!(one.ec2_actions(), ["DescribeVolumes", "DescribeVolumes"]);
}

#[test]
fn a_picture_shows_both_ends_of_an_attachment_and_the_time_that_was_set() {
    let account = Account::fresh();
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let volume = estate.volume(DATA, &[]);
    estate.attach(&instance, &volume, "/dev/sdf", true);
    let snapshot = estate.snapshot(&volume, "2026-03-01T02:00:00Z", &[]);
    let before = estate.picture();
    let attachment = &before.volumes[&volume]["attachments"][0];
    assert_eq!(attachment["delete_on_termination"], true);
    assert_eq!(
        before.instances[&instance]["devices"]["/dev/sdf"]["volume"],
        volume
    );
    assert_eq!(
        before.snapshots[&snapshot]["started"],
        "2026-03-01T02:00:00Z"
    );
    estate.detach(&instance, &volume);
    let differences = before.differences(&estate.picture());
    assert!(
        differences.contains("in-use") && differences.contains("/dev/sdf"),
        "{differences}"
    );
}

#[test]
fn the_cli_of_the_environment_assumes_its_way_into_the_account() {
    let account = Account::fresh();
    let volume = Estate::new(&account, REGION).volume(DATA, &[]);
    let home = Home::new().role("red", &account.id, REGION);
    let mut aws = Command::new(venv::bin().join("aws"));
    aws.args([
        "--profile",
        "red",
        "ec2",
        "describe-volumes",
        "--output",
        "json",
    ]);
    aws.env_clear().envs(home.environment());
    let output = process::run(aws, "").expect(&[0]);
    assert!(output.stdout.contains(&volume), "{output}");
}

#[test]
fn nothing_outlives_its_home() {
    let home = Home::new();
    let mut sleeper = Command::new("sleep");
    sleeper.arg("600").env_clear().envs(home.environment());
    let mut sleeper = sleeper.spawn().expect("sleep starts");
    let pid = i32::try_from(sleeper.id()).expect("a process id");
    process::eventually("the sleeper to be there", || {
        home.processes().contains(&pid).then_some(())
    });
    drop(home);
    let status = sleeper.wait().expect("our own child");
    assert!(status.code().is_none(), "it was killed: {status}");
}

#[test]
fn a_full_disk_is_full_until_it_is_emptied() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let disk = FullDisk::at(folder.path());
    let write = || {
        let mut echo = Command::new("sh");
        echo.args(["-c", "echo x > file"])
            .current_dir(folder.path());
        process::run(disk.under(echo), "").status
    };
    assert_eq!(write(), Some(0));
    disk.fill();
    assert_ne!(write(), Some(0));
    disk.empty();
    assert_eq!(write(), Some(0));
}

#[test]
fn the_stock_server_has_none_of_our_rules() {
    let account = Account::on(stock_server());
    let estate = Estate::new(&account, REGION);
    let instance = estate.launch("orders-db");
    let (first, second) = (estate.volume(DATA, &[]), estate.volume(DATA, &[]));
    estate.attach(&instance, &first, "/dev/sdf", true);
    estate.attach(&instance, &second, "/dev/sdf", true);
    assert_eq!(
        estate.volume_at(&instance, "/dev/sdf"),
        second,
        "a taken device is given away"
    );
}
