//! Models for tests: settings as they come, estates of any size, keys as they are pressed.
//! Nothing in here reaches a network.

use std::collections::{BTreeMap, BTreeSet};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::config;
use crate::domain::code::CodeWanted;
use crate::domain::coverage::Coverage;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::vault::{Lock, Vault, VaultKind};

use super::keymap::Keymap;
use super::known::{FlowCard, PlaceCard, Settings, Story};
use super::model::Model;
use super::msg::{Msg, Scanned};
use super::signs::Signs;
use super::theme::Look;
use super::update::{settle, update};

/// The present of every test.
pub(crate) fn now() -> Timestamp {
    "2026-03-14T02:31:00Z".parse().expect("a time")
}

/// Settings as they come, with one flow.
pub(crate) fn settings() -> Settings {
    Settings {
        zone: TimeZone::UTC,
        look: Look::new(config::Theme::Sixteen, Signs::unicode()),
        keymap: Keymap::builtin(config::Keymap::Default),
        read_only: false,
        protected: BTreeSet::new(),
        flows: vec![FlowCard {
            name: "volume-swap",
            sentence: "Swap a volume for one made from a snapshot, in place",
            fields: &[],
            kinds: vec![PointKind::EbsSnapshot],
        }],
        filters: BTreeMap::new(),
        story: None,
    }
}

/// What the pager of the demo says.
pub(crate) fn story() -> Story {
    Story {
        title: "A bad deploy corrupted the orders database".into(),
        pager: vec![
            "CRITICAL  orders-api  checkout error rate 94 %".into(),
            "02:17 UTC  deploy finished on orders-db".into(),
        ],
    }
}

pub(crate) fn home() -> Place {
    Place {
        profile: Some("acme-prod".into()),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

/// A model of a size in cells, with a place that answered and nothing in it.
pub(crate) fn model(columns: u16, rows: u16) -> Model {
    let mut model = Model::new(settings(), now(), (columns, rows));
    let role = "arn:aws:iam::111122223333:role/OnCall".to_owned();
    model.known.catalog.places.push(PlaceCard {
        place: home(),
        role,
        endpoints: BTreeSet::new(),
        nth: 0,
    });
    model.known.catalog.coverage = listed(&home());
    model
}

/// A place in which everything was listed.
pub(crate) fn listed(place: &Place) -> Coverage {
    let mut coverage = Coverage::default();
    coverage.begin(place);
    for kind in PointKind::ALL {
        for _listing in 0..kind.listings() {
            coverage.ended(place, kind, true);
        }
    }
    coverage
}

pub(crate) fn volume(id: &str, name: &str) -> Resource {
    Resource {
        id: id.into(),
        kind: ResourceKind::Volume,
        name: Some(name.into()),
        place: home(),
        exists: true,
        engine: None,
        attached_to: Some(("i-0c4e8f1a2b3d5e607".into(), "/dev/sdf".into())),
        tags: BTreeMap::new(),
    }
}

/// A snapshot of a volume, so many minutes before the present.
pub(crate) fn snapshot(id: &str, volume: &str, minutes: i64) -> RecoveryPoint {
    let at = now()
        .saturating_sub(SignedDuration::from_mins(minutes))
        .expect("in range");
    RecoveryPoint {
        id: id.into(),
        kind: PointKind::EbsSnapshot,
        place: home(),
        resource: Some((ResourceKind::Volume, volume.into())),
        resource_home: None,
        name: None,
        when: When::At { at },
        data_at: DataTime::Known(at),
        state: "completed".into(),
        size_bytes: Some(200 << 30),
        encrypted: Some(true),
        kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e".into()),
        tier: Tier::Standard,
        protection: None,
        origin: Origin::Dlm,
        copy_of: None,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: BTreeMap::new(),
    }
}

/// A vault that nobody can unlock.
pub(crate) fn vault(name: &str) -> Vault {
    Vault {
        name: name.into(),
        arn: format!("arn:aws:backup:eu-west-1:111122223333:backup-vault:{name}"),
        place: home(),
        owner: home().account,
        kind: VaultKind::Standard,
        state: Some("AVAILABLE".into()),
        lock: Lock::Compliance,
        min_retention_days: Some(7),
        max_retention_days: Some(365),
        points: 3,
        kms_key: Some("arn:aws:kms:eu-west-1:111122223333:key/5f0c2f7e".into()),
        created: now().checked_sub(SignedDuration::from_hours(24 * 400)).ok(),
    }
}

/// The estate of a bad deploy at 02:17: a good snapshot 14 minutes before it, a bad one after it.
pub(crate) fn estate(columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    let orders = "vol-0a5d3c9e71b2f4608";
    let mut elsewhere = snapshot("snap-0c51c0a9d4b2e6689", orders, 300);
    elsewhere.place.region = "us-east-1".into();
    elsewhere.resource = None;
    elsewhere.copy_of = Some("snap-0b7e41c8d92f3a650".into());
    elsewhere.data_at = DataTime::AtMost(elsewhere.data_at.bound());
    let points = vec![
        snapshot("snap-0b7e41c8d92f3a650", orders, 28),
        snapshot("snap-0f83d2a9c14e7b065", orders, 8),
        snapshot("snap-015aa0c7e1f94663c", orders, 88),
        snapshot("snap-07688dd1aa2b44c5c", "vol-07850000000000001", 151),
        elsewhere,
    ];
    let resources = vec![
        volume(orders, "orders-db-data"),
        volume("vol-07850000000000001", "billing-db-data"),
        volume("vol-0f6a0000000000ce9", "sessions"),
    ];
    scanned(&mut model, Scanned::Found { points, resources });
    settle(&mut model);
    model
}

/// Has the last scan tell something.
pub(crate) fn scanned(model: &mut Model, told: Scanned) {
    let number = model.known.catalog.scan;
    update(model, Msg::Scan { number, told });
}

/// A call that a policy denied.
pub(crate) fn denied(call: &str) -> Failure {
    Failure {
        class: FailureClass::Denied,
        effect: crate::domain::failure::Effect::None,
        call: call.into(),
        code: Some("UnauthorizedOperation".into()),
        message: "You are not authorized to perform this operation.".into(),
        request_id: None,
    }
}

/// Begins another scan.
pub(crate) fn scan_begins(model: &mut Model) {
    let number = model.known.catalog.scan + 1;
    let told = Scanned::Began;
    update(model, Msg::Scan { number, told });
}

/// Asks for a code of a profile.
pub(crate) fn code_wanted(
    model: &mut Model,
    ask: u64,
    refused: bool,
) -> Vec<super::effect::Effect> {
    let wanted = CodeWanted {
        profile: "acme-ops".into(),
        serial: "arn:aws:iam::111122223333:mfa/ada.lovelace".into(),
        refused,
    };
    update(model, Msg::CodeWanted { ask, wanted })
}

/// A key without modifiers.
pub(crate) fn key(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

/// Presses a key and settles, as the loop does.
pub(crate) fn press(model: &mut Model, code: KeyCode) -> Vec<super::effect::Effect> {
    let effects = update(model, Msg::Key(key(code)));
    settle(model);
    effects
}

/// Types a text, key by key.
pub(crate) fn type_text(model: &mut Model, text: &str) -> Vec<super::effect::Effect> {
    text.chars()
        .flat_map(|c| press(model, KeyCode::Char(c)))
        .collect()
}
