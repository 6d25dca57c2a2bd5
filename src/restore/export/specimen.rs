//! A hand-made plan and run for the tests of every rendering, and the same plan in hostile dress.
//!
//! It is made by hand, not by a flow, so that a change of a flow changes no rendering's expected output.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

pub(super) use crate::restore::operation::decode;

use crate::domain::check::{Check, Verdict};
use crate::domain::form::{Choices, Field, ValueFrom};
use crate::domain::ids::{StepId, VolumeId};
use crate::domain::place::Place;
use crate::domain::plan::{Call, Gate, Impact, Leftover, Plan, PointRef, Ref, Step, Subject, Undo};
use crate::domain::resource::ResourceKind;
use crate::domain::run::{Approval, Created, EventBody, Operator, RunEvent};
use crate::domain::text::Untrusted;
use crate::restore::operation::Operation;
use crate::restore::operations::ec2_instance::{
    SetDeleteOnTermination, StartInstance, StopInstance,
};
use crate::restore::operations::ec2_instance_status::InstanceIsHealthy;
use crate::restore::operations::ec2_snapshot::CreateSnapshot;
use crate::restore::operations::ec2_tags::{TagResource, TagValue};
use crate::restore::operations::ec2_volume::{AttachVolume, CreateVolume, DetachVolume};

/// Everything that a shell, a terminal or Markdown could trip over.
pub(super) const HOSTILE: &str =
    "it's \"x\" $(touch pwned) `id` \\ | <b> [x](y) *a*\n```\n| \u{1b}[31m\u{202e}\u{200b}ü🦀";

const OLD: &str = "vol-0b7e00000000000041";
const INSTANCE: &str = "i-04d100000000009a";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn undo(title: &str, call: Call, impact: Impact) -> Undo {
    Undo {
        title: title.to_owned(),
        call: Some(call),
        gate: Gate::None,
        impact,
        expected: 10,
        ends_outage: false,
    }
}

fn step(id: &str, title: &str, needs: &[&str], impact: Impact, expected: u64) -> Step {
    Step {
        id: id.into(),
        title: title.to_owned(),
        why: format!("why {id}"),
        call: None,
        needs: needs.iter().map(|need| (*need).into()).collect(),
        gate: Gate::None,
        impact,
        expected,
        ends_outage: false,
        undo: Vec::new(),
        may_wait: false,
        builds_on: Vec::new(),
        if_declined: None,
        keeps_found: false,
        if_kept: None,
        makes: None,
    }
}

fn stop() -> Call {
    StopInstance {
        instance: INSTANCE.into(),
    }
    .call()
}

fn start() -> Call {
    StartInstance {
        instance: INSTANCE.into(),
        until_ok: true,
    }
    .call()
}

fn attach(volume: Ref<VolumeId>) -> Call {
    let (instance, device) = (INSTANCE.into(), "/dev/sdf".to_owned());
    AttachVolume {
        volume,
        instance,
        device,
    }
    .call()
}

fn detach(volume: Ref<VolumeId>) -> Call {
    let (instance, device) = (INSTANCE.into(), "/dev/sdf".to_owned());
    DetachVolume {
        volume,
        instance,
        device,
        while_running: false,
    }
    .call()
}

fn create(tag: &str) -> Call {
    CreateVolume {
        snapshot: "snap-0a1f0000000000c2".into(),
        zone: "eu-west-1a".to_owned(),
        volume_type: "gp3".to_owned(),
        size: 200,
        iops: Some(3000),
        throughput: Some(125),
        encrypted: false,
        kms_key: None,
        multi_attach: false,
        initialization_rate: None,
        tags: [(Untrusted::from("Name"), Untrusted::from(tag))].into(),
    }
    .call()
}

/// The steps in the outage.
fn swap() -> [Step; 3] {
    let new = || Ref::output("create-volume", "volume");
    let old = || Ref::Known(OLD.into());
    let mut out = step(
        "detach",
        "detach vol-0b7e…41 from /dev/sdf",
        &["stop"],
        Impact::Changes,
        10,
    );
    out.call = Some(detach(old()));
    out.undo = vec![undo(
        "attach vol-0b7e…41 at /dev/sdf",
        attach(old()),
        Impact::Changes,
    )];
    let mut put = step(
        "attach",
        "attach the new volume at /dev/sdf",
        &["detach"],
        Impact::Changes,
        10,
    );
    put.call = Some(attach(new()));
    put.undo = vec![undo(
        "detach the new volume",
        detach(new()),
        Impact::Changes,
    )];
    let mut keep = step(
        "delete-on-termination",
        "delete on termination: no, as before",
        &["attach"],
        Impact::Changes,
        2,
    );
    keep.call = Some(
        SetDeleteOnTermination {
            instance: INSTANCE.into(),
            device: "/dev/sdf".to_owned(),
            volume: new(),
            delete: false,
        }
        .call(),
    );
    [out, put, keep]
}

