//! What is not looked at, with the commands that do, and whether all of this is allowed, which nobody can tell.
//! Nothing here asks anybody: what a person can find out is told with the words to do it.

use crate::domain::check::Check;
use crate::domain::plan::Step;
use crate::restore::flows::command;
use crate::restore::observations::ec2_dry_run::action;

use super::super::prepared::Prepared;
use super::super::steps::steps;
use super::{know, unanswered};

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    vec![not_read(prepared), permissions(&steps(prepared))]
}

fn not_read(prepared: &Prepared) -> Check {
    let options = command::options(&prepared.facts.place);
    let commands = [
        format!("aws dax describe-clusters {options}"),
        format!("aws backup list-backup-plans {options}"),
    ];
    know(
        "not-read",
        "DAX clusters, backup selections and exports are not looked at, and not carried over",
    )
    .advise(format!("look at them yourself: {}", commands.join("; ")))
}

/// None of the services can be asked in advance.
fn permissions(steps: &[Step]) -> Check {
    let calls = steps.iter().flat_map(|step| {
        let back = step.undo.iter().filter_map(|undo| undo.call.as_ref());
        step.call.iter().chain(back)
    });
    let mut actions: Vec<String> = calls.map(action).collect();
    actions.sort_unstable();
    actions.dedup();
    let why = format!(
        "whether you may call these cannot be asked in advance: {}",
        actions.join(", ")
    );
    unanswered("permissions", &why).advise(
        "a call that is denied fails its step, which changes nothing: have it allowed, and resume. The policy that \
         this takes is in the README, under Permissions",
    )
}
