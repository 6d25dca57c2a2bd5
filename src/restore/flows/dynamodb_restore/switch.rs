//! The switch-over: functions read the new table, the application is led to it, its alarms act from then on, a person
//! says that it is healthy, and the old one takes no more writes and is read no more. Each has its way back.

use crate::domain::plan::{Impact, Ref, Step, Undo};
use crate::domain::text::{Untrusted, listed, shown};
use crate::restore::flows::command;
use crate::restore::observations::alarms::MOST;
use crate::restore::operation::Operation;
use crate::restore::operations::cloudwatch_actions::{MuteAlarms, UnmuteAlarms};
use crate::restore::operations::dynamodb_policy::{NO_POLICY, RemovePolicy, SetPolicy};
use crate::restore::operations::ssm_parameter::SetParameter;

use super::alarms;
use super::person;
use super::policy_text::{is_frozen, says_more};
use super::prepared::{Freeze, Pointer, Prepared};
use super::steps::{Chain, FREEZE, HEALTHY, RESTORE, SWITCH, UNMUTE, step, undo, usual};
use super::triggers;

/// Adds the steps. Under its old name nothing has to be led to the table.
pub(super) fn steps(prepared: &Prepared, chain: &mut Chain) {
    triggers::enabled(prepared, chain);
    if !prepared.same_name() {
        chain.push(match &prepared.pointer {
            Some(pointer) => by_parameter(prepared, pointer),
            None => by_person(prepared),
        });
    }
    let acting = alarms::to_unmute(&prepared.settings);
    for (number, names) in (1_usize..).zip(acting.chunks(MOST)) {
        chain.push(unmuted(prepared, number, names));
    }
    chain.push(Step {
        gate: person::healthy(prepared),
        expected: usual::PERSON,
        ..step(
            HEALTHY,
            "you: is the application healthy?".to_owned(),
            "only you can tell whether it works with this data",
        )
    });
    if let Some(freeze) = &prepared.freeze {
        chain.push(frozen(prepared, freeze));
    }
    triggers::disabled(prepared, chain);
}

fn by_parameter(prepared: &Prepared, pointer: &Pointer) -> Step {
    let (old, field) = if pointer.by_arn {
        (&prepared.old.arn, "arn")
    } else {
        (&prepared.old.name, "table")
    };
    // By reference, so that a run can tell what it has put into service.
    let new = || Ref::output(RESTORE, field);
    let old = || Ref::Known(old.clone());
    let parameter = &pointer.parameter;
    let there = SetParameter {
        parameter: parameter.clone(),
        value: new(),
        instead_of: old(),
    };
    let back = SetParameter {
        parameter: parameter.clone(),
        value: old(),
        instead_of: new(),
    };
    let called = shown(parameter);
    Step {
        call: Some(there.call()),
        impact: Impact::Changes,
        expected: usual::CALL,
        keeps_found: true,
        undo: vec![Undo {
            call: Some(back.call()),
            expected: usual::CALL,
            ..undo(set_again(prepared, &called))
        }],
        ..step(
            SWITCH,
            format!(
                "set the parameter {called} to {}",
                shown(&prepared.new.name)
            ),
            "applications that read it find the new table; it is changed only from what it was",
        )
    }
}

fn set_again(prepared: &Prepared, parameter: &str) -> String {
    let again = format!("set {parameter} to {} again", shown(&prepared.old.name));
    match frozen_before(prepared) {
        None => again,
        Some(_) => format!("{again}, which has denied writes since before this run, and stays so"),
    }
}

/// Returns the policy of the old table where that denied writes when the plan was made, which no way back changes.
pub(super) fn frozen_before<'a>(prepared: &Prepared<'a>) -> Option<&'a Untrusted> {
    let facts = prepared.facts;
    if facts.source.is_none() && facts.stays_in().is_none() {
        return None;
    }
    let policy = facts.policy.value()?.as_ref()?;
    is_frozen(&policy.document).then_some(&policy.document)
}

/// Returns the commands that lift a freeze which is not this run's, where a policy says it.
pub(super) fn lifting(prepared: &Prepared, policy: &Untrusted) -> String {
    let mut place = prepared.facts.place.clone();
    if let Some(region) = prepared.facts.stays_in() {
        place.region = region.clone();
    }
    let options = command::options(&place);
    let arn = command::flag("--resource-arn", &prepared.old.arn, "ARN");
    let aws = |call: &str| format!("aws dynamodb {call}-resource-policy {options} {arn}");
    if says_more(policy) {
        let (read, put) = (aws("get"), aws("put"));
        format!("{read} tells the policy; put it again without its DefibFreeze: {put} --policy …")
    } else {
        aws("delete")
    }
}

