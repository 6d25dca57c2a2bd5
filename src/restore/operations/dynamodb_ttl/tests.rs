//! What enabling time to live makes of what it finds.
//! AWS answers by documents that are written here.

use serde_json::json;

use super::EnableTimeToLive;
use crate::restore::operation::Probe;
use crate::restore::operations::recorder::Recorder;

const READ: &str = "DescribeTimeToLive";

fn enable() -> EnableTimeToLive {
    EnableTimeToLive {
        table: "orders".into(),
        attribute: "expires_at".into(),
    }
}

fn found(attribute: Option<&str>, status: &str) -> Recorder {
    let told = json!({"AttributeName": attribute, "TimeToLiveStatus": status});
    let answer = json!({"TimeToLiveDescription": told});
    Recorder::default().answers(READ, &answer.to_string())
}

#[tokio::test]
async fn what_is_being_enabled_is_enabled() {
    for status in ["ENABLED", "ENABLING"] {
        let probe = found(Some("expires_at"), status).probe(&enable()).await;
        assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
        let probe = found(Some("other"), status).probe(&enable()).await;
        assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    }
    let probe = found(Some("expires_at"), "DISABLING")
        .probe(&enable())
        .await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
    for attribute in [None, Some("expires_at")] {
        let probe = found(attribute, "DISABLED").probe(&enable()).await;
        assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    }
    let gone = Recorder::default().refuses(READ, "ResourceNotFoundException");
    let probe = gone.probe(&enable()).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}
