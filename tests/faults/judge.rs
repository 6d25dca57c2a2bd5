//! What the whole picture must be after a swap and after it was taken back, to the last field.
//!
//! It is worked out from the picture before and from what the operator asked for, never from the plan.
//! Only what AWS alone decides (an instant, a state that passes by itself) is taken from the picture shown.

use defib::domain::run::{CreatedBy, RunState};
use serde_json::{Value, json};

use crate::oracle::{PLACE, made_by, thing};

/// What the operator asked for.
#[derive(Clone, Debug, Default)]
pub struct Swap {
    /// The snapshot.
    pub snapshot: String,
    /// The instance.
    pub instance: String,
    /// Where the new volume goes.
    pub device: String,
    /// The volume that makes room.
    pub old: Option<String>,
    /// The volume that the new one is like.
    pub like: Option<String>,
    /// Whether the new volume goes with its instance.
    pub delete: bool,
    /// Fields of the new volume that are not as before.
    pub changed: Vec<(&'static str, Value)>,
    /// Until when the old volume is kept.
    pub keep_until: String,
    /// Whether the present state is kept in a snapshot.
    pub safety: bool,
}

/// What is not carried over to a new volume.
const NOT_CARRIED: [&str; 2] = ["aws:", "defib:"];

impl Swap {
    /// Holds the picture against what was promised for the end of the run.
    pub fn assert_done(&self, before: &Value, now: &Value, state: &RunState, case: &str) {
        let mut wanted = before.clone();
        let new = self.put_made(&mut wanted, before, now, state, true);
        let new = new.unwrap_or_else(|| panic!("{case}: no volume was made"));
        if let Some(old) = &self.old {
            let volume = &mut wanted[PLACE]["volumes"][old];
            volume["state"] = json!("available");
            volume["attachments"] = json!([]);
            volume["tags"]["defib:run"] = json!(state.run.as_str());
            volume["tags"]["defib:step"] = json!("tag-old-volume");
            volume["tags"]["defib:keep-until"] = json!(self.keep_until);
        }
        same(&wanted, now, case);
        let live = |made: &&CreatedBy| thing(now, "volumes", &made.id)["state"] != "error";
        let live = state.created.iter().filter(live).count();
        assert_eq!(live, 1 + usize::from(self.safety), "{case}");
        assert!(
            state.created.iter().any(|made| made.id == new),
            "{case}: {new}"
        );
    }

    /// Holds the picture against the one before: only what was made may be more, and is kept.
    pub fn assert_back(&self, before: &Value, now: &Value, state: &RunState, case: &str) {
        let mut wanted = before.clone();
        self.put_made(&mut wanted, before, now, state, false);
        if let Some(old) = &self.old {
            let shown = &thing(now, "volumes", old)["attachments"][0]["attached"];
            wanted[PLACE]["volumes"][old]["attachments"][0]["attached"] = shown.clone();
        }
        same(&wanted, now, case);
    }

    /// Puts what the run made into the wanted picture, and returns the new volume.
    fn put_made(
        &self,
        wanted: &mut Value,
        before: &Value,
        now: &Value,
        state: &RunState,
        attached: bool,
    ) -> Option<String> {
        let run = state.run.as_str();
        for id in made_by(now, "snapshots", run, "safety-snapshot") {
            let shown = thing(now, "snapshots", &id);
            wanted[PLACE]["snapshots"][&id] = self.safety_snapshot(before, shown, state);
        }
        let dead = |made: &&CreatedBy| thing(now, "volumes", &made.id)["state"] == "error";
        for made in state.created.iter().filter(dead) {
            wanted[PLACE]["volumes"][&made.id] = thing(now, "volumes", &made.id).clone();
        }
        let made = made_by(now, "volumes", run, "create-volume");
        let id = made.into_iter().next()?;
        let shown = thing(now, "volumes", &id);
        wanted[PLACE]["volumes"][&id] = self.new_volume(before, shown, state, attached);
        Some(id)
    }

    fn new_volume(&self, before: &Value, shown: &Value, state: &RunState, attached: bool) -> Value {
        let snapshot = thing(before, "snapshots", &self.snapshot);
        let mut new = json!({
            "state": if attached { "in-use" } else { "available" },
            "availability_zone": thing(before, "instances", &self.instance)["availability_zone"],
            "size": snapshot["size"],
            "type": "gp3",
            "iops": 3000,
            "throughput": 125,
            "kms_key_id": snapshot["kms_key_id"],
            "snapshot_id": self.snapshot,
            "created": shown["created"],
            "multi_attach": false,
            "initialization_rate": null,
            "product_codes": [],
            "data": snapshot["data"],
            "tags": self.stamped(self.carried(before), state, "create-volume"),
            "attachments": [],
        });
        if let Some(like) = &self.like {
            let like = thing(before, "volumes", like);
            for field in ["size", "type", "iops", "throughput", "kms_key_id"] {
                new[field] = like[field].clone();
            }
        }
        for (field, value) in &self.changed {
            new[*field] = value.clone();
        }
        if attached {
            new["attachments"] = json!([{
                "instance_id": self.instance,
                "device": self.device,
                "state": "attached",
                "delete_on_termination": self.delete,
                "attached": shown["attachments"][0]["attached"],
            }]);
        }
        new
    }

    fn carried(&self, before: &Value) -> Value {
        let Some(like) = &self.like else {
            return json!({});
        };
        let tags = thing(before, "volumes", like)["tags"].as_object().unwrap();
        let ours = |key: &String| NOT_CARRIED.iter().any(|prefix| key.starts_with(prefix));
        let tags = tags.iter().filter(|(key, _)| !ours(key));
        Value::Object(tags.map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    fn stamped(&self, mut tags: Value, state: &RunState, step: &str) -> Value {
        let generation = state.record(&step.into()).generation;
        tags["defib:run"] = json!(state.run.as_str());
        tags["defib:step"] = json!(step);
        tags["defib:generation"] = json!(generation.to_string());
        tags["defib:source"] = json!(self.snapshot);
        tags
    }

    fn safety_snapshot(&self, before: &Value, shown: &Value, state: &RunState) -> Value {
        let old = self.old.as_deref().unwrap_or_default();
        let volume = thing(before, "volumes", old);
        let name = &volume["tags"]["Name"];
        let tags = if name.is_null() {
            json!({})
        } else {
            json!({ "Name": name })
        };
        json!({
            "state": shown["state"],
            "volume_id": old,
            "owner": "111122223333",
            "started": shown["started"],
            "size": volume["size"],
            "kms_key_id": volume["kms_key_id"],
            "description": format!("defib: {old} before it was replaced from {}", self.snapshot),
            "archived": false,
            "data": shown["data"],
            "tags": self.stamped(tags, state, "safety-snapshot"),
        })
    }
}

/// Fails with every place in which two pictures differ.
pub fn same(wanted: &Value, shown: &Value, case: &str) {
    let mut differences = Vec::new();
    compare("", wanted, shown, &mut differences);
    let all = differences.join("\n  ");
    assert!(differences.is_empty(), "{case}: wanted ≠ shown\n  {all}");
}

/// Lists every place in which two values differ.
pub fn compare(path: &str, wanted: &Value, shown: &Value, out: &mut Vec<String>) {
    match (wanted, shown) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: std::collections::BTreeSet<&String> =
                left.keys().chain(right.keys()).collect();
            for key in keys {
                compare(&format!("{path}/{key}"), &wanted[key], &shown[key], out);
            }
        }
        (left, right) if left != right => out.push(format!("{path}: {left} ≠ {right}")),
        _same => {}
    }
}
