//! The plan as a runbook that makes sense on paper, when no console of AWS can be reached.
//!
//! Every command is exact. Text from outside can break out of neither fence nor table.

use std::fmt::Write as _;

use super::command::{Command, Layout};
use super::markup::{escaped, fenced, head, policies, row};
use super::reading::{Looked, LookedUp, Reading, Written};
use super::shell::options;
use super::{
    Decode, ExportError, clock, field_texts, from_words, instant, lost, outage, place, visible,
};
use crate::domain::check::{Verdict, policy};
use crate::domain::plan::{Gate, Impact, Plan, Step};
use crate::restore::operation::decode;

/// Renders a plan with the operations of this defib.
///
/// # Errors
/// [`ExportError`] if a call cannot be written as a command.
pub fn runbook(plan: &Plan) -> Result<String, ExportError> {
    render(plan, &decode)
}

/// Renders a plan with the operations that `decode` knows.
///
/// # Errors
/// [`ExportError`] if a call cannot be written as a command.
pub fn render(plan: &Plan, decode: Decode<'_>) -> Result<String, ExportError> {
    let reading = Reading::new(plan, decode)?;
    let mut out = opening(plan);
    fidelity(plan, &mut out);
    checks(plan, &mut out);
    out.push_str(&policies(plan));
    before(plan, &mut out);
    out.push_str(
        "## Steps\n\nWhere a step stops and cannot be mended, go to “To take it back”.\n\n",
    );
    for position in &reading.order {
        step(&reading, *position, &mut out)?;
    }
    undo(&reading, &mut out)?;
    leftovers(plan, &mut out);
    let _ = writeln!(out, "Plan hash: {}", escaped(&plan.hash));
    Ok(out)
}

fn opening(plan: &Plan) -> String {
    let mut out = format!("# Runbook: {}\n\n", escaped(&plan.title));
    if plan
        .checks
        .iter()
        .any(|check| check.verdict == Verdict::Stop)
    {
        out.push_str(
            "**Do not run this: a check stops it (✘ below). Mend that and plan again.**\n\n",
        );
    }
    out.push_str(&head(["", ""]));
    let subject = format!("{} {}", plan.subject.kind.as_str(), plan.subject.shown());
    let point = format!("{} of {}", plan.point.id, instant(plan.point.at));
    let flow = format!("{}, version {}", plan.flow, plan.version);
    out.push_str(&row(["place", &place(&plan.place)]));
    out.push_str(&row(["as", &plan.role]));
    out.push_str(&row(["flow", &flow]));
    out.push_str(&row(["subject", &subject]));
    out.push_str(&row(["restored from", &point]));
    out.push_str(&row(["lost", &lost(plan)]));
    out.push_str(&row(["expected outage", &outage(plan)]));
    out.push_str(&row(["made", &instant(plan.made_at)]));
    out.push('\n');
    out
}

fn fidelity(plan: &Plan, out: &mut String) {
    if plan.form.is_empty() {
        return;
    }
    out.push_str("## As it will be\n\n");
    out.push_str(&head(["field", "value", "from", "AWS default"]));
    for field in &plan.form {
        let (value, aws) = field_texts(field);
        out.push_str(&row([&field.name, &value, from_words(field.from), &aws]));
    }
    out.push('\n');
}

fn checks(plan: &Plan, out: &mut String) {
    out.push_str("## Checks when the plan was made\n\n");
    for verdict in [
        Verdict::Stop,
        Verdict::Know,
        Verdict::Unanswered,
        Verdict::Fine,
    ] {
        for check in plan.checks.iter().filter(|check| check.verdict == verdict) {
            let _ = writeln!(out, "- {} {}", verdict.sign(), escaped(&check.found));
            if let Some(advice) = &check.advice {
                let _ = writeln!(out, "  - → {}", escaped(advice));
            }
        }
    }
    if plan.checks.is_empty() {
        out.push_str("None were made.\n");
    }
    if let Some(policy) = policy(&plan.checks) {
        out.push_str("\nPermissions that are missing, as a policy:\n\n");
        out.push_str(&fenced("json", &policy));
    }
    out.push('\n');
}

