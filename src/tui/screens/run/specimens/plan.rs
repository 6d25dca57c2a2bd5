//! The plan of the specimens: a volume is swapped while its instance is stopped.
//! For tests only.

use serde_json::Value;

use crate::domain::form::Choices;
use crate::domain::place::Place;
use crate::domain::plan::{Call, Gate, Impact, Leftover, Plan, PointRef, Step, Subject, Undo};
use crate::domain::resource::ResourceKind;
use crate::domain::text::Untrusted;

use super::{OLD, at};

const INSTANCE: &str = "web-1 (i-04d1aaaabbbbcccc9)";

/// Returns the plan of a volume swap of a volume with this name.
pub(crate) fn plan(name: &str) -> Plan {
    let shown = Untrusted::from(name).shown();
    Plan {
        flow: "volume-swap".to_owned(),
        version: 1,
        title: format!("swap {shown} ({OLD}) at /dev/sdf of web-1 ← snap-0a1f1111222233c2"),
        place: Place {
            profile: Some("acme-prod".to_owned()),
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:iam::111122223333:role/ops".to_owned(),
        subject: Subject {
            kind: ResourceKind::Volume,
            id: OLD.to_owned(),
            name: Some(Untrusted::from(name)),
        },
        point: PointRef {
            id: "snap-0a1f1111222233c2".to_owned(),
            at: "2026-03-01T02:00:00Z".parse().unwrap(),
        },
        facts: Value::Null,
        choices: Choices::default(),
        form: Vec::new(),
        checks: Vec::new(),
        steps: steps(&shown),
        leftovers: vec![Leftover {
            kind: ResourceKind::Volume,
            id: OLD.to_owned(),
            why: "the volume that was replaced".to_owned(),
            keep_until: Some("2026-03-15".to_owned()),
        }],
        made_at: at(0),
        hash: String::new(),
    }
}

fn steps(name: &str) -> Vec<Step> {
    let old = format!("{name} ({OLD})");
    let mut steps = vec![
        step(
            "safety-snapshot",
            &format!("safety snapshot of {old}"),
            "CreateSnapshot",
            5,
        ),
        step(
            "create-volume",
            "create a 200 GiB gp3 volume from snap-0a1f1111222233c2 in eu-west-1a",
            "CreateVolume",
            20,
        ),
    ];
    steps.extend(swap(&old));
    steps.push(start());
    let keep = format!("tag {old}: keep until 2026-03-15");
    steps.push(after(
        "detach-volume",
        step("tag-old-volume", &keep, "TagResource", 2),
    ));
    steps.push(healthy());
    steps
}

fn swap(old: &str) -> [Step; 4] {
    let up = format!("start {INSTANCE}, both status checks");
    let stop = Step {
        impact: Impact::Interrupts,
        undo: vec![Undo {
            ends_outage: true,
            ..undo(&up, "StartInstance", 150)
        }],
        ..step(
            "stop-instance",
            &format!("stop {INSTANCE}"),
            "StopInstance",
            60,
        )
    };
    let again = format!("attach {old} again at /dev/sdf");
    let detach = Step {
        undo: vec![undo(&again, "AttachVolume", 10)],
        ..step(
            "detach-volume",
            &format!("detach {old} from /dev/sdf"),
            "DetachVolume",
            10,
        )
    };
    let title = format!("attach the restored volume at /dev/sdf of {INSTANCE}");
    let out = "detach the restored volume from /dev/sdf";
    let attach = Step {
        undo: vec![undo(out, "DetachVolume", 10)],
        ..step("attach-volume", &title, "AttachVolume", 10)
    };
    let no = "delete on termination: no, as before";
    let on_termination = step("delete-on-termination", no, "SetDeleteOnTermination", 2);
    [
        after("create-volume", stop),
        after("stop-instance", detach),
        after("detach-volume", attach),
        after("attach-volume", on_termination),
    ]
}

fn start() -> Step {
    let title = format!("start {INSTANCE}, both status checks");
    let start = Step {
        ends_outage: true,
        undo: vec![Undo {
            impact: Impact::Interrupts,
            ..undo(&format!("stop {INSTANCE} again"), "StopInstance", 60)
        }],
        ..step("start-instance", &title, "StartInstance", 150)
    };
    after("attach-volume", start)
}

fn healthy() -> Step {
    let instructions = [
        "Is the application healthy, with the data you expect?",
        "Answer yes to finish. Otherwise roll back: the old state is still there.",
    ];
    Step {
        call: None,
        impact: Impact::Reads,
        gate: Gate::Person {
            instructions: instructions.map(str::to_owned).to_vec(),
            check: None,
        },
        ..step("healthy", "you: is the application healthy?", "", 60)
    }
}

fn after(needed: &str, step: Step) -> Step {
    Step {
        needs: vec![needed.into()],
        ..step
    }
}

fn step(id: &str, title: &str, api: &str, expected: u64) -> Step {
    Step {
        id: id.into(),
        title: title.to_owned(),
        why: "it is needed".to_owned(),
        call: Some(call(api)),
        needs: Vec::new(),
        gate: Gate::None,
        impact: Impact::Changes,
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

fn undo(title: &str, api: &str, expected: u64) -> Undo {
    Undo {
        title: title.to_owned(),
        call: Some(call(api)),
        gate: Gate::None,
        impact: Impact::Changes,
        expected,
        ends_outage: false,
    }
}

fn call(api: &str) -> Call {
    Call {
        operation: format!("ec2:{api}"),
        version: 1,
        input: Value::Null,
    }
}
