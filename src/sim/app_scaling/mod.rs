//! Application Auto Scaling, of tables and their indexes: targets, policies and scheduled actions.
//!
//! They are registered and told; nothing is scaled. Other namespaces are refused.

mod actions;
pub mod model;
pub mod picture;
mod policies;
mod targets;

use aws_sdk_applicationautoscaling::types as scaling;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::Operation;
use model::Scaled;

/// How the SDK names the service.
const SERVICE: &str = "Application Auto Scaling";

/// How many rows a page has (Application Auto Scaling API reference: 50 unless fewer are asked for).
const PAGE: usize = 50;

/// Lists the operations of Application Auto Scaling.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(SERVICE, "DescribeScalableTargets", targets::describe),
        Operation::read(SERVICE, "DescribeScalingPolicies", policies::describe),
        Operation::read(SERVICE, "DescribeScheduledActions", actions::describe),
        Operation::mutation(SERVICE, "PutScalingPolicy", policies::put),
        Operation::mutation(SERVICE, "PutScheduledAction", actions::put),
        Operation::mutation(SERVICE, "RegisterScalableTarget", targets::register),
    ]
}

/// Refuses the call where the account may not do it, and where it is about anything but tables.
fn permit(
    call: &Call<'_>,
    operation: &str,
    namespace: Option<&scaling::ServiceNamespace>,
) -> Result<(), Refusal> {
    if call.is_denied() {
        let action = format!("application-autoscaling:{operation}");
        return Err(Refusal::access_denied(call.account(), &action));
    }
    if namespace == Some(&scaling::ServiceNamespace::Dynamodb) {
        return Ok(());
    }
    Err(invalid("The simulated AWS scales tables only"))
}

/// What a request is about.
fn scaled(resource: Option<&str>, dimension: Option<&scaling::ScalableDimension>) -> Scaled {
    let dimension = dimension.map_or("", |dimension| dimension.as_str());
    (
        resource.unwrap_or_default().to_owned(),
        dimension.to_owned(),
    )
}

/// Refuses a policy or an action of what is no target.
fn registered(call: &mut Call<'_>, of: &Scaled) -> Result<(), Refusal> {
    if call.estate().app_scaling.targets.contains_key(of) {
        return Ok(());
    }
    let (resource, dimension) = of;
    Err(Refusal::client(
        "ObjectNotFoundException",
        format!(
            "No scalable target registered for service namespace: dynamodb, resource ID: {resource}, \
             scalable dimension: {dimension}"
        ),
    ))
}

/// Cuts a page out of rows; the token is the place of the next one.
fn page<T>(
    rows: Vec<T>,
    most: Option<i32>,
    token: Option<&str>,
) -> Result<(Vec<T>, Option<String>), Refusal> {
    let from = match token {
        None => 0,
        Some(token) => token.parse::<usize>().map_err(|_| {
            Refusal::client("InvalidNextTokenException", "The next token is invalid")
        })?,
    };
    let most = most.and_then(|most| usize::try_from(most).ok());
    let most = most.filter(|most| *most > 0).unwrap_or(PAGE).min(PAGE);
    let all = rows.len();
    let page = rows.into_iter().skip(from).take(most).collect();
    let next = (from + most < all).then(|| (from + most).to_string());
    Ok((page, next))
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
