//! Two tables of the server, compared key by key: items of every kind, written in different ways, by nobody but this
//! test; and the answer of the real process.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest,
    ScalarAttributeType, WriteRequest,
};
use serde_json::{Value, json};

use crate::account::Account;
use crate::home::Home;
use crate::process::Output;
use crate::stage::REGION;

/// The table that was there.
pub const OLD: &str = "orders";
/// The one that was restored.
pub const NEW: &str = "orders-back";
/// How many items there are.
pub const COUNT: usize = 360;

/// An item as the API has it.
pub type Item = HashMap<String, AttributeValue>;

/// Makes a table.
pub fn make(account: &Account, table: &str) {
    let mut call = account.dynamodb(REGION).create_table().table_name(table);
    let keys = [
        ("id", ScalarAttributeType::S, KeyType::Hash),
        ("line", ScalarAttributeType::N, KeyType::Range),
    ];
    for (name, scalar, key) in keys {
        let row = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(scalar);
        call = call.attribute_definitions(row.build().expect("an attribute"));
        let key = KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(key);
        call = call.key_schema(key.build().expect("a key"));
    }
    let call = call.billing_mode(BillingMode::PayPerRequest);
    account.wait(call.send()).expect("CreateTable");
}

/// An item of every kind. The new table has it written in another way, which says the same.
pub fn item(number: usize, new: bool) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let written =
        |old: &str, other: &str| AttributeValue::N(if new { other } else { old }.to_owned());
    let turned = |mut members: Vec<String>| {
        if new {
            members.reverse();
        }
        members
    };
    let own = |members: &[&str]| members.iter().map(ToString::to_string).collect::<Vec<_>>();
    let inner = Item::from([
        (
            "deep".to_owned(),
            AttributeValue::L(vec![text("a"), AttributeValue::Null(true)]),
        ),
        ("price".to_owned(), written("12.50", "12.5")),
    ]);
    Item::from([
        ("id".to_owned(), text(&format!("order-{:03}", number / 3))),
        (
            "line".to_owned(),
            AttributeValue::N((number % 3).to_string()),
        ),
        ("total".to_owned(), written("100", "1E2")),
        (
            "labels".to_owned(),
            AttributeValue::Ss(turned(own(&["web", "gift"]))),
        ),
        (
            "sizes".to_owned(),
            AttributeValue::Ns(turned(own(&["1", "2.5"]))),
        ),
        (
            "photo".to_owned(),
            AttributeValue::B(Blob::new([0, 159, 146, 150])),
        ),
        (
            "open".to_owned(),
            AttributeValue::Bool(number.is_multiple_of(2)),
        ),
        ("inner".to_owned(), AttributeValue::M(inner)),
    ])
}

/// What is to be found of an item.
pub fn what(number: usize) -> &'static str {
    match number {
        n if n % 50 == 7 => "only-old",
        n if n % 60 == 11 => "only-new",
        n if n % 10 == 3 => "differs",
        _ => "equal",
    }
}

/// Writes the items of both tables.
pub fn fill(account: &Account) {
    for (table, new, lacks) in [(OLD, false, "only-new"), (NEW, true, "only-old")] {
        let items = (0..COUNT)
            .filter(|number| what(*number) != lacks)
            .map(|number| {
                let mut item = item(number, new);
                if what(number) == "differs" && new {
                    let inner = Item::from([("deep".to_owned(), AttributeValue::Bool(true))]);
                    item.insert("inner".to_owned(), AttributeValue::M(inner));
                    item.insert(
                        "note\u{1b}[2J".to_owned(),
                        AttributeValue::S("secret".to_owned()),
                    );
                }
                item
            });
        let puts: Vec<WriteRequest> = items
            .map(|item| {
                let put = PutRequest::builder().set_item(Some(item)).build();
                WriteRequest::builder()
                    .put_request(put.expect("an item"))
                    .build()
            })
            .collect();
        for some in puts.chunks(25) {
            let call = account.dynamodb(REGION).batch_write_item();
            account
                .wait(call.request_items(table, some.to_vec()).send())
                .expect("BatchWriteItem");
        }
    }
}

