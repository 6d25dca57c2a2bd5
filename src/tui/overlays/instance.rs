//! Looks at the instance of a run, now: its state, its checks, how far its volumes are initialized, and what it has
//! written on its console.
//!
//! Each read answers for itself, so that one which is refused hides no other. All of it is forgotten when the overlay
//! is closed: a console may tell secrets.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::console::ConsoleOutput;
use crate::domain::ec2::Volume;
use crate::domain::ids::VolumeId;
use crate::domain::instance_now::{Checks, Initialization, Target};
use crate::report::Report;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::model::{Go, Reaction};
use crate::tui::msg::Looked;

pub mod view;
mod words;

#[cfg(test)]
mod tests;

/// What is seen of an instance.
#[derive(Debug)]
pub struct Looking {
    /// Number of the asking; answers to another one are stale.
    pub number: u64,
    /// Which instance.
    pub target: Target,
    /// Why nothing could be asked at all.
    unreached: Option<Report>,
    checks: Read<Option<Checks>>,
    volumes: Read<Vec<Volume>>,
    initialization: Read<BTreeMap<VolumeId, Initialization>>,
    console: Read<ConsoleOutput>,
    /// Whether the answers wait for a code, for which nobody is asked while this has the keys.
    pub code_wanted: bool,
    /// The first line on the screen where the operator has scrolled; `None` follows the newest one.
    top: Option<usize>,
}

/// What came of one read.
#[derive(Debug)]
struct Read<T> {
    /// Whether an answer is waited for.
    under_way: bool,
    /// The last answer, and when it came.
    told: Option<(Timestamp, Result<T, Report>)>,
}

impl<T> Read<T> {
    fn new() -> Self {
        Self {
            under_way: true,
            told: None,
        }
    }

    fn take(&mut self, told: Result<T, Report>, now: Timestamp) {
        self.under_way = false;
        self.told = Some((now, told));
    }

    fn ok(&self) -> Option<&T> {
        self.told.as_ref()?.1.as_ref().ok()
    }

    fn refused(&self) -> Option<&Report> {
        self.told.as_ref()?.1.as_ref().err()
    }
}

impl Looking {
    /// Begins to look at an instance.
    #[must_use]
    pub fn new(number: u64, target: Target) -> Self {
        Self {
            number,
            target,
            unreached: None,
            checks: Read::new(),
            volumes: Read::new(),
            initialization: Read::new(),
            console: Read::new(),
            code_wanted: false,
            top: None,
        }
    }

    /// Asks again; what was told before stays until there is an answer.
    pub fn ask_again(&mut self, number: u64) {
        self.number = number;
        self.unreached = None;
        self.checks.under_way = true;
        self.volumes.under_way = true;
        self.initialization.under_way = true;
        self.console.under_way = true;
    }

    /// Takes in an answer.
    pub fn take(&mut self, looked: Looked, now: Timestamp) {
        match looked {
            Looked::Unreached(report) => {
                self.unreached = Some(report);
                self.checks.under_way = false;
                self.volumes.under_way = false;
                self.initialization.under_way = false;
                self.console.under_way = false;
            }
            Looked::Checks(told) => self.checks.take(told, now),
            Looked::Volumes(told) => {
                if told.is_err() {
                    // Nobody knows which volumes to ask about.
                    self.initialization.under_way = false;
                    self.initialization.told = None;
                }
                self.volumes.take(told, now);
            }
            Looked::Initialization(told) => self.initialization.take(told, now),
            Looked::Console(told) => self.console.take(told, now),
        }
    }

    /// Tells whether an answer is still waited for.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        self.checks.under_way
            || self.volumes.under_way
            || self.initialization.under_way
            || self.console.under_way
    }

    /// Answers an action.
    pub fn act(&mut self, action: Action, known: &Known) -> Reaction {
        match action {
            Action::Retry if self.is_under_way() => {}
            Action::Retry => return Reaction::go(Go::Look(Box::new(self.target.clone()))),
            Action::Copy => return Reaction::copies(self.target.instance.as_str()),
            Action::Back | Action::Leave => return Reaction::go(Go::Close),
            Action::MoveDown
            | Action::MoveUp
            | Action::PageDown
            | Action::PageUp
            | Action::First
            | Action::Last => self.top = self.scrolled(action, known),
            other => return Reaction::nothing_here(other),
        }
        Reaction::none()
    }

    /// Returns the first line on the screen after scrolling. Down at the last line, the newest one is followed again.
    fn scrolled(&self, action: Action, known: &Known) -> Option<usize> {
        let page = super::height(known).max(1);
        let last = view::Page::of(self, known).length().saturating_sub(page);
        let at = self.top.unwrap_or(last).min(last);
        let down = |by: usize| Some(at + by).filter(|top| *top < last);
        let up = |by: usize| (last > 0).then(|| at.saturating_sub(by));
        match action {
            Action::MoveDown => down(1),
            Action::PageDown => down(page),
            Action::MoveUp => up(1),
            Action::PageUp => up(page),
            Action::First => up(at),
            _last => None,
        }
    }
}
