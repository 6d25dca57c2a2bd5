//! What can be asked of a run: answers, pause, resume, abort, roll back. Each is refused in a sentence where
//! it means nothing, and confirmed where something is lost by it.
//!
//! The list of runs asks for the same; nothing is sent here.

use jiff::SignedDuration;

use crate::domain::plan::{Gate, Impact, Plan, Step};
use crate::domain::run::{
    Approval, CommandKind, Halt, PauseReason, RunState, RunStatus, StepStatus,
};
use crate::domain::words::{self, about};
use crate::tui::effect::Effect;
use crate::tui::keymap::Action;
use crate::tui::known::{Known, RunCard};
use crate::tui::model::{Go, Reaction};
use crate::tui::overlays::Overlay;
use crate::tui::overlays::confirm::{Asks, Confirm};

use super::open_gate;
use super::words::{fit, key, short_ids};

const DAMAGED: &str =
    "the record of this run is damaged: it is reported, rolled back, or goes on by its id";
const READ_ONLY: &str = "READ-ONLY: runs are forbidden here";

/// What is asked of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// An answer to its gate.
    Answer,
    /// A no to its gate.
    Decline,
    /// Its end as far as it has come.
    Abort,
    /// That it goes on.
    Resume,
    /// Its way back.
    Undo,
}

impl Wish {
    /// Asks for it of a run as it stands.
    #[must_use]
    pub fn ask(self, card: &RunCard, known: &Known) -> Reaction {
        match self {
            Self::Answer => answer(card, known),
            Self::Decline => decline(card, known),
            Self::Abort => abort(card, known),
            Self::Resume => resume(card, known),
            Self::Undo => undo(card, known),
        }
    }
}

/// Returns the step whose gate is open to an answer; where there is none, the reaction that says why.
fn asked<'a>(card: &'a RunCard, known: &Known) -> Result<&'a Step, Box<Reaction>> {
    let state = &card.state;
    if let Some(refused) = refused(card, known) {
        return Err(Box::new(refused));
    }
    let Some(step) = open_gate(state) else {
        let text = match state.halt {
            Halt::None => "nothing is asked: the run goes on by itself".to_owned(),
            Halt::Paused(_) | Halt::Failed | Halt::Over => ways_on(known),
        };
        return Err(Box::new(Reaction::in_vain(text)));
    };
    if state.halt == Halt::None {
        Ok(step)
    } else {
        Err(Box::new(Reaction::in_vain(ways_on(known))))
    }
}

/// Leaves the step out whose gate is open, where the plan says what is so then, after a yes.
#[must_use]
pub fn decline(card: &RunCard, known: &Known) -> Reaction {
    let state = &card.state;
    let step = match asked(card, known) {
        Ok(step) => step,
        Err(reaction) => return *reaction,
    };
    let Some(told) = &step.if_declined else {
        return Reaction::in_vain(format!(
            "the run cannot end without this: {} answers, {} rolls back",
            key(Action::Answer, known),
            key(Action::Undo, known)
        ));
    };
    let lines = vec![
        "It is left out for good, and the run goes on to its end without it.".to_owned(),
        format!("Then {}", fit(told, known)),
    ];
    let kind = CommandKind::Approve {
        step: Some(step.id.clone()),
    };
    let approval = Approval {
        decline: vec![step.id.clone()],
        ..Approval::default()
    };
    let confirm = Confirm::new(
        format!("leave this out? {}", fit(&step.title, known)),
        lines,
        Asks::yes_after(Action::Decline, known),
    )
    .effect(Effect::Send {
        run: state.run.clone(),
        kind,
        approval,
    })
    .about(&state.run, Wish::Decline)
    .says("left out; the run goes on without it");
    over(confirm)
}

/// Answers the open gate, after its instructions were shown once more.
#[must_use]
pub fn answer(card: &RunCard, known: &Known) -> Reaction {
    let state = &card.state;
    let step = match asked(card, known) {
        Ok(step) => step,
        Err(reaction) => return *reaction,
    };
    let send = |approval| Effect::Send {
        run: state.run.clone(),
        kind: CommandKind::Approve {
            step: Some(step.id.clone()),
        },
        approval,
    };
    let (asks, approval) = match &step.gate {
        Gate::TypeName { name, .. } => {
            let last_four = state.plan.place.account.last_four();
            // As it is shown is taken for the name itself.
            let forms = [name.raw().to_owned(), name.shown()];
            let with_digits = forms.clone().map(|name| format!("{name}@{last_four}"));
            let typed = Asks::Typed {
                shown: name.shown(),
                accepts: forms.into_iter().chain(with_digits).collect(),
                told: Some(name.raw().to_owned()),
            };
            (typed, Approval::default())
        }
        Gate::None | Gate::Confirm(_) | Gate::Person { .. } => {
            let yes = Approval {
                yes: true,
                ..Approval::default()
            };
            let asks = if guarded(&state.plan, known) {
                typed_for(&state.plan, known)
            } else {
                Asks::yes_after(Action::Answer, known)
            };
            (asks, yes)
        }
    };
    let lines = gate_lines(&state.gate_of(step), known);
    let confirm = Confirm::new(fit(&step.title, known), lines, asks)
        .effect(send(approval))
        .about(&state.run, Wish::Answer)
        .says("answered; the run goes on");
    over(confirm)
}

