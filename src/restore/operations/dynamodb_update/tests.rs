//! What the updates of a table make of what they find.
//! AWS answers by documents that are written here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{EnableStream, SetCapacity, SetDeletionProtection, SetTableClass};
use crate::domain::dynamodb::Capacity;
use crate::domain::failure::FailureClass;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "DescribeTable";

fn found(mut table: Value) -> Recorder {
    table["TableName"] = json!("orders");
    let status = table.get("TableStatus").is_none();
    if status {
        table["TableStatus"] = json!("ACTIVE");
    }
    Recorder::default().answers(READ, &json!({"Table": table}).to_string())
}

fn updates() -> Vec<Box<dyn AnyOperation>> {
    let table = || "orders".to_owned();
    vec![
        Box::new(SetDeletionProtection {
            table: table(),
            on: true,
        }),
        Box::new(SetTableClass {
            table: table(),
            class: "STANDARD_INFREQUENT_ACCESS".into(),
        }),
        Box::new(capacity(10, 10)),
        Box::new(EnableStream {
            table: table(),
            view: "NEW_IMAGE".into(),
        }),
    ]
}

fn units(read: i64) -> Capacity {
    Capacity {
        on_demand: false,
        read,
        write: 5,
        max_read: None,
        max_write: None,
    }
}

fn capacity(read: i64, of_index: i64) -> SetCapacity {
    SetCapacity {
        table: "orders".into(),
        capacity: units(read),
        indexes: BTreeMap::from([("by-customer".into(), units(of_index))]),
    }
}

fn provisioned(read: i64) -> Value {
    json!({"ReadCapacityUnits": read, "WriteCapacityUnits": 5})
}

fn with_index(index: &Value) -> Value {
    json!({"GlobalSecondaryIndexes": [index], "ProvisionedThroughput": provisioned(10)})
}

#[tokio::test]
async fn an_update_waits_for_the_one_before() {
    let index = json!({"IndexName": "by-customer", "IndexStatus": "UPDATING",
        "ProvisionedThroughput": provisioned(10)});
    for (table, said) in [
        (json!({"TableStatus": "UPDATING"}), "UPDATING"),
        (with_index(&index), "index by-customer is UPDATING"),
    ] {
        for operation in updates() {
            let probe = found(table.clone()).probe(&*operation).await;
            let Probe::InProgress { detail, .. } = probe else {
                panic!("{} {probe:?}", operation.name());
            };
            assert_eq!(detail, said, "{}", operation.name());
        }
    }
}

#[tokio::test]
async fn a_table_that_is_gone_or_lost_is_not_set() {
    let gone = Recorder::default().refuses(READ, "ResourceNotFoundException");
    for operation in updates() {
        let probe = gone.probe(&*operation).await;
        let none = Probe::Conflict("table orders is not there".to_owned());
        assert_eq!(probe, none, "{}", operation.name());
        let lost = found(json!({"TableStatus": "ARCHIVED"}));
        let probe = lost.probe(&*operation).await;
        assert!(matches!(probe, Probe::Failed(_)), "{}", operation.name());
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_update_at_a_time_is_refused_for_a_while() {
    for operation in updates() {
        for (code, message) in [
            ("ResourceInUseException", "Table is being updated"),
            (
                "LimitExceededException",
                "tables can be updated simultaneously",
            ),
        ] {
            let recorder = Recorder::default().refuses_saying("UpdateTable", code, message);
            let refused = operation.issue(&context(&recorder)).await.unwrap_err();
            assert_eq!(refused.class, FailureClass::State, "{code}");
        }
    }
}

#[tokio::test]
async fn what_is_set_already_is_not_sent() {
    let [protection, class, ..] = &updates()[..] else {
        panic!("four updates");
    };
    let set = json!({
        "DeletionProtectionEnabled": true,
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
    });
    for operation in [protection, class] {
        let probe = found(set.clone()).probe(&**operation).await;
        assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
        let probe = found(json!({})).probe(&**operation).await;
        assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    }
}

#[tokio::test]
async fn a_throughput_is_set_once_that_of_every_index_is() {
    let index = json!({"IndexName": "by-customer", "ProvisionedThroughput": provisioned(10)});
    let table = with_index(&index);
    let is_set = async |operation: SetCapacity| {
        let probe = found(table.clone()).probe(&operation).await;
        matches!(probe, Probe::Present { .. })
    };
    assert!(is_set(capacity(10, 10)).await);
    assert!(!is_set(capacity(11, 10)).await);
    assert!(!is_set(capacity(10, 11)).await);
    let without = json!({"ProvisionedThroughput": provisioned(10)});
    let probe = found(without).probe(&capacity(10, 10)).await;
    let why = "table orders has no global index by-customer".to_owned();
    assert_eq!(probe, Probe::Conflict(why));
}

#[tokio::test]
async fn a_table_that_is_paid_by_request_says_so_or_has_no_units() {
    let on_demand = SetCapacity {
        table: "orders".into(),
        capacity: Capacity {
            on_demand: true,
            read: 0,
            write: 0,
            max_read: None,
            max_write: Some(40),
        },
        indexes: BTreeMap::new(),
    };
    let none = json!({"ReadCapacityUnits": 0, "WriteCapacityUnits": 0});
    let limits = json!({"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 40});
    for mode in [json!({"BillingMode": "PAY_PER_REQUEST"}), Value::Null] {
        let table = json!({"BillingModeSummary": mode, "ProvisionedThroughput": none,
            "OnDemandThroughput": limits});
        let probe = found(table).probe(&on_demand).await;
        assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    }
    let table = json!({"ProvisionedThroughput": provisioned(10), "OnDemandThroughput": limits});
    let probe = found(table).probe(&on_demand).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_stream_of_another_view_is_somebody_elses() {
    let stream = |view: &str| {
        let stream = json!({"StreamEnabled": true, "StreamViewType": view});
        json!({"StreamSpecification": stream, "LatestStreamArn": "arn:s"})
    };
    let wanted = EnableStream {
        table: "orders".into(),
        view: "NEW_IMAGE".into(),
    };
    let Probe::Present { output, .. } = found(stream("NEW_IMAGE")).probe(&wanted).await else {
        panic!("it streams");
    };
    assert_eq!(output, json!({"table": "orders", "stream": "arn:s"}));
    let probe = found(stream("KEYS_ONLY")).probe(&wanted).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    // The stream of before stays listed when it is switched off.
    let off = json!({"StreamSpecification": {"StreamEnabled": false}, "LatestStreamArn": "arn:s"});
    let probe = found(off).probe(&wanted).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
}
