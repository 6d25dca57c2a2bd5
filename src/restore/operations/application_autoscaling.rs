//! Operations by which Application Auto Scaling takes care of a table: what it scales, by which rules, at which times.
//!
//! Each ends in one state however often it is sent. AWS makes the alarms that a rule needs by itself.

mod policy;
mod scheduled;
mod target;
#[cfg(test)]
mod tests;

use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};

use crate::domain::text::shown;
use crate::restore::operation::Issued;

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

fn accepted(resource: &str, dimension: &str, answer: &impl RequestId) -> Issued<Scaled> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(scaled(resource, dimension)),
    }
}

/// What is scaled, as people read it.
fn named(resource: &str, dimension: &str) -> String {
    format!("{} of {}", shown(dimension), shown(resource))
}
