//! What is told of policies of users, groups and roles: the check, the gate, and what can be pasted.
//! A policy that somebody changes meanwhile changes no step.

use serde_json::{Value, json};

use super::super::TableFacts;
use super::super::identity::compared;
use super::fixtures::*;
use crate::domain::check::Verdict;
use crate::domain::identity::{AllFound, Found, GATE_LINE, Identities, Owner};
use crate::domain::plan::{Gate, Plan};

const INLINE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Write","Effect":"Allow","Action":"dynamodb:PutItem","Resource":"arn:aws:dynamodb:eu-west-1:111122223333:table/orders"}]}"#;

fn role(role: &str, name: &str, document: &str) -> Found {
    Found {
        owner: Owner::Role(role.into()),
        name: name.into(),
        document: document.into(),
    }
}

fn managed(attached: &[&str], versions: usize) -> Found {
    Found {
        owner: Owner::Managed {
            arn: "arn:aws:iam::111122223333:policy/team/orders-read".into(),
            versions,
            attached: attached.iter().map(|one| (*one).into()).collect(),
        },
        name: "orders-read".into(),
        document: INLINE.into(),
    }
}

fn of(policies: Vec<Found>) -> Identities {
    let all = AllFound {
        policies,
        cut: None,
    };
    compared(&all, &bare(), NEW)
}

fn with(policies: Vec<Found>) -> TableFacts {
    TableFacts {
        identities: known(of(policies)),
        ..bare()
    }
}

/// What the person who looks is asked, as a run shows it.
fn looked(plan: &Plan) -> String {
    let Gate::Person { instructions, .. } = plan.gate_of(step(plan, "look")) else {
        panic!("a person is asked");
    };
    instructions.join("\n")
}

#[test]
fn a_policy_that_names_the_old_table_alone_is_told_with_what_to_paste() {
    let found = of(vec![role("shop-api", "write", INLINE)]);
    let [only] = &found.lacking[..] else {
        panic!("one: {found:#?}");
    };
    assert_eq!(only.title, "inline policy write of role shop-api");
    let wanted = [
        "@@ -3,7 +3,10 @@",
        "     {",
        "       \"Action\": \"dynamodb:PutItem\",",
        "       \"Effect\": \"Allow\",",
        &format!("-      \"Resource\": \"{ARN}\","),
        "+      \"Resource\": [",
        &format!("+        \"{ARN}-20260310-140459\","),
        &format!("+        \"{ARN}\""),
        "+      ],",
        "       \"Sid\": \"Write\"",
        "     }",
        "   ],",
    ];
    assert_eq!(only.diff, wanted);
    let (head, document) = only.command.split_once(" --policy-document ").unwrap();
    assert_eq!(
        head,
        "aws iam put-role-policy --region eu-west-1 --profile acme --role-name shop-api --policy-name write"
    );
    // As a shell reads it.
    let words = shlex::split(document).unwrap();
    let document: Value = serde_json::from_str(&words[0]).unwrap();
    let resources = &document["Statement"][0]["Resource"];
    assert_eq!(*resources, json!([format!("{ARN}-20260310-140459"), ARN]));
    assert_eq!(document["Statement"][0]["Action"], "dynamodb:PutItem");
}

