//! `CreateVolume`: client tokens, parameters that fit each other, and keys that fail late.
//!
//! The answer says `creating` even where the key is unusable: as on AWS, only a later read tells.

use aws_sdk_ec2::operation::create_volume::{CreateVolumeInput, CreateVolumeOutput};
use aws_sdk_ec2::types as ec2;
use jiff::Timestamp;

use super::model::{Data, Snapshot, SnapshotState, Token, Volume, VolumeState};
use super::{ids, rows, tags};
use crate::sim::call::Call;
use crate::sim::kms::KeyFailure;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};
use crate::sim::timeline::{Timeline, after};

/// What is wanted, once the parameters were found to fit each other.
struct Wanted {
    availability_zone: String,
    snapshot: Option<Snapshot>,
    volume_type: String,
    size: i32,
    iops: Option<i32>,
    throughput: Option<i32>,
}

/// `CreateVolume`
pub fn create(input: &CreateVolumeInput, call: &mut Call<'_>) -> Answer<CreateVolumeOutput> {
    let tags = tags::of_creation(input.tag_specifications(), &ec2::ResourceType::Volume)?;
    let snapshot = match input.snapshot_id().filter(|id| !id.is_empty()) {
        Some(id) => Some(ids::snapshot(call.estate(), id)?.clone()),
        None => None,
    };
    call.permit()?;
    let zone = zone(input, call)?;
    if let Some(made) = replay(input, call, &zone)? {
        call.nothing_changed();
        return respond(&made, call);
    }
    let wanted = check(input, snapshot, zone, call.now())?;
    let volume = make(input, wanted, tags, call);
    call.estate()
        .volumes
        .insert(volume.id.clone(), volume.clone());
    respond(&volume, call)
}

/// `InvalidZone.NotFound`: the zone must be one of the region.
fn zone(input: &CreateVolumeInput, call: &mut Call<'_>) -> Result<String, Refusal> {
    let zone = ids::required(input.availability_zone(), "availabilityZone")?;
    if call.estate().zones.iter().any(|known| known == zone) {
        return Ok(zone.to_owned());
    }
    let message = format!("The zone '{zone}' does not exist.");
    Err(Refusal::client("InvalidZone.NotFound", message))
}

/// A token stands for its first request, in its zone (EC2 API reference, "Ensuring idempotency"; tokens
/// of zonal resources count per zone).
fn replay(
    input: &CreateVolumeInput,
    call: &mut Call<'_>,
    zone: &str,
) -> Result<Option<Volume>, Refusal> {
    let Some(token) = token(input) else {
        return Ok(None);
    };
    let volumes = call.estate().volumes.values();
    let made = volumes
        .filter(|volume| volume.availability_zone == zone)
        .find(|volume| {
            volume
                .token
                .as_ref()
                .is_some_and(|t| t.token == token.token)
        });
    match made {
        Some(volume) if volume.token.as_ref() != Some(&token) => Err(Refusal::client(
            "IdempotentParameterMismatch",
            "Arguments on this idempotent request are inconsistent with arguments used in previous \
             request(s).",
        )),
        made => Ok(made.cloned()),
    }
}

fn token(input: &CreateVolumeInput) -> Option<Token> {
    let token = input.client_token().filter(|token| !token.is_empty())?;
    Some(Token {
        token: token.to_owned(),
        parameters: format!("{input:?}"),
    })
}

