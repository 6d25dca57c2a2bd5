//! What setting a parameter makes of the value that it finds.
//! AWS answers by documents that are written here.

use serde_json::json;

use super::SetParameter;
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "GetParameter";

fn set() -> SetParameter {
    SetParameter {
        parameter: "/acme/orders-table".into(),
        value: Ref::Known("orders-2".into()),
        instead_of: Ref::Known("orders".into()),
    }
}

fn holds(value: &str) -> Recorder {
    let parameter = json!({"Name": "/acme/orders-table", "Type": "String", "Value": value,
        "Version": 7});
    Recorder::default().answers(READ, &json!({"Parameter": parameter}).to_string())
}

#[tokio::test]
async fn a_parameter_that_somebody_has_changed_is_left() {
    let probe = holds("orders").probe(&set()).await;
    let found = json!({"value": "orders", "version": 7});
    assert_eq!(probe, Probe::Absent { found });
    let probe = holds("orders-2").probe(&set()).await;
    let Probe::Present { output, .. } = probe else {
        panic!("{probe:?}");
    };
    assert_eq!(
        output,
        json!({"parameter": "/acme/orders-table", "version": 7})
    );
    let recorder = holds("a secret");
    let probe = recorder.probe(&set()).await;
    let Probe::Conflict(why) = probe else {
        panic!("{probe:?}");
    };
    assert!(
        why.contains("version 7") && !why.contains("secret"),
        "{why}"
    );
    let operation: &dyn AnyOperation = &set();
    let obstacle = operation.obstacle(&context(&recorder), &[]).await.unwrap();
    assert_eq!(obstacle, Some(why));
    assert_eq!(
        operation
            .obstacle(&context(&holds("orders-2")), &[])
            .await
            .unwrap(),
        None
    );
    let gone = Recorder::default().refuses(READ, "ParameterNotFound");
    let probe = gone.probe(&set()).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn a_parameter_that_is_not_known_yet_is_not_set() {
    let open = SetParameter {
        value: Ref::output("restore", "table"),
        ..set()
    };
    let recorder = holds("orders");
    let operation: &dyn AnyOperation = &open;
    assert!(operation.probe(&context(&recorder)).await.is_err());
    assert!(operation.issue(&context(&recorder)).await.is_err());
    assert!(recorder.sent().is_empty());
}
