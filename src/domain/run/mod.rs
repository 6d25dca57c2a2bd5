//! How a run unfolds: the events of its journal, the commands of its operators, and the one fold.
//!
//! Live screens, history, headless output and resuming all apply the same events to the same
//! [`RunState`]. An event says what became known, never what somebody hoped for.

mod back;
mod command;
mod event;
mod gate;
mod instance;
mod left;
mod missing;
mod record;
mod salvage;
mod status;
#[cfg(test)]
mod tests;
mod told;
mod usual;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::{RunId, StepId};
use super::plan::{Call, Impact, Plan, Step};

pub use command::{Approval, Command, CommandKind, Operator};
pub use event::{Created, CreatedBy, EventBody, PauseReason, RunEvent};
pub use left::Kept;
pub use missing::Missing;
pub use record::{StepRecord, StepStatus};
pub use salvage::Salvage;
pub use status::{Halt, Outage, RunStatus};
pub use told::{lost, told, without_numbers};
pub use usual::Usual;

/// A run, folded from its events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunState {
    /// The run.
    pub run: RunId,
    /// The frozen plan.
    pub plan: Plan,
    /// Who approved it.
    pub by: Operator,
    /// What was agreed to ahead of time.
    pub approval: Approval,
    /// What is known of each step, undo steps too; absent where nothing is known yet.
    pub steps: BTreeMap<StepId, StepRecord>,
    /// Steps that may have changed something, by a request, by a person who was asked, or by somebody else
    /// before the run came to them, in the order in which that began.
    pub order: Vec<StepId>,
    /// Steps that take the run back, once that has begun.
    pub undo: Option<Vec<Step>>,
    /// Whether it sends.
    pub halt: Halt,
    /// Why it does not, one line.
    pub reason: Option<String>,
    /// Position at which a person last let the run go on; 0 if nobody did.
    pub resumed_seq: u64,
    /// When the service was down.
    pub outages: Vec<Outage>,
    /// What it made.
    pub created: Vec<CreatedBy>,
    /// What befell its record, if it goes on from a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub salvaged: Option<Salvage>,
    /// Last position.
    pub last_seq: u64,
    /// Last command that was dealt with.
    pub last_command: u64,
    /// First event.
    pub started_at: Timestamp,
    /// Last event.
    pub last_at: Timestamp,
}

impl RunState {
    /// Folds a run's events, which start with [`EventBody::Planned`]. `None` if they do not.
    #[must_use]
    pub fn fold(events: &[RunEvent]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let EventBody::Planned {
            plan, by, approval, ..
        } = &first.body
        else {
            return None;
        };
        let mut state = Self {
            run: first.run.clone(),
            plan: (**plan).clone(),
            by: by.clone(),
            approval: approval.clone(),
            steps: BTreeMap::new(),
            order: Vec::new(),
            undo: None,
            halt: Halt::None,
            reason: None,
            resumed_seq: 0,
            outages: Vec::new(),
            created: Vec::new(),
            salvaged: None,
            last_seq: first.seq,
            last_command: 0,
            started_at: first.at,
            last_at: first.at,
        };
        for event in rest {
            state.apply(event);
        }
        Some(state)
    }

    /// Applies one event: the only transition function of a run.
    pub fn apply(&mut self, event: &RunEvent) {
        self.last_seq = event.seq;
        if let Some(command) = event.body.command() {
            self.last_command = self.last_command.max(command);
        }
        match &event.step {
            Some(step) => {
                if self.halt == Halt::None {
                    self.reason = None;
                }
                self.apply_to_step(step, event);
            }
            None => self.apply_to_run(event),
        }
        self.last_at = event.at;
    }

