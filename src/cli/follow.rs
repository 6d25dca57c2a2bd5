//! Follows a run through its journal: prints what becomes known and says how it came to rest.
//!
//! It never drives the run. Leaving it changes nothing.

use std::path::Path;
use std::process::Child;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::domain::ids::RunId;
use crate::domain::plan::{Gate, Plan, Step};
use crate::domain::run::{
    EventBody, Halt, Kept, Operator, PauseReason, RunEvent, RunState, RunStatus, StepStatus, told,
};
use crate::domain::text::{Untrusted, shown};
use crate::domain::words::left_as_found;
use crate::journal::damage::Damage;
use crate::journal::{Journal, JournalError};
use crate::report::{Report, advice_on};

use super::last_words;
use super::output::Output;

/// What settles a conflict: what it found is not written over, so a person puts it right.
pub const SETTLE: &str =
    "set it by hand to what is expected there; the step looks again before it sends";

/// How often the journal is read for news.
const LOOK: Duration = Duration::from_millis(150);

/// One line about a run, as `run --json` ends with and `runs --json` lists.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// The run.
    pub run: RunId,
    /// Its flow.
    pub flow: String,
    /// Its state.
    pub state: RunStatus,
    /// Why it sends nothing, if it does not.
    pub reason: Option<String>,
    /// What it goes on without, or has stopped for want of: `step`, `title` and `why` of each; left out where that is
    /// nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Value>,
    /// What a person has declined: `step`, `title` and `why` of each, as it is so now; left out where that is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<Value>,
    /// For how long the service was down, in seconds; null if it never was.
    pub outage_seconds: Option<i64>,
    /// What it made.
    pub created: Vec<Value>,
    /// What is kept, out of service.
    pub kept: Vec<Value>,
    /// `alive` or `gone`.
    pub runner: &'static str,
    /// What is damaged of its record; left out where it is whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub damage: Option<Damage>,
}

impl Summary {
    /// Sums a run up.
    #[must_use]
    pub fn of(state: &RunState, alive: bool, now: Timestamp) -> Self {
        let created = state.created.iter().map(|made| json!(made));
        let parts = state
            .parts()
            .map(|(step, part)| json!({"id": part.name, "kind": part.what, "step": step.id}));
        Self {
            run: state.run.clone(),
            flow: state.plan.flow.clone(),
            state: state.status(),
            reason: state.reason.clone(),
            missing: missing(state),
            declined: declined(state),
            outage_seconds: state.outage(now).map(|outage| outage.as_secs()),
            created: created.chain(parts).collect(),
            kept: kept(state),
            runner: if alive { "alive" } else { "gone" },
            damage: None,
        }
    }
}

fn missing(state: &RunState) -> Vec<Value> {
    let missing = state.missing();
    let line = missing
        .iter()
        .map(|one| json!({"step": one.step.id, "title": one.step.title, "why": one.why}));
    line.collect()
}

fn declined(state: &RunState) -> Vec<Value> {
    let line =
        |(step, told): (&Step, &str)| json!({"step": step.id, "title": step.title, "why": told});
    state.declined().map(line).collect()
}

/// What the run leaves behind out of service. What it made has no date, and no field for one.
fn kept(state: &RunState) -> Vec<Value> {
    let line = |thing: Kept| {
        let mut line = json!({"id": thing.id, "kind": thing.kind, "why": thing.why});
        if !state.created.iter().any(|made| made.id == thing.id) {
            line["keep_until"] = json!(thing.until);
        }
        line
    };
    state.kept().into_iter().map(line).collect()
}

/// A viewer of one run.
pub struct Follow<'a> {
    /// The record.
    pub journal: &'a dyn Journal,
    /// Time.
    pub clock: &'a Clock,
    /// The run.
    pub run: &'a RunId,
    /// Print events as JSON lines on the output, instead of sentences beside it.
    pub json: bool,
    /// The runner, where this process started it.
    pub child: Option<Child>,
}

