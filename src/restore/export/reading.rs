//! A plan with its calls decoded, its steps in an order to run, and its references resolved to
//! shell variables: what script and runbook share.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::command::{Command, Layout, Marker, Piece};
use super::{Decode, ExportError};
use crate::domain::ids::StepId;
use crate::domain::plan::{Call, Plan, Step, Undo};
use crate::restore::operation::{AnyOperation, Path, Request, Told, Wait};

/// Name of the variable with the id of the run.
pub(super) const RUN: &str = "DEFIB_RUN";
/// Name of the variable that says who started it and when.
pub(super) const BY: &str = "DEFIB_BY";

/// A decoded plan.
pub(super) struct Reading<'a> {
    /// The plan.
    pub(super) plan: &'a Plan,
    /// The operation of each step, by its position in the plan.
    operations: Vec<Option<Box<dyn AnyOperation>>>,
    /// Positions in an order in which the steps can run one after the other.
    pub(super) order: Vec<usize>,
    decode: Decode<'a>,
}

/// One call, ready to be written.
pub(super) struct Written {
    /// The changing call.
    pub(super) call: Command,
    /// What to look at afterwards.
    pub(super) wait: Option<Looked>,
    /// Shell variable and path in the answer, for each output.
    pub(super) outputs: Vec<(String, &'static str)>,
    /// What tells the outputs that the answer does not.
    pub(super) told: Option<LookedUp>,
}

/// A look that tells outputs, ready to be written.
pub(super) struct LookedUp {
    /// The reading call.
    pub(super) call: Command,
    /// `JMESPath` for `--query`.
    pub(super) query: String,
    /// Shell variables, in the order of the query.
    pub(super) names: Vec<String>,
}

/// A look at the world, ready to be written.
pub(super) struct Looked {
    /// The reading call.
    pub(super) call: Command,
    /// What it waits for.
    pub(super) wait: Wait,
    /// Whether it can be made before the changing call was answered.
    pub(super) beforehand: bool,
}

impl<'a> Reading<'a> {
    /// Decodes a plan and orders its steps.
    pub(super) fn new(plan: &'a Plan, decode: Decode<'a>) -> Result<Self, ExportError> {
        let operation = |step: &Step| {
            let call = step.call.as_ref();
            call.map(|call| decoded(decode, call, &step.id)).transpose()
        };
        Ok(Self {
            plan,
            operations: plan.steps.iter().map(operation).collect::<Result<_, _>>()?,
            order: order(plan)?,
            decode,
        })
    }

    /// Returns a step with its number as people see it.
    pub(super) fn step(&self, position: usize) -> (usize, &'a Step) {
        (position + 1, &self.plan.steps[position])
    }

    /// Returns the operation of a step.
    pub(super) fn operation(&self, position: usize) -> Option<&dyn AnyOperation> {
        self.operations[position].as_deref()
    }

    /// Writes the call of a step; `None` for a pure gate.
    pub(super) fn written(
        &self,
        position: usize,
        layout: Layout,
    ) -> Result<Option<Written>, ExportError> {
        let Some(operation) = self.operation(position) else {
            return Ok(None);
        };
        let scope = Scope {
            reading: self,
            position,
            stamp: &self.plan.steps[position].id,
            back: false,
        };
        scope.written(operation, layout).map(Some)
    }

    /// Writes the `n`th undo of a step; `None` for a pure gate.
    pub(super) fn undo(
        &self,
        position: usize,
        n: usize,
        layout: Layout,
    ) -> Result<Option<Written>, ExportError> {
        let step = &self.plan.steps[position];
        let Some(call) = step.undo.get(n).and_then(|undo| undo.call.as_ref()) else {
            return Ok(None);
        };
        let stamp = StepId::new(format!("undo-{}-{}", step.id.as_str(), n + 1));
        let scope = Scope {
            reading: self,
            position,
            stamp: &stamp,
            back: true,
        };
        let operation = decoded(self.decode, call, &stamp)?;
        scope.written(&*operation, layout).map(Some)
    }