fn check(
    input: &CreateVolumeInput,
    snapshot: Option<Snapshot>,
    availability_zone: String,
    now: Timestamp,
) -> Result<Wanted, Refusal> {
    if let Some(snapshot) = &snapshot {
        usable(snapshot, now)?;
    }
    let volume_type = input
        .volume_type()
        .map_or("gp2", ec2::VolumeType::as_str)
        .to_owned();
    let size = size(&volume_type, input.size(), snapshot.as_ref())?;
    let iops = iops(&volume_type, input.iops(), size)?;
    let throughput = throughput(&volume_type, input.throughput(), iops)?;
    if input.multi_attach_enabled() == Some(true) && !matches!(volume_type.as_str(), "io1" | "io2")
    {
        return Err(Refusal::invalid_combination(
            "The parameter multiAttachEnabled is only supported for io1 and io2 volumes.",
        ));
    }
    if input.kms_key_id().is_some() && input.encrypted() != Some(true) {
        return Err(Refusal::client(
            "InvalidParameterDependency",
            "The parameter KmsKeyId requires the parameter Encrypted to be set.",
        ));
    }
    rate(input.volume_initialization_rate(), snapshot.as_ref())?;
    Ok(Wanted {
        availability_zone,
        snapshot,
        volume_type,
        size,
        iops,
        throughput,
    })
}

/// A snapshot must be completed and in the standard tier (EBS user guide, "Archive Amazon EBS
/// snapshots": an archived one must be restored first; the code for that case is not documented).
fn usable(snapshot: &Snapshot, now: Timestamp) -> Result<(), Refusal> {
    let state = *snapshot.state.at(now);
    if state != SnapshotState::Completed {
        return Err(Refusal::incorrect_state(format!(
            "Snapshot is in invalid state - {}",
            state.name()
        )));
    }
    if snapshot.archived {
        return Err(Refusal::incorrect_state(format!(
            "The snapshot '{}' is archived. Restore it to the standard tier before you use it.",
            snapshot.id
        )));
    }
    Ok(())
}

fn size(
    volume_type: &str,
    asked: Option<i32>,
    snapshot: Option<&Snapshot>,
) -> Result<i32, Refusal> {
    let size = match (asked, snapshot) {
        (None, None) => return Err(Refusal::missing("size/snapshot")),
        (None, Some(snapshot)) => snapshot.size,
        (Some(size), Some(snapshot)) if size < snapshot.size => {
            return Err(Refusal::invalid_value(format!(
                "Volume of size {size}GB is smaller than snapshot '{}', expect size >= {}GB",
                snapshot.id, snapshot.size
            )));
        }
        (Some(size), _) => size,
    };
    in_range(
        &format!("Volume of size {size}GB"),
        size,
        sizes(volume_type),
    )
}

/// GiB of each type (EC2 API reference, `CreateVolume`).
fn sizes(volume_type: &str) -> (i32, i32) {
    match volume_type {
        "gp2" => (1, 16_384),
        "io1" => (4, 16_384),
        "io2" => (4, 65_536),
        "st1" | "sc1" => (125, 16_384),
        "standard" => (1, 1024),
        _gp3_or_newer => (1, 65_536),
    }
}

/// `InvalidParameterValue` for what is outside of a type's range.
fn in_range(what: &str, value: i32, (least, most): (i32, i32)) -> Result<i32, Refusal> {
    if value < least {
        let message = format!("{what} is too low; minimum is {least}.");
        Err(Refusal::invalid_value(message))
    } else if value > most {
        let message = format!("{what} is too high; maximum is {most}.");
        Err(Refusal::invalid_value(message))
    } else {
        Ok(value)
    }
}

/// EC2 API reference, `CreateVolume`: required for io1 and io2, allowed for gp3 (3000 by default), and an
/// error for any other type.
pub fn iops(volume_type: &str, asked: Option<i32>, size: i32) -> Result<Option<i32>, Refusal> {
    match (volume_type, asked) {
        ("io1" | "io2", None) => Err(Refusal::missing("iops")),
        ("gp3", None) => Ok(Some(3000)),
        ("io1", Some(iops)) => provisioned(iops, size, (100, 64_000), 50),
        ("io2", Some(iops)) => provisioned(iops, size, (100, 256_000), 1000),
        ("gp3", Some(iops)) => provisioned(iops, size, (3000, 80_000), 500),
        (other, Some(_)) => Err(Refusal::invalid_combination(format!(
            "The parameter iops is not supported for {other} volumes."
        ))),
        ("gp2", None) => Ok(Some((size.saturating_mul(3)).clamp(100, 16_000))),
        (_, None) => Ok(None),
    }
}

