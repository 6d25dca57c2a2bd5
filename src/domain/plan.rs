//! A plan: everything a restore will do, as data, before the first call.
//!
//! Flows make plans, the engine runs them, exports render them. The hash covers everything but the
//! time of making, so a changed plan file is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::check::Check;
use super::form::{Choices, Form};
use super::identity;
use super::ids::StepId;
use super::place::Place;
use super::resource::ResourceKind;
use super::text::Untrusted;

/// A value that is known now, or that an earlier step will have produced or found.
///
/// In JSON a known value stands as itself; the others are `{"$output":"step.field"}` and
/// `{"$before":"step.field"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Ref<T> {
    /// Produced by an earlier step.
    Output {
        /// `step.field`
        #[serde(rename = "$output")]
        output: String,
    },
    /// Found by an earlier step's probe before it changed anything.
    Before {
        /// `step.field`
        #[serde(rename = "$before")]
        before: String,
    },
    /// Known now.
    Known(T),
}

impl<T> Ref<T> {
    /// Refers to an output of an earlier step.
    pub fn output(step: &str, field: &str) -> Self {
        Self::Output {
            output: format!("{step}.{field}"),
        }
    }

    /// Returns the value if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Output { .. } | Self::Before { .. } => None,
        }
    }
}

/// A call of one operation with its input. References to earlier steps stand inside the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Name in the operation registry, `ec2:CreateVolume`.
    pub operation: String,
    /// Version of the operation's input.
    pub version: u32,
    /// The input.
    pub input: Value,
}

impl Call {
    /// Returns the outputs of a step that the input refers to.
    #[must_use]
    pub fn outputs_of(&self, step: &StepId) -> Vec<String> {
        outputs_of(step, &self.input)
    }
}

fn outputs_of(step: &StepId, input: &Value) -> Vec<String> {
    let marker = input.get("$output").and_then(Value::as_str);
    if let Some((of, field)) = marker.and_then(|path| path.split_once('.')) {
        let fields = (of == step.as_str()).then(|| field.to_owned());
        return fields.into_iter().collect();
    }
    match input {
        Value::Array(items) => items.iter().flat_map(|one| outputs_of(step, one)).collect(),
        Value::Object(fields) => fields
            .values()
            .flat_map(|one| outputs_of(step, one))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Stands in the instructions of a gate for the id of the volume that the run makes, without its dash. A
/// line that begins with it in brackets explains it, and is not needed once the id is known.
pub const NEW_VOLUME: &str = "volNEW";

/// Stands in the instructions of a gate for the id of the instance that the run launches, as [`NEW_VOLUME`] does.
pub const NEW_INSTANCE: &str = "i-NEW";

/// Stands in the instructions of a gate for the private address of that instance.
pub const NEW_ADDRESS: &str = "ADDRESS-NEW";

/// Stands in the words of a gate for the number of items that are past their time to live, known once they are
/// counted.
pub const EXPIRED: &str = "COUNT-EXPIRED";

/// What a plan says of a step that may wait.
pub const MAY_WAIT: &str = "the run goes on without what is refused";

/// What must be answered before a step's call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gate {
    /// Nothing.
    None,
    /// Yes, by key or `--yes`.
    Confirm(String),
    /// The name must be typed.
    TypeName {
        /// What must be typed, or that name with `@` and the account's last four digits.
        name: Untrusted,
        /// Why.
        why: String,
    },
    /// A person does something and says so.
    Person {
        /// What to do, line by line.
        instructions: Vec<String>,
        /// A reading call that tells whether it is so; where it is not, the gate opens again.
        check: Option<Call>,
    },
}

impl Gate {
    /// Returns the read that a person's answer is held against, if there is one.
    #[must_use]
    pub fn check(&self) -> Option<&Call> {
        match self {
            Self::Person { check, .. } => check.as_ref(),
            Self::None | Self::Confirm(_) | Self::TypeName { .. } => None,
        }
    }
}

/// What a step does to the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Only looks.
    Reads,
    /// Makes something new.
    Creates,
    /// Changes something that exists.
    Changes,
    /// Takes the service down.
    Interrupts,
    /// Takes something out of service for good.
    Retires,
}