    fn apply_to_run(&mut self, event: &RunEvent) {
        match &event.body {
            EventBody::Paused { reason, line, .. } => {
                self.halt = Halt::Paused(*reason);
                self.reason = Some(line.clone());
            }
            EventBody::Resumed { approval, by, .. } => {
                self.approval.merge(approval);
                self.halt = Halt::None;
                self.reason = None;
                // A login that came back decides nothing for a person.
                if by.is_some() {
                    self.resumed_seq = event.seq;
                    self.retry_stopped();
                }
            }
            EventBody::RollBackStarted {
                approval, steps, ..
            } => {
                // What was agreed to for going forward does not answer the gates of going back.
                self.approval = approval.clone();
                self.undo = Some(steps.clone());
                self.halt = Halt::None;
                self.reason = None;
            }
            EventBody::Unreachable { why } => self.reason = Some(why.clone()),
            EventBody::Adopted { found } => {
                if let Some(salvaged) = &mut self.salvaged {
                    salvaged.found_seq = event.seq;
                }
                for made in found {
                    if !self.created.iter().any(|known| known.id == made.id) {
                        self.created.push(made.clone());
                    }
                }
            }
            EventBody::Salvaged { .. } => self.goes_on_from_a_part(event),
            EventBody::Failed { why } => {
                self.halt = Halt::Failed;
                self.reason = Some(why.clone());
            }
            EventBody::Done | EventBody::RolledBack => {
                self.halt = Halt::Over;
                self.reason = None;
            }
            EventBody::Planned { .. }
            | EventBody::RunnerStarted { .. }
            | EventBody::RunnerStopped { .. }
            | EventBody::CommandIgnored { .. }
            | EventBody::GateOpened
            | EventBody::GateAnswered { .. }
            | EventBody::GateDeclined { .. }
            | EventBody::Intent { .. }
            | EventBody::Ambiguous { .. }
            | EventBody::Refused { .. }
            | EventBody::Accepted { .. }
            | EventBody::Progress { .. }
            | EventBody::Verified { .. }
            | EventBody::StepFailed { .. }
            | EventBody::Conflict { .. } => {}
        }
    }

    /// Lets stopped steps be tried again.
    fn retry_stopped(&mut self) {
        for record in self.steps.values_mut() {
            if matches!(record.status, StepStatus::Failed | StepStatus::Conflict) {
                record.status = match (record.generation, record.spent) {
                    (0, _) | (_, true) => StepStatus::Planned,
                    (_, false) if record.accepted_at.is_some() => StepStatus::Accepted,
                    (_, false) => StepStatus::Intent,
                };
                record.ended_at = None;
            }
        }
    }

    fn apply_to_step(&mut self, id: &StepId, event: &RunEvent) {
        let step = self.any_step(id).cloned();
        let impact = step.as_ref().map_or(Impact::Reads, |step| step.impact);
        let pure_gate = step.as_ref().is_some_and(|step| step.call.is_none());
        // A gate with an undo touches the world through a person, from the moment it asks.
        let by_person = pure_gate && step.as_ref().is_some_and(|step| !step.undo.is_empty());
        let sends = matches!(event.body, EventBody::Intent { .. });
        let asks = matches!(event.body, EventBody::GateOpened);
        let verified = matches!(event.body, EventBody::Verified { .. });
        // What somebody else did before us is gone on from as if it were ours, so it is taken back too, unless the
        // plan says that it stays as it was found.
        let undone = step.as_ref().is_some_and(|step| !step.undo.is_empty());
        let found_so = verified && undone && !pure_gate && self.record(id).generation == 0;
        let stays = step.as_ref().is_some_and(|step| self.stays_as_found(step));
        let touches = sends || (found_so && !stays) || (asks && by_person);
        if touches && !self.order.contains(id) {
            self.order.push(id.clone());
        }
        if impact == Impact::Interrupts && (sends || found_so || (asks && pure_gate)) {
            self.outage_begins(id, self.began(found_so, event.at));
        }
        let record = self.steps.entry(id.clone()).or_default();
        record.started_at.get_or_insert(event.at);
        record.apply(event);
        if record.accepted_at.is_none() && event.body.refuses() {
            self.outage_never_was(id);
        }
        if let EventBody::Accepted { created, .. } | EventBody::Verified { created, .. } =
            &event.body
        {
            self.note_created(id, created);
        }
        if verified && step.is_some_and(|step| step.ends_outage) {
            self.outage_ends(event.at);
        }
    }