/// Compares two tables.
pub fn compare(home: &Home, words: &[&str]) -> Output {
    let head = ["--profile", "red", "--region", REGION, "reconcile"];
    home.defib(&[&head[..], words].concat())
}

fn count(wanted: &str) -> usize {
    (0..COUNT).filter(|number| what(*number) == wanted).count()
}

fn assert_counts(told: &Output) {
    for (line, kind) in [
        ("equal", "equal"),
        ("different", "differs"),
        ("only in old", "only-old"),
        ("only in new", "only-new"),
    ] {
        let line = format!("  {line:<14} {}", count(kind));
        let found = told.stdout.lines().any(|told| told.starts_with(&line));
        assert!(found, "{line}\n{told}");
    }
    assert!(told.stdout.contains("inner, note‹U+001B›[2J"), "{told}");
    let harmless = !told.stdout.contains('\u{1b}') && !told.stdout.contains("secret");
    assert!(harmless, "{told}");
}

/// Every difference stands there once, with the items that are there.
fn assert_exported(text: &str) {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        let key = (&line["key"]["id"]["S"], &line["key"]["line"]["N"]);
        let sides = (line["old"]["photo"].clone(), line["new"]["photo"].clone());
        found.insert(format!("{key:?}"), (line["what"].clone(), sides));
    }
    let different = (0..COUNT).filter(|number| what(*number) != "equal");
    let wanted = different.map(|number| {
        let key = (
            json!(format!("order-{:03}", number / 3)),
            json!((number % 3).to_string()),
        );
        let what = what(number);
        let photo = |there: bool| {
            if there {
                json!({"B": "AJ+Slg=="})
            } else {
                Value::Null
            }
        };
        let sides = (photo(what != "only-new"), photo(what != "only-old"));
        (format!("{key:?}"), (json!(what), sides))
    });
    let wanted: BTreeMap<_, _> = wanted.collect();
    assert_eq!(found, wanted);
    assert_eq!(text.lines().count(), wanted.len());
}

#[test]
fn every_difference_between_two_tables_is_told_and_written_down() {
    let account = Account::fresh();
    make(&account, OLD);
    make(&account, NEW);
    fill(&account);
    account.forget_calls();
    let home = Home::new().role("red", &account.id, REGION);
    let file = home.path().join("differences.jsonl");
    let path = file.to_str().expect("a plain path");
    let with = |more: &[&str]| {
        compare(
            &home,
            &[&["--table", OLD, "--with", NEW][..], more].concat(),
        )
    };

    let told = with(&["--export", path, "--sample", "400"]).expect(&[3]);
    assert_counts(&told);
    let text = fs::read_to_string(&file).expect("the export");
    assert_exported(&text);
    let mode = fs::metadata(&file)
        .expect("the export")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);

    let again = with(&["--export", path]).expect(&[2]);
    assert!(again.stderr.contains("is there already"), "{again}");
    assert_eq!(fs::read_to_string(&file).expect("the export"), text);

    let json = with(&["--json", "--segments", "1"]).expect(&[3]);
    let summary = json.json_lines().pop().expect("a line");
    assert_eq!(summary["equal"], json!(count("equal")), "{summary}");
    let looked_at = json!(COUNT - count("only-new"));
    assert_eq!(summary["old"]["looked_at"], looked_at, "{summary}");

    let reads = [
        "AssumeRole",
        "BatchGetItem",
        "DescribeTable",
        "GetCallerIdentity",
        "Scan",
    ];
    for call in account.calls() {
        let action = call["action"].as_str().expect("an action").to_owned();
        assert!(reads.contains(&action.as_str()), "{action}");
    }
}

#[test]
fn tables_that_say_the_same_in_other_words_are_alike() {
    let account = Account::fresh();
    make(&account, OLD);
    make(&account, NEW);
    for (table, new) in [(OLD, false), (NEW, true)] {
        let call = account.dynamodb(REGION).put_item().table_name(table);
        account
            .wait(call.set_item(Some(item(1, new))).send())
            .expect("PutItem");
    }
    let home = Home::new().role("red", &account.id, REGION);
    let told = compare(&home, &["--table", OLD, "--with", NEW]).expect(&[0]);
    assert!(told.stdout.contains("  equal          1"), "{told}");
}
