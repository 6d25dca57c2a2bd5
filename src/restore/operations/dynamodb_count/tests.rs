//! What a count counts, and when it gives up.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::CountExpired;
use crate::restore::operation::Probe;
use crate::restore::operations::recorder::Recorder;

fn count() -> CountExpired {
    CountExpired {
        table: "orders".into(),
        attribute: "expires_at".into(),
        as_of: "2020-03-10T14:04:59Z".parse().unwrap(),
    }
}

fn table(read: i64) -> String {
    let units = json!({"ReadCapacityUnits": read, "WriteCapacityUnits": 5});
    let table = json!({"TableStatus": "ACTIVE", "ProvisionedThroughput": units});
    json!({"Table": table}).to_string()
}

fn recorder(page: &Value) -> Recorder {
    Recorder::default()
        .answers("DescribeTable", &table(0))
        .answers("Scan", &page.to_string())
}

fn scans(recorder: &Recorder) -> Vec<Value> {
    let sent = recorder.sent().into_iter();
    sent.filter(|sent| sent.action == "Scan")
        .map(|sent| serde_json::from_str(&sent.body).unwrap())
        .collect()
}

#[tokio::test]
async fn items_that_expired_more_than_five_years_ago_are_not_counted() {
    let recorder = recorder(&json!({"Count": 3, "ScannedCount": 10}));
    let Probe::Present { output, .. } = recorder.probe(&count()).await else {
        panic!("it was counted");
    };
    let wanted = json!({"expired": 3, "looked_at": 10, "complete": true});
    assert_eq!(output, wanted);
    let [scan] = &scans(&recorder)[..] else {
        panic!("one page");
    };
    let second = |name: &str| {
        let value = scan["ExpressionAttributeValues"][name]["N"].as_str();
        value.unwrap().parse::<i64>().unwrap()
    };
    let days = (second(":now") - second(":from")) / 86_400;
    assert_eq!(days, 1_827);
    // A run counts as of now, whenever its plan was made.
    assert!(second(":now") > count().as_of.as_second());
    assert_eq!(scan["Select"], "COUNT");
}

#[tokio::test(start_paused = true)]
async fn a_count_that_is_given_up_says_so() {
    let rest = json!({"id": {"S": "x"}});
    let page = json!({"Count": 1, "ScannedCount": 400_000, "LastEvaluatedKey": rest});
    let recorder = recorder(&page);
    let Probe::Present { output, detail } = recorder.probe(&count()).await else {
        panic!("it was counted");
    };
    let wanted = json!({"expired": 3, "looked_at": 1_200_000, "complete": false});
    assert_eq!(output, wanted);
    assert!(detail.starts_with("at least 3 of"), "{detail}");
    let scans = scans(&recorder);
    assert!(scans[0].get("ExclusiveStartKey").is_none());
    assert_eq!(scans[1]["ExclusiveStartKey"], rest);
}

#[tokio::test(start_paused = true)]
async fn a_count_leaves_units_to_others_and_ends_all_the_same() {
    let rest = json!({"id": {"S": "x"}});
    let page = json!({"Count": 0, "ScannedCount": 10, "LastEvaluatedKey": rest});
    let recorder = Recorder::default()
        .answers("DescribeTable", &table(32))
        .answers("Scan", &page.to_string());
    let Probe::Present { output, .. } = recorder.probe(&count()).await else {
        panic!("it was counted");
    };
    // 128 units a page, 16 a second of 32: eight seconds a page, for a minute.
    assert_eq!(output["looked_at"], 80);
    assert_eq!(output["complete"], false);
}
