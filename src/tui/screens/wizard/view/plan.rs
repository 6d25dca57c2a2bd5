//! The fourth page: every step with what it does, how long it takes, what it asks and what takes it back;
//! then what is left over.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::ids::StepId;
use crate::domain::plan::{Gate, Impact, Leftover, MAY_WAIT, Plan, Step};
use crate::domain::text::shown;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::width::{Align, padded};

use super::super::{Asked, Wizard};
use super::key;
use super::sheet::Sheet;
use super::what::{lasting, outage};

/// In front of the lines below a step's title.
const INDENT: &str = "     ";
/// Cells for what a step does to the world, and for how long it takes.
const IMPACT: usize = 10;
const TIME: usize = 13;
/// So many instructions for a person are always shown.
const FEW: usize = 2;

pub(super) fn lay_out(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let Some((way, plan)) = wizard.way().and_then(|way| Some((way, way.plan()?))) else {
        return;
    };
    let theme = sheet.look.theme;
    sheet.prose(vec![Span::raw(" ")], &plan.title, theme.strong);
    let (count, all) = (plan.steps.len(), lasting(in_all(plan)));
    let text = format!("{} · {count} steps, in all about {all}", outage(plan));
    sheet.prose(vec![Span::raw(" ")], &text, theme.text);
    sheet.blank();
    super::what::caution(wizard, known, sheet);
    let down = outage_steps(plan);
    for (n, step) in plan.steps.iter().enumerate() {
        let interrupted = down.as_ref().is_some_and(|down| down.contains(&n));
        let start = sheet.body.len();
        one_step(plan, n, step, sheet);
        gate(wizard, known, &plan.gate_of(step), sheet);
        if let Some(told) = &step.if_declined {
            let lead = vec![Span::raw(format!("{INDENT}  "))];
            let text = format!("or you leave it out: then {told}");
            sheet.prose(lead, &text, sheet.look.theme.text);
        }
        if wizard.calls
            && let Some(call) = way.call(&step.id)
        {
            sheet.copied(INDENT, call, theme.accent);
        }
        if interrupted {
            sheet.mark(start, sheet.look.signs.bar, theme.danger);
        }
    }
    left_over(plan, sheet);
    foot(wizard, known, sheet);
}

/// Returns the steps from the first that interrupts to the last that ends the outage.
pub(super) fn outage_steps(plan: &Plan) -> Option<RangeInclusive<usize>> {
    let mut steps = plan.steps.iter();
    let first = steps.position(|step| step.impact == Impact::Interrupts)?;
    let last = plan.steps.iter().rposition(|step| step.ends_outage)?;
    Some(first..=last)
}

/// Returns the seconds of the longest way through the steps.
fn in_all(plan: &Plan) -> u64 {
    let mut ends: BTreeMap<&StepId, u64> = BTreeMap::new();
    for step in &plan.steps {
        let before = step.needs.iter().filter_map(|need| ends.get(need)).max();
        let end = before.copied().unwrap_or(0) + step.expected;
        ends.insert(&step.id, end);
    }
    ends.into_values().max().unwrap_or(0)
}

fn one_step(plan: &Plan, n: usize, step: &Step, sheet: &mut Sheet) {
    let theme = sheet.look.theme;
    let number = Span::styled(format!(" {:>2}  ", n + 1), theme.dim);
    let (words, style) = impact(step.impact, sheet);
    let time = padded(&format!("~{}", lasting(step.expected)), TIME, Align::Right);
    let right = Line::from(vec![
        Span::styled(padded(words, IMPACT, Align::Left), style),
        Span::styled(time, theme.dim),
    ]);
    sheet.prose_with(number, &step.title, theme.text, right);
    let around = around(plan, n, step);
    if !around.is_empty() {
        sheet.prose(vec![Span::raw(INDENT)], &around, theme.dim);
    }
}

/// What the step waits for where that is not just the one above it, whether the service is up again after it, and what
/// takes it back.
fn around(plan: &Plan, n: usize, step: &Step) -> String {
    let number = |need| plan.steps.iter().position(|other| &other.id == need);
    let mut needs: Vec<usize> = step.needs.iter().filter_map(number).collect();
    needs.sort_unstable();
    let mut parts = Vec::new();
    if needs.is_empty() && n > 0 {
        parts.push("waits for none of these".to_owned());
    } else if needs.len() > 1 || needs.first().is_some_and(|need| need + 1 != n) {
        parts.push(format!("after {}", numbers(&needs)));
    }
    if step.may_wait && n.checked_sub(1).is_none_or(|n| !plan.steps[n].may_wait) {
        let group = plan.steps[n..].iter().take_while(|step| step.may_wait);
        let last = n + group.count();
        parts.push(match last - n {
            1 => MAY_WAIT.to_owned(),
            _more => format!("{} to {last}: {MAY_WAIT}", n + 1),
        });
    }
    if step.ends_outage {
        parts.push("then the service is UP again".to_owned());
    }
    let undo: Vec<&str> = step.undo.iter().map(|undo| undo.title.as_str()).collect();
    if !undo.is_empty() {
        parts.push(format!("undo: {}", undo.join("; ")));
    }
    parts.join(" · ")
}

