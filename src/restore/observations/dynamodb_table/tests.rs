//! A table as it is read out of answers.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::{insights, kinesis, policy, recovery, table, tags, time_to_live};
use crate::domain::dynamodb::{Capacity, Destination, Index, Key};
use crate::restore::observations::dynamodb_backup::{backup, backups_of};
use crate::restore::observations::parameter::parameter;
use crate::restore::operations::recorder::{Recorder, context};

const ARN: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

fn answers(call: &str, document: &Value) -> Recorder {
    Recorder::default().answers(call, &document.to_string())
}

fn key(attribute: &str, kind: &str, scalar: &str) -> Key {
    Key {
        attribute: attribute.into(),
        kind: kind.into(),
        scalar: scalar.into(),
    }
}

fn whole() -> Value {
    let keys = json!([
        {"AttributeName": "id", "KeyType": "HASH"},
        {"AttributeName": "at", "KeyType": "RANGE"},
    ]);
    let projection = json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["b", "a"]});
    let units = |read: i64| json!({"ReadCapacityUnits": read, "WriteCapacityUnits": 5});
    json!({"Table": {
        "TableName": "orders",
        "TableArn": ARN,
        "TableId": "0a",
        "TableStatus": "ACTIVE",
        "ItemCount": 18_412,
        "TableSizeBytes": 4_096,
        "AttributeDefinitions": [
            {"AttributeName": "at", "AttributeType": "N"},
            {"AttributeName": "id", "AttributeType": "S"},
        ],
        "KeySchema": keys,
        "ProvisionedThroughput": units(100),
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        "GlobalSecondaryIndexes": [{"IndexName": "z", "KeySchema": keys, "Projection": projection,
            "IndexStatus": "ACTIVE", "ProvisionedThroughput": units(7)}],
        "LocalSecondaryIndexes": [{"IndexName": "a", "KeySchema": keys,
            "Projection": {"ProjectionType": "ALL"}}],
        "SSEDescription": {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn:k"},
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"},
        "LatestStreamArn": "arn:s",
        "DeletionProtectionEnabled": true,
        "Replicas": [{"RegionName": "us-east-1"}, {"RegionName": "eu-north-1"}],
        "RestoreSummary": {"SourceTableArn": "arn:t", "RestoreDateTime": 1_773_151_499.0,
            "RestoreInProgress": true},
    }})
}

fn units(read: i64) -> Capacity {
    Capacity {
        on_demand: false,
        read,
        write: 5,
        max_read: None,
        max_write: None,
    }
}

#[tokio::test]
async fn a_table_is_read_with_all_that_is_set_of_it() {
    let cx = context(&answers("DescribeTable", &whole()));
    let table = table(&cx.clients, "orders").await.unwrap().unwrap();
    let keys = vec![key("id", "HASH", "S"), key("at", "RANGE", "N")];
    assert_eq!(table.keys, keys);
    let index = |name: &str, local| Index {
        name: name.into(),
        local,
        keys: keys.clone(),
        projection: if local { "ALL" } else { "INCLUDE" }.into(),
        included: if local {
            Vec::new()
        } else {
            vec!["a".into(), "b".into()]
        },
        capacity: (!local).then(|| units(7)),
        status: if local { "" } else { "ACTIVE" }.into(),
    };
    assert_eq!(table.indexes, [index("a", true), index("z", false)]);
    assert_eq!(table.capacity, units(100));
    assert_eq!((table.items, table.bytes), (18_412, 4_096));
    assert_eq!(table.class, "STANDARD_INFREQUENT_ACCESS");
    assert_eq!(table.kms_key.as_deref(), Some("arn:k"));
    assert_eq!(table.stream.as_deref(), Some("KEYS_ONLY"));
    assert_eq!(table.stream_arn.as_deref(), Some("arn:s"));
    assert!(table.deletion_protection);
    assert_eq!(table.replicas, ["eu-north-1", "us-east-1"]);
    let restored = table.restored.unwrap();
    assert_eq!(restored.at.to_string(), "2026-03-10T14:04:59Z");
    assert!(restored.in_progress && restored.from_backup.is_none());
}

#[tokio::test]
async fn what_aws_leaves_out_is_the_usual() {
    let least = json!({"Table": {"TableStatus": "ACTIVE",
        "SSEDescription": {"Status": "ENABLED", "SSEType": "AES256"}}});
    let cx = context(&answers("DescribeTable", &least));
    let table = table(&cx.clients, "orders").await.unwrap().unwrap();
    assert_eq!(table.name, "orders");
    assert_eq!(table.class, "STANDARD");
    assert!(!table.capacity.on_demand && !table.deletion_protection);
    assert_eq!((table.kms_key, table.stream), (None, None));
}

