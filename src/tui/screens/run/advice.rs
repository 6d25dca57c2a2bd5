//! What a run has to say to its operator now: what it asks, why it stands still, what is safe, what to do.
//! Sentences with a tone; how they are laid out is for the view.

use jiff::SignedDuration;

use crate::domain::plan::{Gate, Step};
use crate::domain::run::{Halt, PauseReason, RunState, RunStatus, StepStatus};
use crate::domain::words::{about, left_as_found};
use crate::report::{Report, advice_on};
use crate::tui::keymap::Action;
use crate::tui::known::{Known, RunCard};

use super::open_gates;
use super::standing::Standing;
use super::wishes::{gate_lines, usually};
use super::words::{SHORT_ID, fit, key, short_ids, time_of, with_short_ids};

/// How a sentence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The service is down: this comes first.
    Loud,
    /// What it is about, and what to do.
    Strong,
    /// Plain.
    Plain,
    /// A command to be pasted: not broken unless it must be.
    Command,
}

/// Columns from which on there is room for more than a word about each key.
const ROOMY: u16 = 78;

/// From which length on it is said how long a step took before.
const WORTH_SAYING: SignedDuration = SignedDuration::from_mins(1);

/// The word in front of what a run leaves behind.
pub const KEPT: &str = "kept";

/// A sentence for the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// One short word in front of it, or nothing.
    pub label: &'static str,
    /// The sentence, fit to be shown.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
}

fn say(label: &'static str, text: impl Into<String>) -> Said {
    Said {
        label,
        text: text.into(),
        tone: Tone::Plain,
    }
}

fn strong(label: &'static str, text: impl Into<String>) -> Said {
    Said {
        tone: Tone::Strong,
        ..say(label, text)
    }
}

/// Returns what a run has to say; while it goes on as planned, no more than how long what it is at has taken before.
#[must_use]
pub fn said(card: &RunCard, known: &Known) -> Vec<Said> {
    match Standing::of(card, known) {
        Standing::Damaged => damaged(card, known),
        Standing::Asks => gate(card, known),
        Standing::Paused | Standing::Failed | Standing::Unheld => stuck(card, known),
        Standing::Done => done(&card.state, known),
        Standing::Back => back(&card.state, known),
        Standing::Starting => vec![say("", "the runner is being started")],
        Standing::Running | Standing::GoingBack => {
            let reason = card.state.reason.as_ref();
            let reason =
                reason.map(|why| strong("", format!("! {}; trying again", fit(why, known))));
            let missing = missing(&card.state, known).into_iter();
            let usual = usual(&card.state, known);
            reason.into_iter().chain(missing).chain(usual).collect()
        }
    }
}

/// Says of the long steps that it is at how long they took in earlier runs.
fn usual(state: &RunState, known: &Known) -> Vec<Said> {
    let under_way = state.current_steps().iter().filter(|step| {
        let status = state.record(&step.id).status;
        matches!(status, StepStatus::Intent | StepStatus::Accepted)
    });
    let told = under_way.filter_map(|step| {
        let usual = known.runs.usual(step, state)?;
        let title = with_short_ids(&fit(&step.title, known), SHORT_ID);
        (usual.lasts >= WORTH_SAYING).then(|| say("", format!("{title}: {}", usual.told())))
    });
    told.collect()
}

/// Says why a run needs a person, with the loudest first.
fn stuck(card: &RunCard, known: &Known) -> Vec<Said> {
    let state = &card.state;
    let mut said = Vec::new();
    if let Some(since) = state.down_since() {
        let since = time_of(since, known);
        let ways = ways(card, known);
        said.push(Said {
            label: "",
            text: format!("SERVICE IS DOWN since {since} · {ways}"),
            tone: Tone::Loud,
        });
    }
    said.extend(why(card, known));
    said.push(say("safe", safe(state, known)));
    if state.down_since().is_none() {
        said.push(strong("next", ways(card, known)));
    }
    said
}

fn why(card: &RunCard, known: &Known) -> Vec<Said> {
    let state = &card.state;
    let reason = state.reason.as_deref().map(|why| reason(why, state, known));
    let mut said = match &state.halt {
        Halt::Failed if lacks_alone(state) => {
            vec![say("why", state.missing_head().unwrap_or_default())]
        }
        Halt::Paused(PauseReason::Operator) => vec![say("why", "an operator paused it")],
        Halt::Paused(PauseReason::Abort) => vec![say("why", "an operator aborted it")],
        Halt::Paused(PauseReason::Credentials | PauseReason::Conflict | PauseReason::Damage)
        | Halt::Failed => {
            vec![say("why", reason.unwrap_or_default())]
        }
        Halt::None | Halt::Over => {
            let text = "no runner holds this run: nothing is being sent".to_owned();
            let reason = reason.map(|why| say("", why));
            [strong("why", text)].into_iter().chain(reason).collect()
        }
    };
    if state.halt == Halt::Paused(PauseReason::Conflict) {
        let text = "set it by hand to what is expected there; the step looks again";
        said.push(say("", text));
    }
    said.extend(missing(state, known));
    said.extend(advice(state));
    if let Some(report) = &card.runner_failed {
        said.push(ended(report, known));
    }
    said
}

