//! The vaults of AWS Backup over the wire: the real program against a server of ours, and that server against the model
//! which AWS publishes.

use std::collections::BTreeSet;

use aws_sdk_backup::error::ProvideErrorMetadata;
use serde_json::{Value, json};

use crate::account::Account;
use crate::estate::{Estate, HOSTILE_TAGS, Make};
use crate::home::Home;
use crate::stage::text;

const HERE: &str = "eu-west-1";
const THERE: &str = "us-east-1";
/// 2026-03-01T02:00:00Z
const AT: i64 = 1_772_330_400;

fn vault(account: &str, region: &str, name: &str) -> Value {
    json!({
        "BackupVaultName": name,
        "BackupVaultArn": format!("arn:aws:backup:{region}:{account}:backup-vault:{name}"),
        "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE", "CreationDate": AT - 900_000,
        "NumberOfRecoveryPoints": 3, "Locked": false, "points": [],
    })
}

fn point(id: &str, resource: &str, kind: &str) -> Value {
    json!({
        "RecoveryPointArn": id, "ResourceArn": resource, "ResourceType": kind, "ResourceName": HOSTILE_TAGS[4].1,
        "Status": "COMPLETED", "CreationDate": 1_772_330_400.087, "InitiationDate": AT, "CompletionDate": AT + 60,
        "BackupSizeInBytes": 5_u64 << 30, "IsEncrypted": true, "IsParent": false, "VaultType": "BACKUP_VAULT",
        "EncryptionKeyArn": "arn:aws:kms:eu-west-1:111122223333:key/1",
    })
}

