//! Which policies of users, groups and roles know the old table and not the new one, with what a person can paste to
//! change that. No policy is changed by a run.
//!
//! Whoever is allowed something by the name of a table alone loses it at the switch-over.

use crate::domain::identity::diff::unified;
use crate::domain::identity::document::{Reading, read};
use crate::domain::identity::naming::Tables;
use crate::domain::identity::{AllFound, Found, Identities, Lacking, Owner};
use crate::domain::place::Place;
use crate::domain::text::{Untrusted, json_escaped, shown};
use crate::restore::flows::command;

use super::facts::TableFacts;

/// How many policies are written out, and how many bytes that may take: facts are kept with every run.
const MOST: usize = 10;
const MOST_BYTES: usize = 24 * 1024;
/// How many more are named.
const MOST_NAMED: usize = 40;
/// To how many a policy is told to be attached.
const MOST_ATTACHED: usize = 5;

/// The most versions of a managed policy (IAM and STS quotas).
const MOST_VERSIONS: usize = 5;

/// Holds the policies against the two tables.
pub(super) fn compared(found: &AllFound, facts: &TableFacts, new: &str) -> Identities {
    let (old_arn, new_arn) = (facts.arn_of(&facts.name), facts.arn_of(new));
    let tables = Tables {
        old: &old_arn,
        new: &new_arn,
    };
    let mut all = Identities {
        old: facts.name.as_str().into(),
        new: new.into(),
        cut: found.cut.clone(),
        ..Identities::default()
    };
    let mut lacking = Vec::new();
    for policy in &found.policies {
        let Some(reading) = read(policy.document.raw(), tables) else {
            all.unreadable += 1;
            continue;
        };
        if !reading.lacks.is_empty() {
            lacking.push(to_change(policy, &reading, &facts.place));
        } else if reading.depends {
            all.depending.push(title(policy));
        } else if reading.covers {
            all.covering += 1;
        }
    }
    all.depending.sort();
    if let Some(more) = all.depending.len().checked_sub(MOST_NAMED + 1) {
        all.depending.truncate(MOST_NAMED);
        all.depending.push(format!("and {} more", more + 1));
    }
    lacking.sort_by(|one, other| one.title.cmp(&other.title));
    bounded(lacking, &mut all);
    all
}

/// What does not fit is named, and what is beyond that is counted.
fn bounded(lacking: Vec<Lacking>, into: &mut Identities) {
    let mut bytes = 0;
    for one in lacking {
        let diff: usize = one.diff.iter().map(String::len).sum();
        let with = bytes + diff + one.command.len();
        if into.lacking.len() < MOST && with <= MOST_BYTES {
            bytes = with;
            into.lacking.push(one);
        } else if into.more.len() < MOST_NAMED {
            into.more.push(one.title);
        } else {
            into.beyond += 1;
        }
    }
}

fn title(policy: &Found) -> String {
    let name = policy.name.shown();
    match &policy.owner {
        Owner::User(user) => format!("inline policy {name} of user {}", user.shown()),
        Owner::Group(group) => format!("inline policy {name} of group {}", group.shown()),
        Owner::Role(role) => format!("inline policy {name} of role {}", role.shown()),
        Owner::Managed { attached, .. } => {
            let mut to: Vec<String> = attached.iter().map(Untrusted::shown).collect();
            to.sort();
            let told = match to.len() {
                0 => "nobody".to_owned(),
                many if many > MOST_ATTACHED => format!(
                    "{} and {} more",
                    to[..MOST_ATTACHED].join(", "),
                    many - MOST_ATTACHED
                ),
                _few => to.join(", "),
            };
            format!("policy {name}, attached to {told}")
        }
    }
}

fn to_change(policy: &Found, reading: &Reading, place: &Place) -> Lacking {
    let pretty = |value: &serde_json::Value| json_escaped(&format!("{value:#}"));
    let after = json_escaped(&reading.after.to_string());
    Lacking {
        title: title(policy),
        lacks: reading.lacks.clone(),
        diff: unified(&pretty(&reading.before), &pretty(&reading.after)),
        command: command_of(policy, &after, place),
        notes: notes(policy, &after),
    }
}

fn command_of(policy: &Found, document: &str, place: &Place) -> String {
    let options = command::options(place);
    // Between such quotes a shell takes everything as it stands, but for the quote itself.
    let document = format!("'{}'", document.replace('\'', r"'\''"));
    let name = word(policy.name.raw(), "POLICY");
    let inline = |kind: &str, owner: &Untrusted| {
        let owner = word(owner.raw(), &kind.to_ascii_uppercase());
        format!(
            "aws iam put-{kind}-policy {options} --{kind}-name {owner} --policy-name {name} --policy-document {document}"
        )
    };
    match &policy.owner {
        Owner::User(user) => inline("user", user),
        Owner::Group(group) => inline("group", group),
        Owner::Role(role) => inline("role", role),
        Owner::Managed { arn, .. } => format!(
            "aws iam create-policy-version {options} --policy-arn {} --set-as-default --policy-document {document}",
            word(arn.raw(), "ARN")
        ),
    }
}

/// Returns a name of IAM as a word of a shell, or `other` where it is none. IAM allows `+=,.@-_` in names.
fn word(text: &str, other: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_:/".contains(c);
    let is_word = !text.is_empty() && !text.starts_with('-') && text.chars().all(plain);
    if is_word {
        text.to_owned()
    } else {
        shown(other)
    }
}

/// What IAM would refuse the command for: sizes leave out blanks, of which this has none, and of inline policies all
/// of an owner count together (IAM and STS quotas).
fn notes(policy: &Found, document: &str) -> Vec<String> {
    let (most, versions) = match &policy.owner {
        Owner::User(_) => (2_048, 0),
        Owner::Group(_) => (5_120, 0),
        Owner::Role(_) => (10_240, 0),
        Owner::Managed { versions, .. } => (6_144, *versions),
    };
    let mut notes = Vec::new();
    let size = document.chars().filter(|c| !c.is_whitespace()).count();
    if size > most {
        notes.push(format!(
            "that makes it {size} characters long, and IAM takes {most}: divide it first"
        ));
    }
    if versions >= MOST_VERSIONS {
        notes.push(format!(
            "there are {versions} versions of it, the most that IAM keeps: delete one first that is not the default"
        ));
    }
    notes
}
