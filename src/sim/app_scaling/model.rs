//! What Application Auto Scaling keeps: targets, policies and scheduled actions. Plain records.
//! Nothing is scaled by them: capacity stays as it is set.

use std::collections::BTreeMap;

use aws_sdk_applicationautoscaling::types as scaling;
use jiff::Timestamp;

/// A resource and its dimension: `table/orders`, `dynamodb:table:ReadCapacityUnits`.
pub type Scaled = (String, String);

/// What is scaled in one place.
#[derive(Clone, Debug, Default)]
pub struct AppScaling {
    pub targets: BTreeMap<Scaled, Target>,
    /// By what they scale and by name.
    pub policies: BTreeMap<(Scaled, String), Policy>,
    /// By what they scale and by name.
    pub actions: BTreeMap<(Scaled, String), Action>,
}

/// A scalable target.
#[derive(Clone, Debug)]
pub struct Target {
    pub min: i32,
    pub max: i32,
    pub role: String,
    /// What is suspended: scaling in, scaling out, scheduled scaling.
    pub suspended: [bool; 3],
    pub created: Timestamp,
}

/// A policy that follows a target value.
#[derive(Clone, Debug)]
pub struct Policy {
    pub configuration: scaling::TargetTrackingScalingPolicyConfiguration,
    pub created: Timestamp,
}

/// A scheduled action.
#[derive(Clone, Debug)]
pub struct Action {
    pub schedule: String,
    pub timezone: Option<String>,
    pub start: Option<Timestamp>,
    pub end: Option<Timestamp>,
    pub min: Option<i32>,
    pub max: Option<i32>,
    pub created: Timestamp,
}

/// The role that the service acts as for tables; it makes it itself.
pub fn role(account: &str) -> String {
    format!(
        "arn:aws:iam::{account}:role/aws-service-role/dynamodb.application-autoscaling.amazonaws.com/\
         AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"
    )
}
