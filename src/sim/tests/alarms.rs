//! Alarms of `CloudWatch`: put, told page by page, muted and unmuted, in the protocol that the SDK speaks with it.
//! None of them ever goes off.

use aws_sdk_cloudwatch::operation::describe_alarms::builders::DescribeAlarmsFluentBuilder;
use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{AlarmType, ComparisonOperator, Dimension, Statistic};
use serde_json::{Value, json};

use super::support::{ACCOUNT, Bench, REGION, code, message};
use crate::sim::{Fault, On};

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
[[place.composite-alarm]]
name = "over"
rule = "ALARM(plain)"
[[place.table]]
name = "near"
[[place.table.alarm]]
name = "plain"
metric = "WriteThrottleEvents"
threshold = 10.0
actions = ["arn:aws:sns:eu-west-1:111122223333:oncall"]
[[place.table.alarm]]
name = "share"
expression = "a / b"
with = { a = "SystemErrors", b = "UserErrors" }
threshold = 0.5
muted = true
"#,
    )
}

fn describe(bench: &Bench) -> DescribeAlarmsFluentBuilder {
    bench.cloudwatch.describe_alarms()
}

fn put(bench: &Bench, name: &str) -> PutMetricAlarmFluentBuilder {
    let of = Dimension::builder().name("TableName").value("near").build();
    bench
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(name)
        .namespace("AWS/DynamoDB")
        .metric_name("ReadThrottleEvents")
        .dimensions(of)
        .statistic(Statistic::Sum)
        .period(60)
        .evaluation_periods(2)
        .threshold(70.0)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
}

async fn names(call: DescribeAlarmsFluentBuilder) -> Vec<String> {
    let told = call.send().await.unwrap();
    let metric = told.metric_alarms().iter().map(|one| one.alarm_name());
    let over = told.composite_alarms().iter().map(|one| one.alarm_name());
    metric
        .chain(over)
        .map(|name| name.unwrap().to_owned())
        .collect()
}

fn picture(bench: &Bench) -> Value {
    bench.aws.picture()[format!("{ACCOUNT}/{REGION}")]["tables"]["near"]["alarms"].clone()
}

#[tokio::test(start_paused = true)]
async fn alarms_are_told_by_type_by_name_and_by_how_their_names_begin() {
    let bench = bench();
    assert_eq!(names(describe(&bench)).await, ["plain", "share"]);
    let both = || {
        let call = describe(&bench).alarm_types(AlarmType::MetricAlarm);
        call.alarm_types(AlarmType::CompositeAlarm)
    };
    assert_eq!(names(both()).await, ["plain", "share", "over"]);
    assert_eq!(names(both().alarm_names("over")).await, ["over"]);
    assert_eq!(names(both().alarm_name_prefix("pl")).await, ["plain"]);
    let told = describe(&bench).alarm_names("share").send().await.unwrap();
    let share = &told.metric_alarms()[0];
    assert_eq!(
        (share.actions_enabled(), share.threshold()),
        (Some(false), Some(0.5))
    );
    assert_eq!(share.metrics()[0].expression(), Some("a / b"));
    let stat = share.metrics()[1].metric_stat().unwrap();
    assert_eq!(stat.metric().unwrap().dimensions()[0].value(), Some("near"));
    assert!(share.alarm_arn().unwrap().ends_with(":alarm:share"));
}

#[tokio::test(start_paused = true)]
async fn a_page_has_as_many_alarms_as_were_asked_for() {
    let bench = bench();
    for number in 0..102 {
        let name = format!("more-{number:03}");
        put(&bench, &name).send().await.unwrap();
    }
    let page = |most: Option<i32>, next: Option<String>| {
        let call = describe(&bench).set_max_records(most);
        call.set_next_token(next).send()
    };
    let usual = page(None, None).await.unwrap();
    assert_eq!(usual.metric_alarms().len(), 50);
    let first = page(Some(100), None).await.unwrap();
    assert_eq!(first.metric_alarms().len(), 100);
    let last = page(Some(100), first.next_token).await.unwrap();
    assert_eq!((last.metric_alarms().len(), last.next_token), (4, None));
    assert_eq!(code(page(Some(101), None).await), "ValidationError");
    assert_eq!(
        code(page(None, Some("no".into())).await),
        "InvalidNextToken"
    );
}

