//! What the operations on interfaces make of what they find.
//! AWS answers by documents that are written here.

use serde_json::Value;

use super::{AttachInterface, DetachInterface, SetGroups, SetSourceDestCheck};
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Probe};
use crate::restore::operations::recorder::Recorder;

/// Attachment: instance, index, state.
fn interface(groups: &[&str], at: Option<(&str, i32, &str)>) -> String {
    let groups = groups.iter();
    let groups = groups.map(|group| format!("<item><groupId>{group}</groupId></item>"));
    let groups = groups.collect::<Vec<_>>().concat();
    let (status, at) = match at {
        None => ("available", String::new()),
        Some((instance, index, state)) => (
            "in-use",
            format!(
                "<attachment><attachmentId>eni-attach-1</attachmentId>\
                 <instanceId>{instance}</instanceId><deviceIndex>{index}</deviceIndex>\
                 <status>{state}</status></attachment>"
            ),
        ),
    };
    format!(
        "<R><networkInterfaceSet><item><networkInterfaceId>eni-1</networkInterfaceId>\
         <status>{status}</status><sourceDestCheck>true</sourceDestCheck>{at}\
         <groupSet>{groups}</groupSet></item></networkInterfaceSet></R>"
    )
}

async fn probe(operation: &dyn AnyOperation, found: &str) -> Probe<Value> {
    let recorder = Recorder::default().answers("DescribeNetworkInterfaces", found);
    recorder.probe(operation).await
}

#[tokio::test]
async fn groups_are_as_wanted_as_before_or_somebody_elses() {
    let set = SetGroups {
        interface: Ref::Known("eni-1".into()),
        groups: vec![Ref::Known("sg-a".into()), Ref::Known("sg-b".into())],
        before: vec![Ref::Known("sg-q".into())],
    };
    let there = probe(&set, &interface(&["sg-b", "sg-a"], None)).await;
    assert!(matches!(there, Probe::Present { .. }), "{there:?}");
    let before = probe(&set, &interface(&["sg-q"], None)).await;
    assert!(matches!(before, Probe::Absent { .. }), "{before:?}");
    for groups in [&["sg-a"][..], &["sg-a", "sg-b", "sg-q"], &["sg-z"]] {
        let other = probe(&set, &interface(groups, None)).await;
        assert!(matches!(other, Probe::Conflict(_)), "{other:?}");
    }
    let gone = Recorder::default();
    let gone = gone.refuses(
        "DescribeNetworkInterfaces",
        "InvalidNetworkInterfaceID.NotFound",
    );
    assert!(matches!(gone.probe(&set).await, Probe::Conflict(_)));
}

#[tokio::test]
async fn the_check_of_source_and_destination_is_read() {
    let set = |check| SetSourceDestCheck {
        interface: Ref::Known("eni-1".into()),
        check,
    };
    let found = interface(&[], None);
    assert!(matches!(
        probe(&set(true), &found).await,
        Probe::Present { .. }
    ));
    assert!(matches!(
        probe(&set(false), &found).await,
        Probe::Absent { .. }
    ));
}

#[tokio::test]
async fn an_interface_is_attached_where_it_is_wanted_or_taken_from_nobody() {
    let attach = AttachInterface {
        interface: "eni-1".into(),
        instance: Ref::Known("i-new".into()),
        device_index: 1,
        card: None,
    };
    let seen = |at| {
        let (attach, found) = (attach.clone(), interface(&[], at));
        async move { probe(&attach, &found).await }
    };
    assert!(matches!(seen(None).await, Probe::Absent { .. }));
    let here = Some(("i-new", 1, "attached"));
    assert!(matches!(seen(here).await, Probe::Present { .. }));
    let on_the_way = Some(("i-new", 1, "attaching"));
    assert!(matches!(seen(on_the_way).await, Probe::InProgress { .. }));
    let leaving = Some(("i-old", 1, "detaching"));
    assert!(matches!(seen(leaving).await, Probe::InProgress { .. }));
    for at in [("i-other", 1, "attached"), ("i-new", 2, "attached")] {
        let seen = seen(Some(at)).await;
        assert!(matches!(seen, Probe::Conflict(_)), "{seen:?}");
    }
}

#[tokio::test]
async fn only_a_secondary_interface_of_the_named_instance_is_detached() {
    let detach = DetachInterface {
        interface: "eni-1".into(),
        instance: Ref::Known("i-old".into()),
        attachment: Ref::Known("eni-attach-1".into()),
        next: None,
    };
    let seen = |at| {
        let (detach, found) = (detach.clone(), interface(&[], at));
        async move { probe(&detach, &found).await }
    };
    assert!(matches!(seen(None).await, Probe::Present { .. }));
    let there = Some(("i-old", 1, "attached"));
    assert!(matches!(seen(there).await, Probe::Absent { .. }));
    let leaving = Some(("i-old", 1, "detaching"));
    assert!(matches!(seen(leaving).await, Probe::InProgress { .. }));
    for at in [("i-other", 1, "attached"), ("i-old", 0, "attached")] {
        let seen = seen(Some(at)).await;
        assert!(matches!(seen, Probe::Conflict(_)), "{seen:?}");
    }
}
