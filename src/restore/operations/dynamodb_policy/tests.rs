//! What the operations on a policy make of the one that they find.
//! AWS answers by documents that are written here.

use serde_json::json;

use super::{NO_POLICY, RemovePolicy, SetPolicy, same};
use crate::domain::failure::FailureClass;
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "GetResourcePolicy";
const ARN: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const BEFORE: &str = r#"{"Statement":[{"Sid":"a","Action":["b"]}]}"#;
const FREEZE: &str = r#"{"Statement":[{"Sid":"a","Action":"b"},{"Sid":"f","Action":["c","d"]}]}"#;
/// The same, as AWS might tell it.
const TOLD: &str =
    r#"{ "Statement" : [{"Action":["d","c"],"Sid":"f"}, {"Sid":"a","Action":["b"]}] }"#;

fn found(document: &str, revision: &str) -> Recorder {
    let answer = json!({"Policy": document, "RevisionId": revision});
    Recorder::default().answers(READ, &answer.to_string())
}

fn none() -> Recorder {
    Recorder::default().refuses(READ, "PolicyNotFoundException")
}

fn set(before: Option<&str>, revision: &str) -> SetPolicy {
    SetPolicy {
        table: "orders".into(),
        arn: ARN.into(),
        policy: FREEZE.into(),
        instead_of: before.map(Into::into),
        revision: Ref::Known(revision.into()),
    }
}

fn remove(revision: &str) -> RemovePolicy {
    RemovePolicy {
        table: "orders".into(),
        arn: ARN.into(),
        policy: FREEZE.into(),
        revision: Ref::Known(revision.into()),
    }
}

#[tokio::test]
async fn a_policy_is_compared_as_json_and_by_its_revision() {
    let probe = found(TOLD, "2").probe(&set(Some(BEFORE), "1")).await;
    let Probe::Present { output, .. } = probe else {
        panic!("{probe:?}");
    };
    assert_eq!(output, json!({"table": "orders", "revision": "2"}));
    let probe = found(BEFORE, "1").probe(&set(Some(BEFORE), "1")).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    let probe = none().probe(&set(None, NO_POLICY)).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    for (recorder, operation) in [
        // Put again by somebody else, who may have meant it.
        (found(BEFORE, "3"), set(Some(BEFORE), "1")),
        (found("{}", "1"), set(Some(BEFORE), "1")),
        (found(BEFORE, "1"), set(None, NO_POLICY)),
        (none(), set(Some(BEFORE), "1")),
    ] {
        let probe = recorder.probe(&operation).await;
        assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
        let cx = context(&recorder);
        let operation: &dyn AnyOperation = &operation;
        assert!(operation.obstacle(&cx, &[]).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn no_policy_is_taken_away_whose_revision_is_anothers() {
    let probe = found(TOLD, "2").probe(&remove("2")).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    for recorder in [found(TOLD, "3"), found(BEFORE, "2")] {
        let probe = recorder.probe(&remove("2")).await;
        assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    }
    let probe = none().probe(&remove("2")).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
}

#[tokio::test]
async fn a_revision_that_is_no_more_is_looked_at_again() {
    for (call, operation) in [
        (
            "PutResourcePolicy",
            &set(None, NO_POLICY) as &dyn AnyOperation,
        ),
        ("DeleteResourcePolicy", &remove("2")),
    ] {
        let recorder = Recorder::default().refuses(call, "PolicyNotFoundException");
        let refused = operation.issue(&context(&recorder)).await.unwrap_err();
        assert_eq!(refused.class, FailureClass::State);
    }
}

#[test]
fn one_text_is_a_list_of_one_and_lists_have_no_order() {
    assert!(same(FREEZE, TOLD));
    assert!(!same(FREEZE, BEFORE));
    let anybody = r#"{"Principal":"*"}"#;
    assert!(same(anybody, r#"{"Principal":{"AWS":["*"]}}"#));
    assert!(!same(anybody, r#"{"Principal":{"AWS":"111122223333"}}"#));
    assert!(same("no json", "no json"));
    assert!(!same("no json", "nor this"));
}
