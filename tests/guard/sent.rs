//! What really leaves the process: a listening server counts the requests of every mode.
//!
//! Each test also holds what must pass, so that a server that sees nothing proves nothing.

use std::collections::BTreeSet;

use defib::aws::guard;

use crate::classes::{Class, class_of};
use crate::crates::operations;
use crate::listener::Seen;
use crate::requests::{MUTATIONS, NAME, Outcome, READS};
use crate::sender::{Outcomes, Part, play};

const VIEWER: Part = Part {
    plan: None,
    honours_dry_run: false,
    dry_run: false,
    login: false,
};

fn runner(calls: impl IntoIterator<Item = (String, String)>) -> Part {
    Part {
        plan: Some(calls.into_iter().collect()),
        ..VIEWER
    }
}

fn everything() -> impl Iterator<Item = (String, String)> {
    let all = operations().iter();
    all.map(|operation| (operation.service.clone(), operation.name.clone()))
}

/// Name on the wire of a client's method.
fn wire_name(method: &str) -> String {
    let mut operations = operations().iter();
    let operation = operations.find(|operation| operation.method == method);
    let operation = operation.unwrap_or_else(|| panic!("no crate has {method}"));
    match operation.service.as_str() {
        "KMS" => format!("TrentService.{}", operation.name),
        "DynamoDB" => format!("DynamoDB_20120810.{}", operation.name),
        "Backup" => format!("GET {}", backup_address(&operation.name)),
        _query => operation.name.clone(),
    }
}

/// Address of a read of AWS Backup (its API reference).
fn backup_address(operation: &str) -> String {
    match operation {
        "DescribeRecoveryPoint" => format!("/backup-vaults/{NAME}/recovery-points/{NAME}"),
        "GetBackupVaultAccessPolicy" => format!("/backup-vaults/{NAME}/access-policy"),
        "ListBackupVaults" => "/backup-vaults".to_owned(),
        "ListLegalHolds" => "/legal-holds".to_owned(),
        "ListProtectedResources" => "/resources".to_owned(),
        "ListRecoveryPointsByBackupVault" => format!("/backup-vaults/{NAME}/recovery-points"),
        "ListRecoveryPointsByLegalHold" => format!("/legal-holds/{NAME}/recovery-points"),
        other => panic!("no address is known of {other}"),
    }
}

/// Asserts that exactly the reads arrived, and these methods besides, from each of the two clients.
fn assert_seen(seen: &[Seen], methods: &[&str], dry_run: bool) {
    let seen_as = |method: &str, dry_run| Seen {
        name: wire_name(method),
        dry_run,
    };
    let mut wanted: Vec<Seen> = READS.iter().map(|method| seen_as(method, false)).collect();
    wanted.push(seen_as("get_caller_identity", false));
    for method in methods {
        wanted.extend([seen_as(method, dry_run), seen_as(method, dry_run)]);
    }
    wanted.sort();
    assert_eq!(seen, wanted);
}

fn refused(outcomes: &[Outcome]) -> Vec<&str> {
    let refused = outcomes.iter().filter(|outcome| outcome.refused);
    refused.map(|outcome| outcome.method.as_str()).collect()
}

fn assert_all_refused(outcomes: &[Outcome]) {
    assert!(!outcomes.is_empty());
    assert_eq!(refused(outcomes).len(), outcomes.len(), "{outcomes:?}");
}

#[test]
fn what_the_tests_delete_is_what_the_crates_call_a_deletion() {
    let (outcomes, _) = play(&VIEWER);
    for Outcome { method, .. } in &outcomes.deletions {
        let known = operations().iter().find(|known| &known.method == method);
        let known = known.unwrap_or_else(|| panic!("no crate has {method}"));
        assert_eq!(class_of(&known.name), Some(Class::Deletion), "{method}");
    }
}

#[test]
fn a_viewer_sends_reads_and_nothing_else() {
    let (outcomes, seen) = play(&VIEWER);
    assert_eq!(refused(&outcomes.reads), [""; 0]);
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.own_tags);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[], false);
}

#[test]
fn a_login_assumes_one_role_and_opens_nothing_else_to_viewer_or_runner() {
    for part in [VIEWER, runner([])] {
        let (outcomes, mut seen) = play(&Part {
            login: true,
            ..part
        });
        assert_all_refused(&outcomes.mutations);
        assert_all_refused(&outcomes.own_tags);
        assert_all_refused(&outcomes.deletions);
        let before = seen.len();
        seen.retain(|one| one.name != "AssumeRole");
        assert_eq!(before - seen.len(), 1);
        assert_seen(&seen, &[], false);
    }
}

#[test]
fn a_setting_that_allows_dry_runs_allows_a_viewer_nothing_else() {
    let (outcomes, seen) = play(&Part {
        honours_dry_run: true,
        ..VIEWER
    });
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[], false);
}

#[test]
fn a_custom_endpoint_is_not_asked_for_a_dry_run() {
    let (outcomes, seen) = play(&Part {
        dry_run: true,
        ..VIEWER
    });
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.own_tags);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[], false);
}

#[test]
fn a_custom_endpoint_that_honours_dry_runs_is_asked_for_every_call_of_a_plan() {
    let (outcomes, seen) = play(&Part {
        dry_run: true,
        honours_dry_run: true,
        ..VIEWER
    });
    assert_eq!(refused(&outcomes.mutations), [""; 0]);
    assert_eq!(refused(&outcomes.own_tags), [""; 0]);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[MUTATIONS, &["delete_tags"]].concat(), true);
}

#[test]
fn a_runner_without_calls_sends_reads_and_nothing_else() {
    let (outcomes, seen) = play(&runner([]));
    assert_eq!(refused(&outcomes.reads), [""; 0]);
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.own_tags);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[], false);
}

#[test]
fn a_runner_sends_the_one_call_of_its_plan_and_no_other() {
    let mut methods = MUTATIONS.to_vec();
    methods.push("delete_tags");
    for method in methods {
        let (outcomes, seen) = play(&runner([("EC2".to_owned(), wire_name(method))]));
        let Outcomes {
            mutations,
            own_tags,
            deletions,
            ..
        } = outcomes;
        assert_all_refused(&deletions);
        let passed = mutations.iter().chain(&own_tags).filter(|one| !one.refused);
        let passed: Vec<&str> = passed.map(|one| one.method.as_str()).collect();
        assert_eq!(passed, [method; 2]);
        assert_seen(&seen, &[method], false);
    }
}

#[test]
fn a_runner_whose_plan_names_everything_deletes_nothing() {
    let (outcomes, seen) = play(&runner(everything()));
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[MUTATIONS, &["delete_tags"]].concat(), false);
}

#[test]
fn a_runner_asks_for_no_dry_run_whatever_its_plan_names() {
    let (outcomes, seen) = play(&Part {
        dry_run: true,
        honours_dry_run: true,
        ..runner(everything())
    });
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.own_tags);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[], false);
}

#[test]
fn every_mutation_of_the_guards_list_is_asked_for_here() {
    let names = |methods: &[&str]| methods.iter().map(|one| wire_name(one)).collect();
    let asked: BTreeSet<String> = names(MUTATIONS);
    let listed = guard::MUTATIONS.iter().map(|(_, name)| (*name).to_owned());
    assert_eq!(asked, listed.collect());
}
