//! What `DryRun` said about every call of the plan, and about the calls that would take it back.
//! A call that was not asked about is a check that was not answered.

use crate::domain::check::Check;
use crate::domain::plan::{Call, Step};
use crate::restore::observations::ec2_dry_run::{Answer, Permission, action};

use super::super::facts::RelaunchFacts;
use super::{asked, fine, stop, unanswered};

/// Returns one call of each operation in the plan: a step's own before an undo's.
pub(in super::super) fn calls(steps: &[Step]) -> Vec<&Call> {
    let forward = steps.iter().filter_map(|step| step.call.as_ref());
    let back = steps
        .iter()
        .flat_map(|step| &step.undo)
        .filter_map(|undo| undo.call.as_ref());
    let mut calls: Vec<&Call> = Vec::new();
    for call in forward.chain(back) {
        if !calls.iter().any(|known| known.operation == call.operation) {
            calls.push(call);
        }
    }
    calls
}

pub(super) fn checks(facts: &RelaunchFacts, steps: &[Step]) -> Vec<Check> {
    let of = |call: &Call| {
        let mut known = facts.permissions.iter();
        let found = known.find(|permission| permission.operation == call.operation);
        let action = action(call);
        match found {
            Some(permission) => check(permission),
            None => unanswered(
                &name(&call.operation),
                &format!("{action} was not asked about"),
            ),
        }
    };
    calls(steps).into_iter().map(of).collect()
}

fn check(permission: &Permission) -> Check {
    let name = name(&permission.operation);
    let action = &permission.action;
    asked(&name, &permission.answer, |answer| match answer {
        Answer::Allowed => fine(&name, format!("{action} is allowed")),
        Answer::Denied(why) => Check {
            missing_actions: vec![action.clone()],
            ..stop(&name, format!("{action} is denied: {}", why.shown()))
        }
        .advise("have the policy below added to the role; a roll back needs it too"),
    })
}

fn name(operation: &str) -> String {
    format!(
        "permission-{}",
        operation.rsplit(':').next().unwrap_or(operation)
    )
}
