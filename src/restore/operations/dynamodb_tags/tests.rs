//! What the operations on tags of a table make of what they find.
//! AWS answers by documents that are written here.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::TagTable;
use crate::restore::operation::{Operation as _, Probe};
use crate::restore::operations::dynamodb_active::{MarkActive, UnmarkActive};
use crate::restore::operations::ec2_tags::TagValue;
use crate::restore::operations::recorder::Recorder;

const READ: &str = "ListTagsOfResource";
const RUN: &str = "01JD4Q00000000000000000000";
const ARN: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

fn found(tags: &[(&str, &str)]) -> Recorder {
    let tag = |(key, value): &(&str, &str)| json!({"Key": key, "Value": value});
    let tags: Vec<Value> = tags.iter().map(tag).collect();
    Recorder::default().answers(READ, &json!({"Tags": tags}).to_string())
}

fn wanted() -> TagTable {
    TagTable {
        table: "orders".into(),
        arn: ARN.into(),
        tags: BTreeMap::from([
            ("team".into(), TagValue::Text("shop".into())),
            ("defib:run".into(), TagValue::Run),
        ]),
    }
}

#[tokio::test]
async fn tags_may_come_late() {
    let all = [("team", "shop"), ("defib:run", RUN), ("other", "x")];
    let probe = found(&all).probe(&wanted()).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    // Nothing is wrong with a table that lacks some: they are asynchronous.
    for some in [
        &[][..],
        &[("team", "shop")],
        &[("team", "web"), ("defib:run", RUN)],
    ] {
        let probe = found(some).probe(&wanted()).await;
        assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    }
    let gone = Recorder::default().refuses(READ, "ResourceNotFoundException");
    let probe = gone.probe(&wanted()).await;
    assert!(matches!(probe, Probe::Conflict(_)), "{probe:?}");
}

#[test]
fn no_key_of_somebody_else_becomes_a_field_of_a_plan() {
    let mut hostile = wanted();
    hostile
        .tags
        .insert("$output".into(), TagValue::Text("restore.arn".into()));
    let call = hostile.call();
    let step = "restore".into();
    assert_eq!(call.outputs_of(&step), [""; 0]);
    let back: TagTable = serde_json::from_value(call.input).unwrap();
    assert_eq!(back.tags, hostile.tags);
}

#[tokio::test]
async fn a_mark_that_somebody_else_has_set_is_left() {
    let mark = |instead_of: Option<&str>| MarkActive {
        table: "orders".into(),
        arn: ARN.into(),
        instead_of: instead_of.map(Into::into),
    };
    let unmark = UnmarkActive {
        table: "orders".into(),
        arn: ARN.into(),
    };
    let others = [("defib:active", "another"), ("defib:active-by", "eve")];
    let probe = found(&others).probe(&mark(None)).await;
    let Probe::Conflict(why) = probe else {
        panic!("{probe:?}");
    };
    assert!(why.contains("another (eve)"), "{why}");
    let agreed = found(&others).probe(&mark(Some("another"))).await;
    assert!(matches!(agreed, Probe::Absent { .. }), "{agreed:?}");
    let probe = found(&others).probe(&unmark).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    let ours = [("defib:active", RUN)];
    let probe = found(&ours).probe(&mark(None)).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
    let probe = found(&ours).probe(&unmark).await;
    assert!(matches!(probe, Probe::Absent { .. }), "{probe:?}");
    let probe = found(&[]).probe(&unmark).await;
    assert!(matches!(probe, Probe::Present { .. }), "{probe:?}");
}
