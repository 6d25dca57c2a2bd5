//! Records of Route 53: batches that are made wholly or not at all, and zones of one name.
//! In the scenario `web` the domain has a public zone and a private one.

use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

use super::support::{Bench, code, message};

const PUBLIC: &str = "Z0294157QK3ZP8DV61MX";

fn record(name: &str, kind: &str, ttl: i64, value: &str) -> ResourceRecordSet {
    let value = ResourceRecord::builder().value(value).build().unwrap();
    let record = ResourceRecordSet::builder()
        .name(name)
        .r#type(RrType::from(kind));
    record.ttl(ttl).resource_records(value).build().unwrap()
}

fn change(action: ChangeAction, record: ResourceRecordSet) -> Change {
    let change = Change::builder().action(action);
    change.resource_record_set(record).build().unwrap()
}

fn shop(ttl: i64, value: &str) -> ResourceRecordSet {
    record("shop.acme.example", "A", ttl, value)
}

async fn records(bench: &Bench) -> Vec<ResourceRecordSet> {
    let read = bench
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(PUBLIC);
    read.send().await.unwrap().resource_record_sets
}

macro_rules! submit {
    ($bench:expr, $zone:expr, $($change:expr),*) => {{
        let batch = ChangeBatch::builder()$(.changes($change))*.build().unwrap();
        let request = $bench.route53.change_resource_record_sets();
        request.hosted_zone_id($zone).change_batch(batch).send().await
    }};
}