impl Follow<'_> {
    /// Prints events until the run comes to rest, and returns its state and whether a runner holds it.
    ///
    /// # Errors
    /// Those of the journal and of the output.
    pub async fn to_rest(
        &mut self,
        after: u64,
        output: &mut Output,
    ) -> Result<(RunState, bool), Report> {
        let mut printed = after;
        loop {
            // Asked before the events are read: a runner that has just let go has written its last.
            let alive = self.alive().await?;
            let events = self.journal.read(self.run, 0).await?;
            for event in events.iter().filter(|event| event.seq > printed) {
                self.print(event, &events, output)?;
            }
            printed = events.last().map_or(printed, |last| last.seq);
            let Some(state) = RunState::fold(&events) else {
                let missing = JournalError::NoSuchRun(self.run.to_string());
                return Err(missing.into());
            };
            if at_rest(&state, alive) {
                return Ok((state, alive));
            }
            self.clock.sleep(LOOK).await;
        }
    }

    /// Waits until a command was dealt with, until something that was said after position `before`
    /// keeps the runner from it for now, or until no runner is there to do so.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn until_taken(&mut self, command: u64, before: u64) -> Result<bool, Report> {
        loop {
            let alive = self.alive().await?;
            let events = self.journal.read(self.run, 0).await?;
            let kept = |event: &&RunEvent| {
                let why = matches!(
                    event.body,
                    EventBody::Paused { .. } | EventBody::Unreachable { .. }
                );
                why && event.seq > before
            };
            let taken = RunState::fold(&events).is_some_and(|state| state.last_command >= command);
            if taken || events.iter().any(|event| kept(&event)) {
                return Ok(true);
            }
            if !alive {
                return Ok(false);
            }
            self.clock.sleep(LOOK).await;
        }
    }

    /// Tells whether a runner is there.
    ///
    /// # Errors
    /// Those of the journal.
    pub async fn alive(&mut self) -> Result<bool, JournalError> {
        if let Some(child) = &mut self.child {
            // An error here means that it cannot be waited for: then the lease alone tells.
            if matches!(child.try_wait(), Ok(None)) {
                return Ok(true);
            }
            self.child = None;
        }
        self.journal.is_held(self.run).await
    }

    fn print(
        &self,
        event: &RunEvent,
        events: &[RunEvent],
        output: &mut Output,
    ) -> Result<(), Report> {
        if self.json {
            return output.json(event);
        }
        if repeats(event, events) {
            return Ok(());
        }
        if let Some(sentence) = sentence(event, events) {
            output.tell(&format!("{} {sentence}", clock_of(event.at)));
        }
        Ok(())
    }
}

/// A run is at rest when it is over, or when nobody will move it without a person.
fn at_rest(state: &RunState, alive: bool) -> bool {
    match state.status() {
        RunStatus::Done | RunStatus::RolledBack => true,
        RunStatus::Waiting => !alive || asks_a_person(state),
        RunStatus::Paused => !alive || state.halt == Halt::Paused(PauseReason::Credentials),
        RunStatus::Failed | RunStatus::Running | RunStatus::RollingBack => !alive,
    }
}

/// A gate that was agreed to ahead is open only for a moment.
fn asks_a_person(state: &RunState) -> bool {
    let last_four = state.plan.place.account.last_four();
    state.current_steps().iter().any(|step| {
        let open = state.record(&step.id).status == StepStatus::Waiting;
        let approval = &state.approval;
        open && !approval.declines(step) && !approval.answers(&step.gate, last_four)
    })
}

fn clock_of(at: Timestamp) -> String {
    at.strftime("%H:%M:%SZ").to_string()
}

/// A progress that counts on is told once.
fn repeats(event: &RunEvent, events: &[RunEvent]) -> bool {
    let before = events.iter().rev().find(|before| before.seq < event.seq);
    before.is_some_and(|before| before.step == event.step && event.body.repeats(&before.body))
}

