//! What is launched: carried over from the instance to be like, unless the operator says otherwise; from the image
//! where there is none.

use crate::domain::ec2::Tags;
use crate::domain::form::{Choices, ValueFrom};
use crate::domain::ids::GroupId;
use crate::domain::plan::Ref;
use crate::restore::flow::FlowError;
use crate::restore::observations::ec2_configuration::Configuration;
use crate::restore::observations::ec2_image::ImageDevice;
use crate::restore::operations::ec2_group::Opening;
use crate::restore::operations::ec2_launch::{
    BlockDevice, CpuChoice, LaunchInstance, MetadataChoice, NamingChoice, PlacementChoice,
    UserDataRef,
};

use super::chosen::{Chosen, choice};
use super::facts::{Like, RelaunchFacts};
use super::steps::CREATE_GROUP;

/// Prefixes of tags that are not carried over: AWS refuses its own, and ours tell of another run.
const NOT_CARRIED: [&str; 2] = ["aws:", "defib:"];
/// Type of a volume that neither the image nor an old volume has one for.
const PROPOSED_TYPE: &str = "gp3";

/// A value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said<T> {
    pub value: T,
    pub from: ValueFrom,
}

/// Where and what, which the operator may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub instance_type: Said<String>,
    pub subnet: Said<String>,
    pub key_name: Said<Option<String>>,
}

impl Place {
    /// Works it out.
    ///
    /// # Errors
    /// [`FlowError::Choice`] by what nobody can tell any more.
    pub(super) fn of(like: Option<&Like>, choices: &Choices) -> Result<Self, FlowError> {
        let settings = like.map(|like| &like.configuration);
        let needed = |field: &str, before: Option<&String>| {
            let given = choices.one(field).map(str::to_owned);
            let given = given.map(|value| (value, ValueFrom::Yours));
            let before = before.map(|value| (value.clone(), ValueFrom::AsBefore));
            let (value, from) = given.or(before).ok_or_else(|| {
                choice(
                    field,
                    "there is no instance to take it from: say it, or name one by --like",
                )
            })?;
            Ok::<_, FlowError>(Said { value, from })
        };
        let kind = like.map(|like| &like.instance.instance_type);
        let key = settings.and_then(|settings| settings.key_name.clone());
        Ok(Self {
            instance_type: needed("instance-type", kind)?,
            subnet: needed(
                "subnet",
                settings.and_then(|settings| settings.subnet.as_ref()),
            )?,
            key_name: match (choices.one("key-name"), key) {
                (Some(name), _) => Said {
                    value: Some(name.to_owned()),
                    from: ValueFrom::Yours,
                },
                (None, key) => Said {
                    from: from_like(like),
                    value: key,
                },
            },
        })
    }
}

pub(super) fn from_like(like: Option<&Like>) -> ValueFrom {
    match like {
        Some(_) => ValueFrom::AsBefore,
        None => ValueFrom::AwsDefault,
    }
}

