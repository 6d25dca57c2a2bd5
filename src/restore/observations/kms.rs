//! KMS keys: whether they can be used now.
//! A key that may not be described may still be usable, so that stays an open question.

use serde::{Deserialize, Serialize};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;

use super::{incomplete, none_if_missing, text};

const CALL: &str = "kms:DescribeKey";

/// A KMS key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its ARN; what was asked for where there is no such key.
    pub arn: String,
    /// `Enabled`, `Disabled`, `PendingDeletion` …, or `NotFound`.
    pub state: String,
}

/// Reads a key by id, ARN or alias.
///
/// # Errors
/// The failure of the read; a key that is not there is an answer.
pub async fn key(clients: &Clients, id: &str) -> Result<Key, Failure> {
    let answer = clients.kms.describe_key().key_id(id).send().await;
    let answer = answer.map_err(|error| failure(CALL, &error)).map(Some);
    let Some(answer) = none_if_missing(answer)? else {
        return Ok(Key {
            arn: id.to_owned(),
            state: "NotFound".to_owned(),
        });
    };
    let key = answer
        .key_metadata()
        .ok_or_else(|| incomplete(CALL, "KeyMetadata"))?;
    Ok(Key {
        arn: text(key.arn().or(Some(id))),
        state: text(key.key_state().map(aws_sdk_kms::types::KeyState::as_str)),
    })
}
