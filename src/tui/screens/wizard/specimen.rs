//! What the tests of the wizard work with: the demo's own point and plans, as they were made on the
//! simulated estate, and a hand that types.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value;

use crate::config;
use crate::domain::check::{Check, Verdict};
use crate::domain::form::{FieldKind, FieldSpec};
use crate::domain::place::Place;
use crate::domain::plan::Plan;
use crate::domain::recovery_point::{DataTime, Origin, PointKind, RecoveryPoint, Tier, When};
use crate::domain::resource::{Resource, ResourceKind};
use crate::tui::effect::{Effect, Obstacle, Prepared, StepCall};
use crate::tui::keymap::{Action, Key, Keymap, Resolved, chord::Chord};
use crate::tui::known::{FlowCard, Known, Settings};
use crate::tui::model::Reaction;
use crate::tui::signs::Signs;
use crate::tui::theme::Look;

use super::Wizard;

pub(super) const VOLUME: &str = "vol-0a5d3c9e71b2f4608";
pub(super) const SNAPSHOT: &str = "snap-0b7e41c8d92f3a650";
pub(super) const INSTANCE: &str = "i-0c4e8f1a2b3d5e607";

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn look(theme: config::Theme, ascii: bool) -> Look {
    let signs = if ascii {
        Signs::ascii()
    } else {
        Signs::unicode()
    };
    Look::new(theme, signs)
}

/// The swap alone, so that the pages are those of one flow.
pub(in crate::tui) fn one_flow() -> Vec<FlowCard> {
    let mut flows = crate::tui::effects::flows();
    flows.retain(|flow| flow.name == "volume-swap");
    flows
}

/// The demo's estate, 14 minutes after the deploy, at 80×24.
pub(super) fn known() -> Known {
    let settings = Settings {
        zone: TimeZone::UTC,
        look: look(config::Theme::Sixteen, false),
        keymap: Keymap::builtin(config::Keymap::Default),
        read_only: false,
        protected: BTreeSet::new(),
        flows: one_flow(),
        filters: BTreeMap::new(),
        story: None,
    };
    let mut known = Known::new(settings, at("2026-03-14T02:31:00Z"), (80, 24));
    known.incident = Some(at("2026-03-14T02:17:00Z"));
    known.catalog.store.take(
        vec![point()],
        vec![
            resource(VOLUME, "orders-db-data"),
            resource(INSTANCE, "orders-db"),
        ],
    );
    known
}

pub(super) fn protected() -> Known {
    let mut known = known();
    known.settings.protected.insert("111122223333".into());
    known
}

pub(super) fn place() -> Place {
    Place {
        profile: Some("acme-prod".to_owned()),
        account: "111122223333".into(),
        region: "eu-west-1".into(),
    }
}

pub(super) fn resource(id: &str, name: &str) -> Resource {
    let volume = id.starts_with("vol-");
    Resource {
        id: id.to_owned(),
        kind: if volume {
            ResourceKind::Volume
        } else {
            ResourceKind::Instance
        },
        name: Some(name.into()),
        place: place(),
        exists: true,
        engine: None,
        tags: std::collections::BTreeMap::new(),
        attached_to: volume.then(|| (INSTANCE.to_owned(), "/dev/sdf".to_owned())),
    }
}

pub(super) fn point() -> RecoveryPoint {
    let taken = at("2026-03-14T02:03:00Z");
    RecoveryPoint {
        id: SNAPSHOT.to_owned(),
        kind: PointKind::EbsSnapshot,
        place: place(),
        resource: Some((ResourceKind::Volume, VOLUME.to_owned())),
        resource_home: None,
        name: Some("orders-db-data hourly".into()),
        when: When::At { at: taken },
        data_at: DataTime::Known(taken),
        state: "completed".to_owned(),
        size_bytes: Some(200 << 30),
        encrypted: Some(true),
        kms_key: None,
        tier: Tier::Standard,
        protection: None,
        origin: Origin::Dlm,
        copy_of: None,
        vault: None,
        backup_arn: None,
        key_state: None,
        copy_first: false,
        architecture: None,
        face_of: None,
        scan: None,
        tags: BTreeMap::new(),
    }
}

#[derive(Deserialize)]
struct Recorded {
    plan: Plan,
    calls: BTreeMap<String, String>,
}

fn recorded(json: &str) -> Prepared {
    let recorded: Recorded = serde_json::from_str(json).unwrap();
    of_plan(recorded.plan, &recorded.calls)
}

fn of_plan(plan: Plan, calls: &BTreeMap<String, String>) -> Prepared {
    let call = |(step, line): (&String, &String)| StepCall {
        step: step.as_str().into(),
        line: line.clone(),
    };
    Prepared {
        facts: Value::Null,
        form: plan.form.clone(),
        checks: plan.checks.clone(),
        calls: calls.iter().map(call).collect(),
        plan: Ok(Box::new(plan)),
    }
}

/// A swap with the instance stopped.
pub(in crate::tui) fn stop() -> Prepared {
    recorded(include_str!("fixtures/stop.json"))
}

/// A swap in which a person unmounts.
pub(super) fn unmount() -> Prepared {
    recorded(include_str!("fixtures/unmount.json"))
}

/// A relaunch of the web server of its own scenario.
pub(in crate::tui) fn relaunch() -> Prepared {
    recorded(include_str!("fixtures/relaunch.json"))
}

/// A restore of the orders table of its own scenario, to the second before the migration.
pub(in crate::tui) fn table() -> Prepared {
    recorded(include_str!("fixtures/table.json"))
}

