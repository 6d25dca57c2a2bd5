//! `DescribeScalingActivities`: what a group does and did, the newest first.
//! An activity is in progress until its end, and then it was successful.

use aws_sdk_autoscaling::operation::describe_scaling_activities::{
    DescribeScalingActivitiesInput, DescribeScalingActivitiesOutput,
};
use aws_sdk_autoscaling::types as scaling;
use jiff::Timestamp;

use super::model::Activity;
use super::{found, invalid};
use crate::sim::call::Call;
use crate::sim::ec2::date;
use crate::sim::registry::{Answer, answer};

/// `DescribeScalingActivities`, of one group.
pub fn describe(
    input: &DescribeScalingActivitiesInput,
    call: &mut Call<'_>,
) -> Answer<DescribeScalingActivitiesOutput> {
    call.permit_elsewhere()?;
    let now = call.now();
    let name = input.auto_scaling_group_name();
    let name = name.ok_or_else(|| invalid("The simulated AWS lists activities of one group"))?;
    let group = found(call.estate(), Some(name))?;
    let rows = group
        .activities
        .iter()
        .rev()
        .map(|one| row(name, one, now))
        .collect();
    answer(move |output: &mut DescribeScalingActivitiesOutput| output.activities = Some(rows))
}

/// Shows an activity.
pub fn row(group: &str, of: &Activity, now: Timestamp) -> scaling::Activity {
    let over = of.ends <= now;
    let status = if over {
        scaling::ScalingActivityStatusCode::Successful
    } else {
        scaling::ScalingActivityStatusCode::InProgress
    };
    scaling::Activity::builder()
        .activity_id(&of.id)
        .auto_scaling_group_name(group)
        .description(&of.description)
        .cause(&of.cause)
        .start_time(date(of.started))
        .set_end_time(over.then(|| date(of.ends)))
        .status_code(status)
        .progress(if over { 100 } else { 50 })
        .build()
}
