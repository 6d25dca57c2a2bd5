//! The first two lines: what is restored from what and where, and how long the service is or was down.
//! The account number is never shortened; everything else gives way before the outage does.

use jiff::SignedDuration;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::run::RunState;
use crate::domain::words::{exactly, ticking};
use crate::tui::known::{Known, RunCard};
use crate::tui::screens::run::standing::Standing;
use crate::tui::screens::run::wishes::usually;
use crate::tui::screens::run::words::{fit, subject_of, time_of};
use crate::tui::width::{cells, cut_end, cut_middle};

/// Blanks that stay between the left and the right part of a line.
const GAP: usize = 2;
/// Cells for a profile that is shortened.
const PROFILE: usize = 10;
/// Cells for the recovery point where there is no room for the whole of it.
const POINT: usize = 11;
/// Characters of the beginning of a run's id that are shown with its ending.
const RUN_HEAD: usize = 5;

/// Returns the two lines.
pub fn lines(card: &RunCard, known: &Known, width: usize) -> Vec<Line<'static>> {
    vec![
        what_and_where(&card.state, known, width),
        state_and_outage(card, known, width),
    ]
}

fn what_and_where(state: &RunState, known: &Known, width: usize) -> Line<'static> {
    let theme = &known.settings.look.theme;
    let room = width.saturating_sub(2);
    let (what, place) = titles(state, known, room);
    let gap =
        room.saturating_sub(cells(&what) + cells(&place.0) + cells(&place.1) + cells(&place.2));
    let account = if known.is_protected(&state.plan.place.account) {
        theme.protected
    } else {
        theme.strong
    };
    Line::from(vec![
        Span::styled(format!(" {what}"), theme.strong),
        Span::raw(" ".repeat(gap)),
        Span::styled(place.0, theme.text),
        Span::styled(place.1, account),
        Span::styled(place.2, theme.text),
    ])
}

/// Profile, account and Region, each with the blanks around it.
type Where = (String, String, String);

/// Returns the fullest place that fits, and the fullest words for what is restored that fit beside it; where
/// none do, they are cut.
fn titles(state: &RunState, known: &Known, room: usize) -> (String, Where) {
    let (whats, places) = (whats(state, known), places(state, known));
    let taken = |place: &Where| cells(&place.0) + cells(&place.1) + cells(&place.2) + GAP;
    for place in &places {
        if let Some(what) = whats.iter().find(|what| cells(what) + taken(place) <= room) {
            return (what.clone(), place.clone());
        }
    }
    let place = places.last().cloned().unwrap_or_default();
    let room = room.saturating_sub(taken(&place));
    (shortest(state, known, room), place)
}

/// Returns what is restored from what, the fullest first.
fn whats(state: &RunState, known: &Known) -> [String; 3] {
    let from = known.settings.look.signs.from;
    let point = fit(&state.plan.point.id, known);
    let at = time_of(state.plan.point.at, known);
    let both = fit(&state.plan.subject.shown(), known);
    let name = subject_of(state, known);
    let short = cut_middle(&point, POINT);
    [
        format!("restore {both} {from} {point} ({at})"),
        format!("restore {name} {from} {point} ({at})"),
        format!("restore {name} {from} {short} ({at})"),
    ]
}

fn shortest(state: &RunState, known: &Known, room: usize) -> String {
    let from = known.settings.look.signs.from;
    let short = cut_middle(&fit(&state.plan.point.id, known), POINT);
    let rest = format!(" {from} {short} ({})", time_of(state.plan.point.at, known));
    let name = format!("restore {}", subject_of(state, known));
    match room.checked_sub(cells(&rest)) {
        Some(left) if left > 12 => cut_end(&name, left) + &rest,
        Some(_) | None => cut_end(&name, room),
    }
}

/// Returns profile, account and Region, the fullest first.
fn places(state: &RunState, known: &Known) -> [Where; 4] {
    let place = &state.plan.place;
    let account = fit(place.account.as_str(), known);
    let profile = place.profile.as_deref().unwrap_or_default();
    let profile = fit(profile, known);
    let region = fit(place.region.as_str(), known);
    let spaced = |profile: String| match profile.as_str() {
        "" => profile,
        _some => profile + " ",
    };
    let whole = spaced(cut_end(&profile, 20));
    let cut = spaced(cut_end(&profile, PROFILE));
    let short = cut_end(&short_region(&region), 12);
    [
        (whole.clone(), account.clone(), format!("  {region}")),
        (whole, account.clone(), format!("  {short}")),
        (cut, account.clone(), format!("  {short}")),
        (String::new(), account, format!("  {short}")),
    ]
}

