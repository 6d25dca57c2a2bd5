//! The events of a run's journal: what became known, and when.
//!
//! They are stored as they stand here: a name or a field that changes makes the runs of earlier
//! versions unreadable.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::command::{Approval, Operator};
use crate::domain::failure::{Effect, Failure};
use crate::domain::ids::{RunId, StepId};
use crate::domain::plan::{Plan, Step};
use crate::domain::resource::ResourceKind;

/// A resource that the run made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ResourceKind,
}

/// A resource that the run made, with its step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedBy {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: ResourceKind,
    /// The step that made it.
    pub step: StepId,
}

/// Why a run is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PauseReason {
    /// An operator asked for it.
    Operator,
    /// An operator gave up on going forward.
    Abort,
    /// Credentials have expired.
    Credentials,
    /// The world is not as the plan recorded it.
    Conflict,
    /// The record was damaged, and what came after its valid part is lost.
    Damage,
}

/// What became known. Serialized with its name under `type`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum EventBody {
    /// The run exists: its plan was approved, and nothing was sent.
    Planned {
        /// The frozen plan.
        plan: Box<Plan>,
        /// Who approved it.
        by: Operator,
        /// What was agreed to ahead of time.
        approval: Approval,
        /// Version of defib.
        version: String,
        /// Endpoints other than AWS's own that its calls may go to, sorted.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        endpoints: Vec<String>,
    },
    /// A runner holds the run.
    RunnerStarted {
        /// Its process id.
        pid: u32,
        /// Its host.
        host: String,
    },
    /// The runner let go in an orderly way; the run goes on with the next one.
    RunnerStopped {
        /// Why.
        why: String,
    },
    /// A person is asked; again, where it was answered before and a look found that it is not so.
    GateOpened,
    /// A person, or an approval given ahead, has answered.
    GateAnswered {
        /// Who.
        by: Operator,
        /// Number of the command, if it was one.
        command: Option<u64>,
    },
    /// A person, or an approval given ahead, has answered with no: the step is left out for good.
    GateDeclined {
        /// Who.
        by: Operator,
        /// Number of the command, if it was one.
        command: Option<u64>,
    },
    /// A request is about to be sent; from here on it may have happened.
    Intent {
        /// Raised only after proof that the generation before had no effect.
        generation: u32,
        /// Token of the request.
        token: String,
        /// SHA-256 of the request.
        digest: String,
        /// The operation's input with every reference resolved.
        input: Value,
        /// The state found before.
        found: Value,
    },
    /// The request was sent and its outcome is not known.
    Ambiguous {
        /// What came instead of an answer.
        failure: Failure,
    },
    /// AWS refused the request without any effect, and it may be sent again as it is.
    Refused {
        /// What AWS said.
        failure: Failure,
    },
    /// AWS accepted the request.
    Accepted {
        /// Request id of AWS.
        request_id: Option<String>,
        /// What the request produced, so far as the answer tells.
        outputs: Value,
        /// What it made.
        created: Vec<Created>,
    },
    /// The state on the way to the wanted one has changed.
    Progress {
        /// In AWS's words: `stopping`.
        detail: String,
        /// Per cent, if AWS tells.
        percent: Option<u8>,
    },
    /// Read back: the wanted state holds.
    Verified {
        /// What the step produced.
        outputs: Value,
        /// The state in AWS's words.
        detail: String,
        /// What exists because of this step.
        created: Vec<Created>,
    },
    /// The step cannot go on by itself.
    StepFailed {
        /// What happened, one line.
        why: String,
        /// The call's failure, if it was one.
        failure: Option<Failure>,
        /// True once nothing can come of this generation any more.
        spent: bool,
    },
    /// The world is not as recorded; a person decides.
    Conflict {
        /// What was found, one line.
        why: String,
    },
    /// The run stops sending.
    Paused {
        /// Why.
        reason: PauseReason,
        /// What happened, what is safe and what to do, one line.
        line: String,
        /// Number of the command, if it was one.
        command: Option<u64>,
    },
    /// The run goes on.
    Resumed {
        /// Who asked; `None` when credentials were renewed.
        by: Option<Operator>,
        /// What was agreed to ahead of time.
        approval: Approval,
        /// Number of the command, if it was one.
        command: Option<u64>,
    },
    /// The run goes back. Its steps are frozen here.
    RollBackStarted {
        /// Who asked.
        by: Operator,
        /// What was agreed to ahead of time.
        approval: Approval,
        /// What takes the run back, in order.
        steps: Vec<Step>,
        /// Number of the command.
        command: Option<u64>,
    },
    /// The run cannot go on by itself.
    Failed {
        /// What happened, one line.
        why: String,
    },
    /// Every step is verified, or was declined.
    Done,
    /// Every undo is verified.
    RolledBack,
    /// The plan's place cannot be reached for now; the runner keeps trying.
    Unreachable {
        /// What happened, one line.
        why: String,
    },
    /// Resources with this run's tags that no event had told of.
    Adopted {
        /// What was found, with the step it is tagged with.
        found: Vec<CreatedBy>,
    },
    /// The record was damaged and goes on from here: the events before this one are its longest valid
    /// prefix. Stands in a journal of its own, whose commands count from 1 anew.
    Salvaged {
        /// Who had it go on.
        by: Operator,
        /// How many events were valid.
        intact: u64,
        /// How many there were, where the storage still told.
        written: Option<u64>,
        /// Directory with the copy of the damaged files.
        copy: String,
        /// SHA-256 of the copied database and its log, one after the other.
        sha256: String,
    },
    /// A command had nothing to do.
    CommandIgnored {
        /// Its number.
        command: u64,
        /// Why.
        why: String,
    },
}

/// One entry of a run's journal. `seq` counts from 1 without gaps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvent {
    /// The run.
    pub run: RunId,
    /// Position in the run.
    pub seq: u64,
    /// When it became known.
    pub at: Timestamp,
    /// The step it is about, if it is about one.
    pub step: Option<StepId>,
    /// What became known.
    #[serde(flatten)]
    pub body: EventBody,
}

impl EventBody {
    /// Tells whether the event says that the last request had no effect at all.
    #[must_use]
    pub fn refuses(&self) -> bool {
        if let Self::StepFailed {
            failure: Some(failure),
            spent: true,
            ..
        } = self
        {
            // Of a failure that leaves the request open, it may be a read that had no effect.
            return failure.effect == Effect::None;
        }
        matches!(self, Self::Refused { .. })
    }

    /// Returns the number of the command that this event dealt with, if any.
    #[must_use]
    pub fn command(&self) -> Option<u64> {
        match self {
            Self::GateAnswered { command, .. }
            | Self::GateDeclined { command, .. }
            | Self::Paused { command, .. }
            | Self::Resumed { command, .. }
            | Self::RollBackStarted { command, .. } => *command,
            Self::CommandIgnored { command, .. } => Some(*command),
            Self::Planned { .. }
            | Self::RunnerStarted { .. }
            | Self::RunnerStopped { .. }
            | Self::GateOpened
            | Self::Intent { .. }
            | Self::Ambiguous { .. }
            | Self::Refused { .. }
            | Self::Accepted { .. }
            | Self::Progress { .. }
            | Self::Verified { .. }
            | Self::StepFailed { .. }
            | Self::Conflict { .. }
            | Self::Failed { .. }
            | Self::Unreachable { .. }
            | Self::Adopted { .. }
            | Self::Salvaged { .. }
            | Self::Done
            | Self::RolledBack => None,
        }
    }
}
