//! Every flow in every shape that its plans take in the estates, found by asking: each flow of the
//! registry, with each point that it applies to, with each of its choices one at a time.
//!
//! A new flow is covered by its line in the registry and by an estate that it can work in.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::thread;

use defib::domain::check::Verdict;
use defib::domain::form::{FieldKind, FieldSpec};
use defib::domain::ids::StepId;
use defib::domain::plan::{Gate, Plan, Step, Undo};
use defib::domain::recovery_point::RecoveryPoint;
use defib::restore::flow::AnyFlow;
use defib::restore::flows::REGISTRY;
use defib::sim::{CallRecord, scenarios};

use super::course::{Course, Then};
use super::oracles::Due;
use super::world;
use crate::stage::{Said, Stage, chosen};
use crate::variants::ESTATE;

/// A flow in one shape of its plan.
pub struct Variant {
    /// Flow, estate and choices: `volume-swap in bad-deploy, mode=stop`.
    pub name: String,
    /// The flow.
    pub flow: &'static dyn AnyFlow,
    /// The text of its estate.
    pub estate: &'static str,
    /// What the operator says.
    pub said: Said,
    /// What is answered with no.
    pub declined: Vec<StepId>,
    /// What comes of it when nothing goes wrong.
    pub clean: Clean,
}

/// What a run without any fault does, there and back.
#[derive(Default)]
pub struct Clean {
    /// Its plan and the world in which it was made, which every case finds again.
    pub planned: Option<(Plan, serde_json::Value)>,
    /// Boundaries of the journal on the way there.
    pub boundaries: u64,
    /// Events of the journal once it is there.
    pub events: u64,
    /// Boundaries on the way back.
    pub boundaries_back: u64,
    /// Calls that change something on the way there, in their order.
    pub calls: Vec<String>,
    /// How many of them carry a token of their own.
    pub tokens: usize,
    /// And on the way back.
    pub calls_back: Vec<String>,
    /// Names of the calls that only look.
    pub reads: BTreeSet<String>,
    /// Every action that was looked by, there and back, in the words of a policy.
    pub looks: BTreeSet<String>,
    /// How many calls there are on the way there, looks included.
    pub all_calls: u32,
    /// The world at its end.
    pub world: serde_json::Value,
    /// How often each step makes a thing of each kind.
    pub makes: BTreeMap<(String, String), usize>,
}

/// How many variants of a flow meet every fault with every end; the others, which differ less from them, meet every
/// point as well, and there one end or the starkest faults.
pub const WHOLE: usize = 4;

/// The estate with an instance that everything leads to.
const WAYS: &str = include_str!("../ways.toml");

/// The estate with tables of every shape, each with a backup.
const TABLES: &str = include_str!("../tables.toml");

/// The estate with a restored table that lacks something, beside the file that says what.
const GAPS: &str = include_str!("../fill.toml");

/// Every variant there is.
pub static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(find_all);

/// Estates by their names.
fn estates() -> Vec<(&'static str, &'static str)> {
    let embedded = scenarios().iter().map(|known| (known.name, known.text));
    let own = [
        ("every shape", ESTATE),
        ("every way", WAYS),
        ("every table", TABLES),
        ("every gap", GAPS),
    ];
    let all = embedded.chain(own);
    all.map(|(name, text)| (name, quick(text))).collect()
}

/// An estate in which nothing takes long: thousands of runs pass through it, and what takes long there
/// only takes more looks.
fn quick(text: &str) -> &'static str {
    let mut estate: toml::Table = text.parse().unwrap();
    let short: toml::Table = ESTATE.parse().unwrap();
    estate.insert("delays".to_owned(), short["delays"].clone());
    toml::to_string(&estate).unwrap().leak()
}

fn find_all() -> Vec<Variant> {
    let looking = estates().into_iter();
    let looking = looking.map(|estate| thread::spawn(move || find_in(estate)));
    let looking: Vec<_> = looking.collect();
    let found = looking.into_iter().flat_map(|one| one.join().unwrap());
    let mut shapes = BTreeSet::new();
    let new = found.filter(|(shape, _)| shapes.insert(shape.clone()));
    let mut variants: Vec<Variant> = new.map(|(_, variant)| variant).collect();
    thread::scope(|scope| {
        for variant in &mut variants {
            scope.spawn(|| variant.clean = clean(variant));
        }
    });
    variants
}

