//! Runs that are in the way of what a command wants, as its refusals.
//! Where they are found, and what stands in whose way, is the runner's to say.

use crate::domain::form::Choices;
use crate::domain::plan::Plan;
use crate::journal::Journal;
use crate::report::Report;
use crate::restore::flow::AnyFlow;
use crate::runner::RunnerError;
use crate::runner::unfinished::{InTheWay, by_choices, by_plan};

/// Refuses choices that name what a run that is not over works on.
///
/// # Errors
/// A report that names the run and what to do with it, and those of the journal.
pub async fn refuse_choices(
    journal: &dyn Journal,
    flow: &dyn AnyFlow,
    choices: &Choices,
) -> Result<(), Report> {
    refused(by_choices(journal, flow, choices).await)
}

/// Refuses a plan that touches what a run that is not over works on.
///
/// # Errors
/// As [`refuse_choices`].
pub async fn refuse_plan(journal: &dyn Journal, plan: &Plan) -> Result<(), Report> {
    refused(by_plan(journal, plan).await)
}

fn refused(found: Result<Option<InTheWay>, RunnerError>) -> Result<(), Report> {
    match found? {
        Some(found) => Err(found.into()),
        None => Ok(()),
    }
}
