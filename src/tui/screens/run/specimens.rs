//! Runs as tests need them: a volume swap, folded from events up to where it matters.
//! For tests only.

mod plan;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::config;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::ids::{RunId, StepId};
use crate::domain::plan::{Gate, Plan};
use crate::domain::resource::ResourceKind;
use crate::domain::run::{Approval, Created, EventBody, Operator, PauseReason, RunEvent, RunState};
use crate::domain::text::Untrusted;
use crate::report::{FAILED, Report};
use crate::tui::keymap::Keymap;
use crate::tui::known::{Known, RunCard, Settings};
use crate::tui::theme::{Look, Signs};

pub(crate) use plan::plan;

pub(crate) const RUN: &str = "01JD4Q5W8Z3N6T9XKE2A7B1C7K";
const OLD: &str = "vol-0b7e1111222233341";
const NEW: &str = "vol-0c9d1111222233310";
const SAFETY: &str = "snap-0f311111222233aa";
const GROUP: &str = "sg-0a4d1111222233390";
const LAUNCHED: &str = "i-0fbab69242c8fcf0c";

/// Returns what is known on a terminal of this size, with nothing in it.
pub(crate) fn known(size: (u16, u16), theme: config::Theme, signs: &Signs) -> Known {
    let settings = Settings {
        zone: TimeZone::UTC,
        look: Look::new(theme, *signs),
        keymap: Keymap::builtin(config::Keymap::Default),
        read_only: false,
        protected: std::collections::BTreeSet::new(),
        flows: Vec::new(),
        filters: BTreeMap::new(),
        story: None,
    };
    Known::new(settings, at(0), size)
}

/// Returns what is known at 80×24 in sixteen colours, and a run with it.
pub(crate) fn with(story: &Story) -> Known {
    let known = known((80, 24), config::Theme::Sixteen, &Signs::unicode());
    story.told_to(known)
}

fn at(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T02:50:00Z".parse().unwrap();
    start + SignedDuration::from_secs(seconds)
}

/// A run as it unfolds.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) events: Vec<RunEvent>,
    pub(crate) now: i64,
    pub(crate) held: bool,
    pub(crate) broken: Option<Report>,
    pub(crate) runner_failed: Option<Report>,
}

impl Story {
    /// Begins with the plan of a swap.
    pub(crate) fn of(plan: Plan) -> Self {
        let by = operator();
        let planned = EventBody::Planned {
            plan: Box::new(plan),
            by,
            approval: Approval::default(),
            version: "0.1.0".to_owned(),
            endpoints: Vec::new(),
        };
        let story = Self {
            events: Vec::new(),
            now: 0,
            held: true,
            broken: None,
            runner_failed: None,
        };
        let pid = EventBody::RunnerStarted {
            pid: 4242,
            host: "bastion".to_owned(),
        };
        story.tells(0, None, planned).tells(1, None, pid)
    }

    /// Adds what became known after so many seconds.
    pub(crate) fn tells(mut self, seconds: i64, step: Option<&str>, body: EventBody) -> Self {
        let seq = self.events.len() as u64 + 1;
        self.events.push(RunEvent {
            run: RunId::from(RUN),
            seq,
            at: at(seconds),
            step: step.map(StepId::from),
            body,
        });
        self.now = seconds;
        self
    }

    /// Lets time pass.
    pub(crate) fn until(mut self, seconds: i64) -> Self {
        self.now = seconds;
        self
    }

    /// Sends a request that AWS accepts.
    fn sends(self, seconds: i64, step: &str, made: Option<(&str, ResourceKind)>) -> Self {
        let outputs = made.map_or(Value::Null, |(id, _)| json!({ "volume": id }));
        let created = made.map(|(id, kind)| Created {
            id: id.to_owned(),
            kind,
        });
        let accepted = EventBody::Accepted {
            request_id: Some(format!("3f6c{seconds:04}-9a1b-4c2d-8e3f-5a6b7c8d9ee1")),
            outputs,
            created: created.into_iter().collect(),
        };
        self.tells(seconds, Some(step), intent())
            .tells(seconds, Some(step), accepted)
    }

