//! What having changes go to a Kinesis stream makes of what it finds, and of what it is refused.
//! AWS answers by documents that are written here.

use serde_json::json;

use super::EnableKinesisDestination;
use crate::domain::dynamodb::Destination;
use crate::domain::failure::{Effect, FailureClass};
use crate::restore::operation::{AnyOperation, Context, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "DescribeKinesisStreamingDestination";
const CALL: &str = "EnableKinesisStreamingDestination";
const STREAM: &str = "arn:aws:kinesis:eu-west-1:111122223333:stream/changes";

fn enable(precision: Option<&str>) -> EnableKinesisDestination {
    EnableKinesisDestination {
        table: "orders".into(),
        destination: Destination {
            stream: STREAM.into(),
            precision: precision.map(str::to_owned),
        },
    }
}

/// A table whose changes go to this stream, in this state, and to another one.
fn found(status: &str, precision: Option<&str>) -> Recorder {
    let other = json!({"StreamArn": format!("{STREAM}-2"), "DestinationStatus": "ENABLE_FAILED"});
    let mut told = json!({
        "StreamArn": STREAM,
        "DestinationStatus": status,
        "DestinationStatusDescription": "no such shard",
    });
    if let Some(precision) = precision {
        told["ApproximateCreationDateTimePrecision"] = json!(precision);
    }
    let answer = json!({"KinesisDataStreamDestinations": [other, told]});
    Recorder::default().answers(READ, &answer.to_string())
}

fn sent(recorder: &Recorder) -> Context {
    Context {
        sent_at: Some("2026-03-10T14:20:00Z".parse().unwrap()),
        ..context(recorder)
    }
}

#[tokio::test]
async fn a_stream_that_gets_changes_as_precisely_is_there() {
    for (wanted, there, fits) in [
        (Some("MICROSECOND"), Some("MICROSECOND"), true),
        (None, Some("MICROSECOND"), true),
        (None, None, true),
        (Some("MICROSECOND"), Some("MILLISECOND"), false),
        (Some("MICROSECOND"), None, false),
    ] {
        let probe = found("ACTIVE", there).probe(&enable(wanted)).await;
        let is_there = matches!(probe, Probe::Present { .. });
        let conflicts = matches!(probe, Probe::Conflict(_));
        assert_eq!((is_there, conflicts), (fits, !fits), "{probe:?}");
    }
    let why = found("ACTIVE", Some("MILLISECOND"));
    let why = why.probe(&enable(Some("MICROSECOND"))).await;
    let said = format!("changes go to {STREAM} with the precision MILLISECOND, not MICROSECOND");
    assert_eq!(why, Probe::Conflict(said));
}

#[tokio::test]
async fn what_is_on_its_way_is_waited_for() {
    for status in ["ENABLING", "UPDATING"] {
        let probe = found(status, None).probe(&enable(None)).await;
        let wanted = Probe::InProgress {
            detail: status.to_owned(),
            percent: None,
        };
        assert_eq!(probe, wanted);
    }
}

#[tokio::test]
async fn a_stream_that_gets_none_is_absent_and_one_that_is_being_taken_away_a_conflict() {
    let none = Recorder::default().answers(READ, r#"{"KinesisDataStreamDestinations": []}"#);
    for recorder in [none, found("DISABLED", None)] {
        let probe = recorder.probe(&enable(None)).await;
        assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    }
    let probe = found("DISABLING", None).probe(&enable(None)).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    let gone = Recorder::default().refuses(READ, "ResourceNotFoundException");
    let probe = gone.probe(&enable(None)).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn what_has_failed_says_why_and_is_asked_for_again_by_whoever_resumes() {
    let recorder = found("ENABLE_FAILED", None);
    let operation: &dyn AnyOperation = &enable(None);
    let probe = operation.probe(&sent(&recorder)).await.unwrap();
    let why = format!("{STREAM} is ENABLE_FAILED: no such shard");
    assert_eq!(probe, Probe::Failed(why));
    let probe = recorder.probe(operation).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_refusal_of_what_is_on_its_way_passes_and_a_stream_that_is_not_there_does_not() {
    let class = async |code: &str, message: &str| {
        let recorder = Recorder::default().refuses_saying(CALL, code, message);
        let operation: &dyn AnyOperation = &enable(None);
        let failure = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(failure.effect, Effect::None);
        failure.class
    };
    let state = "Table is not in a valid state to enable Kinesis Streaming Destination: \
                 EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.";
    assert_eq!(
        class("ValidationException", state).await,
        FailureClass::State
    );
    let other = class("ValidationException", "Invalid StreamArn").await;
    assert_eq!(other, FailureClass::Validation);
    let busy = class("ResourceInUseException", "Table is being updated").await;
    assert_eq!(busy, FailureClass::State);
    let gone = class("ResourceNotFoundException", "Stream changes not found").await;
    assert_eq!(gone, FailureClass::NotFound);
}

#[test]
fn a_quote_does_not_end_the_text_that_is_looked_for() {
    let mut quoted = enable(None);
    quoted.destination.stream = "a'] | evil".into();
    let operation: &dyn AnyOperation = &quoted;
    let query = operation.wait().unwrap().query;
    assert!(query.contains(r"=='a\'] | evil']"), "{query}");
}
