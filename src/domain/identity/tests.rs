//! What texts of policies name, what a policy lacks, and what is told of it.
//! The rules are those of IAM's user guide; nothing here is read from anywhere.

use serde_json::{Value, json};

use super::document::{Lack, Reading, read};
use super::naming::{Naming, Tables, covers, naming};
use super::{GATE_LINE, Identities, Lacking, told};

const OLD: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
const NEW: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-2";
const TABLES: Tables<'_> = Tables { old: OLD, new: NEW };

fn says(text: &str) -> Naming {
    naming(text, true, TABLES)
}

fn lacks(texts: &[&str]) -> Naming {
    Naming::OldAlone(texts.iter().map(|text| (*text).to_owned()).collect())
}

/// The ARN of a resource of the place.
fn of(resource: &str) -> String {
    format!("arn:aws:dynamodb:eu-west-1:111122223333:{resource}")
}

#[test]
fn a_table_is_named_by_its_whole_name_and_so_is_what_is_below_it() {
    for rest in ["", "/*", "/index/*", "/index/by-customer", "/stream/*"] {
        assert_eq!(
            says(&format!("{OLD}{rest}")),
            lacks(&[&format!("{NEW}{rest}")]),
            "{rest}"
        );
    }
    // The new table's streams have other labels.
    let label = "/stream/2026-01-01T00:00:00.000";
    assert_eq!(
        says(&format!("{OLD}{label}")),
        lacks(&[&format!("{NEW}/stream/*")])
    );
    for other in [
        "table/orders-old",
        "table/order",
        "table/Orders",
        "index/orders",
    ] {
        assert_eq!(says(&of(other)), Naming::Nothing, "{other}");
    }
    // What was saved of the old table is not the new one's.
    assert_eq!(says(&format!("{OLD}/backup/01")), Naming::Nothing);
    for elsewhere in [
        OLD.replace("eu-west-1", "us-east-1"),
        OLD.replace("1111", "4444"),
        OLD.replace("dynamodb", "s3"),
        "orders".to_owned(),
        String::new(),
    ] {
        assert_eq!(says(&elsewhere), Naming::Nothing, "{elsewhere}");
    }
}

#[test]
fn wildcards_before_the_name_stay_in_what_is_added() {
    let text = "arn:aws:dynamodb:*:*:table/orders/index/*";
    assert_eq!(
        says(text),
        lacks(&["arn:aws:dynamodb:*:*:table/orders-2/index/*"])
    );
    let text = "arn:*:dynamodb:eu-????-1:111122223333:table/orders";
    assert_eq!(
        says(text),
        lacks(&["arn:*:dynamodb:eu-????-1:111122223333:table/orders-2"])
    );
    // A wildcard of one part does not reach into the next.
    assert_eq!(says("arn:aws:dynamodb:*:table/orders"), Naming::Nothing);
}

#[test]
fn a_wildcard_that_covers_both_names_needs_nothing() {
    for both in [
        "*",
        "arn:aws:dynamodb",
        "arn:aws:dynamodb:*:*:*",
        &of("*"),
        &of("table/*"),
        &of("table/orders*"),
        &of("table/*/index/by-customer"),
        &of("table/o*/stream/*"),
    ] {
        assert_eq!(says(both), Naming::Both, "{both}");
    }
    assert_eq!(
        says(&of("table/orders?2")),
        Naming::Nothing,
        "the new one alone"
    );
}

#[test]
fn a_wildcard_that_covers_the_old_name_alone_gets_as_much_for_the_new_one() {
    assert_eq!(says(&of("table/order?")), lacks(&[NEW]));
    assert_eq!(says(&of("table/*ers")), lacks(&[NEW]));
    let text = of("table/order?/index/by-*");
    assert_eq!(says(&text), lacks(&[&format!("{NEW}/index/by-*")]));
    let elsewhere = Tables {
        new: "arn:aws:dynamodb:eu-west-1:111122223333:table/restored",
        ..TABLES
    };
    let new = elsewhere.new;
    let naming = naming(&of("table/ord*"), true, elsewhere);
    assert_eq!(naming, lacks(&[new, &format!("{new}/*")]));
}

