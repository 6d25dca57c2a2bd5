//! What filling a table makes of what it finds in both, and of what it is refused.
//! AWS answers by documents that are written here.

use std::fmt::Write as _;

use super::*;
use crate::domain::dynamodb::Key;
use crate::restore::operation::AnyOperation;
use crate::restore::operations::recorder::{Recorder, context};
use crate::restore::reconcile::exported::{Parting, survey};

const NEW: &str = "orders-back";
const OLD: &str = "orders";
const READ: &str = "BatchGetItem";
const SEND: &str = "TransactWriteItems";

/// An export with three keys that only the old table has, and what fills them in.
async fn fill(home: &tempfile::TempDir) -> FillTable {
    let mut text = String::new();
    for number in 1..=3 {
        let key = json!({"id": {"S": number.to_string()}});
        let line = json!({"key": key, "what": "only-old", "old": {}, "new": null});
        let _ = writeln!(text, "{line}");
    }
    let path = home.path().join("out.jsonl");
    std::fs::write(&path, text).unwrap();
    let key = Key {
        attribute: "id".into(),
        kind: "HASH".into(),
        scalar: "S".into(),
    };
    let parting = Parting {
        keys: vec![key],
        first: 1,
        units: 100,
        parts: 1,
    };
    FillTable {
        table: NEW.into(),
        table_id: "T-1".into(),
        from_id: "T-1".into(),
        from: OLD.into(),
        keys: vec!["id".into()],
        part: survey(path, parting).await.unwrap().parts.remove(0),
        rate: 1_000,
    }
}

fn one(number: u32, says: &str) -> Value {
    json!({"id": {"S": number.to_string()}, "says": {"S": says}})
}

/// Both tables with these items.
fn tables(old: &[Value], new: &[Value]) -> Recorder {
    let table = json!({"Table": {"TableName": NEW, "TableId": "T-1", "TableStatus": "ACTIVE",
        "TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-back",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}});
    let items = json!({"Responses": {OLD: old, NEW: new}});
    Recorder::default()
        .answers("DescribeTable", &table.to_string())
        .answers(READ, &items.to_string())
}

#[tokio::test]
async fn what_is_missing_is_told_apart_from_what_is_there_is_another_or_is_gone() {
    let home = tempfile::tempdir().unwrap();
    let fill = fill(&home).await;
    let old = [one(1, "a"), one(2, "b")];
    let probe = tables(&old, &[one(1, "a")]).probe(&fill).await;
    assert_eq!(
        probe,
        Probe::Absent {
            found: json!({"missing": 1})
        }
    );
    let probe = tables(&old, &[one(1, "a"), one(2, "x")]).probe(&fill).await;
    let Probe::Present { output, detail } = probe else {
        panic!("{probe:?}");
    };
    let wanted = json!({"table": NEW, "there": 1, "different": 1, "gone": 1});
    assert_eq!(output, wanted);
    assert_eq!(
        detail,
        "nothing was missing, 0 items put: 1 of 3 are in orders-back as orders has them; 1 say something else there and are left as they are; \
         1 are not in the old table any more"
    );
}

#[tokio::test]
async fn what_aws_has_put_and_somebody_deleted_is_not_put_again() {
    let home = tempfile::tempdir().unwrap();
    let operation: &dyn AnyOperation = &fill(&home).await;
    let recorder = tables(&[one(1, "a"), one(2, "b"), one(3, "c")], &[one(1, "a")]);
    let mut cx = context(&recorder);
    assert!(matches!(
        operation.probe(&cx).await.unwrap(),
        Probe::Absent { .. }
    ));
    cx.accepted = json!({"there": 3});
    let probe = operation.probe(&cx).await.unwrap();
    let Probe::Present { detail, .. } = probe else {
        panic!("{probe:?}");
    };
    assert!(
        detail.ends_with("2 were taken away again since"),
        "{detail}"
    );
    assert!(!detail.contains("0 items put"), "{detail}");
}

#[tokio::test]
async fn another_table_of_the_name_and_another_file_are_conflicts() {
    let home = tempfile::tempdir().unwrap();
    let mut other = fill(&home).await;
    other.table_id = "T-0".into();
    let probe = tables(&[one(1, "a")], &[]).probe(&other).await;
    assert!(
        matches!(&probe, Probe::Conflict(why) if why.contains("made anew")),
        "{probe:?}"
    );
    let fill = fill(&home).await;
    std::fs::write(&fill.part.file, "{}").unwrap();
    let recorder = tables(&[one(1, "a")], &[]);
    let probe = recorder.probe(&fill).await;
    assert!(
        matches!(&probe, Probe::Conflict(why) if why.contains("is not what it was")),
        "{probe:?}"
    );
    let operation: &dyn AnyOperation = &fill;
    let failure = operation.issue(&context(&recorder)).await.unwrap_err();
    assert_eq!(
        (failure.class, failure.effect),
        (FailureClass::Refused, Effect::None)
    );
    assert!(recorder.sent().iter().all(|sent| sent.action != SEND));
}

