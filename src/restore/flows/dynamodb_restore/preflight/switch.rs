//! Whether the application can be led over: the parameter that names the table, and what is written to the old one
//! meanwhile.

use crate::domain::check::Check;
use crate::domain::dynamodb::{Holds, Parameter};
use crate::domain::text::{listed, shown};
use crate::domain::words;

use super::super::compared;
use super::super::prepared::{Pointer, Prepared};
use super::super::switch::{frozen_before, lifting};
use super::{asked, know, stop};

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let mut checks = Vec::new();
    if let Some(pointer) = &prepared.pointer
        && let Some(found) = &prepared.facts.parameter
    {
        checks.push(asked("parameter", found, |found| {
            of_parameter(prepared, pointer, found.as_ref())
        }));
    }
    if prepared.facts.source.is_some() {
        checks.push(reconcile(prepared));
    }
    if prepared.freeze.is_some() {
        checks.push(freeze(prepared));
    }
    checks.extend(frozen(prepared));
    checks
}

/// What was so before is not for a roll back to lift: an application that is led back there cannot write.
fn frozen(prepared: &Prepared) -> Option<Check> {
    if prepared.chosen.restore_only {
        return None;
    }
    let policy = frozen_before(prepared)?;
    let old = shown(&prepared.old.name);
    let found = format!("writes to {old} are denied already, and a roll back leaves that so");
    Some(know("frozen", found).advise(format!(
        "an application that is led back cannot write to it until that is lifted: {}",
        lifting(prepared, policy)
    )))
}

fn of_parameter(prepared: &Prepared, pointer: &Pointer, found: Option<&Parameter>) -> Check {
    let name = "parameter";
    let called = shown(&pointer.parameter);
    let Some(found) = found else {
        return stop(name, format!("there is no parameter {called}")).advise(
            "name the one by which applications find the table; without --parameter you are asked to lead them over",
        );
    };
    if found.kind != "String" {
        let found = format!(
            "{called} is a {}: only a String is switched, and no secret is read",
            shown(&found.kind)
        );
        return stop(name, found)
            .advise("leave --parameter out: you are asked to lead the application over");
    }
    match found.holds {
        Holds::Other => stop(
            name,
            format!(
                "{called} holds neither the name nor the ARN of {}",
                shown(&prepared.old.name)
            ),
        )
        .advise("name the one by which applications find the table"),
        Holds::Name | Holds::Arn => know(
            name,
            format!("{called} is switched at once; applications may have read it before, and keep what they read"),
        )
        .advise("restart what reads it only at its start"),
    }
}

fn reconcile(prepared: &Prepared) -> Check {
    let old = shown(&prepared.old.name);
    let until = if prepared.chosen.restore_only {
        "goes on being written there"
    } else {
        "until the application has moved"
    };
    know(
        "reconcile",
        format!(
            "what was and is written to {old} after {}, {until}, is not in the new table",
            words::instant(prepared.at)
        ),
    )
    .advise(format!(
        "it stays in {old}, which is kept; what differs is told by:\n{}",
        compared(prepared)
    ))
}

fn freeze(prepared: &Prepared) -> Check {
    let old = shown(&prepared.old.name);
    let spared = &prepared.chosen.switch.break_glass;
    let who = if spared.is_empty() {
        "everybody, you too".to_owned()
    } else {
        format!("everybody but {}", listed(spared))
    };
    know(
        "freeze",
        format!("writes to {old} are denied to {who}, once you have found the application healthy"),
    )
    .advise("a roll back allows them again, as does whoever may set its resource policy")
}
