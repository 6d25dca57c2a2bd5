//! What the checks say of bad input.
//! Facts without fault are changed in one place, and exactly one check must notice.

use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::facts::Fact;

/// What is known about every relaunch of these facts.
const ALWAYS: [&str; 5] = [
    "auto-scaling",
    "by-id",
    "instance-store",
    "starts-on-boot",
    "stop-protection",
];

fn beyond(facts: super::super::RelaunchFacts, pairs: &[(&str, &str)]) -> Vec<(String, Verdict)> {
    let mut all = not_fine(facts, pairs);
    all.retain(|(name, verdict)| *verdict != Verdict::Know || !ALWAYS.contains(&name.as_str()));
    all
}

fn only(name: &str, verdict: Verdict) -> Vec<(String, Verdict)> {
    vec![(name.to_owned(), verdict)]
}

#[test]
fn what_is_always_known_is_said_and_nothing_stops() {
    let mut names: Vec<String> = not_fine(facts(), &[])
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    names.sort();
    assert_eq!(names, ALWAYS);
}

#[test]
fn an_image_that_cannot_be_launched_stops() {
    for state in ["pending", "failed", "disabled", "error", "a-new-word"] {
        let mut facts = facts();
        facts.image.state = state.into();
        assert_eq!(
            beyond(facts, &[]),
            only("image-state", Verdict::Stop),
            "{state}"
        );
    }
    let mut other = facts();
    other.image.architecture = "arm64".into();
    assert_eq!(beyond(other, &[]), only("architecture", Verdict::Stop));
    let mut product = facts();
    product.image.product_codes = vec!["abc".into()];
    assert_eq!(beyond(product, &[]), only("product-codes", Verdict::Know));
    let mut smaller = facts();
    smaller.image.devices.pop();
    assert_eq!(beyond(smaller, &[]), only("block-devices", Verdict::Know));
}

#[test]
fn a_full_subnet_and_one_of_another_vpc_stop() {
    let change = |free, vpc: &str| {
        let mut facts = facts();
        let mut subnet = facts.subnet.value().unwrap().clone().unwrap();
        subnet.free = free;
        subnet.vpc = vpc.into();
        facts.subnet = known(Some(subnet));
        beyond(facts, &[])
    };
    assert_eq!(change(0, "vpc-1"), only("subnet", Verdict::Stop));
    assert_eq!(change(9, "vpc-2"), only("vpc", Verdict::Stop));
}

#[test]
fn a_member_whose_group_has_no_room_for_standby_stops() {
    let mut facts = facts();
    let mut group = ways_of(&mut facts).group.value().unwrap().clone().unwrap();
    group.min = 2;
    ways_of(&mut facts).group = known(Some(group));
    assert_eq!(beyond(facts, &[]), only("auto-scaling", Verdict::Stop));
}

#[test]
fn what_could_not_be_read_is_told_and_is_not_fine() {
    let mut facts = facts();
    let denied = || "route53:ListHostedZones AccessDenied: no".to_owned();
    ways_of(&mut facts).records = Fact::Unknown(denied());
    assert_eq!(beyond(facts, &[]), only("records", Verdict::Unanswered));
}

#[test]
fn collisions_are_said() {
    let mut facts = facts();
    facts.image.windows = true;
    like(&mut facts).instance.windows = true;
    like(&mut facts).configuration.placement.group = Some("rack".into());
    let found = beyond(facts, &[("user-data", "keep")]);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["placement", "windows-identity", "user-data"]);
}

#[test]
fn a_target_group_without_health_and_a_record_that_cannot_be_carried_over_are_said() {
    let mut facts = facts();
    let mut groups = ways_of(&mut facts).target_groups.value().unwrap().clone();
    groups[0].checks = false;
    ways_of(&mut facts).target_groups = known(groups);
    let mut records = ways_of(&mut facts).records.value().unwrap().clone();
    records[0].record = None;
    ways_of(&mut facts).records = known(records);
    let found = beyond(facts, &[]);
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["target-groups", "records"]);
}
