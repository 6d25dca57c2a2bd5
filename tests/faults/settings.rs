//! Each setting of a restored table by itself: set alone, refused, throttled, without an answer, and with the run ended
//! in the middle. The settings are those of the plan for a table that has all of them: one that is new is covered as soon
//! as `settings.toml` has it.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use defib::cli::follow::{Summary, next_steps, sentence};
use defib::domain::failure::{Effect, Failure, FailureClass};
use defib::domain::ids::{RunId, StepId};
use defib::domain::plan::Plan;
use defib::domain::run::{
    CommandKind, EventBody, Missing, RunEvent, RunState, RunStatus, StepStatus,
};
use defib::journal::boundary::Watched;
use defib::restore::export::report::{Asked, report};
use defib::restore::flow::find;
use defib::restore::operation::{Context, Decoder, decode};
use defib::runner;
use defib::sim::{Fault, On};
use jiff::SignedDuration;
use serde_json::Value;
use tokio::sync::Notify;

use crate::bent::{Bend, bent};
use crate::cases::each;
use crate::stage::{Said, Stage};

const FULL: &str = include_str!("settings.toml");
const PLACE: &str = "111122223333/eu-west-1";
const OLD: &str = "orders";
const NEW: &str = "orders-back";
const PARAMETER: &str = "/acme/shop/orders-table";
/// The step that compares the two tables, and needs every setting but replicas.
const ALIKE: &str = "alike";

/// What a table has that is no setting of it.
const SHAPE: [&str; 5] = ["name", "created_before", "items", "size", "keys"];
/// What one field of a table means nothing without.
const WITH: [(&str, &[&str]); 8] = [
    ("expiring", &["ttl"]),
    ("index", &["capacity"]),
    ("insights", &["capacity", "index"]),
    ("pitr_days", &["pitr_since"]),
    ("replicas", &["stream"]),
    ("scaling", &["capacity", "index"]),
    ("scheduled", &["capacity", "index", "scaling"]),
    ("triggers", &["stream"]),
];
/// What two tables do not have in common, however alike they are set.
const ITS_OWN: [&str; 4] = ["id", "created", "data", "restored"];

/// The fewest attempts of a call that is throttled before its step gives up: after 2 s, 4 s and so on, and twice after five minutes.
const UNTIL_GIVEN_UP: u32 = 10;

/// A restore of the table, planned and approved.
struct Restore {
    stage: Stage,
    run: RunId,
    before: Value,
}

impl Restore {
    fn of(text: &str) -> Self {
        let mut stage = Stage::open_text(text);
        let before = stage.picture();
        let backups = before[PLACE]["table_backups"].as_object().unwrap();
        let backup = backups.keys().next().unwrap().clone();
        let said = [
            ("backup", backup.as_str()),
            ("target", NEW),
            ("parameter", PARAMETER),
            ("freeze", "yes"),
            ("break-glass", "arn:aws:iam::111122223333:role/break-glass"),
        ];
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let mut said: Said = said.map(own).into();
        said.extend(replicas_in(text).map(|regions| ("replica".to_owned(), regions)));
        let flow = find("dynamodb-restore").unwrap();
        let plan = stage.plan_by(flow, &said).unwrap();
        let run = stage.record(plan);
        Self { stage, run, before }
    }

    fn drive(&mut self) -> RunStatus {
        let status = self.stage.drive(&self.run);
        self.assert_whatever_happened();
        status
    }

    fn resume(&mut self) -> RunStatus {
        self.stage.send(&self.run, CommandKind::Resume);
        self.drive()
    }

    fn state(&mut self) -> RunState {
        self.stage.state(&self.run)
    }

    /// Lets a fault strike the call of a setting, so many times in a row.
    fn strike(&self, setting: &Setting, fault: Fault, times: u32) -> impl Fn() -> u32 + use<> {
        let on = On::mutations().nth(setting.call).times(times);
        let faults = self.stage.aws.faults().clone();
        let id = faults.inject(on, fault);
        move || faults.fired(id)
    }

    /// A thing of the world as it is, under a name for the run that is the same in all of them.
    fn thing(&mut self, kind: &str, name: &str) -> Value {
        let thing = self.stage.picture()[PLACE][kind][name].to_string();
        serde_json::from_str(&thing.replace(self.run.as_str(), "RUN")).unwrap()
    }

