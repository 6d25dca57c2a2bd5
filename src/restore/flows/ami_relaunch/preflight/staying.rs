//! What leads to the old instance and what becomes of it: every address, target and record that does not move is named,
//! with the reason, so that somebody moves it by hand.
//!
//! The ladder moves what belongs to the old primary private address, and whole secondary interfaces.

use crate::domain::check::Check;
use crate::domain::text::shown;
use crate::restore::observations::ec2_network::Interface;
use crate::restore::observations::elb::{Registration, TargetGroup};
use crate::restore::observations::route53::Pointing;
use crate::restore::operations::route53_record::RecordSet;

use super::super::facts::{Like, Ways};
use super::super::steps::Relaunch;
use super::{asked, fine, know, unanswered};

/// How many are named in one sentence.
const NAMED: usize = 6;

/// What becomes of something: `Err` with the reason where it stays.
type Fate = Result<(), String>;

/// The old instance, what leads to it, and what of that the plan moves.
pub(super) struct Staying<'a> {
    relaunch: &'a Relaunch<'a>,
    old: &'a Like,
    ways: &'a Ways,
}

pub(super) fn checks(relaunch: &Relaunch, old: &Like, ways: &Ways) -> Vec<Check> {
    let staying = Staying {
        relaunch,
        old,
        ways,
    };
    let mut checks = vec![staying.addresses()];
    checks.extend(staying.further());
    checks.push(staying.targets());
    checks.extend(blind(ways));
    checks.push(staying.records());
    checks.extend(unread(ways));
    checks
}

impl Staying<'_> {
    fn left_out(&self, rung: &str) -> Fate {
        if self.relaunch.has(rung) {
            Ok(())
        } else {
            Err(format!("{rung} is left out of --move"))
        }
    }

    fn with_interface(&self, interface: &Interface) -> Fate {
        if interface.managed {
            return Err(format!("an AWS service manages {}", interface.id));
        }
        self.left_out("interface")
    }

    fn is_primary(&self, address: &str) -> bool {
        let primary = self.old.primary();
        primary.is_some_and(|primary| primary.private_ip == address)
    }

    /// The interface that has a private address, with its number.
    fn holder(&self, address: &str) -> Option<&Interface> {
        let has = |one: &&Interface| {
            one.private_ip == address
                || one.more_ips.iter().any(|own| own == address)
                || one.ipv6.iter().any(|own| own == address)
        };
        self.old.interfaces.iter().find(has)
    }

    /// An address that is not the primary private one: it goes with what has it, or stays.
    fn of_address(&self, address: &str) -> Fate {
        let mut elastic = self.ways.addresses.value().into_iter().flatten();
        if let Some(found) = elastic.find(|one| one.public_ip == address) {
            return match self.holder(&found.private_ip) {
                Some(holder) if holder.device_index != 0 => self.with_interface(holder),
                Some(_) if self.is_primary(&found.private_ip) => self.left_out("address"),
                Some(_) | None => Err(format!(
                    "it belongs to {}, which the new one has not",
                    shown(&found.private_ip)
                )),
            };
        }
        if let Some(holder) = self.holder(address) {
            return if holder.device_index != 0 {
                self.with_interface(holder)
            } else {
                Err("the new instance has none of the further addresses".to_owned())
            };
        }
        let public = self.old.instance.public_address.as_ref();
        let amazon = public.is_some_and(|public| {
            public.ip == address && public.owner.as_deref() == Some("amazon")
        });
        Err(if amazon {
            "AWS's own address: it is lost at the stop, and may be somebody else's later"
        } else {
            "it is none that moves"
        }
        .to_owned())
    }

    fn addresses(&self) -> Check {
        let name = "addresses";
        asked(name, &self.ways.addresses, |all| {
            let fates = all
                .iter()
                .map(|one| (shown(&one.public_ip), self.of_address(&one.public_ip)));
            told(name, "Elastic IP addresses", fates)
                .unwrap_or_else(|| fine(name, "it has no Elastic IP address"))
        })
    }

    /// What of the primary interface nothing carries over.
    fn further(&self) -> Option<Check> {
        let primary = self.old.primary()?;
        let all = primary.more_ips.iter().chain(&primary.ipv6);
        let mut all: Vec<String> = all.map(|address| shown(address)).collect();
        if primary.prefixes > 0 {
            all.push(format!("{} prefixes", primary.prefixes));
        }
        (!all.is_empty()).then(|| {
            know(
                "further-addresses",
                format!(
                    "{} of the primary interface are not carried over: they stay with the old one",
                    some(&all)
                ),
            )
        })
    }

    fn of_target(&self, group: &TargetGroup, target: &Registration) -> Fate {
        match group.kind.as_str() {
            "instance" => self.left_out("targets"),
            "ip" if self.is_primary(&target.id) => self.left_out("targets"),
            "ip" => self.of_address(&target.id),
            other => Err(format!("targets of kind {} are not moved", shown(other))),
        }
    }

    fn targets(&self) -> Check {
        let name = "target-groups";
        asked(name, &self.ways.target_groups, |all| {
            let each = all
                .iter()
                .flat_map(|group| group.targets.iter().map(move |target| (group, target)));
            let fates = each.map(|(group, target)| {
                let called = format!("{} in {}", shown(&target.id), shown(&group.name));
                (called, self.of_target(group, target))
            });
            told(name, "targets of load balancers", fates)
                .unwrap_or_else(|| fine(name, "it is in no target group of its VPC"))
        })
    }

    fn records(&self) -> Check {
        let name = "records";
        asked(name, &self.ways.records, |all| {
            let fates = all
                .iter()
                .map(|found| (found.called.clone(), self.of_record(found)));
            told(name, "records of the account's own zones", fates).unwrap_or_else(|| {
                let found = "no record of the account's own zones points to it: one in somebody else's zone is \
                             not seen, and stays";
                know(name, found)
            })
        })
    }

    fn of_record(&self, found: &Pointing) -> Fate {
        let Some(record) = &found.record else {
            return Err("it routes in a way that is not carried over".to_owned());
        };
        let values = record.values.iter().filter_map(|value| value.known());
        let own = values.filter(|value| self.is_own(value));
        let mut fates = own.map(|value| self.of_value(record, value));
        fates.find(Result::is_err).unwrap_or(Ok(()))
    }

    fn is_own(&self, value: &str) -> bool {
        let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        let all = self.old.addresses().into_iter().chain(self.old.names());
        all.map(|own| plain(&own)).any(|own| own == plain(value))
    }

    fn of_value(&self, record: &RecordSet, value: &str) -> Fate {
        match record.kind.as_str() {
            "A" if self.is_primary(value) => self.left_out("dns"),
            "A" | "AAAA" => self.of_address(value),
            _name => self.of_name(value),
        }
    }

    /// The public name of an address goes with it; the private one is the old instance's own.
    fn of_name(&self, value: &str) -> Fate {
        let plain = |text: &str| text.trim_end_matches('.').to_ascii_lowercase();
        let public = self.old.configuration.public_name.as_deref();
        let address = self.old.instance.public_address.as_ref();
        match address.filter(|_| public.is_some_and(|public| plain(public) == plain(value))) {
            Some(address) => self.of_address(&address.ip),
            None => Err("it is the old one's own name".to_owned()),
        }
    }
}

