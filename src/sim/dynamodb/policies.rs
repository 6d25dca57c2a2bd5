//! Resource policies of tables: `GetResourcePolicy`, `PutResourcePolicy`, `DeleteResourcePolicy`.
//! Who says which revision is expected, or that none is, is refused where it is another (DynamoDB API reference).
//! What a policy allows or denies is not simulated.

use aws_sdk_dynamodb::operation::delete_resource_policy::{
    DeleteResourcePolicyInput, DeleteResourcePolicyOutput,
};
use aws_sdk_dynamodb::operation::get_resource_policy::{
    GetResourcePolicyInput, GetResourcePolicyOutput,
};
use aws_sdk_dynamodb::operation::put_resource_policy::{
    PutResourcePolicyInput, PutResourcePolicyOutput,
};
use serde_json::Value;

use super::model::{Policy, Table};
use super::permit;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// The most bytes of a policy (DynamoDB developer guide: 20 KB).
const MOST: usize = 20_480;

/// `GetResourcePolicy`.
pub fn get(input: &GetResourcePolicyInput, call: &mut Call<'_>) -> Answer<GetResourcePolicyOutput> {
    permit(call, "GetResourcePolicy")?;
    let table = find(call, input.resource_arn())?;
    let policy = table.settings.policy.clone().ok_or_else(|| none(table))?;
    answer(move |output: &mut GetResourcePolicyOutput| {
        output.policy = Some(policy.text);
        output.revision_id = Some(policy.revision);
    })
}

/// `PutResourcePolicy`. The policy that is there already keeps its revision.
pub fn put(input: &PutResourcePolicyInput, call: &mut Call<'_>) -> Answer<PutResourcePolicyOutput> {
    permit(call, "PutResourcePolicy")?;
    let now = call.now();
    let table = find(call, input.resource_arn())?;
    let text = input.policy().unwrap_or_default();
    let Ok(policy) = serde_json::from_str::<Value>(text) else {
        return Err(invalid("Policy document is not valid JSON"));
    };
    if text.len() > MOST {
        return Err(invalid("Policy document exceeds the size limit of 20 KB"));
    }
    as_expected(table, input.expected_revision_id())?;
    let there = table.settings.policy.as_ref();
    let same = there.filter(|there| serde_json::from_str(&there.text).is_ok_and(is(&policy)));
    let revision = if let Some(same) = same {
        let revision = same.revision.clone();
        call.nothing_changed();
        revision
    } else {
        table.settings.put_policy(text, now)
    };
    answer(move |output: &mut PutResourcePolicyOutput| output.revision_id = Some(revision))
}

fn is(policy: &Value) -> impl FnOnce(Value) -> bool {
    move |there| there == *policy
}

/// `DeleteResourcePolicy`. It deletes no thing, and is the one deletion that is simulated here.
pub fn delete(
    input: &DeleteResourcePolicyInput,
    call: &mut Call<'_>,
) -> Answer<DeleteResourcePolicyOutput> {
    permit(call, "DeleteResourcePolicy")?;
    let table = find(call, input.resource_arn())?;
    as_expected(table, input.expected_revision_id())?;
    let gone = table.settings.policy.take().map(|policy| policy.revision);
    if gone.is_none() {
        call.nothing_changed();
    }
    answer(move |output: &mut DeleteResourcePolicyOutput| output.revision_id = gone)
}

/// Refuses where another revision is there than the caller knows.
fn as_expected(table: &Table, expected: Option<&str>) -> Result<(), Refusal> {
    let there = table.settings.policy.as_ref();
    let there = there.map(|Policy { revision, .. }| revision.as_str());
    match (expected, there) {
        (None, _) | (Some("NO_POLICY"), None) => Ok(()),
        (Some(expected), Some(there)) if expected == there => Ok(()),
        (Some(_), _) => Err(none(table)),
    }
}

fn none(table: &Table) -> Refusal {
    Refusal::client(
        "PolicyNotFoundException",
        format!(
            "Resource-based policy not found for the provided ResourceArn: {}",
            table.arn
        ),
    )
}

/// Policies are of an ARN, never of a name.
fn find<'w>(call: &'w mut Call<'_>, arn: Option<&str>) -> Result<&'w mut Table, Refusal> {
    let arn = arn.unwrap_or_default();
    let mut tables = call.estate().dynamodb.tables.values_mut();
    tables.find(|table| table.arn == arn).ok_or_else(|| {
        let message = format!("Requested resource not found: ResourceArn: {arn} not found");
        Refusal::client("ResourceNotFoundException", message)
    })
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