impl Impact {
    /// Returns the word shown in plans.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::Creates => "creates",
            Self::Changes => "changes",
            Self::Interrupts => "interrupts",
            Self::Retires => "retires",
        }
    }
}

/// One step of a plan. `expected` is in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Unique in the plan.
    pub id: StepId,
    /// What it does, fit to be shown.
    pub title: String,
    /// Why it is needed, one sentence.
    pub why: String,
    /// The call; `None` for a pure gate.
    pub call: Option<Call>,
    /// Steps that must be verified first; or, of two steps that may wait, have come to rest.
    pub needs: Vec<StepId>,
    /// What must be answered before the call.
    pub gate: Gate,
    /// What it does to the world.
    pub impact: Impact,
    /// How long it usually takes, in seconds.
    pub expected: u64,
    /// Whether the service is up again once this is verified.
    pub ends_outage: bool,
    /// What takes it back, in order.
    pub undo: Vec<Undo>,
    /// Whether the run may go on without it where it has failed and nothing of it is on its way: what follows and
    /// may wait as well is tried all the same, and everything else waits until a resume has brought it about. For
    /// the flow to say of a step that no later one relies on but those that name it in [`Self::builds_on`] or may
    /// not wait themselves.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_wait: bool,
    /// Which of its needs, of those that may wait, it makes no sense without.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub builds_on: Vec<StepId>,
    /// What is so where a person answers its gate with no, and how it can be done later, fit to be shown: the step is
    /// left out then, and the run goes on to its end without it. For the flow to say of a step that has a gate and
    /// that no later one relies on. `None` where the run cannot end without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_declined: Option<String>,
    /// Whether what was so already when the run came to it stays so on the way back: only what the run itself has sent
    /// is taken back. For the flow to say of a step that other people take by hand just as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keeps_found: bool,
    /// What a way back that leaves it so leaves open, for a person to do, fit to be shown. `None` where that is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_kept: Option<String>,
    /// What it makes that is a part of something else and no resource of its own to a listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub makes: Option<Part>,
}

/// Something that a step makes beside what the run restores, known by its name: an alarm, a rule of scaling. It stays
/// when the run is taken back, like everything that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// What it is, in one or more words: `alarm`.
    pub what: String,
    /// What it is called, fit to be shown.
    pub name: String,
}

impl Step {
    /// Returns the usual duration.
    #[must_use]
    pub fn expected(&self) -> Duration {
        Duration::from_secs(self.expected)
    }

    /// Tells whether this cannot begin before `need`, one of its needs, is verified. Else it is only its turn after
    /// that: it begins also where the run goes on without it.
    #[must_use]
    pub fn relies_on(&self, need: &Self) -> bool {
        !(self.may_wait && need.may_wait) || self.builds_on.contains(&need.id)
    }
}

/// One move that takes a step back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// What it does, fit to be shown.
    pub title: String,
    /// The call; `None` for a pure gate.
    pub call: Option<Call>,
    /// What must be answered first.
    pub gate: Gate,
    /// What it does to the world.
    pub impact: Impact,
    /// How long it usually takes, in seconds.
    pub expected: u64,
    /// Whether the service is up again once this is verified.
    pub ends_outage: bool,
}

/// The resource a plan is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// What it is.
    pub kind: ResourceKind,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<Untrusted>,
}

impl Subject {
    /// Returns name and id, or the id alone, fit to be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        let id = super::text::shown(&self.id);
        match &self.name {
            Some(name) => format!("{} ({id})", name.shown()),
            None => id,
        }
    }
}

/// The recovery point a plan restores from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PointRef {
    /// Its id.
    pub id: String,
    /// When it was taken.
    pub at: Timestamp,
}

/// Something that existed before and will be left over, out of service, when the run is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leftover {
    /// What it is.
    pub kind: ResourceKind,
    /// Its id.
    pub id: String,
    /// Why it is kept, fit to be shown.
    pub why: String,
    /// Until when it is meant to be kept.
    pub keep_until: Option<String>,
}

