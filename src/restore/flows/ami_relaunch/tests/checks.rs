//! What the checks say of bad input.
//! Facts without fault are changed in one place, and exactly one check must notice.

use super::super::AmiRelaunch;
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::facts::Fact;
use crate::domain::plan::Gate;
use crate::restore::flow::Flow;

/// What is known about every relaunch of these facts.
const ALWAYS: [&str; 6] = [
    "auto-scaling",
    "by-id",
    "capacity",
    "instance-profile",
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
    assert_eq!(names, ["windows-identity", "user-data"]);
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
    assert_eq!(names, ["target-health", "records"]);
}

type Change = fn(&mut super::super::RelaunchFacts);

/// The check of a name, with what it found and what it advises.
fn told(facts: &super::super::RelaunchFacts, pairs: &[(&str, &str)], name: &str) -> String {
    let checks = AmiRelaunch.preflight(facts, &choices(pairs));
    let mut found = checks.iter().filter(|check| check.name == name);
    let check = found
        .next()
        .unwrap_or_else(|| panic!("{name} in {checks:?}"));
    let advice = check.advice.clone().unwrap_or_default();
    format!("{} {}; {advice}", check.verdict.sign(), check.found)
}

#[test]
fn a_group_that_cannot_be_read_stops_what_would_stop_its_member_and_no_look() {
    let mut facts = facts();
    ways_of(&mut facts).member = Fact::Unknown("AccessDenied: no".into());
    assert_eq!(
        beyond(facts.clone(), &[]),
        only("auto-scaling", Verdict::Stop)
    );
    assert!(told(&facts, &[], "auto-scaling").contains("Auto Scaling group web"));
    assert!(beyond(facts.clone(), &[("isolate-only", "")]).is_empty());
    like(&mut facts).instance.tags.clear();
    assert_eq!(
        beyond(facts.clone(), &[]),
        only("auto-scaling", Verdict::Stop)
    );
    like(&mut facts).instance.state = "stopped".into();
    assert!(beyond(facts, &[]).is_empty());
}

#[test]
fn a_member_that_is_on_standby_already_needs_no_room_in_its_group() {
    let mut facts = facts();
    let mut group = ways_of(&mut facts).group.value().unwrap().clone().unwrap();
    group.min = 2;
    ways_of(&mut facts).group = known(Some(group));
    let mut member = ways_of(&mut facts).member.value().unwrap().clone().unwrap();
    member.lifecycle = "Standby".into();
    ways_of(&mut facts).member = known(Some(member.clone()));
    assert!(beyond(facts.clone(), &[]).is_empty());
    assert!(told(&facts, &[], "auto-scaling").contains("on standby in web already"));
    member.lifecycle = "Pending".into();
    ways_of(&mut facts).member = known(Some(member));
    assert_eq!(beyond(facts, &[]), only("auto-scaling", Verdict::Stop));
}

#[test]
fn what_only_a_stop_brings_about_is_not_said_of_a_look() {
    let mut facts = facts();
    let old = &mut like(&mut facts).instance;
    old.lifecycle = Some("spot".into());
    old.root_device_type = "instance-store".into();
    let stops = [
        ("spot".to_owned(), Verdict::Stop),
        ("instance-store".to_owned(), Verdict::Stop),
    ];
    assert_eq!(beyond(facts.clone(), &[]), stops);
    let look = not_fine(facts, &[("isolate-only", "")]);
    let names: Vec<&str> = look.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["capacity", "starts-on-boot"]);
}

#[test]
fn disks_that_a_stop_erases_are_confirmed_by_a_name() {
    let gate =
        |facts: &super::super::RelaunchFacts| step(&plan(facts, &[]), "stop-old").gate.clone();
    assert_eq!(gate(&facts()), Gate::None);
    let mut facts = facts();
    let mut kind = like(&mut facts).instance_type.value().unwrap().clone();
    kind.instance_store = true;
    like(&mut facts).instance_type = known(kind);
    assert_eq!(
        beyond(facts.clone(), &[]),
        only("instance-store", Verdict::Know)
    );
    let Gate::TypeName { name, why } = gate(&facts) else {
        panic!("it is typed");
    };
    assert_eq!(name.raw(), "web-1");
    assert!(why.contains("erases the instance store disks"), "{why}");
    like(&mut facts).instance_type = Fact::Unknown("denied".into());
    assert_eq!(
        beyond(facts, &[]),
        only("instance-store", Verdict::Unanswered)
    );
}

#[test]
fn a_key_that_cannot_be_used_stops_before_the_launch() {
    let mut disabled = facts();
    disabled
        .keys
        .insert("key-1".into(), known(key("key-1", "Disabled")));
    assert_eq!(beyond(disabled, &[]), only("target-key", Verdict::Stop));
    let mut of_image = facts();
    of_image.image.devices[0].encrypted = true;
    let snapshot = encrypted_snapshot("key-2");
    of_image
        .snapshots
        .insert("snap-1".into(), known(Some(snapshot)));
    assert_eq!(
        beyond(of_image.clone(), &[]),
        only("snapshot-key", Verdict::Unanswered)
    );
    of_image
        .keys
        .insert("key-2".into(), known(key("key-2", "PendingDeletion")));
    assert_eq!(beyond(of_image, &[]), only("snapshot-key", Verdict::Stop));
    let mut by_default = alone();
    by_default.encryption_by_default = known(true);
    by_default
        .keys
        .insert("key-own".into(), known(key("key-own", "Disabled")));
    let machine = [("instance-type", "m7i.large"), ("subnet", "subnet-1")];
    let found = beyond(by_default, &machine);
    assert!(
        found.contains(&("target-key".to_owned(), Verdict::Stop)),
        "{found:?}"
    );
}

