//! What only a call about a single point tells, over the wire: the console asks the servers about the point whose detail
//! is open, shows what they answer and what they refuse, and asks again on a key.

use aws_sdk_ec2::types::SnapshotAttributeName;
use serde_json::json;

use crate::console::console;
use crate::estate::Make;
use crate::stage::{REGION, Stage};
use crate::window::Window;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
/// Whom the snapshot is shared with.
const AUDITOR: &str = "777766665555";
/// 2026-03-01T02:00:00Z
const AT: i64 = 1_772_330_400;

/// A stage whose snapshot is shared, with a recovery point that has turned cold in a vault.
fn staged() -> Stage {
    let stage = Stage::with_data_volume(Make::gp3(10, 4000, 200));
    let estate = stage.estate();
    let share = estate.ec2.modify_snapshot_attribute();
    let share = share.snapshot_id(&stage.snapshot).user_ids(AUDITOR);
    let share = share.attribute(SnapshotAttributeName::CreateVolumePermission);
    let share = share.operation_type(aws_sdk_ec2::types::OperationType::Add);
    stage.account.wait(share.send()).expect("it is shared");
    let account = &stage.account.id;
    let point = json!({
        "RecoveryPointArn": format!("arn:aws:backup:{REGION}:{account}:recovery-point:files"),
        "ResourceArn": format!("arn:aws:elasticfilesystem:{REGION}:{account}:file-system/fs-1"),
        "ResourceType": "EFS", "ResourceName": "files", "Status": "COMPLETED", "CreationDate": AT,
        "BackupSizeInBytes": 5_u64 << 30, "IsEncrypted": true, "IsParent": false, "VaultType": "BACKUP_VAULT",
        "CalculatedLifecycle": { "MoveToColdStorageAt": AT + 86_400, "DeleteAt": AT + 9_000_000_000_i64 },
        "Lifecycle": { "MoveToColdStorageAfterDays": 1, "DeleteAfterDays": 200 }, "storage": "COLD",
    });
    let vault = json!({
        "BackupVaultName": "locked", "BackupVaultArn": format!("arn:aws:backup:{REGION}:{account}:backup-vault:locked"),
        "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE", "CreationDate": AT - 900_000,
        "NumberOfRecoveryPoints": 1, "Locked": false, "points": [point],
    });
    let estate = json!({ "vaults": [vault], "holds": [], "protected": [] });
    stage.account.seed_backup(REGION, &estate);
    stage
}

/// Opens the detail of the only point that a filter leaves.
fn detail_of(window: &mut Window, filter: &str, id: &str) {
    window.press("2");
    window.press("/");
    window.type_text(filter);
    window.press(ENTER);
    window.until("the row", |shown| shown.contains("1 of "));
    window.press("d");
    window.see(id);
}

#[test]
fn the_detail_of_a_point_shows_who_may_use_it_and_its_storage_class() {
    let stage = staged();
    let mut window = console(&stage, 120, 40);
    window.see("orders-db data");
    let title = format!("ebs-snapshot {}", stage.snapshot);
    detail_of(&mut window, &stage.snapshot, &title);
    window.see(&format!("shared with     account {AUDITOR}"));
    window.see("tier status     it was never moved between tiers");
    // The server does not know this call: the rest is told all the same.
    window.see("fast restore    not known: ");

    stage.account.fault(
        &json!([{ "service": "ec2", "action": "DescribeSnapshotAttribute", "times": 1000,
        "code": "UnauthorizedOperation", "message": "You are not authorized.", "status": 403 }]),
    );
    window.press("R");
    window.see("shared with     not known: denied · allow ec2:DescribeSnapshotAttribute · R");
    stage.account.fault(&json!([]));
    window.press("R");
    window.see(&format!("shared with     account {AUDITOR}"));

    window.press(ESCAPE);
    window.see("esc clears");
    window.press(ESCAPE);
    window.see_gone("1 of 3 points");
    detail_of(&mut window, "kind:backup-point", "backup-point files");
    window.see("storage class   COLD: a restore from it takes hours longer");
    window.see("cold from       2026-03-02 02:00:00Z");
    window.press("\u{3}");
    assert!(window.ended().success());
    let answers = stage.account.backup_answers();
    assert_eq!(answers["violations"], json!([]));
    let asked = answers["operations"].as_array().expect("a list");
    assert!(asked.contains(&json!("DescribeRecoveryPoint")), "{asked:?}");
}
