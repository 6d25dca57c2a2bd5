//! What switching Contributor Insights on makes of what it finds.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::EnableContributorInsights;
use crate::domain::dynamodb::Insights;
use crate::restore::operation::{AnyOperation, Context, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const READ: &str = "DescribeContributorInsights";
const KEYS: &str = "THROTTLED_KEYS";

fn enable(index: Option<&str>, mode: Option<&str>) -> EnableContributorInsights {
    EnableContributorInsights {
        table: "orders".into(),
        insights: Insights {
            index: index.map(str::to_owned),
            mode: mode.map(str::to_owned),
        },
    }
}

fn found(status: &str, mode: Option<&str>) -> Recorder {
    let mut answer = json!({"ContributorInsightsStatus": status, "FailureException": {
        "ExceptionName": "LimitExceededException",
        "ExceptionDescription": "rule limit reached",
    }});
    if let Some(mode) = mode {
        answer["ContributorInsightsMode"] = json!(mode);
    }
    Recorder::default().answers(READ, &answer.to_string())
}

#[tokio::test]
async fn what_records_the_same_is_there() {
    let other = Some("ACCESSED_AND_THROTTLED_KEYS");
    for (wanted, there, fits) in [
        (Some(KEYS), Some(KEYS), true),
        (None, other, true),
        (None, None, true),
        (Some(KEYS), other, false),
        (Some(KEYS), None, false),
    ] {
        let probe = found("ENABLED", there).probe(&enable(None, wanted)).await;
        let is_there = matches!(probe, Probe::Present { .. });
        let conflicts = matches!(probe, Probe::Conflict(_));
        assert_eq!((is_there, conflicts), (fits, !fits), "{probe:?}");
    }
}

#[tokio::test]
async fn what_is_being_enabled_is_waited_for_and_what_is_off_is_absent() {
    let probe = found("ENABLING", None).probe(&enable(None, None)).await;
    let wanted = Probe::InProgress {
        detail: "ENABLING".to_owned(),
        percent: None,
    };
    assert_eq!(probe, wanted);
    let probe = found("DISABLED", None).probe(&enable(None, None)).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    let probe = found("DISABLING", None).probe(&enable(None, None)).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[tokio::test]
async fn what_has_failed_says_why_and_is_asked_for_again_by_whoever_resumes() {
    let recorder = found("FAILED", None);
    let operation: &dyn AnyOperation = &enable(None, None);
    let sent = Context {
        sent_at: Some("2026-03-10T14:20:00Z".parse().unwrap()),
        ..context(&recorder)
    };
    let why = "they are FAILED: LimitExceededException: rule limit reached".to_owned();
    assert_eq!(operation.probe(&sent).await.unwrap(), Probe::Failed(why));
    let probe = recorder.probe(operation).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
}

#[tokio::test]
async fn an_index_is_asked_for_by_its_name_and_one_that_is_gone_is_named() {
    let recorder = found("DISABLED", None);
    recorder.probe(&enable(Some("by-day"), None)).await;
    let sent: Value = serde_json::from_str(&recorder.sent()[0].body).unwrap();
    assert_eq!(sent, json!({"TableName": "orders", "IndexName": "by-day"}));
    let gone = || Recorder::default().refuses(READ, "ResourceNotFoundException");
    let Probe::Conflict(why) = gone().probe(&enable(Some("by-day"), None)).await else {
        panic!("there is nothing to switch on");
    };
    assert!(why.contains("by-day"), "{why}");
    let Probe::Conflict(why) = gone().probe(&enable(None, None)).await else {
        panic!("there is nothing to switch on");
    };
    assert_eq!(why, "table orders is not there");
}