    fn verified(self, seconds: i64, step: &str, detail: &str, volume: Option<&str>) -> Self {
        let outputs = volume.map_or(Value::Null, |id| json!({ "volume": id }));
        let body = EventBody::Verified {
            outputs,
            detail: detail.to_owned(),
            created: Vec::new(),
        };
        self.tells(seconds, Some(step), body)
    }

    pub(crate) fn progress(self, seconds: i64, step: &str, detail: &str) -> Self {
        let body = EventBody::Progress {
            detail: detail.to_owned(),
            percent: None,
        };
        self.tells(seconds, Some(step), body)
    }

    fn answered(self, seconds: i64, step: &str) -> Self {
        let body = EventBody::GateAnswered {
            by: operator(),
            command: Some(1),
        };
        self.tells(seconds, Some(step), body)
    }

    pub(crate) fn state(&self) -> RunState {
        RunState::fold(&self.events).unwrap()
    }

    fn told_to(&self, mut known: Known) -> Known {
        let run = RunId::from(RUN);
        known.now = at(self.now);
        let card = RunCard {
            state: self.state(),
            events: self.events.clone(),
            held: self.held,
            broken: self.broken.clone(),
            runner_failed: self.runner_failed.clone(),
        };
        known.runs.cards.insert(run, card);
        known.runs.read = true;
        known
    }

    /// Adds the run to what is known already.
    pub(crate) fn add_to(&self, known: Known) -> Known {
        self.told_to(known)
    }
}

pub(crate) fn operator() -> Operator {
    Operator {
        user: "ada".to_owned(),
        host: "bastion".to_owned(),
    }
}

pub(crate) fn intent() -> EventBody {
    EventBody::Intent {
        generation: 1,
        token: "MFRGGZDFMZTWQ2LK".to_owned(),
        digest: "9f86d081".to_owned(),
        input: Value::Null,
        found: Value::Null,
    }
}

/// Just made; nobody drives it yet.
pub(crate) fn planned() -> Story {
    let mut story = Story::of(plan("orders-db data"));
    story.events.truncate(1);
    story.held = false;
    story.until(1)
}

/// Up to the detach, with the service down since the stop.
pub(crate) fn in_outage() -> Story {
    in_outage_of(plan("orders-db data"))
}

/// The same with the plan of another swap.
pub(crate) fn in_outage_of(plan: Plan) -> Story {
    Story::of(plan)
        .sends(2, "safety-snapshot", Some((SAFETY, ResourceKind::Snapshot)))
        .sends(2, "create-volume", Some((NEW, ResourceKind::Volume)))
        .verified(4, "safety-snapshot", "accepted", None)
        .verified(16, "create-volume", "available", Some(NEW))
        .sends(17, "stop-instance", None)
        .progress(20, "stop-instance", "stopping")
        .verified(58, "stop-instance", "stopped", None)
        .sends(59, "detach-volume", None)
        .progress(60, "detach-volume", "detaching")
        .until(65)
}

/// Up to the start, with both status checks passed.
fn swapped(plan: Plan) -> Story {
    in_outage_of(plan)
        .verified(66, "detach-volume", "available", None)
        .sends(67, "attach-volume", None)
        .verified(75, "attach-volume", "attached", Some(NEW))
        .sends(76, "delete-on-termination", None)
        .sends(76, "start-instance", None)
        .verified(77, "delete-on-termination", "no", Some(NEW))
        .verified(211, "start-instance", "running, 2/2 checks passed", None)
        .sends(212, "tag-old-volume", None)
        .verified(213, "tag-old-volume", "tagged", None)
}

/// Asks whether the application is healthy.
pub(crate) fn gate_open() -> Story {
    gate_open_of(plan("orders-db data"))
}

/// The same with the plan of another swap.
pub(crate) fn gate_open_of(plan: Plan) -> Story {
    swapped(plan)
        .tells(214, Some("healthy"), EventBody::GateOpened)
        .until(260)
}

/// Everything is verified.
pub(crate) fn done() -> Story {
    done_of(plan("orders-db data"))
}

