//! What a launch makes of what it finds, and that user data is sent and nowhere else.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::LaunchInstance;
use super::user_data::{UserDataRef, digest_for_tests};
use crate::domain::failure::{Effect, FailureClass};
use crate::restore::operation::{AnyOperation, Operation, Probe};
use crate::restore::operations::recorder::{Recorder, context};
use crate::restore::operations::sent::samples::launch;

const INSTANCES: &str = "DescribeInstances";
const RULES: &str = "DescribeSecurityGroupRules";
const STATUS: &str = "DescribeInstanceStatus";
const ATTRIBUTE: &str = "DescribeInstanceAttribute";
/// `#!/bin/sh\necho CANARY-7f`, as AWS hands it out.
const DATA: &str = "IyEvYmluL3NoCmVjaG8gQ0FOQVJZLTdm";

fn instance(id: &str, state: &str, generation: u32, group: &str) -> String {
    format!(
        "<item><instanceId>{id}</instanceId><imageId>ami-1</imageId>\
         <instanceState><name>{state}</name></instanceState>\
         <instanceType>t3.large</instanceType><subnetId>subnet-1</subnetId>\
         <privateIpAddress>10.0.0.5</privateIpAddress>\
         <stateReason><message>Client.InternalError</message></stateReason>\
         <networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
         <attachment><deviceIndex>0</deviceIndex></attachment>\
         <groupSet><item><groupId>{group}</groupId></item></groupSet></item></networkInterfaceSet>\
         <blockDeviceMapping><item><deviceName>/dev/xvda</deviceName>\
         <ebs><volumeId>vol-1</volumeId></ebs></item></blockDeviceMapping>\
         <tagSet><item><key>defib:generation</key><value>{generation}</value></item></tagSet></item>"
    )
}

fn instances(all: &[String]) -> String {
    let all = all.concat();
    format!(
        "<R><reservationSet><item><instancesSet>{all}</instancesSet></item></reservationSet></R>"
    )
}

fn status(check: &str) -> String {
    format!(
        "<R><instanceStatusSet><item><instanceState><name>running</name></instanceState>\
         <systemStatus><status>ok</status></systemStatus>\
         <instanceStatus><status>{check}</status></instanceStatus></item></instanceStatusSet></R>"
    )
}

fn rule(egress: bool, cidr: &str) -> String {
    format!(
        "<item><securityGroupRuleId>sgr-1</securityGroupRuleId><isEgress>{egress}</isEgress>\
         <ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort>\
         <cidrIpv4>{cidr}</cidrIpv4></item>"
    )
}

fn rules(all: &[String]) -> String {
    let all = all.concat();
    format!("<R><securityGroupRuleSet>{all}</securityGroupRuleSet></R>")
}

async fn probe(found: &[String], check: &str, group: &[String]) -> Probe<Value> {
    let recorder = Recorder::default()
        .answers(INSTANCES, &instances(found))
        .answers(STATUS, &status(check))
        .answers(RULES, &rules(group));
    recorder.probe(&launch(false)).await
}

#[tokio::test]
async fn nothing_is_launched_before_the_group_is_proven_to_be_shut() {
    let wanted = rule(false, "198.51.100.7/32");
    let shut = probe(&[], "ok", std::slice::from_ref(&wanted)).await;
    assert!(matches!(shut, Probe::Absent { .. }), "{shut:?}");
    for group in [
        vec![],
        vec![rule(true, "0.0.0.0/0"), wanted.clone()],
        vec![rule(false, "0.0.0.0/0"), wanted.clone()],
        vec![rule(false, "198.51.100.8/32")],
    ] {
        let open = probe(&[], "ok", &group).await;
        assert!(matches!(open, Probe::Conflict(_)), "{open:?}");
    }
}

