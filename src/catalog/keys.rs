//! Whether KMS keys can be used: asked about single keys, of points that somebody looks at or would restore from.
//!
//! A key that may not be described may still be usable, so that stays an open question.

use futures_util::{StreamExt as _, stream};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::{Failure, FailureClass};

const CALL: &str = "kms:DescribeKey";
/// How many keys are asked about at a time.
const AT_ONCE: usize = 4;
/// State of a key that is not there, beside AWS's own words.
const NOT_FOUND: &str = "NotFound";

/// Asks for the states of keys, in AWS's words: `Enabled`, `Disabled`, `PendingDeletion` … The answers come with the
/// keys, in any order.
pub async fn states(
    clients: &Clients,
    keys: Vec<String>,
) -> Vec<(String, Result<String, Failure>)> {
    let asked = keys.into_iter().map(|key| async move {
        let state = state(clients, &key).await;
        (key, state)
    });
    stream::iter(asked)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await
}

async fn state(clients: &Clients, key: &str) -> Result<String, Failure> {
    let answer = clients.kms.describe_key().key_id(key).send().await;
    match answer.map_err(|error| failure(CALL, &error)) {
        Ok(answer) => {
            let state = answer.key_metadata().and_then(|told| told.key_state());
            Ok(state.map_or("unknown", |state| state.as_str()).to_owned())
        }
        Err(failure) if failure.class == FailureClass::NotFound => Ok(NOT_FOUND.to_owned()),
        Err(failure) => Err(failure),
    }
}