    /// Both tables and the parameter, once everything has settled.
    fn end(&mut self) -> [Value; 3] {
        self.stage.pass(SignedDuration::from_hours(1));
        [
            untimed(self.thing("tables", OLD)),
            untimed(self.thing("tables", NEW)),
            self.thing("parameters", PARAMETER),
        ]
    }

    /// Settings are given one after the other, and nothing that comes after them is begun before all are there. Nothing
    /// waits for a replica.
    fn assert_whatever_happened(&mut self) {
        let events = self.stage.events(&self.run);
        assert_eq!(beside_another(&events), Vec::<String>::new());
        let state = RunState::fold(&events).unwrap();
        let settings = before_the_comparison(&state.plan);
        let lacks = settings.iter().any(|id| !state.is_verified(id));
        if lacks && state.undo.is_none() {
            for step in after_settings(&state.plan) {
                assert!(!state.steps.contains_key(step), "{step} was begun");
            }
            let untouched = self.thing("parameters", PARAMETER);
            assert_eq!(untouched["value"], OLD);
            let policy = self.thing("tables", OLD)["policy"].clone();
            assert_eq!(policy, self.before[PLACE]["tables"][OLD]["policy"]);
        }
        let status = state.status();
        if status == RunStatus::Failed && !state.missing().is_empty() {
            assert!(state.reason.is_some());
        }
    }
}

/// The Regions in which the table has replicas: those of the new one are chosen.
fn replicas_in(text: &str) -> Option<String> {
    let estate: toml::Table = text.parse().unwrap();
    let table = estate["place"][0]["table"][0].as_table().unwrap();
    let regions = table.get("replicas")?.as_array().unwrap().iter();
    let regions: Vec<&str> = regions.map(|region| region.as_str().unwrap()).collect();
    Some(regions.join(","))
}

/// A picture without what depends on when it was taken.
fn untimed(mut table: Value) -> Value {
    let fields = table.as_object_mut().unwrap();
    fields.remove("created");
    if let Some(continuous) = fields.get_mut("continuous").and_then(Value::as_object_mut) {
        continuous.remove("since");
    }
    table
}

/// A picture without what comes once all settings are there: time to live, that alarms act, that functions are called, and
/// replicas.
fn before_the_last(table: &Value) -> Value {
    let mut table = table.clone();
    table["ttl"].take();
    table["replicas"].take();
    if let Some(read_by) = table.get_mut("read_by") {
        read_by.take();
    }
    let alarms = table.get_mut("alarms").and_then(Value::as_object_mut);
    for alarm in alarms.into_iter().flat_map(|all| all.values_mut()) {
        alarm["acts"].take();
    }
    table
}

fn settings_of(plan: &Plan) -> Vec<StepId> {
    let settings = plan.steps.iter().filter(|step| step.may_wait);
    settings.map(|step| step.id.clone()).collect()
}

/// The settings without which no application is led over.
fn before_the_comparison(plan: &Plan) -> Vec<StepId> {
    let alike = plan.steps.iter().position(|step| step.id == ALIKE.into());
    let settings = plan.steps[..alike.unwrap()].iter();
    let settings = settings.filter(|step| step.may_wait);
    settings.map(|step| step.id.clone()).collect()
}

/// What is not to be begun before those are there.
fn after_settings(plan: &Plan) -> impl Iterator<Item = &StepId> {
    let steps = plan.steps.iter().map(|step| &step.id);
    steps.skip_while(|id| **id != ALIKE.into())
}

/// Intents of a setting while something of another one may have been on its way, by what the journal knows.
fn beside_another(events: &[RunEvent]) -> Vec<String> {
    let mut found = Vec::new();
    let mut state = RunState::fold(&events[..1]).unwrap();
    let settings = settings_of(&state.plan);
    for event in &events[1..] {
        let step = event.step.as_ref().filter(|id| settings.contains(id));
        if let (Some(step), EventBody::Intent { .. }) = (step, &event.body) {
            let open = settings.iter().filter(|id| *id != step);
            let open = open.filter(|id| {
                let record = state.record(id);
                let sent = record.generation > 0 && record.status != StepStatus::Verified;
                sent && !record.came_to_nothing()
            });
            found.extend(open.map(|open| format!("{step} was sent beside {open}")));
        }
        state.apply(event);
    }
    found
}

/// A setting of the full table, and which of the calls that change something is its own when nothing goes wrong.
struct Setting {
    step: StepId,
    call: u32,
    /// For how many seconds it is tried: at least ten minutes, and five times as long as it usually takes.
    patience: u64,
}