#[tokio::test(start_paused = true)]
async fn a_batch_compares_and_swaps() {
    let bench = Bench::scenario("web");
    let delete = |record| change(ChangeAction::Delete, record);
    let create = |record| change(ChangeAction::Create, record);
    let stale = delete(shop(300, "203.0.113.81"));
    let refused = submit!(bench, PUBLIC, stale, create(shop(300, "203.0.113.9")));
    assert_eq!(code(refused), "InvalidChangeBatch");
    let was = records(&bench).await;
    let old = was
        .iter()
        .find(|one| one.name() == "shop.acme.example.")
        .unwrap();
    assert_eq!(
        old.resource_records()[0].value(),
        "203.0.113.80",
        "nothing was changed"
    );
    let exact = delete(shop(300, "203.0.113.80"));
    let told = submit!(bench, PUBLIC, exact, create(shop(60, "203.0.113.9"))).unwrap();
    let info = told.change_info.unwrap();
    assert_eq!(info.status().as_str(), "PENDING");
    let now = records(&bench).await;
    let new = now
        .iter()
        .find(|one| one.name() == "shop.acme.example.")
        .unwrap();
    assert_eq!(
        (new.ttl(), new.resource_records()[0].value()),
        (Some(60), "203.0.113.9")
    );
    let read = || bench.route53.get_change().id(info.id());
    bench.wait(39).await;
    let status = read().send().await.unwrap().change_info.unwrap();
    assert_eq!(status.status().as_str(), "PENDING");
    bench.wait(2).await;
    let status = read().send().await.unwrap().change_info.unwrap();
    assert_eq!(status.status().as_str(), "INSYNC");
    let unknown = bench.route53.get_change().id("C0").send().await;
    assert_eq!(code(unknown), "NoSuchChange");
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_the_zone_is_refused_in_the_words_of_route_53() {
    let bench = Bench::scenario("web");
    let create = |record| change(ChangeAction::Create, record);
    let there = submit!(bench, PUBLIC, create(shop(300, "203.0.113.80")));
    assert!(message(there).contains("but it already exists"));
    let other = create(record("shop.other.example", "A", 60, "192.0.2.1"));
    assert!(message(submit!(bench, PUBLIC, other)).contains("is not permitted in zone"));
    let cname = create(record("shop.acme.example", "CNAME", 60, "x.example"));
    assert!(message(submit!(bench, PUBLIC, cname)).contains("conflicting RRSet"));
    let simple = create(record("images.acme.example", "A", 60, "192.0.2.1"));
    assert!(message(submit!(bench, PUBLIC, simple)).contains("conflicting RRSet"));
    let gone = change(
        ChangeAction::Delete,
        record("x.acme.example", "A", 60, "192.0.2.1"),
    );
    assert!(message(submit!(bench, PUBLIC, gone)).contains("but it was not found"));
    let empty = ResourceRecordSet::builder()
        .name("x.acme.example")
        .r#type(RrType::A);
    let empty = create(empty.build().unwrap());
    assert_eq!(code(submit!(bench, PUBLIC, empty)), "InvalidChangeBatch");
    let nowhere = submit!(bench, "Z0", create(shop(60, "192.0.2.1")));
    assert_eq!(code(nowhere), "NoSuchHostedZone");
    assert_eq!(records(&bench).await.len(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_alias_has_no_time_to_live_and_a_weighted_set_is_changed_by_its_identifier() {
    let bench = Bench::scenario("web");
    let alias = AliasTarget::builder()
        .hosted_zone_id("Z32O12XQLNTSW2")
        .dns_name("shop-front.eu-west-1.elb.amazonaws.com")
        .evaluate_target_health(false);
    let front = ResourceRecordSet::builder()
        .name("Front.Acme.example")
        .r#type(RrType::A);
    let front = front.alias_target(alias.build().unwrap()).build().unwrap();
    submit!(bench, PUBLIC, change(ChangeAction::Upsert, front)).unwrap();
    let mut heavier = record("images.acme.example", "A", 60, "203.0.113.9");
    heavier.set_identifier = Some("web-1".to_owned());
    heavier.weight = Some(90);
    submit!(bench, PUBLIC, change(ChangeAction::Upsert, heavier)).unwrap();
    let all = records(&bench).await;
    let values = |name: &str| {
        let sets = all.iter().filter(|one| one.name() == name);
        let mut values: Vec<_> = sets.flat_map(ResourceRecordSet::resource_records).collect();
        values.sort_by_key(|value| value.value().to_owned());
        values
            .iter()
            .map(|value| value.value().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        values("images.acme.example."),
        ["192.0.2.14", "203.0.113.9"]
    );
    let front = all
        .iter()
        .find(|one| one.name() == "front.acme.example.")
        .unwrap();
    assert_eq!(front.ttl(), None);
    assert!(front.alias_target().is_some());
}

#[tokio::test(start_paused = true)]
async fn two_zones_may_have_one_name_and_listings_come_in_pages() {
    let bench = Bench::scenario("web");
    let read = bench
        .route53
        .list_hosted_zones_by_name()
        .dns_name("acme.example");
    let zones = read.send().await.unwrap().hosted_zones;
    let private: Vec<_> = zones
        .iter()
        .map(|zone| zone.config().unwrap().private_zone())
        .collect();
    assert_eq!(private.len(), 2);
    assert!(private.contains(&true) && private.contains(&false));
    let first = bench
        .route53
        .list_hosted_zones()
        .max_items(1)
        .send()
        .await
        .unwrap();
    assert!(first.is_truncated());
    let rest = bench
        .route53
        .list_hosted_zones()
        .marker(first.next_marker().unwrap());
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.hosted_zones().len(), rest.is_truncated()), (1, false));
    let list = || {
        bench
            .route53
            .list_resource_record_sets()
            .hosted_zone_id(PUBLIC)
            .max_items(2)
    };
    let mut seen = Vec::new();
    let mut page = list().send().await.unwrap();
    loop {
        seen.extend(
            page.resource_record_sets
                .iter()
                .map(|one| one.name().to_owned()),
        );
        if !page.is_truncated {
            break;
        }
        let next = list()
            .set_start_record_name(page.next_record_name)
            .set_start_record_type(page.next_record_type)
            .set_start_record_identifier(page.next_record_identifier);
        page = next.send().await.unwrap();
    }
    let names = [
        "acme.",
        "images.acme.",
        "images.acme.",
        "shop.acme.",
        "www.acme.",
    ];
    assert_eq!(seen, names.map(|name| format!("{name}example.")));
}