/// Targets whose health nobody checks.
fn blind(ways: &Ways) -> Option<Check> {
    let all = ways.target_groups.value()?.iter();
    let unchecked = all.filter(|group| !group.checks || group.balancers == 0);
    let blind: Vec<String> = unchecked.map(|group| shown(&group.name)).collect();
    (!blind.is_empty()).then(|| {
        know(
            "target-health",
            format!(
                "{} check no health or are used by no load balancer: that the new target serves is not proven",
                some(&blind)
            ),
        )
    })
}

fn unread(ways: &Ways) -> Option<Check> {
    let zones = &ways.unread_zones;
    let first = zones.first()?;
    let names: Vec<String> = zones.iter().map(|zone| shown(&zone.name)).collect();
    let why = format!(
        "which records of {} point to it ({})",
        some(&names),
        first.why
    );
    Some(unanswered("unread-zones", &why).advise("they stay as they are: look yourself"))
}

/// One check of many things; `None` where there is nothing.
fn told(name: &str, what: &str, fates: impl Iterator<Item = (String, Fate)>) -> Option<Check> {
    let (stay, moved): (Vec<_>, Vec<_>) = fates.partition(|(_, fate)| fate.is_err());
    if stay.is_empty() && moved.is_empty() {
        return None;
    }
    if stay.is_empty() {
        let names: Vec<String> = moved.into_iter().map(|(called, _)| called).collect();
        return Some(fine(name, format!("{what} that move: {}", some(&names))));
    }
    let stay: Vec<String> = stay
        .into_iter()
        .map(|(called, fate)| match fate {
            Ok(()) => called,
            Err(why) => format!("{called} ({why})"),
        })
        .collect();
    let check = know(name, format!("{what} that stay: {}", some(&stay)));
    Some(check.advise("change them by hand, or they lead to the old one"))
}

fn some(all: &[String]) -> String {
    if all.len() <= NAMED {
        return all.join(", ");
    }
    let more = all.len() - NAMED;
    format!("{} and {more} more", all[..NAMED].join(", "))
}