#[tokio::test(start_paused = true)]
async fn an_alarm_is_put_over_another_and_never_over_one_of_another_type() {
    let bench = bench();
    put(&bench, "plain")
        .actions_enabled(false)
        .send()
        .await
        .unwrap();
    let pictured = picture(&bench);
    assert_eq!(
        pictured["plain"]["metric"],
        json!(["AWS/DynamoDB", "ReadThrottleEvents"])
    );
    assert_eq!(pictured["plain"]["acts"], false);
    assert_eq!(
        pictured["plain"]["dimensions"],
        json!({"TableName": "TABLE"})
    );
    let sent = bench.aws.calls().pop().unwrap();
    assert_eq!(
        (sent.service.as_str(), sent.took_effect),
        ("CloudWatch", true)
    );
    assert_eq!(sent.parameters["Threshold"], "70.0");
    assert_eq!(sent.parameters["Dimensions.1.Value"], "near");
    put(&bench, "plain")
        .actions_enabled(false)
        .send()
        .await
        .unwrap();
    assert!(!bench.aws.calls().pop().unwrap().took_effect);
    assert_eq!(code(put(&bench, "over").send().await), "ValidationError");
    let lacking = put(&bench, "other").set_evaluation_periods(None);
    assert_eq!(code(lacking.send().await), "ValidationError");
    let twice = put(&bench, "other").extended_statistic("p99");
    assert_eq!(code(twice.send().await), "ValidationError");
    assert_eq!(
        code(put(&bench, &"a".repeat(256)).send().await),
        "ValidationError"
    );
}

#[tokio::test(start_paused = true)]
async fn actions_are_enabled_and_disabled_and_names_of_nothing_passed_over() {
    let bench = bench();
    let enable = bench.cloudwatch.enable_alarm_actions();
    enable
        .alarm_names("share")
        .alarm_names("none")
        .send()
        .await
        .unwrap();
    assert_eq!(picture(&bench)["share"]["acts"], true);
    let disable = bench.cloudwatch.disable_alarm_actions();
    disable.clone().alarm_names("plain").send().await.unwrap();
    assert_eq!(picture(&bench)["plain"]["acts"], false);
    disable.alarm_names("plain").send().await.unwrap();
    assert!(!bench.aws.calls().pop().unwrap().took_effect);
    let many = vec!["a".to_owned(); 101];
    let enable = bench.cloudwatch.enable_alarm_actions();
    let refused = enable.set_alarm_names(Some(many)).send().await;
    assert_eq!(code(refused), "ValidationError");
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_is_read_as_the_service_says_it() {
    let bench = bench();
    let on = || On::operation("PutMetricAlarm").service("CloudWatch");
    for (fault, wanted) in [
        (Fault::Throttled, "Throttling"),
        (Fault::Unauthorized, "AccessDenied"),
        (Fault::ExpiredCredentials, "ExpiredToken"),
        (Fault::ServerErrorBeforeEffect, "ServiceUnavailable"),
    ] {
        bench.aws.faults().inject(on(), fault);
        assert_eq!(code(put(&bench, "new").send().await), wanted);
    }
    bench.aws.faults().inject(on(), Fault::Unauthorized);
    let said = message(put(&bench, "new").send().await);
    assert!(said.contains("cloudwatch:PutMetricAlarm"), "{said}");
    let read = On::operation("DescribeAlarms");
    bench.aws.faults().inject(read, Fault::UnreadableBody);
    describe(&bench).send().await.unwrap_err();
    assert_eq!(names(describe(&bench)).await, ["plain", "share"]);
}
