//! Makes the mappings by which Lambda reads the stream of a table.
//! A table without a stream has none: a scenario is read as AWS would have let it come about.

use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration, EventSourceMappingMetric,
    EventSourceMappingMetricsConfig, EventSourcePosition, Filter, FilterCriteria,
    FunctionResponseType, OnFailure,
};
use jiff::Timestamp;

use super::build::{Builder, Built};
use super::form;
use crate::sim::dynamodb::model::{stream_arn, table_arn};
use crate::sim::lambda::model::{Mapping, function_arn, uuid};
use crate::sim::timeline::Timeline;
use crate::sim::visibility::Visibility;

impl Builder {
    pub(super) fn triggers(&mut self, form: &form::Table, created: Timestamp) -> Built<()> {
        let stream = stream_arn(&table_arn(&self.place, &form.name), created);
        for told in &form.triggers {
            if form.stream.is_none() {
                return Err(self.no_such("stream", &form.name));
            }
            let function = function_arn(&self.place, &told.function);
            let id = uuid(&stream, &function);
            let on = told.enabled.unwrap_or(true);
            let mapping = Mapping {
                row: row(told, &stream, &function),
                stream: stream.clone(),
                state: Timeline::new(created, if on { "Enabled" } else { "Disabled" }),
                function,
                visibility: Visibility::default(),
            };
            let mappings = &mut self.estate.lambda.mappings;
            let replaced = mappings.insert(id, mapping);
            self.once("trigger", &told.function, replaced.is_some())?;
        }
        Ok(())
    }
}

fn row(told: &form::Trigger, stream: &str, function: &str) -> EventSourceMappingConfiguration {
    let position = told.position.as_deref().unwrap_or("LATEST");
    let patterns = told.filters.iter();
    let patterns = patterns.map(|one| Filter::builder().pattern(one).build());
    let patterns: Vec<Filter> = patterns.collect();
    let filters = (!patterns.is_empty()).then(|| {
        let criteria = FilterCriteria::builder().set_filters(Some(patterns));
        criteria.build()
    });
    let failures = told.failures_to.as_ref().map(|to| {
        let failures = OnFailure::builder().destination(to).build();
        DestinationConfig::builder().on_failure(failures).build()
    });
    let answers = told
        .reports_failures
        .then_some(FunctionResponseType::ReportBatchItemFailures);
    let counted = told.counted.then(|| {
        let config = EventSourceMappingMetricsConfig::builder();
        let config = config.metrics(EventSourceMappingMetric::EventCount);
        config.build()
    });
    EventSourceMappingConfiguration::builder()
        .uuid(uuid(stream, function))
        .event_source_arn(stream)
        .function_arn(function)
        .starting_position(EventSourcePosition::from(position))
        .batch_size(told.batch.unwrap_or(100))
        .maximum_batching_window_in_seconds(told.window.unwrap_or(0))
        .parallelization_factor(told.parallel.unwrap_or(1))
        .tumbling_window_in_seconds(told.tumbling.unwrap_or(0))
        .maximum_record_age_in_seconds(told.max_age.unwrap_or(-1))
        .maximum_retry_attempts(told.retries.unwrap_or(-1))
        .bisect_batch_on_function_error(told.bisect)
        .set_filter_criteria(filters)
        .set_destination_config(failures)
        .set_function_response_types(Some(answers.into_iter().collect()))
        .set_metrics_config(counted)
        .build()
}