/// The same plan with other words in it.
pub(super) fn with(prepared: Prepared, change: impl Fn(&mut Plan)) -> Prepared {
    let mut plan = *prepared.plan.unwrap();
    change(&mut plan);
    let plan = plan.sealed();
    Prepared {
        form: plan.form.clone(),
        checks: plan.checks.clone(),
        plan: Ok(Box::new(plan)),
        ..prepared
    }
}

/// A plan with a check of every verdict.
pub(super) fn with_trouble(stops: bool) -> Prepared {
    with(stop(), |plan| {
        let mut denied = Check::new(
            "key",
            Verdict::Unanswered,
            "not answered: kms:DescribeKey AccessDeniedException: User is not authorized to perform kms:DescribeKey on the key of the snapshot",
        );
        denied.missing_actions = vec!["kms:DescribeKey".to_owned()];
        let address = Check::new("public-address", Verdict::Know, "orders-db (i-0c4e8f1a2b3d5e607) has the public address 198.51.100.24, which is no Elastic IP: it changes on stop and start")
            .advise("tell whoever uses it, or choose mode unmount");
        let mut trouble = vec![address, denied];
        if stops {
            let stop = Check::new("stop-protection", Verdict::Stop, "stop protection is on: EC2 will refuse to stop orders-db (i-0c4e8f1a2b3d5e607)")
                .advise("aws ec2 modify-instance-attribute --instance-id i-0c4e8f1a2b3d5e607 --no-disable-api-stop");
            trouble.push(stop);
        }
        plan.checks.splice(3..3, trouble);
    })
}

/// A form that asks for something before there can be a plan.
pub(super) fn asks(field: Option<&str>, why: &str) -> Prepared {
    Prepared {
        facts: Value::Null,
        form: Vec::new(),
        checks: Vec::new(),
        plan: Err(Obstacle {
            field: field.map(str::to_owned),
            why: why.to_owned(),
        }),
        calls: Vec::new(),
    }
}

/// A wizard, what it knows, and everything it has asked for.
pub(super) struct Hand {
    pub wizard: Wizard,
    pub known: Known,
    pub effects: Vec<Effect>,
    pub last: Reaction,
}

impl Hand {
    pub(super) fn new(known: Known) -> Self {
        Self::on(&point(), known)
    }

    pub(super) fn on(point: &RecoveryPoint, known: Known) -> Self {
        let (wizard, last) = Wizard::begin(7, point, &known);
        let effects = last.effects.clone();
        Self {
            wizard,
            known,
            effects,
            last,
        }
    }

    /// Presses keys as the console would: characters first to a text field, then to the keymap.
    pub(super) fn press(&mut self, chords: &str) -> &mut Self {
        for chord in chords.split_whitespace() {
            let chord: Chord = chord.parse().unwrap();
            for key in chord.keys() {
                self.key(*key);
            }
        }
        self
    }

    fn key(&mut self, key: Key) {
        let event = crossterm::event::KeyEvent::new(key.code, key.modifiers);
        let reaction = self.wizard.type_key(event, &self.known).unwrap_or_else(|| {
            match self
                .known
                .settings
                .keymap
                .resolve(self.wizard.contexts(), &[key])
            {
                Resolved::Action(action) => self.wizard.act(action, &self.known),
                Resolved::Prefix | Resolved::Nothing => Reaction::none(),
            }
        });
        self.reacts(reaction);
    }

    pub(super) fn act(&mut self, action: Action) -> &mut Self {
        let reaction = self.wizard.act(action, &self.known);
        self.reacts(reaction);
        self
    }

    pub(super) fn types(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.key(Key::new(
                crossterm::event::KeyCode::Char(c),
                crossterm::event::KeyModifiers::NONE,
            ));
        }
        self
    }

    fn reacts(&mut self, reaction: Reaction) {
        self.effects.extend(reaction.effects.iter().cloned());
        self.last = reaction;
    }

    /// Answers the last question.
    pub(super) fn told(&mut self, prepared: Prepared) -> &mut Self {
        let revision = self.wizard.revision;
        self.wizard.prepared(revision, Ok(prepared));
        self
    }

    pub(super) fn notice(&self) -> &str {
        self.last.notice.as_ref().map_or("", |notice| &notice.text)
    }
}

const OF_A_TABLE: &[FieldSpec] = &[
    FieldSpec {
        name: "table",
        sentence: "",
        kind: FieldKind::Point(&[PointKind::DynamodbWindow]),
        required: false,
        subject: true,
    },
    FieldSpec {
        name: "at",
        sentence: "The second whose data is wanted.",
        kind: FieldKind::Instant,
        required: false,
        subject: false,
    },
    FieldSpec {
        name: "target",
        sentence: "",
        kind: FieldKind::Text("NAME"),
        required: false,
        subject: false,
    },
];

/// A restore from the window of a table, begun after an incident.
pub(super) fn of_a_table(incident: Option<&str>) -> Hand {
    of_window(
        FlowCard {
            name: "of-a-table",
            sentence: "",
            fields: OF_A_TABLE,
            kinds: vec![PointKind::DynamodbWindow],
        },
        incident,
    )
}

/// The same, by the flow that restores tables.
pub(super) fn of_orders() -> Hand {
    let mut flows = crate::tui::effects::flows().into_iter();
    let flow = flows.find(|flow| flow.name == "dynamodb-restore");
    of_window(flow.unwrap(), Some("2026-03-14T02:17:00Z"))
}

fn of_window(flow: FlowCard, incident: Option<&str>) -> Hand {
    let mut known = known();
    known.incident = incident.map(at);
    known.settings.flows = vec![flow];
    let window = RecoveryPoint {
        id: "orders".to_owned(),
        kind: PointKind::DynamodbWindow,
        when: When::Window {
            earliest: at("2026-02-07T02:26:00Z"),
            latest: at("2026-03-14T02:26:00Z"),
        },
        ..point()
    };
    Hand::on(&window, known)
}
