//! AWS Backup: vaults, recovery points, holds and protected resources, read as the product reads them.
//!
//! The estates are the scenario of the demonstration, and small ones of their own.

use std::collections::BTreeSet;

use aws_sdk_backup::types::{RecoveryPointByBackupVault, RecoveryPointStatus, VaultType};
use aws_smithy_types::DateTime;

use super::support::{Bench, backup, code};
use crate::sim::{Fault, On};

const LOCKED: &str = "acme-prod-locked";
const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

const TWO_OWNERS: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[place]]
account = "111122223333"
region = "eu-west-1"
[[place.vault]]
name = "own"
lock = "compliance"
locks_after = "3d"
counted = 7
[[place.vault.point]]
resource = "arn:aws:s3:::b"
resource_type = "S3"
cold_after_days = 1
before = "2d"
[[place.vault]]
name = "closed"
denied = true
[[place.vault]]
name = "lent"
owner = "444455556666"
type = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
[[place.vault.point]]
resource = "arn:aws:s3:::c"
resource_type = "S3"
"#;

async fn points(bench: &Bench, vault: &str) -> Vec<RecoveryPointByBackupVault> {
    let call = bench.backup.list_recovery_points_by_backup_vault();
    let page = call.backup_vault_name(vault).send().await.unwrap();
    page.recovery_points.unwrap()
}

#[tokio::test(start_paused = true)]
async fn vaults_tell_their_lock_and_their_retention() {
    let bench = Bench::scenario("bad-deploy");
    let all = bench.backup.list_backup_vaults().send().await.unwrap();
    let all = all.backup_vault_list();
    let names: Vec<_> = all
        .iter()
        .filter_map(|one| one.backup_vault_name())
        .collect();
    assert_eq!(names, ["Default", LOCKED]);
    assert_eq!(all[0].locked(), Some(false));
    assert_eq!(all[1].locked(), Some(true));
    assert!(all[1].lock_date().unwrap().secs() < bench.clock.now().as_second());
    let bounds = (all[1].min_retention_days(), all[1].max_retention_days());
    assert_eq!(bounds, (Some(7), Some(365)));
    let told = bench
        .backup
        .describe_backup_vault()
        .backup_vault_name(LOCKED);
    let told = told.send().await.unwrap();
    assert_eq!(
        told.number_of_recovery_points(),
        all[1].number_of_recovery_points()
    );
    assert_eq!(told.vault_type(), Some(&VaultType::BackupVault));
}

