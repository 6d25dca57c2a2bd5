//! What comes of the settings of the old table: given back with something to know, or not carried over.
//! Of a table that is gone nothing can be read; that is said once, elsewhere.

use crate::domain::check::Check;
use crate::domain::facts::Fact;
use crate::domain::text::shown;

use super::super::policy_text::{self, MOST_BYTES};
use super::super::prepared::Prepared;
use super::super::settings::{self, Kind, Setting};
use super::{fine, know, outlets, replicas, stop, unanswered};

/// The role that Application Auto Scaling acts as; it is made at the first registration, by whoever registers.
const LINKED_ROLE: &str = "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable";
/// The most tags of a table.
const MOST_TAGS: usize = 50;
/// Those of the run.
const OWN_TAGS: usize = 3;

pub(super) fn checks(prepared: &Prepared) -> Vec<Check> {
    let facts = prepared.facts;
    let mut checks = Vec::new();
    if facts.described().is_some() {
        if facts.backup.is_some() {
            checks.extend(unread(prepared, Kind::Recovery, &facts.recovery));
        }
        checks.extend(tags(prepared));
        checks.extend(auto_scaling(prepared));
        checks.extend(policy(prepared));
        checks.extend(outlets::checks(prepared));
        checks.extend(unread(prepared, Kind::TimeToLive, &facts.ttl));
    }
    checks.extend(replicas::checks(prepared));
    checks.extend(stream(prepared));
    checks.extend(time_to_live(prepared));
    checks
}

/// What could not be read is not given back, unless nobody wants it.
pub(super) fn unread<T>(prepared: &Prepared, kind: Kind, fact: &Fact<T>) -> Option<Check> {
    let why = fact.why_unknown()?;
    let wanted = !prepared.chosen.skip.contains(&kind);
    wanted.then(|| {
        unanswered(kind.as_str(), why)
            .advise("it is not given back then; the new table is without it")
    })
}

fn tags(prepared: &Prepared) -> Option<Check> {
    let name = Kind::Tags.as_str();
    let wanted = !prepared.chosen.skip.contains(&Kind::Tags);
    let count = settings::carried_tags(prepared.facts).len() + OWN_TAGS;
    if wanted && count > MOST_TAGS {
        let found = format!("with those of this run it would have {count} tags, of {MOST_TAGS}");
        return Some(stop(name, found).advise("say --skip tags, and set those that you need"));
    }
    unread(prepared, Kind::Tags, &prepared.facts.tags)
}

fn auto_scaling(prepared: &Prepared) -> Vec<Check> {
    let name = Kind::AutoScaling.as_str();
    let facts = prepared.facts;
    if prepared.chosen.skip.contains(&Kind::AutoScaling) {
        return Vec::new();
    }
    let Some(before) = facts.scaling.value() else {
        return unread(prepared, Kind::AutoScaling, &facts.scaling)
            .into_iter()
            .collect();
    };
    if before.targets.is_empty() {
        return Vec::new();
    }
    let Some(scaling) = settings::scaling(facts, &prepared.chosen, &prepared.new.name) else {
        let found = "the new table is paid by request, and is not scaled as the old one was";
        return vec![know(name, found)];
    };
    let linked = scaling
        .targets
        .iter()
        .any(|target| target.role.ends_with(LINKED_ROLE));
    let role = if linked || scaling.targets.is_empty() {
        fine(name, format!("given back: {}", settings::told(&scaling)))
    } else {
        know(
            name,
            format!(
                "no target of {} acts as the service-linked role; AWS makes it for the new table",
                shown(&prepared.old.name)
            ),
        )
        .advise("whoever runs this needs iam:CreateServiceLinkedRole for it")
    };
    let over = before.actions.len().saturating_sub(scaling.actions.len());
    let over = (over > 0).then(|| {
        let found = format!(
            "{over} scheduled actions are over, or of an index that is left out: not given back"
        );
        know("scheduled-actions", found)
    });
    std::iter::once(role).chain(over).collect()
}

fn policy(prepared: &Prepared) -> Vec<Check> {
    let name = Kind::Policy.as_str();
    let facts = prepared.facts;
    let mut checks = Vec::new();
    let freeze = prepared.freeze.as_ref();
    if let Some(freeze) = freeze.filter(|freeze| freeze.policy.raw().len() > MOST_BYTES) {
        checks.push(too_large(
            "with the freeze",
            freeze.policy.raw().len(),
            "freeze",
        ));
    }
    if prepared.chosen.skip.contains(&Kind::Policy) {
        return checks;
    }
    let Some(before) = facts.policy.value() else {
        checks.extend(unread(prepared, Kind::Policy, &facts.policy));
        return checks;
    };
    let Some(before) = before else {
        return checks;
    };
    let (old, new) = (&prepared.old.arn, &prepared.new.arn);
    let Some(carried) = settings::policy(facts, &prepared.new) else {
        checks.push(know(
            name,
            "there is nothing in the resource policy to be given to the new table",
        ));
        return checks;
    };
    if carried.raw().len() > MOST_BYTES {
        let what = "with the new table's ARN";
        checks.push(too_large(what, carried.raw().len(), "policy"));
    }
    if policy_text::is_frozen(&before.document) {
        let found = format!(
            "writes to {} are denied already; the new table does not get that",
            shown(&prepared.old.name)
        );
        checks.push(know(name, found));
    }
    let times = policy_text::renamed(&before.document, old, new);
    if times > 0 {
        let found = format!(
            "in the resource policy {times} ARNs become those of the new table: {} → {}",
            shown(old),
            shown(new)
        );
        checks.push(
            know(name, found)
                .advise("policies of roles and users that name the old table are yours to change"),
        );
    }
    checks
}

fn too_large(what: &str, bytes: usize, setting: &str) -> Check {
    let found = format!("the resource policy is {bytes} bytes {what}; AWS takes {MOST_BYTES}");
    let out = if setting == "freeze" {
        "leave --freeze out, or shorten the policy"
    } else {
        "say --skip policy, or shorten it"
    };
    stop("policy-size", found).advise(out)
}

fn stream(prepared: &Prepared) -> Option<Check> {
    let given = |setting: &Setting| matches!(setting, Setting::Stream(_));
    prepared.settings.iter().any(given).then(|| {
        know(
            "stream",
            "the stream gets an ARN of its own: whoever reads the old one by another way than Lambda is not told, and reads on there",
        )
        .advise("point readers at the new one from LATEST; from TRIM_HORIZON they read everything again")
    })
}

fn time_to_live(prepared: &Prepared) -> Option<Check> {
    let name = Kind::TimeToLive.as_str();
    let attribute = shown(settings::ttl(prepared.facts)?);
    let new = shown(&prepared.new.name);
    if prepared.ttl().is_none() {
        return Some(know(
            name,
            format!(
                "time to live (by {attribute}) stays off in {new}: what has expired is not deleted"
            ),
        ));
    }
    Some(
        know(
            name,
            format!("what has expired by {attribute} is in {new} again, and is deleted once time to live is enabled"),
        )
        .advise("it comes last: the run counts what has expired, and the table's name has to be typed"),
    )
}
