//! `DescribeInstanceCreditSpecifications`: how burstable instances are paid for what they burst.
//! EC2 API reference: what was not said at launch is `unlimited`, for all families but the oldest.

use aws_sdk_ec2::operation::describe_instance_credit_specifications::{
    DescribeInstanceCreditSpecificationsInput, DescribeInstanceCreditSpecificationsOutput,
};
use aws_sdk_ec2::types as ec2;

use super::ids;
use super::model::Instance;
use crate::sim::call::Call;
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `DescribeInstanceCreditSpecifications`, for named instances.
pub fn describe(
    input: &DescribeInstanceCreditSpecificationsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeInstanceCreditSpecificationsOutput> {
    call.permit()?;
    let mut rows = Vec::new();
    for id in input.instance_ids() {
        let instance = ids::instance(call.estate(), id)?;
        let credits = credits(instance).ok_or_else(|| {
            let message = format!("The instance '{id}' is not a burstable performance instance.");
            Refusal::client("UnsupportedOperation", message)
        })?;
        let row = ec2::InstanceCreditSpecification::builder().instance_id(id);
        rows.push(row.cpu_credits(credits).build());
    }
    answer(
        move |output: &mut DescribeInstanceCreditSpecificationsOutput| {
            output.instance_credit_specifications = Some(rows);
        },
    )
}

fn credits(instance: &Instance) -> Option<String> {
    let burstable = instance.instance_type.starts_with('t');
    let said = || instance.settings.credits.clone();
    burstable.then(|| said().unwrap_or_else(|| "unlimited".to_owned()))
}
