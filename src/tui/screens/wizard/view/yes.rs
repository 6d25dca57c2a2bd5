//! The last page: what happens now, in one paragraph, and the text that makes it happen.
//! The text stands in the foot, so it is in sight whatever else is told.

use ratatui::text::Span;

use crate::domain::plan::Plan;
use crate::domain::text::shown;
use crate::tui::keymap::Action;
use crate::tui::known::Known;

use super::super::consent::{Consent, interrupts};
use super::super::{Start, Wizard};
use super::plan::{outage_steps, told};
use super::sheet::Sheet;
use super::what::{lasting, loss};
use super::{key, report};

pub(super) fn lay_out(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let Some(plan) = wizard.plan() else { return };
    place(plan, known, sheet);
    sheet.blank();
    let text = sheet.look.theme.text;
    sheet.prose(vec![Span::raw(" ")], &what_happens(plan), text);
    sheet.blank();
    let mut loss = loss(wizard, known);
    if plan.replaces_nothing() {
        "none; nothing is replaced, what is there goes on as it is".clone_into(&mut loss.text);
        loss.grave = false;
    }
    let style = if loss.grave {
        sheet.look.theme.danger
    } else {
        sheet.look.theme.strong
    };
    sheet.prose(
        vec![Span::raw(" ")],
        &format!("Data lost: {}.", loss.text),
        style,
    );
    for leftover in &plan.leftovers {
        sheet.blank();
        sheet.prose(
            vec![Span::raw(" ")],
            &format!("Left over afterwards: {}.", told(leftover)),
            text,
        );
    }
    if let Start::Refused(why) = &wizard.start {
        refused(wizard, known, why, sheet);
    }
    foot(wizard, plan, known, sheet);
}

/// Where it happens: never shortened.
fn place(plan: &Plan, known: &Known, sheet: &mut Sheet) {
    let theme = sheet.look.theme;
    let profile = plan
        .place
        .profile
        .as_deref()
        .map(|profile| shown(profile) + " ");
    let profile = profile.unwrap_or_default();
    let (account, region) = (&plan.place.account, &plan.place.region);
    let dot = sheet.look.signs.dot;
    let mut text = format!("{profile}{account} {dot} {region}");
    let mut style = theme.strong;
    if known.is_protected(account) {
        text = format!("{text} {dot} PROTECTED ACCOUNT");
        style = theme.protected;
    }
    sheet.prose(vec![Span::raw(" ")], &text, style);
}

fn what_happens(plan: &Plan) -> String {
    format!("Now: {}. {} {}", plan.title, outage(plan), undo(plan))
}

/// Says from where to where the service is down.
fn outage(plan: &Plan) -> String {
    if !interrupts(plan) {
        return "Nothing is interrupted.".to_owned();
    }
    let length = plan.expected_outage();
    let length = length.map_or_else(String::new, |length| {
        format!(" for about {}", lasting(length.as_secs()))
    });
    let steps = outage_steps(plan);
    let steps = steps.map_or_else(String::new, |steps| {
        format!(
            ", from step {} to step {}",
            steps.start() + 1,
            steps.end() + 1
        )
    });
    format!("The service is DOWN{length}{steps}.")
}

fn undo(plan: &Plan) -> &'static str {
    if plan.steps.iter().any(|step| !step.undo.is_empty()) {
        "The run can be paused, stopped and rolled back from its screen."
    } else {
        "The run can be paused and stopped from its screen; there is nothing to roll back."
    }
}

fn refused(wizard: &Wizard, known: &Known, why: &crate::report::Report, sheet: &mut Sheet) {
    sheet.blank();
    let start = sheet.body.len();
    report(why, " ", sheet);
    let (submit, back) = (
        key(wizard, known, Action::Submit),
        key(wizard, known, Action::Back),
    );
    let text = format!(
        "The run was not started. {submit} tries again; {back} asks AWS anew and shows the plan."
    );
    sheet.prose(vec![Span::raw("   ")], &text, sheet.look.theme.strong);
    sheet.focus = Some(start..sheet.body.len());
}

fn foot(wizard: &Wizard, plan: &Plan, known: &Known, sheet: &mut Sheet) {
    let (look, theme) = (sheet.look, sheet.look.theme);
    if known.settings.read_only {
        let lead = Span::styled(" READ-ONLY ", theme.danger);
        let text = "Runs are forbidden here: this is as far as it goes. The plan can still be written to a file.";
        sheet.foot(vec![lead], text, theme.text);
        return;
    }
    if wizard.start == Start::UnderWay {
        let lead = Span::styled(
            format!(" {} ", look.signs.spinner(known.turn())),
            theme.accent,
        );
        let text = format!(
            "starting: looking once more whether the plan still fits{}",
            look.signs.ellipsis
        );
        sheet.foot(vec![lead], &text, theme.strong);
        return;
    }
    let consent = Consent::of(plan, known);
    if let Some(remark) = &wizard.remark {
        let lead = Span::styled(format!(" {} ", look.signs.know), theme.warning);
        sheet.foot(vec![lead], remark, theme.strong);
    }
    let submit = key(wizard, known, Action::Submit);
    let also = consent
        .also()
        .map_or_else(String::new, |id| format!(" (or {id})"));
    let text = format!("Type {}{also}, then {submit}.", consent.wanted());
    sheet.foot(vec![Span::raw(" ")], &text, theme.text);
    let lead = vec![Span::styled(format!(" {} ", look.signs.bar), theme.accent)];
    let room = sheet.width.saturating_sub(5);
    // Rows of the foot are counted behind those of the body.
    let line = sheet.typed(
        lead,
        &wizard.typed,
        room,
        sheet.body.len() + sheet.foot.len(),
    );
    sheet.foot.push(line);
}
