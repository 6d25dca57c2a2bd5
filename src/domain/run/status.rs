//! How far a run is, in the few words that people and exit codes know.
//!
//! None of it is stored: it follows from the events.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::ids::StepId;
use super::event::PauseReason;

/// State of a run as the command line names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// Going forward.
    Running,
    /// A person is asked.
    Waiting,
    /// Sends nothing, with a reason.
    Paused,
    /// Needs a person.
    Failed,
    /// Every step is verified, or was declined.
    Done,
    /// Going back.
    RollingBack,
    /// Taken back.
    RolledBack,
}

impl RunStatus {
    /// Returns the word used in JSON and in sentences.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::RollingBack => "rolling-back",
            Self::RolledBack => "rolled-back",
        }
    }

    /// Tells whether nothing can follow, other than a roll back of a run that is done.
    #[must_use]
    pub fn is_over(self) -> bool {
        match self {
            Self::Done | Self::RolledBack => true,
            Self::Running | Self::Waiting | Self::Paused | Self::Failed | Self::RollingBack => {
                false
            }
        }
    }
}

/// Whether the run sends, and if not, why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Halt {
    /// It sends.
    None,
    /// Paused for a reason.
    Paused(PauseReason),
    /// Failed.
    Failed,
    /// Over.
    Over,
}

/// A stretch of time in which the service was down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    /// First durable intent that interrupts.
    pub began: Timestamp,
    /// Verified end, if it has ended.
    pub ended: Option<Timestamp>,
    /// The step that began it.
    pub step: StepId,
}