impl Setting {
    /// Attempts of its call before the step gives up, where every one is throttled.
    fn until_given_up(&self) -> u32 {
        let (mut attempts, mut pause, mut at) = (1, 2, 0);
        while at < self.patience {
            at += pause;
            pause = 300.min(pause * 2);
            attempts += 1;
        }
        attempts
    }

    /// How long a run may take in which it is tried in vain.
    fn longest(&self) -> SignedDuration {
        let patience = i64::try_from(self.patience).unwrap();
        SignedDuration::from_secs(patience) + SignedDuration::from_mins(10)
    }
}

/// What becomes of the full table when nothing goes wrong.
struct Clean {
    settings: Vec<Setting>,
    end: [Value; 3],
}

static CLEAN: LazyLock<Clean> = LazyLock::new(|| {
    let mut restore = Restore::of(FULL);
    assert_eq!(restore.drive(), RunStatus::Done);
    let calls = restore.stage.aws.calls();
    let events = restore.stage.events(&restore.run);
    let call = |step: &StepId| {
        let sends = |event: &&RunEvent| {
            event.step.as_ref() == Some(step) && matches!(event.body, EventBody::Intent { .. })
        };
        let intent = events.iter().find(sends);
        let intent = intent.unwrap_or_else(|| panic!("nothing is sent for {step}"));
        let before = restore.stage.journal.between.calls_before(intent);
        let before = calls[..before].iter().filter(|call| call.mutates);
        u32::try_from(before.count()).unwrap() + 1
    };
    let plan = RunState::fold(&events).unwrap().plan;
    let settings = plan.steps.iter().filter(|step| step.may_wait);
    let settings = settings.map(|step| Setting {
        call: call(&step.id),
        patience: (5 * step.expected).max(600),
        step: step.id.clone(),
    });
    let settings = settings.collect();
    Clean {
        settings,
        end: restore.end(),
    }
});

/// The fields in which two tables are set otherwise.
fn differing(one: &Value, other: &Value) -> Vec<String> {
    let fields = one.as_object().unwrap().keys();
    let differ = fields.filter(|field| one[*field] != other[*field]);
    differ.cloned().collect()
}

/// The scenario with a table that has one of its settings alone, and what that means nothing without.
fn with_alone(setting: &str) -> String {
    let mut estate: toml::Table = FULL.parse().unwrap();
    let place = estate["place"].as_array_mut().unwrap()[0].as_table_mut();
    let table = place.unwrap()["table"].as_array_mut().unwrap()[0].as_table_mut();
    let with = WITH.iter().find(|(field, _)| *field == setting);
    let with = with.map_or(&[][..], |(_, with)| with);
    table
        .unwrap()
        .retain(|field, _| SHAPE.contains(&field) || field == setting || with.contains(&field));
    toml::to_string(&estate).unwrap()
}

fn fields_of_the_full_table() -> Vec<String> {
    let estate: toml::Table = FULL.parse().unwrap();
    let fields = estate["place"][0]["table"][0].as_table().unwrap().keys();
    let settings = fields.filter(|field| !SHAPE.contains(&field.as_str()));
    settings.cloned().collect()
}

#[test]
fn each_setting_alone_is_given_back_as_it_was() {
    let fields = fields_of_the_full_table();
    let met = std::sync::Mutex::new(BTreeSet::new());
    each("settings: alone", 12, &fields, |field| {
        let mut restore = Restore::of(&with_alone(field));
        assert_eq!(restore.drive(), RunStatus::Done, "{field}");
        let settings = settings_of(&restore.state().plan);
        met.lock().unwrap().extend(settings);
        restore.stage.pass(SignedDuration::from_hours(1));
        let old = untimed(restore.before[PLACE]["tables"][OLD].clone());
        let mut new = untimed(restore.thing("tables", NEW));
        let tags = new["tags"].as_object_mut().unwrap();
        tags.retain(|key, _| !key.starts_with("defib:"));
        if let Some(policy) = new["policy"].as_str() {
            let policy: Value = serde_json::from_str(&policy.replace(NEW, OLD)).unwrap();
            let was: Value = serde_json::from_str(old["policy"].as_str().unwrap()).unwrap();
            assert_eq!(policy, was, "{field}");
            new["policy"] = old["policy"].clone();
        }
        // A restore may raise it to the least that it is scaled to.
        if with_alone(field).contains("scaling") {
            new["shape"]["capacity"] = old["shape"]["capacity"].clone();
        }
        let mut differ = differing(&old, &new);
        differ.retain(|field| !ITS_OWN.contains(&field.as_str()));
        assert_eq!(differ, Vec::<String>::new(), "{field}: {old} ≠ {new}");
    });
    let all = CLEAN.settings.iter().map(|setting| setting.step.clone());
    let unmet: Vec<StepId> = all
        .filter(|step| !met.lock().unwrap().contains(step))
        .collect();
    assert_eq!(unmet, Vec::<StepId>::new(), "set by no field alone");
}

