//! The checks before a restore of a table: what was asked, what was found, and what to do about it.
//!
//! A read that failed is never taken for fine. What moves by itself is told only where it stops the plan, so that a
//! plan stays the same while people read it.

mod alarms;
mod carried;
mod identity;
mod last_seen;
mod outlets;
mod region;
mod replicas;
mod rest;
mod source;
mod switch;
mod triggers;
mod window;

pub(super) use window::remains;

use crate::domain::check::Check;
use crate::domain::form::Choices;
use crate::restore::flows::verdicts::{asked, fine, know, not_a_plan, stop, unanswered};

use super::facts::TableFacts;
use super::prepared::Prepared;

/// Makes the checks.
pub(super) fn checks(facts: &TableFacts, choices: &Choices) -> Vec<Check> {
    let prepared = match Prepared::of(facts, choices) {
        Ok(prepared) => prepared,
        Err(error) => return vec![not_a_plan(&error)],
    };
    let mut checks = window::checks(&prepared);
    checks.extend(source::checks(&prepared));
    checks.extend(region::checks(&prepared));
    checks.extend(last_seen::check(&prepared));
    checks.extend(carried::checks(&prepared));
    checks.extend(triggers::checks(&prepared));
    checks.extend(alarms::checks(&prepared));
    checks.extend(switch::checks(&prepared));
    checks.extend(identity::check(&prepared));
    checks.extend(rest::checks(&prepared));
    checks
}
