//! What IAM knows of an account.
//! Documents are kept as they were put, before they are encoded for an answer.

use std::collections::BTreeMap;

/// Users, groups, roles and managed policies of an account, each by name.
#[derive(Clone, Debug, Default)]
pub struct Iam {
    pub users: BTreeMap<String, Identity>,
    pub groups: BTreeMap<String, Identity>,
    pub roles: BTreeMap<String, Identity>,
    /// The documents of each managed policy, the oldest first; the last one is the default version.
    pub policies: BTreeMap<String, Vec<String>>,
}

/// A user, a group or a role.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// Documents by name.
    pub inline: BTreeMap<String, String>,
    /// Names of managed policies.
    pub attached: Vec<String>,
    /// The managed policy beyond which nothing is allowed.
    pub boundary: Option<String>,
}

/// The ARN of a managed policy.
pub fn policy_arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:policy/{name}")
}
