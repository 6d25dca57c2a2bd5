//! Makes what stands beside the tables of a place: what scales them, and the parameters that they are found by.
//! Whatever of a table is scaled must be there: a scenario is read as AWS would have let it come about.

use aws_sdk_applicationautoscaling::types as scaling;
use jiff::Timestamp;

use super::build::{Builder, Built, DAY, unknown};
use super::form;
use crate::sim::app_scaling::model::{Action, Policy, Scaled, Target, role};
use crate::sim::ssm::Parameter;

impl Builder {
    pub(super) fn scaling(&mut self, form: &form::Table, created: Timestamp) -> Built<()> {
        let role = role(&self.place.account);
        for told in &form.scaling {
            let of = self.scaled(form, told.index.as_deref(), &told.of)?;
            let scaled = &mut self.estate.app_scaling;
            if let Some(value) = told.target {
                let name = format!("{}-{}", of.0.replace('/', "-"), told.of.to_lowercase());
                let configuration = target_tracking(value, &told.of)?;
                let policy = Policy {
                    configuration,
                    created,
                };
                scaled.policies.insert((of.clone(), name), policy);
            }
            let target = Target {
                min: told.min,
                max: told.max,
                role: role.clone(),
                suspended: [false; 3],
                created,
            };
            scaled.targets.insert(of, target);
        }
        for told in &form.scheduled {
            let of = self.scaled(form, told.index.as_deref(), &told.of)?;
            if !self.estate.app_scaling.targets.contains_key(&of) {
                return Err(self.no_such("scalable target", &of.0));
            }
            let action = Action {
                schedule: told.schedule.clone(),
                timezone: told.timezone.clone(),
                start: None,
                end: None,
                min: told.min,
                max: told.max,
                created,
            };
            let actions = &mut self.estate.app_scaling.actions;
            actions.insert((of, told.name.clone()), action);
        }
        Ok(())
    }

    fn scaled(&self, form: &form::Table, index: Option<&str>, of: &str) -> Built<Scaled> {
        if !["Read", "Write"].contains(&of) {
            return Err(unknown("dimension of a table", of));
        }
        let table = &form.name;
        let Some(index) = index else {
            let dimension = format!("dynamodb:table:{of}CapacityUnits");
            return Ok((format!("table/{table}"), dimension));
        };
        if !form.indexes.iter().any(|one| one.name == index) {
            return Err(self.no_such("index", index));
        }
        let dimension = format!("dynamodb:index:{of}CapacityUnits");
        Ok((format!("table/{table}/index/{index}"), dimension))
    }

    pub(super) fn parameter(&mut self, form: form::Parameter) -> Built<()> {
        let parameter = Parameter {
            kind: form.kind.unwrap_or_else(|| "String".to_owned()),
            value: form.value,
            version: form.version.unwrap_or(1),
            modified: self.before(None, DAY * 90)?,
        };
        let parameters = &mut self.estate.parameters;
        let replaced = parameters.insert(form.name.clone(), parameter);
        self.once("parameter", &form.name, replaced.is_some())
    }
}

/// What the console makes: the part of the capacity that is used, a minute between two changes.
fn target_tracking(
    value: f64,
    of: &str,
) -> Built<scaling::TargetTrackingScalingPolicyConfiguration> {
    let metric = format!("DynamoDB{of}CapacityUtilization");
    let metric = scaling::MetricType::from(metric.as_str());
    let specification = scaling::PredefinedMetricSpecification::builder();
    let specification = specification.predefined_metric_type(metric).build();
    let specification =
        specification.map_err(|error| unknown("metric of a policy", &error.to_string()))?;
    scaling::TargetTrackingScalingPolicyConfiguration::builder()
        .target_value(value)
        .predefined_metric_specification(specification)
        .scale_in_cooldown(60)
        .scale_out_cooldown(60)
        .build()
        .map_err(|error| unknown("configuration of a policy", &error.to_string()))
}