/// Tells whether the run stands still only for want of what it went on without.
fn lacks_alone(state: &RunState) -> bool {
    state.reason.is_some() && state.reason == state.missing_told()
}

/// Says what the run goes on without, each with its reason.
fn missing(state: &RunState, known: &Known) -> Vec<Said> {
    let missing = state.missing();
    let told = missing.iter().map(|one| {
        let line = format!("! missing: {}: {}", one.step.title, one.why);
        strong("", fit(&line, known))
    });
    told.collect()
}

/// Returns what helps where AWS said why a step stopped.
fn advice(state: &RunState) -> impl Iterator<Item = Said> {
    let records = state.current_steps().iter();
    let records = records.map(|step| state.record(&step.id));
    let stopped = records.filter(|record| record.status == StepStatus::Failed);
    let lines = stopped.flat_map(|record| advice_on(&record.detail).iter());
    lines.map(|line| say("", *line))
}

/// Says why the last runner ended.
fn ended(report: &Report, known: &Known) -> Said {
    say(
        "",
        fit(&format!("its last runner ended: {}", report.line()), known),
    )
}

/// Returns why a run stands still, with the title of the step in place of its id.
fn reason(why: &str, state: &RunState, known: &Known) -> String {
    let of_step = why.split_once(": ").and_then(|(id, rest)| {
        let step = state.any_step(&id.into())?;
        let detail = state.record(&step.id).detail;
        // What the line says beyond that is said in words of our own.
        let rest = if rest.starts_with(&detail) {
            &detail
        } else {
            rest
        };
        Some(format!("{}: {rest}", step.title))
    });
    fit(of_step.as_deref().unwrap_or(why), known)
}

/// Returns what is certain whatever happened.
fn safe(state: &RunState, known: &Known) -> String {
    let steps = state.current_steps().iter();
    let begun = steps.filter(|step| {
        let status = state.record(&step.id).status;
        matches!(status, StepStatus::Intent | StepStatus::Accepted)
    });
    let under_way = if begun.count() > 0 {
        "; what AWS has begun goes on"
    } else {
        ""
    };
    let made: Vec<String> = state
        .created
        .iter()
        .map(|made| fit(&made.id, known))
        .collect();
    let kept = if made.is_empty() {
        String::new()
    } else {
        format!("; kept: {}", short_ids(&made))
    };
    format!("nothing new is sent, nothing is deleted{under_way}{kept}")
}

/// Returns the ways on, with their keys; while the service is down the quickest way up comes first.
fn ways(card: &RunCard, known: &Known) -> String {
    let state = &card.state;
    let resume = key(Action::Resume, known);
    let time = time_back(state);
    if state.undo.is_some() {
        let once = match &state.halt {
            Halt::Paused(PauseReason::Conflict) => " once that is settled",
            Halt::Paused(_) | Halt::None | Halt::Over | Halt::Failed => "",
        };
        return format!("{resume} go on rolling back{once} ({time})");
    }
    let undo = format!("{} roll back ({time})", key(Action::Undo, known));
    let again = match &state.halt {
        Halt::Paused(PauseReason::Operator | PauseReason::Abort) | Halt::None | Halt::Over => {
            "resume"
        }
        Halt::Paused(PauseReason::Credentials) => "resume once you are logged in",
        Halt::Paused(PauseReason::Conflict) => "retry once that is settled",
        Halt::Paused(PauseReason::Damage) => "go on, by the run's id",
        Halt::Failed if lacks_alone(state) => "try what is missing again, and do the rest",
        Halt::Failed => "retry",
    };
    if state.down_since().is_some() {
        format!("{undo} · {resume} {again}")
    } else {
        format!("{resume} {again} · {undo}")
    }
}

/// Returns how long the way back takes.
fn time_back(state: &RunState) -> String {
    let way_back = state.way_back(state.asks_for_its_id());
    if way_back.is_empty() {
        return "nothing was changed yet".to_owned();
    }
    about(usually(&way_back))
}

