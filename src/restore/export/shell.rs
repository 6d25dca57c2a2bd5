//! The plan as a bash script of `aws` commands that looks for itself, stops on fatal states and asks
//! at gates. It needs nothing but bash, the AWS CLI and the usual tools.
//!
//! Text from outside stands only between single quotes, parameters as ASCII JSON; variables hold
//! checked ids alone. The steps run one after the other.

use std::fmt::Write as _;

use super::command::{Layout, quoted};
use super::reading::{Looked, Reading, Written};
use super::{Decode, ExportError, clock, lost, outage, place, visible};
use crate::domain::check::Verdict;
use crate::domain::plan::{Gate, Impact, Plan, Step};
use crate::restore::operation::{AnyOperation, Resend, decode};

const PRELUDE: &str = include_str!("prelude.sh");

/// A wait is given up after this many times the usual length, but never before [`PATIENCE`].
const PATIENCE_FACTOR: u64 = 5;

/// Seconds that every wait is given.
const PATIENCE: u64 = 900;

/// Renders a plan with the operations of this defib.
///
/// # Errors
/// [`ExportError`] if a call cannot be written as a command.
pub fn script(plan: &Plan) -> Result<String, ExportError> {
    render(plan, &decode)
}

/// Renders a plan with the operations that `decode` knows.
///
/// # Errors
/// [`ExportError`] if a call cannot be written as a command.
pub fn render(plan: &Plan, decode: Decode<'_>) -> Result<String, ExportError> {
    let reading = Reading::new(plan, decode)?;
    let mut out = head(plan);
    for variable in reading.variables() {
        let _ = writeln!(out, "{variable}=''");
    }
    out.push('\n');
    out.push_str(PRELUDE);
    out.push('\n');
    undo_help(&reading, &mut out)?;
    opening(plan, &mut out);
    for position in &reading.order {
        step(&reading, *position, &mut out)?;
    }
    closing(plan, &mut out);
    Ok(out)
}

fn head(plan: &Plan) -> String {
    let mut out = String::from("#!/usr/bin/env bash\n");
    let _ = writeln!(out, "# {}", visible(&plan.title));
    let _ = writeln!(out, "# {}", place(&plan.place));
    let _ = writeln!(out, "# plan {}", visible(&plan.hash));
    out.push_str(
        "#\n# DEFIB_RUN=…     goes on with a run that stopped, from its record in this directory\n\
         # DEFIB_RECORD=…  keeps the record elsewhere\n\
         # DEFIB_POLL=…    seconds between two looks, 5 unless said\n\
         set -euo pipefail\nexport AWS_PAGER='' AWS_CLI_AUTO_PROMPT=off\n\n",
    );
    let region = visible(plan.place.region.as_str());
    let _ = writeln!(out, "ACCOUNT={}", quoted(&plan.place.account.to_string()));
    let _ = writeln!(out, "PLAN_HASH={}", quoted(&visible(&plan.hash)));
    let _ = writeln!(
        out,
        "options=(--region {} --output text --cli-connect-timeout 10 --cli-read-timeout 30)",
        quoted(&region)
    );
    if let Some(profile) = &plan.place.profile {
        let profile = quoted(&visible(profile));
        let _ = writeln!(
            out,
            "if [ -z \"${{AWS_PROFILE:-}}\" ]; then options+=(--profile {profile}); fi"
        );
    }
    out
}

fn opening(plan: &Plan, out: &mut String) {
    out.push_str("start\n");
    let mut say = |text: &str| {
        let _ = writeln!(out, "say {}", quoted(&visible(text)));
    };
    say("");
    say(&plan.title);
    say(&format!("  where     {}", place(&plan.place)));
    say(&format!("  lost      {}", lost(plan)));
    say(&format!("  outage    {}", outage(plan)));
    for leftover in &plan.leftovers {
        let until = leftover.keep_until.as_deref();
        let until = until.map_or(String::new(), |until| format!(", until {until}"));
        say(&format!(
            "  left over {}: {}{until}",
            leftover.id, leftover.why
        ));
    }
    for check in plan
        .checks
        .iter()
        .filter(|check| check.verdict != Verdict::Fine)
    {
        say(&format!("  {} {}", check.verdict.sign(), check.found));
    }
    for check in plan
        .checks
        .iter()
        .filter(|check| check.verdict == Verdict::Stop)
    {
        let sentence = format!(
            "a check of the plan stops it ({}); nothing was sent. Mend that and make the plan again",
            check.found
        );
        let _ = writeln!(out, "stop {}", quoted(&visible(&sentence)));
    }
    out.push_str("confirm 'Start with the first step?'\n\n");
}