#[tokio::test]
async fn a_launch_is_there_when_both_checks_are_ok() {
    let one = [instance("i-1", "running", 3, "sg-1")];
    let seen = probe(&one, "initializing", &[]).await;
    assert!(matches!(seen, Probe::InProgress { .. }), "{seen:?}");
    let pending = probe(&[instance("i-1", "pending", 3, "sg-1")], "ok", &[]).await;
    assert!(matches!(pending, Probe::InProgress { .. }), "{pending:?}");
    let Probe::Present { output, .. } = probe(&one, "ok", &[]).await else {
        panic!("it is there");
    };
    let wanted = json!({
        "instance": "i-1", "interface": "eni-1", "private_ip": "10.0.0.5", "volumes": ["vol-1"],
    });
    assert_eq!(output, wanted);
    let made = AnyOperation::created(&launch(false), &output);
    let made: Vec<&str> = made.iter().map(|made| made.id.as_str()).collect();
    assert_eq!(made, ["i-1", "eni-1", "vol-1"]);
}

#[tokio::test]
async fn what_is_not_this_launch_is_a_conflict_and_what_ended_has_failed() {
    let running = |id: &str, group: &str| instance(id, "running", 3, group);
    let two = [running("i-1", "sg-1"), running("i-2", "sg-1")];
    let other_group = [running("i-1", "sg-2")];
    let stopped = [instance("i-1", "stopped", 3, "sg-1")];
    for found in [&two[..], &other_group[..], &stopped[..]] {
        let seen = probe(found, "ok", &[]).await;
        assert!(matches!(seen, Probe::Conflict(_)), "{seen:?}");
    }
    let ended = [instance("i-1", "terminated", 3, "sg-1")];
    let Probe::Failed(why) = probe(&ended, "ok", &[]).await else {
        panic!("it ended");
    };
    assert!(why.contains("Client.InternalError"), "{why}");
    let before = [instance("i-1", "terminated", 2, "sg-1")];
    let wanted = rule(false, "198.51.100.7/32");
    let seen = probe(&before, "ok", &[wanted]).await;
    assert!(matches!(seen, Probe::Absent { .. }), "{seen:?}");
}

fn with_user_data(recorder: &Recorder) -> LaunchInstance {
    let place = context(recorder).clients.place;
    LaunchInstance {
        user_data: Some(UserDataRef {
            instance: "i-old".into(),
            digest: digest_for_tests(&place, "i-old", DATA),
        }),
        ..launch(false)
    }
}

fn with_data(data: &str) -> Recorder {
    let found = format!("<R><userData><value>{data}</value></userData></R>");
    Recorder::default().answers(ATTRIBUTE, &found)
}

#[tokio::test]
async fn user_data_is_read_again_and_sent_and_stands_nowhere_else() {
    let recorder = with_data(DATA);
    let launch = with_user_data(&recorder);
    let _ = AnyOperation::issue(&launch, &context(&recorder)).await;
    let sent = recorder.sent();
    let actions: Vec<&str> = sent.iter().map(|sent| sent.action.as_str()).collect();
    assert_eq!(actions, [ATTRIBUTE, "RunInstances"]);
    assert!(
        sent[1].body.contains(&format!("UserData={DATA}")),
        "{}",
        sent[1].body
    );
    let call = Operation::call(&launch).input.to_string();
    let request = AnyOperation::request(&launch).parameters.to_string();
    for told in [call, request] {
        assert!(!told.contains(DATA) && !told.contains("CANARY"), "{told}");
    }
}

#[tokio::test]
async fn other_user_data_than_the_plans_is_not_sent() {
    for data in ["b3RoZXI=", ""] {
        let recorder = with_data(data);
        let launch = with_user_data(&recorder);
        let failure = AnyOperation::issue(&launch, &context(&recorder)).await;
        let failure = failure.unwrap_err();
        assert_eq!(
            (failure.class, failure.effect),
            (FailureClass::Refused, Effect::None)
        );
        assert_eq!(recorder.sent().len(), 1);
    }
}

#[test]
fn a_digest_tells_neither_the_data_nor_that_two_instances_share_it() {
    let place = context(&Recorder::default()).clients.place;
    let one = digest_for_tests(&place, "i-1", DATA);
    assert_eq!(one.len(), 64);
    assert_eq!(one, digest_for_tests(&place, "i-1", DATA));
    assert_ne!(one, digest_for_tests(&place, "i-2", DATA));
    assert_ne!(one, digest_for_tests(&place, "i-1", "b3RoZXI="));
}