    /// Writes a look that a person's gate asks for; `None` if its operation names none.
    pub(super) fn check(
        &self,
        position: usize,
        call: &Call,
        layout: Layout,
    ) -> Result<Option<Looked>, ExportError> {
        let stamp = &self.plan.steps[position].id;
        let scope = Scope {
            reading: self,
            position,
            stamp,
            back: false,
        };
        let operation = decoded(self.decode, call, stamp)?;
        operation
            .wait()
            .map(|wait| scope.looked(wait, layout))
            .transpose()
    }

    /// Returns every undo, last step first, as position, index and undo.
    pub(super) fn undos(&self) -> impl Iterator<Item = (usize, usize, &'a Undo)> {
        let plan = self.plan;
        self.order.iter().rev().flat_map(move |position| {
            let undos = plan.steps[*position].undo.iter().enumerate();
            undos.map(move |(n, undo)| (*position, n, undo))
        })
    }

    /// Returns the variables that hold outputs, in the order of the steps.
    pub(super) fn variables(&self) -> Vec<String> {
        let of_step = |position: &usize| {
            let number = position + 1;
            let fields = self.operation(*position).map(fields).unwrap_or_default();
            fields
                .into_iter()
                .map(move |(field, _)| variable(number, field))
        };
        self.order.iter().flat_map(of_step).collect()
    }
}

/// The outputs that an answer or a look tells, each with whether it is a list.
fn fields(operation: &dyn AnyOperation) -> Vec<(&'static str, bool)> {
    let outputs = operation.outputs().iter();
    let answered = outputs.map(|(field, _)| (*field, false));
    let told = operation.told().map(|told| told.outputs);
    let told = told.into_iter().flatten();
    let told = told.map(|(field, path)| (field, matches!(path, Path::List(_))));
    answered.chain(told).collect()
}

fn decoded(
    decode: Decode<'_>,
    call: &Call,
    step: &StepId,
) -> Result<Box<dyn AnyOperation>, ExportError> {
    decode(call).map_err(|source| ExportError::Decode {
        step: step.to_string(),
        source,
    })
}

fn variable(number: usize, field: &str) -> String {
    format!("step_{number}_{field}")
}

/// Orders the steps so that each comes after what it needs, otherwise as in the plan.
fn order(plan: &Plan) -> Result<Vec<usize>, ExportError> {
    let mut order: Vec<usize> = Vec::with_capacity(plan.steps.len());
    while order.len() < plan.steps.len() {
        let ran = |need: &StepId| order.iter().any(|n| plan.steps[*n].id == *need);
        let open = |n: &usize| !order.contains(n);
        let ready = |n: &usize| plan.steps[*n].needs.iter().all(ran);
        let next = (0..plan.steps.len()).filter(open).find(ready);
        let Some(next) = next else {
            let stuck = (0..plan.steps.len()).find(open).map(|n| &plan.steps[n].id);
            return Err(ExportError::Order {
                step: stuck.map(ToString::to_string).unwrap_or_default(),
            });
        };
        order.push(next);
    }
    Ok(order)
}

/// From where a call is written, which decides what it can refer to.
struct Scope<'r> {
    reading: &'r Reading<'r>,
    position: usize,
    stamp: &'r StepId,
    back: bool,
}

