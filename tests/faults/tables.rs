//! The restore of a table from its plan to its end and back, in the simulated AWS: what no agreement of a person may
//! pass over, what comes of a switch-over on its way back, whose table a taken name is, where its changes go, which
//! functions are called with them, and what watches it.

use defib::cli::follow::next_steps;
use defib::cli::way_back;
use defib::domain::ids::RunId;
use defib::domain::plan::Gate;
use defib::domain::run::{Approval, CommandKind, RunStatus, StepStatus};
use defib::restore::flow::find;
use defib::sim::{Fault, Hands, On};
use serde_json::{Value, json};

use crate::stage::{Said, Stage};

const PLACE: (&str, &str) = ("111122223333", "eu-west-1");
const NEW: &str = "orders-back";
const PARAMETER: &str = "/acme/shop/orders-table";
/// A table that has every setting there is.
const EVERY: &str = include_str!("tables.toml");
const AUDIT: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/ledger-audit";
const CHANGES: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/ledger-changes";

fn said(more: &[(&str, &str)]) -> Said {
    let always = [
        ("table", "orders"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
        ("parameter", PARAMETER),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    always.iter().chain(more).map(own).collect()
}

/// Agrees to everything that a yes agrees to.
fn a_yes() -> Approval {
    Approval {
        yes: true,
        confirm: Vec::new(),
        decline: Vec::new(),
    }
}

fn begun(stage: &mut Stage, more: &[(&str, &str)], approval: Approval) -> RunId {
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(more)).unwrap();
    stage.record_with(plan, approval)
}

fn table(stage: &mut Stage, name: &str) -> Value {
    let (account, region) = PLACE;
    stage.picture()[format!("{account}/{region}")]["tables"][name].clone()
}

fn parameter(stage: &mut Stage) -> Value {
    let (account, region) = PLACE;
    stage.picture()[format!("{account}/{region}")]["parameters"][PARAMETER]["value"].clone()
}

fn hands(stage: &mut Stage, change: impl FnOnce(&mut Hands<'_>)) {
    let (account, region) = PLACE;
    let aws = stage.aws.clone();
    stage.live(|| async move { aws.third_party(account, region, change) });
}

#[test]
fn a_yes_alone_never_enables_time_to_live() {
    let mut stage = Stage::open("table");
    let run = begun(&mut stage, &[("freeze", "yes")], a_yes());
    for _life in 0..3 {
        assert_eq!(stage.drive(&run), RunStatus::Waiting);
        stage.send_with(&run, CommandKind::Approve { step: None }, a_yes());
    }
    let state = stage.state(&run);
    let last = state
        .plan
        .steps
        .iter()
        .find(|step| step.id.as_str() == "ttl");
    let Gate::TypeName { why, .. } = state.gate_of(last.unwrap()) else {
        panic!("time to live is enabled by name");
    };
    assert!(why.contains("18,412") || why.contains("18412"), "{why}");
    assert_eq!(table(&mut stage, NEW)["ttl"], Value::Null);
    let wrong = Approval {
        yes: true,
        confirm: vec!["orders".to_owned()],
        decline: Vec::new(),
    };
    stage.send_with(&run, CommandKind::Approve { step: None }, wrong);
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    assert_eq!(table(&mut stage, NEW)["ttl"], Value::Null);
    let typed = Approval {
        yes: true,
        confirm: vec![NEW.to_owned()],
        decline: Vec::new(),
    };
    stage.send_with(&run, CommandKind::Approve { step: None }, typed);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(table(&mut stage, NEW)["ttl"], "expires_at");
}

/// Answers with no, and with nothing else.
fn a_no() -> Approval {
    Approval {
        decline: vec!["ttl".into()],
        ..Approval::default()
    }
}

/// Asserts that a restore has ended without time to live, says so, and has taken its mark away.
fn assert_left_off(stage: &mut Stage, run: &RunId) {
    assert_eq!(table(stage, NEW)["ttl"], Value::Null);
    let tags = table(stage, "orders")["tags"].to_string();
    assert!(!tags.contains("defib:active"), "{tags}");
    let state = stage.state(run);
    let told: Vec<&str> = state.declined().map(|(_, told)| told).collect();
    assert_eq!(told.len(), 1);
    let asked = defib::restore::export::report::Asked {
        incident: None,
        now: state.last_at,
    };
    let report = defib::restore::export::report::report(&state, &stage.events(run), asked);
    let words = [
        "## Left out",
        "time to live is off on orders-back",
        "update-time-to-live",
    ];
    for word in words {
        assert!(report.contains(word), "{word}: {report}");
    }
    assert!(!state.touched().contains(&"ttl".into()), "nothing was sent");
    let calls = stage.aws.calls();
    assert!(
        calls
            .iter()
            .all(|call| call.operation != "UpdateTimeToLive")
    );
}

#[test]
fn a_no_leaves_time_to_live_off_and_the_run_ends() {
    let mut stage = Stage::open("table");
    let run = begun(&mut stage, &[("freeze", "yes")], Approval::default());
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    // Whoever says no to the last gate has not looked at the first one.
    let waits = |stage: &mut Stage, step: &str| {
        let record = stage.state(&run).record(&step.into());
        assert_eq!(record.status, StepStatus::Waiting, "{step}");
    };
    waits(&mut stage, "look");
    let approve = || CommandKind::Approve { step: None };
    stage.send_with(&run, approve(), a_no());
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    waits(&mut stage, "look");
    for _gate in ["look", "healthy"] {
        stage.send_with(&run, approve(), a_yes());
        assert_eq!(stage.drive(&run), RunStatus::Waiting);
    }
    waits(&mut stage, "ttl");
    // Neither a yes nor a no to a step that has to be done.
    let mut other = a_no();
    other.decline = vec!["unmark".into(), "alike".into()];
    stage.send_with(&run, approve(), other);
    assert_eq!(stage.drive(&run), RunStatus::Waiting);
    stage.send_with(&run, approve(), a_no());
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_left_off(&mut stage, &run);
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(parameter(&mut stage), "orders");
}

#[test]
fn a_no_may_be_given_ahead_and_goes_before_a_name() {
    let mut stage = Stage::open("table");
    let both = Approval {
        yes: true,
        confirm: vec![NEW.to_owned()],
        decline: vec!["ttl".into()],
    };
    let run = begun(&mut stage, &[], both);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_left_off(&mut stage, &run);
}

#[test]
fn what_was_frozen_and_switched_goes_back() {
    let mut stage = Stage::open("table");
    let before = table(&mut stage, "orders");
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(&[("freeze", "yes")])).unwrap();
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(parameter(&mut stage), NEW);
    let frozen = table(&mut stage, "orders");
    assert!(
        frozen["policy"].as_str().unwrap().contains("Deny"),
        "{frozen}"
    );
    let mut made = table(&mut stage, NEW);
    for setting in [
        "class",
        "protected",
        "stream",
        "ttl",
        "scaling",
        "triggers",
        "read_by",
    ] {
        assert_eq!(made[setting], before[setting], "{setting}");
    }
    assert_eq!(made["continuous"]["days"], before["continuous"]["days"]);
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    stage.pass(jiff::SignedDuration::from_hours(1));
    assert_eq!(parameter(&mut stage), "orders");
    assert_eq!(table(&mut stage, "orders"), before, "both tables stay");
    // It is kept as it is, muted again, and no function is called with what changes in it.
    let called = made["read_by"].as_object_mut().unwrap().values_mut();
    called.for_each(|state| *state = json!("Disabled"));
    let alarms = made["alarms"].as_object_mut().unwrap();
    for alarm in alarms.values_mut() {
        assert_eq!(alarm["acts"].take(), true);
        alarm["acts"] = json!(false);
    }
    assert_eq!(table(&mut stage, NEW), made);
}

#[test]
fn a_stranger_in_the_parameter_stops_the_way_back_before_it_begins() {
    let mut stage = Stage::open("table");
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(&[("freeze", "yes")])).unwrap();
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    hands(&mut stage, |hands| {
        hands.set_parameter(PARAMETER, "elsewhere");
    });
    let frozen = table(&mut stage, "orders");
    stage.send(&run, CommandKind::RollBack);
    assert_ne!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(parameter(&mut stage), "elsewhere");
    assert_eq!(
        table(&mut stage, "orders"),
        frozen,
        "nothing was taken back"
    );
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains(PARAMETER), "{reason}");
}

