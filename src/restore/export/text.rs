//! The plan as a person reads it in a terminal.
//!
//! No line is wider than asked for, except commands and ids, which are copied whole.

use std::fmt::Write as _;

use serde_json::Value;

use super::command::{Marker, kebab, quoted};
use super::page::Page;
use super::{Decode, clock, field_texts, from_words, instant, lost, outage, place, visible};
use crate::domain::check::{Check, Verdict, policy};
use crate::domain::plan::{Call, Gate, Impact, MAY_WAIT, Plan, Step};
use crate::restore::operation::decode;

/// Renders a plan for a terminal of `width` cells, with the operations of this defib.
#[must_use]
pub fn page(plan: &Plan, width: usize) -> String {
    render(plan, width, &decode)
}

/// Renders a plan for a terminal of `width` cells. A call that `decode` does not know is named.
#[must_use]
pub fn render(plan: &Plan, width: usize, decode: Decode<'_>) -> String {
    let mut page = Page::new(width);
    head(plan, &mut page);
    form(plan, &mut page);
    checks(&plan.checks, &mut page);
    page.heading("STEPS");
    for (n, step) in plan.steps.iter().enumerate() {
        one_step(plan, n, step, decode, &mut page);
    }
    page.heading("AFTERWARDS");
    page.wrapped("  outage     ", &outage(plan));
    leftovers(plan, &mut page);
    page.whole("  hash       ", &plan.hash);
    page.finish()
}

fn head(plan: &Plan, page: &mut Page) {
    page.wrapped("", &plan.title);
    page.blank();
    page.wrapped(
        "  flow       ",
        &format!("{}, version {}", plan.flow, plan.version),
    );
    page.wrapped("  place      ", &place(&plan.place));
    page.wrapped("  as         ", &plan.role);
    let subject = format!("{} {}", plan.subject.kind.as_str(), plan.subject.shown());
    page.wrapped("  subject    ", &subject);
    let point = format!("{} of {}", plan.point.id, instant(plan.point.at));
    page.wrapped("  point      ", &point);
    page.wrapped("  lost       ", &lost(plan));
    page.wrapped("  outage     ", &outage(plan));
}

fn form(plan: &Plan, page: &mut Page) {
    if plan.form.is_empty() {
        return;
    }
    page.heading("AS IT WILL BE");
    let heads = ["field", "value", "from", "AWS default"]
        .map(str::to_owned)
        .to_vec();
    let rows = plan.form.iter().map(|field| {
        let (value, aws) = field_texts(field);
        vec![
            visible(&field.name),
            value,
            from_words(field.from).to_owned(),
            aws,
        ]
    });
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(rows).collect();
    page.table("  ", &rows);
}

fn checks(checks: &[Check], page: &mut Page) {
    page.heading("CHECKS");
    if checks.is_empty() {
        page.wrapped("  ", "none were made");
    }
    for verdict in [
        Verdict::Stop,
        Verdict::Know,
        Verdict::Unanswered,
        Verdict::Fine,
    ] {
        for check in checks.iter().filter(|check| check.verdict == verdict) {
            page.wrapped(&format!("  {} ", verdict.sign()), &check.found);
            if let Some(advice) = &check.advice {
                page.wrapped("      → ", advice);
            }
        }
    }
    if let Some(policy) = policy(checks) {
        page.wrapped("  ", "Permissions that are missing, as a policy to paste:");
        for line in policy.lines() {
            page.whole("    ", line);
        }
    }
}

fn one_step(plan: &Plan, n: usize, step: &Step, decode: Decode<'_>, page: &mut Page) {
    page.wrapped(&format!("  {:>2} ", n + 1), &step.title);
    page.wrapped("     ", &step.why);
    page.wrapped("     ", &facts(plan, step));
    for (n, line) in gate(&plan.gate_of(step)).iter().enumerate() {
        let lead = if n == 0 {
            "     asks   "
        } else {
            "              "
        };
        // A diff and a command mean something as they stand.
        if line.starts_with("  ") {
            page.whole(lead, line);
        } else {
            page.wrapped(lead, line);
        }
    }
    if let Some(told) = &step.if_declined {
        page.wrapped(
            "     or     ",
            &format!("it is left out (--decline {}): then {told}", step.id),
        );
    }
    if let Some(check) = step.gate.check() {
        let what = "whether it is so before the answer counts; asks again where it is not";
        page.wrapped("     reads  ", what);
        page.whole("       $ ", &short(plan, check, decode));
    }
    if let Some(call) = &step.call {
        page.whole("     $ ", &short(plan, call, decode));
    }
    for undo in &step.undo {
        page.wrapped("     undo   ", &undo.title);
        if let Some(call) = &undo.call {
            page.whole("       $ ", &short(plan, call, decode));
        }
    }
}