fn step(reading: &Reading<'_>, position: usize, out: &mut String) -> Result<(), ExportError> {
    let (number, step) = reading.step(position);
    let _ = writeln!(out, "# ---- step {number}: {}", visible(&step.title));
    let _ = writeln!(
        out,
        "# {} ({}, usually {})",
        visible(&step.why),
        step.impact.as_str(),
        clock(step.expected)
    );
    let _ = writeln!(
        out,
        "if begin {number} {}; then",
        quoted(&visible(&step.title))
    );
    if let Some(told) = &step.if_declined {
        let told = format!("it may be left out: then {told}");
        let _ = writeln!(out, "  if wanted {}; then", quoted(&visible(&told)));
    }
    if step.call.is_none() && step.impact == Impact::Interrupts {
        out.push_str("  note down\n");
    }
    gate(reading, position, out)?;
    if let Some(written) = reading.written(position, Layout::Compact)? {
        call(reading, position, &written, out);
    }
    if step.ends_outage {
        out.push_str("  note up\n");
    }
    out.push_str("  finish\n");
    if step.if_declined.is_some() {
        out.push_str("  fi\n");
    }
    out.push_str("fi\n\n");
    Ok(())
}

fn gate(reading: &Reading<'_>, position: usize, out: &mut String) -> Result<(), ExportError> {
    let (_, step) = reading.step(position);
    match &reading.plan.gate_of(step) {
        Gate::None => {}
        Gate::Confirm(question) => {
            let _ = writeln!(out, "  confirm {}", quoted(&visible(question)));
        }
        Gate::TypeName { name, why } => {
            let name = quoted(&visible(name.raw()));
            let digits = quoted(&visible(reading.plan.place.account.last_four()));
            let why = quoted(&visible(why));
            let _ = writeln!(out, "  type_name {name} {digits} {why}");
        }
        Gate::Person {
            instructions,
            check,
        } => {
            let lines: Vec<String> = instructions
                .iter()
                .map(|line| quoted(&visible(line)))
                .collect();
            let _ = writeln!(out, "  instruct {}", lines.join(" "));
            let look = check.as_ref();
            let look = look.map(|call| reading.check(position, call, Layout::Compact));
            if let Some(look) = look.transpose()?.flatten() {
                poll(step, &look, out);
            }
        }
    }
    Ok(())
}

fn call(reading: &Reading<'_>, position: usize, written: &Written, out: &mut String) {
    let (_, step) = reading.step(position);
    let look = written.wait.as_ref();
    let beforehand = look.filter(|look| look.beforehand && written.outputs.is_empty());
    if let Some(look) = beforehand {
        let wanted = quoted(&look.wait.wanted.join("|"));
        let _ = writeln!(out, "  if ! holds {wanted} {}; then", looking(look));
    }
    let indent = if beforehand.is_some() { "    " } else { "  " };
    for line in sending(reading, position, written) {
        let _ = writeln!(out, "{indent}{line}");
    }
    if beforehand.is_some() {
        out.push_str("  fi\n");
    }
    if let Some(look) = look {
        poll(step, look, out);
    }
    if let Some(told) = &written.told {
        let query = quoted(&visible(&told.query));
        let _ = writeln!(
            out,
            "  told {} {} {query} {}",
            told.call.name(),
            told.call.word(),
            told.names.join(" ")
        );
    }
}