    /// Tells whether a step that was so already is left so by a way back. Of what a damaged record has lost nobody
    /// knows that it was so already: it is taken back.
    fn stays_as_found(&self, step: &Step) -> bool {
        step.keeps_found && self.salvaged.is_none()
    }

    /// Returns the steps that a way back leaves as they are, since that was so before the run came to them.
    pub fn left_as_found(&self) -> impl Iterator<Item = &Step> {
        let steps = self.plan.steps.iter();
        steps.filter(|step| {
            let so = !step.undo.is_empty() && step.call.is_some();
            so && !self.order.contains(&step.id) && self.record(&step.id).was_so_already()
        })
    }

    fn note_created(&mut self, step: &StepId, created: &[Created]) {
        for made in created {
            if !self.created.iter().any(|known| known.id == made.id) {
                self.created.push(CreatedBy {
                    id: made.id.clone(),
                    kind: made.kind,
                    step: step.clone(),
                });
            }
        }
    }

    /// Returns when something began that an event tells of. What the record has lost may have begun right after
    /// its last valid event: the longest outage that can have been is the one that is told.
    fn began(&self, found_so: bool, at: Timestamp) -> Timestamp {
        match &self.salvaged {
            Some(salvaged) if found_so => salvaged.since,
            Some(_) | None => at,
        }
    }

    fn outage_begins(&mut self, step: &StepId, at: Timestamp) {
        if self.outages.last().is_none_or(|last| last.ended.is_some()) {
            self.outages.push(Outage {
                began: at,
                ended: None,
                step: step.clone(),
            });
        }
    }

    /// A request that was refused without any effect has interrupted nothing.
    fn outage_never_was(&mut self, step: &StepId) {
        let refused = |last: &Outage| last.ended.is_none() && &last.step == step;
        if self.outages.last().is_some_and(refused) {
            self.outages.pop();
        }
    }

    fn outage_ends(&mut self, at: Timestamp) {
        if let Some(last) = self.outages.last_mut() {
            last.ended.get_or_insert(at);
        }
    }

    /// Returns a step of the plan or of the roll back.
    #[must_use]
    pub fn any_step(&self, id: &StepId) -> Option<&Step> {
        let undo = self.undo.iter().flatten();
        self.plan
            .steps
            .iter()
            .chain(undo)
            .find(|step| &step.id == id)
    }

    /// Returns the last request without an answer that takes back what a call does and may still arrive:
    /// when it was sent, and its step.
    #[must_use]
    pub fn unanswered_opposite(&self, call: &Call) -> Option<(Timestamp, &Step)> {
        let undo = self.undo.iter().flatten();
        let steps = self.plan.steps.iter().chain(undo);
        let opposite = |step: &&Step| {
            let other = step.call.as_ref();
            other.is_some_and(|other| self.plan.are_opposite(call, other))
        };
        let sent = steps.filter(opposite).filter_map(|step| {
            let record = self.record(&step.id);
            // What was sent before a record was damaged may be lost with it.
            let lost = self.salvaged.as_ref();
            let lost = lost.filter(|salvaged| record.intent_seq <= salvaged.seq);
            let lost = lost.map(|salvaged| salvaged.at);
            Some((record.unanswered_at.max(lost)?, step))
        });
        sent.max_by_key(|(at, _)| *at)
    }

    /// Returns the steps of the direction the run is going in.
    #[must_use]
    pub fn current_steps(&self) -> &[Step] {
        self.undo.as_deref().unwrap_or(&self.plan.steps)
    }