/// Holds a run that has come to rest against what is told of it: this setting is missing, with what builds on it, and
/// everything else is there.
fn assert_missing(restore: &mut Restore, setting: &Setting, why: &str) {
    let id = &setting.step;
    let state = restore.state();
    let missing = state.missing();
    assert_eq!(missing.first().map(|one| &one.step.id), Some(id));
    assert!(missing[0].why.contains(why), "{id}: {}", missing[0].why);
    for one in &missing[1..] {
        assert!(
            one.step.builds_on.contains(id),
            "{} is missing",
            one.step.id
        );
        assert!(
            one.why.contains("not tried"),
            "{}: {}",
            one.step.id,
            one.why
        );
        assert_eq!(state.record(&one.step.id).generation, 0);
    }
    let needed = before_the_comparison(&state.plan);
    for other in &needed {
        let lacks = missing.iter().any(|one| one.step.id == *other);
        assert_eq!(state.is_verified(other), !lacks, "{other} without {id}");
    }
    // Nothing waits for what comes last.
    let rest = needed.contains(id);
    assert_eq!(state.lacks_more(), rest, "{id}");
    let led_to = if rest { OLD } else { NEW };
    assert_eq!(restore.thing("parameters", PARAMETER)["value"], led_to);
    let reason = state.reason.clone().unwrap();
    let lines = next_steps(&state, false, "/nowhere".as_ref(), state.last_at);
    let told = lines.join("\n");
    for one in &missing {
        assert!(reason.contains(&one.step.title) && reason.contains(&one.why));
        assert!(
            told.contains(&one.step.title) && told.contains(&one.why),
            "{told}"
        );
    }
    assert!(reason.contains("Resume"), "{reason}");
    assert!(told.contains("defib resume"), "{told}");
    let summary = Summary::of(&state, false, state.last_at);
    assert_eq!(summary.missing.len(), missing.len());
    assert_eq!(summary.missing[0]["step"], id.as_str());
    let asked = Asked {
        incident: None,
        now: state.last_at,
    };
    let events = restore.stage.events(&restore.run);
    let report = report(&state, &events, asked);
    assert!(report.contains("## Missing"), "{report}");
    let failed = |event: &&RunEvent| matches!(event.body, EventBody::StepFailed { .. });
    let failed = events.iter().find(failed).unwrap();
    let told = sentence(failed, &events).unwrap();
    assert!(told.ends_with("going on without it"), "{told}");
    let differ = differing_but_for(&missing[1..], restore, rest);
    assert_eq!(differ.len(), 1, "without {id}: {differ:?}");
}