impl Scope<'_> {
    fn written(
        &self,
        operation: &dyn AnyOperation,
        layout: Layout,
    ) -> Result<Written, ExportError> {
        let Request {
            service,
            api,
            parameters,
        } = operation.request();
        let resolve = |marker: Marker<'_>| self.resolve(marker);
        let wait = operation.wait().map(|wait| self.looked(wait, layout));
        let told = operation.told();
        let told = told.as_ref().map(|told| self.looked_up(told, layout));
        let outputs = operation.outputs().iter();
        Ok(Written {
            call: Command::new((service, api), &parameters, layout, &resolve)?,
            wait: wait.transpose()?,
            told: told.transpose()?,
            outputs: outputs
                .map(|(field, path)| (variable(self.position + 1, field), *path))
                .collect(),
        })
    }

    fn looked_up(&self, told: &Told, layout: Layout) -> Result<LookedUp, ExportError> {
        let resolve = |marker: Marker<'_>| self.resolve(marker);
        let paths = told.outputs.iter().map(|(_, path)| match path {
            Path::One(path) => path.clone(),
            Path::List(path) => format!("join(',',{path})"),
        });
        let paths: Vec<String> = paths.collect();
        let names = told.outputs.iter();
        let call = (told.service, told.api);
        Ok(LookedUp {
            call: Command::new(call, &told.parameters, layout, &resolve)?,
            query: format!("[{}]", paths.join(",")),
            names: names
                .map(|(field, _)| variable(self.position + 1, field))
                .collect(),
        })
    }

    fn looked(&self, wait: Wait, layout: Layout) -> Result<Looked, ExportError> {
        let resolve = |marker: Marker<'_>| self.resolve(marker);
        let call = (wait.service, wait.api);
        Ok(Looked {
            call: Command::new(call, &wait.parameters, layout, &resolve)?,
            beforehand: !refers_to_own(&wait.parameters),
            wait,
        })
    }

    fn resolve(&self, marker: Marker<'_>) -> Result<Vec<Piece>, ExportError> {
        match marker {
            Marker::Stamp(part) => Ok(self.stamped(part)),
            Marker::Output(reference) => self.output(reference),
            Marker::Before(reference) if self.back => {
                Ok(vec![Piece::Hint(format!("<as found before: {reference}>"))])
            }
            Marker::Before(reference) => Err(self.unknown(reference)),
        }
    }

    fn stamped(&self, part: &str) -> Vec<Piece> {
        let variable = |name: &str, hint: &str| Piece::Variable {
            name: name.to_owned(),
            hint: hint.to_owned(),
            list: false,
        };
        let run = variable(RUN, "the run");
        let text = |text: &str| Piece::Text(text.to_owned());
        match part {
            "run" => vec![run],
            "step" => vec![text(self.stamp.as_str())],
            "generation" => vec![text("1")],
            "by" => vec![variable(BY, "you and since when")],
            "name" => vec![
                text("defib-"),
                run,
                text(&format!("-{}", self.stamp.as_str())),
            ],
            "token" => vec![run, text(&format!("-{}", self.token_tail()))],
            _source => vec![text(&self.reading.plan.point.id)],
        }
    }

    /// With a run of at most 36 characters the token keeps to the 64 that AWS allows.
    fn token_tail(&self) -> String {
        let place = &self.reading.plan.place;
        let parts = [
            place.account.as_str(),
            place.region.as_str(),
            self.stamp.as_str(),
        ];
        let digest = HEXLOWER.encode(&Sha256::digest(parts.join("\n").as_bytes()));
        digest[..24].to_owned()
    }

    fn output(&self, reference: &str) -> Result<Vec<Piece>, ExportError> {
        let unknown = || self.unknown(reference);
        let (step, field) = reference.rsplit_once('.').ok_or_else(unknown)?;
        let order = &self.reading.order;
        let here = order.iter().position(|n| *n == self.position);
        let reached = here.map_or(0, |here| here + 1);
        let position = if step.is_empty() {
            self.position
        } else {
            let ran = order[..reached].iter().copied();
            ran.into_iter()
                .find(|n| self.reading.plan.steps[*n].id.as_str() == step)
                .ok_or_else(unknown)?
        };
        let operation = self.reading.operation(position).ok_or_else(unknown)?;
        let known = fields(operation)
            .into_iter()
            .find(|(name, _)| *name == field);
        let (field, list) = known.ok_or_else(unknown)?;
        Ok(vec![Piece::Variable {
            name: variable(position + 1, field),
            hint: format!("{field} of step {}", position + 1),
            list,
        }])
    }

    fn unknown(&self, reference: &str) -> ExportError {
        ExportError::Reference {
            step: self.stamp.to_string(),
            reference: super::visible(reference),
        }
    }
}

fn refers_to_own(value: &Value) -> bool {
    match (Marker::of(value), value) {
        (Some(Marker::Output(reference)), _) => reference.starts_with('.'),
        (None, Value::Array(items)) => items.iter().any(refers_to_own),
        (None, Value::Object(fields)) => fields.values().any(refers_to_own),
        (Some(Marker::Stamp(_) | Marker::Before(_)), _)
        | (None, Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => false,
    }
}
