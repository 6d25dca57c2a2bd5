//! The fidelity table: for every field what will be done, why, and what AWS would do by itself.
//!
//! It never fails: what does not fit, or is still asked for, is shown as it was typed, planning says what is wrong,
//! and everything else stands as it would be done.

use std::collections::BTreeSet;

use crate::domain::ec2::Tags;
use crate::domain::facts::Fact;
use crate::domain::form::{Choices, Field, FieldSpec, Form, ValueFrom};
use crate::domain::text::{Untrusted, listed, shown};
use crate::restore::flow::FlowError;
use crate::restore::operations::ec2_launch::LaunchInstance;

use super::chosen::{Chosen, NONE, counted};
use super::facts::{Like, RelaunchFacts};
use super::launch::{Place, from_like, launch};

/// Fields that cannot be chosen, behind those that can.
const DERIVED: &[&str] = &[
    "metadata-options",
    "placement",
    "monitoring",
    "ebs-optimized",
    "credits",
    "shutdown-behaviour",
    "cpu-options",
    "hibernation",
    "enclave",
    "auto-recovery",
    "capacity-reservation",
    "private-names",
    "licences",
    "block-devices",
    "tags",
    "volume-tags",
    "interface-tags",
    "further-addresses",
    "public-address",
];

/// A value fit to be shown, and where it comes from.
type Line = (Option<String>, ValueFrom);

/// Makes the table in the order of the fields, with what cannot be chosen behind it.
pub(super) fn form(facts: &RelaunchFacts, choices: &Choices, specs: &[FieldSpec]) -> Form {
    let settled = Settled::of(facts, choices);
    let chosen = settled.chosen.as_ref();
    let launch = chosen.and_then(|chosen| launch(facts, chosen, &settled.choices).ok());
    let table = Table {
        facts,
        choices,
        chosen,
        open: &settled.open,
        launch: launch.as_ref(),
        place: Place::of(facts.like.as_ref(), choices).ok(),
    };
    let named = specs.iter().map(|spec| spec.name);
    named
        .chain(DERIVED.iter().copied())
        .map(|name| table.line(name))
        .collect()
}

/// The choices, with something in place of those that are still asked for or do not fit.
struct Settled {
    choices: Choices,
    chosen: Option<Chosen>,
    /// Fields that something stands in for.
    open: Vec<String>,
}

impl Settled {
    fn of(facts: &RelaunchFacts, choices: &Choices) -> Self {
        let mut choices = choices.clone();
        if choices.one("user-data").is_none() {
            choices.set("user-data", "omit");
        }
        let mut open = Vec::new();
        loop {
            match Chosen::of(&choices, facts.image.windows, facts.observed_at) {
                Err(FlowError::Choice { field, .. }) if !open.contains(&field) => {
                    choices.set_many(&field, stand_in(&field));
                    open.push(field);
                }
                chosen => {
                    return Self {
                        choices,
                        chosen: chosen.ok(),
                        open,
                    };
                }
            }
        }
    }
}

/// Where there is nothing to propose, an address out of those that AWS keeps for itself; it is shown nowhere.
fn stand_in(field: &str) -> Vec<String> {
    match field {
        "operator-cidr" => vec!["169.254.0.0/32".to_owned()],
        _proposed => Vec::new(),
    }
}

struct Table<'a> {
    facts: &'a RelaunchFacts,
    choices: &'a Choices,
    chosen: Option<&'a Chosen>,
    open: &'a [String],
    launch: Option<&'a LaunchInstance>,
    place: Option<Place>,
}