#[test]
fn a_managed_policy_says_whom_it_is_attached_to_and_what_is_in_the_way() {
    let found = of(vec![managed(&["role b", "group a"], 2), managed(&[], 5)]);
    let titles: Vec<&str> = found.lacking.iter().map(|one| one.title.as_str()).collect();
    let wanted = [
        "policy orders-read, attached to group a, role b",
        "policy orders-read, attached to nobody",
    ];
    assert_eq!(titles, wanted);
    let command = &found.lacking[0].command;
    assert!(
        command.starts_with("aws iam create-policy-version --region eu-west-1 --profile acme --policy-arn arn:aws:iam::111122223333:policy/team/orders-read --set-as-default "),
        "{command}"
    );
    assert_eq!(found.lacking[0].notes, Vec::<String>::new());
    assert!(
        found.lacking[1].notes[0].contains("5 versions"),
        "{found:#?}"
    );
    let many: Vec<String> = (0..9).map(|n| format!("role r{n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let title = &of(vec![managed(&many, 1)]).lacking[0].title;
    assert!(title.ends_with("role r4 and 4 more"), "{title}");
}

#[test]
fn users_and_groups_are_changed_by_their_own_commands_and_sizes_are_held_against_theirs() {
    let long = INLINE.replace("Write", &"x".repeat(2_100));
    for (owner, command, fits) in [
        (Owner::User("ada".into()), "put-user-policy", false),
        (Owner::Group("ops".into()), "put-group-policy", true),
    ] {
        let found = of(vec![Found {
            owner,
            name: "p".into(),
            document: long.as_str().into(),
        }]);
        let only = &found.lacking[0];
        assert!(only.command.contains(command), "{}", only.command);
        assert_eq!(only.notes.is_empty(), fits, "{:?}", only.notes);
    }
}

#[test]
fn what_covers_both_is_counted_and_what_cannot_be_told_is_said() {
    let variable = INLINE.replace("table/orders", "table/${aws:username}");
    let found = of(vec![
        role("a", "wide", &INLINE.replace("orders", "*")),
        role("b", "by-user", &variable),
        role("c", "odd", "no JSON"),
        role("d", "other", &INLINE.replace("orders", "stock")),
    ]);
    assert_eq!((found.count(), found.covering, found.unreadable), (0, 1, 1));
    assert_eq!(found.depending, ["inline policy by-user of role b"]);
}

#[test]
fn no_more_is_kept_than_people_read() {
    let many = |count: usize| (0..count).map(|n| role(&format!("r{n:03}"), "p", INLINE));
    let found = of(many(60).collect());
    let counts = (found.lacking.len(), found.more.len(), found.beyond);
    assert_eq!(counts, (10, 40, 10));
    assert_eq!(found.count(), 60);
    assert!(
        found.titles(50).ends_with("; and 10 more"),
        "{}",
        found.titles(50)
    );
    let long = INLINE.replace("Write", &"x".repeat(9_000));
    let found = of((0..4).map(|n| role(&format!("r{n}"), "p", &long)).collect());
    assert!(found.more.len() >= 2, "{:?}", found.more);
    assert!(serde_json::to_string(&found).unwrap().len() < 64 * 1024);
}

#[test]
fn the_check_names_them_and_stops_nothing() {
    let name = "identity-policies";
    let facts = with(vec![role("shop-api", "write", INLINE)]);
    let (verdict, said) = told(&facts, &[], name);
    assert_eq!(verdict, Verdict::Know);
    for words in [
        "1 policy of users, groups and roles names only orders",
        "inline policy write of role shop-api",
        "defib changes no policy",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let (verdict, said) = told(
        &with(vec![role("a", "wide", &INLINE.replace("orders", "*"))]),
        &[],
        name,
    );
    assert_eq!(verdict, Verdict::Fine);
    assert!(said.contains("1 cover both"), "{said}");
    let (verdict, said) = told(&with(vec![role("a", "odd", "no JSON")]), &[], name);
    assert_eq!(verdict, Verdict::Know);
    assert!(said.contains("get-account-authorization-details"), "{said}");
}

#[test]
fn policies_that_were_not_read_are_no_answer_and_no_hindrance() {
    let why = "iam:GetAccountAuthorizationDetails AccessDenied: no";
    let facts = TableFacts {
        identities: crate::domain::facts::Fact::Unknown(why.to_owned()),
        ..bare()
    };
    let (verdict, said) = told(&facts, &[], "identity-policies");
    assert_eq!(verdict, Verdict::Unanswered);
    let command = "aws iam get-account-authorization-details --region eu-west-1 --profile acme --filter User Group \
                   Role LocalManagedPolicy --output json | grep -n -F table/orders";
    assert!(said.contains(command), "{said}");
    let all = checks(&facts, &[]);
    let check = all.iter().find(|check| check.name == "identity-policies");
    let missing = &check.unwrap().missing_actions;
    assert_eq!(*missing, ["iam:GetAccountAuthorizationDetails"]);
    assert!(!crate::domain::check::stops(&all));
    assert!(looked(&plan(&facts, &[])).contains(why));
}

#[test]
fn the_look_tells_what_to_change_before_the_application_is_led_over() {
    let plan = plan(&with(vec![role("shop-api", "write", INLINE)]), &[]);
    let told = looked(&plan);
    assert!(!told.contains(GATE_LINE), "{told}");
    for words in [
        "inline policy write of role shop-api: what it allows",
        "  +      \"Resource\": [",
        "  aws iam put-role-policy",
    ] {
        assert!(told.contains(words), "{words} in {told}");
    }
    let after = told.find("put-role-policy").unwrap();
    assert!(
        told[after..].contains("Answer yes"),
        "the question comes last"
    );
    assert!(!looked(&super::fixtures::plan(&bare(), &[])).contains("olicies"));
}

#[test]
fn whoever_pastes_it_has_not_changed_what_a_run_does() {
    let before = plan(&with(vec![role("shop-api", "write", INLINE)]), &[]);
    let after = plan(&bare(), &[]);
    assert_eq!(before.steps, after.steps);
    assert_eq!(before.hash, after.hash);
}

#[test]
fn under_its_old_name_and_for_a_look_alone_no_application_is_led_anywhere() {
    let mut facts = with(vec![role("shop-api", "write", INLINE)]);
    let alone = plan(&facts, &[("restore-only", "yes")]);
    assert!(!looked(&alone).contains("put-role-policy"));
    facts.source = None;
    facts.backup = Some(backup());
    let same = plan(&facts, &[("target", "orders")]);
    assert!(!looked(&same).contains("put-role-policy"));
    let all = checks(&facts, &[("target", "orders")]);
    assert!(all.iter().all(|check| check.name != "identity-policies"));
}

#[test]
fn names_and_texts_of_policies_reach_neither_screen_nor_shell_as_they_are() {
    let evil = "p'; rm -rf $HOME; '\u{202e}\u{1b}[2J";
    let document = INLINE.replace("\"Write\"", &json!(evil).to_string());
    let facts = with(vec![role(evil, evil, &document)]);
    let plan = plan(&facts, &[]);
    let told = looked(&plan);
    assert!(!told.contains(['\u{202e}', '\u{1b}']), "{told:?}");
    let command = told.lines().find(|line| line.contains("put-role-policy"));
    let words = shlex::split(command.unwrap()).unwrap();
    assert_eq!(words.last().unwrap().matches("rm -rf").count(), 1);
    let before = words.iter().take(words.len() - 1);
    assert!(before.clone().all(|word| !word.contains("rm")), "{words:?}");
    assert!(words.contains(&"ROLE".to_owned()) && words.contains(&"POLICY".to_owned()));
    let document: Value = serde_json::from_str(words.last().unwrap()).unwrap();
    assert_eq!(
        document["Statement"][0]["Sid"], evil,
        "and yet it is the same policy"
    );
    for check in &plan.checks {
        let told = format!("{} {:?}", check.found, check.advice);
        assert!(!told.contains(['\u{202e}', '\u{1b}']), "{told:?}");
    }
}
