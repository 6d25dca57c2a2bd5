//! A run whose record was damaged and goes on from the part of it that was valid.
//!
//! What was lost may have changed anything, so nothing is sent before a person has said which run goes on.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RunState;
use super::event::{CreatedBy, EventBody, PauseReason, RunEvent};
use super::status::Halt;
use super::told::lost;
use crate::domain::ids::StepId;

/// What befell the record of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salvage {
    /// When it began to go on from its valid part: nothing that was lost was sent later.
    pub at: Timestamp,
    /// When the last valid event was: nothing that was lost was sent before.
    pub since: Timestamp,
    /// Position of the event that says so.
    pub seq: u64,
    /// How many events were valid.
    pub intact: u64,
    /// How many there were, where the storage still told.
    pub written: Option<u64>,
    /// Directory with the copy of the damaged files.
    pub copy: String,
    /// How many of the things that the run made were known then: those after them were found since.
    pub known: usize,
    /// Position at which things were last found; 0 before.
    pub found_seq: u64,
}

impl RunState {
    /// Applies [`EventBody::Salvaged`]. A run that was over stays so.
    pub(super) fn goes_on_from_a_part(&mut self, event: &RunEvent) {
        let EventBody::Salvaged {
            intact,
            written,
            copy,
            ..
        } = &event.body
        else {
            return;
        };
        self.salvaged = Some(Salvage {
            at: event.at,
            since: self.last_at,
            seq: event.seq,
            intact: *intact,
            written: *written,
            copy: copy.clone(),
            known: self.created.len(),
            found_seq: 0,
        });
        self.last_command = 0;
        let own = self.run.as_str();
        self.approval.confirm.retain(|typed| typed != own);
        if self.halt != Halt::Over {
            self.halt = Halt::Paused(PauseReason::Damage);
            let lost = lost(*intact, *written);
            self.reason = Some(format!(
                "the journal was damaged: {lost}; {intact} events are valid. Going on asks for the \
                 run's id; rolling back does not."
            ));
        }
    }

    /// Tells whether the run must not go forward before its id was typed: what was lost of its record may
    /// have changed anything. The way back is always open.
    #[must_use]
    pub fn asks_for_its_id(&self) -> bool {
        let own = self.run.as_str();
        let typed = self.approval.confirm.iter().any(|typed| typed == own);
        self.salvaged.is_some() && self.undo.is_none() && self.halt != Halt::Over && !typed
    }

    /// Returns what was found by its tags since the run was salvaged, was made for a step, and was not settled
    /// by a person who has let the run go on after that.
    #[must_use]
    pub fn found_since(&self, step: &StepId) -> Option<&CreatedBy> {
        let salvaged = self.salvaged.as_ref()?;
        if self.resumed_seq > salvaged.found_seq {
            return None;
        }
        let mut since = self.created.iter().skip(salvaged.known);
        since.find(|made| made.step == *step)
    }
}
