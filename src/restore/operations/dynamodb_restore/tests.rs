//! What the restores make of what they find under the name of the table to come.
//! AWS answers by documents that are written here.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{RestoreFromBackup, RestoreToPointInTime};
use crate::domain::dynamodb::Overrides;
use crate::domain::failure::{Effect, FailureClass};
use crate::restore::operation::{AnyOperation, Context, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const SOURCE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const TARGET: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2";
const READ: &str = "DescribeTable";
const SEND: &str = "RestoreTableToPointInTime";

fn second(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn to_point() -> RestoreToPointInTime {
    RestoreToPointInTime {
        source: "orders".into(),
        source_arn: SOURCE.into(),
        at: second("2026-03-10T14:04:59Z"),
        target: "orders-2".into(),
        overrides: Overrides::default(),
        by_arn: false,
    }
}

fn from_backup() -> RestoreFromBackup {
    RestoreFromBackup {
        backup: format!("{SOURCE}/backup/01"),
        target: "orders-2".into(),
        overrides: Overrides::default(),
    }
}

/// A table as it stands under the name of the target.
fn table(summary: &Value, status: &str, index: &str) -> String {
    let index = json!({"IndexName": "by-customer", "IndexStatus": index});
    let table = json!({
        "TableName": "orders-2",
        "TableArn": TARGET,
        "TableStatus": status,
        "GlobalSecondaryIndexes": [index],
        "RestoreSummary": summary,
    });
    json!({"Table": table}).to_string()
}

fn summary(source: &str, at: &str) -> Value {
    json!({
        "SourceTableArn": source,
        "RestoreDateTime": second(at).as_second(),
        "RestoreInProgress": false,
    })
}

fn ours() -> Value {
    summary(SOURCE, "2026-03-10T14:04:59Z")
}

/// A look by a step that has asked for its table twelve minutes ago.
fn sent(recorder: &Recorder) -> Context {
    let mut cx = context(recorder);
    let now = cx.clients.clock.now();
    cx.sent_at = Some(now - jiff::SignedDuration::from_mins(12));
    cx
}

async fn look(cx: &Context, operation: &dyn AnyOperation) -> Probe<Value> {
    operation.probe(cx).await.unwrap()
}

fn is_conflict(probe: &Probe<Value>) -> bool {
    matches!(probe, Probe::Conflict(_))
}

#[tokio::test]
async fn a_table_that_was_there_before_anything_was_sent_is_somebody_elses() {
    let recorder = Recorder::default().answers(READ, &table(&ours(), "CREATING", "CREATING"));
    let probe = look(&context(&recorder), &to_point()).await;
    assert!(is_conflict(&probe), "{probe:?}");
    let probe = look(&sent(&recorder), &to_point()).await;
    assert!(matches!(probe, Probe::InProgress { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_table_of_another_second_or_source_is_a_conflict() {
    let another = SOURCE.replace("orders", "carts");
    let mut of_backup = ours();
    of_backup["SourceBackupArn"] = json!(format!("{SOURCE}/backup/02"));
    for summary in [
        summary(SOURCE, "2026-03-10T14:04:58Z"),
        summary(&another, "2026-03-10T14:04:59Z"),
        of_backup,
        Value::Null,
    ] {
        let recorder = Recorder::default().answers(READ, &table(&summary, "ACTIVE", "ACTIVE"));
        for operation in [&to_point() as &dyn AnyOperation, &from_backup()] {
            let probe = look(&sent(&recorder), operation).await;
            assert!(is_conflict(&probe), "{summary} {probe:?}");
        }
    }
    let mut of_ours = ours();
    of_ours["SourceBackupArn"] = json!(from_backup().backup);
    let recorder = Recorder::default().answers(READ, &table(&of_ours, "ACTIVE", "ACTIVE"));
    let probe = look(&sent(&recorder), &from_backup()).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_name_that_nobody_has_is_free() {
    let recorder = Recorder::default().refuses(READ, "ResourceNotFoundException");
    for cx in [context(&recorder), sent(&recorder)] {
        let probe = look(&cx, &to_point()).await;
        assert_eq!(probe, Probe::Absent { found: Value::Null });
    }
}

#[tokio::test]
async fn a_taken_name_is_looked_at_again() {
    let recorder = Recorder::default().refuses(SEND, "TableAlreadyExistsException");
    let operation: &dyn AnyOperation = &to_point();
    let refused = operation.issue(&context(&recorder)).await.unwrap_err();
    assert_eq!(refused.effect, Effect::Unknown);
    assert_eq!(refused.class, FailureClass::Exists);
    let recorder = Recorder::default().refuses(SEND, "InvalidRestoreTimeException");
    let refused = operation.issue(&context(&recorder)).await.unwrap_err();
    assert_eq!(refused.effect, Effect::None);
}

#[tokio::test(start_paused = true)]
async fn a_limit_of_what_goes_on_at_once_passes_and_a_quota_does_not() {
    for (message, class) in [
        (
            "Subscriber limit exceeded: Only 50 tables can be created, updated, or deleted simultaneously",
            FailureClass::State,
        ),
        (
            "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber",
            FailureClass::Quota,
        ),
    ] {
        let recorder = Recorder::default().refuses_saying(SEND, "LimitExceededException", message);
        let operation: &dyn AnyOperation = &to_point();
        let refused = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(refused.class, class, "{message}");
    }
}

#[tokio::test]
async fn what_a_damaged_record_has_lost_is_found_by_name_and_summary() {
    let lost = |recorder: &Recorder| Context {
        lost: true,
        ..context(recorder)
    };
    let recorder = Recorder::default().answers(READ, &table(&ours(), "ACTIVE", "ACTIVE"));
    let probe = look(&lost(&recorder), &to_point()).await;
    let Probe::Present { output, .. } = probe else {
        panic!("{probe:?}");
    };
    assert_eq!(output, json!({"table": "orders-2", "arn": TARGET}));
    let other = summary(SOURCE, "2026-03-10T14:05:00Z");
    let recorder = Recorder::default().answers(READ, &table(&other, "ACTIVE", "ACTIVE"));
    let probe = look(&lost(&recorder), &to_point()).await;
    assert!(is_conflict(&probe), "{probe:?}");
}

#[tokio::test]
async fn a_table_is_there_once_it_and_its_indexes_are_active() {
    let mut going_on = ours();
    going_on["RestoreInProgress"] = json!(true);
    for (summary, status, index, said) in [
        (ours(), "CREATING", "CREATING", "CREATING for 12 min"),
        (
            ours(),
            "ACTIVE",
            "CREATING",
            "index by-customer is CREATING for 12 min",
        ),
        (
            going_on,
            "ACTIVE",
            "ACTIVE",
            "still being restored for 12 min",
        ),
    ] {
        let recorder = Recorder::default().answers(READ, &table(&summary, status, index));
        let probe = look(&sent(&recorder), &to_point()).await;
        let Probe::InProgress { detail, .. } = probe else {
            panic!("{probe:?}");
        };
        assert_eq!(detail, said);
    }
    let recorder = Recorder::default().answers(READ, &table(&ours(), "ACTIVE", "ACTIVE"));
    let probe = look(&sent(&recorder), &to_point()).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_table_that_cannot_read_its_key_has_failed() {
    for status in [
        "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
        "DELETING",
        "ARCHIVED",
    ] {
        let recorder = Recorder::default().answers(READ, &table(&ours(), status, "ACTIVE"));
        let probe = look(&sent(&recorder), &to_point()).await;
        let Probe::Failed(why) = probe else {
            panic!("{probe:?}");
        };
        assert!(why.contains(status), "{why}");
    }
}
