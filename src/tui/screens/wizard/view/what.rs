//! The first page: what is restored from, and which flows there are, each with what it would take.
//! What would be lost is told first; where nobody can know it, that is told.

use jiff::{SignedDuration, Timestamp};
use ratatui::text::{Line, Span};

use crate::domain::incident::data_used;
use crate::domain::plan::Plan;
use crate::domain::recovery_point::{DataTime, RecoveryPoint, When};
use crate::domain::text::shown;
use crate::domain::words;
use crate::tui::keymap::Action;
use crate::tui::known::Known;
use crate::tui::screens::resource::detail::between;
use crate::tui::screens::resource::standing;

use super::super::way::{Standing, Way};
use super::super::{Wizard, instant};
use super::sheet::Sheet;
use super::{key, named, report, resource_of};

pub(super) fn lay_out(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    point(&wizard.point, known, sheet);
    resource(wizard, known, sheet);
    let loss = loss(wizard, known);
    let style = if loss.grave {
        sheet.look.theme.danger
    } else {
        sheet.look.theme.strong
    };
    sheet.fact("data lost", &loss.text, style);
    if wizard.ways.is_empty() {
        sheet.blank();
        let lead = Span::styled(
            format!(" {} ", sheet.look.signs.stop),
            sheet.look.theme.danger,
        );
        sheet.prose(
            vec![lead],
            &format!(
                "No flow restores from this kind of point yet. Nothing was changed; {} goes back to choose another.",
                key(wizard, known, Action::Back)
            ),
            sheet.look.theme.text,
        );
    }
    for (n, way) in wizard.ways.iter().enumerate() {
        sheet.blank();
        let start = sheet.body.len();
        one_way(way, n == wizard.at, known, sheet);
        if n == wizard.at && wizard.ways.len() > 1 {
            sheet.focus = Some(start..sheet.body.len());
        }
    }
}

fn point(point: &RecoveryPoint, known: &Known, sheet: &mut Sheet) {
    let strong = sheet.look.theme.strong;
    let text = sheet.look.theme.text;
    let name = named(point.name.as_ref());
    let id = shown(&point.id);
    sheet.fact(
        "point",
        &name.map_or_else(|| id.clone(), |name| format!("{id} · {name}")),
        strong,
    );
    let data = data_used(point.when, point.data_at, known.incident);
    let data = words::understood(data, known.now, &known.settings.zone);
    let sign = match point.data_at {
        DataTime::Known(_) => "",
        DataTime::AtMost(_) => "≤ ",
    };
    sheet.fact("data from", &format!("{sign}{data}"), text);
    if let When::Window { earliest, latest } = point.when {
        let window = between((earliest, latest), point.data_at, words::instant);
        sheet.fact("window", &format!("any second {window}"), text);
    }
    if let Some(bar) = standing::bar(point, known) {
        let bar = format!("not usable: {bar}");
        sheet.fact("state", &bar, sheet.look.theme.warning);
    }
}

fn resource(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let text = sheet.look.theme.text;
    let Some((kind, id)) = &wizard.point.resource else {
        let copy = wizard.point.copy_of.as_deref().map(shown);
        let from = copy.map_or_else(String::new, |id| format!(" of {id}"));
        sheet.fact(
            "of",
            &format!("a copy{from}: AWS does not say of which resource"),
            text,
        );
        return;
    };
    let found = resource_of(wizard, known);
    let name = found.and_then(|found| named(found.name.as_ref()));
    sheet.fact(
        "of",
        &format!("{} {}", kind.as_str(), called(name, id)),
        text,
    );
    let Some(found) = found else { return };
    if known.catalog.store.is_gone(found) {
        sheet.fact(
            "",
            "It does not exist any more; only its points remain.",
            sheet.look.theme.warning,
        );
    }
    if let Some((instance, device)) = &found.attached_to {
        let kind = crate::domain::resource::ResourceKind::Instance;
        let instance_name = known.catalog.store.resource(&found.place, kind, instance);
        let instance_name = instance_name.and_then(|found| named(found.name.as_ref()));
        let instance = called(instance_name, instance);
        sheet.fact("", &format!("at {} of {instance}", shown(device)), text);
    }
}

/// Returns the name of something with its id, or the id alone.
fn called(name: Option<String>, id: &str) -> String {
    let id = shown(id);
    name.map_or_else(|| id.clone(), |name| format!("{name} ({id})"))
}

/// What is lost by going back to a point.
pub(super) struct Loss {
    /// In words.
    pub text: String,
    /// Whether the point may hold the damage, or nobody can tell.
    pub grave: bool,
}