#[tokio::test]
async fn every_put_has_its_condition_and_a_token_that_follows_from_what_is_put() {
    let home = tempfile::tempdir().unwrap();
    let operation: &dyn AnyOperation = &fill(&home).await;
    let all = [one(1, "a"), one(2, "b"), one(3, "c")];
    let mut tokens = Vec::new();
    for (new, puts) in [(&all[..1], 2), (&all[..1], 2), (&all[..2], 1)] {
        let recorder = tables(&all, new);
        operation.issue(&context(&recorder)).await.unwrap();
        let sent = recorder.sent();
        let sent: Vec<_> = sent.iter().filter(|sent| sent.action == SEND).collect();
        assert_eq!(sent.len(), 1);
        let body: Value = serde_json::from_str(&sent[0].body).unwrap();
        let items = body["TransactItems"].as_array().unwrap();
        assert_eq!(items.len(), puts);
        for put in items {
            let put = &put["Put"];
            assert_eq!(put["TableName"], NEW);
            assert_eq!(put["ConditionExpression"], "attribute_not_exists(#key)");
            assert_eq!(put["ExpressionAttributeNames"], json!({"#key": "id"}));
        }
        let token = body["ClientRequestToken"].as_str().unwrap().to_owned();
        assert!((1..=36).contains(&token.len()), "{token}");
        tokens.push(token);
    }
    assert_eq!(tokens[0], tokens[1]);
    assert_ne!(tokens[1], tokens[2]);
}

#[tokio::test]
async fn nothing_is_sent_where_nothing_is_missing_any_more() {
    let home = tempfile::tempdir().unwrap();
    let operation: &dyn AnyOperation = &fill(&home).await;
    let recorder = tables(&[one(1, "a")], &[one(1, "a")]);
    let failure = operation.issue(&context(&recorder)).await.unwrap_err();
    assert_eq!(
        (failure.class, failure.effect),
        (FailureClass::State, Effect::None)
    );
    assert!(recorder.sent().iter().all(|sent| sent.action != SEND));
}

#[tokio::test]
async fn a_cancelled_transaction_has_changed_nothing_and_says_whether_it_passes() {
    let home = tempfile::tempdir().unwrap();
    let operation: &dyn AnyOperation = &fill(&home).await;
    for (reasons, class) in [
        ("None, ConditionalCheckFailed", FailureClass::State),
        ("TransactionConflict, None", FailureClass::State),
        (
            "ConditionalCheckFailed, ThrottlingError",
            FailureClass::Throttled,
        ),
        ("ProvisionedThroughputExceeded", FailureClass::Throttled),
        ("ItemCollectionSizeLimitExceeded", FailureClass::Validation),
    ] {
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{reasons}]"
        );
        let recorder = tables(&[one(1, "a")], &[]);
        let recorder = recorder.refuses_saying(SEND, "TransactionCanceledException", &message);
        let failure = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(
            (failure.class, failure.effect),
            (class, Effect::None),
            "{reasons}"
        );
    }
    let recorder = tables(&[one(1, "a")], &[]).refuses(SEND, "TransactionInProgressException");
    let failure = operation.issue(&context(&recorder)).await.unwrap_err();
    assert_eq!(failure.effect, Effect::Unknown);
}

#[tokio::test]
async fn a_table_is_given_the_time_that_its_rate_takes() {
    let home = tempfile::tempdir().unwrap();
    let mut fill = fill(&home).await;
    fill.part.units = 100;
    for (rate, wait) in [(100, 1_000), (10, 10_000), (1, 60_000)] {
        fill.rate = rate;
        assert_eq!(fill.time(), Duration::from_millis(wait), "{rate}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_is_looked_at_once_the_table_has_had_its_time() {
    let home = tempfile::tempdir().unwrap();
    let mut fill = fill(&home).await;
    (fill.part.units, fill.rate) = (40, 1);
    let operation: &dyn AnyOperation = &fill;
    let recorder = tables(&[one(1, "a"), one(2, "b")], &[]);
    let cx = context(&recorder);
    let mut issue = operation.issue(&cx);
    let early = tokio::time::timeout(Duration::from_secs(39), &mut issue).await;
    assert!(early.is_err());
    assert!(recorder.sent().is_empty(), "it is stale a second later");
    tokio::time::timeout(Duration::from_secs(2), issue)
        .await
        .unwrap()
        .unwrap();
    let sent = recorder.sent();
    let actions: Vec<&str> = sent.iter().map(|sent| sent.action.as_str()).collect();
    assert_eq!(actions, [READ, READ, SEND]);
}
