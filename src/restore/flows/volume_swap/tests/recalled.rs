//! Plans of what was known, when nobody could be asked.
//! What a listing knows makes the same steps; nothing of it counts as fine.

use serde_json::Value;

use super::fixtures::*;
use crate::domain::check::{Verdict, stops};
use crate::domain::estate::{Estate, Kept};
use crate::domain::facts::Fact;
use crate::domain::plan::Plan;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::ResourceKind;
use crate::restore::flow::{Flow, FlowError};
use crate::restore::planning;

use super::super::{SwapFacts, VolumeSwap};

const LISTED: &str = "2026-03-01T01:00:00Z";

/// The estate of [`facts`], as a listing knows it.
fn estate() -> Estate {
    let facts = facts();
    let taken = at("2026-03-01T02:00:00Z");
    let point = RecoveryPoint {
        id: SNAPSHOT.into(),
        kind: PointKind::EbsSnapshot,
        place: facts.place.clone(),
        resource: Some((ResourceKind::Volume, DATA.into())),
        resource_home: None,
        name: None,
        when: When::At { at: taken },
        data_at: DataTime::Known(taken),
        state: "completed".into(),
        size_bytes: Some(200 << 30),
        encrypted: Some(true),
        kms_key: Some(KEY.into()),
        tier: Tier::Standard,
        protection: None,
        origin: Origin::ByHand,
        copy_of: None,
        vault: None,
        key_state: None,
        backup_arn: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: tags(&[]),
    };
    Estate {
        place: facts.place,
        role: facts.role,
        at: at(LISTED),
        points: vec![point],
        volumes: facts.volumes,
        instances: vec![facts.instance],
        kept: Vec::new(),
    }
}

fn recalled(estate: &Estate) -> Result<SwapFacts, FlowError> {
    VolumeSwap.recall(estate, &choices(&[]), at("2026-03-01T02:30:00Z"))
}

fn planned(estate: &Estate) -> Plan {
    VolumeSwap
        .plan(&recalled(estate).unwrap(), &choices(&[]))
        .unwrap()
}

fn kept(facts: &SwapFacts) -> Kept {
    Kept {
        flow: "volume-swap".into(),
        version: VolumeSwap::VERSION,
        subject: "one".into(),
        at: facts.observed_at,
        facts: serde_json::to_value(facts).unwrap(),
    }
}

#[test]
fn the_listing_alone_makes_the_plan_that_asking_would_make() {
    let fresh = plan(&facts(), &[]);
    let made = planned(&estate());
    assert_eq!(made.steps, fresh.steps);
    assert_eq!(made.choices, fresh.choices);
    assert!(
        planning::verify(&made).is_ok(),
        "it is what its own facts give"
    );
}

#[test]
fn nothing_that_nobody_was_asked_about_counts_as_fine() {
    let made = planned(&estate());
    assert!(!stops(&made.checks));
    assert!(
        made.checks
            .iter()
            .all(|check| check.verdict != Verdict::Fine)
    );
    assert_eq!(made.checks[0].name, "known-from-before");
    assert!(made.checks[0].found.contains("2026-03-01 01:00:00Z"));
    let found = |name: &str| {
        let check = made.checks.iter().find(|check| check.name == name).unwrap();
        check.found.as_str()
    };
    assert!(found("instance-state").starts_with("as of 2026-03-01 01:00:00Z: "));
    let protection = found("stop-protection");
    assert!(
        protection.contains("ec2:DescribeInstanceAttribute would tell"),
        "{protection}"
    );
}

#[test]
fn what_was_observed_before_is_used_with_its_own_age() {
    let mut estate = estate();
    let mut protected = facts();
    protected.stop_protection = known(true);
    estate.kept = vec![kept(&protected), kept(&facts())];
    let facts = recalled(&estate).unwrap();
    let at = at("2026-03-01T02:30:00Z");
    assert_eq!(
        facts.stop_protection,
        Fact::Cached { value: true, at },
        "the youngest counts"
    );
    assert!(matches!(facts.keys[KEY], Fact::Cached { .. }));
    let made = planned(&estate);
    let check = made
        .checks
        .iter()
        .find(|check| check.name == "stop-protection");
    let check = check.unwrap();
    assert_eq!(check.verdict, Verdict::Stop);
    assert!(
        check.found.starts_with("as of 2026-03-01 02:30:00Z: "),
        "{}",
        check.found
    );
}

#[test]
fn what_was_observed_of_another_instance_tells_nothing_of_this_one() {
    let mut other = facts();
    other.instance.id = "i-0dddddddddddddddd".into();
    other.instance.instance_type = "m7i.xlarge".into();
    let mut estate = estate();
    estate.kept = vec![kept(&other)];
    let facts = recalled(&estate).unwrap();
    assert!(facts.stop_protection.value().is_none());
    assert!(facts.instance_type.value().is_none());
    assert!(
        facts.encryption_by_default.value().is_some(),
        "that is the account's"
    );
}

#[test]
fn what_is_missing_is_named_with_what_would_tell() {
    let mut without = estate();
    without.points.clear();
    let told = recalled(&without).unwrap_err().to_string();
    assert!(
        told.contains(SNAPSHOT) && told.contains("ec2:DescribeSnapshots would tell"),
        "{told}"
    );
    let mut without = estate();
    without.instances.clear();
    let told = recalled(&without).unwrap_err().to_string();
    assert!(
        told.contains(INSTANCE) && told.contains("ec2:DescribeInstances would tell"),
        "{told}"
    );
    let mut without = estate();
    without.volumes.clear();
    let error = recalled(&without).unwrap_err();
    let FlowError::Choice { field, why } = error else {
        panic!("{error}")
    };
    assert_eq!(field, "instance");
    assert!(why.contains("ec2:DescribeVolumes would tell"), "{why}");
}

#[test]
fn facts_of_another_shape_are_passed_over() {
    let mut estate = estate();
    let mut strange = kept(&facts());
    strange.facts = Value::from("of another age");
    let mut newer = kept(&facts());
    newer.version += 1;
    estate.kept = vec![strange, newer];
    assert!(recalled(&estate).unwrap().stop_protection.value().is_none());
}