#[tokio::test(start_paused = true)]
async fn a_vault_of_another_account_is_listed_only_as_a_shared_one() {
    let bench = Bench::text(TWO_OWNERS);
    let list = |shared| {
        let call = bench.backup.list_backup_vaults().set_by_shared(shared);
        async move {
            let page = call.send().await.unwrap();
            let rows = page.backup_vault_list.unwrap();
            let names = rows.into_iter().filter_map(|row| row.backup_vault_name);
            names.collect::<Vec<_>>()
        }
    };
    assert_eq!(list(None).await, ["closed", "own"]);
    assert_eq!(list(Some(true)).await, ["lent"]);
    let gapped = VaultType::LogicallyAirGappedBackupVault;
    let call = bench.backup.list_backup_vaults().by_vault_type(gapped);
    assert!(call.send().await.unwrap().backup_vault_list().is_empty());
    let call = bench.backup.list_recovery_points_by_backup_vault();
    let call = call.backup_vault_name("lent");
    assert_eq!(code(call.clone().send().await), "AccessDeniedException");
    let page = call.backup_vault_account_id("444455556666").send().await;
    assert_eq!(page.unwrap().recovery_points().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn pages_of_points_cover_everything_once_and_the_youngest_first() {
    let bench = Bench::scenario("bad-deploy");
    let all = points(&bench, LOCKED).await;
    let call = bench.backup.list_recovery_points_by_backup_vault();
    let pages = call.backup_vault_name(LOCKED).into_paginator();
    let listed = pages
        .page_size(7)
        .items()
        .send()
        .try_collect()
        .await
        .unwrap();
    assert_eq!(listed, all);
    let dates: Vec<_> = all
        .iter()
        .map(|one| one.creation_date().unwrap().secs())
        .collect();
    assert!(dates.is_sorted_by(|a, b| a >= b), "{dates:?}");
    let arns: BTreeSet<_> = all.iter().map(|one| one.recovery_point_arn()).collect();
    assert_eq!(arns.len(), all.len());
    assert!(all.len() > 50, "{}", all.len());
}

#[tokio::test(start_paused = true)]
async fn sizes_and_tokens_that_are_none_are_refused() {
    let bench = Bench::scenario("bad-deploy");
    for size in [0, 1001] {
        let call = bench.backup.list_backup_vaults().max_results(size).send();
        assert_eq!(code(call.await), "InvalidParameterValueException");
    }
    let forged = bench
        .backup
        .list_backup_vaults()
        .next_token("forged")
        .send();
    assert_eq!(code(forged.await), "InvalidParameterValueException");
}

#[tokio::test(start_paused = true)]
async fn points_are_filtered_by_resource_type_plan_parent_and_date() {
    let bench = Bench::scenario("bad-deploy");
    let list = |vault: &str| {
        let call = bench.backup.list_recovery_points_by_backup_vault();
        call.backup_vault_name(vault)
    };
    let count = async |call: aws_sdk_backup::operation::list_recovery_points_by_backup_vault::builders::ListRecoveryPointsByBackupVaultFluentBuilder| {
        call.send().await.unwrap().recovery_points().len()
    };
    assert_eq!(count(list(LOCKED).by_resource_arn(TABLE)).await, 7);
    assert_eq!(count(list(LOCKED).by_resource_type("EFS")).await, 14);
    assert_eq!(count(list(LOCKED).by_resource_type("efs")).await, 0);
    let all = points(&bench, "Default").await;
    let parent = all.iter().find(|one| one.is_parent()).unwrap();
    let arn = parent.recovery_point_arn().unwrap();
    assert_eq!(
        count(list("Default").by_parent_recovery_point_arn(arn)).await,
        2
    );
    let plan = parent.created_by().unwrap().backup_plan_id().unwrap();
    assert_eq!(count(list("Default").by_backup_plan_id(plan)).await, 3);
    let at = parent.creation_date().unwrap().secs();
    let (before, after) = (DateTime::from_secs(at - 1), DateTime::from_secs(at + 1));
    assert_eq!(count(list("Default").by_created_before(before)).await, 1);
    assert_eq!(count(list("Default").by_created_after(after)).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_aws_backup_made_is_a_point_under_the_same_name() {
    let bench = Bench::scenario("bad-deploy");
    let native = bench.ec2.describe_snapshots().owner_ids("self");
    let volume = super::support::filter("volume-id", &["vol-0a5d3c9e71b2f4608"]);
    let tagged = super::support::filter("tag-key", &["aws:backup:source-resource"]);
    let native = native.filters(volume).filters(tagged).send().await.unwrap();
    let ids: BTreeSet<String> = native
        .snapshots()
        .iter()
        .map(|one| {
            format!(
                "arn:aws:ec2:eu-west-1::snapshot/{}",
                one.snapshot_id().unwrap()
            )
        })
        .collect();
    let all = points(&bench, LOCKED).await;
    let faces = all.iter().filter(|one| one.resource_type() == Some("EBS"));
    let faces: BTreeSet<String> = faces
        .map(|one| one.recovery_point_arn().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 30);
    assert_eq!(faces, ids);
}

#[tokio::test(start_paused = true)]
async fn only_one_call_tells_the_storage_class() {
    let bench = Bench::text(TWO_OWNERS);
    let rows = points(&bench, "own").await;
    let arn = rows[0].recovery_point_arn().unwrap();
    let call = bench
        .backup
        .describe_recovery_point()
        .backup_vault_name("own");
    let told = call.clone().recovery_point_arn(arn).send().await.unwrap();
    assert_eq!(told.storage_class().unwrap().as_str(), "COLD");
    assert_eq!(told.creation_date(), rows[0].creation_date());
    let absent = call.recovery_point_arn("arn:aws:backup:x").send().await;
    assert_eq!(code(absent), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn an_unknown_vault_looks_like_a_forbidden_one() {
    let bench = Bench::text(TWO_OWNERS);
    for vault in ["closed", "nowhere"] {
        let call = bench.backup.list_recovery_points_by_backup_vault();
        let refused = call.backup_vault_name(vault).send().await;
        assert_eq!(code(refused), "AccessDeniedException", "{vault}");
    }
    let policy = bench.backup.get_backup_vault_access_policy();
    let policy = policy.backup_vault_name("own").send().await;
    assert_eq!(code(policy), "ResourceNotFoundException");
    let vault = bench
        .backup
        .describe_backup_vault()
        .backup_vault_name("own");
    assert_eq!(vault.send().await.unwrap().number_of_recovery_points(), 7);
}

#[tokio::test(start_paused = true)]
async fn protected_resources_are_those_backed_up_here_with_points_or_without() {
    let bench = Bench::scenario("bad-deploy");
    let page = bench
        .backup
        .list_protected_resources()
        .send()
        .await
        .unwrap();
    let rows = page.results();
    let find = |name: &str| rows.iter().find(|row| row.resource_name() == Some(name));
    assert!(
        find("orders-uploads-old")
            .unwrap()
            .last_recovery_point_arn()
            .is_none()
    );
    let uploads = find("orders-uploads").unwrap();
    let vault = uploads.last_backup_vault_arn().unwrap();
    assert!(vault.ends_with(LOCKED), "the last one counts: {vault}");
    assert!(find("orders-reporting").is_some());
    assert!(
        find("orders-reporting-scratch").is_none(),
        "nested in a stack"
    );
    let elsewhere = backup(&bench.aws, "us-east-1");
    let page = elsewhere.list_protected_resources().send().await.unwrap();
    assert!(page.results().is_empty(), "copies protect nothing here");
}

#[tokio::test(start_paused = true)]
async fn a_legal_hold_holds_the_points_of_its_resources() {
    let bench = Bench::scenario("bad-deploy");
    let holds = bench.backup.list_legal_holds().send().await.unwrap();
    let id = holds.legal_holds()[0].legal_hold_id().unwrap();
    let call = bench.backup.list_recovery_points_by_legal_hold();
    let held = call.clone().legal_hold_id(id).send().await.unwrap();
    assert_eq!(held.recovery_points().len(), 7);
    assert!(
        held.recovery_points()
            .iter()
            .all(|one| one.resource_arn() == Some(TABLE))
    );
    let absent = call.legal_hold_id("0").send().await;
    assert_eq!(code(absent), "ResourceNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn the_faults_of_aws_backup_have_its_own_codes() {
    let bench = Bench::scenario("bad-deploy");
    let list = || bench.backup.list_backup_vaults().send();
    for (fault, wanted) in [
        (Fault::Throttled, "ThrottlingException"),
        (Fault::Unauthorized, "AccessDeniedException"),
        (Fault::ExpiredCredentials, "ExpiredTokenException"),
    ] {
        bench
            .aws
            .faults()
            .inject(On::operation("ListBackupVaults"), fault);
        assert_eq!(code(list().await), wanted);
    }
    list().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn the_story_s_vaults_hold_one_of_each_kind_of_trouble() {
    let bench = Bench::scenario("bad-deploy");
    let all = [
        points(&bench, "Default").await,
        points(&bench, LOCKED).await,
    ]
    .concat();
    for status in [RecoveryPointStatus::Expired, RecoveryPointStatus::Partial] {
        assert_eq!(
            all.iter()
                .filter(|one| one.status() == Some(&status))
                .count(),
            1
        );
    }
    let continuous = |one: &&RecoveryPointByBackupVault| {
        one.recovery_point_arn().unwrap().contains(":continuous:")
    };
    let found: Vec<_> = all.iter().filter(continuous).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].status(), Some(&RecoveryPointStatus::Available));
    let scanned = all.iter().filter_map(|one| one.aggregated_scan_result());
    assert_eq!(
        scanned.filter(|scan| !scan.findings().is_empty()).count(),
        1
    );
}
