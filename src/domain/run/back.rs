//! What taking a run back means for the service, told before anybody agrees to it: how long it is down, and what
//! was written meanwhile that the old one does not have.
//!
//! It only reads the run; the engine decides what is really undone.

use jiff::{SignedDuration, Timestamp};

use super::RunState;
use super::event::CreatedBy;
use super::left::refers;
use crate::domain::plan::{Impact, Step};
use crate::domain::resource::ResourceKind;
use crate::domain::words::instant;

impl RunState {
    /// Returns how long the service is down on the way back: from the first step that interrupts it, or that takes
    /// the traffic from an instance that the run launched, to the last that ends the outage. `None` where nothing
    /// is interrupted, as where the old one still serves or is started before.
    #[must_use]
    pub fn down_on_way_back(&self, way_back: &[Step]) -> Option<SignedDuration> {
        let interrupts = |step: &Step| step.impact == Impact::Interrupts;
        let ends = way_back.iter().rposition(|step| step.ends_outage);
        let loud = way_back.iter().position(interrupts);
        let taken = way_back.iter().position(|step| self.takes_traffic(step));
        let taken = taken.filter(|at| ends.is_some_and(|ends| ends >= *at));
        let from = loud.into_iter().chain(taken).min()?;
        let to = ends.filter(|to| *to >= from);
        let to = to.unwrap_or(way_back.len() - 1);
        let seconds: u64 = way_back[from..=to].iter().map(|step| step.expected).sum();
        Some(SignedDuration::from_secs(
            i64::try_from(seconds).unwrap_or(i64::MAX),
        ))
    }

    /// Tells whether an instance that the run launched serves.
    #[must_use]
    pub fn traffic_moved(&self) -> bool {
        let mut serving = self.serving();
        serving.any(|made| made.kind == ResourceKind::Instance)
    }

    /// Tells whether what the run is to replace serves beside what it made, until a later step retires it.
    #[must_use]
    pub fn old_still_serves(&self) -> bool {
        self.plan
            .steps
            .iter()
            .any(|step| step.impact == Impact::Retires && !self.order.contains(&step.id))
    }

    /// Says what the old one does not have once the run is taken back. `None` where nothing that the run made has
    /// been in service. Not made harmless.
    #[must_use]
    pub fn written_since(&self) -> Option<String> {
        let (made, since) = self.since()?;
        let (kind, id) = (made.kind.as_str(), &made.id);
        let at = instant(since);
        Some(format!(
            "What was written to the restored {kind} {id} since {at} is not on the old one: it stays where it is, out of service."
        ))
    }

    /// Returns what was put into service, an instance before what belongs to it, and when.
    fn since(&self) -> Option<(&CreatedBy, Timestamp)> {
        let mut made: Vec<&CreatedBy> = self.created.iter().collect();
        made.sort_by_key(|made| made.kind != ResourceKind::Instance);
        made.into_iter().find_map(|made| {
            let step = self.put_to_service(made)?;
            let record = self.record(&step.id);
            Some((made, record.intent_at.or(record.started_at)?))
        })
    }

    /// A way back of an instance that serves begins where its first thread is cut.
    fn takes_traffic(&self, step: &Step) -> bool {
        let made = self.created.iter();
        let mut launched = made.filter(|made| made.kind == ResourceKind::Instance);
        launched.any(|made| self.put_to_service(made).is_some() && refers(step, &made.step))
    }
}
