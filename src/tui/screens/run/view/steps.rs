//! The steps of a run, a line each: how far it is, what it does, what AWS says of it, and how long it takes.
//! Of a run that goes back, the way forward is folded into one line.

use jiff::{SignedDuration, Timestamp};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::domain::plan::Step;
use crate::domain::run::{EventBody, Halt, RunState, StepRecord, StepStatus};
use crate::domain::words::ticking;
use crate::tui::known::{Known, RunCard};
use crate::tui::screens::run::words::{SHORT_ID, fit, with_short_ids, without_named_ids};
use crate::tui::width::{Align, cells, cut_end, cut_middle, padded};

/// Cells for the time that it took and the time that it usually takes: `00:14 (~00:20)`.
const TIMES: usize = 15;
/// From which length on the usual time is worth telling.
const WORTH_TELLING: SignedDuration = SignedDuration::from_secs(6);
/// Cells for an id where there is no room for the usual short form.
const SHORTER_ID: usize = 10;
/// Cells that a title keeps whatever AWS says.
const TITLE: usize = 24;

/// Returns the lines of all steps, and which of them it is about now.
pub fn lines(card: &RunCard, known: &Known, width: usize) -> (Vec<Line<'static>>, usize) {
    let state = &card.state;
    let theme = &known.settings.look.theme;
    let mut lines = Vec::new();
    if state.undo.is_some() {
        lines.push(Line::styled(format!(" {}", folded(state)), theme.dim));
        lines.push(Line::styled(" roll back", theme.title));
    }
    let before = lines.len();
    let steps = state.current_steps();
    let digits = steps.len().to_string().len();
    for (n, step) in steps.iter().enumerate() {
        let row = Row::of(step, card, known);
        lines.push(row.line(n + 1, digits, known, width));
    }
    (lines, before + focus(state))
}

/// Returns how far the run went before it was turned round, in one line.
fn folded(state: &RunState) -> String {
    let all = state.plan.steps.len();
    let steps = state.plan.steps.iter();
    let done = steps.filter(|step| state.is_verified(&step.id)).count();
    let begun = state.order.iter().filter(|id| {
        let planned = state.plan.step(id).is_some();
        planned && !state.is_verified(id)
    });
    let stopped = match begun.count() {
        0 => String::new(),
        more => format!(", {more} begun and stopped"),
    };
    format!("forward: {done} of {all} steps done{stopped}")
}

/// Returns the first step that is not done, as a place among the present ones; while the run goes on, of those that it
/// does not go on without.
fn focus(state: &RunState) -> usize {
    let steps = state.current_steps();
    let missing = match state.halt {
        Halt::None => state.missing(),
        Halt::Paused(_) | Halt::Failed | Halt::Over => Vec::new(),
    };
    let left = |step: &Step| missing.iter().any(|one| one.step.id == step.id);
    let open = |step: &Step| !state.is_settled(&step.id) && !left(step);
    let next = steps.iter().position(open);
    next.unwrap_or(steps.len().saturating_sub(1))
}

/// What one line tells.
struct Row {
    sign: &'static str,
    style: Style,
    title: String,
    title_style: Style,
    detail: String,
    /// What it made.
    made: Vec<String>,
    took: String,
    usual: String,
}

impl Row {
    fn of(step: &Step, card: &RunCard, known: &Known) -> Self {
        let theme = &known.settings.look.theme;
        let record = card.state.record(&step.id);
        let (sign, style) = sign(&record, card, known);
        let title_style = match record.status {
            StepStatus::Planned | StepStatus::Declined => theme.dim,
            StepStatus::Verified => theme.text,
            StepStatus::Waiting
            | StepStatus::Intent
            | StepStatus::Accepted
            | StepStatus::Failed
            | StepStatus::Conflict => theme.strong,
        };
        let made = card.state.created.iter();
        let said = detail(step, &record, card);
        // What AWS says of it may name it already.
        let made = made.filter(|made| made.step == step.id && !said.contains(&made.id));
        let planned = SignedDuration::from_secs(i64::try_from(step.expected).unwrap_or(i64::MAX));
        let before = known.runs.usual(step, &card.state);
        let usual = before.map_or(planned, |before| before.lasts);
        let worth = step.call.is_some() && usual >= WORTH_TELLING;
        Self {
            sign,
            style,
            title: fit(&step.title, known),
            title_style,
            detail: fit(&said, known),
            made: made.map(|made| fit(&made.id, known)).collect(),
            took: took(&record, card, known.now).map_or(String::new(), ticking),
            usual: if worth {
                format!("(~{})", ticking(usual))
            } else {
                String::new()
            },
        }
    }

