//! What a change of a record makes of what it finds.
//! AWS answers by documents that are written here.

use serde_json::{Value, json};

use super::{ChangeRecord, RecordSet};
use crate::domain::failure::{Effect, FailureClass};
use crate::domain::plan::Ref;
use crate::restore::operation::{AnyOperation, Operation, Probe};
use crate::restore::operations::recorder::{Recorder, context};

const RECORDS: &str = "GET /2013-04-01/hostedzone/Z1/rrset";
const CHANGE: &str = "GET /2013-04-01/change/C1";

fn record(value: &str) -> RecordSet {
    RecordSet {
        name: "www.example.com.".into(),
        kind: "A".into(),
        ttl: 300,
        values: vec![Ref::Known(value.into())],
        set: None,
        weight: None,
        region: None,
        failover: None,
        multi_value: None,
        location: None,
        health_check: None,
    }
}

fn change() -> ChangeRecord {
    ChangeRecord {
        until_forgotten: true,
        zone: "Z1".into(),
        old: record("10.0.0.5"),
        new: record("10.0.0.9"),
    }
}

fn found(name: &str, kind: &str, ttl: i64, value: &str) -> String {
    format!(
        "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet>\
         <Name>{name}</Name><Type>{kind}</Type><TTL>{ttl}</TTL><ResourceRecords>\
         <ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords>\
         </ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated>\
         <MaxItems>1</MaxItems></ListResourceRecordSetsResponse>"
    )
}

fn change_of(status: &str, submitted: jiff::Timestamp) -> String {
    format!(
        "<GetChangeResponse><ChangeInfo><Id>/change/C1</Id><Status>{status}</Status>\
         <SubmittedAt>{submitted:.0}</SubmittedAt></ChangeInfo></GetChangeResponse>"
    )
}

async fn probe(document: &str) -> Probe<Value> {
    let recorder = Recorder::default().answers(RECORDS, document);
    recorder.probe(&change()).await
}

#[tokio::test]
async fn a_record_is_the_old_one_the_new_one_or_somebody_elses() {
    let old = probe(&found("www.example.com.", "A", 300, "10.0.0.5")).await;
    assert!(matches!(old, Probe::Absent { .. }), "{old:?}");
    let new = probe(&found("www.example.com.", "A", 300, "10.0.0.9")).await;
    assert!(matches!(new, Probe::Present { .. }), "{new:?}");
    for other in [
        found("www.example.com.", "A", 300, "10.0.0.7"),
        found("www.example.com.", "A", 60, "10.0.0.5"),
        found("www.example.com.", "AAAA", 300, "10.0.0.5"),
        found("xxx.example.com.", "A", 300, "10.0.0.5"),
    ] {
        let seen = probe(&other).await;
        assert!(matches!(seen, Probe::Conflict(_)), "{seen:?}");
    }
}

#[tokio::test]
async fn a_change_is_done_when_every_resolver_has_lost_the_old_answer() {
    let now = crate::clock::Clock::real().now();
    let ago = |seconds| now - jiff::SignedDuration::from_secs(seconds);
    let seen = |status: &'static str, submitted| async move {
        let new = found("www.example.com.", "A", 300, "10.0.0.9");
        let recorder = Recorder::default().answers(RECORDS, &new);
        let recorder = recorder.answers(CHANGE, &change_of(status, submitted));
        let mut cx = context(&recorder);
        cx.accepted = json!({"change": "C1"});
        AnyOperation::probe(&change(), &cx).await.unwrap()
    };
    let pending = seen("PENDING", ago(9000)).await;
    assert!(matches!(pending, Probe::InProgress { .. }), "{pending:?}");
    let Probe::InProgress { detail, .. } = seen("INSYNC", ago(10)).await else {
        panic!("the old answer lives on");
    };
    assert!(detail.starts_with("INSYNC"), "{detail}");
    let over = seen("INSYNC", ago(400)).await;
    assert!(matches!(over, Probe::Present { .. }), "{over:?}");
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_waits_for_the_old_answer_all_the_same() {
    let now = crate::clock::Clock::real().now();
    let seen = |seconds| async move {
        let new = found("www.example.com.", "A", 300, "10.0.0.9");
        let mut cx = context(&Recorder::default().answers(RECORDS, &new));
        cx.sent_at = Some(now - jiff::SignedDuration::from_secs(seconds));
        AnyOperation::probe(&change(), &cx).await.unwrap()
    };
    let soon = seen(10).await;
    assert!(matches!(soon, Probe::InProgress { .. }), "{soon:?}");
    let over = seen(400).await;
    assert!(matches!(over, Probe::Present { .. }), "{over:?}");
}

#[test]
fn the_old_answer_lives_for_its_own_time_from_when_all_servers_have_the_new_one() {
    assert_eq!(change().left(1000, 1000), 360);
    assert_eq!(change().left(1000, 1359), 1);
    assert!(change().left(1000, 1360) <= 0);
}

#[tokio::test]
async fn a_batch_deletes_the_old_and_creates_the_new_and_nothing_with_a_hole_in_it_is_sent() {
    let recorder = Recorder::default();
    let _ = AnyOperation::issue(&change(), &context(&recorder)).await;
    let sent = recorder.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].action, "POST /2013-04-01/hostedzone/Z1/rrset");
    let delete = sent[0].body.find("<Action>DELETE</Action>").unwrap();
    let create = sent[0].body.find("<Action>CREATE</Action>").unwrap();
    assert!(delete < create, "{}", sent[0].body);
    let open = ChangeRecord {
        until_forgotten: true,
        new: RecordSet {
            values: vec![Ref::output("launch", "private_ip")],
            ..record("")
        },
        ..change()
    };
    let recorder = Recorder::default();
    let failure = AnyOperation::issue(&open, &context(&recorder)).await;
    let failure = failure.unwrap_err();
    assert_eq!(
        (failure.class, failure.effect),
        (FailureClass::Refused, Effect::None)
    );
    assert!(recorder.sent().is_empty());
    assert!(Operation::call(&open).input.to_string().contains("$output"));
}
