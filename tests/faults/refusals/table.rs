//! The subjects of the refusals scenario, each with what must come of asking for a plan.

use defib::domain::check::Verdict;

/// What comes of asking for a plan.
#[derive(Clone, Debug)]
pub enum Comes {
    /// A plan, in which every check but these is fine.
    Checks(&'static [(&'static str, Verdict)]),
    /// A choice is asked for or refused.
    Choice(&'static str),
    /// Something is not there.
    Missing(&'static str),
}

use Comes::{Checks, Choice, Missing};
use Verdict::{Know, Stop, Unanswered};

/// A subject of the scenario, the volume whose snapshot is restored, and how.
pub struct Case {
    pub subject: &'static str,
    pub volume: &'static str,
    pub choices: &'static [(&'static str, &'static str)],
    pub comes: Comes,
}

const STOP: &[(&str, &str)] = &[];
const UNMOUNT: &[(&str, &str)] = &[("mode", "unmount")];
const BESIDE: &[(&str, &str)] = &[("mode", "beside")];

const fn case(
    subject: &'static str,
    volume: &'static str,
    choices: &'static [(&'static str, &'static str)],
    comes: Comes,
) -> Case {
    Case {
        subject,
        volume,
        choices,
        comes,
    }
}

/// Every subject of the scenario, in its order; `@NAME` is the id of an instance.
#[rustfmt::skip]
pub const CASES: &[Case] = &[
    case("plain", "plain-data", STOP, Checks(&[])),
    case("plain", "plain-data", UNMOUNT, Checks(&[])),
    case("plain", "plain-data", BESIDE, Checks(&[])),
    case("stopped", "stopped-data", STOP, Checks(&[("instance-state", Know)])),
    case("stopped", "stopped-data", BESIDE, Checks(&[("instance-state", Know)])),
    case("stopped", "stopped-data", UNMOUNT, Choice("mode")),
    case("snapshot-pending", "snapshot-pending-data", STOP, Checks(&[("snapshot-state", Stop)])),
    case("snapshot-pending", "snapshot-pending-data", BESIDE, Checks(&[("snapshot-state", Stop)])),
    case("snapshot-error", "snapshot-error-data", STOP, Checks(&[("snapshot-state", Stop)])),
    case("snapshot-archived", "snapshot-archived-data", STOP, Checks(&[("snapshot-tier", Stop)])),
    case("snapshot-archived", "snapshot-archived-data", UNMOUNT, Checks(&[("snapshot-tier", Stop)])),
    case("snapshot-in-bin", "snapshot-in-bin-data", STOP, Checks(&[("snapshot-state", Stop)])),
    case("snapshot-larger", "snapshot-larger-data", STOP, Checks(&[("size", Know)])),
    case("snapshot-larger", "snapshot-larger-data", &[("size", "40")], Choice("size")),
    case("key-good", "key-good-data", STOP, Checks(&[])),
    case("key-good", "key-good-data", &[("kms-key", "alias/disabled")], Checks(&[("target-key", Stop)])),
    case("key-good", "key-good-data", &[("kms-key", "alias/secret")], Checks(&[("target-key", Unanswered)])),
    case("key-good", "key-good-data", &[("kms-key", "alias/nowhere")], Checks(&[("target-key", Stop)])),
    case("key-disabled", "key-disabled-data", STOP, Checks(&[("snapshot-key", Stop), ("target-key", Stop)])),
    case("key-disabled", "key-disabled-data", &[("kms-key", "alias/good")], Checks(&[("snapshot-key", Stop)])),
    case("key-pending-deletion", "key-pending-deletion-data", STOP, Checks(&[("snapshot-key", Stop), ("target-key", Stop)])),
    case("key-unreadable", "key-unreadable-data", STOP, Checks(&[("snapshot-key", Unanswered), ("target-key", Unanswered)])),
    case("key-absent", "key-absent-data", STOP, Checks(&[("encryption", Know), ("snapshot-key", Stop), ("target-key", Stop)])),
    case("asg-member", "asg-member-data", STOP, Checks(&[("auto-scaling", Know),
        ("permission-EnterStandby", Unanswered), ("permission-ExitStandby", Unanswered)])),
    case("asg-member", "asg-member-data", UNMOUNT, Checks(&[("auto-scaling", Know),
        ("permission-SuspendProcesses", Unanswered), ("permission-ResumeProcesses", Unanswered)])),
    case("asg-member", "asg-member-data", BESIDE, Checks(&[("auto-scaling", Know)])),
    case("asg-standby", "asg-standby-data", STOP, Checks(&[("auto-scaling", Know)])),
    case("spot-once", "spot-once-data", STOP, Checks(&[("spot", Stop)])),
    case("spot-once", "spot-once-data", UNMOUNT, Checks(&[])),
    case("spot-once", "spot-once-data", BESIDE, Checks(&[])),
    case("spot-persistent", "spot-persistent-data", STOP, Checks(&[("spot", Know)])),
    case("instance-store", "instance-store-data", STOP, Checks(&[("instance-store", Know)])),
    case("instance-store", "instance-store-data", UNMOUNT, Checks(&[])),
    case("instance-store-root", "instance-store-root-data", STOP, Checks(&[("instance-store", Stop)])),
    case("instance-store-root", "instance-store-root-data", UNMOUNT, Checks(&[])),
    case("stop-protected", "stop-protected-data", STOP, Checks(&[("stop-protection", Stop)])),
    case("stop-protected", "stop-protected-data", UNMOUNT, Checks(&[])),
    case("termination-protected", "termination-protected-data", STOP, Checks(&[])),
    case("public-address", "public-address-data", STOP, Checks(&[("public-address", Know)])),
    case("public-address", "public-address-data", UNMOUNT, Checks(&[])),
    case("elastic-address", "elastic-address-data", STOP, Checks(&[])),
    case("product-code", "product-code-data", STOP, Checks(&[("product-codes", Know)])),
    case("product-code", "product-code-data", UNMOUNT, Checks(&[("product-codes", Know)])),
    case("hibernation", "hibernation-data", STOP, Checks(&[("hibernation", Know)])),
    case("hibernation", "hibernation-data", UNMOUNT, Checks(&[])),
    case("windows", "windows-data", STOP, Checks(&[("windows", Know)])),
    case("windows", "windows-data", UNMOUNT, Checks(&[("windows", Know)])),
    case("no-capacity", "no-capacity-data", STOP, Checks(&[])),
    case("never-healthy", "never-healthy-data", STOP, Checks(&[])),
    case("mounted", "mounted-data", STOP, Checks(&[])),
    case("mounted", "mounted-data", UNMOUNT, Checks(&[])),
    case("deleted-with-instance", "deleted-with-instance-data", STOP, Checks(&[])),
    case("modifying", "modifying-data", STOP, Checks(&[("volume-modification", Know)])),
    case("modifying", "modifying-data", BESIDE, Checks(&[])),
    case("optimizing", "optimizing-data", STOP, Checks(&[("volume-modification", Know)])),
    case("terminated", "terminated-data", STOP, Choice("instance")),
    case("terminated", "terminated-data", &[("instance", "@terminated"), ("device", "/dev/sdf")], Missing("terminated")),
    case("no-snapshot", "no-snapshot-data", &[("snapshot", "snap-00000000000000001")], Missing("Recycle Bin")),
    case("no-snapshot", "plain-data", &[("instance", "@no-snapshot")], Choice("device")),
    case("no-snapshot", "plain-data", &[("instance", "@no-snapshot"), ("device", "/dev/sdf")], Checks(&[("snapshot-source", Know)])),
    case("cluster-1", "multi-attach-data", STOP, Choice("instance")),
    case("cluster-1", "multi-attach-data", &[("instance", "@cluster-1")], Checks(&[("multi-attach", Stop)])),
    case("cluster-2", "multi-attach-data", &[("instance", "@cluster-2")], Checks(&[("multi-attach", Stop)])),
    case("raid", "raid-data-0", STOP, Checks(&[("sibling-snapshots", Know)])),
    case("raid", "raid-data-1", UNMOUNT, Checks(&[("sibling-snapshots", Know)])),
    case("root-volume", "root-volume-root", STOP, Checks(&[])),
    case("root-volume", "root-volume-root", UNMOUNT, Choice("mode")),
    case("root-volume", "root-volume-root", BESIDE, Checks(&[("device", Know)])),
    case("unattached-data", "unattached-data", STOP, Choice("instance")),
    case("unattached-data", "unattached-data", &[("instance", "@plain")], Choice("device")),
    case("unattached-data", "unattached-data", &[("instance", "@plain"), ("device", "/dev/sdf")], Checks(&[("snapshot-source", Know)])),
    case("unattached-data", "unattached-data", &[("instance", "@plain"), ("device", "/dev/sdg")], Choice("delete-on-termination")),
    case("unattached-data", "unattached-data", &[("instance", "@plain"), ("device", "/dev/sdg"), ("delete-on-termination", "no")], Checks(&[("device", Know)])),
    // No snapshot of it can be named.
    case("broken-data", "broken-data", STOP, Choice("snapshot")),
    case("vol-0fffffff000000001", "vol-0fffffff000000001", STOP, Choice("instance")),
    case("vol-0fffffff000000001", "vol-0fffffff000000001", &[("instance", "@plain"), ("device", "/dev/sdf")], Checks(&[("snapshot-source", Know), ("snapshot-owner", Know)])),
    case("denied", "denied-data", STOP, Checks(&[("encryption", Know), ("target-key", Unanswered), ("permission-StopInstances", Stop), ("permission-DetachVolume", Stop)])),
    case("denied", "denied-data", UNMOUNT, Checks(&[("encryption", Know), ("target-key", Unanswered), ("permission-DetachVolume", Stop)])),
    case("denied", "denied-data", BESIDE, Checks(&[("encryption", Know), ("target-key", Unanswered), ("permission-DetachVolume", Stop)])),
];
