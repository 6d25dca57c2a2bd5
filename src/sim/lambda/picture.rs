//! What can be told from outside, without a call, of what reads the stream of a table: it stands among the table's
//! settings, by function, and whether it is enabled beside it.
//! What is made anew is left out: UUIDs, instants, the stream's own ARN.

use serde_json::{Map, Value, json};

use super::model::{Lambda, Mapping};

/// Adds to the picture of each table what reads its stream; nothing where nothing does.
pub fn beside_tables(
    lambda: &Lambda,
    tables: &mut Map<String, Value>,
    arn: impl Fn(&str) -> String,
) {
    for (name, table) in tables.iter_mut() {
        let streams = format!("{}/stream/", arn(name));
        let own = lambda.mappings.values();
        let own: Vec<&Mapping> = own.filter(|one| one.stream.starts_with(&streams)).collect();
        if own.is_empty() {
            continue;
        }
        let how = own.iter().map(|one| (one.function.clone(), picture(one)));
        table["triggers"] = Value::Object(how.collect());
        // What passes by itself is told as it will be.
        let state = |one: &&Mapping| (one.function.clone(), json!(one.state.last().1));
        table["read_by"] = Value::Object(own.iter().map(state).collect());
    }
}

fn picture(mapping: &Mapping) -> Value {
    let row = &mapping.row;
    let filters = row.filter_criteria().map(|criteria| {
        let patterns = criteria.filters().iter();
        patterns
            .map(|one| one.pattern().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    });
    let failures = row.destination_config().and_then(|to| to.on_failure());
    let answers = row.function_response_types().iter();
    let metrics = row.metrics_config().map(|config| {
        let metrics = config.metrics().iter();
        metrics
            .map(|one| one.as_str().to_owned())
            .collect::<Vec<_>>()
    });
    json!({
        "batch": row.batch_size(),
        "window": row.maximum_batching_window_in_seconds(),
        "parallel": row.parallelization_factor(),
        "tumbling": row.tumbling_window_in_seconds(),
        "filters": filters,
        "key": row.kms_key_arn(),
        "failures_to": failures.and_then(|to| to.destination()),
        "max_age": row.maximum_record_age_in_seconds(),
        "retries": row.maximum_retry_attempts(),
        "bisect": row.bisect_batch_on_function_error(),
        "answers": answers.map(|one| one.as_str().to_owned()).collect::<Vec<_>>(),
        "metrics": metrics,
    })
}
