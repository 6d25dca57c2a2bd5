//! What a scenario may say of users, groups, roles and their policies.
//! Whether the names lead somewhere is for the builder to find out.

use std::collections::BTreeMap;

use serde::Deserialize;

/// A user, a group or a role: just one of the three is said.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub account: String,
    pub user: Option<String>,
    pub group: Option<String>,
    pub role: Option<String>,
    /// Inline policies, as JSON, by name.
    #[serde(default)]
    pub inline: BTreeMap<String, String>,
    /// Managed policies, by name.
    #[serde(default)]
    pub attached: Vec<String>,
    /// The managed policy that is its boundary of permissions.
    pub boundary: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManagedPolicy {
    pub account: String,
    pub name: String,
    /// Its default version, as JSON.
    pub policy: String,
    /// Versions before that one, the oldest first.
    #[serde(default)]
    pub before: Vec<String>,
}