#[test]
fn an_image_that_the_type_does_not_boot_stops() {
    let changes: [(&str, Change); 4] = [
        ("tpm", |facts| facts.image.tpm = true),
        ("ena", |facts| facts.image.ena = Some(false)),
        ("boot-mode", |facts| {
            facts.image.boot_mode = Some("odd".into());
        }),
        ("virtualization", |facts| {
            facts.image.virtualization = "paravirtual".into();
        }),
    ];
    for (name, change) in changes {
        let mut facts = facts();
        change(&mut facts);
        assert_eq!(beyond(facts, &[]), only(name, Verdict::Stop), "{name}");
    }
    let mut facts = facts();
    facts.instance_type = Fact::Unknown("denied".into());
    assert_eq!(
        beyond(facts, &[]),
        only("instance-type", Verdict::Unanswered)
    );
}

#[test]
fn where_a_way_back_exists_if_aws_has_no_room_is_said_in_every_mode() {
    let said = |pairs: &[(&str, &str)]| told(&facts(), pairs, "capacity");
    let beside = said(&[]);
    assert!(beside.contains("the old one goes on serving"), "{beside}");
    assert!(beside.contains("a roll back needs room"), "{beside}");
    let first = said(&[("mode", "stop-first")]);
    assert!(first.contains("may not start again"), "{first}");
    let gapless = said(&[("order", "no-gap")]);
    assert!(
        gapless.ends_with("the old one goes on serving; "),
        "{gapless}"
    );
    let mut placed = facts();
    like(&mut placed).configuration.placement.group = Some("rack".into());
    assert!(told(&placed, &[], "capacity").contains("placement group"));
}

#[test]
fn a_server_without_the_profile_of_the_old_one_is_said_with_the_command() {
    let said = told(&facts(), &[], "instance-profile");
    assert!(
        said.starts_with("! ") && said.contains("after the cut-over"),
        "{said}"
    );
    assert!(
        said.contains("associate-iam-instance-profile --instance-id i-NEW"),
        "{said}"
    );
    let keep = not_fine(facts(), &[("instance-profile", "keep")]);
    assert!(
        keep.iter().all(|(name, _)| name != "instance-profile"),
        "{keep:?}"
    );
}

#[test]
fn wide_blocks_are_said_and_halves_of_the_world_are_refused() {
    let wide = [("operator-cidr", "10.0.0.0/8")];
    assert_eq!(beyond(facts(), &wide), only("operator-cidr", Verdict::Know));
    for usual in ["10.0.0.0/16", "2001:db8::/48"] {
        assert!(
            beyond(facts(), &[("operator-cidr", usual)]).is_empty(),
            "{usual}"
        );
    }
    for half in ["0.0.0.0/1", "128.0.0.0/1", "2000::/3"] {
        let made = try_plan(&facts(), &[("operator-cidr", half)]).unwrap_err();
        assert!(made.to_string().contains("too much of the world"), "{made}");
    }
}

#[test]
fn interfaces_that_cannot_be_attached_stop_before_the_old_one_does() {
    let mut elsewhere = facts();
    let mut subnet = elsewhere.subnet.value().unwrap().clone().unwrap();
    subnet.zone = "eu-west-1b".into();
    elsewhere.subnet = known(Some(subnet));
    assert_eq!(
        beyond(elsewhere.clone(), &[]),
        only("interfaces", Verdict::Stop)
    );
    let without = [("move", "security-groups,address,targets,dns")];
    assert_eq!(
        beyond(elsewhere, &without),
        only("interfaces", Verdict::Know)
    );
    let mut small = facts();
    let mut kind = small.instance_type.value().unwrap().clone();
    kind.most_interfaces = Some(1);
    small.instance_type = known(kind);
    assert_eq!(beyond(small, &[]), only("interfaces", Verdict::Stop));
    let mut managed = facts();
    like(&mut managed).interfaces[1].managed = true;
    assert_eq!(beyond(managed, &[]), only("interfaces", Verdict::Know));
}

#[test]
fn cores_and_threads_are_given_only_where_the_type_has_others() {
    let cpu = |facts: &super::super::RelaunchFacts| {
        let plan = plan(facts, &[]);
        let input = step(&plan, "launch").call.as_ref().unwrap().input.clone();
        input["cpu"].clone()
    };
    assert_eq!(cpu(&facts()), serde_json::Value::Null);
    let mut single = facts();
    like(&mut single).configuration.cpu = Some((1, 1));
    assert_eq!(cpu(&single), serde_json::json!({"cores": 1, "threads": 1}));
    single.instance_type = Fact::Unknown("denied".into());
    assert_eq!(cpu(&single), serde_json::Value::Null);
}
