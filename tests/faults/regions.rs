//! A table is restored into another Region: it is the same table there, and nothing changes in the Region that it comes
//! from. A Region that is none is told while the plan is made.

use defib::domain::plan::Plan;
use defib::domain::run::RunStatus;
use defib::restore::flow::{FlowError, find};
use defib::sim::{Fault, On, Refusal};
use serde_json::Value;

use crate::stage::{Said, Stage};

/// A table that has every setting there is.
const EVERY: &str = include_str!("tables.toml");

fn planned(stage: &mut Stage, region: &str) -> Result<Plan, FlowError> {
    let flow = find("dynamodb-restore").unwrap();
    let choices: Said = [
        ("table", "ledger"),
        ("at", "2026-03-10T14:04:59Z"),
        ("to-region", region),
        ("sse-key", "alias/aws/dynamodb"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect();
    stage.plan_by(flow, &choices)
}

fn table(stage: &mut Stage, name: &str) -> Value {
    stage.picture()["111122223333/eu-west-1"]["tables"][name].clone()
}

#[test]
fn a_table_of_another_region_is_the_same_table_here_and_nothing_changes_there() {
    let mut stage = Stage::open_text(EVERY);
    let before = table(&mut stage, "ledger");
    let plan = planned(&mut stage, "us-east-1").unwrap();
    assert_eq!(plan.place.region.as_str(), "us-east-1");
    let run = stage.record(plan);
    assert_eq!(stage.drive(&run), RunStatus::Done);
    let here = stage.picture()["111122223333/us-east-1"]["tables"]["ledger"].clone();
    for setting in ["class", "protected", "stream", "ttl", "scaling", "insights"] {
        assert_eq!(here[setting], before[setting], "{setting}");
    }
    assert_eq!(here["continuous"]["days"], before["continuous"]["days"]);
    let there = "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger";
    assert_eq!(here["restored"]["table"], there, "{here}");
    assert_eq!(table(&mut stage, "ledger"), before, "nothing changes there");
    let sent = stage
        .aws
        .calls()
        .into_iter()
        .filter(|call| call.took_effect);
    let elsewhere: Vec<String> = sent
        .filter(|call| call.region != "us-east-1")
        .map(|call| call.action())
        .collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?}");
}

#[test]
fn a_region_that_is_none_or_not_enabled_is_told_where_it_is_chosen() {
    let mut stage = Stage::open_text(EVERY);
    let told = |planned: Result<Plan, FlowError>| match planned.map(|plan| plan.title) {
        Err(FlowError::Choice { field, why }) if field == "to-region" => why,
        other => panic!("{other:?}"),
    };
    let why = told(planned(&mut stage, "eu-west-9"));
    assert!(why.starts_with("eu-west-9 cannot be asked: "), "{why}");
    assert!(
        why.contains("aws ec2 describe-regions --all-regions"),
        "{why}"
    );

    // A Region that is not enabled takes keys for wrong that are right elsewhere.
    let there = On::operation("DescribeTable").region("us-east-1");
    let invalid = "The security token included in the request is invalid.";
    let refusal = Refusal::client("UnrecognizedClientException", invalid);
    stage.aws.faults().inject(there, Fault::Refused(refusal));
    let why = told(planned(&mut stage, "us-east-1"));
    assert!(why.contains("UnrecognizedClientException"), "{why}");
    assert!(
        planned(&mut stage, "us-east-1").is_ok(),
        "it is asked again"
    );
}
