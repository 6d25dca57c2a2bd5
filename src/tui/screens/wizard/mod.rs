//! A restore that is being prepared: What → Where → Checks → Plan → Yes.
//!
//! Every answer of the operator is asked back from AWS as a new preparation; answers to older questions
//! are dropped. Nothing is sent before the last page, and nothing typed is lost on the way.

mod candidates;
mod consent;
mod instant;
mod naming;
mod update;
pub mod view;
mod way;

#[cfg(test)]
mod pictures;
#[cfg(test)]
pub(in crate::tui) mod specimen;
#[cfg(test)]
mod tests;

use crate::domain::ids::AccountId;
use crate::domain::plan::Plan;
use crate::domain::recovery_point::RecoveryPoint;
use crate::report::Report;
use crate::tui::effect::{Draft, Effect, Prepared};
use crate::tui::keymap::Context;
use crate::tui::known::Known;
use crate::tui::model::Reaction;
use crate::tui::widgets::text_input::TextInput;

use way::{Entry, Standing, Way};

/// A page of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Page {
    /// Which flow.
    What,
    /// The form.
    Where,
    /// Preflight.
    Checks,
    /// The steps.
    Plan,
    /// The last word.
    Yes,
}

impl Page {
    /// Every page in the order of the walk, with its name.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::What, "What"),
        (Self::Where, "Where"),
        (Self::Checks, "Checks"),
        (Self::Plan, "Plan"),
        (Self::Yes, "Yes"),
    ];

    /// Returns the page before; the first one has none.
    fn before(self) -> Option<Self> {
        match self {
            Self::What => None,
            Self::Where => Some(Self::What),
            Self::Checks => Some(Self::Where),
            Self::Plan => Some(Self::Checks),
            Self::Yes => Some(Self::Plan),
        }
    }
}

/// What came of a yes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Start {
    /// None was given yet.
    #[default]
    NotYet,
    /// The run is being started.
    UnderWay,
    /// It was not started.
    Refused(Report),
}

/// A question that the next key answers, whatever it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Asked {
    /// None.
    #[default]
    Nothing,
    /// Which kind of file the plan is written to.
    WhichFile,
    /// Whether to leave although something typed is lost: the same key again does.
    LeaveAgain,
}

/// A restore that is being prepared.
#[derive(Clone, Debug)]
pub struct Wizard {
    draft: Draft,
    point: RecoveryPoint,
    page: Page,
    /// The flows that apply.
    ways: Vec<Way>,
    /// The one that is chosen.
    at: usize,
    /// Number of the last question, over all flows.
    revision: u64,
    /// Whether to go on as soon as the answer is there.
    going_on: bool,
    /// First line on the screen of a page that scrolls.
    top: usize,
    /// Whether the page was read to its end.
    seen: bool,
    /// Whether the call of each step is shown.
    calls: bool,
    /// What the next key answers.
    asked: Asked,
    /// Hash of the plan that the operator has read.
    read: Option<String>,
    /// What is typed on the last page.
    typed: TextInput,
    start: Start,
    /// What is said on the page until the next key.
    remark: Option<String>,
}

impl Wizard {
    /// Returns the page it is on.
    #[must_use]
    pub fn page(&self) -> Page {
        self.page
    }

    /// Tells whether more than one flow can be chosen.
    #[must_use]
    pub fn has_choice(&self) -> bool {
        self.ways.len() > 1
    }

    /// Tells whether the value of the field that has the keys is typed, and cannot be chosen.
    #[must_use]
    pub fn is_typed(&self, known: &Known) -> bool {
        let typed = |way: &&Way| way.entry().is_some_and(Entry::is_text);
        let way = self.way().filter(typed);
        way.is_some_and(|way| candidates::fitting(way, &self.point, known).is_empty())
    }

    /// Begins a restore from a point, and asks what every flow that applies would do.
    #[must_use]
    pub fn begin(draft: Draft, point: &RecoveryPoint, known: &Known) -> (Self, Reaction) {
        let flows = known.settings.flows.iter();
        let applicable = flows.filter(|flow| flow.kinds.contains(&point.kind));
        let mut wizard = Self {
            draft,
            point: point.clone(),
            page: Page::What,
            ways: applicable.map(Way::of).collect(),
            at: 0,
            revision: 0,
            going_on: false,
            top: 0,
            seen: false,
            calls: false,
            asked: Asked::Nothing,
            read: None,
            typed: TextInput::default(),
            start: Start::NotYet,
            remark: None,
        };
        if let Some(at) = instant::proposed(point, known) {
            for way in &mut wizard.ways {
                way.propose_instant(&at);
            }
        }
        let effects = (0..wizard.ways.len())
            .filter_map(|at| wizard.ask(at))
            .collect();
        (
            wizard,
            Reaction {
                effects,
                ..Reaction::none()
            },
        )
    }