impl Table<'_> {
    fn line(&self, name: &str) -> Field {
        let (value, from) = self
            .worked_out(name)
            .unwrap_or_else(|| match self.choices.one(name) {
                Some(typed) => (Some(shown(typed)), ValueFrom::Yours),
                None => (None, ValueFrom::Missing),
            });
        Field {
            name: name.to_owned(),
            value,
            from,
            aws_default: aws_default(name).map(str::to_owned),
        }
    }

    fn or_yours(&self, name: &str, from: ValueFrom) -> ValueFrom {
        if self.choices.flag(name) {
            ValueFrom::Yours
        } else {
            from
        }
    }

    fn worked_out(&self, name: &str) -> Option<Line> {
        match name {
            "image" => Some((Some(self.facts.image.id.to_string()), ValueFrom::Yours)),
            "replaces" => {
                let old = self.facts.old().map(|(old, _)| old.called());
                let value = old.unwrap_or_else(|| NONE.to_owned());
                Some((Some(value), self.or_yours(name, ValueFrom::Proposed)))
            }
            "like" if !self.choices.flag(name) => {
                Some((Some(NONE.to_owned()), ValueFrom::Proposed))
            }
            "instance-type" => {
                let said = &self.place.as_ref()?.instance_type;
                Some((Some(shown(&said.value)), said.from))
            }
            "subnet" => {
                let said = &self.place.as_ref()?.subnet;
                Some((Some(shown(&said.value)), said.from))
            }
            "key-name" => {
                let said = &self.place.as_ref()?.key_name;
                let value = said
                    .value
                    .as_deref()
                    .map_or_else(|| "none".to_owned(), shown);
                Some((Some(value), said.from))
            }
            "user-data" => self.user_data(),
            other => self
                .of_choices(other)
                .or_else(|| self.of_launch(other, self.launch?)),
        }
    }

    /// Whether there is any is told, and never what it says.
    fn user_data(&self) -> Option<Line> {
        let name = "user-data";
        match self.facts.like.as_ref().map(|like| &like.user_data) {
            None => Some((Some("none".to_owned()), ValueFrom::AwsDefault)),
            Some(Fact::Observed { value: None, .. } | Fact::Cached { value: None, .. }) => {
                Some((Some("none".to_owned()), ValueFrom::AsBefore))
            }
            Some(_there_or_unknown) => {
                let typed = self.choices.one(name)?;
                Some((Some(shown(typed)), ValueFrom::Yours))
            }
        }
    }

    fn of_choices(&self, name: &str) -> Option<Line> {
        let chosen = self.chosen?;
        if self.open.iter().any(|open| open == name) {
            return None;
        }
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let value = match name {
            "mode" => chosen.mode.as_str().to_owned(),
            "order" => chosen.order.as_str().to_owned(),
            "operator-cidr" => {
                let cidrs = chosen.ingress.cidrs.iter();
                let cidrs: Vec<String> = cidrs.map(|cidr| counted(cidr)).collect();
                listed(&cidrs)
            }
            "port" => {
                let ports: Vec<String> = chosen.ingress.ports.iter().map(u16::to_string).collect();
                ports.join(", ")
            }
            "instance-profile" if chosen.profile => "keep".to_owned(),
            "instance-profile" => "none".to_owned(),
            "allow-endpoints" => yes(chosen.endpoints),
            "isolate-only" => yes(chosen.isolate_only),
            "move" => {
                let all: Vec<&str> = chosen.rungs.iter().copied().collect();
                all.join(", ")
            }
            "keep-until" => shown(&chosen.keep_until),
            "private-ip" => match &chosen.private_ip {
                Some(address) => address.clone(),
                None => return Some((None, ValueFrom::AwsDefault)),
            },
            _other => return None,
        };
        Some((Some(value), self.or_yours(name, ValueFrom::Proposed)))
    }

    fn of_launch(&self, name: &str, launch: &LaunchInstance) -> Option<Line> {
        let like: Option<&Like> = self.facts.like.as_ref();
        let from = from_like(like);
        let yes = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        let word = |word: &Option<String>| word.as_deref().map(shown);
        let value = match name {
            "metadata-options" => {
                let options = &launch.metadata;
                let text = format!(
                    "{}, tokens {}, {} hops, IPv6 {}, tags {}",
                    options.endpoint, options.tokens, options.hop_limit, options.ipv6, options.tags
                );
                let from = if like.is_some() {
                    from
                } else {
                    ValueFrom::Proposed
                };
                return Some((Some(shown(&text)), from));
            }
            "placement" => {
                let found = &launch.placement;
                let all = [&found.tenancy, &found.group, &found.host, &found.affinity];
                let all: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
                Some(listed(&all)).filter(|text| !text.is_empty())
            }
            "monitoring" => Some(yes(launch.monitoring)),
            "ebs-optimized" => launch.ebs_optimized.map(yes),
            "credits" => word(&launch.credits),
            "shutdown-behaviour" => Some(shown(&launch.shutdown)),
            "cpu-options" => launch
                .cpu
                .as_ref()
                .map(|cpu| format!("{} cores, {} threads each", cpu.cores, cpu.threads)),
            "hibernation" => Some(yes(launch.hibernation)),
            "enclave" => Some(yes(launch.enclave)),
            "auto-recovery" => word(&launch.auto_recovery),
            "capacity-reservation" => return Some(reservation(like, launch)),
            "private-names" => launch
                .naming
                .as_ref()
                .map(|naming| shown(&naming.hostname_type)),
            "licences" => Some(launch.licenses.len().to_string()),
            "block-devices" => return Some((Some(devices(launch)), from)),
            "tags" => {
                let gone = self.facts.old().is_none();
                let from = if gone { ValueFrom::Proposed } else { from };
                return Some((Some(keys(&launch.tags)), from));
            }
            "volume-tags" => return Some(volume_tags(like, launch)),
            "interface-tags" | "further-addresses" => return Some(left(name, like)),
            "public-address" => return Some((Some("none".to_owned()), ValueFrom::Proposed)),
            _other => return None,
        };
        let from = if value.is_none() {
            ValueFrom::AwsDefault
        } else {
            from
        };
        Some((value, from))
    }
}

