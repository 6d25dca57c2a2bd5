//! Lambda's mappings of a table's stream: made switched off, enabled and disabled.
//!
//! Creating one takes no token, but a function has at most one mapping of a stream: AWS refuses another one
//! (`ResourceConflictException`, API reference). So it is known by stream and function.

mod create;
mod switch;
#[cfg(test)]
mod tests;

use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};

use crate::domain::trigger::Trigger;
use crate::restore::operation::{Issued, Probe};

pub use create::CreateMapping;
pub use switch::{DisableMapping, EnableMapping};

/// The states of a mapping that stay.
const ENABLED: &str = "Enabled";
const DISABLED: &str = "Disabled";

/// A mapping that an operation was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandledMapping {
    /// Its UUID.
    pub mapping: String,
}

/// The wanted state of a mapping holds.
fn present(found: &Trigger, detail: impl Into<String>) -> Probe<HandledMapping> {
    Probe::Present {
        output: HandledMapping {
            mapping: found.mapping.clone(),
        },
        detail: detail.into(),
    }
}

/// AWS took a request about a mapping.
fn accepted(mapping: Option<&str>, answer: &impl RequestId) -> Issued<HandledMapping> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: mapping.map(|mapping| HandledMapping {
            mapping: mapping.to_owned(),
        }),
    }
}