/// A whole restore, before the first call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Name of the flow, `volume-swap`.
    pub flow: String,
    /// Version of the flow's facts and steps.
    pub version: u32,
    /// One line fit to be shown.
    pub title: String,
    /// Where it runs; pinned.
    pub place: Place,
    /// ARN of the caller, pinned without its session name.
    pub role: String,
    /// What it is about.
    pub subject: Subject,
    /// What it restores from.
    pub point: PointRef,
    /// What the flow observed, in its own shape.
    pub facts: Value,
    /// What the operator chose.
    pub choices: Choices,
    /// The fidelity table.
    pub form: Form,
    /// Preflight, as it was when the plan was made.
    pub checks: Vec<Check>,
    /// What will be done.
    pub steps: Vec<Step>,
    /// What will be left over.
    pub leftovers: Vec<Leftover>,
    /// When it was made; not part of the hash.
    pub made_at: Timestamp,
    /// SHA-256 over all but `made_at` and itself, in hexadecimal.
    pub hash: String,
}

/// Fields of a call's input that name what it works on.
const TOUCHING: [&str; 8] = [
    "instance",
    "volume",
    "resource",
    "interface",
    "allocation",
    "table",
    "target",
    "parameter",
];

impl Plan {
    /// Returns the plan with its hash set.
    #[must_use]
    pub fn sealed(mut self) -> Self {
        self.hash = self.digest();
        self
    }

    /// Computes the hash over everything but `made_at`, `hash`, the instants at which facts were read and what
    /// moves by itself, with sorted keys: the same world and the same choices give the same hash. What is told of
    /// policies is no part of it: see [`identity::FIELD`].
    #[must_use]
    pub fn digest(&self) -> String {
        let mut value = serde_json::to_value(self).expect("a plan is plain data");
        if let Value::Object(fields) = &mut value {
            fields.remove("made_at");
            fields.remove("hash");
        }
        if let Some(facts) = value.get_mut("facts") {
            forget_what_passes(facts);
            if let Value::Object(facts) = facts {
                facts.remove(identity::FIELD);
            }
        }
        if let Some(Value::Array(checks)) = value.get_mut("checks") {
            checks.retain(|check| check["name"] != identity::CHECK);
        }
        let bytes = value.to_string();
        data_encoding::HEXLOWER.encode(&Sha256::digest(bytes.as_bytes()))
    }

    /// Returns every id that the plan's calls name, its subject's too: what two runs must not share.
    #[must_use]
    pub fn touches(&self) -> BTreeSet<String> {
        let undo = self.steps.iter().flat_map(|step| &step.undo);
        let calls = self.steps.iter().filter_map(|step| step.call.as_ref());
        let calls = calls.chain(undo.filter_map(|undo| undo.call.as_ref()));
        let named = calls.flat_map(|call| {
            let fields = TOUCHING.into_iter();
            fields.filter_map(|field| call.input.get(field)?.as_str().map(str::to_owned))
        });
        named.chain([self.subject.id.clone()]).collect()
    }

    /// Tells whether one call takes back what the other does, as the plan's own way back says.
    #[must_use]
    pub fn are_opposite(&self, one: &Call, other: &Call) -> bool {
        let undone = |step: &Step| {
            let there = |call: &Call| step.call.as_ref() == Some(call);
            let back = |call: &Call| {
                step.undo
                    .iter()
                    .any(|undo| undo.call.as_ref() == Some(call))
            };
            there(one) && back(other) || there(other) && back(one)
        };
        self.steps.iter().any(undone)
    }

