//! A run: its steps, its outage clock, what it asks, why it stands still, and what happened.
//!
//! The run itself is elsewhere: everything here is folded from its journal, and a wish goes there.

pub mod advice;
pub mod standing;
pub(in crate::tui::screens) mod update;
pub mod view;
pub mod wishes;
pub mod words;

#[cfg(test)]
pub(crate) mod specimens;
#[cfg(test)]
mod tests;

use crate::domain::ids::{RunId, StepId};
use crate::domain::plan::Step;
use crate::domain::run::{Halt, RunState, StepStatus};
use crate::tui::known::{Known, RunCard};

use standing::Standing;

/// The screen of one run.
#[derive(Clone, Debug)]
pub struct RunScreen {
    /// The run.
    pub run: RunId,
    /// The first line on the screen where the operator has scrolled; `None` shows what matters now.
    top: Option<usize>,
    /// How the run stood when it was drawn last.
    stood: Option<(Standing, Option<StepId>)>,
}

impl RunScreen {
    /// Shows a run.
    #[must_use]
    pub fn new(run: RunId) -> Self {
        Self {
            run,
            top: None,
            stood: None,
        }
    }

    /// Returns what is known of the run; `None` before it was read.
    #[must_use]
    pub fn card<'a>(&self, known: &'a Known) -> Option<&'a RunCard> {
        known.runs.cards.get(&self.run)
    }

    /// Goes back to what matters now when the run comes to stand otherwise: a gate that opens is seen.
    pub fn settle(&mut self, known: &Known) {
        let Some(card) = self.card(known) else {
            return;
        };
        let open = open_gate(&card.state).map(|step| step.id.clone());
        let stands = Some((Standing::of(card, known), open));
        if self.stood != stands {
            self.stood = stands;
            self.top = None;
        }
    }

    /// Tells whether a clock is shown that counts by the second, while nothing else moves: how long a person is
    /// waited for, or how long ago something was sent that nobody follows.
    #[must_use]
    pub fn counts(&self, known: &Known) -> bool {
        use StepStatus::{Accepted, Intent, Waiting};
        let card = self.card(known).filter(|card| card.broken.is_none());
        card.is_some_and(|card| {
            let mut steps = card.state.current_steps().iter();
            card.state.halt != Halt::Over
                && steps.any(|step| {
                    let status = card.state.record(&step.id).status;
                    matches!(status, Waiting | Intent | Accepted)
                })
        })
    }

    /// Tells whether the screen changes by time alone.
    #[must_use]
    pub fn moves(&self, known: &Known) -> bool {
        self.card(known).is_some_and(|card| {
            Standing::of(card, known).moves() || card.state.down_since().is_some()
        })
    }
}

/// Tells whether any run is under way: a gate that waits for a person moves nothing.
#[must_use]
pub fn is_moving(known: &Known) -> bool {
    let mut runs = known.runs.unfinished();
    runs.any(|card| Standing::of(card, known).moves())
}

/// Returns the first step whose gate is open, in the direction in which the run goes.
#[must_use]
pub fn open_gate(state: &RunState) -> Option<&Step> {
    open_gates(state).next()
}

/// Returns every step whose gate is open.
pub fn open_gates(state: &RunState) -> impl Iterator<Item = &Step> {
    let steps = state.current_steps().iter();
    steps.filter(|step| state.record(&step.id).status == StepStatus::Waiting)
}
