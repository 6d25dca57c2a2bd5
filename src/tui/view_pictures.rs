//! The views of images, windows and vaults, and a vault, as whole frames: full, empty, growing, partly failed, with
//! hostile names, in both sizes.

use std::collections::BTreeMap;

use crossterm::event::KeyCode;
use jiff::{SignedDuration, Timestamp};

use super::fixtures::{
    denied, estate, home, model, now, press, scan_begins, scanned, snapshot, vault,
};
use super::looks::looks;
use super::model::Model;
use super::msg::{Msg, Scanned};
use super::policies::VaultKey;
use super::screenshots::drawn;
use super::update::update;
use crate::domain::place::Place;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::domain::vault::{Lock, Vault, VaultKind};
use crate::report::{FAILED, Report};

/// Holds a frame of the model against its snapshot, in both sizes.
fn hold(name: &str, make: impl Fn(Model) -> Model, from: impl Fn(u16, u16) -> Model) {
    for (columns, rows) in [(80, 24), (120, 40)] {
        let buffer = drawn(&mut make(from(columns, rows)));
        insta::assert_snapshot!(format!("{name}_{columns}"), looks(&buffer));
    }
}

fn ago(minutes: i64) -> Timestamp {
    now() - SignedDuration::from_mins(minutes)
}

fn resource(kind: ResourceKind, id: &str, name: Option<&str>, engine: Option<&str>) -> Resource {
    Resource {
        id: id.into(),
        kind,
        name: name.map(Into::into),
        place: home(),
        exists: true,
        engine: engine.map(str::to_owned),
        attached_to: None,
        tags: BTreeMap::new(),
    }
}

fn image(id: &str, of: Option<&str>, name: &str, minutes: i64) -> RecoveryPoint {
    RecoveryPoint {
        kind: PointKind::Ami,
        resource: of.map(|id| (ResourceKind::Instance, id.to_owned())),
        name: Some(name.into()),
        state: "available".into(),
        origin: Origin::ByHand,
        ..snapshot(id, "", minutes)
    }
}

fn window(
    kind: PointKind,
    id: &str,
    of: (ResourceKind, &str),
    days: i64,
    latest: i64,
) -> RecoveryPoint {
    let (earliest, latest) = (ago(days * 1440), ago(latest));
    let state = match kind {
        PointKind::DynamodbWindow => "ENABLED",
        PointKind::BackupPoint => "AVAILABLE",
        _rds => "active",
    };
    RecoveryPoint {
        kind,
        resource: Some((of.0, of.1.to_owned())),
        when: When::Window { earliest, latest },
        data_at: DataTime::Known(latest),
        state: state.into(),
        size_bytes: None,
        origin: Origin::Automated,
        ..snapshot(id, "", latest_minutes(latest))
    }
}

fn latest_minutes(at: Timestamp) -> i64 {
    now().duration_since(at).as_mins()
}

fn stored(id: &str, of: (ResourceKind, &str), minutes: i64) -> RecoveryPoint {
    let id = if id.starts_with("snap-") {
        id.to_owned()
    } else {
        format!("arn:aws:backup:eu-west-1:111122223333:recovery-point:{id}")
    };
    RecoveryPoint {
        kind: PointKind::BackupPoint,
        resource: Some((of.0, of.1.to_owned())),
        state: "COMPLETED".into(),
        origin: Origin::AwsBackup,
        vault: Some("acme-prod-locked".into()),
        protection: Some("compliance lock".into()),
        ..snapshot(&id, "", minutes)
    }
}

fn vaults() -> Vec<Vault> {
    let named = |name: &str, lock, bounds: (Option<i64>, Option<i64>), points| Vault {
        lock,
        min_retention_days: bounds.0,
        max_retention_days: bounds.1,
        points,
        ..vault(name)
    };
    let cooling = Lock::CoolingOff(ago(-3 * 1440));
    let elsewhere = Place {
        account: "444455556666".into(),
        profile: Some("acme-vault".into()),
        region: "eu-central-1".into(),
    };
    let airgap = named("acme-airgap", Lock::Compliance, (Some(30), Some(365)), 8);
    vec![
        Vault {
            kms_key: None,
            ..named("Default", Lock::Open, (None, None), 4)
        },
        named(
            "acme-prod-locked",
            Lock::Compliance,
            (Some(7), Some(365)),
            9,
        ),
        named("acme-staging", Lock::Governance, (Some(1), None), 1204),
        named("acme-finance", cooling, (None, Some(3650)), 31),
        Vault {
            kind: VaultKind::AirGapped,
            owner: elsewhere.account.clone(),
            place: elsewhere,
            ..airgap
        },
    ]
}

