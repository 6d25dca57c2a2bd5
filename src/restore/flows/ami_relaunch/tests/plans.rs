//! The steps of a relaunch in every mode, and what takes them back.
//! They hold the order, since a wrong one starts two that write.

use serde_json::json;

use super::fixtures::*;
use crate::domain::plan::{Gate, Impact, Plan, Undo};
use crate::restore::operation::decode;

const HEAD: [&str; 6] = [
    "mark",
    "create-group",
    "no-egress",
    "allow-operator",
    "launch",
    "look",
];

const MOVING: [&str; 7] = [
    "open",
    "address-1",
    "register-1",
    "deregister-1",
    "take-interface-1",
    "interface-1",
    "dns-1",
];

/// Where only one serves, its connections are waited for once everything has moved.
const DRAINED: [&str; 1] = ["drained-1"];

const STOPPING: [&str; 3] = ["standby", "allow-stop", "stop-old"];

const TAIL: [&str; 5] = [
    "stop-protection",
    "tag-old",
    "protect-old",
    "healthy",
    "unmark",
];

#[test]
fn side_by_side_stops_the_old_one_only_after_a_look_and_opens_the_new_one_after_that() {
    let plan = plan(&facts(), &[]);
    let wanted = [&HEAD[..], &STOPPING, &MOVING, &DRAINED, &TAIL].concat();
    assert_eq!(ids(&plan), wanted);
    assert_eq!(step(&plan, "stop-old").impact, Impact::Interrupts);
    assert!(step(&plan, "dns-1").ends_outage);
    // Stop, then open, address, healthy in the group and the old one out, two moves of the interface, and the record
    // until the last resolver has it.
    assert_eq!(
        plan.expected_outage().unwrap().as_secs(),
        60 + 2 + 2 + 60 + 2 + 20 + 20 + 120
    );
}

#[test]
fn without_a_gap_the_old_one_is_stopped_last_and_nothing_is_interrupted() {
    let plan = plan(&facts(), &[("order", "no-gap")]);
    // On standby before it leaves the target group, or its Auto Scaling group may find it unhealthy.
    let (registers, leaves) = MOVING.split_at(3);
    let (standby, stops) = STOPPING.split_at(1);
    let wanted = [&HEAD[..], registers, standby, leaves, stops, &TAIL].concat();
    assert_eq!(ids(&plan), wanted);
    assert_eq!(step(&plan, "stop-old").impact, Impact::Retires);
    assert_eq!(plan.expected_outage(), None);
    let input = |id: &str| step(&plan, id).call.as_ref().unwrap().input.clone();
    assert_eq!(input("deregister-1")["keep_serving"], true);
    let back = &step(&plan, "deregister-1").undo[0];
    assert_eq!(back.call.as_ref().unwrap().input["until_healthy"], true);
}

#[test]
fn the_old_one_is_stopped_before_the_launch_where_two_must_not_run() {
    let plan = plan(&facts(), &[("mode", "stop-first")]);
    let (before, after) = HEAD.split_at(4);
    let wanted = [before, &STOPPING, after, &MOVING, &DRAINED, &TAIL].concat();
    assert_eq!(ids(&plan), wanted);
    assert_eq!(step(&plan, "stop-old").impact, Impact::Interrupts);
    assert!(step(&plan, "dns-1").ends_outage);
}

#[test]
fn a_member_that_was_on_standby_is_left_there() {
    let mut facts = facts();
    let ways = ways_of(&mut facts);
    let mut member = ways.member.value().unwrap().clone().unwrap();
    member.lifecycle = "Standby".to_owned();
    ways.member = known(Some(member));
    for order in ["no-two-writers", "no-gap"] {
        let plan = plan(&facts, &[("order", order)]);
        assert!(!ids(&plan).contains(&"standby"), "{order}");
    }
}

#[test]
fn the_way_back_waits_for_the_health_of_the_old_one_only_once_everything_leads_to_it() {
    let plan = plan(&facts(), &[]);
    let input = |undo: &Undo| undo.call.as_ref().unwrap().input.clone();
    let back = &step(&plan, "deregister-1").undo;
    assert_eq!(input(&back[1])["until_ok"], false);
    assert_eq!(input(&back[2])["until_healthy"], false);
    let last = &step(&plan, "stop-old").undo;
    assert_eq!(input(&last[0])["until_ok"], true);
    assert_eq!(input(&last[1])["until_healthy"], true);
}

