//! The texts of resource policies: what the new table gets, and what denies writes to the old one.
//! A wrong one locks people out, or lets them write where nobody should.

use serde_json::{Value, json};

use super::super::policy_text::{carried, frozen, is_frozen, renamed};
use super::fixtures::*;
use crate::domain::text::Untrusted;

const OTHER: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2";

fn parsed(text: &Untrusted) -> Value {
    serde_json::from_str(text.raw()).unwrap()
}

#[test]
fn a_policy_that_is_carried_over_names_the_new_table_and_no_other() {
    let before = Untrusted::from(POLICY);
    let after = parsed(&carried(&before, ARN, OTHER).unwrap());
    let resources = &after["Statement"][0]["Resource"];
    let old = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-old";
    assert_eq!(
        *resources,
        json!([OTHER, format!("{OTHER}/index/by-customer"), old])
    );
    assert_eq!(renamed(&before, ARN, OTHER), 2);
    assert_eq!(renamed(&before, ARN, ARN), 0);
    assert_eq!(carried(&"no json".into(), ARN, OTHER), None);
}

#[test]
fn a_frozen_policy_keeps_what_was_there_and_spares_the_named_one() {
    let spared = ["arn:aws:iam::111122223333:role/oncall".to_owned()];
    let before = Untrusted::from(POLICY);
    let text = frozen(Some(&before), ARN, &spared).unwrap();
    let all = parsed(&text)["Statement"].as_array().unwrap().clone();
    assert_eq!(all[0], parsed(&before)["Statement"]);
    let freeze = &all[1];
    assert_eq!(freeze["Effect"], "Deny");
    assert_eq!(freeze["Principal"], "*");
    assert_eq!(freeze["Resource"], ARN);
    let who = json!({"ArnNotLike": {"aws:PrincipalArn": spared}});
    assert_eq!(freeze["Condition"], who);
    let actions = freeze["Action"].as_array().unwrap();
    assert_eq!(actions.len(), 7);
    let names = freeze["Action"].to_string();
    assert!(names.contains("dynamodb:BatchWriteItem") && !names.contains("Policy"));
    assert!(is_frozen(&text) && !is_frozen(&before));
}

#[test]
fn a_freeze_stands_alone_where_there_was_no_policy_and_only_once() {
    let first = frozen(None, ARN, &[]).unwrap();
    let policy = parsed(&first);
    assert_eq!(policy["Version"], "2012-10-17");
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(policy["Statement"][0].get("Condition"), None);
    assert_eq!(frozen(Some(&first), ARN, &[]), Some(first.clone()));
    assert_eq!(frozen(Some(&"[]".into()), ARN, &[]), None);
    assert_eq!(
        carried(&first, ARN, OTHER),
        None,
        "the new one is not frozen"
    );
}
