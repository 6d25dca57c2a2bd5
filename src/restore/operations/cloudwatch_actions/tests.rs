//! What enabling and disabling the actions of alarms makes of what it finds.
//! AWS answers by documents that are written here.

use serde_json::json;

use super::{MuteAlarms, UnmuteAlarms};
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::Recorder;

fn found(alarms: &[(&str, bool)]) -> Recorder {
    let alarm = |(name, acts): &(&str, bool)| json!({"AlarmName": name, "ActionsEnabled": acts});
    let all: Vec<_> = alarms.iter().map(alarm).collect();
    let answer = json!({"MetricAlarms": all, "CompositeAlarms": [{"AlarmName": "over"}]});
    Recorder::default().answers("DescribeAlarms", &answer.to_string())
}

fn names() -> Vec<String> {
    vec!["a".to_owned(), "b".to_owned()]
}

fn unmute() -> UnmuteAlarms {
    UnmuteAlarms {
        table: "orders-2".into(),
        alarms: names(),
    }
}

fn mute() -> MuteAlarms {
    MuteAlarms {
        table: "orders-2".into(),
        alarms: names(),
    }
}

fn word(probe: &Probe<serde_json::Value>) -> &'static str {
    match probe {
        Probe::Present { .. } => "there",
        Probe::Absent { .. } => "absent",
        Probe::Conflict(_) => "conflict",
        Probe::InProgress { .. } => "in progress",
        Probe::Failed(_) => "failed",
    }
}

#[tokio::test]
async fn all_of_them_act_or_none_does() {
    for (there, on, off) in [
        (
            &[("a", true), ("b", true), ("c", false)][..],
            "there",
            "absent",
        ),
        (&[("a", true), ("b", false)], "absent", "absent"),
        (
            &[("a", false), ("b", false), ("c", true)],
            "absent",
            "there",
        ),
        (&[("a", true)], "conflict", "absent"),
        (&[("a", false)], "conflict", "there"),
        (&[], "conflict", "there"),
    ] {
        let (unmute, mute): (&dyn AnyOperation, &dyn AnyOperation) = (&unmute(), &mute());
        let enabled = found(there).probe(unmute).await;
        let disabled = found(there).probe(mute).await;
        assert_eq!((word(&enabled), word(&disabled)), (on, off), "{there:?}");
    }
}

#[tokio::test]
async fn an_alarm_over_alarms_is_not_the_one_that_was_put() {
    let mut over = unmute();
    over.alarms = vec!["over".to_owned()];
    let probe = found(&[]).probe(&over).await;
    let wanted = Probe::Conflict("alarms are not there: over".to_owned());
    assert_eq!(probe, wanted);
}