#[test]
fn a_look_alone_moves_and_stops_nothing() {
    let alone = plan(
        &alone(),
        &[
            ("isolate-only", ""),
            ("instance-type", "t3.large"),
            ("subnet", "subnet-1"),
        ],
    );
    assert_eq!(
        ids(&alone),
        [
            "create-group",
            "no-egress",
            "allow-operator",
            "launch",
            "look"
        ]
    );
    let beside = plan(&facts(), &[("isolate-only", "")]);
    assert_eq!(ids(&beside), [&HEAD[..], &["unmark"]].concat());
    assert!(beside.leftovers.is_empty());
    assert!(
        beside
            .steps
            .iter()
            .all(|step| step.impact != Impact::Interrupts)
    );
}

#[test]
fn the_group_is_shut_before_the_launch_and_the_launch_knows_how() {
    let plan = plan(&facts(), &[("allow-endpoints", ""), ("port", "22, 443")]);
    let at = |id: &str| ids(&plan).iter().position(|one| *one == id).unwrap();
    for id in ["no-egress", "allow-operator", "allow-endpoints"] {
        assert!(at(id) < at("launch"), "{id}");
    }
    let launch = &step(&plan, "launch").call.as_ref().unwrap().input;
    assert_eq!(launch["group"], json!({"$output": "create-group.group"}));
    assert_eq!(
        launch["ingress"],
        json!({"cidrs": ["198.51.100.7/32"], "ports": [22, 443]})
    );
    let egress = json!({"cidrs": ["10.0.0.200/32", "2001:db8::5/128"], "ports": [443]});
    assert_eq!(launch["egress"], egress);
    let allow = |id: &str| step(&plan, id).call.as_ref().unwrap().input["opening"].clone();
    assert_eq!(allow("allow-operator"), launch["ingress"]);
    assert_eq!(allow("allow-endpoints"), egress);
}

#[test]
fn the_launch_says_everything_and_carries_over_what_was() {
    let plan = plan(&facts(), &[]);
    let launch = decode(step(&plan, "launch").call.as_ref().unwrap()).unwrap();
    let request = launch.request().parameters;
    let devices = json!([
        {"DeviceName": "/dev/xvda", "Ebs": {
            "VolumeType": "gp3", "VolumeSize": 40, "DeleteOnTermination": false, "Iops": 3000,
            "Throughput": 250, "Encrypted": true, "KmsKeyId": "key-1",
        }},
        {"DeviceName": "/dev/sdf", "Ebs": {
            "VolumeType": "gp3", "VolumeSize": 200, "DeleteOnTermination": false, "Iops": 9000,
            "Throughput": 250, "Encrypted": true, "KmsKeyId": "key-1",
        }},
    ]);
    assert_eq!(request["BlockDeviceMappings"], devices);
    assert_eq!(request["MetadataOptions"]["HttpTokens"], "optional");
    assert_eq!(request["MetadataOptions"]["HttpPutResponseHopLimit"], 3);
    assert_eq!(
        request["NetworkInterfaces"][0]["AssociatePublicIpAddress"],
        false
    );
    assert_eq!(request["KeyName"], "ops");
    assert_eq!(request.get("IamInstanceProfile"), None);
    assert_eq!(request.get("UserData"), None);
    let tags = request["TagSpecifications"][0]["Tags"].to_string();
    assert!(tags.contains("$(id)") && !tags.contains("aws:"), "{tags}");
    let volumes = request["TagSpecifications"][1]["Tags"].to_string();
    assert!(
        volumes.contains("team") && !volumes.contains("vol-root"),
        "{volumes}"
    );
}

#[test]
fn profile_and_user_data_are_given_only_where_they_are_asked_for() {
    let plan = plan(
        &facts(),
        &[("instance-profile", "keep"), ("user-data", "keep")],
    );
    let launch = &step(&plan, "launch").call.as_ref().unwrap().input;
    assert_eq!(launch["instance_profile"], "arn:p");
    assert_eq!(
        launch["user_data"],
        json!({"instance": OLD, "digest": DIGEST})
    );
}

#[test]
fn only_the_named_rungs_are_climbed() {
    let plan = plan(&facts(), &[("move", "security-groups,dns")]);
    let wanted = [&HEAD[..], &STOPPING, &["open", "dns-1"], &TAIL].concat();
    assert_eq!(ids(&plan), wanted);
    assert!(step(&plan, "dns-1").ends_outage);
}

#[test]
fn what_is_stopped_already_is_not_stopped_and_comes_back_as_it_was() {
    let mut facts = facts();
    like(&mut facts).instance.state = "stopped".into();
    let plan = plan(&facts, &[]);
    assert!(STOPPING.iter().all(|id| !ids(&plan).contains(id)));
    assert_eq!(plan.expected_outage(), None);
    // AWS does not register what is stopped, so what is registered stays.
    assert!(!ids(&plan).contains(&"deregister-1"));
}

