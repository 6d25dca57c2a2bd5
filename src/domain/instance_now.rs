//! How an instance is at this moment: its state with its status checks, and how far its volumes are initialized.
//!
//! Read while somebody looks, and forgotten afterwards: nothing of it is journaled or decides anything.

use jiff::SignedDuration;

use super::ids::InstanceId;
use super::place::Place;

/// Which instance is looked at, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where it is.
    pub place: Place,
    /// The instance.
    pub instance: InstanceId,
    /// Whether the run whose instance it is launched it.
    pub launched: bool,
}

/// State and status checks of an instance, each in AWS's own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    /// `pending`, `running`, `stopped` …
    pub state: String,
    /// Of the host under it: `ok`, `impaired`, `initializing`, `insufficient-data`, `not-applicable`.
    pub system: String,
    /// Of the instance itself, in the same words.
    pub instance: String,
}

/// How far the blocks of its snapshot have come to a volume. EC2 tells it up to five minutes late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initialization {
    /// `default`, `provisioned-rate` or `volume-copy`.
    pub kind: String,
    /// How far, in percent.
    pub progress: Option<i64>,
    /// How long it still takes; EC2 tells it at a provisioned rate alone.
    pub left: Option<SignedDuration>,
}
