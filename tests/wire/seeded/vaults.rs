//! What AWS Backup has of a place: faces of native points, points of its own, and copies of what lives elsewhere.
//!
//! It is seeded into the server of `backup_server.py`.

use serde_json::{Value, json};

use super::TWO;
use super::seed::{Seeded, at, both, merge};
use crate::stage::text;

pub(super) fn vault(here: &Seeded<'_>, name: &str, points: &[Value]) -> Value {
    json!({
        "BackupVaultName": name, "BackupVaultArn": here.arn("backup", &format!("backup-vault:{name}")),
        "VaultType": "BACKUP_VAULT", "VaultState": "AVAILABLE", "CreationDate": TWO - 900_000,
        "NumberOfRecoveryPoints": points.len(), "Locked": true, "points": points,
    })
}

pub(super) fn in_vault(arn: &str, of: &str, kind: &str, created: i64) -> Value {
    json!({
        "RecoveryPointArn": arn, "ResourceArn": of, "ResourceType": kind, "Status": "COMPLETED", "CreationDate": created,
        "CompletionDate": created + 60, "BackupSizeInBytes": 5_u64 << 30, "IsEncrypted": false, "IsParent": false,
        "VaultType": "BACKUP_VAULT",
    })
}

/// What AWS Backup has in a place: the face of a native snapshot, a file system, another that has no point left, and
/// copies of what lives elsewhere, each given by its ARN, its type and when its data is from.
pub(super) fn vaults(
    here: &mut Seeded<'_>,
    (volume, snapshot): &(String, String),
    copies: &[(Value, &str, i64)],
) {
    let own = |id: &str| here.arn("backup", &format!("recovery-point:{id}"));
    let files = |id: &str| here.arn("elasticfilesystem", &format!("file-system/{id}"));
    let face = format!("arn:aws:ec2:{}::snapshot/{snapshot}", here.region);
    let mut face = in_vault(
        &face,
        &here.arn("ec2", &format!("volume/{volume}")),
        "EBS",
        TWO + 30,
    );
    merge(
        &mut face,
        json!({ "AggregatedScanResult": { "FailedScan": false, "LastComputed": TWO + 90 } }),
    );
    let uploads = own("uploads");
    let managed = in_vault(&uploads, &files("fs-1"), "EFS", TWO);
    let elsewhere = copies.iter().enumerate().map(|(nth, (of, kind, created))| {
        in_vault(
            &own(&format!("copy-{nth}")),
            &text(&of["arn"]),
            kind,
            *created,
        )
    });
    let points: Vec<Value> = [face, managed].into_iter().chain(elsewhere).collect();
    let left =
        json!({ "ResourceArn": files("fs-2"), "ResourceType": "EFS", "LastBackupTime": TWO });
    let estate = json!({ "vaults": [vault(here, "nightly", &points)], "protected": [left] });
    here.account.seed_backup(here.region, &estate);

    let lies = |at: Value| {
        let kept = json!({
            "state": "COMPLETED", "size_bytes": 5_u64 << 30, "origin": "aws-backup", "vault": "nightly",
            "protection": "governance lock",
        });
        both(at, kept)
    };
    let differs = both(
        lies(at("2026-03-01T02:00:00Z")),
        json!({ "backup_arn": uploads.clone() }),
    );
    let best = here.point("backup-point", &uploads, "fs-1", differs);
    here.resource("file-system", "fs-1", None, Some((&best, 3600)), 1);
    here.resource("file-system", "fs-2", None, None, 0);
    for (nth, (of, _kind, created)) in copies.iter().enumerate() {
        let arn = here.arn("backup", &format!("recovery-point:copy-{nth}"));
        let time = if *created == TWO {
            "2026-03-01T02:00:00Z"
        } else {
            "2026-03-01T04:00:00Z"
        };
        let placed = json!({ "backup_arn": arn.clone(), "resource_place": of["home"] });
        here.point(
            "backup-point",
            &arn,
            &text(&of["id"]),
            both(lies(at(time)), placed),
        );
    }
}

/// Names something of a place to be copied elsewhere.
pub(super) fn of(place: &Seeded<'_>, service: &str, prefix: &str, id: &str) -> Value {
    json!({ "id": id, "arn": place.arn(service, &format!("{prefix}{id}")), "home": place.home() })
}