/// The variants of one estate with their shapes, each shape once.
fn find_in((estate, text): (&'static str, &'static str)) -> Vec<(String, Variant)> {
    let mut shapes = BTreeSet::new();
    let mut found = Vec::new();
    let mut stage = Stage::open_text(text);
    let points = stage.points();
    for flow in REGISTRY {
        let fitting = points.iter().filter(|point| flow.applies_to(point.kind));
        let asked = fitting.map(|point| least(*flow, point, &stage)).collect();
        for (least, facts) in stage.facts_of(*flow, asked) {
            for said in what_can_be_said(*flow, &least) {
                let Ok(plan) = flow.plan(&facts, &chosen(&said)) else {
                    continue;
                };
                let shape = shape(&plan);
                if stops(&plan) || !shapes.insert(shape.clone()) {
                    continue;
                }
                let declined = declinable(&plan);
                let one = variant(*flow, (estate, text), said);
                // Of all that may be declined, in the first shape of a flow that has it.
                let refused = format!("{} declines {declined:?}", flow.name());
                if !declined.is_empty() && shapes.insert(refused.clone()) {
                    found.push((refused, declining(&one, declined)));
                }
                found.push((shape, one));
            }
        }
    }
    found
}

fn variant(
    flow: &'static dyn AnyFlow,
    (estate, text): (&str, &'static str),
    said: Said,
) -> Variant {
    let words = said.iter().map(|(name, value)| format!("{name}={value}"));
    let words: Vec<String> = words.collect();
    Variant {
        name: format!("{} in {estate}, {}", flow.name(), words.join(" ")),
        flow,
        estate: text,
        said,
        declined: Vec::new(),
        clean: Clean::default(),
    }
}

/// Returns the steps that may be answered with no.
fn declinable(plan: &Plan) -> Vec<StepId> {
    let may = plan.steps.iter().filter(|step| step.if_declined.is_some());
    may.map(|step| step.id.clone()).collect()
}

/// The same with a no to these steps.
fn declining(one: &Variant, declined: Vec<StepId>) -> Variant {
    Variant {
        name: format!("{}, declined: {declined:?}", one.name),
        flow: one.flow,
        estate: one.estate,
        said: one.said.clone(),
        declined,
        clean: Clean::default(),
    }
}

fn stops(plan: &Plan) -> bool {
    let mut checks = plan.checks.iter();
    checks.any(|check| check.verdict == Verdict::Stop)
}

/// Nothing but the point, and what the estate's story says that a plan there cannot do without.
fn least(flow: &dyn AnyFlow, point: &RecoveryPoint, stage: &Stage) -> Said {
    let fields = flow.fields();
    let subject = fields.iter().find(|field| field.takes(point.kind));
    let subject = subject.map(|field| (field.name.to_owned(), point.id.clone()));
    let known = |name: &String| fields.iter().any(|field| field.name == name.as_str());
    let told = stage.aws.scenario_story().choices.clone().into_iter();
    let told = told.filter(|(name, _)| known(name));
    subject.into_iter().chain(told).collect()
}

/// The choices that differ from the least in one thing.
fn what_can_be_said(flow: &dyn AnyFlow, least: &Said) -> Vec<Said> {
    let mut all = vec![least.clone()];
    for field in flow.fields() {
        for value in values(field) {
            let mut said = least.clone();
            said.push((field.name.to_owned(), (*value).to_owned()));
            all.push(said);
        }
    }
    all
}

fn values(field: &FieldSpec) -> &'static [&'static str] {
    match field.kind {
        FieldKind::OneOf(words) => words,
        FieldKind::Flag => &["yes"],
        FieldKind::Text("REGIONS") => &["us-east-1"],
        FieldKind::Text(_)
        | FieldKind::Number(_)
        | FieldKind::Date
        | FieldKind::Instant
        | FieldKind::Resource(_)
        | FieldKind::Point(_) => &[],
    }
}

