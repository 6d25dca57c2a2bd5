//! The vaults of AWS Backup as the catalog lists them: what comes of an estate, and of one that is half closed.

use std::collections::BTreeSet;

use defib::aws::connect::{Clients, Connector};
use defib::aws::guard::Mode;
use defib::aws::logins::Logins;
use defib::catalog::scan::{Message, scan};
use defib::catalog::source::Source;
use defib::catalog::vault::{BackupPoints, access_policy, list_vaults};
use defib::clock::Clock;
use defib::domain::failure::{Failure, FailureClass};
use defib::domain::recovery_point::{PointKind, RecoveryPoint, Tier, When};
use defib::domain::resource::{Resource, ResourceKind};
use defib::domain::vault::{Vault, VaultKind};
use defib::sim::{Fault, On, SimulatedAws, Story, scenarios};

const ACCOUNT: &str = "111122223333";

/// One vault of each state of a lock, one that is closed, one that another account lends, and one hostile name.
const VAULTS: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
account = "111122223333"
[delays]
answer = "180ms"
[[account]]
id = "111122223333"
name = "acme-prod"
[[place]]
account = "111122223333"
region = "eu-west-1"
[[place.vault]]
name = "closed"
denied = true
[[place.vault]]
name = "cooling"
lock = "compliance"
locks_after = "3d"
[[place.vault.point]]
resource = "arn:aws:s3:::b"
resource_type = "S3"
resource_name = "\u001b[2J\u202Eexe"
every = "1d"
count = 3
cold_after_days = 2
[[place.vault]]
name = "governed"
lock = "governance"
[[place.vault.point]]
resource = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
resource_type = "DynamoDB"
[[place.vault]]
name = "lent"
owner = "444455556666"
type = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
[[place.vault.point]]
resource = "arn:aws:dynamodb:eu-west-1:444455556666:table/orders"
resource_type = "DynamoDB"
"#;

struct Listed {
    aws: SimulatedAws,
    clients: Clients,
    points: Vec<RecoveryPoint>,
    resources: Vec<Resource>,
    vaults: Vec<Vault>,
    failure: Option<Failure>,
}

async fn clients(aws: &SimulatedAws, region: &str) -> Clients {
    let connector = Connector {
        mode: Mode::Viewer { dry_run: true },
        endpoint_honours_dry_run: false,
        simulated: Some(aws.clone()),
        logins: Logins::default(),
    };
    let clients = connector.connect(Some("acme-prod"), Some(region)).await;
    clients.expect("the simulated AWS knows who is asking")
}

async fn list(aws: SimulatedAws, region: &str) -> Listed {
    let clients = clients(&aws, region).await;
    let mut messages = scan(&[&BackupPoints as &dyn Source], vec![clients.clone()]);
    let mut listed = Listed {
        aws,
        clients,
        points: Vec::new(),
        resources: Vec::new(),
        vaults: Vec::new(),
        failure: None,
    };
    while let Some(message) = messages.recv().await {
        match message {
            Message::Found(batch) => {
                listed.points.extend(batch.points);
                listed.resources.extend(batch.resources);
                listed.vaults.extend(batch.vaults);
            }
            Message::Finished { .. } => {}
            Message::Failed { failure, .. } => listed.failure = Some(failure),
        }
    }
    listed
}

fn simulated(text: &str) -> SimulatedAws {
    let opens = Story::of(text).expect("a scenario").opens_at;
    SimulatedAws::from_scenario(text, Clock::simulated(opens, 1.0)).expect("a scenario")
}

fn demo() -> SimulatedAws {
    simulated(scenarios()[0].text)
}

