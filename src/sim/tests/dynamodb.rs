//! DynamoDB: what its lists leave out unless they are asked, how they end, and how fast they may be asked.
//! Whoever believes a default or an empty page here misses backups, as on AWS.

use std::fmt::Write as _;

use aws_sdk_dynamodb::operation::list_backups::ListBackupsOutput;
use aws_sdk_dynamodb::types::{BackupSummary, BackupTypeFilter};
use aws_smithy_types::DateTime;

use super::support::{ACCOUNT, Bench, REGION, code, message};
use crate::sim::{Fault, On};

const HEAD: &str = r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[account]]
id = "111122223333"
name = "acme-prod"
[[place]]
account = "111122223333"
region = "eu-west-1"
"#;

/// An account with so many tables, and no more.
fn tables(count: usize) -> Bench {
    let mut text = HEAD.to_owned();
    for number in 0..count {
        let _ = write!(text, "[[place.table]]\nname = \"t-{number:03}\"\n");
    }
    Bench::text(&text)
}

async fn backups(bench: &Bench, kind: Option<BackupTypeFilter>, limit: i32) -> ListBackupsOutput {
    let read = bench.dynamodb.list_backups().limit(limit);
    read.set_backup_type(kind).send().await.unwrap()
}

fn kinds(rows: &[BackupSummary]) -> Vec<&str> {
    let kinds = rows.iter().map(|row| row.backup_type().unwrap().as_str());
    let mut kinds: Vec<&str> = kinds.collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

#[tokio::test(start_paused = true)]
async fn a_listing_of_backups_is_of_users_all_is_not_all_and_aws_backup_is_asked_for_by_name() {
    let bench = Bench::scenario("bad-deploy");
    for (asked, told, count) in [
        (None, vec!["USER"], 1),
        (Some(BackupTypeFilter::User), vec!["USER"], 1),
        (Some(BackupTypeFilter::System), vec!["SYSTEM"], 1),
        (Some(BackupTypeFilter::All), vec!["SYSTEM", "USER"], 2),
        (Some(BackupTypeFilter::AwsBackup), vec!["AWS_BACKUP"], 7),
    ] {
        bench.wait(1).await;
        let page = backups(&bench, asked.clone(), 100).await;
        assert_eq!(kinds(page.backup_summaries()), told, "{asked:?}");
        assert_eq!(page.backup_summaries().len(), count, "{asked:?}");
        assert_eq!(page.last_evaluated_backup_arn(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_of_backups_may_be_empty_and_not_the_last() {
    let bench = Bench::scenario("bad-deploy");
    let (mut start, mut empty, mut arns) = (None, 0, Vec::new());
    loop {
        bench.wait(1).await;
        let read = bench.dynamodb.list_backups().limit(2);
        let read = read.backup_type(BackupTypeFilter::User);
        let page = read.set_exclusive_start_backup_arn(start).send().await;
        let page = page.unwrap();
        let rows = page.backup_summaries().iter();
        arns.extend(rows.map(|row| row.backup_arn().unwrap().to_owned()));
        start = page.last_evaluated_backup_arn.clone();
        if start.is_none() {
            break;
        }
        empty += usize::from(page.backup_summaries().is_empty());
    }
    assert_eq!(arns.len(), 1);
    assert!(empty > 0, "a page without rows named the next one");
}

#[tokio::test(start_paused = true)]
async fn backups_are_found_by_table_and_time() {
    let bench = Bench::scenario("bad-deploy");
    let carts = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/carts");
    for name in ["carts", &carts] {
        let read = bench.dynamodb.list_backups().table_name(name);
        let found = read.send().await.unwrap();
        assert_eq!(found.backup_summaries().len(), 1, "{name}");
    }
    let taken = backups(&bench, None, 100).await.backup_summaries.unwrap();
    let taken = *taken[0].backup_creation_date_time().unwrap();
    let count = |from: DateTime, to: DateTime| {
        let read = bench.dynamodb.list_backups();
        let read = read.time_range_lower_bound(from).time_range_upper_bound(to);
        async move { read.send().await.unwrap().backup_summaries().len() }
    };
    bench.wait(1).await;
    let next = DateTime::from_secs(taken.secs() + 1);
    assert_eq!(count(taken, next).await, 1);
    assert_eq!(count(DateTime::from_secs(0), taken).await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_table_that_is_deleted_leaves_one_backup_of_the_system_behind() {
    let bench = Bench::scenario("bad-deploy");
    let hands = |change: fn(&mut crate::sim::Hands<'_>)| {
        bench.aws.third_party(ACCOUNT, REGION, change);
    };
    hands(|hands| hands.delete_table("orders"));
    hands(|hands| hands.delete_table("sessions"));
    let page = backups(&bench, Some(BackupTypeFilter::System), 100).await;
    let names = page.backup_summaries().iter();
    let mut names: Vec<&str> = names.map(|row| row.table_name().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["coupons", "orders"], "sessions had no recovery");
    for row in page.backup_summaries() {
        let created = row.backup_creation_date_time().unwrap();
        let expires = row.backup_expiry_date_time().unwrap();
        assert_eq!(expires.secs() - created.secs(), 35 * 86_400);
    }
    let window = bench.dynamodb.describe_continuous_backups();
    let window = window.table_name("orders").send().await;
    assert_eq!(code(window), "TableNotFoundException");
}

#[tokio::test(start_paused = true)]
async fn tables_are_listed_page_by_page_and_described_by_name_and_arn() {
    let bench = tables(7);
    let call = bench.dynamodb.list_tables().limit(3);
    let page = call.clone().send().await.unwrap();
    assert_eq!(page.table_names(), ["t-000", "t-001", "t-002"]);
    assert_eq!(page.last_evaluated_table_name(), Some("t-002"));
    let rest = call.exclusive_start_table_name("t-0029").send().await;
    assert_eq!(rest.unwrap().table_names(), ["t-003", "t-004", "t-005"]);
    let all = bench.dynamodb.list_tables().send().await.unwrap();
    assert_eq!(all.table_names().len(), 7);
    assert_eq!(all.last_evaluated_table_name(), None);

    let bench = Bench::scenario("bad-deploy");
    let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders");
    for name in ["orders", &arn] {
        let read = bench.dynamodb.describe_table().table_name(name).send();
        let table = read.await.unwrap().table.unwrap();
        assert_eq!(table.table_arn(), Some(arn.as_str()));
        assert_eq!(table.table_status().unwrap().as_str(), "ACTIVE");
        assert_eq!(table.item_count(), Some(4_182_340));
        let key = table.sse_description().unwrap().kms_master_key_arn();
        assert!(key.unwrap().starts_with("arn:aws:kms:eu-west-1:"));
    }
    let absent = bench.dynamodb.describe_table().table_name("nobody").send();
    assert_eq!(code(absent.await), "ResourceNotFoundException");
    let tags = bench.dynamodb.list_tags_of_resource().resource_arn(arn);
    assert_eq!(tags.send().await.unwrap().tags().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_limit_out_of_bounds_is_refused() {
    let bench = tables(1);
    for limit in [0, -1, 101] {
        let read = bench.dynamodb.list_tables().limit(limit).send().await;
        assert!(message(read).contains("at 'limit'"), "{limit}");
        let read = bench.dynamodb.list_backups().limit(limit).send().await;
        assert_eq!(code(read), "ValidationException", "{limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_window_ends_five_minutes_ago_and_begins_with_its_period_or_when_it_was_switched_on() {
    let text = format!(
        "{HEAD}[[place.table]]\nname = \"old\"\npitr_since = \"90d\"\npitr_days = 7\n\
         [[place.table]]\nname = \"new\"\npitr_since = \"2h\"\n[[place.table]]\nname = \"off\"\n"
    );
    let bench = Bench::text(&text);
    let recovery = async |name: &str| {
        let read = bench.dynamodb.describe_continuous_backups();
        let told = read.table_name(name).send().await.unwrap();
        let told = told.continuous_backups_description.unwrap();
        assert_eq!(told.continuous_backups_status().as_str(), "ENABLED");
        told.point_in_time_recovery_description.unwrap()
    };
    let now = bench.clock.now().as_second();
    let old = recovery("old").await;
    let from = |row: &aws_sdk_dynamodb::types::PointInTimeRecoveryDescription| {
        row.earliest_restorable_date_time().unwrap().secs()
    };
    assert_eq!(old.latest_restorable_date_time().unwrap().secs(), now - 300);
    assert_eq!(now - from(&old), 7 * 86_400);
    assert_eq!(old.recovery_period_in_days(), Some(7));
    let incident = now - 14 * 60;
    assert_eq!(incident - from(&recovery("new").await), 2 * 3600);
    let off = recovery("off").await;
    assert_eq!(
        off.point_in_time_recovery_status().unwrap().as_str(),
        "DISABLED"
    );
    assert_eq!(off.earliest_restorable_date_time(), None);
}

#[tokio::test(start_paused = true)]
async fn the_eleventh_question_within_a_second_is_throttled() {
    let bench = tables(1);
    let ask = async || {
        let read = bench.dynamodb.describe_continuous_backups();
        read.table_name("t-000").send().await
    };
    for _ in 0..10 {
        ask().await.unwrap();
    }
    assert_eq!(code(ask().await), "ThrottlingException");
    bench.wait(1).await;
    ask().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_or_fails_says_so_as_dynamodb_does() {
    let bench = tables(1);
    bench.aws.third_party(ACCOUNT, REGION, |hands| {
        hands.set_denied("dynamodb:ListTables", true);
    });
    let denied = bench.dynamodb.list_tables().send().await;
    assert_eq!(code(denied), "AccessDeniedException");
    let call = bench.aws.calls().pop().unwrap();
    assert_eq!(call.service, "DynamoDB");
    for (fault, wanted) in [
        (Fault::Throttled, "ThrottlingException"),
        (Fault::ExpiredCredentials, "ExpiredTokenException"),
        (Fault::Unauthorized, "AccessDeniedException"),
        (Fault::ServerErrorBeforeEffect, "ServiceUnavailable"),
    ] {
        bench
            .aws
            .faults()
            .inject(On::any().service("DynamoDB"), fault);
        let refused = bench.dynamodb.list_backups().send().await;
        assert_eq!(code(refused), wanted);
    }
}

#[tokio::test(start_paused = true)]
async fn the_parameters_of_a_call_are_recorded() {
    let bench = tables(1);
    bench.dynamodb.list_tables().limit(9).send().await.unwrap();
    let call = bench.aws.calls().pop().unwrap();
    assert_eq!(call.parameters["Limit"], "9");
    assert!(!call.mutates);
}

#[test]
fn a_backup_names_a_table_that_is_there_or_says_that_it_is_gone() {
    let refused = |tail: &str| {
        let text = format!("{HEAD}{tail}");
        crate::sim::SimulatedAws::from_scenario(&text, crate::clock::Clock::real()).unwrap_err()
    };
    let backup = "[[place.table-backup]]\ntable = \"carts\"\nname = \"b\"\nbefore = \"1h\"\n";
    assert!(refused(backup).to_string().contains("no table `carts`"));
    let odd = format!("{backup}table_is_gone = true\ntype = \"HOURLY\"\n");
    assert!(refused(&odd).to_string().contains("`HOURLY`"));
}
