//! Points and resources in any number, the same each time.

use defib::domain::place::Place;
use defib::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use defib::domain::resource::{Resource, ResourceKind};
use jiff::{SignedDuration, Timestamp};

/// Points of each resource.
pub const POINTS: usize = 30;

pub fn now() -> Timestamp {
    "2026-03-14T02:31:00Z".parse().expect("a time")
}

pub fn place(n: usize) -> Place {
    let regions = ["eu-west-1", "us-east-1", "eu-central-1"];
    Place {
        profile: Some("acme-prod".into()),
        account: "111122223333".into(),
        region: regions[n % regions.len()].into(),
    }
}

pub fn volume(n: usize) -> String {
    format!("vol-{:017x}", n.wrapping_mul(0x9E37_79B9))
}

pub fn resource(n: usize) -> Resource {
    Resource {
        id: volume(n),
        kind: ResourceKind::Volume,
        name: Some(name(n).into()),
        place: place(n),
        exists: true,
        engine: None,
        attached_to: None,
        tags: std::collections::BTreeMap::new(),
    }
}

pub fn name(n: usize) -> String {
    let what = [
        "orders-db",
        "billing-api",
        "sessions",
        "ledger",
        "search-index",
    ];
    format!("{}-{:05}", what[n % what.len()], n)
}

/// A snapshot with five tags, of which one is its own; every fifth is a copy elsewhere.
pub fn point(n: usize, points: usize) -> RecoveryPoint {
    // Listings come in no order.
    let nth = n.wrapping_mul(7919) % points;
    let of = nth / POINTS;
    let minutes = i64::try_from(nth % POINTS * 360 + of % 360).unwrap_or_default();
    // A schedule begins each within an hour.
    let late = i64::try_from(nth * 7919 % 3600).unwrap_or_default();
    let at = now() - SignedDuration::from_mins(minutes) - SignedDuration::from_secs(1 + late);
    let id = |nth: usize| {
        format!(
            "snap-{:017x}",
            nth.wrapping_mul(0x9E37_79B9_7F4A) % (1 << 60)
        )
    };
    let is_copy = nth % 5 == 4;
    let tags = [
        ("Name", format!("{}-nightly", name(of))),
        (
            "aws:dlm:lifecycle-policy-id",
            "policy-0123456789abcdef0".into(),
        ),
        ("Team", format!("team-{}", of % 12)),
        ("Stage", "production".into()),
        ("Taken", format!("{at} {nth}")),
    ];
    RecoveryPoint {
        id: id(nth),
        kind: PointKind::EbsSnapshot,
        place: place(of + usize::from(is_copy)),
        resource: (!is_copy).then(|| (ResourceKind::Volume, volume(of))),
        resource_home: None,
        name: Some(format!("{}-nightly", name(of)).into()),
        when: When::At { at },
        data_at: if is_copy {
            DataTime::AtMost(at)
        } else {
            DataTime::Known(at)
        },
        state: "completed".into(),
        size_bytes: Some(((nth as u64 % 64) + 1) << 30),
        encrypted: Some(true),
        kms_key: Some(
            "arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e-1111-2222-3333-444455556666".into(),
        ),
        tier: Tier::Standard,
        protection: None,
        origin: Origin::Dlm,
        copy_of: is_copy.then(|| id(nth - 1)),
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: tags.map(|(key, value)| (key.into(), value.into())).into(),
    }
}