/// Returns an event as a person reads it; `None` for what matters only to the record.
#[must_use]
pub fn sentence(event: &RunEvent, events: &[RunEvent]) -> Option<String> {
    let wanted = event.step.as_ref();
    let is_it = |step: &&Step| Some(&step.id) == wanted;
    let planned = plan_of(events)?.steps.iter().find(is_it);
    let step = planned.or_else(|| undo_of(events).find(is_it));
    let title = step.map_or("", |step| step.title.as_str());
    let gate_alone = planned.is_some_and(|step| step.call.is_none());
    Some(match &event.body {
        // The answer was told already.
        EventBody::Verified { .. } if gate_alone => return None,
        EventBody::Planned { plan, by, .. } => {
            format!(
                "run {} · {} · approved by {}@{}",
                event.run,
                plan.title,
                shown(&by.user),
                shown(&by.host)
            )
        }
        EventBody::GateOpened => format!("▒ {title}"),
        EventBody::GateAnswered { by, command } => answered(title, by, *command),
        EventBody::GateDeclined { by, .. } => not_wanted(step?, by),
        EventBody::Intent { .. } => format!("⋯ {title}"),
        EventBody::Ambiguous { failure } if failure.code.is_some() => {
            let line = failure.line();
            format!("? {title} · an error that proves nothing ({line}); looking what came of it")
        }
        EventBody::Ambiguous { failure } => {
            format!("? {title} · no answer ({}); looking", failure.line())
        }
        EventBody::Refused { failure } => format!("! {title} · {}; trying again", failure.line()),
        EventBody::Accepted { request_id, .. } => {
            format!(
                "  {title} · accepted, request {}",
                shown(request_id.as_deref().unwrap_or("—"))
            )
        }
        EventBody::Progress { detail, .. } => format!("  {title} · {detail}"),
        EventBody::Verified { detail, .. } => format!("✔ {title} · {detail}"),
        EventBody::StepFailed { why, .. } => format!("✘ {title} · {why}{}", left(event, events)),
        EventBody::Conflict { why } => format!("✘ {title} · conflict: {why}"),
        EventBody::Paused { line, .. } => paused(line, events),
        EventBody::Resumed { by, .. } => match by {
            Some(by) => format!("resumed by {}", shown(&by.user)),
            None => "resumed: the credentials work again".to_owned(),
        },
        EventBody::RollBackStarted { by, .. } => {
            format!("rolling back, asked by {}", shown(&by.user))
        }
        EventBody::Failed { why } => format!("✘ {why}"),
        EventBody::Done => "done".to_owned(),
        EventBody::RolledBack => "rolled back; what was made is kept".to_owned(),
        EventBody::Unreachable { why } => format!("! {why}; trying again"),
        EventBody::Adopted { found } => format!("found {} resources of this run", found.len()),
        EventBody::Salvaged { .. } => format!("! {}", shown(&told(&event.body).0)),
        EventBody::CommandIgnored { why, .. } => format!("the command changed nothing: {why}"),
        EventBody::RunnerStopped { why } => format!("the runner has let go: {why}"),
        EventBody::RunnerStarted { .. } => return None,
    })
}

/// Says so where the run goes on without the step that an event tells of.
fn left(event: &RunEvent, events: &[RunEvent]) -> &'static str {
    let until = events.iter().take_while(|one| one.seq <= event.seq);
    let until: Vec<RunEvent> = until.cloned().collect();
    let state = RunState::fold(&until);
    let step = event.step.as_ref();
    let without = state.zip(step);
    if without.is_some_and(|(state, step)| state.goes_on_without(step)) {
        "; going on without it"
    } else {
        ""
    }
}

fn not_wanted(step: &Step, by: &Operator) -> String {
    let (title, by) = (&step.title, shown(&by.user));
    let left = step.if_declined.as_deref().unwrap_or("left out");
    format!("– {title} · declined by {by}: {left}")
}

fn answered(title: &str, by: &Operator, command: Option<u64>) -> String {
    let by = shown(&by.user);
    match command {
        Some(_) => format!("✔ {title} · confirmed by {by}"),
        None => format!("✔ {title} · a yes of {by} that was not for this gate alone"),
    }
}