#[test]
fn a_variable_in_a_name_depends_on_who_asks() {
    assert_eq!(says(&of("table/${aws:PrincipalTag/team}")), Naming::Depends);
    assert_eq!(says(&of("table/ord${aws:username}")), Naming::Depends);
    assert_eq!(says(&of("table/stock-${aws:username}")), Naming::Nothing);
    // It is the same for both where it is not in the name.
    let text = "arn:aws:dynamodb:eu-west-1:${aws:PrincipalAccount}:table/orders";
    assert_eq!(
        says(text),
        lacks(&["arn:aws:dynamodb:eu-west-1:${aws:PrincipalAccount}:table/orders-2"])
    );
    assert_eq!(
        says("arn:aws:dynamodb:*:${aws:PrincipalAccount}:table/*"),
        Naming::Both
    );
    let below = of("table/orders/index/${aws:username}");
    assert_eq!(
        says(&below),
        lacks(&[&of("table/orders-2/index/${aws:username}")])
    );
    // These three are characters, and before 2012-10-17 all of them are.
    assert_eq!(says(&of("table/order${?}")), Naming::Nothing);
    assert_eq!(says(&of("table/${*}")), Naming::Nothing);
    assert_eq!(
        naming(&of("table/${aws:username}"), false, TABLES),
        Naming::Nothing
    );
    assert_eq!(says(&of("table/${")), Naming::Nothing);
}

#[test]
fn what_is_named_already_is_not_added() {
    assert!(covers(NEW, true, NEW));
    assert!(covers(&of("table/*"), true, NEW));
    assert!(covers(
        &of("table/orders-2*"),
        true,
        &format!("{NEW}/index/*")
    ));
    assert!(covers("*", true, NEW));
    assert!(!covers(
        &format!("{NEW}/index/by-day"),
        true,
        &format!("{NEW}/index/*")
    ));
    assert!(!covers(OLD, true, NEW));
    assert!(!covers(&of("table/${aws:username}"), true, NEW));
    let wide = NEW.replace("eu-west-1", "*");
    assert!(!covers(NEW, true, &wide));
}

#[test]
fn patterns_take_no_long_time() {
    let stars = "*a".repeat(2_000);
    // There could be an index of such a name.
    assert_eq!(says(&of(&format!("table/{stars}b"))), Naming::Both);
    assert_eq!(says(&of(&format!("{stars}/b"))), Naming::Both);
    assert_eq!(says(&of(&format!("other/{stars}b"))), Naming::Nothing);
}

fn policy(statement: &Value) -> Reading {
    let policy = json!({"Version": "2012-10-17", "Statement": statement});
    read(&policy.to_string(), TABLES).unwrap()
}

fn statement(effect: &str, field: &str, resource: &Value) -> Value {
    json!({"Effect": effect, "Action": "dynamodb:GetItem", field: resource})
}

#[test]
fn the_new_arn_stands_beside_the_old_one_in_a_text_and_in_a_list() {
    let one = policy(&statement("Allow", "Resource", &json!(OLD)));
    assert_eq!(one.lacks, [Lack::Access]);
    assert_eq!(one.after["Statement"]["Resource"], json!([NEW, OLD]));
    assert_eq!(one.before["Statement"]["Resource"], json!(OLD));
    let index = format!("{OLD}/index/*");
    let list = json!(["arn:aws:s3:::b", OLD, index]);
    let many = policy(&json!([statement("Allow", "Resource", &list)]));
    let wanted = json!(["arn:aws:s3:::b", NEW, OLD, format!("{NEW}/index/*"), index]);
    assert_eq!(many.after["Statement"][0]["Resource"], wanted);
    assert!(!many.covers && !many.depends);
}

#[test]
fn a_denial_that_would_not_hold_is_a_lack_too_and_so_are_exceptions() {
    for (effect, field, lack) in [
        ("Allow", "Resource", Lack::Access),
        ("Deny", "Resource", Lack::Denial),
        ("Deny", "NotResource", Lack::Exemption),
        ("Allow", "NotResource", Lack::Exclusion),
    ] {
        let read = policy(&statement(effect, field, &json!(OLD)));
        assert_eq!(read.lacks, [lack], "{effect} {field}");
        assert_eq!(read.after["Statement"][field], json!([NEW, OLD]));
    }
}