/// Tells steps by their numbers; three and more in a row as a range.
fn numbers(sorted: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &n in sorted {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == n => *last = n,
            _new => runs.push((n, n)),
        }
    }
    let told = runs.into_iter().map(|(first, last)| match last - first {
        0 => format!("{}", first + 1),
        1 => format!("{}, {}", first + 1, last + 1),
        _more => format!("{} to {}", first + 1, last + 1),
    });
    told.collect::<Vec<String>>().join(", ")
}

fn impact(impact: Impact, sheet: &Sheet) -> (&'static str, Style) {
    let theme = &sheet.look.theme;
    match impact {
        Impact::Interrupts => ("INTERRUPTS", theme.danger),
        Impact::Retires => ("retires", theme.warning),
        Impact::Reads | Impact::Creates | Impact::Changes => (impact.as_str(), theme.dim),
    }
}

/// What is asked before the step. Instructions for a person can be many lines: the first ones here, the
/// others where everything is shown.
fn gate(wizard: &Wizard, known: &Known, gate: &Gate, sheet: &mut Sheet) {
    let theme = sheet.look.theme;
    let sign = vec![Span::styled(
        format!("{INDENT}{} ", sheet.look.signs.gate),
        theme.warning,
    )];
    match gate {
        Gate::None => {}
        Gate::Confirm(question) => sheet.prose(sign, &format!("you: {question}"), theme.text),
        Gate::TypeName { name, why } => sheet.prose(
            sign,
            &format!("you: type {} · {why}", name.shown()),
            theme.text,
        ),
        Gate::Person { instructions, .. } => {
            let first = instructions.first().map_or("", String::as_str);
            sheet.prose(sign, &format!("you: {first}"), theme.text);
            let hidden = if wizard.calls {
                0
            } else {
                instructions.len().saturating_sub(FEW)
            };
            let seen = instructions.len() - hidden;
            for line in instructions
                .iter()
                .take(if hidden == 0 { seen } else { 1 })
                .skip(1)
            {
                let depth = line.len() - line.trim_start().len();
                sheet.copied(
                    &format!("{INDENT}  {}", " ".repeat(depth)),
                    line.trim_start(),
                    theme.text,
                );
            }
            if hidden > 0 {
                let (calls, others) = (key(wizard, known, Action::Calls), instructions.len() - 1);
                let text = format!("and {others} more lines: {calls} shows them");
                sheet.prose(vec![Span::raw(format!("{INDENT}  "))], &text, theme.dim);
            }
        }
    }
}

fn left_over(plan: &Plan, sheet: &mut Sheet) {
    let theme = sheet.look.theme;
    sheet.heading(" ", theme.text, "LEFT OVER AFTERWARDS");
    if plan.leftovers.is_empty() {
        let text = plan.nothing_left_over();
        sheet.prose(vec![Span::raw("   ")], &text, theme.text);
    }
    for leftover in &plan.leftovers {
        sheet.prose(vec![Span::raw("   ")], &told(leftover), theme.text);
    }
}

/// Returns what is left over, until when, and why.
pub(super) fn told(leftover: &Leftover) -> String {
    let until = leftover.keep_until.as_deref().map(shown);
    let until = until.map_or_else(String::new, |until| format!(" until {until}"));
    let (kind, id) = (leftover.kind.as_str(), shown(&leftover.id));
    format!("{kind} {id}{until}: {}", leftover.why)
}

fn foot(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let (look, theme) = (sheet.look, sheet.look.theme);
    if let Some(remark) = &wizard.remark {
        let lead = Span::styled(format!(" {} ", look.signs.know), theme.warning);
        sheet.foot(vec![lead], remark, theme.strong);
    }
    if wizard.moves() {
        let lead = Span::styled(
            format!(" {} ", look.signs.spinner(known.turn())),
            theme.accent,
        );
        sheet.foot(
            vec![lead],
            &format!("asking AWS again{}", look.signs.ellipsis),
            theme.text,
        );
    }
    if wizard.asked == Asked::WhichFile {
        choice_of_file(wizard, sheet);
        return;
    }
    sheet.foot(vec![Span::raw(" ")], "Nothing has happened yet.", theme.dim);
}

/// Asks which kind of file is wanted.
pub(super) fn choice_of_file(wizard: &Wizard, sheet: &mut Sheet) {
    if wizard.asked != Asked::WhichFile {
        return;
    }
    let theme = sheet.look.theme;
    let mut line = vec![Span::styled(" write the plan as ", theme.text)];
    for (key, name) in [("m", "Markdown"), ("s", "shell script"), ("j", "JSON")] {
        line.push(Span::styled(key, theme.accent));
        line.push(Span::styled(format!(" {name}   "), theme.text));
    }
    line.push(Span::styled("any other key: no file", theme.dim));
    sheet.foot.push(Line::from(line));
}
