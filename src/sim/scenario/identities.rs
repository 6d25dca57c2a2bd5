//! Makes the users, groups, roles and policies of an account.
//! What is attached must be there, but for AWS's own policies, which nobody describes.

use super::build::Built;
use super::{ScenarioError, form};
use crate::sim::iam::model::Identity;
use crate::sim::world::World;

/// Makes what a scenario says of them.
pub(super) fn identities(
    world: &mut World,
    policies: Vec<form::ManagedPolicy>,
    identities: Vec<form::Identity>,
) -> Built<()> {
    for form in policies {
        let mut versions = form.before;
        versions.push(form.policy);
        let iam = world.iam.entry(form.account).or_default();
        iam.policies.insert(form.name, versions);
    }
    for form in identities {
        let iam = world.iam.entry(form.account.clone()).or_default();
        let mut named = form.attached.iter().chain(&form.boundary);
        if let Some(missing) = named.find(|name| !iam.policies.contains_key(*name)) {
            return Err(no_such(&form.account, "managed policy", missing));
        }
        let (all, name) = match (form.user, form.group, form.role) {
            (Some(name), None, None) => (&mut iam.users, name),
            (None, Some(name), None) => (&mut iam.groups, name),
            (None, None, Some(name)) => (&mut iam.roles, name),
            _none_or_several => return Err(no_such(&form.account, "user, group or role", "")),
        };
        let made = Identity {
            inline: form.inline,
            attached: form.attached,
            boundary: form.boundary,
        };
        all.insert(name, made);
    }
    Ok(())
}

fn no_such(account: &str, kind: &'static str, name: &str) -> ScenarioError {
    ScenarioError::NoSuch {
        place: account.to_owned(),
        kind,
        name: name.to_owned(),
    }
}