fn before(plan: &Plan, out: &mut String) {
    out.push_str(
        "## Before the first step\n\nUse one bash for everything, and keep it open: later commands use \
         the ids of earlier ones. Give the run a name that was never used before:\n\n",
    );
    out.push_str(&fenced(
        "sh",
        "export AWS_PAGER='' AWS_MAX_ATTEMPTS=1\nDEFIB_RUN=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n'); echo \"$DEFIB_RUN\"\nDEFIB_BY=\"$(id -un)@$(uname -n) since $(date -u +%FT%TZ)\"",
    ));
    out.push_str(
        "\nWrite it down: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\n\n",
    );
    let account = visible(plan.place.account.as_str());
    let _ = writeln!(
        out,
        "- [ ] This says {}, nothing else:\n",
        escaped(&account)
    );
    let call = format!(
        "aws sts get-caller-identity {} --query Account --output text",
        options(plan)
    );
    out.push_str(&fenced("sh", &call));
    out.push_str(
        "\nIf a command gives no answer (no network, a time-out) it may have taken effect all the \
         same: look, with the command under “Go on when”, before sending it again.\n\n",
    );
}

fn step(reading: &Reading<'_>, position: usize, out: &mut String) -> Result<(), ExportError> {
    let (number, step) = reading.step(position);
    let _ = writeln!(out, "### {number}. {}\n", escaped(&step.title));
    let _ = writeln!(out, "{}\n", facts(reading, step));
    gate(reading, position, out)?;
    if let Some(written) = reading.written(position, Layout::Pretty)? {
        call(reading.plan, &written, out);
    }
    if step.ends_outage {
        out.push_str("The service is up again after this step.\n\n");
    }
    Ok(())
}

fn facts(reading: &Reading<'_>, step: &Step) -> String {
    let steps = &reading.plan.steps;
    let number = |need| {
        steps
            .iter()
            .position(|other| &other.id == need)
            .map(|n| n + 1)
    };
    let needs: Vec<String> = step
        .needs
        .iter()
        .filter_map(number)
        .map(|n| n.to_string())
        .collect();
    let needs = if needs.is_empty() {
        String::new()
    } else {
        format!(
            " After {} {}.",
            if needs.len() == 1 { "step" } else { "steps" },
            needs.join(", ")
        )
    };
    let impact = match step.impact {
        Impact::Reads => "Changes nothing",
        Impact::Creates => "Makes something new",
        Impact::Changes => "Changes something that exists",
        Impact::Interrupts => "**Interrupts the service**",
        Impact::Retires => "Takes something out of service",
    };
    let waits = if step.may_wait {
        " If it is refused, go on with the steps that do not need it, and come back to it."
    } else {
        ""
    };
    format!(
        "Why: {}. {impact}; usually {}.{needs}{waits}",
        escaped(step.why.trim_end_matches('.')),
        clock(step.expected)
    )
}

fn gate(reading: &Reading<'_>, position: usize, out: &mut String) -> Result<(), ExportError> {
    let (_, step) = reading.step(position);
    for line in boxes(&step.gate) {
        let _ = writeln!(out, "- [ ] {}", escaped(&line));
    }
    let look = step
        .gate
        .check()
        .map(|call| reading.check(position, call, Layout::Pretty));
    if let Some(told) = &step.if_declined {
        let _ = writeln!(
            out,
            "- [ ] Or leave this step out and go on with the next one: then {}",
            escaped(told)
        );
    }
    if step.gate != Gate::None {
        out.push('\n');
    }
    if let Some(look) = look.transpose()?.flatten() {
        looking(reading.plan, &look, out);
    }
    Ok(())
}

fn boxes(gate: &Gate) -> Vec<String> {
    match gate {
        Gate::None => Vec::new(),
        Gate::Confirm(question) => vec![question.clone()],
        Gate::TypeName { name, why } => {
            vec![format!(
                "{why} Say the name aloud before going on: {}",
                name.shown()
            )]
        }
        Gate::Person { instructions, .. } => instructions.clone(),
    }
}

fn call(plan: &Plan, written: &Written, out: &mut String) {
    let command = line(plan, &written.call);
    let names: Vec<&str> = written
        .outputs
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let paths: Vec<&str> = written.outputs.iter().map(|(_, path)| *path).collect();
    let text = match names.as_slice() {
        [] => command,
        names => format!(
            "read -r {} <<<\"$({command} --query '[{}]' --output text)\"; echo \"${}\"",
            names.join(" "),
            paths.join(","),
            names.join(" $")
        ),
    };
    out.push_str(&fenced("sh", &text));
    out.push('\n');
    write_down(written.outputs.iter().map(|(name, _)| name), out);
    match &written.wait {
        Some(look) => looking(plan, look, out),
        None => out.push_str("Go on when the command ends without an error.\n\n"),
    }
    if let Some(told) = &written.told {
        looked_up(plan, told, out);
    }
}

