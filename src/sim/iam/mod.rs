//! IAM: users, groups, roles and the policies of an account, one set of them for all its Regions.
//!
//! They can be read, and nothing here decides by them: what is refused to the caller is said by the scenario.

mod details;
pub mod model;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::registry::Operation;
use model::{Iam, Identity};

/// How the SDK names the service.
const IAM: &str = "IAM";

/// Lists the operations of IAM.
pub fn operations() -> Vec<Operation> {
    vec![Operation::read(
        IAM,
        "GetAccountAuthorizationDetails",
        details::get,
    )]
}

/// Shows the policies of each account that has any, as `ACCOUNT/iam`.
pub fn picture(accounts: &BTreeMap<String, Iam>) -> impl Iterator<Item = (String, Value)> + '_ {
    let shown = |all: &BTreeMap<String, Identity>| -> Value {
        let told = all.iter().map(|(name, one)| {
            let told =
                json!({"inline": one.inline, "attached": one.attached, "boundary": one.boundary});
            (name.clone(), told)
        });
        Value::Object(told.collect())
    };
    accounts.iter().map(move |(account, iam)| {
        let policies = iam.policies.iter();
        let policies = policies.map(|(name, versions)| (name.clone(), json!(versions)));
        let told = json!({
            "users": shown(&iam.users),
            "groups": shown(&iam.groups),
            "roles": shown(&iam.roles),
            "policies": Value::Object(policies.collect()),
        });
        (format!("{account}/iam"), told)
    })
}
