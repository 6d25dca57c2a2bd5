//! Application Auto Scaling of tables: what needs what, and what is told of it.
//! A policy is nested deep in a request, so what is recorded of one is looked at here too.

use aws_sdk_applicationautoscaling::operation::put_scaling_policy::builders::PutScalingPolicyFluentBuilder;
use aws_sdk_applicationautoscaling::operation::put_scheduled_action::builders::PutScheduledActionFluentBuilder;
use aws_sdk_applicationautoscaling::operation::register_scalable_target::builders::RegisterScalableTargetFluentBuilder;
use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ScalableTargetAction,
    ServiceNamespace, SuspendedState, TargetTrackingScalingPolicyConfiguration,
};

use super::support::{ACCOUNT, Bench, REGION, code};
use crate::sim::{Fault, On};

const SERVICE: &str = "Application Auto Scaling";

fn register(bench: &Bench, resource: &str) -> RegisterScalableTargetFluentBuilder {
    let dimension = if resource.contains("/index/") {
        ScalableDimension::DynamoDbIndexReadCapacityUnits
    } else {
        ScalableDimension::DynamoDbTableReadCapacityUnits
    };
    let call = bench.application_autoscaling.register_scalable_target();
    let call = call.service_namespace(ServiceNamespace::Dynamodb);
    call.resource_id(resource).scalable_dimension(dimension)
}

fn policy(bench: &Bench, resource: &str, name: &str, value: f64) -> PutScalingPolicyFluentBuilder {
    let metric = PredefinedMetricSpecification::builder()
        .predefined_metric_type(MetricType::DynamoDbReadCapacityUtilization);
    let configuration = TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(value)
        .predefined_metric_specification(metric.build().unwrap());
    let call = bench.application_autoscaling.put_scaling_policy();
    let call = call.service_namespace(ServiceNamespace::Dynamodb);
    call.resource_id(resource)
        .scalable_dimension(ScalableDimension::DynamoDbTableReadCapacityUnits)
        .policy_type(PolicyType::TargetTrackingScaling)
        .policy_name(name)
        .target_tracking_scaling_policy_configuration(configuration.build().unwrap())
}

fn action(bench: &Bench, resource: &str) -> PutScheduledActionFluentBuilder {
    let capacity = ScalableTargetAction::builder().min_capacity(800);
    let call = bench.application_autoscaling.put_scheduled_action();
    let call = call.service_namespace(ServiceNamespace::Dynamodb);
    call.resource_id(resource)
        .scalable_dimension(ScalableDimension::DynamoDbTableReadCapacityUnits)
        .scheduled_action_name("evening")
        .schedule("cron(0 18 * * ? *)")
        .scalable_target_action(capacity.build())
}

