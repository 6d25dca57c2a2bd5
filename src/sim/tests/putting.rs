//! Transactions of puts: all of them or none, each on its condition, and the same one only once.
//! What is put is read back by key and by scan.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};

use super::support::{ACCOUNT, Bench, REGION, code, message};

type Item = HashMap<String, AttributeValue>;

fn bench() -> Bench {
    Bench::text(
        r#"
[story]
title = "t"
incident_at = "2026-03-14T02:17:00Z"
opens_at = "2026-03-14T02:31:00Z"
[[place]]
account = "111122223333"
region = "eu-west-1"
[[place.table]]
name = "back"
items = 10
size = 1_000
change = { before = "0s", added = 4 }
as_of = "1m"
"#,
    )
}

fn item(number: u32, note: &str) -> Item {
    let text = |text: String| AttributeValue::S(text);
    HashMap::from([
        ("id".to_owned(), text(format!("id-{number:08}"))),
        ("note".to_owned(), text(note.to_owned())),
    ])
}

fn put(item: Item, condition: bool) -> TransactWriteItem {
    let put = Put::builder().table_name("back").set_item(Some(item));
    let put = if condition {
        put.condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", "id")
    } else {
        put
    };
    let put = put.build().unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn transact(
    bench: &Bench,
    token: &str,
    parts: Vec<TransactWriteItem>,
) -> TransactWriteItemsFluentBuilder {
    let request = bench.dynamodb.transact_write_items();
    let request = request.client_request_token(token);
    request.set_transact_items(Some(parts))
}

/// What each item of the table has for a note, in the order of a scan.
async fn notes(bench: &Bench) -> Vec<String> {
    let answer = bench.dynamodb.scan().table_name("back").send().await;
    let answer = answer.unwrap();
    let note = |item: &Item| item.get("note").map(|note| note.as_s().unwrap().clone());
    answer.items().iter().filter_map(note).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_put_is_there_and_comes_last() {
    let bench = bench();
    let parts = vec![put(item(7, "a"), true), put(item(6, "b"), true)];
    transact(&bench, "t", parts).send().await.unwrap();
    assert_eq!(notes(&bench).await, ["a", "b"]);
    let all = bench.dynamodb.scan().table_name("back").send().await;
    assert_eq!(all.unwrap().count(), 8);
    let mut keys = Vec::new();
    let mut from = None;
    loop {
        let page = bench.dynamodb.scan().table_name("back").limit(3);
        let page = page.set_exclusive_start_key(from).send().await.unwrap();
        keys.extend(page.items().iter().map(|item| item["id"].clone()));
        from = page.last_evaluated_key().cloned();
        if from.is_none() {
            break;
        }
    }
    assert_eq!(keys.len(), 8);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_there_cancels_all() {
    let bench = bench();
    let parts = || vec![put(item(6, "a"), true), put(item(2, "b"), true)];
    let told = transact(&bench, "t", parts()).send().await;
    let wanted = "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]";
    assert_eq!(message(told), wanted);
    let told = transact(&bench, "t", parts()).send().await;
    assert_eq!(code(told), "TransactionCanceledException");
    assert_eq!(notes(&bench).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn without_a_condition_it_is_written_over_as_the_picture_tells() {
    let bench = bench();
    let before = bench.aws.picture();
    let parts = vec![put(item(2, "mine"), false)];
    transact(&bench, "t", parts).send().await.unwrap();
    assert_eq!(notes(&bench).await, ["mine"]);
    let place = format!("{ACCOUNT}/{REGION}");
    let data = |picture: &serde_json::Value| picture[&place]["tables"]["back"]["data"].clone();
    assert_ne!(data(&bench.aws.picture()), data(&before));
}

#[tokio::test(start_paused = true)]
async fn a_token_is_known_for_ten_minutes_with_what_it_put() {
    let bench = bench();
    let parts = |note: &str| vec![put(item(6, note), true)];
    transact(&bench, "t", parts("a")).send().await.unwrap();
    transact(&bench, "t", parts("a")).send().await.unwrap();
    let other = transact(&bench, "t", parts("b")).send().await;
    assert_eq!(code(other), "IdempotentParameterMismatchException");
    bench.clock.sleep(Duration::from_mins(11)).await;
    let late = transact(&bench, "t", parts("a")).send().await;
    assert_eq!(code(late), "TransactionCanceledException");
    assert_eq!(notes(&bench).await, ["a"]);
}

#[tokio::test(start_paused = true)]
async fn what_aws_does_not_take_is_refused() {
    let bench = bench();
    let twice = vec![put(item(6, "a"), true), put(item(6, "b"), true)];
    let many = (0..101).map(|n| put(item(100 + n, "a"), true)).collect();
    let keyless = HashMap::from([("note".to_owned(), AttributeValue::S("a".to_owned()))]);
    for parts in [twice, many, Vec::new(), vec![put(keyless, true)]] {
        let told = transact(&bench, "t", parts).send().await;
        assert_eq!(code(told), "ValidationException");
    }
}