/// What an answer does not tell is asked for, and written down as well.
fn looked_up(plan: &Plan, told: &LookedUp, out: &mut String) {
    let query = super::command::quoted(&visible(&told.query));
    let names = told.names.join(" ");
    let text = format!(
        "read -r {names} <<<\"$({} --query {query} --output text)\"; echo \"${}\"",
        line(plan, &told.call),
        told.names.join(" $")
    );
    out.push_str(&fenced("sh", &text));
    out.push('\n');
    write_down(told.names.iter(), out);
}

fn write_down<'n>(names: impl Iterator<Item = &'n String>, out: &mut String) {
    for name in names {
        let _ = writeln!(
            out,
            "Write down what it says; in a new shell set `{name}` to it: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\n"
        );
    }
}

fn line(plan: &Plan, command: &Command) -> String {
    format!(
        "aws {} {} --cli-input-json {}{}",
        command.name(),
        options(plan),
        command.word(),
        command.with_user_data(&options(plan))
    )
}

fn looking(plan: &Plan, look: &Looked, out: &mut String) {
    let wanted = look.wait.wanted.join("” or “");
    let _ = writeln!(
        out,
        "Go on when this says “{wanted}”; ask again every few seconds:\n"
    );
    let query = super::command::quoted(&visible(&look.wait.query));
    let text = format!("{} --query {query} --output text", line(plan, &look.call));
    out.push_str(&fenced("sh", &text));
    if !look.wait.fatal.is_empty() {
        let fatal = look.wait.fatal.join("”, “");
        let _ = writeln!(
            out,
            "\n**Stop if it says “{fatal}”**: that does not mend itself."
        );
    }
    out.push('\n');
}

fn undo(reading: &Reading<'_>, out: &mut String) -> Result<(), ExportError> {
    out.push_str("## To take it back\n\nIn this order; leave out what was not done.\n\n");
    let mut none = true;
    for (position, n, undo) in reading.undos() {
        none = false;
        let (number, _) = reading.step(position);
        let _ = writeln!(
            out,
            "### Back from step {number}: {}\n",
            escaped(&undo.title)
        );
        for line in boxes(&undo.gate) {
            let _ = writeln!(out, "- [ ] {}", escaped(&line));
        }
        if undo.gate != Gate::None {
            out.push('\n');
        }
        if let Some(written) = reading.undo(position, n, Layout::Pretty)? {
            call(reading.plan, &written, out);
        }
    }
    if none {
        out.push_str("Nothing that existed is changed, so there is nothing to take back.\n\n");
    }
    Ok(())
}

fn leftovers(plan: &Plan, out: &mut String) {
    out.push_str("## Left over\n\n");
    if plan.leftovers.is_empty() {
        out.push_str("Nothing that existed goes out of service.\n\n");
        let told = plan.nothing_left_over();
        if told != "nothing" {
            let _ = writeln!(out, "Left over: {}.\n", escaped(&told));
        }
        return;
    }
    out.push_str(&head(["what", "id", "kept until", "why"]));
    for leftover in &plan.leftovers {
        let until = leftover.keep_until.as_deref().unwrap_or("somebody decides");
        out.push_str(&row([
            leftover.kind.as_str(),
            &leftover.id,
            until,
            &leftover.why,
        ]));
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;

    #[test]
    fn a_plan_on_paper() {
        insta::assert_snapshot!(render(&specimen::plan(), &specimen::decode).unwrap());
    }

    #[test]
    fn hostile_text_stays_inside_its_fence_and_its_table() {
        let text = render(&specimen::hostile(), &specimen::decode).unwrap();
        let mut fence: Option<&str> = None;
        for line in text.lines() {
            assert!(
                !line.chars().any(crate::domain::text::is_hostile),
                "{line:?}"
            );
            let ticks = line.len() - line.trim_start_matches('`').len();
            match fence {
                Some(open) if line == open => fence = None,
                Some(open) => assert!(ticks < open.len(), "{line}"),
                None if ticks >= 3 => fence = Some(&line[..ticks]),
                None => {
                    assert!(!line.replace("\\<", "").contains('<'), "{line}");
                    assert!(!line.replace("\\[", "").contains("[x]"), "{line}");
                    if line.starts_with('|') {
                        let bars = line.replace("\\|", "").matches('|').count();
                        assert!([3, 5].contains(&bars), "{line}");
                    }
                }
            }
        }
        assert_eq!(fence, None);
    }
}
