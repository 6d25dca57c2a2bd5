//! From a flow and choices to a plan that still fits the world.
//!
//! A plan that was made earlier is trusted in nothing: it must be what its own facts and choices give,
//! and the world must still give the same steps.

use std::path::Path;

use serde_json::Value;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::estate::{Estate, Kept};
use crate::domain::form::Choices;
use crate::domain::identity;
use crate::domain::place::Place;
use crate::domain::plan::Plan;

use super::flow::{AnyFlow, FlowError, find};
use super::flows::dynamodb_restore::last_seen;

/// Why a plan may not run.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// This defib has no such flow, or another version of it.
    #[error("the plan is of flow {flow} version {version}, which this defib does not have")]
    OtherFlow {
        /// Its flow.
        flow: String,
        /// Its version.
        version: u32,
    },
    /// The plan is not what its facts and choices give.
    #[error("the plan was edited: it is not what its own facts and choices give")]
    Edited,
    /// The world has changed in a way that matters.
    #[error("the world has changed since the plan was made")]
    Changed {
        /// What differs, one line each: where, before, now.
        differences: Vec<String>,
    },
    /// The caller is not the one that the plan pins.
    #[error("the plan is for {planned}, but these credentials are {found}")]
    OtherIdentity {
        /// Role, account and Region of the plan, fit to be shown.
        planned: String,
        /// Those of the caller.
        found: String,
    },
    /// Making the plan failed.
    #[error(transparent)]
    Flow(#[from] FlowError),
}

/// Makes a plan of what was known of a place, without asking anybody.
///
/// # Errors
/// [`FlowError`]
pub fn recall(
    flow: &dyn AnyFlow,
    choices: &Choices,
    known: &Estate,
    clock: &Clock,
) -> Result<Plan, FlowError> {
    let facts = flow.recall(known, choices, clock.now())?;
    flow.plan(&facts, choices)
}

/// Returns what a plan's flow has observed, to be kept for when AWS cannot be asked.
#[must_use]
pub fn kept(plan: &Plan) -> Kept {
    Kept {
        flow: plan.flow.clone(),
        version: plan.version,
        subject: format!("{} {}", plan.subject.id, plan.point.id),
        at: plan.made_at,
        facts: plan.facts.clone(),
    }
}

/// Observes and plans.
///
/// # Errors
/// [`FlowError`]
pub async fn make(
    flow: &dyn AnyFlow,
    choices: &Choices,
    clients: &Clients,
    clock: &Clock,
) -> Result<Plan, FlowError> {
    make_knowing(None, flow, choices, clients, clock).await
}

/// Observes and plans where what was last seen of things is kept: `seen` is the path of the files of this account, but
/// for the last part of their names.
///
/// # Errors
/// [`FlowError`]
pub async fn make_knowing(
    seen: Option<&Path>,
    flow: &dyn AnyFlow,
    choices: &Choices,
    clients: &Clients,
    clock: &Clock,
) -> Result<Plan, FlowError> {
    let observing = last_seen::observing(choices, seen);
    let facts = flow.observe(clients, &observing, clock).await?;
    flow.plan(&facts, choices)
}

/// Checks that a plan is what its own facts and choices give.
///
/// # Errors
/// [`PlanError::Edited`], [`PlanError::OtherFlow`], or why the flow does not take its facts.
pub fn verify(plan: &Plan) -> Result<(), PlanError> {
    let again = flow_of(plan)?.plan(&plan.facts, &plan.choices)?;
    if again.hash == plan.hash && plan.digest() == plan.hash {
        Ok(())
    } else {
        Err(PlanError::Edited)
    }
}

/// Checks that clients act as the caller whom a plan pins: account, Region, and role or user. The name of
/// a session is not part of it, since every login has its own.
///
/// # Errors
/// [`PlanError::OtherIdentity`]
pub fn same_identity(plan: &Plan, clients: &Clients) -> Result<(), PlanError> {
    let planned = caller(&plan.role, &plan.place);
    let found = caller(&clients.role, &clients.place);
    let place = |place: &Place| (place.account.clone(), place.region.clone());
    if clients.role == plan.role && place(&clients.place) == place(&plan.place) {
        Ok(())
    } else {
        Err(PlanError::OtherIdentity { planned, found })
    }
}