/// Ranges of the EC2 API reference, `CreateVolume`, and so many IOPS for each GiB at most (EBS user guide,
/// "General Purpose SSD volumes" and "Provisioned IOPS SSD volumes"); the least of a type is to be had at
/// every size.
fn provisioned(
    iops: i32,
    size: i32,
    range: (i32, i32),
    per_gib: i32,
) -> Result<Option<i32>, Refusal> {
    let iops = in_range(&format!("Volume iops of {iops}"), iops, range)?;
    if iops > range.0 && i64::from(iops) > i64::from(size) * i64::from(per_gib) {
        let ratio = f64::from(iops) / f64::from(size);
        return Err(Refusal::invalid_combination(format!(
            "Iops to volume size ratio of {ratio:.6} is too high; maximum is {per_gib} IOPS per GiB"
        )));
    }
    Ok(Some(iops))
}

/// EC2 API reference, `CreateVolume`: valid for gp3 only (125 MiB/s by default), from 125 to 2000; and a
/// quarter of the IOPS at most (EBS user guide, "General Purpose SSD volumes").
pub fn throughput(
    volume_type: &str,
    asked: Option<i32>,
    iops: Option<i32>,
) -> Result<Option<i32>, Refusal> {
    match (volume_type, asked) {
        ("gp3", None) => Ok(Some(125)),
        ("gp3", Some(asked)) => {
            let what = format!("Throughput (MiBps) of {asked}");
            let asked = in_range(&what, asked, (125, 2000))?;
            let iops = iops.unwrap_or(3000);
            if i64::from(asked) * 4 > i64::from(iops) {
                let ratio = f64::from(asked) / f64::from(iops);
                return Err(Refusal::invalid_combination(format!(
                    "Throughput (MiBps) to iops ratio of {ratio:.6} is too high; maximum is 0.250000 \
                     MiBps per iops"
                )));
            }
            Ok(Some(asked))
        }
        (_, None) => Ok(None),
        (other, Some(_)) => Err(Refusal::invalid_combination(format!(
            "The parameter throughput is not supported for {other} volumes."
        ))),
    }
}

/// EC2 API reference, `CreateVolume`: from 100 to 300 MiB/s, and only from a snapshot.
fn rate(asked: Option<i32>, snapshot: Option<&Snapshot>) -> Result<(), Refusal> {
    match asked {
        Some(rate) if !(100..=300).contains(&rate) => Err(Refusal::invalid_value(format!(
            "Value ({rate}) for parameter volumeInitializationRate is invalid. Expecting a value \
             between 100 and 300."
        ))),
        Some(_) if snapshot.is_none() => Err(Refusal::invalid_combination(
            "The parameter volumeInitializationRate requires a snapshot.",
        )),
        Some(_) | None => Ok(()),
    }
}

fn make(
    input: &CreateVolumeInput,
    wanted: Wanted,
    tags: super::model::Tags,
    call: &mut Call<'_>,
) -> Volume {
    let now = call.now();
    let kms_key_id = key(input, wanted.snapshot.as_ref(), call);
    let (data, product_codes) = match &wanted.snapshot {
        Some(snapshot) => (snapshot.data.clone(), snapshot.product_codes.clone()),
        None => (
            Data {
                as_of: now,
                damaged: false,
            },
            Vec::new(),
        ),
    };
    Volume {
        id: call.world().new_id("vol"),
        availability_zone: wanted.availability_zone,
        size: wanted.size,
        volume_type: wanted.volume_type,
        iops: wanted.iops,
        throughput: wanted.throughput,
        encrypted: kms_key_id.is_some(),
        state: fate(kms_key_id.as_deref(), wanted.snapshot.as_ref(), call),
        kms_key_id,
        snapshot_id: wanted.snapshot.map(|snapshot| snapshot.id),
        created: now,
        multi_attach: input.multi_attach_enabled().unwrap_or_default(),
        initialization_rate: input.volume_initialization_rate(),
        tags,
        product_codes,
        attachments: Vec::new(),
        modification: None,
        data,
        damaged_from: None,
        token: token(input),
        visibility: call.new_visibility(),
    }
}

