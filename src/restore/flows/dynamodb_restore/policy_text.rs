//! The JSON of resource policies: what the new table gets of the old one's, and how writes to the old one are denied.
//!
//! Texts are written in one form, keys sorted and no blanks, so that the same policy always reads the same.

use serde_json::{Value, json};

use crate::domain::text::Untrusted;

/// The most bytes of a policy, blanks counted (`PutResourcePolicy`).
pub(super) const MOST_BYTES: usize = 20_480;

/// The statement that denies writes.
const FREEZE: &str = "DefibFreeze";

/// Every way to write items; a transaction is allowed by the actions of its items. What sets a policy is not among
/// them, so that the freeze can be taken back.
const WRITES: [&str; 7] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:DeleteItem",
    "dynamodb:PartiQLDelete",
    "dynamodb:PartiQLInsert",
    "dynamodb:PartiQLUpdate",
    "dynamodb:PutItem",
    "dynamodb:UpdateItem",
];

/// Returns the policy with the ARN of one table in place of another's. A freeze is about the old table and is not
/// carried over. `None` where nothing is left, or the text is no policy.
pub(super) fn carried(document: &Untrusted, old: &str, new: &str) -> Option<Untrusted> {
    let mut policy = parsed(document)?;
    let kept: Vec<Value> = statements(&policy).filter(|one| !is_freeze(one)).collect();
    if kept.is_empty() {
        return None;
    }
    policy["Statement"] = Value::Array(kept);
    rename(&mut policy, old, new);
    Some(Untrusted::new(policy.to_string()))
}

/// Returns how often an ARN is replaced in a policy that is carried over.
pub(super) fn renamed(document: &Untrusted, old: &str, new: &str) -> usize {
    let policy = parsed(document);
    policy.map_or(0, |mut policy| rename(&mut policy, old, new))
}

/// Returns a policy under which nobody writes to a table but who is named, beside what was there before. `None` where
/// what was there is no policy.
pub(super) fn frozen(
    before: Option<&Untrusted>,
    arn: &str,
    spared: &[String],
) -> Option<Untrusted> {
    let mut policy = match before {
        Some(document) => parsed(document)?,
        None => json!({"Version": "2012-10-17"}),
    };
    let mut all: Vec<Value> = statements(&policy).filter(|one| !is_freeze(one)).collect();
    let mut freeze = json!({
        "Sid": FREEZE,
        "Effect": "Deny",
        "Principal": "*",
        "Action": WRITES,
        "Resource": arn,
    });
    if !spared.is_empty() {
        freeze["Condition"] = json!({"ArnNotLike": {"aws:PrincipalArn": spared}});
    }
    all.push(freeze);
    policy["Statement"] = Value::Array(all);
    Some(Untrusted::new(policy.to_string()))
}

/// Tells whether anything but a freeze stands in a policy.
pub(super) fn says_more(document: &Untrusted) -> bool {
    parsed(document).is_some_and(|policy| statements(&policy).any(|one| !is_freeze(&one)))
}

/// Tells whether a policy denies writes already.
pub(super) fn is_frozen(document: &Untrusted) -> bool {
    parsed(document).is_some_and(|policy| statements(&policy).any(|one| is_freeze(&one)))
}

fn parsed(document: &Untrusted) -> Option<Value> {
    let policy: Value = serde_json::from_str(document.raw()).ok()?;
    policy.is_object().then_some(policy)
}

/// One statement may stand without a list.
fn statements(policy: &Value) -> impl Iterator<Item = Value> {
    let said = policy["Statement"].clone();
    let all = match said.as_array() {
        Some(all) => all.clone(),
        None if said.is_null() => Vec::new(),
        None => vec![said],
    };
    all.into_iter()
}

fn is_freeze(statement: &Value) -> bool {
    statement["Sid"] == FREEZE
}

/// Replaces an ARN wherever it stands as a whole or before a slash: `table/orders` is no part of `table/orders-old`.
fn rename(value: &mut Value, old: &str, new: &str) -> usize {
    match value {
        Value::String(text) => {
            let rest = text.strip_prefix(old);
            let Some(rest) = rest.filter(|rest| rest.is_empty() || rest.starts_with('/')) else {
                return 0;
            };
            let own = format!("{new}{rest}");
            if own == *text {
                return 0;
            }
            *text = own;
            1
        }
        Value::Array(items) => items.iter_mut().map(|item| rename(item, old, new)).sum(),
        Value::Object(fields) => fields
            .values_mut()
            .map(|field| rename(field, old, new))
            .sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
