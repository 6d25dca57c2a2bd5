//! What really leaves the process: a listening server counts the requests of every mode.
//!
//! Each test also holds what must pass, so that a server that sees nothing proves nothing.

use std::collections::BTreeSet;

use defib::aws::guard;

use crate::classes::{Class, class_of};
use crate::crates::{Operation, operations};
use crate::listener::Seen;
use crate::requests::{ELSEWHERE, MUTATIONS, NAME, Outcome, READS};
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

/// The operation behind a method of a service's client.
fn operation_of(service: &str, method: &str) -> &'static Operation {
    let mut operations = operations().iter();
    let operation = operations.find(|one| one.service == service && one.method == method);
    operation.unwrap_or_else(|| panic!("{service} has no {method}"))
}

fn name_of((service, method): (&str, &str)) -> String {
    operation_of(service, method).name.clone()
}

/// Name on the wire of a method of a service's client.
fn wire_name((service, method): (&str, &str)) -> String {
    let operation = operation_of(service, method);
    match service {
        "Application Auto Scaling" => format!("AnyScaleFrontendService.{}", operation.name),
        "SSM" => format!("AmazonSSM.{}", operation.name),
        "CloudWatch" => format!("POST {CLOUDWATCH}{}", operation.name),
        "KMS" => format!("TrentService.{}", operation.name),
        "DynamoDB" => format!("DynamoDB_20120810.{}", operation.name),
        "Backup" => format!("GET {}", backup_address(&operation.name)),
        "Lambda" => lambda_address(&operation.name),
        "Route 53" => route53_address(&operation.name),
        _query => operation.name.clone(),
    }
}

/// Address of a call of `CloudWatch`, before its name (Smithy, “RPC v2 CBOR”).
const CLOUDWATCH: &str = "/service/GraniteServiceVersion20100801/operation/";

/// Method and address of a call of Route 53 (its API reference).
fn route53_address(operation: &str) -> String {
    let records = format!("/2013-04-01/hostedzone/{NAME}/rrset");
    match operation {
        "ChangeResourceRecordSets" => format!("POST {records}"),
        "GetChange" => format!("GET /2013-04-01/change/{NAME}"),
        "ListHostedZones" => "GET /2013-04-01/hostedzone".to_owned(),
        "ListResourceRecordSets" => format!("GET {records}"),
        other => panic!("no address is known of {other}"),
    }
}

/// Method and address of a call of Lambda (its API reference).
fn lambda_address(operation: &str) -> String {
    let all = "/2015-03-31/event-source-mappings";
    match operation {
        "CreateEventSourceMapping" => format!("POST {all}"),
        "GetEventSourceMapping" => format!("GET {all}/{NAME}"),
        "ListEventSourceMappings" => format!("GET {all}"),
        "UpdateEventSourceMapping" => format!("PUT {all}/{NAME}"),
        other => panic!("no address is known of {other}"),
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

/// A method with the service of its client.
type Method = (&'static str, &'static str);

/// Asserts that exactly the reads arrived, and these methods besides, from each of the two clients.
fn assert_seen(seen: &[Seen], methods: &[Method], dry_run: bool) {
    let seen_as = |method: Method, dry_run| Seen {
        name: wire_name(method),
        dry_run,
    };
    let mut wanted: Vec<Seen> = READS.iter().map(|read| seen_as(*read, false)).collect();
    wanted.push(seen_as(("STS", "get_caller_identity"), false));
    for method in methods {
        wanted.extend([seen_as(*method, dry_run), seen_as(*method, dry_run)]);
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

/// Calls that delete, or do another thing that they must not, by what they say, and not by their name.
const BY_WHAT_THEY_SAY: [&str; 12] = [
    "change_resource_record_sets",
    "create_event_source_mapping",
    "create_replace_root_volume_task",
    "put_metric_alarm",
    "put_parameter",
    "put_resource_policy",
    "transact_write_items",
    "untag_resource",
    "update_continuous_backups",
    "update_contributor_insights",
    "update_event_source_mapping",
    "update_table",
];

/// Every mutation of EC2 that a plan can name.
fn of_ec2() -> Vec<Method> {
    let all = MUTATIONS.iter().chain(&["delete_tags"]);
    all.map(|method| ("EC2", *method)).collect()
}

#[test]
fn what_the_tests_delete_is_what_the_crates_call_a_deletion() {
    let (outcomes, _) = play(&VIEWER);
    for Outcome {
        service, method, ..
    } in &outcomes.deletions
    {
        let known = operation_of(service, method);
        let deletes = class_of(&known.name) == Some(Class::Deletion);
        assert!(
            deletes || BY_WHAT_THEY_SAY.contains(&method.as_str()),
            "{method}"
        );
    }
}

#[test]
fn a_viewer_sends_reads_and_nothing_else() {
    let (outcomes, seen) = play(&VIEWER);
    assert_eq!(refused(&outcomes.reads), [""; 0]);
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.elsewhere);
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
        assert_all_refused(&outcomes.elsewhere);
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
    assert_all_refused(&outcomes.elsewhere);
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
    assert_all_refused(&outcomes.elsewhere);
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
    assert_all_refused(&outcomes.elsewhere);
    assert_eq!(refused(&outcomes.own_tags), [""; 0]);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &of_ec2(), true);
}

#[test]
fn a_runner_without_calls_sends_reads_and_nothing_else() {
    let (outcomes, seen) = play(&runner([]));
    assert_eq!(refused(&outcomes.reads), [""; 0]);
    assert_all_refused(&outcomes.mutations);
    assert_all_refused(&outcomes.elsewhere);
    assert_all_refused(&outcomes.own_tags);
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[], false);
}

#[test]
fn a_runner_sends_the_one_call_of_its_plan_and_no_other() {
    for (service, method) in of_ec2().into_iter().chain(ELSEWHERE.iter().copied()) {
        let call = (service.to_owned(), name_of((service, method)));
        let (outcomes, seen) = play(&runner([call]));
        let Outcomes {
            mutations,
            elsewhere,
            own_tags,
            deletions,
            ..
        } = outcomes;
        assert_all_refused(&deletions);
        let all = mutations.iter().chain(&elsewhere).chain(&own_tags);
        let passed: Vec<(&str, &str)> = all
            .filter(|one| !one.refused)
            .map(|one| (one.service.as_str(), one.method.as_str()))
            .collect();
        assert_eq!(passed, [(service, method); 2]);
        assert_seen(&seen, &[(service, method)], false);
    }
}

#[test]
fn a_runner_whose_plan_names_everything_deletes_nothing() {
    let (outcomes, seen) = play(&runner(everything()));
    assert_all_refused(&outcomes.deletions);
    assert_seen(&seen, &[of_ec2(), ELSEWHERE.to_vec()].concat(), false);
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
    // The other services know no dry run, so these were meant.
    assert_eq!(refused(&outcomes.elsewhere), [""; 0]);
    assert_seen(&seen, ELSEWHERE, false);
}

#[test]
fn every_mutation_of_the_guards_list_is_asked_for_here() {
    let own = MUTATIONS
        .iter()
        .map(|method| ("EC2", name_of(("EC2", method))));
    let elsewhere = ELSEWHERE.iter().map(|one| (one.0, name_of(*one)));
    let asked: BTreeSet<_> = own.chain(elsewhere).collect();
    let tags = ("EC2", "DeleteTags");
    let lists = [guard::MUTATIONS, guard::DELETIONS].concat().into_iter();
    let listed = lists.filter(|call| *call != tags);
    assert_eq!(
        asked,
        listed
            .map(|(service, name)| (service, name.to_owned()))
            .collect()
    );
}
