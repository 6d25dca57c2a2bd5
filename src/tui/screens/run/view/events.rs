//! What happened, the last first: when, at which step, by which call, in which words, with AWS's request id.
//! A line each; what is cut here stands whole in the report.

use jiff::Timestamp;
use ratatui::text::{Line, Span};

use crate::domain::plan::Step;
use crate::domain::run::{RunEvent, RunState, told};
use crate::domain::text::shown;
use crate::tui::known::{Known, RunCard};
use crate::tui::screens::run::words::fit;
use crate::tui::width::{cells, cut_end, cut_middle};

/// How many events are shown; the report has every one.
const MOST: usize = 1000;
/// Cells for a request id where there is no room for the whole of it.
const REQUEST: usize = 13;

/// Returns a line for every event, the last first.
pub fn lines(card: &RunCard, known: &Known, width: usize) -> Vec<Line<'static>> {
    let other_day = day(card.state.started_at) != day(known.now);
    let told = card
        .events
        .chunk_by(|before, event| event.step == before.step && event.body.repeats(&before.body));
    // Of a progress that counts on the last word is the news.
    let last = told.rev().filter_map(<[RunEvent]>::last).take(MOST);
    last.map(|event| line(event, &card.state, other_day, known, width))
        .collect()
}

fn day(at: Timestamp) -> String {
    at.strftime("%F").to_string()
}

fn line(
    event: &RunEvent,
    state: &RunState,
    other_day: bool,
    known: &Known,
    width: usize,
) -> Line<'static> {
    let theme = &known.settings.look.theme;
    let format = if other_day {
        " %b %d %H:%M:%SZ "
    } else {
        " %H:%M:%SZ "
    };
    let time = event.at.strftime(format).to_string();
    let (words, request) = told(&event.body);
    // What a person has answered has no state in AWS's words.
    let words = words.trim_end().trim_end_matches(':');
    let words = match at_step(event, state) {
        Some(step) => format!("{step} {}", fit(words, known)),
        None => fit(words, known),
    };
    let room = width.saturating_sub(cells(&time) + 1);
    let request = request.map(|id| fit(&id, known)).unwrap_or_default();
    let whole = cells(&words) + 2 + cells(&request) <= room;
    let request = if whole {
        request
    } else {
        cut_middle(&request, REQUEST)
    };
    let taken = if request.is_empty() {
        0
    } else {
        cells(&request) + 2
    };
    let words = cut_end(&words, room.saturating_sub(taken));
    Line::from(vec![
        Span::styled(time, theme.dim),
        Span::styled(words, theme.text),
        Span::styled(format!("  {request}"), theme.dim),
    ])
}

/// Returns the number of the step an event is about, and the call of it: `4 DetachVolume`.
fn at_step(event: &RunEvent, state: &RunState) -> Option<String> {
    let id = event.step.as_ref()?;
    let of = |steps: &[Step], sign: &str| {
        let at = steps.iter().position(|step| &step.id == id)?;
        let call = steps[at].call.as_ref();
        let name = call.map_or("you:", |call| {
            call.operation.rsplit(':').next().unwrap_or_default()
        });
        Some(format!("{sign}{} {}", at + 1, shown(name)))
    };
    let forward = of(&state.plan.steps, "");
    forward.or_else(|| of(state.undo.as_deref().unwrap_or_default(), "back "))
}
