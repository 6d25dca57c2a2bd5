//! What `DryRun` said about every call of the plan, and about the calls that would take it back.
//! A call that was not asked about is a check that was not answered.

use crate::domain::check::Check;
use crate::domain::plan::{Call, Step};
use crate::restore::observations::ec2_dry_run::{Answer, Permission, action};
use crate::restore::operation::Operation as _;
use crate::restore::operations::ec2_active::{MarkActive, UnmarkActive};

use super::super::facts::SwapFacts;
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

pub(super) fn checks(facts: &SwapFacts, steps: &[Step]) -> Vec<Check> {
    let of = |call: &Call| {
        let mut known = facts.permissions.iter();
        let found = known.find(|permission| permission.operation == call.operation);
        found.map_or_else(|| unasked(call), check)
    };
    calls(steps).into_iter().map(of).collect()
}

fn unasked(call: &Call) -> Check {
    let action = action(call);
    unanswered(
        &name(&call.operation, &action),
        &format!("{action} was not asked about"),
    )
}

fn check(permission: &Permission) -> Check {
    let name = name(&permission.operation, &permission.action);
    let action = &permission.action;
    let on = if marks(&permission.operation) {
        " on the instance"
    } else {
        ""
    };
    let advisory = if permission.advisory {
        " (advisory: asked with another volume in place of the new one)"
    } else {
        ""
    };
    asked(&name, &permission.answer, |answer| match answer {
        Answer::Allowed => fine(&name, format!("{action} is allowed{on}{advisory}")),
        Answer::Denied(why) => Check {
            missing_actions: vec![action.clone()],
            ..stop(
                &name,
                format!("{action} is denied{on}{advisory}: {}", why.shown()),
            )
        }
        .advise("have the policy below added to the role; a roll back needs it too"),
    })
}

/// `ec2:CreateVolume` becomes `permission-CreateVolume`. The instance is marked by a call that tags the volume
/// as well, and a policy may allow the one and not the other.
fn name(operation: &str, action: &str) -> String {
    let api = action.rsplit(':').next().unwrap_or(action);
    let on = if marks(operation) { "-instance" } else { "" };
    format!("permission-{api}{on}")
}

fn marks(operation: &str) -> bool {
    [MarkActive::NAME, UnmarkActive::NAME].contains(&operation)
}