#[test]
fn a_colleagues_table_of_the_same_name_is_a_conflict() {
    let mut stage = Stage::open("table");
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said(&[])).unwrap();
    let run = stage.record(plan);
    hands(&mut stage, |hands| hands.make_table(NEW));
    let theirs = table(&mut stage, NEW);
    assert_ne!(stage.drive(&run), RunStatus::Done);
    let state = stage.state(&run);
    assert!(state.created.is_empty(), "{:?}", state.created);
    let calls = stage.aws.calls();
    let restores = calls
        .iter()
        .filter(|call| call.operation.starts_with("Restore"));
    assert_eq!(restores.count(), 0);
    assert_eq!(table(&mut stage, NEW), theirs);
    assert_eq!(parameter(&mut stage), "orders");
}

/// Records a restore of the table with every setting, agreed to wholly.
fn of_every(stage: &mut Stage, more: &[(&str, &str)]) -> RunId {
    let always = [
        ("table", "ledger"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
    ];
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let said: Said = always.iter().chain(more).map(own).collect();
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said).unwrap();
    stage.record(plan)
}

#[test]
fn changes_go_where_they_went_and_keys_are_recorded_as_they_were() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    let active = |precision: Option<&str>| json!({"how": precision, "status": "ACTIVE"});
    let kinesis = json!({AUDIT: active(Some("MICROSECOND")), CHANGES: active(None)});
    assert_eq!(made["kinesis"], kinesis);
    let on = |mode: &str| json!({"how": mode, "status": "ENABLED"});
    let insights = json!({
        "the table": on("ACCESSED_AND_THROTTLED_KEYS"),
        "index by-day": on("THROTTLED_KEYS"),
    });
    assert_eq!(made["insights"], insights);
    let before = table(&mut stage, "ledger");
    for setting in ["kinesis", "insights", "stream", "class", "protected", "ttl"] {
        assert_eq!(made[setting], before[setting], "{setting}");
    }
    let calls = stage.aws.calls();
    let at = |operation: &str| {
        let of = |call: &&defib::sim::CallRecord| call.operation == operation;
        calls.iter().find(of).unwrap().at
    };
    // What time to live deletes is sent, too: it comes once everything else is done.
    assert!(at("EnableKinesisStreamingDestination") < at("UpdateTimeToLive"));
}