/// What makes two plans the same in everything that a fault could meet.
fn shape(plan: &Plan) -> String {
    let step = |step: &Step| {
        let call = step.call.as_ref().map(|call| call.operation.clone());
        let undo: Vec<_> = step.undo.iter().map(of_undo).collect();
        format!(
            "{} {call:?} {:?} {:?} {} {undo:?}",
            step.id,
            step.needs,
            step.impact,
            of_gate(&step.gate)
        )
    };
    let steps: Vec<String> = plan.steps.iter().map(step).collect();
    format!("{} {steps:?}", plan.flow)
}

fn of_undo(undo: &Undo) -> String {
    let call = undo.call.as_ref().map(|call| call.operation.clone());
    format!("{call:?} {}", of_gate(&undo.gate))
}

fn of_gate(gate: &Gate) -> &'static str {
    match gate {
        Gate::None => "none",
        Gate::Confirm(_) => "confirm",
        Gate::TypeName { .. } => "name",
        Gate::Person { check: None, .. } => "person",
        Gate::Person { check: Some(_), .. } => "person, checked",
    }
}

/// The reads among calls, as IAM actions.
pub fn looks(calls: &[CallRecord]) -> BTreeSet<String> {
    let reads = calls.iter().filter(|call| !call.mutates);
    reads.map(CallRecord::action).collect()
}

/// What each flow looks at before a plan, over every point of every estate.
pub fn observed() -> BTreeMap<&'static str, BTreeSet<String>> {
    let looking = estates().into_iter();
    let looking = looking.map(|(_, text)| thread::spawn(move || observed_in(text)));
    let looking: Vec<_> = looking.collect();
    let mut all: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for found in looking {
        for (flow, looks) in found.join().unwrap() {
            all.entry(flow).or_default().extend(looks);
        }
    }
    all
}

fn observed_in(text: &'static str) -> Vec<(&'static str, BTreeSet<String>)> {
    let mut stage = Stage::open_text(text);
    let points = stage.points();
    let of = |flow: &&'static dyn AnyFlow| {
        let fitting = points.iter().filter(|point| flow.applies_to(point.kind));
        let asked = fitting.map(|point| least(*flow, point, &stage)).collect();
        let before = stage.aws.call_count();
        stage.facts_of(*flow, asked);
        (flow.name(), looks(&stage.aws.calls()[before..]))
    };
    REGISTRY.iter().map(of).collect()
}

/// Runs a variant there, and once more there and back, without any fault.
fn clean(variant: &Variant) -> Clean {
    let mut clean = Clean::default();
    let case = format!("{}, nothing goes wrong", variant.name);
    let mut course = Course::open(variant, &case);
    let plan = course.state().plan;
    clean.planned = Some((plan, course.before.clone()));
    let planned = course.stage.aws.call_count();
    clean.boundaries = course.count();
    clean.events = course.stage.events(&course.run.clone()).len() as u64;
    let calls = course.stage.aws.calls().split_off(planned);
    clean.all_calls = u32::try_from(calls.len()).unwrap();
    for call in calls {
        if call.mutates {
            clean.tokens += usize::from(call.parameters.contains_key("ClientToken"));
            clean.calls.push(call.operation);
        } else {
            clean.reads.insert(call.operation);
        }
    }
    clean.looks = looks(&course.stage.aws.calls()[planned..]);
    course.settle();
    let there = course.stage.picture();
    clean.world = world::after(&course.before, &there, course.run.as_str());
    for made in world::added(&course.before, &there) {
        let step = made.tag("defib:step").unwrap_or_default().to_owned();
        *clean.makes.entry((made.kind.to_owned(), step)).or_default() += 1;
    }
    course.makes = clean.makes.clone();
    course.assert_rest(Due::Rest);
    course.assert_end(Then::On, &clean.world);

    let mut course = Course::open(variant, &case);
    course.makes = clean.makes.clone();
    course.count();
    let there = course.stage.aws.call_count();
    course.send(Then::Back);
    clean.boundaries_back = course.count();
    let calls = course.stage.aws.calls().split_off(there);
    clean.looks.extend(looks(&calls));
    let back = calls.into_iter().filter(|call| call.mutates);
    clean.calls_back = back.map(|call| call.operation).collect();
    course.settle();
    course.assert_rest(Due::Rest);
    course.assert_end(Then::Back, &clean.world);
    clean
}