    /// Returns a step's gate in which what the plan's facts tell of policies stands for [`identity::GATE_LINE`].
    #[must_use]
    pub fn gate_of(&self, step: &Step) -> Gate {
        match &step.gate {
            Gate::None | Gate::Confirm(_) | Gate::TypeName { .. } => step.gate.clone(),
            Gate::Person {
                instructions,
                check,
            } => {
                let is_told = |line: &String| line == identity::GATE_LINE;
                let Some(at) = instructions.iter().position(is_told) else {
                    return step.gate.clone();
                };
                let mut lines = instructions.clone();
                lines.splice(at..=at, identity::told(&self.facts));
                Gate::Person {
                    instructions: lines,
                    check: check.clone(),
                }
            }
        }
    }

    /// Says what becomes of what is made where nothing that was there is left over. Fit to be shown.
    #[must_use]
    pub fn nothing_left_over(&self) -> String {
        let makes = |step: &&Step| step.impact == Impact::Creates;
        let made: Vec<&str> = self
            .steps
            .iter()
            .filter(makes)
            .map(|step| step.title.as_str())
            .collect();
        if made.is_empty() || !self.replaces_nothing() {
            return "nothing".to_owned();
        }
        format!(
            "nothing that was there; what is made stays until somebody deletes it, and costs money: {}",
            made.join("; ")
        )
    }

    /// Returns a step by its id.
    #[must_use]
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|step| &step.id == id)
    }

    /// Estimates how long the service will be down: the longest way from the first interrupting
    /// step to the one that ends the outage, both included. `None` if nothing is interrupted.
    #[must_use]
    pub fn expected_outage(&self) -> Option<Duration> {
        let mut longest: BTreeMap<&StepId, u64> = BTreeMap::new();
        let mut outage = None;
        for step in &self.steps {
            let before = step.needs.iter().filter_map(|need| longest.get(need)).max();
            let down = match (before, step.impact) {
                (Some(before), _) => Some(before + step.expected),
                (None, Impact::Interrupts) => Some(step.expected),
                (None, Impact::Reads | Impact::Creates | Impact::Changes | Impact::Retires) => None,
            };
            if let Some(down) = down {
                if step.ends_outage {
                    outage = outage.max(Some(down));
                }
                longest.insert(&step.id, down);
            }
        }
        outage.map(Duration::from_secs)
    }

    /// Tells whether what was there goes on as it is: nothing is taken out of service, so no data is lost by it.
    #[must_use]
    pub fn replaces_nothing(&self) -> bool {
        let takes = |step: &Step| matches!(step.impact, Impact::Interrupts | Impact::Retires);
        self.leftovers.is_empty() && !self.steps.iter().any(takes)
    }

    /// Derives the steps that take back `done`, given in the order of their intents, one after the
    /// other and last first. Ids are `undo-STEP-N`.
    #[must_use]
    pub fn undo_steps(&self, done: &[StepId]) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        for step in done.iter().rev().filter_map(|id| self.step(id)) {
            for (n, undo) in step.undo.iter().enumerate() {
                steps.push(Step {
                    id: StepId::new(format!("undo-{}-{}", step.id.as_str(), n + 1)),
                    title: undo.title.clone(),
                    why: format!("takes back: {}", step.title),
                    call: undo.call.clone(),
                    needs: steps
                        .last()
                        .map(|last| last.id.clone())
                        .into_iter()
                        .collect(),
                    gate: undo.gate.clone(),
                    impact: undo.impact,
                    expected: undo.expected,
                    ends_outage: undo.ends_outage,
                    undo: Vec::new(),
                    may_wait: false,
                    builds_on: Vec::new(),
                    if_declined: None,
                    keeps_found: false,
                    if_kept: None,
                    makes: None,
                });
            }
        }
        steps
    }
}

/// Removes from facts when they were read: the `at` of every observed or cached value, and `observed_at`; and
/// what moves by itself while people read, which stands under `moving`.
fn forget_what_passes(facts: &mut Value) {
    match facts {
        Value::Object(fields) => {
            fields.remove("observed_at");
            fields.remove("moving");
            for standing in ["observed", "cached"] {
                if let Some(Value::Object(fact)) = fields.get_mut(standing) {
                    fact.remove("at");
                }
            }
            fields.values_mut().for_each(forget_what_passes);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_what_passes),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests;
