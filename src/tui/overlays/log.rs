//! What happened since the console was opened, and every call of its runs with the request id of AWS.
//! It tells what was noted elsewhere and notes nothing.

use jiff::Timestamp;
use ratatui::text::Line;

use crate::domain::run::told;
use crate::domain::text::shown;
use crate::tui::known::Known;
use crate::tui::width::wrapped;

/// Returns the lines of the log, oldest first.
#[must_use]
pub fn lines(known: &Known) -> Vec<Line<'static>> {
    let look = &known.settings.look;
    let width = usize::from(known.room().0).saturating_sub(4);
    let mut entries: Vec<(Timestamp, String)> = known.log.iter().cloned().collect();
    entries.extend(of_runs(known));
    entries.sort_by_key(|(at, _)| *at);
    if entries.is_empty() {
        let text =
            "Nothing has happened yet: what fails, and every call of a run, stands here then.";
        let lines = wrapped(text, width, 0).into_iter();
        return lines
            .map(|line| Line::styled(line, look.theme.dim))
            .collect();
    }
    let entry = |(at, text): &(Timestamp, String)| {
        let line = format!("{} {text}", at.strftime("%H:%M:%SZ"));
        wrapped(&look.signs.text(&line), width, 10)
    };
    entries.iter().flat_map(entry).map(Line::from).collect()
}

fn of_runs(known: &Known) -> impl Iterator<Item = (Timestamp, String)> + '_ {
    let cards = known.runs.cards.values();
    cards.flat_map(|card| {
        let news = card.events.chunk_by(|before, event| {
            event.step == before.step && event.body.repeats(&before.body)
        });
        news.filter_map(<[_]>::last).map(|event| {
            let (what, request) = told(&event.body);
            let step = event.step.as_ref().and_then(|id| card.state.any_step(id));
            let step = step.map_or(String::new(), |step| format!("{}: ", step.title));
            let request = request.map_or(String::new(), |id| format!(" · request {id}"));
            (event.at, shown(&format!("{step}{what}{request}")))
        })
    })
}
