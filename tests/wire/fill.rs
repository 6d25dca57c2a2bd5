//! A table of the server is filled with what only another one has, by the real process: an independent reader finds
//! those items, and every other one as it was.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::json;

use crate::account::Account;
use crate::home::Home;
use crate::process::Output;
use crate::reconcile::{COUNT, Item, NEW, OLD, compare, fill, make, what};
use crate::stage::REGION;

/// Every item of a table by its key, as nobody but this test reads it.
fn items(account: &Account, table: &str) -> BTreeMap<String, Item> {
    let call = account.dynamodb(REGION).scan().table_name(table);
    let answer = account.wait(call.consistent_read(true).send());
    let answer = answer.expect("Scan");
    assert_eq!(answer.last_evaluated_key(), None, "one page is enough");
    let all = answer.items().iter().cloned();
    all.map(|item| (key(&item["id"], &item["line"]), item))
        .collect()
}

fn key(id: &AttributeValue, line: &AttributeValue) -> String {
    let id = id.as_s().expect("a text");
    format!("{id} {}", line.as_n().expect("a number"))
}

fn key_of(number: usize) -> String {
    format!("order-{:03} {}", number / 3, number % 3)
}

fn run(home: &Home, file: &str, more: &[&str]) -> Output {
    let head = [
        "--profile",
        "red",
        "--region",
        REGION,
        "run",
        "dynamodb-fill",
    ];
    let words = ["--into", NEW, "--from", OLD, "--differences", file];
    home.defib(&[&head[..], &words, more].concat())
}

#[test]
fn what_only_the_old_table_has_is_put_and_nothing_is_written_over() {
    let account = Account::fresh();
    make(&account, OLD);
    make(&account, NEW);
    fill(&account);
    let home = Home::new().role("red", &account.id, REGION);
    let file = home.path().join("differences.jsonl");
    let path = file.to_str().expect("a plain path");
    let tables = ["--table", OLD, "--with", NEW];
    let told = compare(&home, &[&tables[..], &["--export", path]].concat()).expect(&[3]);
    assert!(told.stdout.contains("dynamodb-fill --into"), "{told}");
    let before = [OLD, NEW].map(|table| items(&account, table));
    account.forget_calls();

    // Some items differ in both tables: that is typed, and not only agreed to.
    let waiting = run(&home, path, &["--json", "--yes"]).expect(&[3]);
    assert_eq!(items(&account, NEW), before[1]);
    let id = waiting.json_lines().pop().expect("a summary")["run"].clone();
    let id = id.as_str().expect("a run").to_owned();
    let done = home.defib(&["resume", &id, "--confirm", NEW]).expect(&[0]);

    let [old, new] = [OLD, NEW].map(|table| items(&account, table));
    assert_eq!(old, before[0], "it is only read");
    let mut wanted = before[1].clone();
    for number in (0..COUNT).filter(|number| what(*number) == "only-old") {
        let key = key_of(number);
        wanted.insert(key.clone(), before[0][&key].clone());
    }
    assert!(wanted.len() > before[1].len());
    assert_eq!(new, wanted, "{done}");

    let reads = [
        "AssumeRole",
        "BatchGetItem",
        "DescribeTable",
        "GetCallerIdentity",
    ];
    let calls = account.calls();
    let named = calls
        .iter()
        .map(|call| call["action"].as_str().expect("an action"));
    let mut named: Vec<&str> = named.filter(|action| !reads.contains(action)).collect();
    // This test has read four times since.
    named.retain(|action| *action != "Scan");
    assert_eq!(named, ["TransactWriteItems"]);
    let after = compare(&home, &[&tables[..], &["--json"]].concat()).expect(&[3]);
    let after = after.json_lines().pop().expect("a summary");
    assert_eq!(after["old"]["only"], json!(0), "{after}");
    let conflicts = (0..COUNT).filter(|number| what(*number) == "differs");
    assert_eq!(after["different"], json!(conflicts.count()), "{after}");
    let report = home.defib(&["report", &id]).expect(&[0]);
    assert!(!report.stdout.contains("secret"), "{report}");
}