#[test]
fn what_is_left_out_or_only_looked_at_sends_nothing() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("skip", "kinesis,insights")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    assert_eq!(
        (&made["kinesis"], &made["insights"]),
        (&json!({}), &json!({}))
    );
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("restore-only", "yes")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    assert_eq!(made["kinesis"], json!({}));
    assert_eq!(made["insights"].as_object().unwrap().len(), 2);
}

#[test]
fn a_stream_that_fails_says_why_and_resume_enables_it() {
    for (broken, words) in [
        (None, "ResourceNotFoundException"),
        (
            Some(false),
            "ENABLE_FAILED: The Kinesis data stream takes no records",
        ),
    ] {
        let mut stage = Stage::open_text(EVERY);
        let run = of_every(&mut stage, &[]);
        hands(&mut stage, |hands| {
            hands.set_kinesis_stream(CHANGES, broken);
        });
        assert_eq!(stage.drive(&run), RunStatus::Failed);
        let reason = stage.state(&run).reason.unwrap();
        assert!(reason.contains(words), "{reason}");
        hands(&mut stage, |hands| {
            hands.set_kinesis_stream(CHANGES, Some(true));
        });
        stage.send(&run, CommandKind::Resume);
        assert_eq!(stage.drive(&run), RunStatus::Done);
        let made = table(&mut stage, NEW);
        assert_eq!(made["kinesis"][CHANGES]["status"], "ACTIVE");
    }
}

