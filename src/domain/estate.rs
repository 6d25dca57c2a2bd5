//! What was known of a place when it was asked last: what a plan is made of while AWS cannot be asked.
//!
//! Nothing in here says that it is still so.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ec2::{Instance, Volume};
use super::place::Place;
use super::recovery_point::RecoveryPoint;

/// A place as it was known.
#[derive(Clone, Debug, PartialEq)]
pub struct Estate {
    /// The place. That the profile still leads to this account is not known either.
    pub place: Place,
    /// ARN of the caller without its session name.
    pub role: String,
    /// When it was listed.
    pub at: Timestamp,
    /// Its recovery points.
    pub points: Vec<RecoveryPoint>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
    /// Its instances.
    pub instances: Vec<Instance>,
    /// What flows have observed there, the youngest first.
    pub kept: Vec<Kept>,
}

/// What a flow has observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// Name of the flow.
    pub flow: String,
    /// Version of its facts.
    pub version: u32,
    /// What it was about: two of the same are one, and the younger counts.
    pub subject: String,
    /// When.
    pub at: Timestamp,
    /// The facts, in the flow's own shape.
    pub facts: Value,
}