#[tokio::test]
async fn a_table_that_is_not_there_has_nothing() {
    let missing = [
        "DescribeTable",
        "DescribeContinuousBackups",
        "DescribeTimeToLive",
        "ListTagsOfResource",
        "GetResourcePolicy",
        "DescribeKinesisStreamingDestination",
        "DescribeContributorInsights",
    ];
    let recorder = missing.iter().fold(Recorder::default(), |all, call| {
        all.refuses(call, "ResourceNotFoundException")
    });
    let clients = context(&recorder).clients;
    assert_eq!(table(&clients, "orders").await.unwrap(), None);
    let none = recovery(&clients, "orders").await.unwrap();
    assert_eq!((none.days, none.moving), (None, None));
    assert_eq!(time_to_live(&clients, "orders").await.unwrap(), None);
    assert!(tags(&clients, ARN).await.unwrap().is_empty());
    assert_eq!(policy(&clients, ARN).await.unwrap(), None);
    assert!(kinesis(&clients, "orders").await.unwrap().is_empty());
    let of = ["by-day".to_owned()];
    assert!(insights(&clients, "orders", &of).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_may_not_be_read_is_no_answer() {
    let recorder = Recorder::default().refuses("DescribeTable", "AccessDeniedException");
    let clients = context(&recorder).clients;
    assert!(table(&clients, "orders").await.is_err());
}

#[tokio::test]
async fn recovery_has_days_and_a_window_while_it_is_on() {
    let told = |status: &str, days: Option<i32>| {
        let told = json!({"PointInTimeRecoveryStatus": status, "RecoveryPeriodInDays": days,
            "EarliestRestorableDateTime": 1_773_000_000, "LatestRestorableDateTime": 1_773_151_199});
        let whole = json!({"ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": told});
        let answer = json!({"ContinuousBackupsDescription": whole});
        context(&answers("DescribeContinuousBackups", &answer)).clients
    };
    let on = recovery(&told("ENABLED", Some(7)), "orders").await.unwrap();
    assert_eq!(on.days, Some(7));
    let latest = on.moving.unwrap().latest.to_string();
    assert_eq!(latest, "2026-03-10T13:59:59Z");
    let usual = recovery(&told("ENABLED", None), "orders").await.unwrap();
    assert_eq!(usual.days, Some(35));
    let off = recovery(&told("DISABLED", Some(7)), "orders")
        .await
        .unwrap();
    assert_eq!((off.days, off.moving), (None, None));
}

#[tokio::test]
async fn what_nothing_goes_to_any_more_is_left_out() {
    let to = |stream: &str, status: &str| json!({"StreamArn": stream, "DestinationStatus": status});
    let mut exact = to("z", "ACTIVE");
    exact["ApproximateCreationDateTimePrecision"] = json!("MICROSECOND");
    let all = [
        exact,
        to("b", "DISABLED"),
        to("a", "ENABLING"),
        to("c", "ENABLE_FAILED"),
        to("d", "DISABLING"),
        to("u", "UPDATING"),
    ];
    let answer = json!({"TableName": "orders", "KinesisDataStreamDestinations": all});
    let cx = context(&answers("DescribeKinesisStreamingDestination", &answer));
    let one = |stream: &str, precision: Option<&str>| Destination {
        stream: stream.to_owned(),
        precision: precision.map(str::to_owned),
    };
    let used = [
        one("a", None),
        one("u", None),
        one("z", Some("MICROSECOND")),
    ];
    assert_eq!(kinesis(&cx.clients, "orders").await.unwrap(), used);
}

#[tokio::test]
async fn contributor_insights_are_those_of_the_table_and_of_each_index() {
    let told = json!({"ContributorInsightsStatus": "ENABLING",
        "ContributorInsightsMode": "THROTTLED_KEYS"});
    let recorder = answers("DescribeContributorInsights", &told);
    let indexes = ["by-customer".to_owned(), "by-day".to_owned()];
    let clients = context(&recorder).clients;
    let on = insights(&clients, "orders", &indexes).await.unwrap();
    let of = on.iter().map(|one| one.index.as_deref());
    assert!(of.eq([None, Some("by-customer"), Some("by-day")]));
    assert!(
        on.iter()
            .all(|one| one.mode.as_deref() == Some("THROTTLED_KEYS"))
    );
    assert_eq!(recorder.sent().len(), 3);
    for status in ["DISABLED", "DISABLING", "FAILED"] {
        let off = json!({"ContributorInsightsStatus": status});
        let recorder = answers("DescribeContributorInsights", &off);
        let on = insights(&context(&recorder).clients, "orders", &[]).await;
        assert_eq!(on.unwrap(), [], "{status}");
    }
}

#[tokio::test]
async fn a_backup_tells_what_it_keeps() {
    let keys = json!([{"AttributeName": "id", "KeyType": "HASH"}]);
    let units = json!({"ReadCapacityUnits": 0, "WriteCapacityUnits": 0});
    let answer = json!({"BackupDescription": {
        "BackupDetails": {"BackupArn": "arn:b", "BackupName": "by hand", "BackupSizeBytes": 7,
            "BackupStatus": "AVAILABLE", "BackupType": "SYSTEM",
            "BackupCreationDateTime": 1_773_151_499, "BackupExpiryDateTime": 1_776_151_499},
        "SourceTableDetails": {"TableName": "orders", "TableId": "0a", "TableArn": ARN,
            "KeySchema": keys, "TableCreationDateTime": 1_700_000_000,
            "ProvisionedThroughput": units, "BillingMode": "PAY_PER_REQUEST",
            "OnDemandThroughput": {"MaxReadRequestUnits": 40, "MaxWriteRequestUnits": -1}},
        "SourceTableFeatureDetails": {
            "GlobalSecondaryIndexes": [{"IndexName": "i", "KeySchema": keys,
                "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": units}],
            "StreamDescription": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
            "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"},
            "SSEDescription": {"SSEType": "KMS", "KMSMasterKeyArn": "arn:k"},
        },
    }});
    let cx = context(&answers("DescribeBackup", &answer));
    let backup = backup(&cx.clients, "arn:b").await.unwrap().unwrap();
    assert_eq!((backup.kind.as_str(), backup.bytes), ("SYSTEM", 7));
    assert_eq!(backup.table, "orders");
    assert!(backup.expires_at.unwrap() > backup.taken_at);
    assert_eq!(backup.capacity.max_read, Some(40));
    assert_eq!(backup.capacity.max_write, None);
    assert_eq!(backup.keys, [key("id", "HASH", "")]);
    let index = &backup.indexes.as_ref().unwrap()[0];
    assert!(index.capacity.as_ref().unwrap().on_demand);
    assert_eq!(backup.ttl.as_deref(), Some("expires_at"));
    assert_eq!(backup.stream.as_deref(), Some("NEW_IMAGE"));
    assert_eq!(backup.kms_key.as_deref(), Some("arn:k"));
}

#[tokio::test]
async fn backups_of_every_kind_are_listed_once_and_newest_first() {
    let row = |arn: &str, at: i64| json!({"BackupArn": arn, "BackupCreationDateTime": at, "BackupStatus": "AVAILABLE"});
    let rows = json!({"BackupSummaries": [row("old", 1_700_000_000), row("new", 1_773_000_000)]});
    let recorder = answers("ListBackups", &rows);
    let cx = context(&recorder);
    let rows = backups_of(&cx.clients, "orders").await.unwrap();
    let arns: Vec<&str> = rows.iter().map(|row| row.arn.as_str()).collect();
    assert_eq!(arns, ["new", "old"]);
    let asked = recorder.sent().into_iter().map(|sent| {
        let sent: Value = serde_json::from_str(&sent.body).unwrap();
        assert_eq!(sent["TableName"], "orders");
        sent["BackupType"].clone()
    });
    assert_eq!(asked.collect::<Vec<_>>(), ["ALL", "AWS_BACKUP"]);
}

#[tokio::test]
async fn of_a_parameter_is_kept_whether_it_names_the_table_and_no_more() {
    for (value, holds) in [("orders", "name"), (ARN, "arn"), ("a secret", "other")] {
        let told = json!({"Parameter": {"Type": "String", "Value": value, "Version": 3}});
        let recorder = answers("GetParameter", &told);
        let cx = context(&recorder);
        let found = parameter(&cx.clients, "p", "orders", ARN).await.unwrap();
        let found = serde_json::to_value(found.unwrap()).unwrap();
        let wanted = json!({"kind": "String", "version": 3, "holds": holds});
        assert_eq!(found, wanted);
        let asked: Value = serde_json::from_str(&recorder.sent()[0].body).unwrap();
        assert_eq!(asked, json!({"Name": "p"}));
    }
}