fn gate(card: &RunCard, known: &Known) -> Vec<Said> {
    let state = &card.state;
    let mut open = open_gates(state);
    let Some(step) = open.next() else {
        return Vec::new();
    };
    let sign = known.settings.look.signs.gate;
    let mut said = vec![strong("", format!("{sign} {}", fit(&step.title, known)))];
    said.extend(
        gate_lines(&state.gate_of(step), known)
            .into_iter()
            .map(line),
    );
    let record = state.record(&step.id);
    if record.asked_again_seq > 0 {
        // What was answered was looked at, and this was found.
        said.push(strong("", format!("! {}", fit(&record.detail, known))));
    }
    if let Gate::TypeName { name, .. } = &step.gate {
        said.push(say(
            "",
            format!("The name is typed: {}", fit(&name.shown(), known)),
        ));
    }
    let declined = step.if_declined.as_ref();
    if let Some(told) = declined {
        let decline = key(Action::Decline, known);
        said.push(say(
            "",
            fit(&format!("{decline} leaves it out: then {told}"), known),
        ));
    }
    let waiting = match open.count() {
        0 => String::new(),
        1 => " · 1 more question follows".to_owned(),
        more => format!(" · {more} more questions follow"),
    };
    let back = if state.undo.is_some() {
        String::new()
    } else {
        let time = time_back(state);
        format!(" · {} rolls back ({time})", key(Action::Undo, known))
    };
    let answer = key(Action::Answer, known);
    if !card.held {
        let text = "no runner holds this run: an answer starts one, which goes on from here";
        said.push(strong("!", text));
    }
    let look = look(state, step, waiting.is_empty(), known);
    said.push(strong("", format!("{answer} answers{look}{back}{waiting}")));
    if let Some(report) = &card.runner_failed {
        said.push(ended(report, known));
    }
    said
}

/// Returns the key that shows the instance to a person who is to judge something of it; in few words where the sentence
/// would take a second line, for which what is asked would have to give way.
fn look(state: &RunState, step: &Step, short: bool, known: &Known) -> String {
    let asks = matches!(step.gate, Gate::Person { .. });
    if !asks || state.instance().is_none() {
        return String::new();
    }
    let roomy = short && known.room().0 >= ROOMY;
    let what = if roomy {
        "looks at the instance"
    } else {
        "looks"
    };
    format!(" · {} {what}", key(Action::Instance, known))
}

/// Takes an instruction; one that is indented is a command.
fn line(text: String) -> Said {
    let tone = if text.starts_with("  ") {
        Tone::Command
    } else {
        Tone::Plain
    };
    Said {
        tone,
        ..say("", text)
    }
}

fn done(state: &RunState, known: &Known) -> Vec<Said> {
    let serving = state.in_service();
    let mut said: Vec<Said> = serving
        .map(|serving| strong("now", fit(&serving, known)))
        .into_iter()
        .collect();
    let idle = state.idle();
    if !idle.is_empty() {
        let text = "no traffic was moved. To move it, relaunch again without isolate-only: that launches another one";
        said.push(strong("now", text));
    }
    said.extend(idle.iter().map(|idle| strong("!", fit(idle, known))));
    let declined = state.declined();
    said.extend(declined.map(|(_, told)| strong("!", fit(told, known))));
    said.extend(kept(state, known));
    said.push(strong(
        "next",
        format!(
            "{} opens the report · {} takes it back ({})",
            key(Action::Answer, known),
            key(Action::Undo, known),
            time_back(state)
        ),
    ));
    said
}

fn back(state: &RunState, known: &Known) -> Vec<Said> {
    let mut said = vec![strong("now", "what existed is as it was before the run")];
    let idle = state.idle();
    said.extend(idle.iter().map(|idle| strong("!", fit(idle, known))));
    let left = state.left_as_found().map(left_as_found);
    said.extend(left.map(|left| strong("!", fit(&left, known))));
    said.extend(kept(state, known));
    let report = key(Action::Answer, known);
    said.push(strong("next", format!("{report} opens the report")));
    said
}

fn kept(state: &RunState, known: &Known) -> Vec<Said> {
    let kept = state.kept();
    let said = kept.iter().map(|kept| {
        let until = kept.until.as_deref();
        let until = until.map_or(String::new(), |until| format!(", until {until}"));
        let (kind, id, why) = (kept.kind.as_str(), &kept.id, &kept.why);
        say(KEPT, fit(&format!("{kind} {id} ({why}){until}"), known))
    });
    let parts = state.parts_told().into_iter();
    let parts = parts.map(|told| say(KEPT, fit(&format!("{told} (made by this run)"), known)));
    said.chain(parts).collect()
}

fn damaged(card: &RunCard, known: &Known) -> Vec<Said> {
    let mut said = Vec::new();
    if let Some(report) = &card.broken {
        said.push(strong("why", fit(&report.what, known)));
        said.push(say("safe", fit(&report.safe, known)));
    }
    let (report, back) = (key(Action::Report, known), key(Action::Undo, known));
    let resume = key(Action::Resume, known);
    let mut next = vec![format!("{report} report of what is valid")];
    let status = card.state.status();
    if status != RunStatus::RolledBack {
        next.push(format!("{back} roll back"));
    }
    // For all that is valid of it there is nothing left to do.
    if !status.is_over() {
        next.push(format!("{resume} go on, by the run's id"));
    }
    said.push(strong("next", next.join(" · ")));
    said
}

/// Lays out a report: what happened, what is safe, what to do.
pub fn reported(report: &Report, label: &'static str, known: &Known) -> Vec<Said> {
    let mut said = vec![
        say(label, fit(&report.what, known)),
        say("safe", fit(&report.safe, known)),
    ];
    for (n, todo) in report.todo.iter().enumerate() {
        let label = if n == 0 { "next" } else { "" };
        said.push(say(label, fit(todo, known)));
    }
    said
}
