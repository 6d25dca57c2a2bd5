//! Policies of users, groups and roles, read page by page; none can be changed.
//! Documents come encoded.

use aws_sdk_iam::types::{EntityType, PolicyVersion};

use super::support::{ACCOUNT, Bench, REGION, code};
use crate::sim::{Fault, On};

const CALL: &str = "GetAccountAuthorizationDetails";

#[tokio::test(start_paused = true)]
async fn pages_hold_fewer_than_were_asked_for_and_together_all() {
    let bench = Bench::prompt("table");
    let (mut names, mut pages, mut marker) = (Vec::new(), 0, None);
    loop {
        let read = bench.iam.get_account_authorization_details();
        let page = read.max_items(1_000).set_marker(marker).send().await;
        let page = page.unwrap();
        pages += 1;
        let groups = page.group_detail_list().iter();
        names.extend(groups.map(|one| one.group_name().unwrap().to_owned()));
        let roles = page.role_detail_list().iter();
        names.extend(roles.map(|one| one.role_name().unwrap().to_owned()));
        let policies = page.policies().iter();
        names.extend(policies.map(|one| one.policy_name().unwrap().to_owned()));
        assert_eq!(page.is_truncated(), page.marker().is_some());
        marker = page.marker;
        if marker.is_none() {
            break;
        }
    }
    let wanted = [
        "developers",
        "reporting",
        "shop-api",
        "orders-read",
        "shop-tables",
    ];
    assert_eq!(
        (names.as_slice(), pages),
        (&wanted.map(str::to_owned)[..], 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_filter_leaves_the_others_out_and_the_last_version_is_the_default() {
    let bench = Bench::prompt("table");
    let read = bench.iam.get_account_authorization_details();
    let page = read.filter(EntityType::LocalManagedPolicy).send().await;
    let page = page.unwrap();
    assert!(page.role_detail_list().is_empty());
    let policy = &page.policies()[0];
    assert_eq!(policy.default_version_id(), Some("v2"));
    let defaults: Vec<bool> = policy
        .policy_version_list()
        .iter()
        .map(PolicyVersion::is_default_version)
        .collect();
    assert_eq!(defaults, [false, true]);
    let document = policy.policy_version_list()[1].document().unwrap();
    assert!(
        document.contains("%22Resource%22%3A%5B%22arn%3Aaws%3Adynamodb%3A"),
        "{document}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_says_so_as_the_service_does() {
    let bench = Bench::prompt("table");
    let read = || bench.iam.get_account_authorization_details();
    assert_eq!(code(read().max_items(0).send().await), "ValidationError");
    assert_eq!(code(read().marker("x").send().await), "ValidationError");
    for (fault, wanted) in [
        (Fault::Unauthorized, "AccessDenied"),
        (Fault::Throttled, "Throttling"),
        (Fault::ExpiredCredentials, "ExpiredToken"),
    ] {
        bench.aws.faults().inject(On::operation(CALL), fault);
        assert_eq!(code(read().send().await), wanted);
    }
    read().send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_account_that_nobody_described_has_none_and_stays_as_it_is() {
    let bench = Bench::scenario("lost-volume");
    let before = bench.aws.picture();
    let page = bench.iam.get_account_authorization_details().send().await;
    let page = page.unwrap();
    assert!(page.policies().is_empty() && !page.is_truncated());
    assert_eq!(bench.aws.picture(), before);
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_somebody_puts_is_there_at_once() {
    let bench = Bench::prompt("table");
    bench.aws.third_party(ACCOUNT, REGION, |hands| {
        hands.put_role_policy("shop-api", "orders-write", "{}");
    });
    let picture = bench.aws.picture();
    let role = &picture[format!("{ACCOUNT}/iam")]["roles"]["shop-api"];
    assert_eq!(role["inline"]["orders-write"], "{}");
}
