//! What the operator chooses instead of what was there before.

use defib::restore::flow::FlowError;
use serde_json::{Value, json};

use super::{Variant, of_volume, open, there_and_back};
use crate::cases::each;

const LEDGER_KEY: &str =
    "arn:aws:kms:eu-west-1:111122223333:key/11111111-0000-4000-8000-000000000001";
const OTHER_KEY: &str =
    "arn:aws:kms:eu-west-1:111122223333:key/22222222-0000-4000-8000-000000000002";

/// The old volume has fewer IOPS than every gp3 volume.
fn to_general_purpose() -> Variant {
    of_volume(
        "estate",
        "vol-0000000000000a002",
        "from io2 to gp3, encrypted",
    )
    .say("volume-type", "gp3")
    .say("throughput", "250")
    .say("kms-key", "alias/ledger")
    .becomes("type", json!("gp3"))
    .becomes("iops", json!(3000))
    .becomes("throughput", json!(250))
    .becomes("kms_key_id", json!(LEDGER_KEY))
}

#[test]
fn what_the_operator_chooses_is_what_comes_of_it() {
    let ledger = |name| of_volume("estate", "vol-0000000000000a001", name);
    let mut unsafe_one = ledger("no safety snapshot").say("no-safety-snapshot", "true");
    unsafe_one.swap.safety = false;
    let mut unsafe_unmounted = ledger("no safety snapshot, unmounted")
        .say("no-safety-snapshot", "true")
        .unmounted();
    unsafe_unmounted.swap.safety = false;
    let mut later = ledger("kept longer").say("keep-until", "2026-06-30");
    later.swap.keep_until = "2026-06-30".to_owned();
    let mut kept = ledger("not deleted with its instance").say("delete-on-termination", "no");
    kept.swap.delete = false;
    let mut deleted = of_volume(
        "bad-deploy",
        "orders-db-data",
        "deleted with its instance from now on",
    )
    .say("delete-on-termination", "yes");
    deleted.swap.delete = true;
    let all = ledger("another type, IOPS, size and key")
        .say("volume-type", "io2")
        .say("iops", "4000")
        .say("size", "250")
        .say("kms-key", "alias/other")
        .becomes("type", json!("io2"))
        .becomes("iops", json!(4000))
        .becomes("throughput", Value::Null)
        .becomes("size", json!(250))
        .becomes("kms_key_id", json!(OTHER_KEY));
    let faster = ledger("more IOPS and throughput")
        .say("volume-type", "gp3")
        .say("iops", "9000")
        .say("throughput", "600")
        .becomes("iops", json!(9000))
        .becomes("throughput", json!(600));
    let filled = ledger("filled at a rate")
        .say("initialization-rate", "200")
        .becomes("initialization_rate", json!(200));
    let cases = [
        unsafe_one,
        unsafe_unmounted,
        later,
        kept,
        deleted,
        all,
        faster,
        to_general_purpose(),
        filled,
    ];
    each("variants: choices", 9, &cases, there_and_back);
}

#[test]
fn a_choice_that_does_not_fit_is_refused_by_its_name() {
    let cases: &[(&str, &str, &str)] = &[
        ("volume-type", "gp9", "volume-type"),
        ("volume-type", "io2", "iops"),
        ("iops", "many", "iops"),
        ("throughput", "0", "throughput"),
        ("size", "100", "size"),
        ("keep-until", "2026-03-13", "keep-until"),
        ("keep-until", "soon", "keep-until"),
        ("delete-on-termination", "perhaps", "delete-on-termination"),
        ("initialization-rate", "99", "initialization-rate"),
        ("mode", "pray", "mode"),
        ("device", "/dev/sdz9", "device"),
        ("device", "/dev/xvdf", "device"),
        ("device", "nvme1n1", "device"),
        ("snapshot", "snap-1", "snapshot"),
        ("instance", "ledger", "instance"),
    ];
    // A root that cannot be unmounted has a snapshot of its own.
    let root = [("snapshot", "snap-0000000000000a000"), ("mode", "unmount")];
    let error = open("estate").plan(&root).unwrap_err();
    assert!(matches!(&error, FlowError::Choice { field, .. } if field == "mode"));
    // The io2 volume carries its IOPS over, the st1 volume has none to carry.
    each(
        "variants: choices that do not fit",
        15,
        cases,
        |(field, value, named)| {
            let mut stage = open("estate");
            let snapshot = match *field {
                "volume-type" => "snap-0000000000000a003",
                _other => "snap-0000000000000a001",
            };
            let before = stage.picture();
            let error = stage.plan(&[("snapshot", snapshot), (*field, *value)]);
            let error = error.expect_err(value);
            let said = matches!(&error, FlowError::Choice { field, .. } if field == named);
            assert!(said, "{field} {value}: {error}");
            assert_eq!(stage.picture(), before, "{field} {value}");
            let mutations = stage
                .aws
                .calls()
                .iter()
                .filter(|call| call.took_effect)
                .count();
            assert_eq!(mutations, 0, "{field} {value}");
        },
    );
}
