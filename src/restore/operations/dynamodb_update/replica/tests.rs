//! What adding a replica makes of what it finds, and of what it is refused.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::AddReplica;
use crate::domain::failure::FailureClass;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "DescribeTable";

fn add() -> AddReplica {
    AddReplica {
        table: "orders".into(),
        region: "us-east-1".into(),
    }
}

fn table(status: &str, replicas: &Value) -> Recorder {
    let table = json!({"TableName": "orders", "TableStatus": status, "Replicas": replicas});
    Recorder::default().answers(READ, &json!({"Table": table}).to_string())
}

/// A table with this replica, and with one elsewhere that is fine.
fn replica(table_status: &str, status: &str) -> Recorder {
    table(
        table_status,
        &json!([
            {"RegionName": "eu-north-1", "ReplicaStatus": "ACTIVE"},
            {
                "RegionName": "us-east-1",
                "ReplicaStatus": status,
                "ReplicaStatusDescription": "no room",
                "ReplicaStatusPercentProgress": "40",
            },
        ]),
    )
}

#[tokio::test]
async fn a_replica_is_there_once_it_and_its_table_are_active() {
    let probe = replica("ACTIVE", "ACTIVE").probe(&add()).await;
    let Probe::Present { output, detail } = probe else {
        panic!("it is there: {probe:?}");
    };
    assert_eq!(output, json!({"table": "orders"}));
    assert_eq!(detail, "replicated to us-east-1");
    let probe = replica("UPDATING", "ACTIVE").probe(&add()).await;
    let wanted = Probe::InProgress {
        detail: "UPDATING".to_owned(),
        percent: None,
    };
    assert_eq!(probe, wanted);
}

#[tokio::test]
async fn one_that_is_being_made_says_how_far_it_is() {
    for (of_table, status) in [("UPDATING", "CREATING"), ("ACTIVE", "CREATING")] {
        let probe = replica(of_table, status).probe(&add()).await;
        let wanted = Probe::InProgress {
            detail: format!("the replica in us-east-1 is {status}"),
            percent: Some(40),
        };
        assert_eq!(probe, wanted);
    }
}

#[tokio::test]
async fn a_table_without_it_gets_it_once_nothing_else_goes_on() {
    let elsewhere = json!([{"RegionName": "eu-north-1", "ReplicaStatus": "ACTIVE"}]);
    let probe = table("ACTIVE", &elsewhere).probe(&add()).await;
    let wanted = Probe::Absent {
        found: json!({"replicas": ["eu-north-1"]}),
    };
    assert_eq!(probe, wanted);
    let probe = table("ACTIVE", &json!([])).probe(&add()).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    let probe = table("UPDATING", &elsewhere).probe(&add()).await;
    assert!(matches!(probe, Probe::InProgress { .. }), "{probe:?}");
}

#[tokio::test]
async fn what_never_comes_to_be_active_has_failed_and_says_why() {
    for status in [
        "CREATION_FAILED",
        "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
        "REGION_DISABLED",
        "REPLICATION_NOT_AUTHORIZED",
        "A_NEW_WORD",
    ] {
        let Probe::Failed(why) = replica("ACTIVE", status).probe(&add()).await else {
            panic!("{status} has failed");
        };
        let said = format!("the replica in us-east-1 is {status}: no room; none is made");
        assert!(why.starts_with(&said), "{why}");
    }
    let probe = replica("ACTIVE", "DELETING").probe(&add()).await;
    let why = "the replica in us-east-1 is DELETING".to_owned();
    assert_eq!(probe, Probe::Conflict(why));
    let lost = replica("INACCESSIBLE_ENCRYPTION_CREDENTIALS", "ACTIVE");
    let probe = lost.probe(&add()).await;
    assert!(matches!(probe, Probe::Failed(_)), "{probe:?}");
}

#[tokio::test(start_paused = true)]
async fn what_aws_does_not_take_is_a_refusal_and_not_tried_for_ever() {
    let class = async |code: &str, message: &str| {
        let recorder = Recorder::default().refuses_saying("UpdateTable", code, message);
        let operation: &dyn AnyOperation = &add();
        let failure = operation.issue(&context(&recorder)).await.unwrap_err();
        failure.class
    };
    let units = "Table write capacity should either be Pay-Per-Request or AutoScaled.";
    let refused = class("ValidationException", units).await;
    assert_eq!(refused, FailureClass::Validation);
    let busy = class("ResourceInUseException", "Table is being updated").await;
    assert_eq!(busy, FailureClass::State);
}

#[test]
fn a_script_waits_for_table_and_replica_and_gives_up_on_what_is_lost() {
    let operation: &dyn AnyOperation = &add();
    let wait = operation.wait().unwrap();
    let query = "Table.[TableStatus,Replicas[?RegionName=='us-east-1'].ReplicaStatus | [0]]";
    assert_eq!(wait.query, query);
    assert_eq!(wait.wanted, ["ACTIVE ACTIVE"]);
    assert!(wait.fatal.contains(&"UPDATING CREATION_FAILED"));
    let quoted = AddReplica {
        region: "a'] | evil".into(),
        ..add()
    };
    let operation: &dyn AnyOperation = &quoted;
    let query = operation.wait().unwrap().query;
    assert!(query.contains(r"=='a\'] | evil']"), "{query}");
}