fn key(
    input: &CreateVolumeInput,
    snapshot: Option<&Snapshot>,
    call: &mut Call<'_>,
) -> Option<String> {
    let encrypted = input.encrypted() == Some(true);
    key_of(encrypted, input.kms_key_id(), snapshot, call)
}

/// Returns the key that a volume will be encrypted with.
///
/// EBS user guide, "How Amazon EBS encryption works": the key asked for, else the key of the snapshot,
/// else the account's default; a volume of an encrypted snapshot is always encrypted.
pub fn key_of(
    encrypted: bool,
    asked: Option<&str>,
    snapshot: Option<&Snapshot>,
    call: &mut Call<'_>,
) -> Option<String> {
    let from_snapshot = snapshot.and_then(|snapshot| snapshot.kms_key_id.clone());
    let encrypted = encrypted
        || snapshot.is_some_and(|snapshot| snapshot.encrypted)
        || call.estate().encryption_by_default;
    if !encrypted {
        return None;
    }
    let (account, region) = (call.account().to_owned(), call.region().to_owned());
    let estate = call.estate();
    let named = asked.map(|name| {
        let found = estate.keys.values().find(|key| key.answers_to(name));
        found.map_or_else(|| name.to_owned(), |key| key.arn.clone())
    });
    named
        .or(from_snapshot)
        .or_else(|| estate.default_kms_key_id.clone())
        .or_else(|| Some(format!("arn:aws:kms:{region}:{account}:alias/aws/ebs")))
}

/// Decides what becomes of the volume: keys are looked at after the call was answered.
///
/// EC2 API reference, `CreateVolume`: "AWS authenticates the KMS key asynchronously. Therefore, if you
/// specify an identifier that is not valid, the action can appear to complete, but eventually fails."
fn fate(
    kms_key_id: Option<&str>,
    snapshot: Option<&Snapshot>,
    call: &mut Call<'_>,
) -> Timeline<VolumeState> {
    let now = call.now();
    let ready = after(now, call.delays().create_volume);
    let source = snapshot.and_then(|snapshot| snapshot.kms_key_id.as_deref());
    let estate = call.estate();
    let failure = [source, kms_key_id]
        .into_iter()
        .flatten()
        .find_map(|key| crate::sim::kms::failure_to_encrypt(estate, key));
    let mut state = Timeline::new(now, VolumeState::Creating);
    state.then(
        ready,
        match failure {
            None => VolumeState::Available,
            Some(KeyFailure::Error) => VolumeState::Error,
            Some(KeyFailure::Vanish) => VolumeState::Gone,
        },
    );
    state
}

fn respond(volume: &Volume, call: &Call<'_>) -> Answer<CreateVolumeOutput> {
    let row = rows::volume(volume, call.now());
    answer(move |output: &mut CreateVolumeOutput| {
        output.volume_id = row.volume_id;
        output.availability_zone = row.availability_zone;
        output.size = row.size;
        output.volume_type = row.volume_type;
        output.iops = row.iops;
        output.throughput = row.throughput;
        output.encrypted = row.encrypted;
        output.kms_key_id = row.kms_key_id;
        output.snapshot_id = row.snapshot_id;
        output.create_time = row.create_time;
        output.state = row.state;
        output.multi_attach_enabled = row.multi_attach_enabled;
        output.volume_initialization_rate = row.volume_initialization_rate;
        output.tags = row.tags;
    })
}
