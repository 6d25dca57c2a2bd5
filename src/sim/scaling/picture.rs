//! Auto Scaling in the picture of a place: each group by its name. Members stand with the instances.
//! What a group does by itself it tells as an activity.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::ScalingGroup;

/// How activities are described that somebody asked for.
const ASKED: &str = "Moving EC2 instance ";

/// Shows the groups.
pub fn of(groups: &BTreeMap<String, ScalingGroup>) -> [(&'static str, Value); 1] {
    let shown = groups.values().map(|group| {
        let done: Vec<_> = group
            .activities
            .iter()
            .filter(|one| !one.description.starts_with(ASKED))
            .map(|one| &one.description)
            .collect();
        let suspended: Vec<_> = group.suspended.keys().collect();
        let shown = json!({"min": group.min, "max": group.max, "desired": group.desired,
            "suspended": suspended, "activities": done});
        (group.name.clone(), shown)
    });
    [("scaling_groups", Value::Object(shown.collect()))]
}
