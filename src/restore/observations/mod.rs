//! Reads of the world, by service: what flows ask for before a plan, and what a run left behind.
//!
//! Nothing in here changes anything or decides anything: an answer becomes plain data, and a read
//! that failed becomes a reason. SDK types end at this border.

pub mod alarms;
pub mod autoscaling;
pub mod dynamodb_backup;
pub mod dynamodb_items;
pub mod dynamodb_table;
pub mod ec2_account;
pub mod ec2_configuration;
pub mod ec2_dry_run;
pub mod ec2_image;
pub mod ec2_instance;
pub mod ec2_network;
pub mod ec2_now;
pub mod ec2_root;
pub mod ec2_snapshot;
pub mod ec2_volume;
pub mod elb;
pub mod identities;
pub mod kms;
pub mod parameter;
pub mod route53;
pub mod sweep;
pub mod table_scaling;
pub mod table_triggers;

use aws_sdk_ec2::types::Filter;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::domain::facts::Fact;
use crate::domain::failure::{Effect, Failure, FailureClass};

/// Turns the outcome of a read into a fact: a failure becomes its reason.
pub fn observed<T>(outcome: Result<T, Failure>, clock: &Clock) -> Fact<T> {
    match outcome {
        Ok(value) => Fact::Observed {
            value,
            at: clock.now(),
        },
        Err(failure) => Fact::Unknown(failure.line()),
    }
}

fn filter(name: &str, values: impl IntoIterator<Item = String>) -> Filter {
    Filter::builder()
        .name(name)
        .set_values(Some(values.into_iter().collect()))
        .build()
}

fn instant(at: Option<&aws_smithy_types::DateTime>) -> Option<Timestamp> {
    Timestamp::from_nanosecond(at?.as_nanos()).ok()
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// A missing thing is an answer, not a failure.
fn none_if_missing<T>(outcome: Result<Option<T>, Failure>) -> Result<Option<T>, Failure> {
    match outcome {
        Err(failure) if failure.class == FailureClass::NotFound => Ok(None),
        other => other,
    }
}

/// An answer that lacks what it must have.
fn incomplete(call: &str, what: &str) -> Failure {
    Failure {
        class: FailureClass::Other,
        effect: Effect::None,
        call: call.to_owned(),
        code: None,
        message: format!("the answer has no {what}").into(),
        request_id: None,
    }
}
