//! The flow AMI relaunch in both modes: the isolation while it is launched, the way to it and the way back.
//!
//! Whoever stands behind a way is read here from the services themselves. What this server does not have is asserted
//! in the simulated AWS: the egress rule for IPv6 of a new group, an address that its last holder no longer tells,
//! targets that are healthy only after a while and drain, members of an Auto Scaling group that are taken out of its
//! target groups, a change of records that takes its time, and requests to launch that are sent twice.

use std::collections::BTreeSet;
use std::thread;

use serde_json::{Value, json};

use crate::process;
use crate::served::{CANARY, DEVICES, OPERATORS, Rule, Served};
use crate::stage::{run_of, text};
use crate::world::{Rows, WorldPicture};

/// What a group lets in whose rules are exactly those that were asked for: nothing is let out.
fn wanted() -> BTreeSet<Rule> {
    let mut rules = BTreeSet::new();
    for port in [22, 443] {
        for cidr in ["198.51.100.7/32", "2001:db8::7/128"] {
            rules.insert((false, "tcp".to_owned(), port, port, cidr.to_owned()));
        }
    }
    rules
}

/// A run that is over, and what it launched.
struct Relaunched {
    served: Served,
    run: String,
    new: String,
    quarantine: String,
}

/// Runs it, and looks around at the moment when the request to launch is on the way.
fn relaunched(extra: &[&str], at_launch: impl Fn(&Served)) -> Relaunched {
    let served = Served::new();
    let launch =
        json!([{ "service": "ec2", "action": "RunInstances", "dry_run": false, "hold": true }]);
    served.account.fault(&launch);
    let always = ["--user-data", "keep", "--yes", "--json"];
    let words = served.arguments("run", &[extra, &always].concat());
    let viewer = served.home.command(&words);
    let following = thread::spawn(move || process::run(viewer, ""));
    served.account.wait_for_a_strike();
    let quarantine = served.quarantine();
    assert_eq!(served.rules(&quarantine), wanted(), "at the launch");
    at_launch(&served);
    served.account.release();
    let output = following.join().expect("the viewer ends").expect(&[0]);
    let run = run_of(&output);
    let new = the_new_one(&served, &run);
    let summary = output.json_lines().pop().expect("a summary");
    assert_eq!(summary["state"], "done", "{summary}");
    for made in [&new, &quarantine] {
        assert!(summary["created"].to_string().contains(made), "{summary}");
    }
    assert!(
        !format!("{output}").contains(CANARY),
        "user data is nobody's to read"
    );
    Relaunched {
        served,
        run,
        new,
        quarantine,
    }
}

fn the_new_one(served: &Served, run: &str) -> String {
    let picture = served.picture();
    let ours = made(&picture.instances, &served.before.instances);
    let [new] = &ours[..] else {
        panic!("one new instance of run {run}, not {ours:?}")
    };
    assert_eq!(picture.instances[new]["tags"]["defib:run"], json!(run));
    new.clone()
}

fn made(after: &Rows, before: &Rows) -> Vec<String> {
    let new = after.keys().filter(|id| !before.contains_key(*id));
    new.cloned().collect()
}

/// Returns the order in which requests arrived, the first of each.
fn assert_in_this_order(actions: &[String], wanted: &[&str]) {
    let at = |action: &&str| {
        let found = actions.iter().position(|one| one == action);
        found.unwrap_or_else(|| panic!("{action} was not sent: {actions:?}"))
    };
    assert!(wanted.iter().map(at).is_sorted(), "{wanted:?}: {actions:?}");
}

impl Relaunched {
    /// The group was shut first, and was read again right before the launch; nobody touched it in between.
    fn assert_launched_into_a_shut_group(&self) {
        let actions = self.served.actions();
        let order = [
            "CreateSecurityGroup",
            "RevokeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "RunInstances",
        ];
        assert_in_this_order(&actions, &order);
        let at = |action: &str| {
            let found = actions.iter().position(|one| one == action);
            found.expect("it was sent, as the order says")
        };
        let since = &actions[at("AuthorizeSecurityGroupIngress") + 1..at("RunInstances")];
        let read = since
            .iter()
            .filter(|one| *one == "DescribeSecurityGroupRules");
        assert!(read.count() >= 1, "{since:?}");
        for never in ["AuthorizeSecurityGroupEgress", "ModifySecurityGroupRules"] {
            assert!(!actions.iter().any(|one| one == never), "{never}");
        }
        assert_eq!(self.served.rules(&self.quarantine), wanted(), "afterwards");
    }

