//! How a run stands, in one word with its sign: its state, and what befell its runner or its record.
//! It decides nothing about the run.

use jiff::{SignedDuration, Timestamp};
use ratatui::style::Style;

use crate::domain::run::{EventBody, Halt, RunStatus};
use crate::tui::known::{Known, RunCard};
use crate::tui::theme::{Look, Theme};

use super::open_gate;

/// How long a run that was just made may be without a runner before that is said.
const STARTING: SignedDuration = SignedDuration::from_secs(10);

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It was made, and its runner is not there yet.
    Starting,
    /// It goes forward.
    Running,
    /// A person is asked.
    Asks,
    /// It sends nothing.
    Paused,
    /// It cannot go on by itself.
    Failed,
    /// It ought to go on, and nobody drives it.
    Unheld,
    /// It goes back.
    GoingBack,
    /// Every step is verified.
    Done,
    /// Every undo is verified.
    Back,
    /// Its record is damaged; nothing more is written to it.
    Damaged,
}

impl Standing {
    /// Tells how a run stands.
    #[must_use]
    pub fn of(card: &RunCard, known: &Known) -> Self {
        if card.broken.is_some() {
            return Self::Damaged;
        }
        let state = &card.state;
        if state.halt == Halt::None && open_gate(state).is_some() {
            return Self::Asks;
        }
        match state.status() {
            RunStatus::Done => Self::Done,
            RunStatus::RolledBack => Self::Back,
            RunStatus::Failed => Self::Failed,
            RunStatus::Paused => Self::Paused,
            RunStatus::Waiting => Self::Asks,
            RunStatus::Running | RunStatus::RollingBack if !card.held => {
                if is_new(card, known.now) {
                    Self::Starting
                } else {
                    Self::Unheld
                }
            }
            RunStatus::Running => Self::Running,
            RunStatus::RollingBack => Self::GoingBack,
        }
    }

    /// Returns the word for a person.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Asks => "asks you",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::Unheld => "no runner",
            Self::GoingBack => "rolling back",
            Self::Done => "done",
            Self::Back => "rolled back",
            Self::Damaged => "damaged",
        }
    }

    /// Returns the sign that stands before the word.
    #[must_use]
    pub fn sign(self, look: &Look, turn: usize) -> &'static str {
        match self {
            Self::Starting | Self::Running | Self::GoingBack => look.signs.spinner(turn),
            Self::Asks => look.signs.gate,
            Self::Paused | Self::Unheld => look.signs.know,
            Self::Failed | Self::Damaged => look.signs.stop,
            Self::Done => look.signs.fine,
            Self::Back => look.signs.from,
        }
    }

    /// Returns the style of sign and word.
    #[must_use]
    pub fn style(self, theme: &Theme) -> Style {
        match self {
            Self::Starting | Self::Running => theme.accent,
            Self::Asks | Self::Paused | Self::Unheld | Self::GoingBack => theme.warning,
            Self::Failed | Self::Damaged => theme.danger,
            Self::Done => theme.good,
            Self::Back => theme.text,
        }
    }

    /// Tells whether something of the run is under way.
    #[must_use]
    pub fn moves(self) -> bool {
        match self {
            Self::Starting | Self::Running | Self::GoingBack => true,
            Self::Asks
            | Self::Paused
            | Self::Failed
            | Self::Unheld
            | Self::Done
            | Self::Back
            | Self::Damaged => false,
        }
    }

    /// Tells whether the run stands still with work before it: it needs a person to go on.
    #[must_use]
    pub fn is_stuck(self) -> bool {
        match self {
            Self::Paused | Self::Failed | Self::Unheld => true,
            Self::Starting
            | Self::Running
            | Self::Asks
            | Self::GoingBack
            | Self::Done
            | Self::Back
            | Self::Damaged => false,
        }
    }
}

fn is_new(card: &RunCard, now: Timestamp) -> bool {
    let only_planned = card
        .events
        .last()
        .is_none_or(|event| matches!(event.body, EventBody::Planned { .. }));
    only_planned
        && now.duration_since(card.state.last_at) < STARTING
        && card.runner_failed.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::RunId;
    use crate::report::{FAILED, Report};
    use crate::tui::screens::run::RunScreen;
    use crate::tui::screens::run::specimens::{self, RUN, Story};

    #[test]
    fn only_what_is_under_way_moves() {
        let moves = |story: &Story| RunScreen::new(RunId::from(RUN)).moves(&specimens::with(story));
        assert!(moves(&specimens::in_outage()));
        assert!(moves(&specimens::failed()), "the outage clock runs");
        assert!(!moves(&specimens::paused()));
        assert!(!moves(&specimens::done()));
    }

    #[test]
    fn how_a_run_stands_is_told_in_one_word() {
        let mut just_begun = specimens::planned();
        let words = [
            (specimens::in_outage(), "running"),
            (specimens::gate_open(), "asks you"),
            (specimens::gate_open().unheld(), "asks you"),
            (specimens::paused(), "paused"),
            (specimens::failed(), "failed"),
            (specimens::conflict(), "paused"),
            (specimens::rolling_back(), "rolling back"),
            (specimens::rolling_back().unheld(), "no runner"),
            (specimens::done(), "done"),
            (specimens::rolled_back(), "rolled back"),
            (specimens::unheld(), "no runner"),
            (specimens::damaged(), "damaged"),
            (just_begun.clone(), "starting"),
            (just_begun.clone().until(30), "no runner"),
        ];
        let word = |story: &Story| {
            let known = specimens::with(story);
            Standing::of(&known.runs.cards[&RunId::from(RUN)], &known).word()
        };
        for (story, wanted) in words {
            assert_eq!(word(&story), wanted);
        }
        just_begun.runner_failed = Some(Report::new(FAILED, "it could not be started"));
        assert_eq!(word(&just_begun), "no runner");
    }
}
