//! Policies that name the table: the product finds what this test has put, and what it tells to paste, pasted into a
//! shell with the AWS CLI that others wrote, lets the same people use the new table.

use std::process::Command;

use serde_json::{Value, json};

use super::seeded::{NEW, OLD, T, Tables};
use crate::process::{self, Output};
use crate::stage::REGION;

const ROLE: &str = "shop-api";
const INLINE: &str = "orders-write";
const MANAGED: &str = "orders-read";

/// A statement that the product has to leave as it is, with what shells and encodings trip over.
fn other() -> Value {
    json!({"Sid": "Other", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/it's + 100%/${aws:username}"})
}

fn policy(resource: &Value) -> Value {
    let own = json!({"Sid": "Own", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": resource});
    json!({"Version": "2012-10-17", "Statement": [other(), own]})
}

/// A role with an inline policy, a managed one whose default version names the table, and one that covers any table.
fn seed(tables: &Tables) {
    let (account, client) = (&tables.account, tables.account.iam());
    let trust = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let call = client.create_role().role_name(ROLE);
    let made = account.wait(call.assume_role_policy_document(trust).send());
    made.expect("CreateRole");
    let call = client.put_role_policy().role_name(ROLE).policy_name(INLINE);
    let document = policy(&json!(tables.arn(OLD))).to_string();
    let made = account.wait(call.policy_document(document).send());
    made.expect("PutRolePolicy");
    let elsewhere = policy(&json!("arn:aws:dynamodb:*:*:table/elsewhere"));
    for (name, first) in [
        (MANAGED, elsewhere),
        ("any", policy(&json!("arn:aws:dynamodb:*:*:table/*"))),
    ] {
        let call = client.create_policy().policy_name(name);
        let made = account.wait(call.policy_document(first.to_string()).send());
        made.expect("CreatePolicy");
        let call = client.attach_role_policy().role_name(ROLE);
        let made = account.wait(call.policy_arn(arn(tables, name)).send());
        made.expect("AttachRolePolicy");
    }
    let named = json!([tables.arn(OLD), format!("{}/index/*", tables.arn(OLD))]);
    let call = client
        .create_policy_version()
        .policy_arn(arn(tables, MANAGED));
    let call = call.policy_document(policy(&named).to_string());
    let made = account.wait(call.set_as_default(true).send());
    made.expect("CreatePolicyVersion");
}

fn arn(tables: &Tables, name: &str) -> String {
    format!("arn:aws:iam::{}:policy/{name}", tables.account.id)
}

/// Both policies as the service tells them.
fn told(tables: &Tables) -> [Value; 2] {
    let (account, client) = (&tables.account, tables.account.iam());
    let read = client.get_role_policy().role_name(ROLE).policy_name(INLINE);
    let inline = account.wait(read.send()).expect("GetRolePolicy");
    let read = client.get_policy().policy_arn(arn(tables, MANAGED));
    let managed = account.wait(read.send()).expect("GetPolicy").policy;
    let version = managed.and_then(|one| one.default_version_id);
    let read = client.get_policy_version().policy_arn(arn(tables, MANAGED));
    let read = read.set_version_id(version);
    let version = account.wait(read.send()).expect("GetPolicyVersion");
    let document = version.policy_version.and_then(|one| one.document);
    [inline.policy_document, document.expect("a document")].map(|coded| plain(&coded))
}

/// Undoes the encoding, by another way than the product does. The server leaves it out of some answers.
fn plain(coded: &str) -> Value {
    if let Ok(plain) = serde_json::from_str(coded) {
        return plain;
    }
    let mut pieces = coded.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        let (code, rest) = piece.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two digits"));
        bytes.extend(rest.as_bytes());
    }
    serde_json::from_slice(&bytes).expect("JSON")
}

fn planned(tables: &Tables) -> Value {
    let words = [
        "--profile",
        "red",
        "--region",
        REGION,
        "plan",
        "dynamodb-restore",
        "--table",
        OLD,
    ];
    let words = [
        &words[..],
        &["--at", T, "--target", NEW, "--format", "json"],
    ]
    .concat();
    let output = tables.home.defib(&words).expect(&[0]);
    serde_json::from_str(&output.stdout).expect("a plan")
}

fn check(plan: &Value) -> Value {
    let checks = plan["checks"].as_array().expect("checks");
    let mut named = checks
        .iter()
        .filter(|one| one["name"] == "identity-policies");
    named.next().expect("the check").clone()
}

fn paste(tables: &Tables, command: &str) -> Output {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).current_dir(tables.home.path());
    shell.env_clear().envs(tables.home.environment());
    process::run(shell, "")
}

#[test]
fn policies_that_name_the_old_table_are_told_and_what_is_pasted_mends_them() {
    let tables = Tables::new();
    seed(&tables);
    let before = told(&tables);
    let plan = planned(&tables);
    let found = check(&plan);
    assert_eq!(found["verdict"], "know", "{found}");
    let found = found["found"].as_str().expect("words").to_owned();
    for words in [
        "2 policies",
        "inline policy orders-write of role shop-api",
        "policy orders-read, attached to role shop-api",
        "1 cover both",
    ] {
        assert!(found.contains(words), "{words} in {found}");
    }
    let lacking = &plan["facts"]["identities"]["observed"]["value"]["lacking"];
    let lacking = lacking.as_array().expect("policies");
    assert_eq!(told(&tables), before, "a plan changes none");
    for one in lacking {
        let added = one["diff"].to_string();
        assert!(added.contains(&tables.arn(NEW)), "{added}");
        let command = one["command"].as_str().expect("a command");
        paste(&tables, command).expect(&[0]);
    }
    let (old, new) = (tables.arn(OLD), tables.arn(NEW));
    let index = |arn: &str| format!("{arn}/index/*");
    let wanted = [
        json!([new, old]),
        json!([new, old, index(&new), index(&old)]),
    ];
    assert_eq!(told(&tables), wanted.map(|resource| policy(&resource)));
    let after = planned(&tables);
    assert_eq!(check(&after)["verdict"], "fine", "{}", check(&after));
    assert_eq!(after["steps"], plan["steps"]);
}

#[test]
fn policies_that_may_not_be_read_hinder_no_restore() {
    let tables = Tables::new();
    tables.account.fault(
        &json!([{ "service": "iam", "times": 1000, "code": "AccessDenied",
        "message": "You are not authorized.", "status": 403 }]),
    );
    let plan = planned(&tables);
    let found = check(&plan);
    assert_eq!(found["verdict"], "unanswered", "{found}");
    assert_eq!(
        found["missing_actions"],
        json!(["iam:GetAccountAuthorizationDetails"])
    );
    let words = [
        "--table",
        OLD,
        "--at",
        T,
        "--target",
        NEW,
        "--restore-only",
        "--json",
        "--yes",
    ];
    let words = [&words[..], &["--confirm", NEW]].concat();
    tables.run(&words).expect(&[0]);
}