impl Listed {
    fn of_vault(&self, name: &str) -> Vec<&RecoveryPoint> {
        let points = self.points.iter();
        points
            .filter(|one| one.vault.as_deref() == Some(name))
            .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn the_points_of_the_demonstration_are_listed_completely() {
    let listed = list(demo(), "eu-west-1").await;
    assert_eq!(listed.failure, None);
    assert_eq!(listed.of_vault("Default").len(), 4);
    let locked = listed.of_vault("acme-prod-locked");
    assert_eq!(locked.len(), 30 + 14 + 1 + 7 + 1);
    assert!(locked.iter().all(|one| {
        let words = one.protection.as_deref().unwrap_or_default();
        words.starts_with("compliance lock")
    }));
    let held = locked.iter().filter(|one| {
        let words = one.protection.as_deref().unwrap_or_default();
        words == "compliance lock, legal hold"
    });
    assert_eq!(held.count(), 7);
    let archived = locked.iter().filter(|one| one.tier == Tier::Archive);
    assert_eq!(archived.count(), 6, "of 14 days, 8 are warm");
    let windows: Vec<_> = locked
        .iter()
        .filter(|one| matches!(one.when, When::Window { .. }))
        .collect();
    assert_eq!(windows.len(), 1);
    assert_eq!(
        windows[0].resource,
        Some((ResourceKind::Bucket, "acme-orders-invoices".into()))
    );
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_and_its_face_in_the_vault_name_each_other() {
    let listed = list(demo(), "eu-west-1").await;
    let faces = listed.points.iter().filter_map(|one| one.face_of.clone());
    let faces: BTreeSet<(PointKind, String)> = faces.collect();
    assert_eq!(faces.len(), 30);
    let picture = listed.aws.picture();
    let snapshots = &picture["111122223333/eu-west-1"]["snapshots"];
    for (kind, id) in faces {
        assert_eq!(kind, PointKind::EbsSnapshot);
        assert_eq!(snapshots[&id]["volume_id"], "vol-0a5d3c9e71b2f4608", "{id}");
    }
    let gapped = list(demo(), "us-east-1").await;
    let gapped = gapped.of_vault("acme-airgap").into_iter();
    assert!(gapped.clone().all(|one| one.face_of.is_none()));
    assert_eq!(gapped.count(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_protected_resource_without_a_point_is_listed() {
    let listed = list(demo(), "eu-west-1").await;
    let id = "fs-05c4d3e2f1a0b9876";
    let found = listed.resources.iter().find(|one| one.id == id);
    let found = found.expect("it is protected");
    assert_eq!(found.engine.as_deref(), Some("EFS"));
    let has = |one: &RecoveryPoint| one.resource.as_ref().is_some_and(|(_, of)| of == id);
    assert!(!listed.points.iter().any(has));
    let native = [
        ResourceKind::Volume,
        ResourceKind::Instance,
        ResourceKind::Table,
    ];
    assert!(
        !listed
            .resources
            .iter()
            .any(|one| native.contains(&one.kind)),
        "their own services know more of them"
    );
}

#[tokio::test(start_paused = true)]
async fn a_closed_vault_is_named_and_hides_none_of_the_others() {
    let listed = list(simulated(VAULTS), "eu-west-1").await;
    let failure = listed.failure.as_ref().expect("one vault is closed");
    assert_eq!(failure.class, FailureClass::Denied);
    assert!(
        failure.line().contains("vault closed: "),
        "{}",
        failure.line()
    );
    let words = |vault: &str| listed.of_vault(vault)[0].protection.clone();
    assert_eq!(
        words("cooling").as_deref(),
        Some("compliance lock from 2026-03-17 02:17:00Z")
    );
    assert_eq!(words("governed").as_deref(), Some("governance lock"));
    assert_eq!(words("lent").as_deref(), Some("compliance lock"));
    let tiers: Vec<Tier> = listed
        .of_vault("cooling")
        .iter()
        .map(|one| one.tier)
        .collect();
    assert_eq!(tiers, [Tier::Standard, Tier::Archive, Tier::Archive]);
    let name = listed.of_vault("cooling")[0].name.clone();
    assert_eq!(name.expect("a name").raw(), "\u{1b}[2J\u{202e}exe");
}

#[tokio::test(start_paused = true)]
async fn a_table_of_another_account_is_not_taken_for_one_of_this_place() {
    let listed = list(simulated(VAULTS), "eu-west-1").await;
    let home = |vault: &str| {
        let point = &listed.of_vault(vault)[0];
        let orders = Some((ResourceKind::Table, "orders".to_owned()));
        assert_eq!(point.resource, orders);
        point.resource_home.clone()
    };
    assert_eq!(home("governed"), None);
    let elsewhere = home("lent").expect("it lives elsewhere");
    assert_ne!(elsewhere.account.as_str(), "111122223333");
}

#[tokio::test(start_paused = true)]
async fn without_the_holds_the_points_are_listed_all_the_same() {
    for operation in [
        "ListLegalHolds",
        "ListRecoveryPointsByLegalHold",
        "ListProtectedResources",
    ] {
        let aws = demo();
        aws.faults()
            .inject(On::operation(operation).for_ever(), Fault::Unauthorized);
        let listed = list(aws, "eu-west-1").await;
        let failure = listed.failure.expect("a read is denied");
        assert_eq!(failure.call, format!("backup:{operation}"));
        let of_holds = operation != "ListProtectedResources";
        assert_eq!(failure.leaves_points_whole(), of_holds, "{operation}");
        assert_eq!(listed.points.len(), 57, "{operation}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_shared_vaults_those_of_the_account_are_listed_all_the_same() {
    let aws = simulated(VAULTS);
    let shared = On::operation("ListBackupVaults").nth(2).for_ever();
    aws.faults().inject(shared, Fault::Unauthorized);
    let listed = list(aws, "eu-west-1").await;
    let failure = listed.failure.as_ref().expect("a read is denied");
    assert_eq!(failure.call, "backup:ListBackupVaults");
    assert_eq!(listed.of_vault("cooling").len(), 3);
    assert_eq!(listed.of_vault("lent").len(), 0);
}

#[tokio::test(start_paused = true)]
async fn vaults_tell_what_a_vault_screen_shows() {
    let aws = simulated(scenarios()[0].text);
    let clients = clients(&aws, "eu-west-1").await;
    let vaults = list_vaults(&clients).await.expect("vaults");
    let names: Vec<&str> = vaults.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["Default", "acme-prod-locked"]);
    assert_eq!(
        (vaults[1].min_retention_days, vaults[1].max_retention_days),
        (Some(7), Some(365))
    );
    assert_eq!(vaults[1].points, 53);
    assert_eq!(access_policy(&clients, "Default").await, Ok(None));
    let policy = access_policy(&clients, "acme-prod-locked")
        .await
        .expect("a policy");
    assert!(
        policy
            .expect("a policy")
            .raw()
            .contains("backup:DeleteRecoveryPoint")
    );
    let listed = list(simulated(scenarios()[0].text), "eu-west-1").await;
    assert_eq!(listed.vaults, vaults, "the scan hands on the same");
    let lent = list(simulated(VAULTS), "eu-west-1").await;
    let lent = list_vaults(&lent.clients).await.expect("vaults");
    let lent = lent
        .iter()
        .find(|one| one.is_shared())
        .expect("a shared one");
    assert_eq!(
        (lent.name.as_str(), lent.kind),
        ("lent", VaultKind::AirGapped)
    );
}

#[tokio::test(start_paused = true)]
async fn no_more_than_two_lists_are_under_way_at_a_time() {
    let listed = list(simulated(VAULTS), "eu-west-1").await;
    let calls = listed.aws.calls();
    let lists: Vec<_> = calls.iter().filter(|one| one.service == "Backup").collect();
    assert!(
        lists
            .iter()
            .all(|one| !one.mutates && one.account == ACCOUNT)
    );
    let points = lists
        .iter()
        .filter(|one| one.operation == "ListRecoveryPointsByBackupVault");
    assert_eq!(points.count(), 4, "one page of each vault");
    // Every answer takes as long as any other: as many start at one instant as are under way together.
    let mut starts = std::collections::BTreeMap::new();
    for call in &lists {
        *starts.entry(call.at).or_insert(0) += 1;
    }
    assert!(starts.values().all(|together| *together <= 2), "{starts:?}");
}
