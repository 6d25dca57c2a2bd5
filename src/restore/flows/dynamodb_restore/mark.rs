//! The mark that another run has left on the table, and what a person types to take over.
//! The mark is advice and no lock; nothing is decided here.

use crate::domain::plan::Gate;
use crate::domain::text::{Untrusted, shown};
use crate::restore::operations::ec2_active::{TAG_ACTIVE, TAG_ACTIVE_BY};

use super::facts::TableFacts;

/// Another run's mark, as the tags of the table say.
pub(super) struct Mark<'a> {
    /// The run.
    pub(super) run: &'a Untrusted,
    by: Option<&'a Untrusted>,
    table: &'a str,
}

impl<'a> Mark<'a> {
    /// Returns the mark on the table, if there is one.
    pub(super) fn of(facts: &'a TableFacts) -> Option<Self> {
        let tags = facts.tags.value()?;
        let tag = |key| tags.get(&Untrusted::from(key));
        Some(Self {
            run: tag(TAG_ACTIVE)?,
            by: tag(TAG_ACTIVE_BY),
            table: &facts.name,
        })
    }

    /// To go on where another run has left its mark is confirmed by name, plan or no plan.
    pub(super) fn gate(&self) -> Gate {
        let typed = !self.run.raw().trim().is_empty() && self.run.shown() == self.run.raw();
        let name = if typed {
            self.run.clone()
        } else {
            Untrusted::from(self.table)
        };
        Gate::TypeName {
            name,
            why: format!("{}; this run takes over from it", self.told()),
        }
    }

    /// Says who is at it, one sentence fit to be shown.
    pub(super) fn told(&self) -> String {
        let by = self.by.map(|by| format!(" of {}", by.shown()));
        format!(
            "{} is marked by run {}{}, which may still be under way",
            shown(self.table),
            self.run.shown(),
            by.unwrap_or_default()
        )
    }
}
