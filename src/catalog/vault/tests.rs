//! How the failures of single vaults become one, and which resources are handed on.
//!
//! What is listed from end to end is held against the simulated AWS, beside the other listings.

use super::*;
use crate::catalog::fixtures::place;
use crate::domain::failure::{Effect, FailureClass};

fn denied() -> Failure {
    Failure {
        class: FailureClass::Denied,
        effect: Effect::None,
        call: POINTS.into(),
        code: Some("AccessDeniedException".into()),
        message: "no".into(),
        request_id: None,
    }
}

fn told(names: &[&str]) -> String {
    let failed = names.iter().map(|name| ((*name).to_owned(), denied()));
    all_read(failed.collect()).unwrap_err().line()
}

#[test]
fn a_vault_that_failed_is_named_and_many_are_counted() {
    assert!(all_read(BTreeMap::new()).is_ok());
    let start = "backup:ListRecoveryPointsByBackupVault AccessDeniedException: vault";
    assert_eq!(told(&["a"]), format!("{start} a: no"));
    assert_eq!(
        told(&["e", "b", "d", "a", "c"]),
        format!("{start} a, b, c and 2 more: no")
    );
}

#[test]
fn a_hostile_name_of_a_vault_is_shown_harmless() {
    assert!(told(&["a\u{202e}\u{1b}[2J"]).contains("vault a‹U+202E›‹U+001B›[2J: no"));
}

#[test]
fn only_resources_that_nobody_else_lists_here_are_handed_on() {
    let here = place("a", "eu-west-1");
    let row = |arn: &str, name: &str| {
        let named = arn::Named::of(arn, &here);
        named.resource(&here, Some("EFS"), Some(name))
    };
    let files = "arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/fs-1";
    let files = row(files, "uploads\u{202e}").unwrap();
    assert_eq!((files.id.as_str(), files.exists), ("fs-1", true));
    assert_eq!(files.engine.as_deref(), Some("EFS"));
    assert_eq!(files.name.unwrap().raw(), "uploads\u{202e}");
    let bucket = row("arn:aws:s3:::b", "b").unwrap();
    assert_eq!(bucket.name, None, "its id says it already");
    let own = row("arn:aws:ec2:eu-west-1:111122223333:volume/vol-1", "");
    assert_eq!(own, None, "EC2 lists it, and knows more of it");
    let copied = row("arn:aws:ec2:us-east-1:111122223333:volume/vol-1", "data");
    assert_eq!(copied, None, "it lives elsewhere");
}

#[test]
fn a_date_that_came_as_a_fraction_is_the_millisecond_it_was() {
    let came = DateTime::from_secs_f64(1_772_330_400.087);
    assert_eq!(date(&came).unwrap().to_string(), "2026-03-01T02:00:00.087Z");
}

#[tokio::test]
async fn vaults_that_cannot_be_read_are_counted_and_hide_no_other() {
    let page = r#"{"BackupVaultList":[{"BackupVaultName":"nameless"},
        {"BackupVaultName":"v","BackupVaultArn":"arn:aws:backup:eu-west-1:111122223333:backup-vault:v"}]}"#;
    let (vaults, told) = found_vaults(&crate::catalog::answers::clients(page)).await;
    assert_eq!(vaults.len(), 1);
    let told = told.unwrap_err().message.shown();
    assert_eq!(told, "1 vault came without an ARN or a name");
}
