//! What the operations on targets make of what they find.
//! AWS answers by documents that are written here.

use serde_json::Value;

use super::{DeregisterTarget, RegisterTarget, Target};
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::Recorder;

/// Id, port, state and reason of each.
async fn probe(operation: &dyn AnyOperation, all: &[(&str, i32, &str, &str)]) -> Probe<Value> {
    let all: Vec<String> = all
        .iter()
        .map(|(id, port, state, reason)| {
            format!(
                "<member><Target><Id>{id}</Id><Port>{port}</Port></Target><TargetHealth>\
                 <State>{state}</State><Reason>{reason}</Reason></TargetHealth></member>"
            )
        })
        .collect();
    let all = all.concat();
    let all = format!("<Q><TargetHealthDescriptions>{all}</TargetHealthDescriptions></Q>");
    let recorder = Recorder::default().answers("DescribeTargetHealth", &all);
    recorder.probe(operation).await
}

fn target(id: &str) -> Target {
    Target {
        id: Ref::Known(id.into()),
        port: Some(443),
        zone: None,
    }
}

fn register(until_healthy: bool) -> RegisterTarget {
    RegisterTarget {
        group: "arn:t".into(),
        target: target("i-new"),
        until_healthy,
    }
}

#[tokio::test]
async fn a_target_is_there_once_it_is_healthy() {
    let new = register(true);
    let healthy = ("i-new", 443, "healthy", "");
    assert!(matches!(
        probe(&new, &[healthy]).await,
        Probe::Present { .. }
    ));
    for (state, reason) in [
        ("initial", "Elb.RegistrationInProgress"),
        ("unhealthy", "Target.ResponseCodeMismatch"),
        ("unavailable", "Target.HealthCheckDisabled"),
        ("unused", "Target.NotInUse"),
    ] {
        let seen = probe(&new, &[("i-new", 443, state, reason)]).await;
        let Probe::InProgress { detail, .. } = seen else {
            panic!("{state} is not there yet: {seen:?}");
        };
        assert!(detail.contains(reason), "{detail}");
    }
    let elsewhere = ("i-new", 80, "healthy", "");
    let old = ("i-old", 443, "healthy", "");
    let not = ("i-new", 443, "unused", "Target.NotRegistered");
    let leaving = ("i-new", 443, "draining", "Target.DeregistrationInProgress");
    for found in [&[][..], &[elsewhere], &[old], &[not], &[leaving]] {
        let seen = probe(&new, found).await;
        assert!(matches!(seen, Probe::Absent { .. }), "{seen:?}");
    }
}

#[tokio::test]
async fn where_nothing_is_checked_to_be_registered_is_enough() {
    let found = ("i-new", 443, "unused", "Target.NotInUse");
    let seen = probe(&register(false), &[found]).await;
    assert!(matches!(seen, Probe::Present { .. }), "{seen:?}");
}

#[tokio::test]
async fn the_last_healthy_target_is_not_taken_away() {
    let take = |keep_serving| DeregisterTarget {
        group: "arn:t".into(),
        target: target("i-old"),
        drains: 300,
        keep_serving,
        until_drained: true,
    };
    let old = ("i-old", 443, "healthy", "");
    let sick = ("i-new", 443, "unhealthy", "Target.Timeout");
    let well = ("i-new", 443, "healthy", "");
    let alone = probe(&take(true), &[old, sick]).await;
    assert!(matches!(alone, Probe::Conflict(_)), "{alone:?}");
    assert!(matches!(
        probe(&take(true), &[old, well]).await,
        Probe::Absent { .. }
    ));
    assert!(matches!(
        probe(&take(false), &[old, sick]).await,
        Probe::Absent { .. }
    ));
    let draining = ("i-old", 443, "draining", "Target.DeregistrationInProgress");
    let Probe::InProgress { detail, .. } = probe(&take(true), &[draining]).await else {
        panic!("it drains");
    };
    assert!(detail.contains("300 s"), "{detail}");
    let not = ("i-old", 443, "unused", "Target.NotRegistered");
    for found in [&[well][..], &[well, not]] {
        assert!(matches!(
            probe(&take(true), found).await,
            Probe::Present { .. }
        ));
    }
}

#[tokio::test]
async fn a_group_that_is_gone_is_a_conflict() {
    let gone = Recorder::default().refuses("DescribeTargetHealth", "TargetGroupNotFound");
    assert!(matches!(
        gone.probe(&register(true)).await,
        Probe::Conflict(_)
    ));
}