    /// It is what the old one was, volume by volume, and nothing of the image's own.
    fn assert_like_the_old_one(&self, picture: &WorldPicture) {
        let (old, new) = (
            &self.served.before.instances[&self.served.old],
            &picture.instances[&self.new],
        );
        for field in ["type", "zone", "subnet", "root"] {
            assert_eq!(old[field], new[field], "{field}");
        }
        assert_eq!(new["tags"]["Name"], "web-1");
        for device in [crate::estate::ROOT, DEVICES[0], DEVICES[1]] {
            let of = |row: &Value| row["devices"][device].clone();
            let volume = |row: &Value, all: &Rows| all[&text(&of(row)["volume"])].clone();
            let before = volume(old, &self.served.before.volumes);
            let after = volume(new, &picture.volumes);
            for field in ["type", "size", "iops", "throughput", "encrypted", "zone"] {
                assert_eq!(before[field], after[field], "{device} {field}");
            }
            assert_eq!(
                of(old)["delete_on_termination"],
                of(new)["delete_on_termination"],
                "{device}"
            );
            let source = text(&after["snapshot"]);
            assert_eq!(
                self.served.before.snapshots[&source]["volume"],
                of(old)["volume"],
                "{device} is of the image"
            );
        }
    }

    /// Whatever led to the old one leads to the new one, and to it alone.
    fn assert_everything_leads_to_the_new_one(&self) {
        let (served, picture) = (&self.served, self.served.picture());
        let (ways, at) = (served.ways(), served.primary(&self.new));
        assert_eq!(ways.address.as_deref(), at.network_interface_id());
        let healthy: Vec<_> = ways.targets.into_iter().collect();
        assert_eq!(healthy, [(self.new.clone(), "healthy".to_owned())]);
        assert_eq!(ways.record, [at.private_ip_address().expect("an address")]);
        assert_eq!(ways.member.as_deref(), Some("Standby"));
        assert_eq!(groups(&at), [&*served.group]);
        assert_eq!(picture.instances[&self.new]["state"], "running");
        let old = &picture.instances[&served.old];
        assert_eq!(old["state"], "stopped");
        assert_eq!(old["tags"]["defib:run"], json!(self.run));
        assert!(old["tags"]["defib:keep-until"].is_string(), "{old}");
        assert_eq!(
            old["devices"],
            served.before.instances[&served.old]["devices"]
        );
        assert!(served.is_protected(&served.old), "it is the way back");
        self.assert_like_the_old_one(&picture);
    }

    /// The report tells what moved, what is left over, how Terraform takes it over, and how to go back.
    fn assert_reported(&self) {
        let report = self.served.home.defib(&["report", &self.run]).expect(&[0]);
        let report = report.stdout;
        let (old, new, run) = (&self.served.old, &self.new, &self.run);
        for line in [
            format!("terraform import aws_instance.defib_launch '{new}'"),
            format!(
                "terraform import aws_security_group.defib_create_group '{}'",
                self.quarantine
            ),
            format!("defib rollback '{run}'"),
            format!("| instance | {old} |"),
            "web.example.internal. A is".to_owned(),
            "aws elbv2 register-targets".to_owned(),
        ] {
            assert!(report.contains(&line), "“{line}” is not in\n{report}");
        }
        let imports = report
            .lines()
            .filter_map(|line| line.strip_prefix("terraform import "));
        let addresses: Vec<_> = imports.map(|line| line.split(' ').next()).collect();
        let different: BTreeSet<_> = addresses.iter().collect();
        assert_eq!(addresses.len(), different.len(), "{addresses:?}");
        assert!(!report.contains(CANARY), "user data is nobody's to read");
    }

    /// Takes it back: everything leads to the old one, which is as it was to the last tag; what was made stays,
    /// shut in and listed.
    fn roll_back(&self) {
        let served = &self.served;
        served.roll_back(&self.run);
        assert_eq!(served.ways(), served.ways_before);
        let picture = served.picture();
        let new = &picture.instances[&self.new];
        assert_eq!(new["state"], "running", "it can be looked at");
        assert_eq!(groups(&served.primary(&self.new)), [&*self.quarantine]);
        assert_eq!(served.rules(&self.quarantine), wanted(), "still shut");
        assert_eq!(groups(&served.primary(&served.old)), [&*served.group]);
        assert!(!served.is_protected(&served.old), "as before");
        assert_eq!(served.before.differences(&self.without_made(picture)), "");
        let summary = served.home.only_run();
        assert_eq!(summary["state"], "rolled-back", "{summary}");
        for made in [&self.new, &self.quarantine] {
            assert!(summary["kept"].to_string().contains(made), "{summary}");
        }
        let report = served.home.defib(&["report", &self.run]).expect(&[0]);
        let told = format!("{} still runs, apart in its security group", self.new);
        assert!(report.stdout.contains(&told), "{report}");
    }

    /// Leaves out what the run made, which must say so of itself.
    fn without_made(&self, mut picture: WorldPicture) -> WorldPicture {
        let before = &self.served.before;
        for (rows, old) in [
            (&mut picture.instances, &before.instances),
            (&mut picture.volumes, &before.volumes),
            (&mut picture.snapshots, &before.snapshots),
        ] {
            rows.retain(|id, row| old.contains_key(id) || row["tags"]["defib:run"] != self.run);
        }
        picture
    }

