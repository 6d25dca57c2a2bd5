//! Who may say what to a run: operators, what they agree to, and what they ask for.
//!
//! A command is a wish that waits in the journal; only the runner turns it into events.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::StepId;
use crate::domain::plan::{Gate, Step};

/// Who did something: a user on a host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Login name.
    pub user: String,
    /// Host name.
    pub host: String,
}

/// What an operator has agreed to ahead of time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Confirmations and person gates are answered with yes.
    pub yes: bool,
    /// Names typed for gates that ask for one, `NAME` or `NAME@3333`.
    pub confirm: Vec<String>,
    /// Steps whose gates are answered with no, of those that may be left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decline: Vec<StepId>,
}

impl Approval {
    /// Adds what another approval agrees to.
    pub fn merge(&mut self, other: &Self) {
        self.yes |= other.yes;
        self.confirm.extend(other.confirm.iter().cloned());
        self.decline.extend(other.decline.iter().cloned());
    }

    /// Tells whether the step's gate is answered with no. That goes before a yes; one that may not be left out is
    /// answered by no such word.
    #[must_use]
    pub fn declines(&self, step: &Step) -> bool {
        step.if_declined.is_some() && self.decline.contains(&step.id)
    }

    /// Tells whether the gate is answered by what was agreed to.
    #[must_use]
    pub fn answers(&self, gate: &Gate, last_four: &str) -> bool {
        match gate {
            Gate::None => true,
            Gate::Confirm(_) | Gate::Person { .. } => self.yes,
            Gate::TypeName { name, .. } => self.confirm.iter().any(|typed| {
                typed == name.raw()
                    || typed
                        .strip_prefix(name.raw())
                        .and_then(|rest| rest.strip_prefix('@'))
                        .is_some_and(|digits| digits == last_four)
            }),
        }
    }
}

/// What an operator asks of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandKind {
    /// Answers the open gates, or the gate of one step. Where its approval names what is declined and says no yes,
    /// that alone is answered.
    Approve {
        /// The step, or `None` for every open gate.
        step: Option<StepId>,
    },
    /// Send nothing more for now.
    Pause,
    /// Go on.
    Resume,
    /// Finish what is under way and go no further.
    Abort,
    /// Take it back.
    RollBack,
}

/// A command with its sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Who.
    pub by: Operator,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: CommandKind,
    /// What is agreed to along with it.
    pub approval: Approval,
}
