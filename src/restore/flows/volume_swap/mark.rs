//! The mark that another run has left on the instance: who set it, what is said of it, and what a person types
//! to take over.

use crate::domain::text::Untrusted;
use crate::restore::operations::ec2_active::{TAG_ACTIVE, TAG_ACTIVE_BY};

use super::facts::SwapFacts;

/// Another run's mark, as its tags say.
pub(super) struct Mark<'a> {
    /// The run.
    pub(super) run: &'a Untrusted,
    by: Option<&'a Untrusted>,
    facts: &'a SwapFacts,
}

impl<'a> Mark<'a> {
    /// Returns the mark on the instance, if there is one.
    pub(super) fn of(facts: &'a SwapFacts) -> Option<Self> {
        let tag = |key| facts.instance.tags.get(&Untrusted::from(key));
        Some(Self {
            run: tag(TAG_ACTIVE)?,
            by: tag(TAG_ACTIVE_BY),
            facts,
        })
    }

    /// What a person types to take over: the run, or the instance where the tag holds what cannot be typed.
    pub(super) fn name(&self) -> Untrusted {
        let typed = !self.run.raw().trim().is_empty() && self.run.shown() == self.run.raw();
        if typed {
            self.run.clone()
        } else {
            Untrusted::from(self.facts.instance.id.as_str())
        }
    }

    /// Says who is at it, one sentence fit to be shown.
    pub(super) fn told(&self) -> String {
        let by = self.by.map(|by| format!(" of {}", by.shown()));
        format!(
            "{} is marked by run {}{}, which may still be under way",
            self.facts.instance_called(),
            self.run.shown(),
            by.unwrap_or_default()
        )
    }
}
