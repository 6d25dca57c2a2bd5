//! The checks before a swap: what was asked, what was found, and what to do about it.
//!
//! A read that failed is never taken for fine, and a check that does not apply to the chosen mode says
//! so or is left out.

mod instance;
mod permissions;
mod point;
mod volume;

pub(super) use permissions::calls;

use jiff::Timestamp;

use crate::domain::check::{Check, Verdict};
use crate::domain::form::Choices;
use crate::domain::plan::Step;
use crate::domain::text::shown;
use crate::domain::words;
use crate::restore::flows::verdicts::{asked, dated, fine, know, not_a_plan, stop, unanswered};

use super::facts::SwapFacts;
use super::settings::Settings;
use super::steps::steps;
use super::target::Target;

/// Makes the checks.
pub(super) fn checks(facts: &SwapFacts, choices: &Choices) -> Vec<Check> {
    let found = Target::of(facts, choices)
        .and_then(|target| Settings::of(&target, choices).map(|settings| (target, settings)));
    match found {
        Ok((target, settings)) => {
            let checks = of_swap(&target, &settings, choices);
            match facts.recalled {
                Some(at) => as_known(checks, at, facts),
                None => checks,
            }
        }
        Err(error) => vec![not_a_plan(&error)],
    }
}

fn of_swap(target: &Target, settings: &Settings, choices: &Choices) -> Vec<Check> {
    let delete = settings.delete_on_termination.value;
    let steps: Vec<Step> = steps(target, settings, delete.unwrap_or(false), choices);
    let mut checks = point::checks(target, settings);
    checks.extend(instance::checks(target));
    checks.extend(volume::checks(target, settings, choices));
    checks.extend(permissions::checks(target.facts, &steps));
    checks
}

/// Nothing counts as fine that AWS was not asked about: what was found says when.
fn as_known(checks: Vec<Check>, at: Timestamp, facts: &SwapFacts) -> Vec<Check> {
    let role = shown(&facts.role);
    let found = format!(
        "AWS was not asked: this was so at {}, when account {} was last listed as {role}",
        words::instant(at),
        facts.place.account
    );
    let first = Check::new("known-from-before", Verdict::Unanswered, found).advise(
        "running the plan reads everything again first, and stops where a step would be another",
    );
    let dated = checks.into_iter().map(|check| match check.verdict {
        Verdict::Unanswered => check,
        Verdict::Fine => Check {
            verdict: Verdict::Unanswered,
            ..dated(check, at)
        },
        Verdict::Know | Verdict::Stop => dated(check, at),
    });
    [first].into_iter().chain(dated).collect()
}
