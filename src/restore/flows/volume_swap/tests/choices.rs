//! Choices that do not fit are refused with a sentence, and nothing is planned.
//! The sentence names what was given and what would do.

use crate::restore::flow::FlowError;

use super::super::SwapFacts;
use super::super::target::{instance_id, snapshot_id};
use super::fixtures::*;

/// The field that is refused and the sentence about it.
fn refused(facts: &SwapFacts, pairs: &[(&str, &str)]) -> (String, String) {
    match try_plan(facts, pairs) {
        Err(FlowError::Choice { field, why }) => (field, why),
        other => panic!("{pairs:?}: {other:?}"),
    }
}

#[test]
fn a_value_that_does_not_fit_is_refused_by_its_field() {
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
    let table: &[Row] = &[
        (&[("mode", "sideways")], "mode", "unmount"),
        (&[("volume-type", "gp9")], "volume-type", "gp3"),
        (&[("size", "many")], "size", "whole number"),
        (&[("size", "0")], "size", "above 0"),
        (&[("size", "199")], "size", "200 GiB of the snapshot"),
        (&[("size", "99999999999")], "size", "whole number"),
        (&[("iops", "-1")], "iops", "above 0"),
        (&[("volume-type", "gp2"), ("iops", "3000")], "iops", "gp2"),
        (
            &[("volume-type", "io2"), ("throughput", "200")],
            "throughput",
            "io2",
        ),
        (
            &[("initialization-rate", "99")],
            "initialization-rate",
            "100",
        ),
        (
            &[("initialization-rate", "301")],
            "initialization-rate",
            "300",
        ),
        (&[("keep-until", "soon")], "keep-until", "2026-03-08"),
        (&[("keep-until", "2026-02-28")], "keep-until", "passed"),
        (
            &[("keep-until", "2026-03-01T02:29:59Z")],
            "keep-until",
            "passed",
        ),
        (
            &[("delete-on-termination", "maybe")],
            "delete-on-termination",
            "yes nor no",
        ),
        (
            &[("instance", "i-0ddddddddddddddddd")],
            "instance",
            "observed",
        ),
        (
            &[("snapshot", "snap-0eeeeeeeeeeeeeeee")],
            "snapshot",
            "observed",
        ),
        (
            &[("mode", "beside"), ("device", "/dev/sdf")],
            "device",
            DATA,
        ),
    ];
    for (pairs, field, part) in table {
        let (refused, why) = refused(&facts(), pairs);
        assert_eq!(&refused, field, "{why}");
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn numbers_that_aws_would_refuse_together_are_refused_by_the_nearest_chosen_field() {
    type Row<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);
    let table: &[Row] = &[
        (&[("iops", "999999")], "iops", "3000 to 80000 IOPS"),
        (&[("iops", "2999")], "iops", "3000 to 80000 IOPS"),
        (&[("throughput", "10")], "throughput", "125 to 1500 MiB/s"),
        (&[("throughput", "1501")], "throughput", "125 to 1500 MiB/s"),
        (
            &[("throughput", "2001"), ("iops", "80000")],
            "throughput",
            "125 to 2000 MiB/s",
        ),
        // What was carried over does not fit what was chosen.
        (
            &[("volume-type", "io1"), ("iops", "10001")],
            "iops",
            "100 to 10000 IOPS",
        ),
        (
            &[("volume-type", "io2"), ("iops", "200001")],
            "iops",
            "100 to 200000 IOPS",
        ),
        (&[("size", "65537")], "size", "1 to 65536 GiB"),
        (
            &[("volume-type", "gp2"), ("size", "16385")],
            "size",
            "1 to 16384 GiB",
        ),
        (
            &[("volume-type", "standard"), ("size", "1025")],
            "size",
            "1 to 1024 GiB",
        ),
    ];
    for (pairs, field, part) in table {
        let (refused, why) = refused(&facts(), pairs);
        assert_eq!(&refused, field, "{why}");
        assert!(why.contains(part), "{why}");
    }
    let mut facts = facts();
    facts.volumes[0].iops = Some(16_000);
    let (field, why) = refused(&facts, &[("volume-type", "io1")]);
    assert_eq!(field, "volume-type", "{why}");
    let (field, why) = refused(&small(), &[("volume-type", "st1")]);
    assert_eq!(field, "volume-type", "{why}");
    assert!(why.contains("125 to 16384 GiB"), "{why}");
}

/// A volume of 8 GiB.
fn small() -> SwapFacts {
    let mut facts = facts();
    facts.snapshot.size = 8;
    facts.volumes[0].size = 8;
    facts.volumes[0].iops = Some(3000);
    facts
}

#[test]
fn numbers_at_the_limits_are_planned() {
    let table: &[&[(&str, &str)]] = &[
        &[("iops", "80000"), ("throughput", "2000")],
        &[("iops", "3000"), ("throughput", "750")],
        &[("throughput", "125")],
        &[("volume-type", "io1"), ("iops", "10000")],
        &[("volume-type", "io2"), ("iops", "200000")],
        &[("volume-type", "gp2"), ("size", "16384")],
        &[("volume-type", "st1")],
        &[("size", "65536")],
    ];
    for pairs in table {
        plan(&facts(), pairs);
    }
    // The base of gp3 is there whatever the size is.
    plan(&small(), &[("throughput", "250")]);
}

#[test]
fn an_io_volume_without_a_number_of_iops_is_refused() {
    let mut facts = facts();
    facts.volumes[0].volume_type = "gp2".into();
    let (field, _) = refused(&facts, &[("volume-type", "io1")]);
    assert_eq!(field, "iops");
}

#[test]
fn ids_are_checked_before_anything_is_asked() {
    for bad in [
        "snap-",
        "snap-xyz",
        "vol-0123456789abcdef0",
        "snap-0123456789abcdef0 ",
        "",
    ] {
        assert!(
            snapshot_id(&choices(&[("snapshot", bad)])).is_err(),
            "{bad:?}"
        );
    }
    assert!(snapshot_id(&choices(&[("snapshot", "snap-01234567")])).is_ok());
    assert!(instance_id(&choices(&[("instance", "web-1")])).is_err());
    assert!(instance_id(&choices(&[])).unwrap().is_none());
}

#[test]
fn a_device_that_does_not_exist_is_no_lost_volume_while_the_real_one_is_attached() {
    let (field, why) = refused(&facts(), &[("device", "/dev/sdz")]);
    assert_eq!(field, "device");
    for part in ["/dev/sdz", "/dev/sdf", DATA] {
        assert!(why.contains(part), "{why}");
    }
}

#[test]
fn a_device_by_another_name_or_no_device_at_all_is_refused() {
    let mut facts = lost();
    let (_, why) = refused(&facts, &[("device", "/dev/sda")]);
    assert!(why.contains("/dev/xvda"), "{why}");
    for bad in [
        "/dev/nvme1n1",
        "sd",
        "/dev/disk/by-id/x",
        "f",
        "/dev/sdF",
        "/dev/sdf123",
    ] {
        let (field, why) = refused(&facts, &[("device", bad)]);
        assert_eq!(field, "device", "{why}");
    }
    facts.instance.mappings.clear();
    let (_, why) = refused(&facts, &[("device", "nonsense")]);
    assert!(why.contains("no volume at all"), "{why}");
}

#[test]
fn a_copy_needs_a_device() {
    let mut facts = facts();
    facts.snapshot.volume = None;
    facts.source = known(None);
    let (field, why) = refused(&facts, &[]);
    assert_eq!(field, "device");
    assert!(why.contains("copy") && why.contains("/dev/sdf"), "{why}");
    let plan = plan(&facts, &[("device", "/dev/sdf")]);
    assert_eq!(plan.subject.id, DATA, "a device in use is swapped");
}

#[test]
fn a_lost_volume_needs_an_answer_about_termination() {
    let (field, why) = refused(&lost(), &[("device", "/dev/sdf")]);
    assert_eq!(field, "delete-on-termination", "{why}");
}

#[test]
fn what_runs_from_the_root_is_not_unmounted_and_what_is_stopped_neither() {
    assert_eq!(refused(&root(), &[("mode", "unmount")]).0, "mode");
    assert_eq!(refused(&stopped(facts()), &[("mode", "unmount")]).0, "mode");
    assert_eq!(refused(&root(), &[("volume-type", "st1")]).0, "volume-type");
}

#[test]
fn a_volume_that_ec2_does_not_list_is_missing() {
    let mut facts = facts();
    facts.volumes.remove(0);
    let error = try_plan(&facts, &[]).unwrap_err();
    assert!(
        matches!(&error, FlowError::Missing { what } if what.contains(DATA)),
        "{error}"
    );
}