/// Tells what is lost by going back to the point of a restore. Without an incident nobody can tell.
pub(super) fn loss(wizard: &Wizard, known: &Known) -> Loss {
    let point = &wizard.point;
    let Some(incident) = known.incident else {
        let set = super::key(wizard, known, Action::Incident);
        let text = format!(
            "no incident time is set, so nobody knows whether this point is from before the damage ({set} sets it on the first page)"
        );
        return Loss { text, grave: true };
    };
    let t = words::instant(incident);
    let chosen = wizard
        .way()
        .and_then(|way| instant::at(way.instant()?, known));
    if let Some(second) = chosen {
        return since(second, incident);
    }
    let at = data_used(point.when, point.data_at, known.incident);
    let lost = incident.duration_since(at);
    if at >= incident {
        let after = words::span(-lost);
        let text = match (point.when, point.data_at) {
            (When::Window { .. }, _) => {
                format!("all of its window is after T ({t}): it may hold the damage")
            }
            (When::At { .. }, DataTime::Known(_)) => {
                format!("taken {after} after T ({t}): it may hold the damage")
            }
            (When::At { .. }, DataTime::AtMost(_)) => format!(
                "not known: made {after} after T ({t}), of data of unknown age; it may hold the damage"
            ),
        };
        return Loss { text, grave: true };
    }
    let certain = matches!(point.data_at, DataTime::Known(_));
    let span = words::loss(lost, certain);
    Loss {
        text: format!("{span}: from the point to T ({t}), and all that came after T"),
        grave: false,
    }
}

/// Tells what is lost by going back to a second that was chosen.
fn since(second: Timestamp, incident: Timestamp) -> Loss {
    let (at, t) = (words::instant(second), words::instant(incident));
    let lost = incident.duration_since(second);
    if let Some(text) = words::not_before(second, incident) {
        return Loss { text, grave: true };
    }
    Loss {
        text: format!(
            "{}: from {at} to T ({t}), and all that came after T",
            words::loss(lost, true)
        ),
        grave: false,
    }
}

/// Repeats on the later pages what must not be forgotten on the way.
pub(super) fn caution(wizard: &Wizard, known: &Known, sheet: &mut Sheet) {
    let loss = loss(wizard, known);
    if loss.grave {
        let lead = Span::styled(
            format!(" {} ", sheet.look.signs.know),
            sheet.look.theme.danger,
        );
        sheet.prose(vec![lead], &loss.text, sheet.look.theme.danger);
        sheet.blank();
    }
}

fn one_way(way: &Way, chosen: bool, known: &Known, sheet: &mut Sheet) {
    let look = sheet.look;
    let bar = if chosen { look.signs.bar } else { " " };
    let lead = Span::styled(format!(" {bar} "), look.theme.accent);
    let style = if chosen {
        look.theme.strong
    } else {
        look.theme.text
    };
    let right = match way.standing() {
        Standing::Waiting => Span::styled(
            format!(
                "{} looking{}",
                look.signs.spinner(known.turn()),
                look.signs.ellipsis
            ),
            look.theme.dim,
        ),
        Standing::Failed(_) => Span::styled("not known", look.theme.dim),
        Standing::Asks(_) => Span::styled("asks first", look.theme.warning),
        Standing::Ready(_) if way.is_stopped() => {
            Span::styled("stopped by a check", look.theme.danger)
        }
        Standing::Ready(plan) => Span::styled(outage(plan), look.theme.strong),
    };
    sheet.prose_with(lead, way.flow.name, style, Line::from(right));
    let indent = || vec![Span::raw("   ")];
    sheet.prose(
        indent(),
        &format!("{}.", way.flow.sentence),
        look.theme.text,
    );
    match way.standing() {
        Standing::Waiting | Standing::Ready(_) => {}
        Standing::Asks(obstacle) => {
            let field = obstacle.field.as_deref().map(|field| format!("{field}: "));
            let why = format!("{}{}", field.unwrap_or_default(), obstacle.why);
            sheet.advice("   ", &why);
        }
        Standing::Failed(why) => report(why, "   ", sheet),
    }
}

/// Returns the outage that a plan expects, in words.
pub(super) fn outage(plan: &Plan) -> String {
    plan.expected_outage().map_or_else(
        || "no outage".to_owned(),
        |outage| format!("outage about {}", lasting(outage.as_secs())),
    )
}

/// Returns a length of time in words.
pub(super) fn lasting(seconds: u64) -> String {
    words::lasting(SignedDuration::from_secs(
        i64::try_from(seconds).unwrap_or(i64::MAX),
    ))
}