/// A locked vault with one of each kind of point, another one with two pages, a hold, and a resource without a point.
fn estate(account: &str, region: &str) -> Value {
    let own = |id: &str| format!("arn:aws:backup:{region}:{account}:recovery-point:{id}");
    let files = format!("arn:aws:elasticfilesystem:{region}:{account}:file-system/fs-1");
    let table = format!("arn:aws:dynamodb:{region}:{account}:table/orders");
    let mut locked = vault(account, region, "locked");
    locked["Locked"] = json!(true);
    locked["LockDate"] = json!(AT - 800_000);
    locked["MinRetentionDays"] = json!(7);
    locked["policy"] = json!("{}");
    let mut archived = point(&own("files"), &files, "EFS");
    archived["CalculatedLifecycle"] =
        json!({ "MoveToColdStorageAt": AT, "DeleteAt": AT + 9_000_000_000_i64 });
    archived["Lifecycle"] = json!({ "MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 200 });
    archived["storage"] = json!("COLD");
    let mut continuous = point(&own("continuous:b-1"), "arn:aws:s3:::b", "S3");
    continuous["Status"] = json!("AVAILABLE");
    let mut scanned = point(&own("table"), &table, "DynamoDB");
    scanned["AggregatedScanResult"] =
        json!({ "FailedScan": false, "Findings": ["MALWARE"], "LastComputed": AT + 90 });
    let face = format!("arn:aws:ec2:{region}::snapshot/snap-0b7e41c8d92f3a650");
    let volume = format!("arn:aws:ec2:{region}:{account}:volume/vol-0a5d3c9e71b2f4608");
    locked["points"] = json!([archived, continuous, scanned, point(&face, &volume, "EBS")]);
    let mut many = vault(account, region, "many");
    let numbers = 0..1001;
    let points = numbers.map(|number| point(&own(&format!("many-{number}")), &files, "EFS"));
    many["points"] = points.collect();
    let hold = json!({ "LegalHoldId": "h1", "Title": "case", "Status": "ACTIVE", "CreationDate": AT,
        "held": [own("table")] });
    let left = json!({ "ResourceArn": files.replace("fs-1", "fs-2"), "ResourceType": "EFS", "LastBackupTime": AT });
    json!({ "vaults": [locked, many], "holds": [hold], "protected": [left] })
}

fn seeded(estate: &Value) -> BTreeSet<String> {
    let vaults = estate["vaults"].as_array().expect("vaults").iter();
    let points = vaults.flat_map(|vault| vault["points"].as_array().expect("points"));
    points
        .map(|point| text(&point["RecoveryPointArn"]))
        .collect()
}

fn ids(lines: &[Value]) -> BTreeSet<String> {
    lines.iter().map(|line| text(&line["id"])).collect()
}

#[test]
fn points_are_exactly_what_the_vaults_and_the_other_services_hold() {
    let accounts = [Account::fresh(), Account::fresh()];
    let mut wanted = BTreeSet::new();
    for account in &accounts {
        for region in [HERE, THERE] {
            let estate = estate(&account.id, region);
            account.seed_backup(region, &estate);
            wanted.extend(seeded(&estate));
        }
    }
    let native = Estate::new(&accounts[0], HERE);
    let volume = native.volume(Make::gp3(10, 4000, 200), &[]);
    wanted.insert(native.snapshot(&volume, "2026-03-01T02:00:00Z", &[]));
    let home = Home::new()
        .role("red", &accounts[0].id, HERE)
        .role("blue", &accounts[1].id, HERE);
    let command = [
        "--profile",
        "red",
        "--profile",
        "blue",
        "--region",
        HERE,
        "--region",
        THERE,
        "points",
        "--json",
    ];
    let output = home.defib(&command).expect(&[0]);
    let lines = output.json_lines();
    assert_eq!(ids(&lines), wanted);
    // A snapshot of another service's name is one in each account, and in each Region another one.
    assert_eq!(lines.len(), 4 * 1005 + 1);
    for account in &accounts {
        let answers = account.backup_answers();
        assert_eq!(answers["violations"], json!([]));
    }
}

#[test]
fn a_point_tells_what_its_vault_and_its_list_tell() {
    let account = Account::fresh();
    account.seed_backup(HERE, &estate(&account.id, HERE));
    let home = Home::new().role("red", &account.id, HERE);
    let command = [
        "--profile",
        "red",
        "points",
        "--json",
        "--kind",
        "backup-point",
    ];
    let output = home.defib(&command).expect(&[0]);
    let lines = output.json_lines();
    let find = |end: &str| {
        let found = lines.iter().find(|line| text(&line["id"]).ends_with(end));
        found.unwrap_or_else(|| panic!("{end}"))
    };
    let table = find(":table");
    assert_eq!(table["kind"], "backup-point");
    assert_eq!(table["resource"], "orders");
    assert_eq!(table["at"], "2026-03-01T02:00:00.087Z");
    assert_eq!(table["data_at"], "2026-03-01T02:00:00.087Z");
    assert_eq!(table["size_bytes"], 5_u64 << 30);
    assert_eq!(table["origin"], "aws-backup");
    assert_eq!(table["protection"], "compliance lock, legal hold");
    assert_eq!(table["encrypted"], true);
    assert_eq!(find(":files")["tier"], "archive");
    let window = find(":continuous:b-1");
    assert!(
        window["at"].is_null() && window["earliest"].is_string(),
        "{window}"
    );
    assert_eq!(find(":many-1000")["protection"], Value::Null);
    assert!(
        !output.stdout.contains('\u{202e}'),
        "hostile names stay harmless"
    );
}

#[test]
fn a_closed_vault_is_named_and_the_rest_is_listed() {
    let account = Account::fresh();
    let mut estate = estate(&account.id, HERE);
    estate["vaults"][1]["denied"] = json!(true);
    account.seed_backup(HERE, &estate);
    let home = Home::new().role("red", &account.id, HERE);
    let output = home
        .defib(&["--profile", "red", "points", "--json"])
        .expect(&[5]);
    assert_eq!(output.json_lines().len(), 4, "{output}");
    assert!(output.stderr.contains("vault many"), "{output}");
}

#[test]
fn every_answer_of_the_server_fits_the_model_that_aws_publishes() {
    let account = Account::fresh();
    account.seed_backup(HERE, &estate(&account.id, HERE));
    let backup = account.backup(HERE);
    let vaults = account
        .wait(backup.list_backup_vaults().send())
        .expect("vaults");
    assert_eq!(vaults.backup_vault_list().len(), 2);
    let told = backup.describe_backup_vault().backup_vault_name("locked");
    assert_eq!(
        account
            .wait(told.send())
            .expect("a vault")
            .min_retention_days(),
        Some(7)
    );
    let policy = backup
        .get_backup_vault_access_policy()
        .backup_vault_name("locked");
    assert_eq!(
        account.wait(policy.send()).expect("a policy").policy(),
        Some("{}")
    );
    let points = backup.list_recovery_points_by_backup_vault();
    let points = account
        .wait(points.backup_vault_name("locked").send())
        .expect("points");
    let first = points.recovery_points()[0].recovery_point_arn();
    let told = backup.describe_recovery_point().backup_vault_name("locked");
    let told = told.recovery_point_arn(first.expect("an ARN")).send();
    let told = account.wait(told).expect("a point");
    assert_eq!(
        told.storage_class()
            .map(aws_sdk_backup::types::StorageClass::as_str),
        Some("COLD")
    );
    let protected = backup.list_protected_resources().send();
    assert_eq!(
        account.wait(protected).expect("resources").results().len(),
        1
    );
    let holds = account
        .wait(backup.list_legal_holds().send())
        .expect("holds");
    let id = holds.legal_holds()[0].legal_hold_id().expect("an id");
    let held = backup
        .list_recovery_points_by_legal_hold()
        .legal_hold_id(id);
    assert_eq!(
        account
            .wait(held.send())
            .expect("points")
            .recovery_points()
            .len(),
        1
    );
    let answers = account.backup_answers();
    assert_eq!(answers["violations"], json!([]));
    let all = answers["operations"].as_array().expect("operations").len();
    assert_eq!(all, 8, "{answers}");
}

#[test]
fn refusals_of_the_server_are_those_of_aws_backup() {
    let account = Account::fresh();
    account.seed_backup(HERE, &estate(&account.id, HERE));
    let backup = account.backup(HERE);
    let nowhere = backup
        .list_recovery_points_by_backup_vault()
        .backup_vault_name("nowhere");
    let refused = account.wait(nowhere.send()).expect_err("no such vault");
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    let policy = backup
        .get_backup_vault_access_policy()
        .backup_vault_name("many");
    let refused = account.wait(policy.send()).expect_err("no policy");
    assert_eq!(refused.code(), Some("ResourceNotFoundException"));
    let large = backup.list_backup_vaults().max_results(1001).send();
    let refused = account.wait(large).expect_err("too many");
    assert_eq!(refused.code(), Some("InvalidParameterValueException"));
}

#[test]
fn an_answer_that_does_not_fit_the_model_is_noticed() {
    for (field, value) in [
        ("Encrypted", json!(true)),
        ("IsEncrypted", json!("yes")),
        ("CreationDate", json!("2026-03-01T02:00:00Z")),
        ("BackupSizeInBytes", json!(1.5)),
        ("Status", json!("FINE")),
        ("CreatedBy", json!([])),
    ] {
        let account = Account::fresh();
        let mut estate = estate(&account.id, HERE);
        estate["vaults"][0]["points"][0][field] = value;
        account.seed_backup(HERE, &estate);
        let points = account.backup(HERE).list_recovery_points_by_backup_vault();
        // Whether the client can read it is not what is asked here.
        let _ = account.wait(points.backup_vault_name("locked").send());
        let answers = account.backup_answers();
        let found = answers["violations"].as_array().expect("a list");
        assert_eq!(found.len(), 1, "{field}: {answers}");
    }
}