/// Shortens the direction in a Region's name: `eu-w-1`.
fn short_region(region: &str) -> String {
    let parts = region.split('-').map(|part| match part {
        "north" => "n",
        "south" => "s",
        "east" => "e",
        "west" => "w",
        "central" => "c",
        "northeast" => "ne",
        "northwest" => "nw",
        "southeast" => "se",
        "southwest" => "sw",
        other => other,
    });
    parts.collect::<Vec<_>>().join("-")
}

fn state_and_outage(card: &RunCard, known: &Known, width: usize) -> Line<'static> {
    let look = &known.settings.look;
    let standing = Standing::of(card, known);
    let (outage, style) = outage(card, known);
    let room = width.saturating_sub(2 + cells(&outage) + 2 * GAP);
    let (run, state) = run_and_state(card, known, room);
    let taken = cells(&run) + GAP + cells(&state) + cells(&outage);
    let gap = width.saturating_sub(2 + taken);
    Line::from(vec![
        Span::styled(format!(" {run}"), look.theme.dim),
        Span::raw(" ".repeat(GAP)),
        Span::styled(state, standing.style(&look.theme)),
        Span::raw(" ".repeat(gap)),
        Span::styled(outage, style),
    ])
}

/// Returns the run's id and how it stands, the fullest that fit. The ending of the id stays: it is what the
/// command line calls the run by.
fn run_and_state(card: &RunCard, known: &Known, room: usize) -> (String, String) {
    let look = &known.settings.look;
    let standing = Standing::of(card, known);
    let sign = standing.sign(look, known.turn());
    let state = format!("{sign} {}", standing.word());
    let (id, tail) = (
        fit(card.state.run.as_str(), known),
        fit(card.state.run.tail(), known),
    );
    let head: String = id.chars().take(RUN_HEAD).collect();
    let tries = [
        (format!("run {id}"), state.clone()),
        (
            format!("run {head}{}{tail}", look.signs.ellipsis),
            state.clone(),
        ),
        (format!("run {tail}"), state),
    ];
    let fits = |one: &(String, String)| cells(&one.0) + cells(&one.1) <= room;
    let found = tries.into_iter().find(fits);
    found.unwrap_or_else(|| (format!("run {tail}"), sign.to_owned()))
}

/// Returns the outage in words: the one that is, the one that was, or the one that is to come.
fn outage(card: &RunCard, known: &Known) -> (String, Style) {
    let theme = &known.settings.look.theme;
    let state = &card.state;
    let planned = planned(state);
    if let Some(since) = state.down_since() {
        if card.broken.is_some() {
            let text = format!("INTERRUPTED since {}, as recorded", time_of(since, known));
            return (text, theme.danger);
        }
        let lasts = known.now.duration_since(since);
        let text = match planned {
            Some(planned) if planned >= lasts => format!(" of about {}", ticking(planned)),
            Some(planned) => format!(", about {} was planned", ticking(planned)),
            None => String::new(),
        };
        let text = format!("SERVICE INTERRUPTED {}{text}", ticking(lasts));
        return (text, theme.danger);
    }
    if card.has_lost_events() && planned.is_some() {
        return ("outage NOT KNOWN".to_owned(), theme.danger);
    }
    let text = match (state.outage(known.now), planned) {
        (Some(was), Some(planned)) => {
            format!(
                "outage {} (planned about {})",
                exactly(was),
                exactly(planned)
            )
        }
        (Some(was), None) => format!("outage {}", exactly(was)),
        (None, Some(planned)) if !state.status().is_over() && state.undo.is_none() => {
            format!("no outage yet, about {} to come", exactly(planned))
        }
        (None, _) => "no outage".to_owned(),
    };
    let style = if state.outages.is_empty() {
        theme.dim
    } else {
        theme.strong
    };
    (text, style)
}

/// Returns how long the outage was planned to be. One that goes on while the run goes back lasts as long
/// as that takes, too.
fn planned(state: &RunState) -> Option<SignedDuration> {
    let planned = state.plan.expected_outage()?;
    let planned = SignedDuration::try_from(planned).ok()?;
    let down = state.down_since().filter(|_| state.undo.is_some());
    let Some(since) = down else {
        return Some(planned);
    };
    let left = usually(&state.way_back(false));
    Some(state.last_at.duration_since(since) + left)
}