fn sending(reading: &Reading<'_>, position: usize, written: &Written) -> Vec<String> {
    let (_, step) = reading.step(position);
    if written.call.carries_items() {
        let sentence = "the items of this step are in no plan: defib run reads and puts them; nothing was sent";
        return vec![format!("stop {}", quoted(sentence))];
    }
    let mut lines = Vec::new();
    let resend = reading.operation(position).map(AnyOperation::resend);
    if resend == Some(Resend::AfterMisses) {
        let id = quoted(&visible(step.id.as_str()));
        let first = written
            .outputs
            .first()
            .map_or("", |(name, _)| name.as_str());
        lines.push(format!("never_twice {id} '{first}=…'"));
    }
    let mut send = format!("send {} {}", written.call.name(), written.call.word());
    if let Some(instance) = written.call.user_data() {
        lines.push(format!("read_user_data {}", quoted(&visible(instance))));
        send.push_str(" --user-data fileb://<(base64 -d <<<\"$user_data\")");
    }
    lines.push("sending".to_owned());
    if step.impact == Impact::Interrupts {
        lines.push("note down".to_owned());
    }
    if written.outputs.is_empty() {
        let refused = if written.wait.is_some() {
            "refused_again"
        } else {
            "refused"
        };
        lines.push(format!("{send} >/dev/null || {refused}"));
        return lines;
    }
    let paths: Vec<&str> = written.outputs.iter().map(|(_, path)| *path).collect();
    let names: Vec<&str> = written
        .outputs
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let query = quoted(&format!("[{}]", paths.join(",")));
    lines.push(format!("made=$({send} --query {query}) || refused"));
    lines.push(format!(
        "IFS=$'\\t' read -r {} <<<\"$made\"",
        names.join(" ")
    ));
    lines.extend(names.iter().map(|name| format!("keep {name}")));
    lines
}

fn poll(step: &Step, look: &Looked, out: &mut String) {
    let patience = step.expected.saturating_mul(PATIENCE_FACTOR).max(PATIENCE);
    let _ = writeln!(
        out,
        "  poll {patience} {} {} {}",
        quoted(&look.wait.wanted.join("|")),
        quoted(&look.wait.fatal.join("|")),
        looking(look)
    );
}

fn looking(look: &Looked) -> String {
    let query = quoted(&visible(&look.wait.query));
    format!("{} {} {query}", look.call.name(), look.call.word())
}

fn undo_help(reading: &Reading<'_>, out: &mut String) -> Result<(), ExportError> {
    out.push_str("# Prints how to take back what was sent, last first; it runs nothing.\n");
    out.push_str("undo_help() {\n  announced=''\n");
    for (position, n, undo) in reading.undos() {
        let (number, step) = reading.step(position);
        // A state that held before was not ours to take back.
        let mark = if step.call.is_some() { "sent" } else { "done" };
        let _ = writeln!(out, "  if noted '{mark} {number}'; then");
        let _ = writeln!(out, "    back {number} {}", quoted(&visible(&undo.title)));
        for line in gate_lines(&undo.gate) {
            let line = quoted(&visible(&format!("#   first: {line}")));
            let _ = writeln!(out, "    say {line}");
        }
        if let Some(written) = reading.undo(position, n, Layout::Compact)? {
            undo_commands(&written, &options(reading.plan), out);
        }
        out.push_str("  fi\n");
    }
    out.push_str("  say 'What was created is kept; nothing has to be deleted.'\n}\n\n");
    Ok(())
}

fn undo_commands(written: &Written, options: &str, out: &mut String) {
    let _ = writeln!(out, "    say {}", written.call.printed(options));
    if let Some(look) = &written.wait {
        let wanted = look.wait.wanted.join(" or ");
        let note = quoted(&format!("#   go on when this says {wanted}:"));
        let _ = writeln!(out, "    say {note}");
        let query = quoted(&visible(&look.wait.query));
        let query = quoted(&format!(" --query {query} --output text"));
        let _ = writeln!(out, "    say {}{query}", look.call.printed(options));
    }
}

/// Returns the options that a command typed by hand needs.
pub(super) fn options(plan: &Plan) -> String {
    let region = quoted(&visible(plan.place.region.as_str()));
    let profile = plan.place.profile.as_deref();
    let profile = profile.map_or(String::new(), |profile| {
        format!(" --profile {}", quoted(&visible(profile)))
    });
    format!("--region {region}{profile}")
}

/// Returns what a gate asks, line by line.
pub(super) fn gate_lines(gate: &Gate) -> Vec<String> {
    match gate {
        Gate::None => Vec::new(),
        Gate::Confirm(question) => vec![question.clone()],
        Gate::TypeName { name, why } => vec![format!("{why} (the name {})", name.shown())],
        Gate::Person { instructions, .. } => instructions.clone(),
    }
}

fn closing(plan: &Plan, out: &mut String) {
    out.push_str("say ''\nsay \"done: run $DEFIB_RUN\"\n");
    for leftover in &plan.leftovers {
        let until = leftover.keep_until.as_deref().unwrap_or("somebody decides");
        let line = format!(
            "left over: {} until {until} ({})",
            leftover.id, leftover.why
        );
        let _ = writeln!(out, "say {}", quoted(&visible(&line)));
    }
    out.push_str("undo_help\n");
}

#[cfg(test)]
mod tests;