fn paused(line: &str, events: &[RunEvent]) -> String {
    let state = RunState::fold(events);
    let line = state.map_or_else(|| line.to_owned(), |state| state.titled(line));
    format!("paused · {line}")
}

fn plan_of(events: &[RunEvent]) -> Option<&Plan> {
    events.iter().find_map(|event| {
        let EventBody::Planned { plan, .. } = &event.body else {
            return None;
        };
        Some(plan.as_ref())
    })
}

/// Lists the steps that take the run back, once that has begun.
fn undo_of(events: &[RunEvent]) -> impl Iterator<Item = &Step> {
    let steps = events.iter().filter_map(|event| {
        let EventBody::RollBackStarted { steps, .. } = &event.body else {
            return None;
        };
        Some(steps)
    });
    steps.flatten()
}

/// Returns what a person must know and do now, line by line. Without a runner, `log` is where the
/// last one wrote.
#[must_use]
pub fn next_steps(state: &RunState, alive: bool, log: &Path, now: Timestamp) -> Vec<String> {
    let run = state.run.tail();
    let mut lines = Vec::new();
    if let Some(since) = state.down_since() {
        lines.push(format!("SERVICE IS DOWN since {}", clock_of(since)));
    }
    match state.status() {
        RunStatus::Waiting => lines.extend(gates(state, run)),
        RunStatus::Failed => lines.extend(failed(state)),
        RunStatus::Paused => {
            let reason = state.reason_told();
            lines.push(format!("paused: {}", reason.as_deref().unwrap_or("—")));
            if state.halt == Halt::Paused(PauseReason::Conflict) {
                lines.push(SETTLE.to_owned());
            }
            lines.extend(missing_lines(state));
            lines.push(ways_on("go on", state));
        }
        RunStatus::Running | RunStatus::RollingBack if !alive => {
            lines.push(
                "NO RUNNER holds this run: the last one is gone, and nothing is being sent"
                    .to_owned(),
            );
            lines.extend(last_words::lines(log));
            lines.extend(missing_lines(state));
            lines.push(ways_on("go on", state));
        }
        RunStatus::Running | RunStatus::RollingBack => {
            lines.extend(
                state
                    .reason
                    .iter()
                    .map(|why| format!("! {why}; trying again")),
            );
            lines.extend(missing_lines(state));
            lines.push(format!("it goes on; defib attach {run} follows it"));
        }
        RunStatus::Done => {
            lines.push(outcome(state, now));
            lines.extend(state.declined().map(|(_, told)| format!("! {told}")));
            let idle = state.idle();
            if !idle.is_empty() {
                let text = "no traffic was moved; to move it, run ami-relaunch again without --isolate-only: that launches another one";
                lines.push(text.to_owned());
            }
            lines.extend(idle.iter().map(|line| format!("! {}", shown(line))));
            lines.push(format!(
                "report: defib report {run}    take it back: defib rollback {run}"
            ));
        }
        RunStatus::RolledBack => {
            lines.push(format!("rolled back · report: defib report {run}"));
            lines.extend(state.left_as_found().map(left_line));
            lines.extend(state.idle().iter().map(|line| format!("! {}", shown(line))));
        }
    }
    lines.extend(serving_lines(state));
    lines.extend(kept_lines(state));
    lines
}

/// Returns the commands by which a run that stands still goes on. One that is on its way back has no other way.
fn ways_on(on: &str, state: &RunState) -> String {
    let run = state.run.tail();
    match state.undo {
        Some(_) => format!("{on} rolling back: defib resume {run}"),
        None => format!("{on}: defib resume {run}    take it back: defib rollback {run}"),
    }
}