/// The steps that end the outage and follow it.
fn after() -> [Step; 3] {
    let mut up = step(
        "start",
        "start i-04d1…9a, both status checks",
        &["delete-on-termination"],
        Impact::Changes,
        150,
    );
    up.call = Some(start());
    up.ends_outage = true;
    up.undo = vec![undo("stop i-04d1…9a", stop(), Impact::Interrupts)];
    let mut tag = step(
        "tag-old",
        "tag the old volume with the run and a date",
        &["detach"],
        Impact::Changes,
        2,
    );
    let tags = [
        (
            "defib:keep-until".to_owned(),
            TagValue::Text("2026-03-08".into()),
        ),
        ("defib:run".to_owned(), TagValue::Run),
    ];
    tag.call = Some(
        TagResource {
            resource: Ref::Known(OLD.to_owned()),
            tags: tags.into(),
        }
        .call(),
    );
    let mut healthy = step(
        "healthy",
        "you: is the application healthy?",
        &["start"],
        Impact::Reads,
        60,
    );
    healthy.gate = Gate::Person {
        instructions: vec![
            "Open the application.".to_owned(),
            "Look at the last order.".to_owned(),
        ],
        check: Some(
            InstanceIsHealthy {
                instance: Ref::Known(INSTANCE.into()),
            }
            .call(),
        ),
    };
    [up, tag, healthy]
}

/// Returns the steps of a swap with the instance stopped; `tag` is carried over to the new volume.
fn steps(tag: &str) -> Vec<Step> {
    let mut safety = step(
        "safety-snapshot",
        "safety snapshot of vol-0b7e…41",
        &[],
        Impact::Creates,
        5,
    );
    safety.call = Some(
        CreateSnapshot {
            volume: OLD.into(),
            description: "before a restore".to_owned(),
            tags: std::collections::BTreeMap::new(),
        }
        .call(),
    );
    let mut made = step(
        "create-volume",
        "create volume from snap-0a1f…c2",
        &[],
        Impact::Creates,
        20,
    );
    made.call = Some(create(tag));
    let mut down = step(
        "stop",
        "stop i-04d1…9a",
        &["safety-snapshot", "create-volume"],
        Impact::Interrupts,
        60,
    );
    down.call = Some(stop());
    down.gate = Gate::Confirm("The service goes down now. Go on?".to_owned());
    down.undo = vec![undo("start i-04d1…9a", start(), Impact::Changes)];
    let [out, put, keep] = swap();
    let [up, tag, healthy] = after();
    vec![safety, made, down, out, put, keep, up, tag, healthy]
}

/// Returns checks of every verdict.
fn checks() -> Vec<Check> {
    let mut denied = Check::new(
        "permissions",
        Verdict::Unanswered,
        "DryRun of two calls was refused",
    )
    .advise("have the policy below attached, or go on knowing that these calls may be refused");
    denied.missing_actions = vec!["ec2:DetachVolume".into(), "ec2:AttachVolume".into()];
    vec![
        Check::new("snapshot-state", Verdict::Fine, "snap-0a1f…c2 is completed, in the standard tier"),
        denied,
        Check::new("public-address", Verdict::Know, "i-04d1…9a has a public address that is not an Elastic IP: it changes on stop and start")
            .advise("tell whoever uses 203.0.113.7"),
    ]
}

