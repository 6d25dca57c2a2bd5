//! Load balancing in the picture of a place: the target groups with their targets, each by its ARN.
//! How healthy a target is passes by itself, and is left out.

use serde_json::{Value, json};

use super::model::Balancing;

/// Shows the target groups.
pub fn of(balancing: &Balancing) -> [(&'static str, Value); 1] {
    let groups = balancing.groups.values().map(|group| {
        let mut targets: Vec<_> = group
            .targets
            .iter()
            .filter(|target| target.deregistered.is_none())
            .map(|target| format!("{}:{}", target.id, target.port))
            .collect();
        targets.sort();
        let shown = json!({"name": group.name, "targets": targets});
        (group.arn.clone(), shown)
    });
    [("target_groups", Value::Object(groups.collect()))]
}
