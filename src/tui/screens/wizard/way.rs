//! One flow in the wizard: what was chosen for it, and what its last preparation came to.
//!
//! It decides nothing about pages and asks for nothing itself.

use crate::domain::check::{Check, stops};
use crate::domain::form::{AS_BEFORE, Choices, Field, FieldKind, FieldSpec, Form, ValueFrom};
use crate::domain::plan::Plan;
use crate::domain::recovery_point::RecoveryPoint;
use crate::report::Report;
use crate::tui::effect::{Obstacle, Prepared};
use crate::tui::known::{FlowCard, Known};
use crate::tui::widgets::text_input::TextInput;

use super::{instant, naming};

/// A word that stands for a given flag.
const GIVEN: &str = "yes";

/// A field that can be chosen.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// What it is.
    pub spec: FieldSpec,
    /// What is being typed, in a text field.
    pub typed: TextInput,
    /// What the operator has chosen; `None` leaves it as proposed.
    pub chosen: Option<String>,
    /// What was chosen for the operator.
    pub proposed: Option<String>,
}

impl Entry {
    /// Tells whether characters go to it.
    pub(super) fn is_text(&self) -> bool {
        match self.spec.kind {
            FieldKind::Text(_)
            | FieldKind::Number(_)
            | FieldKind::Date
            | FieldKind::Instant
            | FieldKind::Resource(_)
            | FieldKind::Point(_) => true,
            FieldKind::OneOf(_) | FieldKind::Flag => false,
        }
    }

    /// Returns what is being typed, without blanks around it; `None` if that is nothing.
    pub(super) fn typed_text(&self) -> Option<String> {
        let text = self.typed.text().trim().to_owned();
        (!text.is_empty()).then_some(text)
    }

    /// Returns the words it can be set to; none for a text.
    pub(super) fn words(&self) -> &'static [&'static str] {
        match self.spec.kind {
            FieldKind::Text(_)
            | FieldKind::Number(_)
            | FieldKind::Date
            | FieldKind::Instant
            | FieldKind::Resource(_)
            | FieldKind::Point(_) => &[],
            FieldKind::OneOf(words) => words,
            FieldKind::Flag => &["no", GIVEN],
        }
    }

    /// Tells whether the operator has chosen or begun anything. A text that was emptied stands as it was proposed.
    pub(super) fn is_touched(&self) -> bool {
        self.chosen != self.proposed || self.is_begun()
    }

    /// Tells whether something is typed that is not what was chosen last.
    pub(super) fn is_begun(&self) -> bool {
        let typed = self.typed_text().filter(|_| self.is_text());
        typed.is_some_and(|typed| Some(typed) != self.chosen)
    }

    /// Tells whether it stands as it was proposed.
    pub(super) fn is_as_proposed(&self) -> bool {
        self.proposed.is_some() && !self.is_touched()
    }

    fn propose_again(&mut self) -> bool {
        let proposed = self.proposed.clone();
        self.typed = TextInput::new(proposed.as_deref().unwrap_or_default());
        self.choose(proposed)
    }

    fn choose(&mut self, chosen: Option<String>) -> bool {
        let changed = self.chosen != chosen;
        self.chosen = chosen;
        changed
    }
}