#[test]
fn a_record_is_changed_from_exactly_what_it_was_and_back() {
    let plan = plan(&facts(), &[]);
    let dns = step(&plan, "dns-1");
    let input = &dns.call.as_ref().unwrap().input;
    assert_eq!(input["old"]["values"], json!(["10.0.0.5", "10.0.9.9"]));
    let new = json!([{"$output": "launch.private_ip"}, "10.0.9.9"]);
    assert_eq!(input["new"]["values"], new);
    let back = &dns.undo[0].call.as_ref().unwrap().input;
    assert_eq!((&back["old"], &back["new"]), (&input["new"], &input["old"]));
}

#[test]
fn every_rung_has_its_way_back_and_what_was_made_is_kept() {
    let plan = plan(&facts(), &[]);
    let kept = [
        "create-group",
        "no-egress",
        "allow-operator",
        "launch",
        "look",
        "drained-1",
        "stop-protection",
        "healthy",
    ];
    let back = |id: &str| -> Vec<String> {
        let undo = step(&plan, id).undo.iter();
        undo.map(|undo| undo.call.as_ref().unwrap().operation.clone())
            .collect()
    };
    // AWS takes back neither for what is stopped, and two must not serve.
    let wanted = ["ec2:SetGroups", "ec2:StartInstance", "elb:RegisterTarget"];
    assert_eq!(back("deregister-1"), wanted);
    let wanted = ["ec2:SetGroups", "ec2:StartInstance", "ec2:AssociateAddress"];
    assert_eq!(back("address-1"), wanted);
    for step in &plan.steps {
        let id = step.id.as_str();
        assert_eq!(step.undo.is_empty(), kept.contains(&id), "{id}");
    }
}

#[test]
fn every_call_of_the_plan_decodes_and_none_deletes() {
    let plan = plan(&facts(), &[]);
    let forward = plan.steps.iter().filter_map(|step| step.call.as_ref());
    let back = plan.steps.iter().flat_map(|step| &step.undo);
    let back = back.filter_map(|undo| undo.call.as_ref());
    for call in forward.chain(back) {
        let api = decode(call).unwrap().request().api;
        let deletes = ["Delete", "Terminate", "Release"]
            .iter()
            .any(|word| api.starts_with(word));
        assert!(!deletes || api == "DeleteTags", "{api}");
    }
}

#[test]
fn each_step_needs_the_one_before_it() {
    let plan = plan(&facts(), &[]);
    for pair in plan.steps.windows(2) {
        assert_eq!(pair[1].needs, [pair[0].id.clone()]);
    }
}

fn lines<'a>(plan: &'a Plan, id: &str) -> &'a [String] {
    let Gate::Person {
        instructions,
        check,
    } = &step(plan, id).gate
    else {
        panic!("{id} asks a person");
    };
    assert!(
        check.is_some(),
        "the answer is held against the status checks"
    );
    instructions
}

#[test]
fn a_person_is_told_the_exact_way_in() {
    let plan = plan(
        &facts(),
        &[("allow-endpoints", ""), ("instance-profile", "keep")],
    );
    let told = lines(&plan, "look");
    assert!(
        told.contains(&"  ssh -i ops.pem USER@ADDRESS-NEW".to_owned()),
        "{told:?}"
    );
    assert!(
        told.contains(
            &"  aws ssm start-session --region eu-west-1 --profile acme --target i-NEW".to_owned()
        ),
        "{told:?}"
    );
    lines(&plan, "healthy");
}

#[test]
fn a_plan_made_again_with_its_own_choices_is_the_same() {
    let facts = facts();
    let first = plan(&facts, &[]);
    let again =
        crate::restore::flow::Flow::plan(&super::super::AmiRelaunch, &facts, &first.choices);
    assert_eq!(again.unwrap().hash, first.hash);
}

#[test]
fn somebody_elses_mark_is_taken_over_by_name_alone() {
    let mut facts = facts();
    let tags = super::fixtures::tags(&[("defib:active", "01RUN"), ("defib:active-by", "ann@host")]);
    like(&mut facts).instance.tags.extend(tags);
    let plan = plan(&facts, &[]);
    let Gate::TypeName { name, why } = &step(&plan, "mark").gate else {
        panic!("it is typed");
    };
    assert_eq!(name.raw(), "01RUN");
    assert!(why.contains("ann@host"), "{why}");
}