/// Says why a run has failed and how it goes on. Where it is only for want of what it went on without, each of that
/// has a line of its own.
fn failed(state: &RunState) -> Vec<String> {
    let alone = state.reason.is_some() && state.reason == state.missing_told();
    let head = state.missing_head().filter(|_| alone);
    let reason = head.or_else(|| state.reason_told());
    let mut lines = vec![format!("failed: {}", reason.as_deref().unwrap_or("—"))];
    lines.extend(missing_lines(state));
    lines.extend(advice(state));
    let on = match (alone, state.lacks_more()) {
        (true, true) => "try what is missing again, and do the rest",
        (true, false) => "try what is missing again",
        (false, _) => "try again",
    };
    lines.push(ways_on(on, state));
    lines
}

/// Returns what the run goes on without, a line each, with its reason.
fn missing_lines(state: &RunState) -> Vec<String> {
    let missing = state.missing();
    let line = missing
        .iter()
        .map(|one| format!("! missing: {}: {}", one.step.title, one.why));
    line.collect()
}

/// Returns what helps where AWS said why a step stopped.
fn advice(state: &RunState) -> Vec<String> {
    let stopped = state
        .current_steps()
        .iter()
        .map(|step| state.record(&step.id));
    let stopped = stopped.filter(|record| record.status == StepStatus::Failed);
    let advice = stopped.flat_map(|record| advice_on(&record.detail));
    advice.map(|line| format!("  {line}")).collect()
}

/// Says that a way back leaves something as it was found: loudly, where a person has to do something about it.
#[must_use]
pub fn left_line(step: &Step) -> String {
    let sign = if step.if_kept.is_some() { "! " } else { "" };
    format!("{sign}{}", left_as_found(step))
}

/// Returns how a run ended, on one line.
#[must_use]
pub fn outcome(state: &RunState, now: Timestamp) -> String {
    let outage = state.outage(now).map_or_else(|| "none".to_owned(), minutes);
    format!("{} · outage: {outage}", state.status().as_str())
}

/// Returns what serves now in the place of what was there, a line each.
#[must_use]
pub fn serving_lines(state: &RunState) -> Vec<String> {
    state
        .serving()
        .map(|made| format!("restored: {} {}", made.kind.as_str(), shown(&made.id)))
        .collect()
}

/// Returns what a run leaves behind out of service, a line each.
#[must_use]
pub fn kept_lines(state: &RunState) -> Vec<String> {
    let line = |thing: &Value| {
        let text = |field: &str| shown(thing[field].as_str().unwrap_or_default());
        format!("kept: {} {} ({})", text("kind"), text("id"), text("why"))
    };
    let parts = state.parts_told().into_iter();
    let parts = parts.map(|told| format!("made as well: {told}"));
    kept(state).iter().map(line).chain(parts).collect()
}

fn gates(state: &RunState, run: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for step in state.current_steps() {
        if state.record(&step.id).status != StepStatus::Waiting {
            continue;
        }
        lines.push(format!("▒ {}", step.title));
        match &state.gate_of(step) {
            Gate::None => {}
            Gate::Confirm(what) => lines.push(format!("  {what}")),
            Gate::Person { instructions, .. } => {
                lines.extend(instructions.iter().map(|line| format!("  {line}")));
            }
            Gate::TypeName { name, why } => {
                lines.push(format!("  {why}"));
                lines.push(format!(
                    "  then: defib approve {run} --confirm {}",
                    quoted(name)
                ));
                lines.extend(left_out(step, run));
                lines.push(no(state, run));
                continue;
            }
        }
        lines.push(format!("  then: defib approve {run}"));
        lines.extend(left_out(step, run));
        lines.push(no(state, run));
    }
    lines
}

/// Says how to leave a step out that the run can end without.
fn left_out(step: &Step, run: &str) -> Option<String> {
    let told = step.if_declined.as_ref()?;
    Some(format!(
        "  or leave it out: defib approve {run} --decline {} (then: {told})",
        step.id
    ))
}

/// Says how to say no to a gate.
fn no(state: &RunState, run: &str) -> String {
    match state.undo {
        Some(_) => format!("  if not: defib abort {run} (goes no further)"),
        None => format!(
            "  if not: defib rollback {run} (takes it back), or defib abort {run} (goes no further)"
        ),
    }
}

