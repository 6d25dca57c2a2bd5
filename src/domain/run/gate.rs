//! The gate of a step as the person who is asked reads it: with what the run has made by then.
//!
//! The plan keeps its markers; only what is shown is replaced, and never by a text that no id has.

use std::net::IpAddr;

use serde_json::Value;

use super::RunState;
use crate::domain::plan::{Call, EXPIRED, Gate, NEW_ADDRESS, NEW_INSTANCE, NEW_VOLUME, Step};
use crate::domain::resource::ResourceKind;

impl RunState {
    /// Returns a step's gate in which what the run made stands for [`NEW_VOLUME`], [`NEW_INSTANCE`] and
    /// [`NEW_ADDRESS`], and what it has counted for [`EXPIRED`]. Where there is no such thing yet, or more than one,
    /// the marker is left as planned. What the plan's facts tell stands in it as [`Plan::gate_of`] says.
    ///
    /// [`Plan::gate_of`]: crate::domain::plan::Plan::gate_of
    #[must_use]
    pub fn gate_of(&self, step: &Step) -> Gate {
        match &self.plan.gate_of(step) {
            gate @ (Gate::None | Gate::Confirm(_)) => gate.clone(),
            Gate::TypeName { name, why } => Gate::TypeName {
                name: name.clone(),
                why: match self.expired() {
                    Some(count) => why.replace(EXPIRED, &count),
                    None => why.clone(),
                },
            },
            Gate::Person {
                instructions,
                check,
            } => self.asked(instructions, check.as_ref()),
        }
    }

    fn asked(&self, instructions: &[String], check: Option<&Call>) -> Gate {
        let known = [
            (NEW_VOLUME, self.serial()),
            (NEW_INSTANCE, self.launched().map(|(id, _)| id)),
            (
                NEW_ADDRESS,
                self.launched().and_then(|(_, address)| address),
            ),
        ];
        let mut lines = instructions.to_vec();
        for (marker, value) in known {
            let Some(value) = value else {
                continue;
            };
            // A line that only explains the marker has had its day.
            lines.retain(|line| !line.starts_with(&format!("({marker} ")));
            for line in &mut lines {
                *line = line.replace(marker, &value);
            }
        }
        Gate::Person {
            instructions: lines,
            check: check.cloned(),
        }
    }

    /// Returns how many items have expired, as the one step that counted them tells. What was not counted to its end
    /// is told as the least there are.
    fn expired(&self) -> Option<String> {
        let told = |step: &Step| {
            let outputs = self.record(&step.id).outputs;
            let number = |field: &str| outputs.get(field).and_then(Value::as_u64);
            Some((
                number("expired")?,
                number("looked_at")?,
                outputs.get("complete")?.as_bool()?,
            ))
        };
        let mut counts = self.plan.steps.iter().filter_map(told);
        let (only, None) = (counts.next()?, counts.next()) else {
            return None;
        };
        Some(match only {
            (expired, looked_at, true) => format!("{expired} of {looked_at}"),
            (expired, looked_at, false) => {
                format!("at least {expired}, of the {looked_at} that were looked at and not of all")
            }
        })
    }

    /// Returns id and private address of the one instance that the run launched. Both are pasted into a shell.
    fn launched(&self) -> Option<(String, Option<String>)> {
        let made = self.created.iter();
        let mut instances = made.filter(|made| made.kind == ResourceKind::Instance);
        let (only, None) = (instances.next()?, instances.next()) else {
            return None;
        };
        let hex = only.id.strip_prefix("i-")?;
        let plain = !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let outputs = self.record(&only.step).outputs;
        let address = outputs.get("private_ip").and_then(|ip| ip.as_str());
        let address = address.and_then(|ip| ip.parse::<IpAddr>().ok());
        plain.then(|| (only.id.clone(), address.map(|ip| ip.to_string())))
    }

    /// Returns the id of the one volume that the run made, without its dash, as device paths have it.
    fn serial(&self) -> Option<String> {
        let made = self.created.iter();
        let mut volumes = made.filter(|made| made.kind == ResourceKind::Volume);
        let (only, None) = (volumes.next()?, volumes.next()) else {
            return None;
        };
        let hex = only.id.strip_prefix("vol-")?;
        // It is pasted into a shell.
        let plain = !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        plain.then(|| format!("vol{hex}"))
    }
}
