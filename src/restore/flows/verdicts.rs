//! Checks and their verdicts, as all flows make them. A read that failed is never taken for fine, and what is known from
//! before says of when it is.

use jiff::Timestamp;

use crate::aws::failure::class_of;
use crate::domain::check::{Check, Verdict};
use crate::domain::facts::Fact;
use crate::domain::failure::FailureClass;
use crate::domain::words;
use crate::restore::flow::FlowError;

/// Says of a check when it was so.
pub(super) fn dated(check: Check, at: Timestamp) -> Check {
    if check.found.starts_with(AS_OF) {
        return check;
    }
    let found = format!("{AS_OF}{}: {}", words::instant(at), check.found);
    Check { found, ..check }
}

/// How a finding begins that is from before.
const AS_OF: &str = "as of ";

/// Makes the check of what makes no plan.
pub(super) fn not_a_plan(error: &FlowError) -> Check {
    let found = match error {
        FlowError::Choice { field, why } => format!("{field}: {why}"),
        FlowError::Missing { .. } | FlowError::Read(_) | FlowError::Facts(_) => error.to_string(),
    };
    Check::new("choices", Verdict::Stop, found)
}

/// Makes the check for what could not be read, with the IAM action that was missing, if that is why.
pub(super) fn unanswered(name: &str, why: &str) -> Check {
    let mut check = Check::new(name, Verdict::Unanswered, format!("not answered: {why}"));
    let mut words = why.split(' ');
    if let (Some(call), Some(code)) = (words.next(), words.next())
        && class_of(code.trim_end_matches(':')) == FailureClass::Denied
    {
        check.missing_actions.push(call.to_owned());
    }
    check
}

/// Makes the check from a fact's value, or says why there is none.
pub(super) fn asked<T>(name: &str, fact: &Fact<T>, check: impl FnOnce(&T) -> Check) -> Check {
    if let Fact::Cached { value, at } = fact {
        return dated(check(value), *at);
    }
    match (fact.value(), fact.why_unknown()) {
        (Some(value), _) => check(value),
        (None, why) => unanswered(name, why.unwrap_or("no reason given")),
    }
}

pub(super) fn fine(name: &str, found: impl Into<String>) -> Check {
    Check::new(name, Verdict::Fine, found)
}

pub(super) fn know(name: &str, found: impl Into<String>) -> Check {
    Check::new(name, Verdict::Know, found)
}

pub(super) fn stop(name: &str, found: impl Into<String>) -> Check {
    Check::new(name, Verdict::Stop, found)
}