/// The same with the plan of another swap.
pub(crate) fn done_of(plan: Plan) -> Story {
    gate_open_of(plan)
        .answered(300, "healthy")
        .verified(300, "healthy", "", None)
        .tells(301, None, EventBody::Done)
        .unheld()
}

/// Waits for a person to look at an instance that was launched apart.
pub(crate) fn looked_at_of(plan: Plan) -> Story {
    let launched = EventBody::Verified {
        outputs: json!({ "instance": LAUNCHED, "private_ip": "10.40.8.4" }),
        detail: format!("{LAUNCHED} running, both status checks ok"),
        created: vec![Created {
            id: LAUNCHED.to_owned(),
            kind: ResourceKind::Instance,
        }],
    };
    let allowed = format!("{GROUP} lets in tcp 22 198.51.100.7/32 and nothing else");
    Story::of(plan)
        .sends(2, "mark", None)
        .verified(3, "mark", "marked", None)
        .sends(
            4,
            "create-group",
            Some((GROUP, ResourceKind::SecurityGroup)),
        )
        .verified(5, "create-group", &format!("{GROUP} made"), None)
        .sends(6, "no-egress", None)
        .verified(7, "no-egress", &format!("{GROUP} lets nothing out"), None)
        .sends(8, "allow-operator", None)
        .verified(9, "allow-operator", &allowed, None)
        .sends(10, "launch", None)
        .progress(30, "launch", "pending")
        .tells(172, Some("launch"), launched)
        .tells(173, Some("look"), EventBody::GateOpened)
        .until(191)
}

/// The restore of a table, waiting for the name of the new one before time to live is enabled: everything before that
/// is verified, whatever the plan has there.
pub(crate) fn expired_of(plan: Plan) -> Story {
    let steps = plan.steps.clone();
    let before = steps.iter().take_while(|step| step.id.as_str() != "ttl");
    let (mut story, mut now) = (Story::of(plan), 2);
    for step in before {
        let id = step.id.as_str();
        story = match (&step.gate, id) {
            (Gate::Person { .. }, _) => story
                .tells(now, Some(id), EventBody::GateOpened)
                .answered(now + 180, id),
            (_, "count-expired") => story,
            (_, _) => story.sends(now, id, None),
        };
        now += match id {
            "restore" => 1_460,
            "look" | "healthy" => 180,
            _quick => 3,
        };
        let outputs = json!({ "expired": 18_412, "looked_at": 61_214, "complete": true });
        let counted = id == "count-expired";
        let verified = EventBody::Verified {
            outputs: if counted { outputs } else { Value::Null },
            detail: String::new(),
            created: Vec::new(),
        };
        story = story.tells(now, Some(id), verified);
    }
    let gate = EventBody::GateOpened;
    story.tells(now, Some("ttl"), gate).until(now + 20)
}

/// An operator paused it before the outage.
pub(crate) fn paused() -> Story {
    let body = EventBody::Paused {
        reason: PauseReason::Operator,
        line: "paused by an operator. What was sent is observed; nothing new is sent.".to_owned(),
        command: Some(1),
    };
    Story::of(plan("orders-db data"))
        .sends(2, "safety-snapshot", Some((SAFETY, ResourceKind::Snapshot)))
        .sends(2, "create-volume", Some((NEW, ResourceKind::Volume)))
        .verified(4, "safety-snapshot", "accepted", None)
        .tells(9, None, body)
        .until(20)
}

/// Failed while the service is down.
pub(crate) fn failed() -> Story {
    let why = "ec2:AttachVolume UnauthorizedOperation: You are not authorized to perform this \
               operation. User: arn:aws:sts::111122223333:assumed-role/ops/ada";
    let failure = Failure {
        class: FailureClass::Denied,
        effect: Effect::None,
        call: "ec2:AttachVolume".to_owned(),
        code: Some("UnauthorizedOperation".to_owned()),
        message: Untrusted::from("You are not authorized to perform this operation."),
        request_id: Some("88b00007-9a1b-4c2d-8e3f-5a6b7c8d9e07".to_owned()),
    };
    let step_failed = EventBody::StepFailed {
        why: why.to_owned(),
        failure: Some(failure),
        spent: true,
    };
    let failed = EventBody::Failed {
        why: format!("attach-volume: {why}"),
    };
    in_outage()
        .verified(66, "detach-volume", "available", None)
        .tells(67, Some("attach-volume"), intent())
        .tells(68, Some("attach-volume"), step_failed)
        .tells(68, None, failed)
        .until(190)
}

