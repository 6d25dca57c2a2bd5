//! Policies of users, groups and roles that name a table: what is told of those that do not know the table that takes
//! its place. A person changes them, or nobody does.
//!
//! Documents are not kept, only what changes in them, and not of any number of policies.

pub mod diff;
pub mod document;
pub mod naming;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::facts::Fact;
use super::text::Untrusted;
use document::Lack;

/// The line of a gate in whose place the policies are told, once there is a plan. Steps hold it and not the policies:
/// whoever has changed one meanwhile has not changed what a run does.
pub const GATE_LINE: &str = "Policies of users, groups and roles that name only the old table, and what to change in them: \
     told with this question, if there are any.";

/// The field of a flow's facts that holds [`Identities`], as a [`Fact`]. No step follows from it: it is no part of a
/// plan's hash, since an account with thousands of policies is not read alike twice.
pub const FIELD: &str = "identities";

/// The check that tells of them, which is no part of the hash either, and stops nothing.
pub const CHECK: &str = "identity-policies";

/// A policy as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whose it is.
    pub owner: Owner,
    /// Its name, which an inline policy has within its owner.
    pub name: Untrusted,
    /// Its JSON; of a managed policy that of its default version.
    pub document: Untrusted,
}

/// What a policy belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The user whose inline policy it is.
    User(Untrusted),
    /// The group.
    Group(Untrusted),
    /// The role.
    Role(Untrusted),
    /// Nobody: a policy of the account, which is attached.
    Managed {
        /// Its ARN.
        arn: Untrusted,
        /// How many versions of it there are.
        versions: usize,
        /// What it is attached to, `role shop-api`, also as a boundary of permissions.
        attached: Vec<Untrusted>,
    },
}

/// The policies of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllFound {
    /// Each of them.
    pub policies: Vec<Found>,
    /// Why there may be more, where they were not read to the end.
    pub cut: Option<String>,
}

/// What policies say of a table and not of the one that takes its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identities {
    /// Name of the old table.
    pub old: Untrusted,
    /// Name of the new one.
    pub new: Untrusted,
    /// Policies that name the old one alone, with what to change, by their titles; the first ones only.
    pub lacking: Vec<Lacking>,
    /// Titles of others that do.
    pub more: Vec<String>,
    /// How many others there are beyond those.
    pub beyond: usize,
    /// How many name both, by a wildcard or one by one.
    pub covering: usize,
    /// Titles of policies with a variable that may name the old table.
    pub depending: Vec<String>,
    /// How many policies cannot be read as JSON.
    pub unreadable: usize,
    /// Why there may be more, where they were not read to the end.
    pub cut: Option<String>,
}

/// A policy that names the old table alone. All its texts are fit to be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lacking {
    /// Its name, and whose it is: `inline policy write of role shop-api`.
    pub title: String,
    /// What it lacks.
    pub lacks: Vec<Lack>,
    /// What to change in its JSON, in unified form.
    pub diff: Vec<String>,
    /// The command that changes it, to be pasted.
    pub command: String,
    /// What may be in the way of that.
    pub notes: Vec<String>,
}

impl Identities {
    /// Returns how many policies name the old table alone.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lacking.len() + self.more.len() + self.beyond
    }

    /// Returns the titles of the first of those, with how many more there are.
    #[must_use]
    pub fn titles(&self, most: usize) -> String {
        let lacking = self.lacking.iter().map(|one| one.title.as_str());
        let all = lacking.chain(self.more.iter().map(String::as_str));
        let told: Vec<&str> = all.take(most).collect();
        match self.count() - told.len() {
            0 => told.join("; "),
            more => format!("{}; and {more} more", told.join("; ")),
        }
    }

    /// Returns what is not known of the policies, one line each.
    #[must_use]
    pub fn doubts(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.depending.is_empty() {
            lines.push(format!(
                "whether these name {} depends on who asks, by variables in them: {}",
                self.old.shown(),
                self.depending.join("; ")
            ));
        }
        if self.unreadable > 0 {
            lines.push(format!(
                "{} of them cannot be read as JSON",
                self.unreadable
            ));
        }
        if let Some(why) = &self.cut {
            lines.push(format!("there may be more, since not all were read: {why}"));
        }
        lines
    }

    /// Returns what a person has to do, line by line, indented where it is a diff or a command. Empty where there is
    /// nothing to do.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let (old, new) = (self.old.shown(), self.new.shown());
        let mut lines = Vec::new();
        if self.count() > 0 {
            lines.push(format!(
                "{} {old} and not {new}. Change what should hold for {new} as well; {old} stays in it. defib changes \
                 none. Whole, to be pasted, the commands are in the report of this run, from now on:",
                words(self.count())
            ));
        }
        for one in &self.lacking {
            let lacks: Vec<&str> = one.lacks.iter().map(|lack| lack.words()).collect();
            lines.push(format!("{}: {}", one.title, lacks.join("; ")));
            lines.extend(one.diff.iter().map(|line| format!("  {line}")));
            lines.push(format!("  {}", one.command));
            lines.extend(one.notes.iter().cloned());
        }
        let told = self.lacking.len();
        if told < self.count() {
            let rest = Self {
                lacking: Vec::new(),
                ..self.clone()
            };
            lines.push(format!("Not written out: {}", rest.titles(usize::MAX)));
        }
        lines.extend(self.doubts());
        lines
    }
}

/// Begins a sentence about policies that name something.
#[must_use]
pub fn words(count: usize) -> String {
    match count {
        1 => "1 policy of users, groups and roles names".to_owned(),
        many => format!("{many} policies of users, groups and roles name"),
    }
}

/// Returns what a person has to do about policies, as the facts of a flow tell. Empty where there is nothing.
#[must_use]
pub fn told(facts: &Value) -> Vec<String> {
    let Some(fact) = fact(facts) else {
        return Vec::new();
    };
    match (fact.value(), fact.why_unknown()) {
        (Some(found), _) => found.lines(),
        (None, why) => vec![format!(
            "Which policies of users, groups and roles name only the old table is not known: {}. The check \
             identity-policies says how to look.",
            why.unwrap_or("no reason given")
        )],
    }
}

fn fact(facts: &Value) -> Option<Fact<Identities>> {
    Fact::deserialize(facts.get(FIELD)?).ok()
}

/// Returns what is left to a person once a run was taken back for which policies may have been changed meanwhile. `None`
/// where there were none to change.
#[must_use]
pub fn told_back(facts: &Value) -> Option<String> {
    let fact = fact(facts)?;
    let found = fact.value().filter(|found| found.count() > 0)?;
    let (new, titles) = (found.new.shown(), found.titles(usize::MAX));
    Some(format!(
        "the run was taken back, and no run changes policies: where you let one of these hold for {new} as well, it still \
         does, and nothing needs that any more: {titles}"
    ))
}