fn caller(role: &str, place: &Place) -> String {
    let role = crate::domain::text::shown(role);
    format!("{role} in account {}, {}", place.account, place.region)
}

/// Observes again and refuses a plan whose steps would be others today. Returns the fresh plan.
///
/// # Errors
/// [`PlanError::Changed`] with what differs, and those of [`verify`] and [`same_identity`].
pub async fn still_fits(plan: &Plan, clients: &Clients, clock: &Clock) -> Result<Plan, PlanError> {
    still_fits_knowing(None, plan, clients, clock).await
}

/// The same where what was last seen of things is kept, as for [`make_knowing`].
///
/// # Errors
/// Those of [`still_fits`].
pub async fn still_fits_knowing(
    seen: Option<&Path>,
    plan: &Plan,
    clients: &Clients,
    clock: &Clock,
) -> Result<Plan, PlanError> {
    same_identity(plan, clients)?;
    let fresh = make_knowing(seen, flow_of(plan)?, &plan.choices, clients, clock).await?;
    if fresh.steps == plan.steps && fresh.place == plan.place && fresh.role == plan.role {
        return Ok(fresh);
    }
    let mut differences = Vec::new();
    compare("", &plan.facts, &fresh.facts, &mut differences);
    if differences.is_empty() {
        compare("", &steps_of(plan), &steps_of(&fresh), &mut differences);
    }
    Err(PlanError::Changed { differences })
}

fn flow_of(plan: &Plan) -> Result<&'static dyn AnyFlow, PlanError> {
    find(&plan.flow)
        .filter(|flow| flow.version() == plan.version)
        .ok_or_else(|| PlanError::OtherFlow {
            flow: crate::domain::text::shown(&plan.flow),
            version: plan.version,
        })
}

fn steps_of(plan: &Plan) -> Value {
    serde_json::to_value(&plan.steps).expect("steps are plain data")
}

/// Lists where two values differ; when something was read does not count, nor what moves by itself, nor policies, from
/// which no step follows.
fn compare(path: &str, before: &Value, now: &Value, out: &mut Vec<String>) {
    let field = path.rsplit('.').next();
    let passes = matches!(
        field,
        Some("at" | "observed_at" | "recalled" | "moving" | identity::FIELD)
    );
    if before == now || passes {
        return;
    }
    if let (Some(before), Some(now)) = (cached(before), observed(now)) {
        return compare(path, before, now, out);
    }
    match (before, now) {
        (Value::Object(old), Value::Object(new)) => {
            let keys: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys {
                let side = |fields: &serde_json::Map<String, Value>| {
                    fields.get(key).cloned().unwrap_or(Value::Null)
                };
                compare(&format!("{path}.{key}"), &side(old), &side(new), out);
            }
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            for (n, (old, new)) in old.iter().zip(new).enumerate() {
                compare(&format!("{path}[{n}]"), old, new, out);
            }
        }
        _other => {
            let shown = |value: &Value| crate::domain::text::shown(&value.to_string());
            let path = path.trim_start_matches('.');
            out.push(format!("{path}: was {}, is {}", shown(before), shown(now)));
        }
    }
}

/// Returns the value of a fact that was known from before.
fn cached(fact: &Value) -> Option<&Value> {
    fact.get("cached")?.get("value")
}

/// Returns the value of a fact that was read.
fn observed(fact: &Value) -> Option<&Value> {
    fact.get("observed")?.get("value")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_name_the_place_and_both_values() {
        let before = json!({"volume": {"state": {"observed": {"value": "in-use", "at": "1"}}}});
        let now = json!({"volume": {"state": {"observed": {"value": "available", "at": "2"}}}});
        let mut out = Vec::new();
        compare("", &before, &now, &mut out);
        let wanted = "volume.state.observed.value: was \"in-use\", is \"available\"";
        assert_eq!(out, [wanted]);
    }

    #[test]
    fn what_moves_by_itself_is_no_difference() {
        let facts = |days, latest| json!({"recovery": {"observed": {"value": {"days": days, "moving": {"latest": latest}}}}});
        let mut out = Vec::new();
        compare("", &facts(35, "14:00"), &facts(35, "14:01"), &mut out);
        assert_eq!(out, Vec::<String>::new());
        compare("", &facts(35, "14:00"), &facts(7, "14:01"), &mut out);
        assert_eq!(out, ["recovery.observed.value.days: was 35, is 7"]);
    }
}
