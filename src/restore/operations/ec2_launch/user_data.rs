//! User data of an instance: read from it, held against a digest, handed on, and never kept.
//!
//! The digest is salted with account, Region and instance, so that equal user data is not told to be equal, and it is
//! stretched, so that guessing a short secret from a journal is slow.

use std::fmt;
use std::num::NonZeroU32;

use aws_lc_rs::digest::SHA256_OUTPUT_LEN;
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use aws_sdk_ec2::types::InstanceAttributeName;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::ids::InstanceId;
use crate::domain::place::Place;
use crate::restore::operation::Context;

const CALL: &str = "ec2:DescribeInstanceAttribute";

/// How often the digest is stretched: some ten milliseconds.
const ROUNDS: NonZeroU32 = NonZeroU32::new(1 << 16).expect("not zero");

/// User data that stays where it is: whose it is, and what its digest was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserDataRef {
    /// The instance that has it.
    pub instance: InstanceId,
    /// Its digest, as [`digest`] makes it.
    pub digest: String,
}

impl UserDataRef {
    /// Stands in a request for what is read right before it is sent.
    pub(super) fn marker(&self) -> Value {
        json!({"$user-data": self.instance})
    }
}

/// User data on its way, in base64 as AWS hands it out and takes it. Nothing shows or keeps it.
pub(super) struct Fetched(String);

impl Fetched {
    pub(super) fn into_base64(self) -> String {
        self.0
    }
}

impl fmt::Debug for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fetched(…)")
    }
}

/// Reads the user data of an instance again.
///
/// # Errors
/// The failure of the read, and a refusal where it is not what the plan was made with: nothing was sent then.
pub(super) async fn fetch(cx: &Context, wanted: &UserDataRef) -> Result<Fetched, Failure> {
    let found = read(&cx.clients, &wanted.instance).await;
    // A read has no effect, however it ended.
    let found = found.map_err(|failure| Failure {
        effect: Effect::None,
        ..failure
    })?;
    let place = &cx.clients.place;
    let same = |data: &String| digest_of(place, &wanted.instance, data) == wanted.digest;
    found.filter(same).map(Fetched).ok_or_else(|| Failure {
        class: FailureClass::Refused,
        effect: Effect::None,
        call: CALL.to_owned(),
        code: None,
        message: format!(
            "the user data of {} is not what it was when the plan was made",
            wanted.instance
        )
        .into(),
        request_id: None,
    })
}

/// Reads the digest of an instance's user data; `None` if it has none.
///
/// # Errors
/// The failure of the read.
pub async fn digest(clients: &Clients, instance: &InstanceId) -> Result<Option<String>, Failure> {
    let found = read(clients, instance).await?;
    Ok(found.map(|data| digest_of(&clients.place, instance, &data)))
}

async fn read(clients: &Clients, instance: &InstanceId) -> Result<Option<String>, Failure> {
    let request = clients.ec2.describe_instance_attribute();
    let request = request
        .instance_id(instance.as_str())
        .attribute(InstanceAttributeName::UserData);
    let answer = request.send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    let data = answer.user_data().and_then(|data| data.value());
    Ok(data.filter(|data| !data.is_empty()).map(str::to_owned))
}

fn digest_of(place: &Place, instance: &InstanceId, data: &str) -> String {
    let whose = [
        "defib user data",
        place.account.as_str(),
        place.region.as_str(),
        instance.as_str(),
    ];
    // With their lengths, so that no two salts are made of different parts.
    let salt: Vec<u8> = whose
        .iter()
        .flat_map(|part| [&part.len().to_be_bytes()[..], part.as_bytes()].concat())
        .collect();
    let mut digest = [0; SHA256_OUTPUT_LEN];
    let data = data.trim_end().as_bytes();
    pbkdf2::derive(PBKDF2_HMAC_SHA256, ROUNDS, &salt, data, &mut digest);
    data_encoding::HEXLOWER.encode(&digest)
}

#[cfg(test)]
pub(super) fn digest_for_tests(place: &Place, instance: &str, data: &str) -> String {
    digest_of(place, &InstanceId::from(instance), data)
}