    /// Returns what is known of a step; a fresh record if nothing is.
    #[must_use]
    pub fn record(&self, id: &StepId) -> StepRecord {
        self.steps.get(id).cloned().unwrap_or_default()
    }

    /// Tells whether the wanted state of a step holds.
    #[must_use]
    pub fn is_verified(&self, id: &StepId) -> bool {
        self.steps
            .get(id)
            .is_some_and(|record| record.status == StepStatus::Verified)
    }

    /// Tells whether a step is over: its wanted state holds, or it was declined.
    #[must_use]
    pub fn is_settled(&self, id: &StepId) -> bool {
        self.is_verified(id) || self.is_declined(id)
    }

    /// Tells whether a person has answered a step's gate with no.
    #[must_use]
    pub fn is_declined(&self, id: &StepId) -> bool {
        self.steps
            .get(id)
            .is_some_and(|record| record.status == StepStatus::Declined)
    }

    /// Returns the steps that were declined, each with what is so for want of it, in the order of the plan. Fit to be
    /// shown.
    pub fn declined(&self) -> impl Iterator<Item = (&Step, &str)> {
        let steps = self.current_steps().iter();
        let declined = steps.filter(|step| self.is_declined(&step.id));
        declined.map(|step| (step, step.if_declined.as_deref().unwrap_or_default()))
    }

    /// Returns the steps that may have changed something, in the order of their intents.
    #[must_use]
    pub fn touched(&self) -> Vec<StepId> {
        let touched =
            |id: &&StepId| self.plan.step(id).is_some() && !self.record(id).came_to_nothing();
        self.order.iter().filter(touched).cloned().collect()
    }

    /// Returns the steps that would take the run back from where it stands, or that are left of them. Where events
    /// are lost nobody knows which were done: then all of them, which is the most that can come.
    #[must_use]
    pub fn way_back(&self, lost: bool) -> Vec<Step> {
        let steps = match &self.undo {
            Some(steps) => steps.clone(),
            None if lost => {
                let all: Vec<StepId> = self.plan.steps.iter().map(|step| step.id.clone()).collect();
                self.plan.undo_steps(&all)
            }
            None => self.plan.undo_steps(&self.touched()),
        };
        let left = steps.into_iter();
        left.filter(|step| !self.is_verified(&step.id)).collect()
    }

    /// Returns the state as the command line names it.
    #[must_use]
    pub fn status(&self) -> RunStatus {
        match (&self.halt, self.undo.is_some()) {
            (Halt::Over, false) => RunStatus::Done,
            (Halt::Over, true) => RunStatus::RolledBack,
            (Halt::Failed, _) => RunStatus::Failed,
            (Halt::Paused(_), _) => RunStatus::Paused,
            (Halt::None, back) => {
                let now = |wanted: &[StepStatus]| {
                    let mut steps = self.current_steps().iter();
                    steps.any(|step| wanted.contains(&self.record(&step.id).status))
                };
                let asked = now(&[StepStatus::Waiting]);
                let busy = now(&[StepStatus::Intent, StepStatus::Accepted]);
                match (asked && !busy, back) {
                    (true, _) => RunStatus::Waiting,
                    (false, true) => RunStatus::RollingBack,
                    (false, false) => RunStatus::Running,
                }
            }
        }
    }

    /// Returns how long the service was down in all, up to `now` where it still is; `None` if it
    /// never was.
    #[must_use]
    pub fn outage(&self, now: Timestamp) -> Option<SignedDuration> {
        let length = |outage: &Outage| outage.ended.unwrap_or(now).duration_since(outage.began);
        self.outages
            .iter()
            .map(length)
            .reduce(SignedDuration::saturating_add)
    }

    /// Returns since when the service is down, if it is.
    #[must_use]
    pub fn down_since(&self) -> Option<Timestamp> {
        let last = self.outages.last()?;
        last.ended.is_none().then_some(last.began)
    }
}
