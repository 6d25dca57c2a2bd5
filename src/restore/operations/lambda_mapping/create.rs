//! Makes a mapping of a stream to a function, switched off.
//!
//! It begins at the end of the stream: from its beginning it would call the function with everything that the stream
//! still holds, once more (`StartingPosition`, API reference).

use async_trait::async_trait;
use aws_sdk_lambda::operation::create_event_source_mapping::builders::CreateEventSourceMappingFluentBuilder;
use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingMetric, EventSourceMappingMetricsConfig,
    EventSourcePosition, Filter, FilterCriteria, FunctionResponseType, OnFailure,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{DISABLED, ENABLED, HandledMapping, accepted, present};
use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure};
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::domain::trigger::{Reading, Trigger};
use crate::restore::observations::table_triggers::triggers;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, own_output, resolved,
};

const CALL: &str = "lambda:CreateEventSourceMapping";

/// A function can be called with what a stream holds; it is not called yet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateMapping {
    /// Name of the table.
    pub table: String,
    /// ARN of its stream.
    pub stream: Ref<String>,
    /// Which function, and how it is called.
    pub reading: Reading,
}

#[async_trait]
impl Operation for CreateMapping {
    type Output = HandledMapping;
    const NAME: &'static str = "lambda:CreateMapping";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        let mut parameters = Map::new();
        let mut add = |name: &str, value: Value| {
            parameters.insert(name.to_owned(), value);
        };
        add("EventSourceArn", json!(self.stream));
        add("FunctionName", json!(self.reading.function));
        add("Enabled", json!(false));
        add("StartingPosition", json!("LATEST"));
        for (name, value) in self.options() {
            add(name, value);
        }
        Request {
            service: "lambda",
            api: "CreateEventSourceMapping",
            parameters: parameters.into(),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<HandledMapping>, Failure> {
        let stream = resolved(&self.stream, CALL)?;
        let all = triggers(&cx.clients, stream).await?;
        let mut all = all.into_iter();
        let found = all.find(|one| one.reading.function == self.reading.function);
        Ok(match found {
            None => Probe::Absent {
                found: json!({"mapping": null}),
            },
            Some(found) => self.judged(cx, &found),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<HandledMapping>, Failure> {
        let call = cx.clients.lambda_once.create_event_source_mapping();
        let call = call
            .event_source_arn(resolved(&self.stream, CALL)?)
            .function_name(&self.reading.function)
            .enabled(false)
            .starting_position(EventSourcePosition::Latest);
        let answer = self.with_options(call).send().await;
        let answer = answer.map_err(|error| refused(failure(CALL, &error)))?;
        Ok(accepted(answer.uuid(), &answer))
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("mapping", "UUID")]
    }

    fn wait(&self) -> Option<Wait> {
        Some(Wait {
            service: "lambda",
            api: "GetEventSourceMapping",
            parameters: json!({"UUID": own_output("mapping")}),
            query: "State".to_owned(),
            wanted: &[DISABLED],
            fatal: &["Deleting"],
        })
    }
}

impl CreateMapping {
    /// What is said besides, by the API's names.
    fn options(&self) -> Vec<(&'static str, Value)> {
        let how = &self.reading;
        let number = |name, value: Option<i32>| value.map(|value| (name, json!(value)));
        let text = |name, value: &Option<String>| value.as_ref().map(|value| (name, json!(value)));
        let patterns = how.filters.iter().map(|one| json!({"Pattern": one}));
        let patterns: Vec<Value> = patterns.collect();
        let failures = how.failures_to.as_ref();
        let all = [
            number("BatchSize", how.batch_size),
            number("MaximumBatchingWindowInSeconds", how.window),
            number("ParallelizationFactor", how.parallel),
            number("TumblingWindowInSeconds", how.tumbling),
            number("MaximumRecordAgeInSeconds", how.max_age),
            number("MaximumRetryAttempts", how.retries),
            text("KMSKeyArn", &how.kms_key),
            how.bisect
                .map(|halved| ("BisectBatchOnFunctionError", json!(halved))),
            failures.map(|to| {
                let to = json!({"OnFailure": {"Destination": to}});
                ("DestinationConfig", to)
            }),
            (!patterns.is_empty()).then(|| ("FilterCriteria", json!({"Filters": patterns}))),
            (!how.answers.is_empty()).then(|| ("FunctionResponseTypes", json!(how.answers))),
            (!how.metrics.is_empty()).then(|| ("MetricsConfig", json!({"Metrics": how.metrics}))),
        ];
        all.into_iter().flatten().collect()
    }

    /// The same, as the SDK takes it.
    fn with_options(
        &self,
        call: CreateEventSourceMappingFluentBuilder,
    ) -> CreateEventSourceMappingFluentBuilder {
        let how = &self.reading;
        let patterns = how.filters.iter();
        let patterns = patterns.map(|one| Filter::builder().pattern(one).build());
        let patterns: Vec<Filter> = patterns.collect();
        let filters = (!patterns.is_empty()).then(|| {
            let criteria = FilterCriteria::builder().set_filters(Some(patterns));
            criteria.build()
        });
        let failures = how.failures_to.as_ref().map(|to| {
            let failures = OnFailure::builder().destination(to).build();
            DestinationConfig::builder().on_failure(failures).build()
        });
        let answers = how.answers.iter().map(String::as_str);
        let answers: Vec<_> = answers.map(FunctionResponseType::from).collect();
        let metrics = how.metrics.iter().map(String::as_str);
        let metrics: Vec<_> = metrics.map(EventSourceMappingMetric::from).collect();
        let metrics = (!metrics.is_empty()).then(|| {
            let config = EventSourceMappingMetricsConfig::builder();
            config.set_metrics(Some(metrics)).build()
        });
        call.set_batch_size(how.batch_size)
            .set_maximum_batching_window_in_seconds(how.window)
            .set_parallelization_factor(how.parallel)
            .set_tumbling_window_in_seconds(how.tumbling)
            .set_maximum_record_age_in_seconds(how.max_age)
            .set_maximum_retry_attempts(how.retries)
            .set_bisect_batch_on_function_error(how.bisect)
            .set_kms_key_arn(how.kms_key.clone())
            .set_filter_criteria(filters)
            .set_destination_config(failures)
            .set_function_response_types((!answers.is_empty()).then_some(answers))
            .set_metrics_config(metrics)
    }

    /// Says what a mapping of this function means. The stream is a new one, so only this step has a reason to make one;
    /// all the same it is this step's own only once the step has asked for it.
    fn judged(&self, cx: &Context, found: &Trigger) -> Probe<HandledMapping> {
        let (mapping, state) = (shown(&found.mapping), shown(&found.state));
        let function = shown(&self.reading.function);
        if cx.sent_at.is_none() && !cx.lost {
            return Probe::Conflict(format!(
                "mapping {mapping} calls {function} from this stream already, which this run has not asked for"
            ));
        }
        match found.state.as_str() {
            "Creating" | "Updating" | "Enabling" | "Disabling" => Probe::InProgress {
                detail: state,
                percent: None,
            },
            // A later step enables it, which a record that was damaged may have forgotten.
            ENABLED if !cx.lost => Probe::Conflict(format!(
                "mapping {mapping} is {state}, and {function} is called already: somebody else has enabled it"
            )),
            DISABLED | ENABLED if self.reading.fits(&found.reading) => {
                present(found, format!("mapping {mapping} is {state}"))
            }
            DISABLED | ENABLED => Probe::Conflict(format!(
                "mapping {mapping} calls {function} otherwise than the old one did"
            )),
            _other => Probe::Conflict(format!("mapping {mapping} is {state}")),
        }
    }
}

/// What is there already may be this very request's doing, whose answer was lost: it is looked for.
fn refused(failure: Failure) -> Failure {
    let effect = if failure.code.as_deref() == Some("ResourceConflictException") {
        Effect::Unknown
    } else {
        failure.effect
    };
    Failure { effect, ..failure }
}