fn keys(tags: &Tags) -> String {
    let keys: Vec<String> = tags.keys().map(Untrusted::shown).collect();
    format!("{}: {}", keys.len(), listed(&keys))
}

/// A launch gives all volumes the same tags, so what differs between the old ones is left out.
fn volume_tags(like: Option<&Like>, launch: &LaunchInstance) -> Line {
    let Some(like) = like else {
        return (None, ValueFrom::AwsDefault);
    };
    let own = like.volumes.iter().flat_map(|volume| volume.tags.keys());
    let own = own.filter(|key| !launch.volume_tags.contains_key(*key));
    let lost: BTreeSet<String> = own.map(Untrusted::shown).collect();
    let kept = keys(&launch.volume_tags);
    if lost.is_empty() {
        return (Some(kept), ValueFrom::AsBefore);
    }
    let lost: Vec<String> = lost.into_iter().collect();
    let text = format!("{kept}; not carried over: {}", listed(&lost));
    (Some(text), ValueFrom::Proposed)
}

/// What nothing carries over.
fn left(name: &str, like: Option<&Like>) -> Line {
    let Some(primary) = like.and_then(Like::primary) else {
        return (None, ValueFrom::AwsDefault);
    };
    let further = primary.more_ips.len() + primary.ipv6.len() + primary.prefixes;
    let text = match (name, further) {
        ("further-addresses", 0) => return (Some("none".to_owned()), ValueFrom::AsBefore),
        ("further-addresses", _) => format!("none; {further} are not carried over"),
        _tags => "none; those of the old one are not carried over".to_owned(),
    };
    (Some(text), ValueFrom::Proposed)
}

/// A reservation that the old one was launched into by name is its own.
fn reservation(like: Option<&Like>, launch: &LaunchInstance) -> Line {
    let before = like.and_then(|like| like.configuration.capacity_target.as_deref());
    match (before, launch.capacity_preference.as_deref()) {
        (Some(target), preference) => {
            let preference = preference.map_or_else(|| "open".to_owned(), shown);
            let text = format!("{preference}; {} is not carried over", shown(target));
            (Some(text), ValueFrom::Proposed)
        }
        (None, Some(preference)) => (Some(shown(preference)), from_like(like)),
        (None, None) => (None, ValueFrom::AwsDefault),
    }
}

fn devices(launch: &LaunchInstance) -> String {
    let each = launch.block_devices.iter().map(|device| {
        format!(
            "{} {} {} GiB",
            device.device, device.volume_type, device.size
        )
    });
    let all: Vec<String> = each.collect();
    listed(&all)
}

/// From the API reference of `RunInstances`.
fn aws_default(name: &str) -> Option<&'static str> {
    Some(match name {
        "instance-type" => "m1.small",
        "subnet" => "one of the default VPC",
        "key-name" | "user-data" | "instance-profile" | "tags" | "licences" | "volume-tags"
        | "interface-tags" | "further-addresses" => "none",
        "metadata-options" => "as account and image say",
        "placement" => "default tenancy",
        "monitoring" | "hibernation" | "enclave" => "no",
        "ebs-optimized" | "credits" | "cpu-options" => "as the type has it",
        "shutdown-behaviour" => "stop",
        "auto-recovery" => "default",
        "capacity-reservation" => "open",
        "private-names" | "public-address" => "as the subnet has it",
        "block-devices" => "as the image was made",
        "private-ip" => "a free one of the subnet",
        _other => return None,
    })
}