fn resources() -> Vec<Resource> {
    let (bucket, files) = (ResourceKind::Bucket, ResourceKind::FileSystem);
    let instance = |id, name| resource(ResourceKind::Instance, id, Some(name), None);
    vec![
        instance("i-0c4e8f1a2b3d5e607", "orders-db"),
        instance("i-077b1c2d3e4f5a6b7", "web-01"),
        resource(ResourceKind::DbInstance, "shop", None, Some("postgres")),
        resource(
            ResourceKind::DbCluster,
            "ledger",
            None,
            Some("aurora-postgresql"),
        ),
        resource(ResourceKind::Table, "orders", None, None),
        resource(files, "fs-0a9b8c7d6e5f40312", Some("orders-uploads"), None),
        resource(bucket, "acme-orders-invoices", None, None),
    ]
}

fn images_of_estate() -> Vec<RecoveryPoint> {
    let (orders, web) = (Some("i-0c4e8f1a2b3d5e607"), Some("i-077b1c2d3e4f5a6b7"));
    let mut disabled = image("ami-05f0c2f7e91b3a44d", None, "golden-2026-02", 40_000);
    disabled.state = "disabled".into();
    let mut copied = image("ami-09d3e5a7b1c2f4806", None, "orders-db for recovery", 8);
    copied.data_at = DataTime::AtMost(ago(8));
    copied.copy_of = Some("ami-0c9e1f2d3b4a56789".into());
    let backup = "AwsBackup_i-0c4e8f1a2b3d5e607";
    let before = "orders-db before PostgreSQL 17";
    vec![
        image("ami-0c9e1f2d3b4a56789", orders, backup, 194),
        image("ami-06d1c2b3a4f5e6078", orders, before, 66_000),
        image("ami-0f83d2a9c14e7b065", web, "web-01 after deploy", 3),
        disabled,
        copied,
    ]
}

fn windows_of_estate() -> Vec<RecoveryPoint> {
    let of_database = |id: &str, of: &'static str, days, latest| {
        let id = format!("arn:aws:rds:eu-west-1:111122223333:auto-backup:{id}");
        window(
            PointKind::RdsWindow,
            &id,
            (ResourceKind::DbInstance, of),
            days,
            latest,
        )
    };
    let of_table = |of: &'static str, days| {
        window(
            PointKind::DynamodbWindow,
            of,
            (ResourceKind::Table, of),
            days,
            0,
        )
    };
    let mut deleted = of_database("ab-legacy", "legacy", 20, 11 * 1440);
    deleted.state = "retained".into();
    let mut young = of_table("sessions", 0);
    young.when = When::Window {
        earliest: ago(5),
        latest: ago(0),
    };
    let bucket = "acme-orders-invoices";
    let id =
        format!("arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:{bucket}-1f2e");
    let mut inferred = window(
        PointKind::BackupPoint,
        &id,
        (ResourceKind::Bucket, bucket),
        35,
        15,
    );
    inferred.data_at = DataTime::AtMost(ago(15));
    inferred.vault = Some("acme-prod-locked".into());
    let cluster = (ResourceKind::DbCluster, "ledger");
    vec![
        of_database("ab-shop", "shop", 7, 5),
        window(
            PointKind::RdsClusterWindow,
            "cluster-19AED8",
            cluster,
            14,
            4,
        ),
        of_table("orders", 35),
        deleted,
        young,
        inferred,
    ]
}

fn stored_of_estate() -> Vec<RecoveryPoint> {
    let files = (ResourceKind::FileSystem, "fs-0a9b8c7d6e5f40312");
    let table = (ResourceKind::Table, "orders");
    let mut cold = stored("7C41D0E2-3B5A-4F6E-9D10-2A8B7C6D5E4F", files, 9 * 1440);
    cold.tier = Tier::Archive;
    let mut held = stored("3D4E5F60-7182-493A-B4C5-D6E7F8011223", table, 254);
    held.protection = Some("compliance lock, legal hold".into());
    vec![
        stored("1B2C3D4E-5F60-4718-92A3-B4C5D6E7F801", files, 194),
        stored("2C3D4E5F-6071-4829-A3B4-C5D6E7F80112", files, 194 + 1440),
        cold,
        held,
    ]
}

/// An estate with something in every view.
pub(super) fn full(columns: u16, rows: u16) -> Model {
    let mut model = estate(columns, rows);
    let points = [images_of_estate(), windows_of_estate(), stored_of_estate()].concat();
    let resources = resources();
    scanned(&mut model, Scanned::Found { points, resources });
    scanned(&mut model, Scanned::Vaults(vaults()));
    model
}

fn at_incident(mut model: Model) -> Model {
    model.known.incident = Some(ago(14));
    model
}

fn view(digit: char) -> impl Fn(Model) -> Model {
    move |mut model| {
        press(&mut model, KeyCode::Char(digit));
        model
    }
}

/// Opens the vault that most points lie in.
fn opened(mut model: Model) -> Model {
    press(&mut model, KeyCode::Char('5'));
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Down);
    press(&mut model, KeyCode::Enter);
    model
}

