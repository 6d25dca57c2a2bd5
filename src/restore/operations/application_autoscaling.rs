//! Operations by which Application Auto Scaling takes care of a table: what it scales, by which rules, at which times.
//!
//! Each ends in one state however often it is sent. AWS makes the alarms that a rule needs by itself.

mod policy;
mod scheduled;
mod target;

use serde::{Deserialize, Serialize};

pub use policy::PutPolicy;
pub use scheduled::PutScheduledAction;
pub use target::RegisterTarget;

/// What an operation has seen to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaled {
    /// `table/T` or `table/T/index/I`.
    pub resource: String,
    /// `dynamodb:table:ReadCapacityUnits` …
    pub dimension: String,
}

fn scaled(resource: &str, dimension: &str) -> Scaled {
    Scaled {
        resource: resource.to_owned(),
        dimension: dimension.to_owned(),
    }
}
