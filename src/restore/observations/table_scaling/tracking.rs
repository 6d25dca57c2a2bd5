//! A rule that keeps a metric at a value, there and back: out of an answer into the names of the API, and out of those
//! into a request. It is the only kind of rule that `DynamoDB` knows.
//!
//! What cannot be read back is refused, so that no rule is put that says less than it is to say.

use aws_sdk_applicationautoscaling::types::{
    CustomizedMetricSpecification, MetricDimension, MetricStatistic, MetricType,
    PredefinedMetricSpecification, TargetTrackingMetric, TargetTrackingMetricDataQuery,
    TargetTrackingMetricDimension, TargetTrackingMetricStat,
    TargetTrackingScalingPolicyConfiguration as Tracking,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Under which name it stands.
pub(in crate::restore) const TRACKING: &str = "TargetTrackingScalingPolicyConfiguration";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    target_value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    predefined_metric_specification: Option<Predefined>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customized_metric_specification: Option<Customized>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_out_cooldown: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale_in_cooldown: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    disable_scale_in: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Predefined {
    predefined_metric_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_label: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Customized {
    #[serde(skip_serializing_if = "Option::is_none")]
    metric_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistic: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    metrics: Vec<Query>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Query {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expression: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metric_stat: Option<Measure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    return_data: Option<bool>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Measure {
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<Measured>,
    stat: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Measured {
    #[serde(skip_serializing_if = "Option::is_none")]
    metric_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    dimensions: Vec<Dimension>,
}

/// Writes a rule as the API names it; of any other kind of rule it says nothing.
pub(super) fn configuration(found: Option<&Tracking>) -> Value {
    let written = found.and_then(|found| serde_json::to_value(rule(found)).ok());
    written.map_or_else(|| json!({}), |rule| json!({ TRACKING: rule }))
}

/// Reads a rule that [`configuration`] wrote; `None` if it is another one.
pub(in crate::restore) fn typed(configuration: &Value) -> Option<Tracking> {
    let rule = configuration.get(TRACKING)?;
    sent(serde_json::from_value(rule.clone()).ok()?)
}

fn own(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn rule(found: &Tracking) -> Rule {
    let predefined = found.predefined_metric_specification();
    Rule {
        target_value: found.target_value(),
        predefined_metric_specification: predefined.map(|metric| Predefined {
            predefined_metric_type: metric.predefined_metric_type().as_str().to_owned(),
            resource_label: own(metric.resource_label()),
        }),
        customized_metric_specification: found.customized_metric_specification().map(customized),
        scale_out_cooldown: found.scale_out_cooldown(),
        scale_in_cooldown: found.scale_in_cooldown(),
        disable_scale_in: found.disable_scale_in(),
    }
}

fn customized(found: &CustomizedMetricSpecification) -> Customized {
    let dimension = |one: &MetricDimension| Dimension {
        name: one.name().to_owned(),
        value: one.value().to_owned(),
    };
    Customized {
        metric_name: own(found.metric_name()),
        namespace: own(found.namespace()),
        dimensions: found.dimensions().iter().map(dimension).collect(),
        statistic: own(found.statistic().map(MetricStatistic::as_str)),
        unit: own(found.unit()),
        metrics: found.metrics().iter().map(query).collect(),
    }
}

fn query(found: &TargetTrackingMetricDataQuery) -> Query {
    let metric = |one: &TargetTrackingMetric| Measured {
        metric_name: own(one.metric_name()),
        namespace: own(one.namespace()),
        dimensions: one.dimensions().iter().map(query_dimension).collect(),
    };
    Query {
        id: found.id().to_owned(),
        expression: own(found.expression()),
        label: own(found.label()),
        metric_stat: found.metric_stat().map(|one| Measure {
            metric: one.metric().map(metric),
            stat: one.stat().to_owned(),
            unit: own(one.unit()),
        }),
        return_data: found.return_data(),
    }
}

fn query_dimension(one: &TargetTrackingMetricDimension) -> Dimension {
    Dimension {
        name: one.name().to_owned(),
        value: one.value().to_owned(),
    }
}

fn sent(rule: Rule) -> Option<Tracking> {
    let predefined = rule.predefined_metric_specification.map(|metric| {
        PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::from(metric.predefined_metric_type.as_str()))
            .set_resource_label(metric.resource_label)
            .build()
    });
    let customized = rule.customized_metric_specification.map(sent_metric);
    Tracking::builder()
        .target_value(rule.target_value)
        .set_predefined_metric_specification(predefined.transpose().ok()?)
        .set_customized_metric_specification(match customized {
            Some(metric) => Some(metric?),
            None => None,
        })
        .set_scale_out_cooldown(rule.scale_out_cooldown)
        .set_scale_in_cooldown(rule.scale_in_cooldown)
        .set_disable_scale_in(rule.disable_scale_in)
        .build()
        .ok()
}

/// An empty list is left out, as it was.
fn some<T>(all: Vec<T>) -> Option<Vec<T>> {
    (!all.is_empty()).then_some(all)
}

fn sent_metric(metric: Customized) -> Option<CustomizedMetricSpecification> {
    let dimension = |one: Dimension| {
        let dimension = MetricDimension::builder().name(one.name).value(one.value);
        dimension.build().ok()
    };
    let dimensions: Option<Vec<_>> = metric.dimensions.into_iter().map(dimension).collect();
    let metrics: Option<Vec<_>> = metric.metrics.into_iter().map(sent_query).collect();
    let statistic = metric.statistic.as_deref().map(MetricStatistic::from);
    Some(
        CustomizedMetricSpecification::builder()
            .set_metric_name(metric.metric_name)
            .set_namespace(metric.namespace)
            .set_dimensions(some(dimensions?))
            .set_statistic(statistic)
            .set_unit(metric.unit)
            .set_metrics(some(metrics?))
            .build(),
    )
}

fn sent_query(query: Query) -> Option<TargetTrackingMetricDataQuery> {
    let stat = match query.metric_stat {
        Some(stat) => Some(sent_stat(stat)?),
        None => None,
    };
    TargetTrackingMetricDataQuery::builder()
        .id(query.id)
        .set_expression(query.expression)
        .set_label(query.label)
        .set_metric_stat(stat)
        .set_return_data(query.return_data)
        .build()
        .ok()
}

fn sent_stat(stat: Measure) -> Option<TargetTrackingMetricStat> {
    let metric = match stat.metric {
        Some(metric) => Some(sent_query_metric(metric)?),
        None => None,
    };
    TargetTrackingMetricStat::builder()
        .set_metric(metric)
        .stat(stat.stat)
        .set_unit(stat.unit)
        .build()
        .ok()
}

fn sent_query_metric(metric: Measured) -> Option<TargetTrackingMetric> {
    let dimension = |one: Dimension| {
        let dimension = TargetTrackingMetricDimension::builder().name(one.name);
        dimension.value(one.value).build().ok()
    };
    let dimensions: Option<Vec<_>> = metric.dimensions.into_iter().map(dimension).collect();
    let sent = TargetTrackingMetric::builder()
        .set_metric_name(metric.metric_name)
        .set_namespace(metric.namespace)
        .set_dimensions(some(dimensions?));
    Some(sent.build())
}