const BOOK: &str = "arn:aws:lambda:eu-west-1:111122223333:function:ledger-book:live";
const AUDITED: &str = "arn:aws:lambda:eu-west-1:111122223333:function:ledger-audit";

/// When a call with this parameter took effect.
fn effect(stage: &Stage, operation: &str, parameter: (&str, &str)) -> usize {
    let calls = stage.aws.calls();
    let (name, value) = parameter;
    let of = |call: &defib::sim::CallRecord| {
        let said = call.parameters.get(name).map(String::as_str);
        call.operation == operation && call.took_effect && said == Some(value)
    };
    let found = calls.iter().position(of);
    found.unwrap_or_else(|| panic!("no {operation} with {name} {value}"))
}

#[test]
fn functions_are_led_over_around_the_switch_and_back() {
    let mut stage = Stage::open_text(EVERY);
    let before = table(&mut stage, "ledger");
    let read_by = |book: &str| json!({BOOK: book, AUDITED: "Disabled"});
    assert_eq!(before["read_by"], read_by("Enabled"));
    let run = of_every(&mut stage, &[("freeze", "yes")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    assert_eq!(made["triggers"], before["triggers"], "to the last field");
    assert_eq!(made["read_by"], read_by("Enabled"));
    assert_eq!(table(&mut stage, "ledger")["read_by"], read_by("Disabled"));
    let created = effect(&stage, "CreateEventSourceMapping", ("FunctionName", BOOK));
    let on = effect(&stage, "UpdateEventSourceMapping", ("Enabled", "true"));
    let off = effect(&stage, "UpdateEventSourceMapping", ("Enabled", "false"));
    let frozen = stage.aws.calls();
    let frozen = frozen
        .iter()
        .rposition(|call| call.operation == "PutResourcePolicy");
    let ttl = effect(&stage, "UpdateTimeToLive", ("TableName", NEW));
    assert!(created < on && Some(on) < frozen && frozen < Some(off) && off < ttl);
    for call in stage.aws.calls() {
        if call.operation == "CreateEventSourceMapping" {
            let said = |name: &str| call.parameters[name].as_str();
            assert_eq!(
                (said("Enabled"), said("StartingPosition")),
                ("false", "LATEST")
            );
        }
    }
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    stage.pass(jiff::SignedDuration::from_hours(1));
    assert_eq!(table(&mut stage, "ledger"), before);
    assert_eq!(table(&mut stage, NEW)["read_by"], read_by("Disabled"));
}

/// Answers gates with yes until one of this step is open.
fn up_to(stage: &mut Stage, run: &RunId, step: &str) {
    for _gate in 0..6 {
        assert_eq!(stage.drive(run), RunStatus::Waiting, "{step}");
        if stage.state(run).record(&step.into()).status == StepStatus::Waiting {
            return;
        }
        stage.send_with(run, CommandKind::Approve { step: None }, a_yes());
    }
    panic!("{step} is never asked");
}

/// Asserts that these steps found their state there, and that the way back, which ends so, leaves it.
fn back_but(stage: &mut Stage, run: &RunId, found: &[&str]) {
    let state = stage.state(run);
    for step in found {
        assert!(state.record(&(*step).into()).was_so_already(), "{step}");
    }
    let left = |state: &defib::domain::run::RunState| {
        let left = state.left_as_found().map(|step| step.id.to_string());
        left.collect::<Vec<_>>()
    };
    assert_eq!(left(&state), found);
    stage.send(run, CommandKind::RollBack);
    assert_eq!(stage.drive(run), RunStatus::RolledBack);
    let state = stage.state(run);
    assert_eq!(left(&state), found);
    let asked = defib::restore::export::report::Asked {
        incident: None,
        now: state.last_at,
    };
    let report = defib::restore::export::report::report(&state, &stage.events(run), asked);
    assert_eq!(
        report.matches("left as it was found").count(),
        found.len(),
        "{report}"
    );
    assert_eq!(
        report.matches("somebody else did it").count(),
        found.len(),
        "{report}"
    );
}

#[test]
fn what_others_had_done_before_the_run_came_to_it_stays_on_the_way_back() {
    let mut stage = Stage::open_text(EVERY);
    let said: Said = [
        ("table", "ledger"),
        ("at", "2026-03-10T14:04:59Z"),
        ("target", NEW),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let flow = find("dynamodb-restore").unwrap();
    let plan = stage.plan_by(flow, &said).unwrap();
    let run = stage.record_with(plan, Approval::default());
    up_to(&mut stage, &run, "look");
    let acting = ["orders-back throttled", "by-day throttled-orders-back"];
    hands(&mut stage, |hands| {
        hands.switch_mapping("ledger", BOOK, false);
        hands.switch_mapping(NEW, BOOK, true);
        for name in &acting {
            hands.set_alarm_acts(name, true);
        }
    });
    up_to(&mut stage, &run, "ttl");
    stage.send_with(&run, CommandKind::Approve { step: None }, a_no());
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let there = (table(&mut stage, "ledger"), table(&mut stage, NEW));
    assert_eq!(there.0["read_by"][BOOK], "Disabled");
    let found = ["enable-trigger-2", "unmute", "disable-old-trigger-2"];
    back_but(&mut stage, &run, &found);
    stage.pass(jiff::SignedDuration::from_hours(1));
    assert_eq!((table(&mut stage, "ledger"), table(&mut stage, NEW)), there);
}

#[test]
fn a_freeze_and_a_switch_by_somebody_else_stay_on_the_way_back() {
    let mut stage = Stage::open("table");
    let run = begun(&mut stage, &[("freeze", "yes")], Approval::default());
    up_to(&mut stage, &run, "look");
    let plan = stage.state(&run).plan;
    let freeze = plan.step(&"freeze".into()).unwrap().call.as_ref().unwrap();
    let policy = freeze.input["policy"].as_str().unwrap().to_owned();
    hands(&mut stage, |hands| {
        hands.set_parameter(PARAMETER, NEW);
        hands.put_policy("orders", Some(&policy));
    });
    up_to(&mut stage, &run, "ttl");
    stage.send_with(&run, CommandKind::Approve { step: None }, a_no());
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let there = table(&mut stage, "orders");
    back_but(&mut stage, &run, &["switch", "freeze"]);
    assert_eq!(parameter(&mut stage), NEW);
    let back = table(&mut stage, "orders");
    assert_eq!(back["policy"], there["policy"]);
    // What the run itself has done is taken back all the same.
    assert_ne!(back["read_by"], there["read_by"]);
}

/// The application goes back to a table that nobody can write to: whoever takes the run back is told before, at its end
/// and in the report, with what lifts it.
#[test]
fn a_freeze_by_somebody_else_is_told_where_the_application_is_led_back_to_it() {
    let mut stage = Stage::open("table");
    let run = begun(&mut stage, &[("freeze", "yes")], Approval::default());
    up_to(&mut stage, &run, "healthy");
    assert_eq!(parameter(&mut stage), NEW);
    let plan = stage.state(&run).plan;
    let freeze = plan.step(&"freeze".into()).unwrap().call.as_ref().unwrap();
    let policy = freeze.input["policy"].as_str().unwrap().to_owned();
    hands(&mut stage, |hands| {
        hands.put_policy("orders", Some(&policy));
    });
    up_to(&mut stage, &run, "ttl");
    let open = [
        "orders stays frozen",
        "denied writes before this run came to it",
        "nobody can write to it until that is lifted",
        "aws dynamodb ",
        "-resource-policy --region eu-west-1",
    ];
    let says = |text: &str| {
        for words in open {
            assert!(text.contains(words), "{words}: {text}");
        }
    };
    let ahead = way_back::lines(&stage.state(&run), false);
    let loud = |lines: &[String]| {
        let loud = lines.iter().filter(|line| line.starts_with("! "));
        loud.cloned().collect::<Vec<_>>().join("\n")
    };
    says(&loud(&ahead));
    back_but(&mut stage, &run, &["freeze"]);
    assert_eq!(parameter(&mut stage), "orders", "the application is back");
    let there = table(&mut stage, "orders")["policy"].to_string();
    assert!(there.contains("DefibFreeze"), "and cannot write: {there}");
    let state = stage.state(&run);
    says(&loud(&next_steps(
        &state,
        false,
        "/nowhere".as_ref(),
        state.last_at,
    )));
    let asked = defib::restore::export::report::Asked {
        incident: None,
        now: state.last_at,
    };
    let report = defib::restore::export::report::report(&state, &stage.events(&run), asked);
    let section = report
        .split("\n## ")
        .find(|part| part.starts_with("Still open"));
    let section = section.unwrap_or_else(|| panic!("{report}"));
    says(&section.replace('\\', ""));
}

#[test]
fn a_table_that_is_only_looked_at_calls_no_function() {
    let mut stage = Stage::open_text(EVERY);
    let before = table(&mut stage, "ledger");
    let run = of_every(&mut stage, &[("restore-only", "yes")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let made = table(&mut stage, NEW);
    assert_eq!(made["triggers"], before["triggers"]);
    assert_eq!(
        made["read_by"],
        json!({BOOK: "Disabled", AUDITED: "Disabled"})
    );
    assert_eq!(table(&mut stage, "ledger")["read_by"], before["read_by"]);
}

#[test]
fn a_function_whose_role_may_not_read_the_new_stream_says_so_and_resume_maps_it() {
    let words = "Cannot access stream. Please ensure the role can perform the GetRecords, GetShardIterator, \
                 DescribeStream, and ListStreams Actions on your stream in IAM.";
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    hands(&mut stage, |hands| hands.refuse_function(BOOK, Some(words)));
    assert_eq!(stage.drive(&run), RunStatus::Failed);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("Cannot access stream"), "{reason}");
    assert_eq!(table(&mut stage, "ledger")["read_by"][BOOK], "Enabled");
    hands(&mut stage, |hands| hands.refuse_function(BOOK, None));
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(table(&mut stage, NEW)["read_by"][BOOK], "Enabled");
}

#[test]
fn a_mapping_that_somebody_has_deleted_stops_the_way_back_before_it_begins() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("freeze", "yes")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    hands(&mut stage, |hands| hands.unmap_stream("ledger", BOOK));
    let there = (table(&mut stage, "ledger"), table(&mut stage, NEW));
    stage.send(&run, CommandKind::RollBack);
    assert_ne!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!((table(&mut stage, "ledger"), table(&mut stage, NEW)), there);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("is not there"), "{reason}");
}

#[test]
fn a_mapping_that_a_colleague_has_made_on_the_new_stream_is_a_conflict() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    let first = On::operation("CreateEventSourceMapping");
    let map = |hands: &mut Hands<'_>| hands.map_stream(NEW, BOOK);
    stage.aws.faults().inject(first, Fault::edit(map));
    assert_ne!(stage.drive(&run), RunStatus::Done);
    let theirs = table(&mut stage, NEW)["read_by"][BOOK].clone();
    assert_eq!(theirs, "Enabled", "it is left as it is");
    assert_eq!(table(&mut stage, "ledger")["read_by"][BOOK], "Enabled");
}

#[test]
fn all_that_was_made_is_listed_where_it_serves_and_where_it_is_left() {
    let parts = [
        "alarm | orders-back throttled",
        "alarm | by-day throttled-orders-back",
        "event source mapping | to ledger-audit",
        "event source mapping | to ledger-book:live",
        "scalable target | write capacity of orders-back",
        "scaling policy | ",
    ];
    let told = |stage: &mut Stage, run: &RunId| {
        let state = stage.state(run);
        let now = state.last_at;
        let asked = defib::restore::export::report::Asked {
            incident: None,
            now,
        };
        defib::restore::export::report::report(&state, &stage.events(run), asked)
    };
    let section = |report: &str, head: &str| {
        let of = report.split("\n## ").find(|one| one.starts_with(head));
        of.unwrap_or_else(|| panic!("no {head}: {report}"))
            .to_owned()
    };
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let report = told(&mut stage, &run);
    for part in parts {
        assert!(
            section(&report, "In service").contains(part),
            "{part}: {report}"
        );
        assert!(
            !section(&report, "Created and left").contains(part),
            "{part}: {report}"
        );
    }
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    let report = told(&mut stage, &run);
    for part in parts {
        assert!(
            section(&report, "Created and left").contains(part),
            "{part}: {report}"
        );
    }
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("restore-only", "yes")]);
    let left = stage.state(&run).plan.nothing_left_over();
    assert!(left.contains("into orders-back"), "{left}");
    // Of what was never sent nothing is listed.
    assert_eq!(stage.state(&run).parts_told(), Vec::<String>::new());
}

