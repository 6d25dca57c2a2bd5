//! How large a page may be, and that no work on a file is done by the tasks that wait for AWS: whoever wants to leave
//! would have to wait for it. Where the only thread for such work is taken, nothing goes on, and nothing is held up.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::mpsc;
use std::task::Poll;

use serde_json::json;
use tokio::task::{spawn_blocking, yield_now};

use super::*;
use crate::restore::observations::dynamodb_table::table as table_of;
use crate::restore::operations::recorder::{Recorder, context};

/// A table with one item.
fn recorder() -> Recorder {
    let page = json!({"Items": [{"id": {"S": "1"}}], "Count": 1});
    Recorder::default().answers("Scan", &page.to_string())
}

/// A table that tells so many items and bytes.
async fn told(items: i64, bytes: i64) -> Table {
    let table = json!({"Table": {"TableName": "orders", "TableId": "T-1", "TableStatus": "ACTIVE",
        "TableArn": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
        "ItemCount": items, "TableSizeBytes": bytes,
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}]}});
    let recorder = Recorder::default().answers("DescribeTable", &table.to_string());
    let found = table_of(&context(&recorder).clients, "orders").await;
    found.unwrap().unwrap()
}

fn page_of(table: Table, rate: f64) -> Option<i32> {
    let clients = context(&Recorder::default()).clients;
    let (average, progress) = (average(&table), Progress::default());
    Reader::new(Side::Old, table, average, rate, &clients, &progress).limit
}

#[tokio::test]
async fn a_page_takes_no_more_than_a_second_is_worth_however_large_the_table_is() {
    const MIB: i64 = 1 << 20;
    // Items of 10 KiB on average, at 25 units a second, are ten of them.
    for items in [1_000, 1_000_000, 4_000_000_000] {
        let table = told(items, items * 10_240).await;
        let page = page_of(table, 25.0);
        assert_eq!(page, Some(10), "{items} items");
    }
    for (items, bytes, rate, wanted) in [
        (4_000_000_000, 4_000_000_000 * 100, 1.0, Some(40)),
        (1, 400 * 1_024, 1.0, Some(1)),
        (MIB, MIB * MIB, 256.0, None),
        (MIB, MIB * MIB, 3_000.0, None),
        (0, 0, 1.0, Some(1)),
        (0, 0, 40.0, Some(40)),
        (0, 0, 3_000.0, Some(256)),
    ] {
        let page = page_of(told(items, bytes).await, rate);
        assert_eq!(page, wanted, "{items} {bytes} {rate}");
    }
}

/// How many times something had to wait for work on files. Each time all of it is held back, which keeps nothing else
/// from going on; what was waited for is done before it goes on.
async fn rounds<T>(work: impl Future<Output = T>) -> (u32, T) {
    let mut work = pin!(work);
    for round in 0..100 {
        let (go_on, goes_on) = mpsc::channel::<()>();
        let holding = spawn_blocking(move || goes_on.recv());
        let mut ended = None;
        for _often in 0..50 {
            let polled = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
            if let Poll::Ready(done) = polled {
                ended = Some(done);
                break;
            }
            yield_now().await;
        }
        go_on.send(()).unwrap();
        holding.await.unwrap().unwrap();
        if let Some(done) = ended {
            return (round, done);
        }
        // There is one thread, which takes one after the other.
        spawn_blocking(|| ()).await.unwrap();
    }
    panic!("it never ends");
}

#[test]
fn every_work_on_a_file_is_done_beside_the_tasks() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .build()
        .unwrap();
    let home = tempfile::tempdir().unwrap();
    let asked = Asked {
        old: "orders".to_owned(),
        new: "orders-back".to_owned(),
        segments: 1,
        pace: Pace::default(),
        sample: 0,
        export: Some(home.path().join("out.jsonl")),
        anew: false,
    };
    runtime.block_on(async {
        let clients = context(&recorder()).clients;
        let progress = Progress::default();
        let table = told(1, 100).await;
        let readers = Side::BOTH
            .map(|side| Reader::new(side, table.clone(), None, 1_000.0, &clients, &progress));
        let card = Card::new(["a".to_owned(), "b".to_owned()], 1);
        let work = Work::open(&home.path().join("w"), &card, false).unwrap();
        let work = Arc::new(work);
        let reading = Box::pin(scan(&readers, &work, &progress, clients.clock.now()));
        let (round, read) = rounds(reading).await;
        // Two files are opened, and a page is written to both at once.
        assert_eq!((round, read.unwrap().is_some()), (3, true));
        let comparing = Box::pin(compare(&work, &readers, &asked, &progress));
        let (round, found) = rounds(comparing).await;
        // The export is begun, the buckets are filled and the only one is compared, the export is finished.
        assert_eq!((round, found.unwrap().equal), (4, 1));
    });
}