/// Returns a plan of a volume swap.
pub fn plan() -> Plan {
    let field = |name: &str, value: &str, from, aws: Option<&str>| Field {
        name: name.to_owned(),
        value: Some(value.to_owned()),
        from,
        aws_default: aws.map(str::to_owned),
    };
    let mut choices = Choices::default();
    choices.set("snapshot", "snap-0a1f0000000000c2");
    Plan {
        flow: "volume-swap".to_owned(),
        version: 1,
        title: "restore orders-db data from snap-0a1f…c2 (02:00Z)".to_owned(),
        place: Place {
            profile: Some("acme-prod".to_owned()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:sts::111122223333:assumed-role/restore".to_owned(),
        subject: Subject {
            kind: ResourceKind::Volume,
            id: OLD.to_owned(),
            name: Some("orders-db data".into()),
        },
        point: PointRef {
            id: "snap-0a1f0000000000c2".to_owned(),
            at: at("2026-03-01T02:00:00Z"),
        },
        facts: json!({"volume": {"device": "/dev/sdf"}}),
        choices,
        form: vec![
            field("volume-type", "gp3", ValueFrom::AsBefore, Some("gp2")),
            field(
                "size",
                "200 GiB",
                ValueFrom::AsBefore,
                Some("200 GiB, as the snapshot"),
            ),
            field("keep-until", "2026-03-08", ValueFrom::Proposed, None),
        ],
        checks: checks(),
        steps: steps("orders-db data"),
        leftovers: vec![Leftover {
            kind: ResourceKind::Volume,
            id: OLD.to_owned(),
            why: "the old volume, detached, in case it is needed".to_owned(),
            keep_until: Some("2026-03-08".to_owned()),
        }],
        made_at: at("2026-03-01T02:52:00Z"),
        hash: String::new(),
    }
    .sealed()
}

/// Returns the plan with [`HOSTILE`] wherever text can come from outside.
pub(super) fn hostile() -> Plan {
    let mut plan = plan();
    plan.title = format!("restore {HOSTILE}");
    plan.place.profile = Some(HOSTILE.to_owned());
    plan.subject.name = Some(HOSTILE.into());
    plan.steps = steps(HOSTILE);
    for step in &mut plan.steps {
        step.title = format!("{} {HOSTILE}", step.title);
        HOSTILE.clone_into(&mut step.why);
        for undo in &mut step.undo {
            undo.title = format!("{} {HOSTILE}", undo.title);
        }
    }
    plan.steps[2].gate = Gate::TypeName {
        name: HOSTILE.into(),
        why: format!("protected {HOSTILE}"),
    };
    plan.steps[8].gate = Gate::Person {
        instructions: vec![HOSTILE.to_owned(), format!("- {HOSTILE}")],
        check: None,
    };
    for field in &mut plan.form {
        field.value = Some(HOSTILE.to_owned());
    }
    for check in &mut plan.checks {
        check.found = format!("found {HOSTILE}");
        check.advice = Some(HOSTILE.to_owned());
    }
    plan.leftovers[0].why = HOSTILE.to_owned();
    plan.sealed()
}

fn made_by(step: &StepId) -> Vec<Created> {
    let (id, kind) = match step.as_str() {
        "safety-snapshot" => ("snap-0f31aa", ResourceKind::Snapshot),
        "create-volume" => ("vol-0c9d10", ResourceKind::Volume),
        _other => return Vec::new(),
    };
    let id = id.to_owned();
    vec![Created { id, kind }]
}

fn resolved(call: &Call) -> Value {
    let mut input = call.input.clone();
    if input.get("volume").is_some_and(Value::is_object) {
        input["volume"] = json!("vol-0c9d10");
    }
    input
}

/// Events in the making; each says how many seconds it comes after the one before.
struct Tape {
    now: Timestamp,
    events: Vec<RunEvent>,
}

impl Tape {
    fn add(&mut self, step: Option<&StepId>, seconds: u64, body: EventBody) {
        let seconds = i64::try_from(seconds).unwrap();
        self.now = self
            .now
            .checked_add(SignedDuration::from_secs(seconds))
            .unwrap();
        self.events.push(RunEvent {
            run: "01JD4QABCDEFGHJKMNPQRSTV7K".into(),
            seq: self.events.len() as u64 + 1,
            at: self.now,
            step: step.cloned(),
            body,
        });
    }

    fn sent(&mut self, n: usize, id: &StepId, call: &Call) {
        let intent = EventBody::Intent {
            generation: 1,
            token: format!("TOKEN{n}"),
            digest: "d".to_owned(),
            input: resolved(call),
            found: json!({"state": "before", "delete_on_termination": false}),
        };
        self.add(Some(id), 1, intent);
        let accepted = EventBody::Accepted {
            request_id: Some(format!("req-{n}")),
            outputs: Value::Null,
            created: made_by(id),
        };
        self.add(Some(id), 1, accepted);
    }
}

fn ada() -> Operator {
    Operator {
        user: "ada".to_owned(),
        host: "bastion".to_owned(),
    }
}

/// Returns the events of a run of [`plan`] that is done.
pub(crate) fn events() -> Vec<RunEvent> {
    let plan = plan();
    let mut tape = Tape {
        now: at("2026-03-01T02:52:00Z"),
        events: Vec::new(),
    };
    let planned = EventBody::Planned {
        plan: Box::new(plan.clone()),
        by: ada(),
        approval: Approval::default(),
        version: "0.1.0".to_owned(),
        endpoints: Vec::new(),
    };
    tape.add(None, 0, planned);
    for (n, step) in plan.steps.iter().enumerate() {
        let (id, by, command) = (Some(&step.id), ada(), None);
        if step.gate != Gate::None {
            tape.add(id, 1, EventBody::GateOpened);
            tape.add(id, 1, EventBody::GateAnswered { by, command });
        }
        if let Some(call) = &step.call {
            tape.sent(n, &step.id, call);
        }
        let verified = EventBody::Verified {
            outputs: Value::Null,
            detail: "as wanted".to_owned(),
            created: made_by(&step.id),
        };
        tape.add(id, step.expected, verified);
    }
    tape.add(None, 1, EventBody::Done);
    tape.events
}