/// The vault that most points lie in, with its policy, at the incident.
pub(super) fn vault_at(columns: u16, rows: u16) -> Model {
    let model = at_incident(full(columns, rows));
    answered(opened(model), Ok(Some(POLICY)))
}

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Effect":"Deny","Principal":"*","Action":["backup:DeleteRecoveryPoint","backup:PutBackupVaultAccessPolicy"],"Resource":"*"},
    {"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"backup:CopyIntoBackupVault","Resource":"*"}]}"#;

fn answered(mut model: Model, policy: Result<Option<&str>, Report>) -> Model {
    let vault = VaultKey {
        place: home(),
        name: "acme-prod-locked".into(),
    };
    let policy = policy.map(|policy| policy.map(Into::into));
    update(&mut model, Msg::PolicyRead { vault, policy });
    model
}

fn growing(columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    model.known.catalog.places.clear();
    scan_begins(&mut model);
    model
}

fn failing(mut model: Model) -> Model {
    let told = Scanned::NotListed {
        place: Place {
            account: "444455556666".into(),
            region: "eu-central-1".into(),
            ..home()
        },
        kind: PointKind::BackupPoint,
        failure: Box::new(denied("backup:ListBackupVaults")),
    };
    scanned(&mut model, told);
    model
}

const NAMES: [&str; 4] = [
    "a\u{1b}[31mred\u{1b}[0m\u{202e}txt.exe",
    "表計算データベース・本番環境・東京リージョンのバックアップ",
    "👩‍👩‍👧‍👦 family e\u{301}\u{301}\u{301}",
    "tab\tnew\nline",
];

fn hostile(columns: u16, rows: u16) -> Model {
    let mut model = model(columns, rows);
    let long = "x".repeat(255);
    let names = NAMES.into_iter().chain([long.as_str()]);
    let mut points = Vec::new();
    let mut vaults = Vec::new();
    for (n, name) in names.enumerate() {
        points.push(image(&format!("ami-{n:017}"), None, name, 30));
        let table = (ResourceKind::Table, name);
        points.push(window(PointKind::DynamodbWindow, name, table, 35, 0));
        let mut point = stored(name, table, 30);
        point.vault = Some(NAMES[0].into());
        point.name = Some(name.into());
        points.push(point);
        vaults.push(vault(name));
    }
    let resources = Vec::new();
    scanned(&mut model, Scanned::Found { points, resources });
    scanned(&mut model, Scanned::Vaults(vaults));
    at_incident(model)
}

#[test]
fn images() {
    hold("amis", view('3'), full);
    hold("amis_incident", view('3'), |c, r| at_incident(full(c, r)));
    hold("amis_empty", view('3'), model);
    hold("amis_growing", view('3'), growing);
    hold("amis_failed", view('3'), |c, r| failing(full(c, r)));
    hold("amis_hostile", view('3'), hostile);
}

#[test]
fn windows() {
    hold("windows", view('4'), full);
    hold("windows_incident", view('4'), |c, r| {
        at_incident(full(c, r))
    });
    hold("windows_empty", view('4'), model);
    hold("windows_growing", view('4'), growing);
    hold("windows_failed", view('4'), |c, r| failing(full(c, r)));
    hold("windows_hostile", view('4'), hostile);
}

#[test]
fn vault_list() {
    let vaults = |model| {
        let mut model = view('5')(model);
        press(&mut model, KeyCode::Down);
        press(&mut model, KeyCode::Down);
        model
    };
    hold("vaults", vaults, full);
    hold("vaults_empty", view('5'), model);
    hold("vaults_growing", view('5'), growing);
    hold("vaults_failed", view('5'), |c, r| failing(full(c, r)));
    hold("vaults_hostile", view('5'), hostile);
}

#[test]
fn one_vault() {
    let known = |model: Model| answered(opened(model), Ok(Some(POLICY)));
    hold("vault", known, |c, r| at_incident(full(c, r)));
    hold("vault_reading", opened, full);
    let denied = |model: Model| {
        let report = Report::new(
            FAILED,
            "profile acme-prod may not do this: backup:GetBackupVaultAccessPolicy",
        )
        .todo("allow backup:GetBackupVaultAccessPolicy");
        answered(opened(model), Err(report))
    };
    hold("vault_failed", denied, |c, r| failing(full(c, r)));
    let hostile_one = |mut model: Model| {
        press(&mut model, KeyCode::Char('5'));
        press(&mut model, KeyCode::Char('/'));
        for c in "red".chars() {
            press(&mut model, KeyCode::Char(c));
        }
        press(&mut model, KeyCode::Enter);
        press(&mut model, KeyCode::Enter);
        model
    };
    hold("vault_hostile", hostile_one, hostile);
    let empty = |mut model: Model| {
        press(&mut model, KeyCode::Char('5'));
        press(&mut model, KeyCode::Enter);
        model
    };
    hold("vault_empty", empty, |c, r| {
        let mut model = model(c, r);
        scanned(&mut model, Scanned::Vaults(vaults()));
        model
    });
    let details = |mut model: Model| {
        press(&mut model, KeyCode::Char('d'));
        model
    };
    hold("vault_details", |model| details(known(model)), full);
}