    /// Targets are taken out of their group, tags taken off, and a record gives way to another in one batch: nothing
    /// else may be deleted.
    fn assert_nothing_was_deleted(&self) {
        let deleting = [
            "Delete",
            "Terminate",
            "Deregister",
            "Release",
            "Disassociate",
        ];
        for action in self.served.actions() {
            let deletes = deleting.iter().any(|word| action.contains(word));
            let planned = ["DeleteTags", "DeregisterTargets"].contains(&&*action);
            assert!(!deletes || planned, "{action} was sent");
        }
    }
}

fn groups(at: &aws_sdk_ec2::types::InstanceNetworkInterface) -> Vec<String> {
    let groups = at.groups().iter().filter_map(|group| group.group_id());
    groups.map(str::to_owned).collect()
}

#[test]
fn side_by_side_the_old_one_serves_until_the_new_one_was_found_good_and_everything_comes_back() {
    let relaunched = relaunched(&["--mode", "side-by-side"], |served| {
        assert_eq!(served.ways(), served.ways_before, "the old one serves");
        assert_eq!(served.picture().instances[&served.old]["state"], "running");
    });
    relaunched.assert_launched_into_a_shut_group();
    let order = ["RunInstances", "EnterStandby", "StopInstances"];
    assert_in_this_order(&relaunched.served.actions(), &order);
    relaunched.assert_everything_leads_to_the_new_one();
    relaunched.assert_reported();
    relaunched.roll_back();
    relaunched.assert_nothing_was_deleted();
}

#[test]
fn stopped_first_the_old_one_is_down_before_the_new_one_is_launched_and_everything_comes_back() {
    let relaunched = relaunched(&["--mode", "stop-first"], |served| {
        assert_eq!(served.picture().instances[&served.old]["state"], "stopped");
        assert_eq!(served.ways().member.as_deref(), Some("Standby"));
    });
    relaunched.assert_launched_into_a_shut_group();
    let order = ["EnterStandby", "StopInstances", "RunInstances"];
    assert_in_this_order(&relaunched.served.actions(), &order);
    relaunched.assert_everything_leads_to_the_new_one();
    relaunched.assert_reported();
    relaunched.roll_back();
    relaunched.assert_nothing_was_deleted();
}

#[test]
fn a_look_alone_leaves_everything_where_it_was() {
    let extra = ["--mode", "side-by-side", "--isolate-only"];
    let relaunched = relaunched(&extra, |_served| ());
    relaunched.assert_launched_into_a_shut_group();
    let served = &relaunched.served;
    assert_eq!(served.ways(), served.ways_before);
    let at = served.primary(&relaunched.new);
    assert_eq!(groups(&at), [&*relaunched.quarantine]);
    let public = at.association().and_then(|public| public.public_ip());
    assert_eq!(public, None, "it has no public address");
    relaunched.assert_like_the_old_one(&served.picture());
    let after = relaunched.without_made(served.picture());
    assert_eq!(served.before.differences(&after), "");
    relaunched.assert_nothing_was_deleted();
}

#[test]
fn an_address_that_somebody_else_has_moved_stays_where_it_is() {
    let served = Served::new();
    let hold =
        json!([{ "service": "ec2", "action": "StopInstances", "dry_run": false, "hold": true }]);
    served.account.fault(&hold);
    let words = served.arguments("run", &["--user-data", "omit", "--yes", "--json"]);
    let viewer = served.home.command(&words);
    let following = thread::spawn(move || process::run(viewer, ""));
    served.account.wait_for_a_strike();
    let elsewhere = served.estate().launch("somebody else's");
    let elsewhere = served.primary(&elsewhere);
    let elsewhere = elsewhere.network_interface_id().expect("an id");
    served.move_the_address_to(elsewhere);
    served.account.release();
    let output = following.join().expect("the viewer ends").expect(&[3]);
    assert_eq!(served.ways().address.as_deref(), Some(elsewhere));
    assert!(
        output.stderr.contains(elsewhere),
        "the conflict is named\n{output}"
    );
    served.move_the_address_to(&served.interface);
    let run = run_of(&output);
    served.roll_back(&run);
    assert_eq!(served.ways(), served.ways_before);
}

#[test]
fn whether_user_data_is_given_again_is_asked_and_what_it_says_is_told_nowhere() {
    let served = Served::new();
    let output = served
        .home
        .defib(&served.arguments("run", &["--yes", "--json"]));
    assert!(output.stderr.contains("--user-data"), "{output}");
    assert_ne!(output.status, Some(0));
    assert_eq!(served.before.differences(&served.picture()), "");
    let plan = served.arguments("plan", &["--user-data", "keep", "--format", "json"]);
    let plan = served.home.defib(&plan).expect(&[0]);
    let encoded = data_encoding::BASE64.encode(format!("#!/bin/sh\n# {CANARY}\n").as_bytes());
    for secret in [CANARY, &encoded] {
        assert!(!format!("{plan}").contains(secret), "{plan}");
    }
    assert!(OPERATORS.split(',').all(|one| plan.stdout.contains(one)));
}
