//! What has to be typed before a plan runs, and whether that is what was typed.
//!
//! The same rule as on the command line; one that is answered by the same key twice is none.

use crate::domain::plan::{Impact, Plan};
use crate::domain::run::Approval;
use crate::domain::text::{Untrusted, shown};
use crate::tui::known::Known;

/// The word for everything that is not protected.
const YES: &str = "yes";

/// What has to be typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Consent {
    /// The word `yes`.
    Yes,
    /// A name with the account's last four digits.
    Name {
        /// The name of the resource, where one can be typed.
        name: Option<String>,
        /// Its id, which is always taken.
        id: String,
    },
}

impl Consent {
    /// Tells what a plan asks for: in a protected account one that interrupts asks for its name.
    pub(super) fn of(plan: &Plan, known: &Known) -> Self {
        let account = &plan.place.account;
        if !interrupts(plan) || !known.is_protected(account) {
            return Self::Yes;
        }
        let with_digits = |name: &str| format!("{name}@{}", account.last_four());
        let name = plan.subject.name.as_ref().filter(|name| can_be_typed(name));
        Self::Name {
            name: name.map(|name| with_digits(name.raw())),
            id: with_digits(&plan.subject.id),
        }
    }

    /// Returns the text that is asked for, fit to be shown.
    pub(super) fn wanted(&self) -> String {
        match self {
            Self::Yes => YES.to_owned(),
            Self::Name { name, id } => shown(name.as_ref().unwrap_or(id)),
        }
    }

    /// Returns what is taken as well, where the name is hard to type on every keyboard.
    pub(super) fn also(&self) -> Option<String> {
        match self {
            Self::Name {
                name: Some(name),
                id,
            } if !name.is_ascii() => Some(shown(id)),
            Self::Yes | Self::Name { .. } => None,
        }
    }

    /// Returns what is agreed to, if the right text was typed. Gates are answered when they come.
    pub(super) fn given(&self, typed: &str) -> Option<Approval> {
        let right = match self {
            Self::Yes => typed == YES,
            Self::Name { name, id } => typed == id || name.as_deref() == Some(typed),
        };
        // A name that was typed for the plan answers no gate ahead, even one that asks for the same name.
        right.then(Approval::default)
    }

    /// Says what was typed and what is asked for.
    pub(super) fn mistaken(&self, typed: &str) -> String {
        let (typed, wanted) = (shown(typed), self.wanted());
        if typed.is_empty() {
            return format!("Nothing was typed; this asks for “{wanted}”. Nothing has happened.");
        }
        format!("You typed “{typed}”; this asks for “{wanted}”. Nothing has happened.")
    }
}

/// Tells whether a plan takes the service down.
pub(super) fn interrupts(plan: &Plan) -> bool {
    let mut steps = plan.steps.iter();
    steps.any(|step| step.impact == Impact::Interrupts)
}

/// A name with invisible characters, or with blanks around it, is not asked for: it cannot be read off.
fn can_be_typed(name: &Untrusted) -> bool {
    let raw = name.raw();
    !raw.is_empty() && raw.trim() == raw && name.shown() == raw
}
