//! Checks of the instance: what a stop would do to it, and what stands in the way of one.
//! What only a stop brings about is not mentioned in modes that do not stop.

use crate::domain::check::Check;
use crate::domain::facts::Fact;
use crate::domain::text::{Untrusted, listed, shown};
use crate::restore::flows::instance_store;
use crate::restore::observations::autoscaling::Membership;

use super::super::group::Hold;

use super::super::mark::Mark;
use super::super::target::{Mode, Target};
use super::{asked, fine, know, stop, unanswered};

pub(super) fn checks(target: &Target) -> Vec<Check> {
    let mut checks = vec![
        state(target),
        other_run(target),
        zone(target),
        group(target),
    ];
    if target.stops() {
        checks.extend([
            spot(target),
            instance_store(target),
            stop_protection(target),
            public_address(target),
        ]);
        checks.extend(hibernation(target));
    }
    checks.extend(product_codes(target));
    checks.extend(operator(target));
    checks.extend(windows(target));
    checks
}

fn state(target: &Target) -> Check {
    const NAME: &str = "instance-state";
    let called = target.facts.instance_called();
    let found = format!("{called} is {}", shown(&target.instance.state));
    match target.instance.state.as_str() {
        "running" => fine(NAME, found),
        "stopped" if target.mode == Mode::Beside => know(NAME, found)
            .advise("it is left stopped: start it yourself to look at the restored volume"),
        "stopped" => know(NAME, format!("{found}, and is left stopped"))
            .advise("nothing is interrupted; start it yourself when you want it"),
        _between => stop(NAME, found).advise("wait until it is running or stopped"),
    }
}

fn other_run(target: &Target) -> Check {
    const NAME: &str = "other-run";
    let called = target.facts.instance_called();
    match Mark::of(target.facts) {
        None => fine(NAME, format!("no other run has left its mark on {called}")),
        Some(mark) => know(NAME, mark.told())
            .advise("ask whoever it is; to take over all the same is confirmed by typing its name"),
    }
}

fn zone(target: &Target) -> Check {
    let zone = shown(&target.instance.zone);
    let found = format!("the new volume is made in {zone}, where the instance is");
    fine("availability-zone", found)
}

fn group(target: &Target) -> Check {
    const NAME: &str = "auto-scaling";
    let tag = Untrusted::from("aws:autoscaling:groupName");
    let tagged = target.instance.tags.get(&tag);
    match (target.facts.group.value(), tagged) {
        (Some(Some(membership)), _) => member(target, membership),
        (Some(None), _) => fine(NAME, "in no Auto Scaling group"),
        (None, Some(group)) => in_service(
            target,
            format!(
                "its tag says that it is in Auto Scaling group {}",
                group.shown()
            ),
        ),
        (None, None) => {
            let why = target.facts.group.why_unknown().unwrap_or_default();
            unanswered(NAME, why).advise("its tags name no group, which speaks against one")
        }
    }
}

fn member(target: &Target, membership: &Membership) -> Check {
    let group = shown(&membership.group);
    let lifecycle = shown(&membership.lifecycle);
    let found = format!("in Auto Scaling group {group}, {lifecycle}");
    if membership.lifecycle == "Standby" {
        return know("auto-scaling", found)
            .advise("the group leaves it alone on standby; bring it back yourself afterwards");
    }
    in_service(target, found)
}

fn in_service(target: &Target, found: String) -> Check {
    const NAME: &str = "auto-scaling";
    if target.mode == Mode::Beside {
        return know(NAME, found).advise("attaching beside does not concern the group");
    }
    if let Some(hold) = Hold::of(target) {
        return know(NAME, format!("{found}: {}", hold.told()));
    }
    let scaling = target.facts.scaling.as_ref();
    // Nothing has to be suspended where all that would do harm is.
    if scaling.and_then(Fact::value).is_some_and(Option::is_some) {
        return know(
            NAME,
            format!("{found}; it does nothing to a member at the moment"),
        );
    }
    stop(NAME, found).advise(format!(
        "the group would find it unhealthy and terminate it: first run aws autoscaling \
         enter-standby --instance-ids {} --should-decrement-desired-capacity \
         --auto-scaling-group-name GROUP",
        target.instance.id
    ))
}

fn spot(target: &Target) -> Check {
    const NAME: &str = "spot";
    asked(NAME, &target.facts.spot_request_type, |kind| {
        match kind.as_deref() {
            None => fine(NAME, "not a Spot Instance"),
            Some("persistent") => know(NAME, "a Spot Instance of a persistent request")
                .advise("there may be no capacity to start it again; have another way ready"),
            Some(other) => stop(
                NAME,
                format!(
                    "a Spot Instance of a {} request cannot be stopped",
                    shown(other)
                ),
            )
            .advise("use mode unmount for a data volume, or mode beside"),
        }
    })
}

fn instance_store(target: &Target) -> Check {
    let kind = &target.facts.instance_type;
    instance_store::check(target.instance, kind, "use mode unmount or mode beside")
}

fn stop_protection(target: &Target) -> Check {
    const NAME: &str = "stop-protection";
    asked(NAME, &target.facts.stop_protection, |protected| {
        if !protected {
            return fine(NAME, "stop protection is off");
        }
        let id = &target.instance.id;
        stop(NAME, "stop protection is on").advise(format!(
            "turn it off with aws ec2 modify-instance-attribute --instance-id {id} \
             --no-disable-api-stop, and on again (--disable-api-stop) afterwards"
        ))
    })
}

fn public_address(target: &Target) -> Check {
    const NAME: &str = "public-address";
    let Some(address) = &target.instance.public_address else {
        return fine(NAME, "no public address");
    };
    let ip = shown(&address.ip);
    match address.owner.as_deref() {
        Some("amazon") => know(
            NAME,
            format!("its public address {ip} is not an Elastic IP address: it will change"),
        )
        .advise("change what points at it (DNS, allow lists) once it runs again"),
        Some(_account) => fine(NAME, format!("{ip} is an Elastic IP address and stays")),
        None => unanswered(NAME, &format!("AWS does not tell whose address {ip} is")),
    }
}

fn hibernation(target: &Target) -> Option<Check> {
    target.instance.hibernation.then(|| {
        know("hibernation", "hibernation is configured").advise(
            "this is a plain stop: memory is not saved, and the root volume must stay encrypted",
        )
    })
}

fn product_codes(target: &Target) -> Option<Check> {
    const NAME: &str = "product-codes";
    let codes = &target.instance.product_codes;
    if codes.is_empty() {
        return None;
    }
    let found = format!("AWS Marketplace product codes {}", listed(codes));
    Some(if target.hot() {
        know(NAME, found).advise(
            "a volume that carries them can only be attached to a stopped instance: use mode stop \
             if the attach is refused",
        )
    } else {
        know(NAME, found).advise("the account needs the subscription for the new volume too")
    })
}

fn operator(target: &Target) -> Option<Check> {
    let service = target.instance.operator.as_deref()?;
    Some(
        stop("managed-instance", format!("managed by {}", shown(service)))
            .advise("restore it through that service"),
    )
}

fn windows(target: &Target) -> Option<Check> {
    if !target.instance.windows {
        return None;
    }
    let check = know("windows", "the instance runs Windows");
    Some(if target.hot() {
        check.advise(
            "the commands shown are for Linux: take the disk offline and online in Disk \
             Management; a copy beside its original comes up offline (same disk signature)",
        )
    } else {
        check.advise("drive letters of data volumes may change over a stop and start")
    })
}
