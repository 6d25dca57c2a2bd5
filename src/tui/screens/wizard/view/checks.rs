//! The third page: what was asked before anything is done, what was found, and what to do about it. What
//! stops stands first, what is fine last.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::check::{Check, Verdict, policy};
use crate::tui::keymap::Action;
use crate::tui::known::Known;

use super::super::Wizard;
use super::super::way::Standing;
use super::sheet::Sheet;
use super::{key, report};

/// Every verdict with its heading, the gravest first.
const GROUPS: [(Verdict, &str, &str); 4] = [
    (Verdict::Stop, "stops here", "STOPS HERE"),
    (Verdict::Know, "know this", "KNOW THIS"),
    (
        Verdict::Unanswered,
        "not answered",
        "NOT ANSWERED: counts like “know this”, never as fine",
    ),
    (Verdict::Fine, "fine", "FINE"),
];

/// Cells from which on the counts stand further apart.
const ROOMY: usize = 70;

pub(super) fn lay_out(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let Some(way) = wizard.way() else { return };
    match way.standing() {
        Standing::Failed(why) => report(why, " ", sheet),
        Standing::Asks(obstacle) => {
            sheet.prose(vec![Span::raw(" ")], &obstacle.why, sheet.look.theme.text);
        }
        Standing::Waiting | Standing::Ready(_) => {
            super::what::caution(wizard, known, sheet);
            summary(way.checks(), sheet);
            for (verdict, _, heading) in GROUPS {
                group(way.checks(), verdict, heading, sheet);
            }
            missing(wizard, known, way.checks(), sheet);
        }
    }
    foot(wizard, known, sheet);
}

fn sign(verdict: Verdict, sheet: &Sheet) -> (&'static str, Style) {
    let (signs, theme) = (&sheet.look.signs, &sheet.look.theme);
    match verdict {
        Verdict::Fine => (signs.fine, theme.good),
        Verdict::Know => (signs.know, theme.warning),
        Verdict::Unanswered => (signs.unanswered, theme.warning),
        Verdict::Stop => (signs.stop, theme.danger),
    }
}

/// How many there are of each kind.
fn summary(checks: &[Check], sheet: &mut Sheet) {
    if checks.is_empty() {
        return;
    }
    let mut line = Line::default();
    for (verdict, words, _) in GROUPS {
        let count = checks
            .iter()
            .filter(|check| check.verdict == verdict)
            .count();
        let (sign, style) = sign(verdict, sheet);
        let theme = &sheet.look.theme;
        let (sign_style, style) = if count == 0 {
            (theme.dim, theme.dim)
        } else {
            (style, theme.text)
        };
        line.push_span(Span::styled(format!(" {sign} "), sign_style));
        let gap = if sheet.width < ROOMY { " " } else { "  " };
        line.push_span(Span::styled(format!("{count} {words}{gap}"), style));
    }
    sheet.push(line);
}

fn group(checks: &[Check], verdict: Verdict, heading: &str, sheet: &mut Sheet) {
    let mut checks = checks
        .iter()
        .filter(|check| check.verdict == verdict)
        .peekable();
    if checks.peek().is_none() {
        return;
    }
    let (sign, style) = sign(verdict, sheet);
    let heading = sheet.look.signs.text(heading).into_owned();
    sheet.heading(" ", style, &heading);
    for check in checks {
        let text = if verdict == Verdict::Fine {
            sheet.look.theme.dim
        } else {
            sheet.look.theme.text
        };
        sheet.prose(
            vec![Span::styled(format!(" {sign} "), style)],
            &check.found,
            text,
        );
        if let Some(advice) = &check.advice {
            sheet.advice("   ", advice);
        }
    }
}

/// What permissions are missing, as it is pasted into the IAM console.
fn missing(wizard: &Wizard, known: &Known, checks: &[Check], sheet: &mut Sheet) {
    let Some(policy) = policy(checks) else { return };
    let copy = key(wizard, known, Action::Copy);
    sheet.heading(
        " ",
        sheet.look.theme.text,
        &format!("MISSING PERMISSIONS, as a policy to paste ({copy} copies it)"),
    );
    let text = sheet.look.theme.text;
    for line in policy.lines() {
        let depth = line.len() - line.trim_start().len();
        sheet.copied(&" ".repeat(3 + depth), line.trim_start(), text);
    }
}

fn foot(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let (look, theme) = (sheet.look, sheet.look.theme);
    if let Some(remark) = &wizard.remark {
        let lead = Span::styled(format!(" {} ", look.signs.know), theme.warning);
        sheet.foot(vec![lead], remark, theme.strong);
    }
    let submit = key(wizard, known, Action::Submit);
    let stop = || vec![Span::styled(format!(" {} ", look.signs.stop), theme.danger)];
    let counted = |verdict| {
        let checks = wizard.way().map_or(&[][..], |way| way.checks());
        checks
            .iter()
            .filter(|check| check.verdict == verdict)
            .count()
    };
    match wizard.standing() {
        Standing::Waiting => {
            let lead = Span::styled(
                format!(" {} ", look.signs.spinner(known.turn())),
                theme.accent,
            );
            sheet.foot(
                vec![lead],
                &format!("asking AWS{}", look.signs.ellipsis),
                theme.text,
            );
        }
        Standing::Failed(_) => sheet.foot(
            stop(),
            &format!("Nothing goes on without an answer. {submit} asks AWS again."),
            theme.text,
        ),
        Standing::Asks(_) => sheet.foot(stop(), "The form asks for something first.", theme.text),
        Standing::Ready(_) if counted(Verdict::Stop) > 0 => {
            let text = format!(
                "Nothing goes on before this is put right, and nothing was changed. {submit} asks AWS again."
            );
            sheet.foot(stop(), &text, theme.strong);
        }
        Standing::Ready(_) if counted(Verdict::Unanswered) > 0 => {
            let text = "Nothing stops this. What was not answered is told again in the report.";
            sheet.foot(vec![Span::raw(" ")], text, theme.text);
        }
        Standing::Ready(_) if counted(Verdict::Know) > 0 => {
            sheet.foot(vec![Span::raw(" ")], "Nothing stops this.", theme.text);
        }
        Standing::Ready(_) if super::what::loss(wizard, known).grave => {
            let text = "Every check is fine; whether the point is, stands above.";
            sheet.foot(vec![Span::raw(" ")], text, theme.text);
        }
        Standing::Ready(_) => sheet.foot(vec![Span::raw(" ")], "Every check is fine.", theme.text),
    }
    super::plan::choice_of_file(wizard, sheet);
}
