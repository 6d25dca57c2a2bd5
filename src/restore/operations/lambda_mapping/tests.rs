//! What making and switching a mapping make of what they find, and of what they are refused.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::{CreateMapping, DisableMapping, EnableMapping};
use crate::domain::failure::{Effect, FailureClass};
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Context, Probe};
use crate::restore::operations::recorder::{Recorder, context};
use crate::restore::operations::sent::samples::triggers::reading;

const LIST: &str = "GET /2015-03-31/event-source-mappings";
const CREATE: &str = "POST /2015-03-31/event-source-mappings";
const ONE: &str = "GET /2015-03-31/event-source-mappings/u-1";
const STREAM: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2/stream/2026";

fn create() -> CreateMapping {
    CreateMapping {
        table: "orders-2".into(),
        stream: Ref::Known(STREAM.into()),
        reading: reading(false),
    }
}

fn row(state: &str) -> Value {
    json!({"UUID": "u-1", "State": state, "FunctionArn": reading(false).function, "BatchSize": 100})
}

/// A stream that another function reads as well.
fn listed(row: &Value) -> Recorder {
    let other = json!({"UUID": "u-0", "State": "Enabled", "FunctionArn": "arn:aws:lambda:::other"});
    let answer = json!({"EventSourceMappings": [other, row]});
    Recorder::default().answers(LIST, &answer.to_string())
}

fn sent(recorder: &Recorder) -> Context {
    Context {
        sent_at: Some("2026-03-10T14:20:00Z".parse().unwrap()),
        ..context(recorder)
    }
}

fn lost(recorder: &Recorder) -> Context {
    Context {
        lost: true,
        ..context(recorder)
    }
}

async fn probed(operation: &dyn AnyOperation, cx: &Context) -> Probe<Value> {
    operation.probe(cx).await.unwrap()
}

#[tokio::test]
async fn a_function_that_is_not_called_has_no_mapping_whoever_else_is() {
    let none = Recorder::default().answers(LIST, r#"{"EventSourceMappings": []}"#);
    let mut other = row("Disabled");
    other["FunctionArn"] = json!(format!("{}2", reading(false).function));
    for recorder in [none, listed(&other)] {
        let probe = probed(&create(), &sent(&recorder)).await;
        assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    }
}

#[tokio::test]
async fn a_mapping_is_this_steps_own_once_it_was_asked_for() {
    let recorder = listed(&row("Disabled"));
    let probe = probed(&create(), &context(&recorder)).await;
    let Probe::Conflict(why) = &probe else {
        panic!("somebody else's: {probe:?}");
    };
    assert!(why.contains("u-1") && why.contains("has not asked for"));
    for cx in [sent(&recorder), lost(&recorder)] {
        let probe = probed(&create(), &cx).await;
        let Probe::Present { output, .. } = &probe else {
            panic!("it is there: {probe:?}");
        };
        assert_eq!(*output, json!({"mapping": "u-1"}));
    }
}

#[tokio::test]
async fn what_is_on_its_way_is_waited_for_and_what_goes_away_is_a_conflict() {
    for state in ["Creating", "Updating", "Enabling", "Disabling"] {
        let probe = probed(&create(), &sent(&listed(&row(state)))).await;
        let wanted = Probe::InProgress {
            detail: state.to_owned(),
            percent: None,
        };
        assert_eq!(probe, wanted);
    }
    let probe = probed(&create(), &sent(&listed(&row("Deleting")))).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn a_mapping_that_somebody_enabled_is_a_conflict_but_where_a_record_may_have_lost_who() {
    let recorder = listed(&row("Enabled"));
    let probe = probed(&create(), &sent(&recorder)).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    let probe = probed(&create(), &lost(&recorder)).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_mapping_that_calls_otherwise_is_a_conflict() {
    let mut wanted = create();
    wanted.reading.batch_size = Some(10);
    let probe = probed(&wanted, &sent(&listed(&row("Disabled")))).await;
    let Probe::Conflict(why) = &probe else {
        panic!("another one: {probe:?}");
    };
    assert!(why.contains("otherwise"), "{why}");
}

#[tokio::test]
async fn a_mapping_that_is_there_already_is_looked_at_again_and_a_refusal_is_one() {
    let failed = async |code: &str| {
        let recorder = Recorder::default().refuses(CREATE, code);
        let operation: &dyn AnyOperation = &create();
        operation.issue(&context(&recorder)).await.unwrap_err()
    };
    let there = failed("ResourceConflictException").await;
    assert_eq!(there.effect, Effect::Unknown);
    let role = failed("InvalidParameterValueException").await;
    assert_eq!(
        (role.effect, role.class),
        (Effect::None, FailureClass::Validation)
    );
    let many = failed("TooManyRequestsException").await;
    assert_eq!(many.class, FailureClass::Throttled);
}

fn switches() -> [(Box<dyn AnyOperation>, &'static str, &'static str); 2] {
    let (table, mapping) = ("orders-2".to_owned(), Ref::Known("u-1".to_owned()));
    let function = reading(false).function;
    let enable = EnableMapping {
        table: table.clone(),
        mapping: mapping.clone(),
        function: function.clone(),
    };
    let disable = DisableMapping {
        table,
        mapping,
        function,
    };
    [
        (Box::new(enable), "Enabled", "Disabled"),
        (Box::new(disable), "Disabled", "Enabled"),
    ]
}

#[tokio::test]
async fn a_mapping_is_switched_from_either_state_that_stays() {
    for (operation, wanted, before) in switches() {
        let is = |state: &str| Recorder::default().answers(ONE, &row(state).to_string());
        let there = is(wanted).probe(operation.as_ref()).await;
        assert!(matches!(there, Probe::Present { .. }), "{there:?}");
        let absent = is(before).probe(operation.as_ref()).await;
        assert!(matches!(absent, Probe::Absent { .. }), "{absent:?}");
        for state in ["Creating", "Enabling", "Updating", "Disabling"] {
            let coming = is(state).probe(operation.as_ref()).await;
            assert!(matches!(coming, Probe::InProgress { .. }), "{coming:?}");
        }
    }
}

#[tokio::test]
async fn what_is_gone_or_calls_another_function_stands_in_the_way_from_the_first() {
    for (operation, wanted, _) in switches() {
        let gone = Recorder::default().refuses(ONE, "ResourceNotFoundException");
        let mut row = row(wanted);
        row["FunctionArn"] = json!("arn:aws:lambda:::other");
        let another = Recorder::default().answers(ONE, &row.to_string());
        let going = Recorder::default().answers(ONE, &self::row("Deleting").to_string());
        for recorder in [gone, another, going] {
            let probe = recorder.probe(operation.as_ref()).await;
            let Probe::Conflict(why) = probe else {
                panic!("a person decides: {probe:?}");
            };
            let obstacle = operation.obstacle(&context(&recorder), &[]).await.unwrap();
            assert_eq!(obstacle, Some(why));
        }
    }
}

#[test]
fn a_script_waits_for_the_mapping_that_was_made() {
    let operation: &dyn AnyOperation = &create();
    let wait = operation.wait().unwrap();
    assert_eq!(wait.parameters, json!({"UUID": {"$output": ".mapping"}}));
    assert_eq!(operation.outputs(), [("mapping", "UUID")]);
}