/// Quotes a name for a shell, as it is shown, which is taken for the name itself.
#[must_use]
pub fn quoted(name: &Untrusted) -> String {
    let shown = name.shown();
    match shlex::try_quote(&shown) {
        Ok(quoted) => quoted.into_owned(),
        Err(_nul) => shown.clone(),
    }
}

/// Returns a duration as `1 min 12 s`.
#[must_use]
pub fn minutes(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=59 => format!("{seconds} s"),
        _long => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::StepId;
    use crate::restore::export::specimen;

    /// The run as it was when a step was last told of by this event.
    fn until(step: &str, is_it: impl Fn(&EventBody) -> bool) -> Vec<RunEvent> {
        let events = specimen::events();
        let found = |event: &RunEvent| {
            let of_step = event.step.as_ref().map(StepId::as_str) == Some(step);
            of_step && is_it(&event.body)
        };
        let last = events.iter().rposition(found).unwrap();
        events[..=last].to_vec()
    }

    fn told(events: &[RunEvent]) -> String {
        let state = RunState::fold(events).unwrap();
        let log = Path::new("/nowhere/R.log");
        next_steps(&state, true, log, state.last_at).join("\n")
    }

    fn then(events: &mut Vec<RunEvent>, step: Option<&str>, body: EventBody) {
        let last = events.last().unwrap().clone();
        events.push(RunEvent {
            seq: last.seq + 1,
            step: step.map(StepId::from),
            body,
            ..last
        });
    }

    #[test]
    fn a_gate_says_how_to_say_no() {
        let events = until("healthy", |body| matches!(body, EventBody::GateOpened));
        let text = told(&events);
        assert!(text.contains("then: defib approve"), "{text}");
        assert!(text.contains("if not: defib rollback"), "{text}");
        assert!(text.contains("defib abort"), "{text}");
    }

    #[test]
    fn a_conflict_on_the_way_back_names_its_step_and_what_helps() {
        let mut events = until("stop", |body| matches!(body, EventBody::Verified { .. }));
        let state = RunState::fold(&events).unwrap();
        let steps = state.plan.undo_steps(&state.touched());
        let (id, title) = (steps[0].id.clone(), steps[0].title.clone());
        let back = EventBody::RollBackStarted {
            by: state.by,
            approval: crate::domain::run::Approval::default(),
            steps,
            command: None,
        };
        then(&mut events, None, back);
        let why = "it is in another group".to_owned();
        let conflict = EventBody::Conflict { why: why.clone() };
        then(&mut events, Some(id.as_str()), conflict);
        let paused = EventBody::Paused {
            reason: PauseReason::Conflict,
            line: format!("{}: {why}", id.as_str()),
            command: None,
        };
        then(&mut events, None, paused);
        let text = told(&events);
        assert!(text.contains(&format!("paused: {title}: {why}")), "{text}");
        assert!(!text.contains(id.as_str()), "{text}");
        assert!(text.contains("set it by hand"), "{text}");
        assert!(text.contains("go on rolling back: defib resume"), "{text}");
        assert!(!text.contains("defib rollback"), "{text}");
    }

    #[test]
    fn a_progress_that_counts_on_is_told_once() {
        let mut events = until("stop", |body| matches!(body, EventBody::Intent { .. }));
        for left in [3, 2, 1] {
            let progress = EventBody::Progress {
                detail: format!("the old answer is kept for {left} s more"),
                percent: None,
            };
            then(&mut events, Some("stop"), progress);
        }
        let repeated: Vec<bool> = events
            .iter()
            .rev()
            .take(3)
            .map(|it| repeats(it, &events))
            .collect();
        assert_eq!(repeated, [true, true, false]);
        let state = RunState::fold(&events).unwrap();
        let asked = crate::restore::export::report::Asked {
            incident: None,
            now: state.last_at,
        };
        let text = crate::restore::export::report::report(&state, &events, asked);
        assert!(!text.contains("kept for 2 s"), "{text}");
        assert!(text.contains("told 3 times"), "{text}");
    }
}