/// Which alarms watch a table, and whether they act.
fn watching(stage: &mut Stage, name: &str) -> Value {
    let table = table(stage, name);
    let all = table["alarms"].as_object().into_iter().flatten();
    all.map(|(name, alarm)| (name.clone(), alarm["acts"].clone()))
        .collect()
}

#[test]
fn alarms_watch_the_new_table_act_from_the_switch_over_on_and_no_more_after_a_roll_back() {
    let mut stage = Stage::open_text(EVERY);
    let before = table(&mut stage, "ledger")["alarms"].clone();
    let run = of_every(&mut stage, &[]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let acting = |acts: bool| json!({"audit \"lag\"-TABLE": false, "by-day throttled-TABLE": acts, "TABLE throttled": acts});
    assert_eq!(watching(&mut stage, NEW), acting(true));
    let made = table(&mut stage, NEW)["alarms"].clone();
    for (old, new) in [
        ("audit \"lag\"", "audit \"lag\"-TABLE"),
        ("by-day throttled", "by-day throttled-TABLE"),
        ("TABLE throttled", "TABLE throttled"),
    ] {
        assert_eq!(made[new], before[old], "{new}");
    }
    assert_eq!(table(&mut stage, "ledger")["alarms"], before);
    let puts = stage.aws.calls().into_iter();
    let mut puts = puts.filter(|call| call.operation == "PutMetricAlarm");
    assert!(puts.all(|put| put.parameters["ActionsEnabled"] == "false"));
    stage.send(&run, CommandKind::RollBack);
    assert_eq!(stage.drive(&run), RunStatus::RolledBack);
    assert_eq!(watching(&mut stage, NEW), acting(false));
    assert_eq!(table(&mut stage, "ledger")["alarms"], before);
}

#[test]
fn alarms_of_a_table_that_is_only_looked_at_stay_muted() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[("restore-only", "yes")]);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let all = watching(&mut stage, NEW);
    let mut acts = all.as_object().unwrap().values();
    assert_eq!(acts.len(), 3);
    assert!(acts.all(|acts| acts == &json!(false)));
}