/// Returns what a gate asks for, line by line; indented lines are commands.
#[must_use]
pub fn gate_lines(gate: &Gate, known: &Known) -> Vec<String> {
    match gate {
        Gate::None => Vec::new(),
        Gate::Confirm(what) => vec![fit(what, known)],
        Gate::TypeName { why, .. } => vec![fit(why, known)],
        Gate::Person { instructions, .. } => {
            instructions.iter().map(|line| fit(line, known)).collect()
        }
    }
}

/// Has nothing more sent for now, at once.
#[must_use]
pub fn pause(card: &RunCard, known: &Known) -> Reaction {
    still(card, known).unwrap_or_else(|| Reaction {
        effects: vec![send(card, CommandKind::Pause)],
        ..Reaction::says("asked to pause: what was sent is observed, nothing new is sent")
    })
}

/// Has the run finish what is under way and go no further, after a yes.
#[must_use]
pub fn abort(card: &RunCard, known: &Known) -> Reaction {
    if let Some(refused) = still(card, known) {
        return refused;
    }
    let mut lines = vec![
        "What is under way is followed to its end; nothing new is sent.".to_owned(),
        kept_sentence(&card.state, known),
    ];
    let down = card.state.down_since().is_some();
    if down {
        let text = if comes_up(&card.state) {
            "The service is down now. What brings it up is under way and is followed to its end."
        } else {
            "The service is down now, and stays down until the run is resumed or rolled back."
        };
        lines.push(text.to_owned());
    }
    lines.push(format!(
        "Afterwards {} goes on, or {} rolls back.",
        key(Action::Resume, known),
        key(Action::Undo, known)
    ));
    let asks = Asks::yes_after(Action::Abort, known);
    let confirm = Confirm::new("abort this run?", lines, asks)
        .loud(down)
        .effect(send(card, CommandKind::Abort))
        .about(&card.state.run, Wish::Abort)
        .says("asked to abort: what is under way is followed to its end");
    over(confirm)
}

/// Tells whether the step that ends the outage was sent already: it is followed to its end whatever is asked.
fn comes_up(state: &RunState) -> bool {
    let mut ending = state.current_steps().iter().filter(|step| step.ends_outage);
    ending.any(|step| {
        let sent = [StepStatus::Intent, StepStatus::Accepted];
        sent.contains(&state.record(&step.id).status)
    })
}

/// Has a run go on whose record was damaged, after its id was typed.
fn resume_by_id(card: &RunCard, known: &Known) -> Reaction {
    let state = &card.state;
    let lines =
        vec![
        format!(
            "{} events are valid; what came after them is lost, and may have changed anything.",
            state.salvaged.as_ref().map_or(state.last_seq, |salvaged| salvaged.intact)
        ),
        "It goes on from there: what carries its tags is adopted, every step is looked at before \
         anything is sent, and nothing is made twice."
            .to_owned(),
        format!(
            "The damaged files are kept. {} rolls back instead.",
            key(Action::Undo, known)
        ),
    ];
    let own = state.run.to_string();
    // In a protected account the digits are typed as well.
    let typed = if guarded(&state.plan, known) {
        format!("{own}@{}", state.plan.place.account.last_four())
    } else {
        own.clone()
    };
    let asks = Asks::Typed {
        accepts: vec![typed.to_lowercase(), typed.clone()],
        shown: typed,
        told: Some(own),
    };
    let confirm = Confirm::new("go on from what is valid?", lines, asks)
        .loud(true)
        .effect(send(card, CommandKind::Resume))
        .about(&state.run, Wish::Resume)
        .says("asked to go on from what is valid");
    over(confirm)
}