/// How a flow stands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Standing<'a> {
    /// It is being looked at.
    Waiting,
    /// It could not be looked at.
    Failed(&'a Report),
    /// There is no plan yet.
    Asks(&'a Obstacle),
    /// There is a plan.
    Ready(&'a Plan),
}

/// A flow that applies.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// Which.
    pub flow: FlowCard,
    /// What can be chosen, in the order of the flow.
    pub entries: Vec<Entry>,
    /// The entry that has the keys.
    pub focus: usize,
    /// Number of the question that is not answered yet.
    pub asked: Option<u64>,
    /// What the last question came to.
    pub answer: Option<Result<Prepared, Report>>,
    /// The last fidelity table that could be made.
    pub form: Form,
}

/// One field that does not fit leaves the others as they were known: nothing else has changed.
fn keep_known(form: &mut Form, before: &Form, obstacle: &Obstacle) {
    for field in form.iter_mut() {
        let at_fault = obstacle.field.as_deref() == Some(field.name.as_str());
        let known = before.iter().find(|known| known.name == field.name);
        if field.from == ValueFrom::Missing
            && !at_fault
            && let Some(known) = known
        {
            field.clone_from(known);
        }
    }
}

impl Way {
    /// Makes a flow with nothing chosen. What it is about is no question any more: the point is there.
    pub(super) fn of(flow: &FlowCard) -> Self {
        let asked = flow.fields.iter().filter(|spec| !spec.subject);
        let entry = |spec: &FieldSpec| Entry {
            spec: *spec,
            typed: TextInput::default(),
            chosen: None,
            proposed: None,
        };
        Self {
            flow: flow.clone(),
            entries: asked.map(entry).collect(),
            focus: 0,
            asked: None,
            answer: None,
            form: Form::new(),
        }
    }

    /// Chooses an instant for the operator, who sees it and may say another.
    pub(super) fn propose_instant(&mut self, at: &str) {
        let mut entries = self.entries.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.spec.kind == FieldKind::Instant) {
            entry.typed = TextInput::new(at);
            entry.chosen = Some(at.to_owned());
            entry.proposed = Some(at.to_owned());
        }
    }

    /// Returns the instant that is chosen, where the flow asks for one.
    pub(super) fn instant(&self) -> Option<&str> {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.spec.kind == FieldKind::Instant)?;
        entry.chosen.as_deref()
    }

    /// Returns what is chosen, the point included.
    pub(super) fn choices(&self, point: &RecoveryPoint) -> Choices {
        let mut choices = Choices::default();
        let mut fields = self.flow.fields.iter();
        if let Some(subject) = fields.find(|spec| spec.takes(point.kind)) {
            choices.set(subject.name, &point.id);
        }
        for entry in &self.entries {
            match (&entry.chosen, entry.spec.kind) {
                (None, _) => {}
                (Some(_), FieldKind::Flag) => choices.set_many(entry.spec.name, Vec::new()),
                (Some(chosen), _) => choices.set(entry.spec.name, chosen),
            }
        }
        choices
    }

    /// Takes in an answer. A table that could not be made leaves the one before in sight.
    pub(super) fn take(&mut self, mut outcome: Result<Prepared, Report>) {
        self.asked = None;
        if let Ok(prepared) = &mut outcome {
            naming::by_fields(prepared, self.flow.fields);
        }
        if let Ok(prepared) = &outcome
            && !prepared.form.is_empty()
        {
            let before = std::mem::replace(&mut self.form, prepared.form.clone());
            if let Err(obstacle) = &prepared.plan {
                keep_known(&mut self.form, &before, obstacle);
            }
        }
        self.answer = Some(outcome);
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.asked.is_some()
    }

    /// Returns how it stands.
    pub(super) fn standing(&self) -> Standing<'_> {
        if self.is_waiting() {
            return Standing::Waiting;
        }
        match &self.answer {
            None => Standing::Waiting,
            Some(Err(report)) => Standing::Failed(report),
            Some(Ok(Prepared {
                plan: Err(obstacle),
                ..
            })) => Standing::Asks(obstacle),
            Some(Ok(Prepared { plan: Ok(plan), .. })) => Standing::Ready(plan),
        }
    }

    fn prepared(&self) -> Option<&Prepared> {
        self.answer.as_ref()?.as_ref().ok()
    }

    /// Returns the plan as it was made last.
    pub(super) fn plan(&self) -> Option<&Plan> {
        self.prepared()?.plan.as_deref().ok()
    }

    /// Returns the checks as they were made last.
    pub(super) fn checks(&self) -> &[Check] {
        self.prepared().map_or(&[], |prepared| &prepared.checks)
    }

    /// Tells whether a check stops the plan.
    pub(super) fn is_stopped(&self) -> bool {
        stops(self.checks())
    }

    /// Returns the call of a step as a command line.
    pub(super) fn call(&self, step: &crate::domain::ids::StepId) -> Option<&str> {
        let calls = &self.prepared()?.calls;
        let call = calls.iter().find(|call| &call.step == step)?;
        Some(&call.line)
    }

    /// Returns every call, one line each.
    pub(super) fn calls(&self) -> String {
        let calls = self.prepared().map_or(&[][..], |prepared| &prepared.calls);
        calls.iter().map(|call| call.line.clone() + "\n").collect()
    }

    /// Returns the line of the fidelity table for a field.
    pub(super) fn line(&self, name: &str) -> Option<&Field> {
        self.form.iter().find(|field| field.name == name)
    }

    /// Returns the lines of the table that nobody chooses: what the flow is about, and what follows.
    pub(super) fn fixed(&self) -> impl Iterator<Item = &Field> {
        let chosen = |name: &str| self.entries.iter().any(|entry| entry.spec.name == name);
        self.form.iter().filter(move |field| !chosen(&field.name))
    }

    /// Returns the obstacle of the last answer, also while a new one is awaited.
    pub(super) fn obstacle(&self) -> Option<&Obstacle> {
        self.prepared()?.plan.as_ref().err()
    }

    /// Returns the entry that an obstacle is about.
    pub(super) fn obstructed(&self) -> Option<usize> {
        let field = self.obstacle()?.field.as_deref()?;
        self.entries
            .iter()
            .position(|entry| entry.spec.name == field)
    }

    pub(super) fn entry(&self) -> Option<&Entry> {
        self.entries.get(self.focus)
    }

    pub(super) fn entry_mut(&mut self) -> Option<&mut Entry> {
        self.entries.get_mut(self.focus)
    }

    /// Moves to the next entry, or the one before; from the last to the first.
    pub(super) fn move_focus(&mut self, forward: bool) {
        self.focus = round(self.focus, self.entries.len(), forward);
    }

    pub(super) fn focus_on(&mut self, field: Option<&str>) {
        let named = |entry: &Entry| Some(entry.spec.name) == field;
        self.focus = self.entries.iter().position(named).unwrap_or(self.focus);
    }

    /// Takes what is typed in the focused entry as chosen. Returns whether that changed anything.
    pub(super) fn commit(&mut self, known: &Known) -> bool {
        let Some(entry) = self.entry_mut().filter(|entry| entry.is_text()) else {
            return false;
        };
        let mut chosen = entry.typed_text();
        if chosen.is_none() && entry.proposed.is_some() {
            return entry.propose_again();
        }
        if entry.spec.kind == FieldKind::Instant
            && let Some(typed) = &mut chosen
        {
            *typed = instant::read(typed, known);
            entry.typed = TextInput::new(typed);
        }
        entry.choose(chosen)
    }

    /// Takes the next word of the focused entry, or the one before. Returns whether that changed anything.
    pub(super) fn turn(&mut self, forward: bool) -> bool {
        let Some(entry) = self.entry() else {
            return false;
        };
        let words = entry.words();
        let now = self.value(entry);
        let at = words.iter().position(|word| Some(*word) == now);
        let next = match (at, forward) {
            (Some(at), _) => round(at, words.len(), forward),
            (None, true) => 0,
            (None, false) => words.len().saturating_sub(1),
        };
        let word = words.get(next).copied();
        word.is_some_and(|word| self.put(word))
    }

    /// Sets the focused entry to one of its words.
    fn put(&mut self, word: &str) -> bool {
        let Some(entry) = self.entry_mut() else {
            return false;
        };
        let dropped = entry.spec.kind == FieldKind::Flag && word != GIVEN;
        entry.choose((!dropped).then(|| word.to_owned()))
    }

    /// Returns the word that an entry without text stands at: what was chosen, or what is proposed.
    pub(super) fn value<'a>(&'a self, entry: &'a Entry) -> Option<&'a str> {
        let line = self.line(entry.spec.name);
        // What it was before may be named by another word, which would be a choice.
        let kept = || {
            let mut words = entry.words().iter().copied();
            let as_before = words.find(|word| *word == AS_BEFORE);
            as_before.filter(|_| line.is_some_and(|line| line.from == ValueFrom::AsBefore))
        };
        let proposed = || line?.value.as_deref();
        // What follows from other choices may look like a flag that was given.
        let of_flag = || (entry.spec.kind == FieldKind::Flag).then_some("no");
        let chosen = entry.chosen.as_deref().or_else(of_flag);
        chosen.or_else(kept).or_else(proposed)
    }

    /// Takes the next word of the focused entry that begins with a letter. Returns whether there is one, and whether
    /// that changed anything.
    pub(super) fn turn_to(&mut self, letter: char) -> Option<bool> {
        let entry = self.entry()?;
        let words = entry.words();
        let now = self.value(entry);
        let at = words.iter().position(|word| Some(*word) == now);
        let after = at.map_or(0, |at| at + 1);
        let mut next = words.iter().cycle().skip(after).take(words.len());
        let word = next.find(|word| word.starts_with(letter))?;
        Some(self.put(word))
    }

    /// Empties the focused entry, which then stands as it was proposed; where a text that was proposed is empty, it
    /// is written out. Returns whether that changed what is chosen.
    pub(super) fn clear(&mut self) -> bool {
        let Some(entry) = self.entry_mut() else {
            return false;
        };
        if let Some(proposed) = entry.proposed.clone().filter(|_| entry.is_text()) {
            if entry.typed.is_empty() {
                return entry.propose_again();
            }
            entry.typed.clear();
            return entry.choose(Some(proposed));
        }
        entry.typed.clear();
        let (changed, name) = (entry.choose(None), entry.spec.name);
        // What was said there is not so any more, and what is so is not known yet.
        let mut lines = self.form.iter_mut();
        let yours = lines.find(|line| line.name == name && line.from == ValueFrom::Yours);
        if let Some(line) = yours {
            line.value = None;
            line.from = ValueFrom::Missing;
        }
        changed
    }

    /// Tells whether the operator has chosen or begun a value that is not in the table yet.
    pub(super) fn is_ahead(&self, entry: &Entry) -> bool {
        let emptied = entry.typed_text().is_none() && !entry.is_as_proposed();
        let begun = entry.is_begun() || entry.is_text() && emptied && entry.chosen.is_some();
        let yours = self
            .line(entry.spec.name)
            .is_some_and(|line| line.from == ValueFrom::Yours);
        begun || (entry.chosen.is_some() && (self.is_waiting() || !yours))
    }
}

/// Returns the next of `count` numbers, or the one before, coming round.
pub(super) fn round(at: usize, count: usize, forward: bool) -> usize {
    match (count, forward) {
        (0, _) => 0,
        (count, true) => (at + 1) % count,
        (count, false) => (at + count - 1) % count,
    }
}
