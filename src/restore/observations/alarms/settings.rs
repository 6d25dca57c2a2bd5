//! What an alarm on metrics is set to, there and back: out of an answer into the names of the API, and out of those
//! into a request.
//!
//! What cannot be read back is refused, so that no alarm is put that says less than it is to say.

use aws_sdk_cloudwatch::operation::put_metric_alarm::builders::PutMetricAlarmFluentBuilder;
use aws_sdk_cloudwatch::types::{
    AlarmTagsPropagation, ComparisonOperator, Dimension as SdkDimension, Metric as SdkMetric,
    MetricAlarm, MetricDataQuery, MetricStat, StandardUnit, Statistic, WarmUpConfiguration,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an alarm is set to, but for its name and for whether its actions are enabled.
#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub(in crate::restore) struct Settings {
    alarm_description: Option<String>,
    #[serde(rename = "OKActions")]
    ok_actions: Vec<String>,
    alarm_actions: Vec<String>,
    insufficient_data_actions: Vec<String>,
    metric_name: Option<String>,
    namespace: Option<String>,
    statistic: Option<String>,
    extended_statistic: Option<String>,
    dimensions: Vec<Dimension>,
    period: Option<i32>,
    unit: Option<String>,
    evaluation_periods: Option<i32>,
    datapoints_to_alarm: Option<i32>,
    threshold: Option<f64>,
    comparison_operator: Option<String>,
    treat_missing_data: Option<String>,
    evaluate_low_sample_count_percentile: Option<String>,
    metrics: Vec<Query>,
    threshold_metric_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Query {
    id: String,
    metric_stat: Option<Measure>,
    expression: Option<String>,
    label: Option<String>,
    return_data: Option<bool>,
    period: Option<i32>,
    account_id: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Measure {
    metric: Option<Measured>,
    period: Option<i32>,
    stat: Option<String>,
    unit: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Measured {
    namespace: Option<String>,
    metric_name: Option<String>,
    dimensions: Vec<Dimension>,
}

/// Returns what an alarm is set to, in the names of the API; what it is not set to is left out.
pub(super) fn of(found: &MetricAlarm) -> Value {
    let mut metrics: Vec<Query> = found.metrics().iter().map(query).collect();
    metrics.sort_by(|one, other| one.id.cmp(&other.id));
    let settings = Settings {
        alarm_description: own(found.alarm_description()),
        ok_actions: sorted(found.ok_actions()),
        alarm_actions: sorted(found.alarm_actions()),
        insufficient_data_actions: sorted(found.insufficient_data_actions()),
        metric_name: own(found.metric_name()),
        namespace: own(found.namespace()),
        statistic: own(found.statistic().map(Statistic::as_str)),
        extended_statistic: own(found.extended_statistic()),
        dimensions: dimensions(found.dimensions()),
        period: found.period(),
        unit: own(found.unit().map(StandardUnit::as_str)),
        evaluation_periods: found.evaluation_periods(),
        datapoints_to_alarm: found.datapoints_to_alarm(),
        threshold: found.threshold(),
        comparison_operator: own(found.comparison_operator().map(ComparisonOperator::as_str)),
        treat_missing_data: own(found.treat_missing_data()),
        evaluate_low_sample_count_percentile: own(found.evaluate_low_sample_count_percentile()),
        metrics,
        threshold_metric_id: own(found.threshold_metric_id()),
    };
    // Texts, numbers and lists of them always become JSON.
    let mut value = serde_json::to_value(settings).unwrap_or_default();
    prune(&mut value);
    value
}

/// Returns the name of what an alarm is set to beyond that. A sliding window is what every alarm has of itself.
pub(super) fn beyond(found: &MetricAlarm) -> Option<&'static str> {
    let window = found.evaluation_window();
    let warm_up = found.warm_up_configuration();
    let warm_up = warm_up.and_then(WarmUpConfiguration::warm_up_period_duration_in_minutes);
    let actions = found.action_configuration();
    let tags = actions.and_then(|set| set.alarm_tags_propagation());
    if found.evaluation_criteria().is_some() {
        Some("EvaluationCriteria")
    } else if window.is_some_and(|window| !window.is_sliding_window()) {
        Some("EvaluationWindow")
    } else if warm_up.is_some_and(|minutes| minutes > 0) {
        Some("WarmUpConfiguration")
    } else if tags.and_then(AlarmTagsPropagation::enabled) == Some(true) {
        Some("ActionConfiguration")
    } else {
        None
    }
}

fn own(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn sorted(all: &[String]) -> Vec<String> {
    let mut all = all.to_vec();
    all.sort_unstable();
    all
}

fn dimensions(found: &[SdkDimension]) -> Vec<Dimension> {
    let one = |one: &SdkDimension| Dimension {
        name: one.name().unwrap_or_default().to_owned(),
        value: one.value().unwrap_or_default().to_owned(),
    };
    let mut all: Vec<Dimension> = found.iter().map(one).collect();
    all.sort_by(|one, other| (&one.name, &one.value).cmp(&(&other.name, &other.value)));
    all
}

fn query(found: &MetricDataQuery) -> Query {
    let measured = |metric: &SdkMetric| Measured {
        namespace: own(metric.namespace()),
        metric_name: own(metric.metric_name()),
        dimensions: dimensions(metric.dimensions()),
    };
    let measure = |stat: &MetricStat| Measure {
        metric: stat.metric().map(measured),
        period: stat.period(),
        stat: own(stat.stat()),
        unit: own(stat.unit().map(StandardUnit::as_str)),
    };
    Query {
        id: found.id().unwrap_or_default().to_owned(),
        metric_stat: found.metric_stat().map(measure),
        expression: own(found.expression()),
        label: own(found.label()),
        return_data: found.return_data(),
        period: found.period(),
        account_id: own(found.account_id()),
    }
}

/// Takes out whatever is nothing.
fn prune(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(prune);
            fields.retain(|_, one| {
                !one.is_null() && one.as_array().is_none_or(|all| !all.is_empty())
            });
        }
        Value::Array(all) => all.iter_mut().for_each(prune),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

impl Settings {
    /// Reads them back; `None` where they say what this defib does not know.
    pub(in crate::restore) fn read(settings: &Value) -> Option<Self> {
        Self::deserialize(settings).ok()
    }

    /// Asks for an alarm that is set so.
    pub(in crate::restore) fn ask(
        self,
        put: PutMetricAlarmFluentBuilder,
    ) -> PutMetricAlarmFluentBuilder {
        let statistic = self.statistic.as_deref().map(Statistic::from);
        let unit = self.unit.as_deref().map(StandardUnit::from);
        let operator = self.comparison_operator.as_deref();
        put.set_alarm_description(self.alarm_description)
            .set_ok_actions(some(self.ok_actions))
            .set_alarm_actions(some(self.alarm_actions))
            .set_insufficient_data_actions(some(self.insufficient_data_actions))
            .set_metric_name(self.metric_name)
            .set_namespace(self.namespace)
            .set_statistic(statistic)
            .set_extended_statistic(self.extended_statistic)
            .set_dimensions(sdk_dimensions(self.dimensions))
            .set_period(self.period)
            .set_unit(unit)
            .set_evaluation_periods(self.evaluation_periods)
            .set_datapoints_to_alarm(self.datapoints_to_alarm)
            .set_threshold(self.threshold)
            .set_comparison_operator(operator.map(ComparisonOperator::from))
            .set_treat_missing_data(self.treat_missing_data)
            .set_evaluate_low_sample_count_percentile(self.evaluate_low_sample_count_percentile)
            .set_metrics(some(self.metrics.into_iter().map(Query::asked).collect()))
            .set_threshold_metric_id(self.threshold_metric_id)
    }
}

fn some<T>(all: Vec<T>) -> Option<Vec<T>> {
    (!all.is_empty()).then_some(all)
}

fn sdk_dimensions(all: Vec<Dimension>) -> Option<Vec<SdkDimension>> {
    let one = |one: Dimension| {
        let dimension = SdkDimension::builder().name(one.name);
        dimension.value(one.value).build()
    };
    some(all.into_iter().map(one).collect())
}

impl Query {
    fn asked(self) -> MetricDataQuery {
        MetricDataQuery::builder()
            .id(self.id)
            .set_metric_stat(self.metric_stat.map(Measure::asked))
            .set_expression(self.expression)
            .set_label(self.label)
            .set_return_data(self.return_data)
            .set_period(self.period)
            .set_account_id(self.account_id)
            .build()
    }
}

impl Measure {
    fn asked(self) -> MetricStat {
        let metric = self.metric.map(|metric| {
            SdkMetric::builder()
                .set_namespace(metric.namespace)
                .set_metric_name(metric.metric_name)
                .set_dimensions(sdk_dimensions(metric.dimensions))
                .build()
        });
        MetricStat::builder()
            .set_metric(metric)
            .set_period(self.period)
            .set_stat(self.stat)
            .set_unit(self.unit.as_deref().map(StandardUnit::from))
            .build()
    }
}