#[test]
fn what_knows_both_is_left_as_it_is() {
    for resource in [json!("*"), json!([NEW, OLD]), json!([OLD, of("table/*")])] {
        let read = policy(&statement("Allow", "Resource", &resource));
        assert_eq!((read.lacks, read.covers), (Vec::new(), true), "{resource}");
        assert_eq!(read.before, read.after);
    }
    // A list for each statement: what one names says nothing of another.
    let read = policy(&json!([
        statement("Allow", "Resource", &json!(OLD)),
        statement("Deny", "Resource", &json!(NEW)),
    ]));
    assert_eq!(read.lacks, [Lack::Access]);
}

#[test]
fn what_is_about_another_service_says_nothing_of_a_table() {
    let with = |action: Value| json!({"Effect": "Allow", "Action": action, "Resource": "*"});
    for (action, about) in [
        (json!("s3:*"), false),
        (json!(["logs:PutLogEvents", "s3:Get*"]), false),
        (json!("*"), true),
        (json!(["s3:*", "DynamoDB:Query"]), true),
        (json!("dyn*:Query"), true),
        (json!(7), false),
    ] {
        assert_eq!(policy(&with(action.clone())).covers, about, "{action}");
    }
    let but = json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": OLD});
    assert_eq!(policy(&but).lacks, [Lack::Access]);
    assert_eq!(
        policy(&json!({"Effect": "Allow", "Resource": OLD})).lacks,
        []
    );
}

#[test]
fn what_is_no_policy_is_none_and_odd_ones_are_read_as_far_as_they_go() {
    for text in ["", "[]", "\"x\"", "{", "7"] {
        assert_eq!(read(text, TABLES), None, "{text}");
    }
    for text in ["{}", r#"{"Statement":7}"#, r#"{"Statement":["x",null]}"#] {
        let read = read(text, TABLES).unwrap();
        assert_eq!(read.lacks, []);
        assert_eq!(read.before, read.after);
    }
}

fn lacking(title: &str) -> Lacking {
    Lacking {
        title: title.into(),
        lacks: vec![Lack::Access, Lack::Denial],
        diff: vec!["@@ -1,1 +1,2 @@".into(), "+new".into()],
        command: "aws iam put-role-policy".into(),
        notes: vec!["a note".into()],
    }
}

fn found() -> Identities {
    Identities {
        old: "orders".into(),
        new: "orders-2".into(),
        lacking: vec![lacking("inline policy w of role a")],
        more: vec!["policy x".into()],
        beyond: 3,
        ..Identities::default()
    }
}

#[test]
fn what_is_told_names_all_and_counts_the_rest() {
    let lines = found().lines();
    assert!(lines[0].starts_with("5 policies"), "{lines:#?}");
    assert!(lines[1].starts_with("inline policy w of role a: what it allows"));
    let wanted = [
        "  @@ -1,1 +1,2 @@",
        "  +new",
        "  aws iam put-role-policy",
        "a note",
        "Not written out: policy x; and 3 more",
    ];
    assert_eq!(lines[2..], wanted);
    assert_eq!(Identities::default().lines(), Vec::<String>::new());
    let doubtful = Identities {
        cut: Some("throttled".into()),
        depending: vec!["policy y".into()],
        unreadable: 2,
        ..Identities::default()
    };
    let lines = doubtful.lines().join("\n");
    for words in ["throttled", "policy y", "2 of them cannot be read"] {
        assert!(lines.contains(words), "{words} in {lines}");
    }
}

#[test]
fn facts_of_any_flow_tell_it_or_say_that_it_is_not_known() {
    let facts =
        json!({"identities": {"observed": {"value": found(), "at": "2026-03-10T14:19:00Z"}}});
    assert_eq!(told(&facts), found().lines());
    let unknown = told(&json!({"identities": {"unknown": "throttled"}}));
    assert!(
        unknown.len() == 1 && unknown[0].contains("throttled"),
        "{unknown:?}"
    );
    assert_eq!(told(&json!({})), Vec::<String>::new());
    assert!(!GATE_LINE.contains('\n'));
}