#[test]
fn an_alarm_of_somebody_elses_is_never_put_over() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    let name = "orders-back throttled";
    hands(&mut stage, |hands| hands.make_alarm(name));
    assert_eq!(stage.drive(&run), RunStatus::Paused);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains("says something else"), "{reason}");
    let put = |stage: &Stage| {
        let calls = stage.aws.calls().into_iter();
        let of = |call: &defib::sim::CallRecord| {
            call.operation == "PutMetricAlarm" && call.parameters["AlarmName"] == name
        };
        calls.filter(of).count()
    };
    assert_eq!(put(&stage), 0);
    hands(&mut stage, |hands| hands.delete_alarm(name));
    stage.send(&run, CommandKind::Resume);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    assert_eq!(put(&stage), 1);
}

#[test]
fn an_alarm_that_is_gone_by_then_is_not_said_to_act() {
    let mut stage = Stage::open_text(EVERY);
    let run = of_every(&mut stage, &[]);
    let name = "orders-back throttled";
    let once = defib::sim::On::operation("EnableAlarmActions");
    let gone = defib::sim::Fault::edit(move |hands| hands.delete_alarm(name));
    stage.aws.faults().inject(once, gone);
    assert_eq!(stage.drive(&run), RunStatus::Paused);
    let reason = stage.state(&run).reason.unwrap();
    assert!(reason.contains(&format!("not there: {name}")), "{reason}");
}
