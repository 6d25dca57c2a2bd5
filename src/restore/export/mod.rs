//! Renderings of one plan: for the eye, for paper, as a shell script, as a file; and the report of a run.
//!
//! Nothing is decided here that the plan does not say. Text from outside is made harmless for the
//! place where it lands: terminal, Markdown, shell word, JSON.

mod command;
pub mod json;
pub mod markdown;
mod markup;
mod page;
mod reading;
pub mod report;
pub mod shell;
#[cfg(test)]
pub mod specimen;
pub mod text;
mod timeline;

use jiff::Timestamp;

use super::operation::{AnyOperation, DecodeError};
use crate::domain::form::{Field, ValueFrom};
use crate::domain::place::Place;
use crate::domain::plan::{Call, Plan};
use crate::domain::text::visible;
use crate::domain::words::lasting;

/// What turns a call of a plan into an operation.
pub type Decode<'a> = &'a dyn Fn(&Call) -> Result<Box<dyn AnyOperation>, DecodeError>;

/// Why a plan could not be rendered as commands.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A call is of no operation that is known here.
    #[error("step {step} cannot be written as a command")]
    Decode {
        /// The step.
        step: String,
        /// What is wrong with its call.
        #[source]
        source: DecodeError,
    },
    /// The steps cannot be put in an order.
    #[error("step {step} needs a step that is not in the plan or that itself waits for {step}")]
    Order {
        /// The step.
        step: String,
    },
    /// A call uses something that no earlier step gives.
    #[error("step {step} uses {reference}, which no earlier step gives to a script")]
    Reference {
        /// The step.
        step: String,
        /// `step.field`
        reference: String,
    },
}

/// Returns the place as people name it.
fn place(place: &Place) -> String {
    let profile = place.profile.as_deref().map_or_else(
        || "environment credentials".to_owned(),
        |profile| format!("profile {}", visible(profile)),
    );
    format!("account {} · {} · {profile}", place.account, place.region)
}

/// Returns what a restore from the plan's point loses.
fn lost(plan: &Plan) -> String {
    if plan.replaces_nothing() {
        return "nothing: nothing is replaced, and what is there goes on".to_owned();
    }
    let age = plan.made_at.duration_since(plan.point.at);
    format!(
        "everything written to {} after {} ({} before this plan was made)",
        visible(&plan.subject.shown()),
        instant(plan.point.at),
        lasting(age)
    )
}

/// Returns the expected outage in words.
fn outage(plan: &Plan) -> String {
    plan.expected_outage().map_or_else(
        || "none".to_owned(),
        |outage| format!("about {}", clock(outage.as_secs())),
    )
}

/// Returns an instant in UTC, to the second.
fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Returns seconds as `mm:ss`, or `h:mm:ss` from an hour on.
fn clock(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        format!("{minutes:02}:{rest:02}")
    } else {
        format!("{hours}:{minutes:02}:{rest:02}")
    }
}

/// Returns a field's value and what AWS would do, both fit to be shown.
fn field_texts(field: &Field) -> (String, String) {
    let text = |value: &Option<String>| value.as_deref().map_or("–".to_owned(), visible);
    (text(&field.value), text(&field.aws_default))
}

/// Returns where a value comes from, in words.
fn from_words(from: ValueFrom) -> &'static str {
    match from {
        ValueFrom::AsBefore => "as before",
        ValueFrom::AwsDefault => "AWS default",
        ValueFrom::Proposed => "proposed",
        ValueFrom::Yours => "yours",
        ValueFrom::Missing => "not said yet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_as_people_say_them() {
        assert_eq!(clock(130), "02:10");
        assert_eq!(clock(3700), "1:01:40");
    }
}