    /// Returns the account of its point.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.point.place.account
    }

    /// Returns its number.
    #[must_use]
    pub fn draft(&self) -> Draft {
        self.draft
    }

    /// Returns where keys are pressed, the nearest first.
    #[must_use]
    pub fn contexts(&self) -> &'static [Context] {
        match self.page {
            Page::Where => &[Context::Form, Context::Global],
            // Nothing takes characters on the first, and on the last they go before keys.
            Page::What | Page::Yes => &[Context::Form, Context::Plan, Context::Global],
            Page::Checks | Page::Plan => &[Context::Plan, Context::Global],
        }
    }

    /// Tells whether something is awaited.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.start == Start::UnderWay || self.ways.iter().any(Way::is_waiting)
    }

    /// Takes in what a preparation came to. An answer that nobody waits for any more is dropped.
    pub fn prepared(&mut self, revision: u64, outcome: Result<Prepared, Report>) {
        let asked = |way: &Way| way.asked == Some(revision);
        let Some(at) = self.ways.iter().position(asked) else {
            return;
        };
        self.ways[at].take(outcome);
        if at == self.at {
            self.follow_answer();
        }
    }

    /// Takes in that the run was not started. What was typed stays.
    pub fn refused(&mut self, report: Report) {
        self.start = Start::Refused(report);
    }

    /// Asks what a flow would do with what is chosen now.
    fn ask(&mut self, at: usize) -> Option<Effect> {
        let way = self.ways.get_mut(at)?;
        self.revision += 1;
        way.asked = Some(self.revision);
        Some(Effect::Prepare {
            draft: self.draft,
            revision: self.revision,
            flow: way.flow.name,
            place: self.point.place.clone(),
            choices: way.choices(&self.point),
        })
    }

    /// Puts the operator where the answer belongs: on, if that was asked for, or back to what has changed.
    fn follow_answer(&mut self) {
        let going_on = std::mem::take(&mut self.going_on);
        match self.page {
            Page::Where if going_on => self.go_on_from_form(),
            Page::What | Page::Where | Page::Checks => {}
            Page::Plan | Page::Yes => self.hold_to_plan(going_on),
        }
    }

    /// On the last two pages a plan must be there, and be the one that was read. Once the run is being
    /// started, that is the runner's business.
    fn hold_to_plan(&mut self, going_on: bool) {
        if self.start == Start::UnderWay {
            return;
        }
        let Some(hash) = self.runnable().map(|plan| plan.hash.clone()) else {
            self.turn_to(Page::Checks);
            self.remark =
                Some("The plan cannot be run any more: this is what was found now.".to_owned());
            return;
        };
        if self.read.as_ref() != Some(&hash) {
            self.turn_to(Page::Plan);
            self.read = Some(hash);
            self.typed.clear();
            self.remark = Some("The plan has changed since you read it: read it again.".to_owned());
        } else if going_on {
            self.turn_to(Page::Yes);
        }
    }

    fn go_on_from_form(&mut self) {
        match self.standing() {
            Standing::Ready(_) => self.turn_to(Page::Checks),
            Standing::Asks(obstacle) => {
                let field = obstacle.field.clone();
                if let Some(way) = self.ways.get_mut(self.at) {
                    way.focus_on(field.as_deref());
                }
            }
            Standing::Waiting | Standing::Failed(_) => {}
        }
    }

    fn turn_to(&mut self, page: Page) {
        self.page = page;
        self.top = 0;
        self.seen = false;
        self.asked = Asked::Nothing;
    }

    fn way(&self) -> Option<&Way> {
        self.ways.get(self.at)
    }

    fn standing(&self) -> Standing<'_> {
        self.way().map_or(Standing::Waiting, Way::standing)
    }

    /// Returns the chosen flow's plan as it was made last.
    fn plan(&self) -> Option<&Plan> {
        self.way()?.plan()
    }

    /// Returns the plan, if no check stops it.
    fn runnable(&self) -> Option<&Plan> {
        let way = self.way().filter(|way| !way.is_stopped());
        way.and_then(Way::plan)
    }

    /// Tells whether any field was answered or begun.
    fn has_typed(&self) -> bool {
        let mut fields = self.ways.iter().flat_map(|way| &way.entries);
        fields.any(Entry::is_touched)
    }
}
