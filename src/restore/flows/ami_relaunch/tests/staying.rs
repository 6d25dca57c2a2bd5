//! What leads to the old instance and does not move is named with its reason, and never counts as fine.
//! Facts where everything moves are changed in one place.

use super::super::{AmiRelaunch, RelaunchFacts};
use super::fixtures::*;
use crate::domain::check::{Check, Verdict};
use crate::domain::ec2::PublicAddress;
use crate::domain::plan::Ref;
use crate::restore::flow::Flow;
use crate::restore::observations::elb::Registration;
use crate::restore::observations::route53::UnreadZone;

fn check(facts: &RelaunchFacts, pairs: &[(&str, &str)], name: &str) -> Check {
    let checks = AmiRelaunch.preflight(facts, &choices(pairs));
    let found = checks.iter().find(|check| check.name == name).cloned();
    found.unwrap_or_else(|| panic!("{name} in {checks:?}"))
}

fn stays(facts: &RelaunchFacts, pairs: &[(&str, &str)], name: &str, why: &str) {
    let check = check(facts, pairs, name);
    assert_eq!(check.verdict, Verdict::Know, "{check:?}");
    assert!(check.found.contains(why), "{check:?}");
}

/// The facts with one record of these values.
fn with_record(kind: &str, value: &str) -> RelaunchFacts {
    let mut facts = facts();
    let mut all = ways_of(&mut facts).records.value().unwrap().clone();
    let mut record = record(value);
    kind.clone_into(&mut record.kind);
    record.values = vec![Ref::Known(value.into())];
    all[0].record = Some(record);
    ways_of(&mut facts).records = known(all);
    facts
}

#[test]
fn what_moves_is_named_and_fine() {
    for (name, moved) in [
        ("addresses", "203.0.113.7"),
        ("target-groups", "i-0aaaaaaaaaaaaaaaa in web"),
        ("records", "www.example.com. A"),
    ] {
        let check = check(&facts(), &[], name);
        assert_eq!(check.verdict, Verdict::Fine, "{check:?}");
        assert!(check.found.contains(moved), "{check:?}");
    }
}

#[test]
fn a_rung_that_is_left_out_leaves_what_it_would_move() {
    let only = [("move", "security-groups")];
    stays(
        &facts(),
        &only,
        "addresses",
        "203.0.113.7 (address is left out",
    );
    stays(&facts(), &only, "target-groups", "targets is left out");
    stays(
        &facts(),
        &only,
        "records",
        "www.example.com. A (dns is left out",
    );
}

#[test]
fn records_of_what_the_new_one_does_not_get_stay() {
    let mut six = with_record("AAAA", "2001:db8::7");
    like(&mut six).interfaces[0].ipv6 = vec!["2001:db8::7".into()];
    stays(&six, &[], "records", "none of the further addresses");
    stays(&six, &[], "further-addresses", "2001:db8::7");
    let mut more = with_record("A", "10.0.0.7");
    like(&mut more).interfaces[0].more_ips = vec!["10.0.0.7".into()];
    like(&mut more).interfaces[0].prefixes = 2;
    stays(&more, &[], "records", "none of the further addresses");
    stays(&more, &[], "further-addresses", "10.0.0.7, 2 prefixes");
    let name = with_record("CNAME", "IP-10-0-0-5.eu-west-1.compute.internal.");
    stays(&name, &[], "records", "the old one's own name");
    let mut lost = with_record("A", "198.51.100.9");
    like(&mut lost).instance.public_address = Some(PublicAddress {
        ip: "198.51.100.9".into(),
        owner: Some("amazon".into()),
    });
    stays(&lost, &[], "records", "lost at the stop");
}

#[test]
fn records_of_what_moves_by_itself_move() {
    let second = with_record("A", "10.0.0.6");
    assert_eq!(check(&second, &[], "records").verdict, Verdict::Fine);
    let without = [("move", "security-groups,address,targets,dns")];
    stays(&second, &without, "records", "interface is left out");
    let elastic = with_record("A", "203.0.113.7");
    assert_eq!(check(&elastic, &[], "records").verdict, Verdict::Fine);
    let mut name = with_record("CNAME", "ec2-203-0-113-7.example.");
    like(&mut name).configuration.public_name = Some("ec2-203-0-113-7.example".into());
    like(&mut name).instance.public_address = Some(PublicAddress {
        ip: "203.0.113.7".into(),
        owner: Some("111122223333".into()),
    });
    assert_eq!(check(&name, &[], "records").verdict, Verdict::Fine);
}

#[test]
fn an_ip_target_of_a_further_address_stays() {
    let mut facts = facts();
    like(&mut facts).interfaces[0].more_ips = vec!["10.0.0.7".into()];
    let mut groups = ways_of(&mut facts).target_groups.value().unwrap().clone();
    groups[0].kind = "ip".into();
    let target = |id: &str| Registration {
        id: id.into(),
        ..groups[0].targets[0].clone()
    };
    groups[0].targets = vec![target("10.0.0.5"), target("10.0.0.7")];
    ways_of(&mut facts).target_groups = known(groups);
    stays(
        &facts,
        &[],
        "target-groups",
        "10.0.0.7 in web (the new instance has none",
    );
    let found = check(&facts, &[], "target-groups").found;
    assert!(!found.contains("10.0.0.5 in web"), "{found}");
}

#[test]
fn an_elastic_address_of_a_further_private_one_stays() {
    let mut facts = facts();
    let mut all = ways_of(&mut facts).addresses.value().unwrap().clone();
    all[0].private_ip = "10.0.0.7".into();
    ways_of(&mut facts).addresses = known(all);
    stays(
        &facts,
        &[],
        "addresses",
        "203.0.113.7 (it belongs to 10.0.0.7",
    );
}

#[test]
fn no_record_in_the_own_zones_is_not_fine_since_others_are_not_seen() {
    let mut facts = facts();
    ways_of(&mut facts).records = known(Vec::new());
    stays(&facts, &[], "records", "somebody else's zone is not seen");
}

#[test]
fn a_zone_that_cannot_be_read_hides_nothing_of_the_others() {
    let mut facts = facts();
    ways_of(&mut facts).unread_zones = vec![UnreadZone {
        name: "secret.example.".into(),
        why: "route53:ListResourceRecordSets AccessDenied: no".into(),
    }];
    let unread = check(&facts, &[], "unread-zones");
    assert_eq!(unread.verdict, Verdict::Unanswered);
    assert!(unread.found.contains("secret.example."), "{unread:?}");
    assert_eq!(check(&facts, &[], "records").verdict, Verdict::Fine);
    assert!(ids(&plan(&facts, &[])).contains(&"dns-1"));
}