/// Has the run go on.
#[must_use]
pub fn resume(card: &RunCard, known: &Known) -> Reaction {
    if let Some(refused) = forbidden(known) {
        return refused;
    }
    if (card.broken.is_some() || card.state.asks_for_its_id()) && card.state.halt != Halt::Over {
        return resume_by_id(card, known);
    }
    let asks = open_gate(&card.state).is_some();
    let text = match (&card.state.halt, card.held) {
        (Halt::Over, _) => "the run is over: there is nothing to resume".to_owned(),
        (Halt::None, true) if asks => {
            format!("a person is asked: {} answers", key(Action::Answer, known))
        }
        (Halt::None, true) => "the run goes on already".to_owned(),
        (Halt::None, false) | (Halt::Paused(_) | Halt::Failed, _)
            if guarded(&card.state.plan, known) =>
        {
            let lines = vec![
                "The account is protected, and this run interrupts the service.".to_owned(),
                "It goes on from where it stands; nothing is sent twice.".to_owned(),
            ];
            let confirm = Confirm::new("go on?", lines, typed_for(&card.state.plan, known))
                .loud(true)
                .effect(send(card, CommandKind::Resume))
                .about(&card.state.run, Wish::Resume)
                .says("asked to go on");
            return over(confirm);
        }
        (Halt::None, false) | (Halt::Paused(_) | Halt::Failed, _) => {
            return Reaction {
                effects: vec![send(card, CommandKind::Resume)],
                ..Reaction::says("asked to go on")
            };
        }
    };
    Reaction::in_vain(text)
}

/// Rolls the run back, after a typed yes.
#[must_use]
pub fn undo(card: &RunCard, known: &Known) -> Reaction {
    if let Some(refused) = forbidden(known) {
        return refused;
    }
    let state = &card.state;
    match (state.status(), &state.halt, card.held) {
        (RunStatus::RolledBack, _, _) => {
            return Reaction::in_vain("the run is rolled back already");
        }
        (_, Halt::None, true) if state.undo.is_some() => {
            return Reaction::in_vain("the run is on its way back already");
        }
        _not_yet => {}
    }
    let lost = card.has_lost_events();
    let way_back = state.way_back(lost);
    let mut lines = if lost {
        lost_lines(state, &way_back, known)
    } else {
        undo_lines(state, &way_back, known)
    };
    if !lost && state.salvaged.is_some() {
        let text = "What the damaged record has lost is looked for first, and taken back as well.";
        lines.insert(0, text.to_owned());
    }
    let interrupts = state.down_on_way_back(&way_back).is_some() || state.down_since().is_some();
    let title = if way_back.is_empty() {
        "end this run as rolled back?"
    } else {
        "roll this run back?"
    };
    let confirm = Confirm::new(title, lines, typed_for(&state.plan, known))
        .loud(interrupts)
        .effect(send(card, CommandKind::RollBack))
        .about(&state.run, Wish::Undo)
        .says("asked to roll back");
    over(confirm)
}

/// Returns how long the given steps usually take, one after the other.
#[must_use]
pub fn usually(steps: &[Step]) -> SignedDuration {
    let seconds: u64 = steps.iter().map(|step| step.expected).sum();
    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
}

/// What is told of a way back where nobody knows what was done: the most that may come.
fn lost_lines(state: &RunState, way_back: &[Step], known: &Known) -> Vec<String> {
    let service = match (state.down_since(), state.down_on_way_back(way_back)) {
        (None, Some(down)) => format!(
            "THE SERVICE MAY BE DOWN ALREADY, or goes down for up to {}.",
            about(down)
        ),
        (Some(_), _) | (None, None) => service_sentence(state, way_back),
    };
    let mut lines = vec![
        "Events are lost. What the run did is looked for first, which can take minutes; then that \
         is taken back."
            .to_owned(),
        service,
        "What it has made is kept and listed. Nothing is deleted.".to_owned(),
        String::new(),
        format!(
            "At most {}, {}:",
            counted(way_back.len()),
            about(usually(way_back))
        ),
    ];
    lines.extend(numbered(way_back, known));
    lines
}

fn counted(steps: usize) -> String {
    match steps {
        1 => "1 step".to_owned(),
        more => format!("{more} steps"),
    }
}

fn numbered(steps: &[Step], known: &Known) -> impl Iterator<Item = String> {
    let steps = steps.iter().enumerate();
    steps.map(|(n, step)| format!("  {}. {}", n + 1, fit(&step.title, known)))
}

fn undo_lines(state: &RunState, way_back: &[Step], known: &Known) -> Vec<String> {
    let left = state.left_as_found();
    let left = left.map(|step| fit(&words::left_as_found(step), known));
    if way_back.is_empty() {
        let nothing = "Nothing that existed was changed yet, so there is nothing to take back.";
        let kept = kept_sentence(state, known);
        return [nothing.to_owned(), kept].into_iter().chain(left).collect();
    }
    // What it means comes before how it is done: in a small terminal the steps are scrolled to.
    let mut lines = vec![service_sentence(state, way_back)];
    lines.extend(state.written_since().map(|lost| fit(&lost, known)));
    lines.push(kept_sentence(state, known));
    lines.extend(left);
    lines.push(String::new());
    let count = counted(way_back.len());
    lines.push(format!("{count}, {}:", about(usually(way_back))));
    lines.extend(numbered(way_back, known));
    lines
}