#[tokio::test(start_paused = true)]
async fn a_target_needs_its_table_and_a_policy_its_target() {
    let bench = Bench::prompt("table");
    let sized = |resource: &str| register(&bench, resource).min_capacity(5).max_capacity(10);
    for absent in [
        "table/nobody",
        "table/orders/index/nothing",
        "stream/orders",
    ] {
        let refused = sized(absent).send().await;
        assert_eq!(code(refused), "ValidationException", "{absent}");
    }
    let customers = "table/customers";
    let early = policy(&bench, customers, "p", 70.0).send().await;
    assert_eq!(code(early), "ObjectNotFoundException");
    let early = action(&bench, customers).send().await;
    assert_eq!(code(early), "ObjectNotFoundException");
    let half = register(&bench, customers).min_capacity(5).send().await;
    assert_eq!(code(half), "ValidationException");
    let turned = register(&bench, customers).min_capacity(5).max_capacity(4);
    assert_eq!(code(turned.send().await), "ValidationException");
    sized(customers).send().await.unwrap();
    policy(&bench, customers, "p", 70.0).send().await.unwrap();
    action(&bench, customers).send().await.unwrap();
    sized("table/orders/index/by-state").send().await.unwrap();
    let picture = bench.aws.picture();
    let table = &picture[format!("{ACCOUNT}/{REGION}")]["tables"]["customers"];
    let scaling = table["scaling"].as_object().unwrap();
    let names: Vec<_> = scaling.keys().map(String::as_str).collect();
    let dimension = "dynamodb:table:ReadCapacityUnits";
    assert_eq!(
        names,
        ["at times evening", "p", "target"].map(|name| format!("{dimension} {name}"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_registered_again_keeps_what_is_not_said() {
    let bench = Bench::prompt("table");
    let suspended = SuspendedState::builder().dynamic_scaling_in_suspended(true);
    let again = register(&bench, "table/orders").max_capacity(9_000);
    again
        .suspended_state(suspended.build())
        .send()
        .await
        .unwrap();
    let read = bench.application_autoscaling.describe_scalable_targets();
    let read = read.service_namespace(ServiceNamespace::Dynamodb);
    let read = read
        .resource_ids("table/orders")
        .resource_ids("table/orders/index/by-customer");
    let all = read.clone().send().await.unwrap();
    assert_eq!(all.scalable_targets().len(), 3);
    let of = read.scalable_dimension(ScalableDimension::DynamoDbTableReadCapacityUnits);
    let told = of.send().await.unwrap().scalable_targets.unwrap().remove(0);
    assert_eq!((told.min_capacity, told.max_capacity), (200, 9_000));
    let suspended = told.suspended_state().unwrap();
    assert_eq!(suspended.dynamic_scaling_in_suspended(), Some(true));
    assert_eq!(suspended.scheduled_scaling_suspended(), Some(false));
    assert!(
        told.role_arn()
            .ends_with("AWSServiceRoleForApplicationAutoScaling_DynamoDBTable")
    );
}

#[tokio::test(start_paused = true)]
async fn policies_and_actions_are_told_page_by_page() {
    let bench = Bench::prompt("table");
    let read = || {
        let read = bench.application_autoscaling.describe_scaling_policies();
        read.service_namespace(ServiceNamespace::Dynamodb)
    };
    let page = read().max_results(2).send().await.unwrap();
    assert_eq!(page.scaling_policies().len(), 2);
    let rest = read().max_results(2).next_token(page.next_token.unwrap());
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.scaling_policies().len(), rest.next_token), (1, None));
    let of_index = read().resource_id("table/orders/index/by-customer");
    let of_index = of_index.send().await.unwrap().scaling_policies.unwrap();
    let told = &of_index[0];
    let configuration = told.target_tracking_scaling_policy_configuration().unwrap();
    assert!((configuration.target_value() - 70.0).abs() < f64::EPSILON);
    let by_name = read().policy_names(told.policy_name()).send().await;
    assert_eq!(by_name.unwrap().scaling_policies(), of_index);

    let read = bench.application_autoscaling.describe_scheduled_actions();
    let read = read.service_namespace(ServiceNamespace::Dynamodb);
    let told = read.send().await.unwrap().scheduled_actions.unwrap();
    assert_eq!(told[0].scheduled_action_name(), "evening-sale");
    assert_eq!(told[0].timezone(), Some("Europe/Berlin"));
    let capacity = told[0].scalable_target_action().unwrap();
    assert_eq!(
        (capacity.min_capacity(), capacity.max_capacity()),
        (Some(800), Some(4_000))
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_denied_or_fails_says_so_as_the_service_does() {
    let bench = Bench::prompt("table");
    bench.aws.third_party(ACCOUNT, REGION, |hands| {
        hands.set_denied("application-autoscaling:RegisterScalableTarget", true);
    });
    let denied = register(&bench, "table/orders")
        .max_capacity(1)
        .send()
        .await;
    assert_eq!(code(denied), "AccessDeniedException");
    for (fault, wanted) in [
        (Fault::Throttled, "ThrottlingException"),
        (Fault::ExpiredCredentials, "ExpiredTokenException"),
        (Fault::Unauthorized, "AccessDeniedException"),
    ] {
        bench.aws.faults().inject(On::any().service(SERVICE), fault);
        let refused = policy(&bench, "table/orders", "p", 1.0).send().await;
        assert_eq!(code(refused), wanted);
    }
    let other = bench.application_autoscaling.describe_scalable_targets();
    let other = other.service_namespace(ServiceNamespace::Ecs).send().await;
    assert_eq!(code(other), "ValidationException");
}

#[tokio::test(start_paused = true)]
async fn nested_parameters_are_recorded_value_by_value() {
    let bench = Bench::prompt("table");
    policy(&bench, "table/orders", "p", 62.5)
        .send()
        .await
        .unwrap();
    let call = bench.aws.calls().pop().unwrap();
    let configuration = "TargetTrackingScalingPolicyConfiguration";
    assert_eq!(
        call.parameters[&format!("{configuration}.TargetValue")],
        "62.5"
    );
    let metric = "PredefinedMetricSpecification.PredefinedMetricType";
    let metric = &call.parameters[&format!("{configuration}.{metric}")];
    assert_eq!(metric, "DynamoDBReadCapacityUtilization");
    assert_eq!(call.action(), "application-autoscaling:PutScalingPolicy");
    assert!(call.took_effect);
}
