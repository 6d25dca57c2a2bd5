//! `PutScheduledAction` and `DescribeScheduledActions`. No schedule is read, and none comes due.
//! An action that is put again keeps what is not said anew, but for its times (Application Auto Scaling API reference).

use aws_sdk_applicationautoscaling::operation::describe_scheduled_actions::{
    DescribeScheduledActionsInput, DescribeScheduledActionsOutput,
};
use aws_sdk_applicationautoscaling::operation::put_scheduled_action::{
    PutScheduledActionInput, PutScheduledActionOutput,
};
use aws_sdk_applicationautoscaling::types as scaling;

use super::model::{Action, Scaled};
use super::{invalid, page, permit, registered, scaled};
use crate::sim::call::Call;
use crate::sim::ec2::{date, instant};
use crate::sim::refusal::Refusal;
use crate::sim::registry::{Answer, answer};

/// `PutScheduledAction`. It needs its target.
pub fn put(
    input: &PutScheduledActionInput,
    call: &mut Call<'_>,
) -> Answer<PutScheduledActionOutput> {
    permit(call, "PutScheduledAction", input.service_namespace())?;
    let now = call.now();
    let of = scaled(input.resource_id(), input.scalable_dimension());
    registered(call, &of)?;
    let name = input.scheduled_action_name().unwrap_or_default().to_owned();
    let actions = &mut call.estate().app_scaling.actions;
    let was = actions.get(&(of.clone(), name.clone()));
    let schedule = input.schedule.clone();
    let schedule = schedule.or(was.map(|was| was.schedule.clone()));
    let schedule = schedule.ok_or_else(|| invalid("Schedule is required"))?;
    let asked = input.scalable_target_action();
    let of_was = was.map_or((None, None), |was| (was.min, was.max));
    let (min, max) = asked.map_or(of_was, |asked| (asked.min_capacity(), asked.max_capacity()));
    let action = Action {
        schedule,
        timezone: input.timezone.clone(),
        start: input.start_time().and_then(instant),
        end: input.end_time().and_then(instant),
        min,
        max,
        created: was.map_or(now, |was| was.created),
    };
    actions.insert((of, name), action);
    answer(|_: &mut PutScheduledActionOutput| {})
}

/// `DescribeScheduledActions`.
pub fn describe(
    input: &DescribeScheduledActionsInput,
    call: &mut Call<'_>,
) -> Answer<DescribeScheduledActionsOutput> {
    permit(call, "DescribeScheduledActions", input.service_namespace())?;
    let actions = call.estate().app_scaling.actions.clone();
    let wanted = actions.iter().filter(|(((resource, dimension), name), _)| {
        let (names, asked) = (input.scheduled_action_names(), input.scalable_dimension());
        (names.is_empty() || names.contains(name))
            && input.resource_id().is_none_or(|asked| asked == resource)
            && asked.is_none_or(|asked| asked.as_str() == dimension)
    });
    let rows: Result<Vec<_>, _> = wanted
        .map(|((of, name), action)| row(call, of, name, action))
        .collect();
    let (rows, next) = page(rows?, input.max_results(), input.next_token())?;
    answer(move |output: &mut DescribeScheduledActionsOutput| {
        output.scheduled_actions = Some(rows);
        output.next_token = next;
    })
}

fn row(
    call: &Call<'_>,
    (resource, dimension): &Scaled,
    name: &str,
    action: &Action,
) -> Result<scaling::ScheduledAction, Refusal> {
    let (region, account) = (call.region(), call.account());
    let capacity = scaling::ScalableTargetAction::builder()
        .set_min_capacity(action.min)
        .set_max_capacity(action.max);
    scaling::ScheduledAction::builder()
        .scheduled_action_name(name)
        .scheduled_action_arn(format!(
            "arn:aws:autoscaling:{region}:{account}:scheduledAction:simulated:resource/dynamodb/\
             {resource}:scheduledActionName/{name}"
        ))
        .service_namespace(scaling::ServiceNamespace::Dynamodb)
        .schedule(&action.schedule)
        .set_timezone(action.timezone.clone())
        .resource_id(resource)
        .scalable_dimension(scaling::ScalableDimension::from(dimension.as_str()))
        .set_start_time(action.start.map(date))
        .set_end_time(action.end.map(date))
        .scalable_target_action(capacity.build())
        .creation_time(date(action.created))
        .build()
        .map_err(|error| Refusal::new(500, "InternalServiceException", error.to_string()))
}
