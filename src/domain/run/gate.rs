//! The gate of a step as the person who is asked reads it: with what the run has made by then.
//!
//! The plan keeps its marker; only what is shown is replaced, and never by a text that no id has.

use super::RunState;
use crate::domain::plan::{Gate, NEW_VOLUME, Step};
use crate::domain::resource::ResourceKind;

impl RunState {
    /// Returns a step's gate in which the id of the volume that the run made stands for
    /// [`NEW_VOLUME`]. Where there is no such volume yet, or more than one, it is left as planned.
    #[must_use]
    pub fn gate_of(&self, step: &Step) -> Gate {
        let (
            Gate::Person {
                instructions,
                check,
            },
            Some(serial),
        ) = (&step.gate, self.serial())
        else {
            return step.gate.clone();
        };
        let explains = |line: &&String| !line.starts_with(&format!("({NEW_VOLUME} "));
        let lines = instructions.iter().filter(explains);
        Gate::Person {
            instructions: lines
                .map(|line| line.replace(NEW_VOLUME, &serial))
                .collect(),
            check: check.clone(),
        }
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
