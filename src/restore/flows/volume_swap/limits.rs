//! What `CreateVolume` takes of each volume type: sizes, IOPS, throughput, and how they must fit.
//!
//! Only numbers are judged here; whose they are, and what follows from that, is for the caller.

use std::ops::RangeInclusive;

use super::settings::Settings;

/// IOPS that a gp3 volume has whatever its size; EC2 API reference, `CreateVolume`.
pub(super) const BASE_IOPS: i32 = 3000;
/// IOPS that a gp3 volume needs for each MiB/s: 0.25 MiB/s per IOPS at most (EBS user guide, “General
/// Purpose SSD volumes”).
const IOPS_PER_MIB: i32 = 4;
/// MiB/s of a gp3 volume; EC2 API reference, `CreateVolume`.
const THROUGHPUT: RangeInclusive<i32> = 125..=2000;

/// Numbers that AWS would refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// Fields that would mend it, the nearest first.
    pub fields: &'static [&'static str],
    /// What fits and what was wanted instead.
    pub why: String,
}

/// Provisioned IOPS of a type.
struct Provisioned {
    least: i32,
    most: i32,
    per_gib: i32,
}

/// Returns the first thing about the numbers that AWS would refuse. A type that is not known here is left
/// for AWS to judge.
pub(super) fn misfit(settings: &Settings) -> Option<Misfit> {
    let kind = settings.volume_type.value.as_str();
    let size = settings.size.value;
    let iops = settings.iops.value;
    size_misfit(kind, size)
        .or_else(|| iops_misfit(kind, size, iops?))
        .or_else(|| throughput_misfit(kind, iops, settings.throughput.value?))
}

/// GiB of a type; EC2 API reference, `CreateVolume`.
fn sizes(kind: &str) -> Option<RangeInclusive<i32>> {
    Some(match kind {
        "gp2" => 1..=16_384,
        "gp3" => 1..=65_536,
        "io1" => 4..=16_384,
        "io2" => 4..=65_536,
        "st1" | "sc1" => 125..=16_384,
        "standard" => 1..=1024,
        _not_known => return None,
    })
}

/// Ranges are from the EC2 API reference, `CreateVolume`; IOPS per GiB from the EBS user guide, “General
/// Purpose SSD volumes” and “Provisioned IOPS SSD volumes”, for io2 that of Block Express.
fn provisioned(kind: &str) -> Option<Provisioned> {
    let (least, most, per_gib) = match kind {
        "gp3" => (BASE_IOPS, 80_000, 500),
        "io1" => (100, 64_000, 50),
        "io2" => (100, 256_000, 1000),
        _takes_none => return None,
    };
    Some(Provisioned {
        least,
        most,
        per_gib,
    })
}

fn size_misfit(kind: &str, size: i32) -> Option<Misfit> {
    let takes = sizes(kind)?;
    let (least, most) = (takes.start(), takes.end());
    (!takes.contains(&size)).then(|| Misfit {
        fields: &["size", "volume-type"],
        why: format!("a {kind} volume has {least} to {most} GiB, and {size} GiB are wanted"),
    })
}

fn iops_misfit(kind: &str, size: i32, iops: i32) -> Option<Misfit> {
    let Provisioned {
        least,
        most,
        per_gib,
    } = provisioned(kind)?;
    let of_size = size.saturating_mul(per_gib).max(least);
    let most = most.min(of_size);
    (!(least..=most).contains(&iops)).then(|| Misfit {
        fields: &["iops", "size", "volume-type"],
        why: format!(
            "a {kind} volume of {size} GiB takes {least} to {most} IOPS, and {iops} are wanted"
        ),
    })
}

/// Only gp3 takes a throughput; EC2 API reference, `CreateVolume`.
fn throughput_misfit(kind: &str, iops: Option<i32>, throughput: i32) -> Option<Misfit> {
    if kind != "gp3" {
        return None;
    }
    let iops = iops.unwrap_or(BASE_IOPS);
    let least = *THROUGHPUT.start();
    let most = (iops / IOPS_PER_MIB).min(*THROUGHPUT.end());
    (!(least..=most).contains(&throughput)).then(|| Misfit {
        fields: &["throughput", "iops", "volume-type"],
        why: format!(
            "a gp3 volume with {iops} IOPS takes {least} to {most} MiB/s, and {throughput} are \
             wanted"
        ),
    })
}