fn service_sentence(state: &RunState, way_back: &[Step]) -> String {
    match (state.down_since(), state.down_on_way_back(way_back)) {
        (Some(_), _) if way_back.iter().any(|step| step.ends_outage) => {
            "The service is down now and is up again at the end of it.".to_owned()
        }
        (Some(_), _) => "The service is down now, and this alone does not bring it up.".to_owned(),
        (None, Some(down)) => format!("THE SERVICE GOES DOWN for {}.", about(down)),
        (None, None) => match state.serving().next() {
            Some(_) if state.traffic_moved() && starts_old(way_back) => {
                "The service is not interrupted: the old one serves before this one stops."
                    .to_owned()
            }
            Some(made) if !state.old_still_serves() => format!(
                "What uses the restored {} goes down with it.",
                made.kind.as_str()
            ),
            Some(_) | None => "The service is not interrupted by it.".to_owned(),
        },
    }
}

fn starts_old(way_back: &[Step]) -> bool {
    way_back.iter().any(|step| step.ends_outage)
}

fn kept_sentence(state: &RunState, known: &Known) -> String {
    let made: Vec<String> = state
        .created
        .iter()
        .map(|made| fit(&made.id, known))
        .collect();
    if made.is_empty() {
        return "This run has made nothing; nothing is deleted.".to_owned();
    }
    format!("Kept: {}. Nothing is deleted.", short_ids(&made))
}

/// Tells whether going on with a plan has to be typed: it interrupts, in a protected account.
fn guarded(plan: &Plan, known: &Known) -> bool {
    let mut steps = plan.steps.iter();
    known.is_protected(&plan.place.account) && steps.any(|step| step.impact == Impact::Interrupts)
}

/// What is typed before a run is turned round: in a protected account the name of what it is about, with
/// the account's last four digits.
fn typed_for(plan: &Plan, known: &Known) -> Asks {
    let account = &plan.place.account;
    if !known.is_protected(account) {
        return Asks::word("yes");
    }
    let with_digits = |name: &str| format!("{name}@{}", account.last_four());
    let id = with_digits(&plan.subject.id);
    // A name that does not show what it is cannot be typed.
    let name = plan.subject.name.as_ref();
    let name = name.filter(|name| name.shown() == name.raw() && !name.raw().trim().is_empty());
    let name = name.map(|name| with_digits(name.raw()));
    let shown = name.clone().unwrap_or_else(|| id.clone());
    Asks::Typed {
        accepts: name.into_iter().chain([id]).collect(),
        told: None,
        shown,
    }
}

/// Says why nothing at all can be asked of a run here.
fn refused(card: &RunCard, known: &Known) -> Option<Reaction> {
    if card.broken.is_some() {
        return Some(Reaction::refuses(DAMAGED));
    }
    forbidden(known)
}

fn forbidden(known: &Known) -> Option<Reaction> {
    known
        .settings
        .read_only
        .then(|| Reaction::refuses(READ_ONLY))
}

/// Says why a run cannot be stopped: it stands still already.
fn still(card: &RunCard, known: &Known) -> Option<Reaction> {
    if card.broken.is_some() {
        return Some(Reaction::refuses(DAMAGED));
    }
    let text = match (&card.state.halt, card.held) {
        (Halt::Over, _) => "the run is over",
        (
            Halt::Failed
            | Halt::Paused(
                PauseReason::Operator
                | PauseReason::Abort
                | PauseReason::Conflict
                | PauseReason::Damage,
            ),
            _,
        ) => "the run stands still already",
        (Halt::None | Halt::Paused(PauseReason::Credentials), false) => {
            return Some(Reaction::in_vain(format!(
                "without a runner there is nothing to stop: {} goes on, {} rolls back",
                key(Action::Resume, known),
                key(Action::Undo, known)
            )));
        }
        (Halt::None | Halt::Paused(PauseReason::Credentials), true) => return None,
    };
    Some(Reaction::in_vain(text))
}

fn ways_on(known: &Known) -> String {
    format!(
        "the run stands still: {} goes on, {} rolls back",
        key(Action::Resume, known),
        key(Action::Undo, known)
    )
}

fn send(card: &RunCard, kind: CommandKind) -> Effect {
    Effect::Send {
        run: card.state.run.clone(),
        kind,
        approval: Approval::default(),
    }
}

fn over(confirm: Confirm) -> Reaction {
    Reaction::go(Go::Over(Box::new(Overlay::Confirm(confirm))))
}