/// Makes the launch.
///
/// # Errors
/// [`FlowError::Choice`] where user data is there and nobody has said whether it is wanted, and those of
/// [`Place::of`].
pub(super) fn launch(
    facts: &RelaunchFacts,
    chosen: &Chosen,
    choices: &Choices,
) -> Result<LaunchInstance, FlowError> {
    let like = facts.like.as_ref();
    let place = Place::of(like, choices)?;
    let settings = like.map(|like| &like.configuration);
    let same_type =
        like.is_some_and(|like| like.instance.instance_type == place.instance_type.value);
    let of = |pick: fn(&Configuration) -> Option<String>| settings.and_then(pick);
    Ok(LaunchInstance {
        image: facts.image.id.clone(),
        instance_type: place.instance_type.value,
        subnet: place.subnet.value,
        group: Ref::output(CREATE_GROUP, "group"),
        opened: opened(facts, chosen),
        ingress: chosen.ingress.clone(),
        egress: egress(facts, chosen),
        private_ip: chosen.private_ip.clone(),
        block_devices: block_devices(facts),
        metadata: metadata(facts),
        instance_profile: if chosen.profile {
            of(|settings| settings.profile.clone())
        } else {
            None
        },
        key_name: place.key_name.value,
        placement: settings.map(placement).unwrap_or_default(),
        monitoring: settings.is_some_and(|settings| settings.monitoring),
        ebs_optimized: settings.map(|settings| settings.ebs_optimized),
        credits: like
            .filter(|_| same_type)
            .and_then(|like| like.credits.value()?.clone()),
        shutdown: like
            .and_then(|like| like.shutdown.value().cloned())
            .filter(|word| !word.is_empty())
            .unwrap_or_else(|| "stop".to_owned()),
        cpu: settings
            .filter(|_| same_type)
            .and_then(|settings| cpu(facts, settings)),
        hibernation: settings.is_some_and(|settings| settings.hibernation),
        enclave: settings.is_some_and(|settings| settings.enclave),
        auto_recovery: of(|settings| settings.auto_recovery.clone()),
        capacity_preference: of(|settings| settings.capacity_preference.clone()),
        naming: settings.and_then(|settings| settings.naming.clone()).map(
            |(hostname_type, a_record, aaaa_record)| NamingChoice {
                hostname_type,
                a_record,
                aaaa_record,
            },
        ),
        licenses: settings
            .map(|settings| settings.licenses.clone())
            .unwrap_or_default(),
        user_data: user_data(like, chosen)?,
        tags: tags(facts),
        volume_tags: like.map(volume_tags).unwrap_or_default(),
    })
}

/// Cores and threads of each, where the old one has others than its type has by itself: AWS tells them of every
/// instance, and many types take no such choice.
fn cpu(facts: &RelaunchFacts, settings: &Configuration) -> Option<CpuChoice> {
    let usual = facts.instance_type.value()?.cpu?;
    let (cores, threads) = settings.cpu.filter(|own| *own != usual)?;
    Some(CpuChoice { cores, threads })
}

/// The groups that the cut-over puts it into.
fn opened(facts: &RelaunchFacts, chosen: &Chosen) -> Vec<GroupId> {
    let opens = !chosen.isolate_only && chosen.rungs.contains("security-groups");
    let old = facts.old().filter(|_| opens);
    let primary = old.and_then(|(old, _)| old.primary());
    primary.map_or_else(Vec::new, |primary| primary.groups.clone())
}

/// What the isolated instance may reach: nothing, or the endpoints of its VPC by HTTPS.
pub(super) fn egress(facts: &RelaunchFacts, chosen: &Chosen) -> Opening {
    let addresses = facts.endpoints.value().filter(|_| chosen.endpoints);
    let length = |address: &String| if address.contains(':') { 128 } else { 32 };
    let cidrs: Vec<String> = addresses
        .into_iter()
        .flatten()
        .map(|address| format!("{address}/{}", length(address)))
        .collect();
    if cidrs.is_empty() {
        return Opening::default();
    }
    Opening {
        cidrs,
        ports: vec![443],
    }
}

fn user_data(like: Option<&Like>, chosen: &Chosen) -> Result<Option<UserDataRef>, FlowError> {
    let Some(like) = like else {
        return Ok(None);
    };
    match (like.user_data.value(), chosen.user_data) {
        (Some(None), _) | (_, Some(false)) => Ok(None),
        (Some(Some(digest)), Some(true)) => Ok(Some(UserDataRef {
            instance: like.instance.id.clone(),
            digest: digest.clone(),
        })),
        (None, Some(true)) => Err(choice(
            "user-data",
            "the user data cannot be read, so it cannot be kept: omit it",
        )),
        (known, None) => {
            let has = if known.is_some() { "has" } else { "may have" };
            let why = format!(
                "{} {has} user data: what it runs at the first boot runs again; keep or omit",
                like.called()
            );
            Err(choice("user-data", why))
        }
    }
}