    fn line(&self, number: usize, digits: usize, known: &Known, width: usize) -> Line<'static> {
        let theme = &known.settings.look.theme;
        let head = format!(" {number:>digits$} ");
        let times = format!("{} {}", self.took, padded(&self.usual, 8, Align::Right));
        let times = padded(times.trim_end(), TIMES, Align::Right);
        let room = width.saturating_sub(2 + cells(&head) + TIMES + 1);
        let (title, detail) = self.title_and_detail(room);
        let gap = room.saturating_sub(cells(&title) + cells(&detail));
        Line::from(vec![
            Span::raw(" "),
            Span::styled(self.sign, self.style),
            Span::styled(head, theme.dim),
            Span::styled(title, self.title_style),
            Span::raw(" ".repeat(gap)),
            Span::styled(detail, theme.text),
            Span::styled(times, theme.dim),
        ])
    }

    /// Shares the room out: ids are shortened first, then what was made is left out, then ids behind a name,
    /// and only then is the title cut.
    fn title_and_detail(&self, room: usize) -> (String, String) {
        let short = with_short_ids(&self.title, SHORT_ID);
        let made: Vec<String> = self
            .made
            .iter()
            .map(|id| cut_middle(id, SHORT_ID))
            .collect();
        let with = |made: &[String]| {
            let words = made
                .iter()
                .map(String::as_str)
                .chain([self.detail.as_str()]);
            let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
            words.join(" ")
        };
        let gap = |detail: &str| {
            if detail.is_empty() {
                0
            } else {
                cells(detail) + 2
            }
        };
        let named = without_named_ids(&self.title);
        let named_short = with_short_ids(&named, SHORT_ID);
        let shorter = with_short_ids(&named, SHORTER_ID);
        let tries = [
            (&self.title, with(&self.made)),
            (&short, with(&made)),
            (&short, self.detail.clone()),
            (&named_short, self.detail.clone()),
            (&shorter, self.detail.clone()),
        ];
        for (title, detail) in tries {
            if cells(title) + gap(&detail) <= room {
                return (title.clone(), detail);
            }
        }
        let detail = cut_end(&self.detail, room.saturating_sub(TITLE + 2));
        let title = cut_end(&shorter, room.saturating_sub(gap(&detail)));
        // An id that was shortened right there has its own.
        (title.replace("……", "…"), detail)
    }
}

/// Returns the sign of a step. What is under way spins only while somebody drives it.
fn sign(record: &StepRecord, card: &RunCard, known: &Known) -> (&'static str, Style) {
    let look = &known.settings.look;
    let (signs, theme) = (&look.signs, &look.theme);
    match record.status {
        StepStatus::Planned => (" ", theme.dim),
        StepStatus::Declined => (signs.nothing, theme.dim),
        StepStatus::Waiting => (signs.gate, theme.warning),
        StepStatus::Intent | StepStatus::Accepted if card.held => {
            (look.signs.spinner(known.turn()), theme.accent)
        }
        StepStatus::Intent | StepStatus::Accepted => (signs.unanswered, theme.warning),
        StepStatus::Verified => (signs.fine, theme.good),
        StepStatus::Failed | StepStatus::Conflict => (signs.stop, theme.danger),
    }
}

/// Returns what is known of a step, in AWS's words where there are any.
fn detail(step: &Step, record: &StepRecord, card: &RunCard) -> String {
    let missing = || {
        let missing = card.state.missing();
        missing.iter().any(|one| one.step.id == step.id)
    };
    match record.status {
        StepStatus::Planned if step.may_wait && missing() => "not tried".to_owned(),
        StepStatus::Planned => String::new(),
        StepStatus::Waiting => "waits for you".to_owned(),
        StepStatus::Verified if step.call.is_none() => "answered".to_owned(),
        // Nothing was sent for it: somebody else had done it.
        StepStatus::Verified if record.was_so_already() => format!("already {}", record.detail),
        StepStatus::Verified => record.detail.clone(),
        StepStatus::Failed if step.may_wait && missing() => "missing".to_owned(),
        StepStatus::Declined => "left out".to_owned(),
        StepStatus::Failed => "failed".to_owned(),
        StepStatus::Conflict => "conflict".to_owned(),
        StepStatus::Intent | StepStatus::Accepted => {
            progress(step, record, card).unwrap_or_else(|| {
                let text = match (record.status, record.ambiguous, record.clean) {
                    (StepStatus::Accepted, _, _) => "accepted",
                    (_, true, _) => "outcome unknown, looking",
                    (_, false, true) => "refused, trying again",
                    (_, false, false) => "sending",
                };
                text.to_owned()
            })
        }
    }
}

/// Returns the last state that AWS told of the present attempt.
fn progress(step: &Step, record: &StepRecord, card: &RunCard) -> Option<String> {
    let since = record.intent_seq;
    let recent = card.events.iter().rev();
    let mut recent = recent.take_while(|event| event.seq > since);
    recent.find_map(|event| {
        let EventBody::Progress { detail, percent } = &event.body else {
            return None;
        };
        let told = match percent {
            Some(percent) => format!("{detail} {percent} %"),
            None => detail.clone(),
        };
        (event.step.as_ref() == Some(&step.id)).then_some(told)
    })
}

/// Returns how long a step took, or takes up to now; `None` if it was not begun.
fn took(record: &StepRecord, card: &RunCard, now: Timestamp) -> Option<SignedDuration> {
    // A person's thinking is not the call's time.
    let asked = record.answered && record.intent_at.is_some();
    let begun = if asked {
        record.intent_at
    } else {
        record.started_at
    };
    let to = match record.status {
        StepStatus::Planned | StepStatus::Declined => return None,
        StepStatus::Verified | StepStatus::Failed | StepStatus::Conflict => record.ended_at,
        StepStatus::Waiting | StepStatus::Intent | StepStatus::Accepted => {
            let stands = matches!(card.state.halt, Halt::Over) || card.broken.is_some();
            Some(if stands { card.state.last_at } else { now })
        }
    };
    Some(to?.duration_since(begun?))
}
