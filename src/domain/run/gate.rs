//! The gate of a step as the person who is asked reads it: with what the run has made by then.
//!
//! The plan keeps its markers; only what is shown is replaced, and never by a text that no id has.

use std::net::IpAddr;

use super::RunState;
use crate::domain::plan::{Gate, NEW_ADDRESS, NEW_INSTANCE, NEW_VOLUME, Step};
use crate::domain::resource::ResourceKind;

impl RunState {
    /// Returns a step's gate in which what the run made stands for [`NEW_VOLUME`], [`NEW_INSTANCE`] and
    /// [`NEW_ADDRESS`]. Where there is no such thing yet, or more than one, the marker is left as planned.
    #[must_use]
    pub fn gate_of(&self, step: &Step) -> Gate {
        let Gate::Person {
            instructions,
            check,
        } = &step.gate
        else {
            return step.gate.clone();
        };
        let known = [
            (NEW_VOLUME, self.serial()),
            (NEW_INSTANCE, self.launched().map(|(id, _)| id)),
            (
                NEW_ADDRESS,
                self.launched().and_then(|(_, address)| address),
            ),
        ];
        let mut lines = instructions.clone();
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
            check: check.clone(),
        }
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