/// What somebody else has frozen is not for a way back to lift; but an application that is led back there cannot write.
fn stays_frozen(prepared: &Prepared, freeze: &Freeze) -> String {
    let spared = &prepared.chosen.switch.break_glass;
    let nobody = match &spared[..] {
        [] => "nobody".to_owned(),
        some => format!("nobody but {}", listed(some)),
    };
    format!(
        "{} stays frozen: its resource policy denied writes before this run came to it, and {nobody} can write to it \
         until that is lifted: {}",
        shown(&prepared.old.name),
        lifting(prepared, &freeze.policy)
    )
}

fn by_person(prepared: &Prepared) -> Step {
    let (old, new) = person::called(prepared);
    Step {
        gate: person::switch(prepared),
        impact: Impact::Changes,
        expected: usual::PERSON,
        undo: vec![Undo {
            gate: person::switch_back(prepared),
            expected: usual::PERSON,
            ..undo(format!("you: lead the application back to {old}"))
        }],
        ..step(
            SWITCH,
            format!("you: lead the application to {new}"),
            "no parameter was named by which it finds its table",
        )
    }
}

/// The alarms of the old table go on as they are: what is still written there is watched.
fn unmuted(prepared: &Prepared, number: usize, names: &[String]) -> Step {
    let table = prepared.new.name.clone();
    let what = match names {
        [one] => format!("the alarm {}", shown(one)),
        many => format!("{} alarms", many.len()),
    };
    let call = UnmuteAlarms {
        table: table.clone(),
        alarms: names.to_vec(),
    };
    let back = MuteAlarms {
        table,
        alarms: names.to_vec(),
    };
    let new = shown(&prepared.new.name);
    Step {
        call: Some(call.call()),
        impact: Impact::Changes,
        expected: usual::CALL,
        keeps_found: true,
        undo: vec![Undo {
            call: Some(back.call()),
            expected: usual::CALL,
            ..undo(format!("mute {what} of {new} again"))
        }],
        ..step(
            &match number {
                1 => UNMUTE.to_owned(),
                more => format!("{UNMUTE}-{more}"),
            },
            format!("unmute {what} of {new}"),
            "those whose old ones act; the old ones are left as they are, and go on watching the old table",
        )
    }
}

fn frozen(prepared: &Prepared, freeze: &Freeze) -> Step {
    let (table, arn) = (prepared.old.name.clone(), prepared.old.arn.clone());
    let before = freeze.before.as_ref();
    let document = before.map(|(document, _)| document.clone());
    let revision = before.map_or(NO_POLICY, |(_, revision)| revision.as_str());
    let call = SetPolicy {
        table: table.clone(),
        arn: arn.clone(),
        policy: freeze.policy.clone(),
        instead_of: document.clone(),
        revision: Ref::Known(revision.to_owned()),
    };
    let called = shown(&table);
    Step {
        call: Some(call.call()),
        impact: Impact::Retires,
        expected: usual::CALL,
        keeps_found: true,
        if_kept: Some(stays_frozen(prepared, freeze)),
        undo: vec![thawed(prepared, freeze, document)],
        ..step(
            FREEZE,
            format!("deny writes to {called}"),
            "what still writes there fails loudly, and nothing is written that the new table does not have",
        )
    }
}

/// Back to the policy that was there, by the revision that was ours: nobody else's is overwritten.
fn thawed(prepared: &Prepared, freeze: &Freeze, before: Option<Untrusted>) -> Undo {
    let (table, arn) = (prepared.old.name.clone(), prepared.old.arn.clone());
    let revision = Ref::output(FREEZE, "revision");
    let call = match before {
        Some(policy) => SetPolicy {
            table,
            arn,
            policy,
            instead_of: Some(freeze.policy.clone()),
            revision,
        }
        .call(),
        None => RemovePolicy {
            table,
            arn,
            policy: freeze.policy.clone(),
            revision,
        }
        .call(),
    };
    let old = shown(&prepared.old.name);
    Undo {
        call: Some(call),
        expected: usual::CALL,
        ..undo(match frozen_before(prepared) {
            None => format!("allow writes to {old} again"),
            Some(_) => format!("give {old} its resource policy again, which denied writes as well"),
        })
    }
}