fn facts(plan: &Plan, step: &Step) -> String {
    let number = |need| plan.steps.iter().position(|other| &other.id == need);
    let needs: Vec<String> = step
        .needs
        .iter()
        .map(|need| number(need).map_or_else(|| need.to_string(), |n| (n + 1).to_string()))
        .collect();
    let needs = if needs.is_empty() {
        String::new()
    } else {
        format!(" · after {}", needs.join(", "))
    };
    let interrupts = match step.impact {
        Impact::Interrupts => " THE SERVICE",
        Impact::Reads | Impact::Creates | Impact::Changes | Impact::Retires => "",
    };
    let ends = if step.ends_outage {
        " · ends the outage"
    } else {
        ""
    };
    let waits = if step.may_wait {
        format!(" · {MAY_WAIT}")
    } else {
        String::new()
    };
    let (impact, usual) = (step.impact.as_str(), clock(step.expected));
    format!("{impact}{interrupts} · usually {usual}{needs}{waits}{ends}")
}

fn gate(gate: &Gate) -> Vec<String> {
    match gate {
        Gate::None => Vec::new(),
        Gate::Confirm(question) => vec![format!("yes or no: {question}")],
        Gate::TypeName { name, why } => vec![format!("the name {} typed: {why}", name.shown())],
        Gate::Person { instructions, .. } => {
            let mut lines = vec![
                "you do this, then say so (--yes says so ahead, and nobody is asked):".to_owned(),
            ];
            lines.extend(instructions.iter().cloned());
            lines
        }
    }
}

/// Returns a call as a short command line: what is nested stands as `…`, what is not known yet by
/// its step.
/// Returns a call as one line of the AWS CLI, for reading: references stand as what they will be.
#[must_use]
pub fn command(plan: &Plan, call: &Call) -> String {
    short(plan, call, &decode)
}

fn short(plan: &Plan, call: &Call, decode: Decode<'_>) -> String {
    let Ok(operation) = decode(call) else {
        return format!("{} (not known to this defib)", visible(&call.operation));
    };
    let request = operation.request();
    let mut out = format!("aws {} {}", request.service, kebab(request.api));
    for (name, value) in request.parameters.as_object().into_iter().flatten() {
        if Marker::of(value) == Some(Marker::Stamp("token")) {
            continue;
        }
        // The AWS CLI takes these as flags without a value.
        if let Value::Bool(yes) = value {
            let no = if *yes { "" } else { "no-" };
            let _ = write!(out, " --{no}{}", kebab(name));
            continue;
        }
        let mut values = match value {
            Value::Array(items) => items.iter().map(|item| argument(plan, item)).collect(),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => vec![argument(plan, value)],
        };
        values.dedup();
        let _ = write!(out, " --{} {}", kebab(name), values.join(" "));
    }
    out
}

fn argument(plan: &Plan, value: &Value) -> String {
    match (Marker::of(value), value) {
        (Some(Marker::Stamp(part)), _) => format!("<{part}>"),
        (Some(Marker::Output(reference) | Marker::Before(reference)), _) => {
            let (step, field) = reference.rsplit_once('.').unwrap_or(("", reference));
            let number = plan
                .steps
                .iter()
                .position(|other| other.id.as_str() == step);
            let step = number.map_or_else(|| step.to_owned(), |n| format!("step {}", n + 1));
            format!("<{field} of {step}>")
        }
        (None, Value::String(text)) => word(text),
        (None, Value::Bool(_) | Value::Number(_)) => value.to_string(),
        (None, Value::Null | Value::Array(_) | Value::Object(_)) => "…".to_owned(),
    }
}

/// Returns text as a shell word, quoted only where it has to be.
fn word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        quoted(&visible(text))
    }
}

fn leftovers(plan: &Plan, page: &mut Page) {
    if plan.leftovers.is_empty() {
        page.wrapped("  left over  ", &plan.nothing_left_over());
    }
    for leftover in &plan.leftovers {
        let until = leftover.keep_until.as_deref();
        let until = until.map_or(String::new(), |until| format!(", kept until {until}"));
        let kind = leftover.kind.as_str();
        let line = format!("{kind} {}{until}: {}", leftover.id, leftover.why);
        page.wrapped("  left over  ", &line);
    }
}

#[cfg(test)]
mod tests {
    use super::super::specimen;
    use super::*;

    #[test]
    fn a_plan_on_eighty_columns() {
        let plan = specimen::plan();
        insta::assert_snapshot!(render(&plan, 80, &specimen::decode));
    }

    #[test]
    fn only_commands_and_the_hash_are_wider_than_the_page() {
        for width in [40, 60, 80, 120] {
            let text = render(&specimen::hostile(), width, &specimen::decode);
            for line in text.lines() {
                let copied = ["$ ", "hash", "arn:"];
                let whole = copied.iter().any(|text| line.contains(text));
                assert!(whole || line.chars().count() <= width, "{width}: {line}");
                assert!(
                    !line.chars().any(crate::domain::text::is_hostile),
                    "{line:?}"
                );
            }
        }
    }

    #[test]
    fn missing_permissions_come_as_a_policy() {
        let text = render(&specimen::plan(), 80, &specimen::decode);
        let start = text.find("    {").unwrap();
        let end = start + text[start..].find("\n    }").unwrap() + 6;
        let policy: Value = serde_json::from_str(&text[start..end]).unwrap();
        assert_eq!(policy["Statement"][0]["Action"][0], "ec2:AttachVolume");
    }
}