pub(super) fn block_devices(facts: &RelaunchFacts) -> Vec<BlockDevice> {
    let devices = facts.image.devices.iter();
    devices
        .map(|device| block_device(facts.like.as_ref(), device))
        .collect()
}

/// A volume like the one that is at the device now; of the image's kind where there is none.
fn block_device(like: Option<&Like>, device: &ImageDevice) -> BlockDevice {
    let now = like.and_then(|like| like.volume_at(&device.device));
    let mapping = like.and_then(|like| {
        let mut mappings = like.instance.mappings.iter();
        mappings.find(|mapping| mapping.device == device.device)
    });
    let least = device.size.unwrap_or(1);
    let kind = now.map_or_else(|| device.volume_type.clone(), |now| now.volume_type.clone());
    let kind = if kind.is_empty() {
        PROPOSED_TYPE.to_owned()
    } else {
        kind
    };
    let (iops, throughput) = now.map_or((device.iops, device.throughput), |now| {
        (now.iops, now.throughput)
    });
    let takes_iops = matches!(kind.as_str(), "io1" | "io2" | "gp3");
    BlockDevice {
        device: device.device.clone(),
        snapshot: None,
        size: now.map_or(least, |now| now.size.max(least)),
        iops: iops.filter(|_| takes_iops),
        throughput: throughput.filter(|_| kind == "gp3"),
        encrypted: device.encrypted || now.is_some_and(|now| now.encrypted),
        kms_key: now
            .and_then(|now| now.kms_key.clone())
            .or_else(|| device.kms_key.clone()),
        delete_on_termination: mapping.map_or(device.delete_on_termination, |mapping| {
            mapping.delete_on_termination
        }),
        volume_type: kind,
    }
}

/// As before. Where there is none to be like: tokens only, which is what AWS recommends.
fn metadata(facts: &RelaunchFacts) -> MetadataChoice {
    let before = facts.like.as_ref();
    let before = before.and_then(|like| like.configuration.metadata.as_ref());
    let word = |word: &str| word.to_owned();
    match before {
        Some(found) => MetadataChoice {
            tokens: if facts.image.requires_tokens {
                word("required")
            } else {
                found.tokens.clone()
            },
            hop_limit: found.hop_limit,
            endpoint: found.endpoint.clone(),
            ipv6: found.ipv6.clone(),
            tags: found.tags.clone(),
        },
        None => MetadataChoice {
            tokens: word("required"),
            hop_limit: 2,
            endpoint: word("enabled"),
            ipv6: word("disabled"),
            tags: word("disabled"),
        },
    }
}

fn placement(settings: &Configuration) -> PlacementChoice {
    let found = settings.placement.clone();
    PlacementChoice {
        tenancy: found.tenancy,
        group: found.group,
        partition: found.partition,
        host: found.host,
        affinity: found.affinity,
    }
}

/// The tags of what is replaced. Where that is gone, those of the image, over those of a sibling but its name.
fn tags(facts: &RelaunchFacts) -> Tags {
    let like = facts.like.as_ref();
    let mut all = like.map_or_else(Tags::new, |like| carried(&like.instance.tags));
    if facts.old().is_none() {
        all.retain(|key, _| key.raw() != "Name");
        all.extend(carried(&facts.image.tags));
    }
    all
}

/// Returns the tags that are carried over, byte for byte.
fn carried(tags: &Tags) -> Tags {
    let ours = |key: &str| NOT_CARRIED.iter().any(|prefix| key.starts_with(prefix));
    tags.iter()
        .filter(|(key, _)| !ours(key.raw()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// A launch gives all its volumes the same tags: those that all of the old ones have.
fn volume_tags(like: &Like) -> Tags {
    let mut all = like.volumes.iter().map(|volume| carried(&volume.tags));
    let Some(mut common) = all.next() else {
        return Tags::new();
    };
    for tags in all {
        common.retain(|key, value| tags.get(key) == Some(value));
    }
    common
}