/// In which fields the new table is not as it is in the end, but for those of what builds on something missing; `rest`
/// tells whether what comes last is not begun.
fn differing_but_for(building: &[Missing<'_>], restore: &mut Restore, rest: bool) -> Vec<String> {
    let new = untimed(restore.thing("tables", NEW));
    let mut differ = if rest {
        differing(&before_the_last(&CLEAN.end[1]), &before_the_last(&new))
    } else {
        differing(&CLEAN.end[1], &new)
    };
    let mut ids = building.iter().map(|one| one.step.id.as_str());
    let triggers = ids.any(|id| id.starts_with("trigger-"));
    differ.retain(|field| !(triggers && field == "triggers"));
    differ
}

fn assert_complete(restore: &mut Restore, words: &str) {
    let state = restore.state();
    assert_eq!(
        state.status(),
        RunStatus::Done,
        "{words}: {:?}",
        state.reason
    );
    assert_eq!(
        (state.missing_told(), state.reason),
        (None, None),
        "{words}"
    );
    let end = restore.end();
    for (is, wanted) in end.iter().zip(&CLEAN.end) {
        assert_eq!(is, wanted, "{words}");
    }
}

#[test]
fn a_setting_that_is_refused_keeps_no_other_back_and_comes_with_a_resume() {
    each("settings: refused", 12, &CLEAN.settings, |setting| {
        let mut restore = Restore::of(FULL);
        let fired = restore.strike(setting, Fault::Unauthorized, 1);
        assert_eq!(restore.drive(), RunStatus::Failed, "{}", setting.step);
        assert_eq!(fired(), 1, "{}", setting.step);
        assert_missing(&mut restore, setting, "AccessDenied");
        restore.resume();
        assert_complete(&mut restore, setting.step.as_str());
    });
}

#[test]
fn a_setting_that_is_throttled_for_minutes_is_waited_for() {
    each("settings: throttled", 12, &CLEAN.settings, |setting| {
        let mut restore = Restore::of(FULL);
        let times = UNTIL_GIVEN_UP - 2;
        let fired = restore.strike(setting, Fault::Throttled, times);
        assert_eq!(restore.drive(), RunStatus::Done, "{}", setting.step);
        assert_eq!(fired(), times, "{}", setting.step);
        let told = restore.stage.events(&restore.run);
        let told = told.iter().filter(|event| {
            let refused = matches!(event.body, EventBody::Refused { .. });
            refused && event.step.as_ref() == Some(&setting.step)
        });
        assert_eq!(told.count(), times as usize, "each was told");
        assert_complete(&mut restore, setting.step.as_str());
    });
}

#[test]
fn a_setting_that_is_throttled_without_end_is_given_up_and_keeps_no_other_back() {
    each(
        "settings: throttled for long",
        12,
        &CLEAN.settings,
        |setting| {
            let mut restore = Restore::of(FULL);
            let began = restore.stage.now();
            let times = setting.until_given_up();
            assert!(times >= UNTIL_GIVEN_UP, "{}: {times}", setting.step);
            let fired = restore.strike(setting, Fault::Throttled, times);
            assert_eq!(restore.drive(), RunStatus::Failed, "{}", setting.step);
            assert_eq!(fired(), times, "{}", setting.step);
            let took = restore.stage.now().duration_since(began);
            assert!(took < setting.longest(), "{}: {took}", setting.step);
            assert_missing(&mut restore, setting, "nothing is on its way");
            restore.resume();
            assert_complete(&mut restore, setting.step.as_str());
        },
    );
}

#[test]
fn a_setting_whose_request_may_be_on_its_way_stops_the_run_there() {
    each("settings: no answer", 12, &CLEAN.settings, |setting| {
        let id = &setting.step;
        let mut restore = Restore::of(FULL);
        let fired = restore.strike(setting, Fault::ResetBeforeEffect, u32::MAX);
        assert_eq!(restore.drive(), RunStatus::Failed, "{id}");
        assert!(fired() > 1, "{id}");
        let state = restore.state();
        assert!(!state.goes_on_without(id), "{id}");
        let reason = state.reason.clone().unwrap();
        assert!(reason.starts_with(&format!("{id}: ")), "{reason}");
        let settings = settings_of(&state.plan);
        let after = settings.iter().skip_while(|other| *other != id).skip(1);
        for later in after {
            assert!(!state.steps.contains_key(later), "{later} after {id}");
        }
        restore.stage.aws.faults().lift_all();
        restore.resume();
        assert_complete(&mut restore, id.as_str());
    });
}

#[test]
fn where_every_setting_is_refused_every_one_is_named_and_comes_with_a_resume() {
    let mut restore = Restore::of(FULL);
    let first = CLEAN.settings.first().unwrap().call;
    let faults = restore.stage.aws.faults().clone();
    let on = On::mutations().nth(first).for_ever();
    let id = faults.inject(on, Fault::Unauthorized);
    assert_eq!(restore.drive(), RunStatus::Failed);
    let state = restore.state();
    let missing: Vec<StepId> = state
        .missing()
        .iter()
        .map(|one| one.step.id.clone())
        .collect();
    assert_eq!(missing, before_the_comparison(&state.plan));
    // Refused once more, they are missing once more.
    assert_eq!(restore.resume(), RunStatus::Failed);
    assert_eq!(restore.state().missing().len(), missing.len());
    faults.lift(id);
    restore.resume();
    assert_complete(&mut restore, "all of them");
}

#[test]
fn a_run_without_one_of_its_settings_is_taken_back() {
    each("settings: taken back", 12, &CLEAN.settings, |setting| {
        let id = &setting.step;
        let mut restore = Restore::of(FULL);
        let fired = restore.strike(setting, Fault::Unauthorized, 1);
        assert_eq!(restore.drive(), RunStatus::Failed, "{id}");
        assert_eq!(fired(), 1, "{id}");
        restore.stage.send(&restore.run, CommandKind::RollBack);
        assert_eq!(restore.drive(), RunStatus::RolledBack, "{id}");
        let before = restore.before[PLACE].clone();
        let [old, new, parameter] = restore.end();
        assert_eq!(old, untimed(before["tables"][OLD].clone()), "{id}");
        assert_eq!(parameter, before["parameters"][PARAMETER], "{id}");
        assert_ne!(new, Value::Null, "what was made is kept");
        let state = restore.state();
        assert_eq!(state.missing_told(), None, "{id}");
        assert_eq!(state.created.len(), 1, "{id}: {:?}", state.created);
    });
}

/// Drives until the `k`-th boundary of the journal and ends everything there. Tells whether it got that far.
fn die_at(restore: &mut Restore, k: u64) -> bool {
    let (connector, clock) = restore.stage.hands();
    let pacing = restore.stage.pacing.clone();
    let (journal, run) = (restore.stage.journal.clone(), restore.run.clone());
    restore.stage.live(|| async move {
        let reached = Arc::new(Notify::new());
        let signal = reached.clone();
        let journal = Watched::new(journal, move |boundary| {
            let signal = signal.clone();
            let dies = boundary.number == k;
            Box::pin(async move {
                if dies {
                    signal.notify_one();
                    std::future::pending::<()>().await;
                }
            })
        });
        let life = runner::drive(Arc::new(journal), connector, clock, pacing, &run);
        tokio::select! {
            () = reached.notified() => true,
            _end = life => false,
        }
    })
}

/// Every so many boundaries of the journal a runner dies; which, turns with the setting.
const STRIDE: usize = 27;

#[test]
fn a_runner_that_dies_while_a_setting_is_missing_is_followed_by_one_that_completes_the_run() {
    let most = 140;
    let cases: Vec<(&Setting, u64)> = CLEAN
        .settings
        .iter()
        .enumerate()
        .flat_map(|(n, setting)| {
            let boundaries = (1 + n as u64..most).step_by(STRIDE);
            boundaries.map(move |k| (setting, k))
        })
        .collect();
    each("settings: died", 50, &cases, |(setting, k)| {
        let words = format!("{} at {k}", setting.step);
        let mut restore = Restore::of(FULL);
        let _fired = restore.strike(setting, Fault::Unauthorized, 1);
        let _died = die_at(&mut restore, *k);
        restore.assert_whatever_happened();
        let mut status = restore.drive();
        for _try in 0..3 {
            if status != RunStatus::Done {
                status = restore.resume();
            }
        }
        assert_complete(&mut restore, &words);
    });
}

/// Takes a missing answer for a refusal.
struct Credulous;

impl Bend for Credulous {
    fn failed(&self, _cx: &Context, failure: Failure) -> Failure {
        match failure.effect {
            Effect::None => failure,
            Effect::Unknown => Failure {
                class: FailureClass::Denied,
                effect: Effect::None,
                ..failure
            },
        }
    }
}

/// What a run says it lacks, of which nothing is on its way, and which the new table has all the same.
fn there_all_the_same(operations: Decoder, setting: &Setting) -> Vec<String> {
    let mut restore = Restore::of(FULL);
    let late = Fault::LateArrival(std::time::Duration::from_secs(40));
    let fired = restore.strike(setting, late, 1);
    let engine = restore.stage.engine(operations);
    let run = restore.run.clone();
    restore.stage.drive_by(&engine, &run);
    assert_eq!(fired(), 1, "{}", setting.step);
    let state = restore.state();
    let [_old, new, _parameter] = restore.end();
    let differ = differing(&before_the_last(&CLEAN.end[1]), &before_the_last(&new));
    let missing = state.missing();
    let told = missing.iter().map(|one| one.step.id.to_string());
    told.filter(|_| differ.is_empty()).collect()
}

#[test]
fn an_engine_that_takes_an_unknown_outcome_for_a_refusal_is_noticed() {
    let class = CLEAN.settings.iter();
    let mut class = class.filter(|setting| setting.step.as_str() == "class");
    let class = class.next().unwrap();
    let honest = there_all_the_same(decode, class);
    assert_eq!(honest, Vec::<String>::new());
    let credulous = there_all_the_same(|call| bent(call, Credulous), class);
    assert_eq!(credulous, ["class"]);
}
