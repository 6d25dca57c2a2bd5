//! What can be told from outside, without a call, of how a table is scaled: it stands among the table's settings.
//! When something was registered is left out.

use serde_json::{Map, Value, json};

use super::model::{Action, AppScaling, Policy, Scaled, Target};

/// Dumps what scales a table and its indexes; nothing where nothing does.
pub fn of_table(scaling: &AppScaling, table: &str) -> Option<Value> {
    let whole = format!("table/{table}");
    let within = format!("{whole}/");
    let is_of = |(resource, _): &Scaled| *resource == whole || resource.starts_with(&within);
    let mut all = Map::new();
    for (of, target) in scaling.targets.iter().filter(|(of, _)| is_of(of)) {
        all.insert(name(of, "target", &whole), target_picture(target));
    }
    for ((of, called), policy) in scaling.policies.iter().filter(|((of, _), _)| is_of(of)) {
        all.insert(name(of, called, &whole), policy_picture(policy));
    }
    for ((of, called), action) in scaling.actions.iter().filter(|((of, _), _)| is_of(of)) {
        let called = format!("at times {called}");
        all.insert(name(of, &called, &whole), action_picture(action));
    }
    (!all.is_empty()).then_some(Value::Object(all))
}

/// What a table scales has the same name as with another table.
fn name((resource, dimension): &Scaled, called: &str, whole: &str) -> String {
    let index = resource.strip_prefix(whole).unwrap_or_default();
    format!("{dimension}{index} {called}")
}

fn target_picture(target: &Target) -> Value {
    json!({"min": target.min, "max": target.max, "role": target.role, "suspended": target.suspended})
}

fn policy_picture(policy: &Policy) -> Value {
    let configuration = &policy.configuration;
    let metric = configuration.predefined_metric_specification();
    json!({
        "value": configuration.target_value(),
        "metric": metric.map(|metric| metric.predefined_metric_type().as_str()),
        "customized": configuration.customized_metric_specification().map(|own| format!("{own:?}")),
        "in": configuration.scale_in_cooldown(),
        "out": configuration.scale_out_cooldown(),
        "never_in": configuration.disable_scale_in(),
    })
}

fn action_picture(action: &Action) -> Value {
    json!({
        "schedule": action.schedule,
        "timezone": action.timezone,
        "start": action.start.map(|at| at.to_string()),
        "end": action.end.map(|at| at.to_string()),
        "min": action.min,
        "max": action.max,
    })
}