/// Two steps that may wait were refused, one of them for want of the other; what could be done without them is done.
pub(crate) fn missing() -> Story {
    let mut plan = plan("orders-db data");
    for n in [0, 1] {
        plan.steps[n].may_wait = true;
    }
    plan.steps[1].needs = vec!["safety-snapshot".into()];
    plan.steps[1].builds_on = vec!["safety-snapshot".into()];
    let refused = EventBody::StepFailed {
        why: "ec2:CreateSnapshot AccessDenied: not authorized to perform ec2:CreateSnapshot"
            .to_owned(),
        failure: None,
        spent: false,
    };
    let story = Story::of(plan).tells(3, Some("safety-snapshot"), refused);
    let state = RunState::fold(&story.events);
    let why = state.and_then(|state| state.missing_told());
    let failed = EventBody::Failed {
        why: why.expect("two are missing"),
    };
    story.tells(9, None, failed).until(40)
}

/// The old volume was attached somewhere else meanwhile; nothing is down.
pub(crate) fn conflict() -> Story {
    let why = "i-04d1aaaabbbbcccc9 is stopping, and this run did not stop it";
    let conflict = EventBody::Conflict {
        why: why.to_owned(),
    };
    let paused = EventBody::Paused {
        reason: PauseReason::Conflict,
        line: format!(
            "stop-instance: {why}. Nothing more is sent. Resume once it is settled, or roll back."
        ),
        command: None,
    };
    Story::of(plan("orders-db data"))
        .sends(2, "create-volume", Some((NEW, ResourceKind::Volume)))
        .verified(16, "create-volume", "available", Some(NEW))
        .tells(17, Some("stop-instance"), conflict)
        .tells(17, None, paused)
        .until(40)
}

/// On its way back, the service still down.
pub(crate) fn rolling_back() -> Story {
    let story = failed();
    let state = story.state();
    let started = EventBody::RollBackStarted {
        by: operator(),
        approval: Approval::default(),
        steps: state.plan.undo_steps(&state.touched()),
        command: Some(2),
    };
    story
        .tells(200, None, started)
        .verified(201, "undo-attach-volume-1", "available", None)
        .sends(201, "undo-detach-volume-1", None)
        .verified(209, "undo-detach-volume-1", "attached", Some(OLD))
        .sends(210, "undo-stop-instance-1", None)
        .progress(215, "undo-stop-instance-1", "pending")
        .until(240)
}

/// Taken back.
pub(crate) fn rolled_back() -> Story {
    rolling_back()
        .verified(
            330,
            "undo-stop-instance-1",
            "running, 2/2 checks passed",
            None,
        )
        .tells(331, None, EventBody::RolledBack)
        .unheld()
}

/// Its runner is gone in the middle of the outage.
pub(crate) fn unheld() -> Story {
    let mut story = in_outage().until(125).unheld();
    let report = Report::new(FAILED, "the runner was killed")
        .safe("What the journal holds stays as it is.")
        .todo("resume the run");
    story.runner_failed = Some(report);
    story
}

/// Its record is damaged.
pub(crate) fn damaged() -> Story {
    let mut story = in_outage().until(125).unheld();
    let what = format!(
        "the journal of run {RUN} is damaged at event 15 of 22; 14 events before it are valid"
    );
    let safe = "Nothing is sent for this run, and nothing was deleted. What it has made carries the tag \
                defib:run in AWS. The damaged files are copied to /home/ada/.local/state/defib/damaged/\
                20260301T025500Z-event-15.";
    let report = Report::new(FAILED, what).safe(safe);
    story.broken = Some(report);
    story
}

impl Story {
    pub(crate) fn unheld(mut self) -> Self {
        self.held = false;
        self
    }
}
