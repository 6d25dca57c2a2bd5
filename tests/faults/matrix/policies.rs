//! The policies in the README are what the flows need, no less and no more: their calls as `request` tells them, and
//! the reads that they really make.

use std::collections::BTreeSet;

use defib::domain::plan::Plan;
use defib::restore::flows::REGISTRY;
use defib::restore::observations::ec2_dry_run::action;
use serde_json::Value;

use super::variants::{VARIANTS, observed};

const README: &str = include_str!("../../../README.md");

/// What AWS does in the caller's name, and no call of defib asks for: keys of volumes and tables, an instance's role, the
/// items of a table that is restored, the tables that are its replicas, the Kinesis streams that it sends to, and the roles by which that is done.
const IN_PASSING: [&str; 18] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:CreateTable",
    "dynamodb:CreateTableReplica",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "iam:CreateServiceLinkedRole",
    "iam:PassRole",
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:ListStreams",
    "kinesis:PutRecords",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncrypt*",
];

/// What is read where an account encrypts all new volumes, which none of the estates does.
const ELSEWHERE: &str = "ec2:GetEbsDefaultKmsKeyId";

/// The actions of the policy behind a sentence of the README.
fn policy(sentence: &str) -> BTreeSet<String> {
    let (_, behind) = README
        .split_once(sentence)
        .unwrap_or_else(|| panic!("the README does not say “{sentence}”"));
    let (_, json) = behind.split_once("```json\n").unwrap();
    let (json, _) = json.split_once("```").unwrap();
    let policy: Value = serde_json::from_str(json).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let actions = statements.flat_map(|one| one["Action"].as_array().unwrap());
    let mut all = BTreeSet::new();
    for action in actions {
        let action = action.as_str().unwrap();
        assert!(all.insert(action.to_owned()), "{action} stands there twice");
    }
    all
}

fn calls(plan: &Plan) -> BTreeSet<String> {
    let calls = plan.steps.iter().flat_map(|step| {
        let back = step.undo.iter().filter_map(|undo| undo.call.as_ref());
        step.call.iter().chain(back)
    });
    calls.map(action).collect()
}

fn is_read(action: &str) -> bool {
    let (_, name) = action.split_once(':').unwrap();
    ["Describe", "Get", "List"]
        .iter()
        .any(|word| name.starts_with(word))
}

#[test]
fn the_policy_of_each_flow_allows_what_it_calls_and_no_more() {
    let browse = policy("To browse:");
    let observed = observed();
    let mut wrong = Vec::new();
    for flow in REGISTRY {
        let name = flow.name();
        let mut told = policy(&format!("To plan and run `{name}`"));
        let of_it = || VARIANTS.iter().filter(|one| one.flow.name() == name);
        let mut needed = observed[name].clone();
        for one in of_it() {
            needed.extend(one.clean.looks.iter().cloned());
            let (plan, _) = one.clean.planned.as_ref().unwrap();
            needed.extend(calls(plan).into_iter().filter(|action| !is_read(action)));
        }
        let needed: BTreeSet<String> = needed.difference(&browse).cloned().collect();
        // What one flow has AWS do in passing another one does itself.
        let in_passing =
            |action: &String| IN_PASSING.contains(&action.as_str()) && !needed.contains(action);
        told.retain(|action| !in_passing(action) && action != ELSEWHERE);
        let missing: Vec<_> = needed.difference(&told).collect();
        let idle: Vec<_> = told.difference(&needed).collect();
        if !missing.is_empty() || !idle.is_empty() {
            wrong.push(format!("{name}: add {missing:?}, take away {idle:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
