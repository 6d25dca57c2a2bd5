//! What reads the stream of a table: Lambda's mappings of it.
//!
//! Filters that are encrypted are not told by the listing but one by one, to whoever may decrypt them
//! (`FilterCriteria` and `FilterCriteriaError`, Lambda API reference).

#[cfg(test)]
mod tests;

use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingMetricsConfig, EventSourcePosition, FilterCriteria,
    FilterCriteriaError,
};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::text::Untrusted;
use crate::domain::trigger::{Reading, Trigger};

use super::{none_if_missing, text};

const LIST: &str = "lambda:ListEventSourceMappings";
const GET: &str = "lambda:GetEventSourceMapping";

/// A mapping out of any of the answers that tell one.
macro_rules! described {
    ($told:expr) => {{
        let told = $told;
        let position = told.starting_position().map(EventSourcePosition::as_str);
        let answers = told.function_response_types().iter();
        Trigger {
            mapping: text(told.uuid()),
            state: text(told.state()),
            position: position.map(str::to_owned),
            hidden: told.filter_criteria_error().map(hidden),
            reading: Reading {
                function: text(told.function_arn()),
                batch_size: told.batch_size(),
                window: told.maximum_batching_window_in_seconds(),
                parallel: told.parallelization_factor(),
                tumbling: told.tumbling_window_in_seconds(),
                filters: patterns(told.filter_criteria()),
                kms_key: told.kms_key_arn().map(str::to_owned),
                failures_to: failures_to(told.destination_config()),
                max_age: told.maximum_record_age_in_seconds(),
                retries: told.maximum_retry_attempts(),
                bisect: told.bisect_batch_on_function_error(),
                answers: answers.map(|one| one.as_str().to_owned()).collect(),
                metrics: metrics(told.metrics_config()),
            },
        }
    }};
}

/// Reads every mapping of a stream, sorted by function.
///
/// # Errors
/// The failure of a read.
pub async fn triggers(clients: &Clients, stream: &str) -> Result<Vec<Trigger>, Failure> {
    let read = clients.lambda.list_event_source_mappings();
    let mut pages = read.event_source_arn(stream).into_paginator().send();
    let mut all: Vec<Trigger> = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| failure(LIST, &error))?;
        let told = page.event_source_mappings().iter();
        all.extend(told.map(|one| described!(one)));
    }
    let (hidden, mut all): (Vec<Trigger>, Vec<Trigger>) = all
        .into_iter()
        .partition(|one| one.reading.kms_key.is_some());
    for one in hidden {
        // What was deleted meanwhile is not there any more: the list has shown it without its filters.
        all.extend(mapping(clients, &one.mapping).await?);
    }
    all.sort_by(|one, other| one.reading.function.cmp(&other.reading.function));
    Ok(all)
}

/// Reads one mapping; `None` if there is none of this UUID.
///
/// # Errors
/// The failure of the read.
pub async fn mapping(clients: &Clients, uuid: &str) -> Result<Option<Trigger>, Failure> {
    let read = clients.lambda.get_event_source_mapping().uuid(uuid);
    let answer = read.send().await.map_err(|error| failure(GET, &error));
    let found = none_if_missing(answer.map(Some))?;
    Ok(found.map(|told| described!(&told)))
}

fn patterns(criteria: Option<&FilterCriteria>) -> Vec<String> {
    let filters = criteria.map(FilterCriteria::filters).unwrap_or_default();
    filters.iter().map(|one| text(one.pattern())).collect()
}

fn hidden(error: &FilterCriteriaError) -> Untrusted {
    let (code, message) = (text(error.error_code()), text(error.message()));
    Untrusted::from(format!("{code}: {message}"))
}

fn failures_to(config: Option<&DestinationConfig>) -> Option<String> {
    let place = config?.on_failure()?.destination()?;
    (!place.is_empty()).then(|| place.to_owned())
}

fn metrics(config: Option<&EventSourceMappingMetricsConfig>) -> Vec<String> {
    let all = config.map(EventSourceMappingMetricsConfig::metrics);
    let all = all.unwrap_or_default().iter();
    all.map(|one| one.as_str().to_owned()).collect()
}
