//! KMS: `DescribeKey`, and what a key's state does to the volumes encrypted with it.
//!
//! No key encrypts anything here: an unusable one shows in the state of the volume, after the call was answered.

use std::collections::BTreeMap;

use aws_sdk_kms::operation::describe_key::{DescribeKeyInput, DescribeKeyOutput};
use aws_sdk_kms::types as kms;

use super::call::Call;
use super::refusal::Refusal;
use super::registry::{Answer, Operation, answer};
use super::world::Estate;

/// A KMS key.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub arn: String,
    pub alias: Option<String>,
    pub description: String,
    /// AWS's word: `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable`.
    pub state: String,
    pub managed_by_aws: bool,
    /// Whether `DescribeKey` is refused although the key exists.
    pub denied: bool,
    pub failure: KeyFailure,
}

/// What becomes of a new volume whose key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFailure {
    /// It turns `error`.
    Error,
    /// It disappears.
    Vanish,
}

impl Key {
    /// Returns whether a caller means this key: by id, ARN, alias or ARN of the alias.
    pub fn answers_to(&self, name: &str) -> bool {
        let alias = self.alias.as_deref();
        let by_alias = alias.is_some_and(|alias| {
            name == alias || (name.starts_with("arn:") && name.ends_with(&format!(":{alias}")))
        });
        name == self.id || name == self.arn || by_alias
    }
}

/// Finds out whether a new volume can be encrypted with a key.
///
/// A key that is unknown here is an absent one, but for AWS's own key, which every region has.
pub fn failure_to_encrypt(estate: &Estate, name: &str) -> Option<KeyFailure> {
    let key = estate.keys.values().find(|key| key.answers_to(name));
    match key {
        Some(key) if key.state == "Enabled" => None,
        Some(key) => Some(key.failure),
        None if name.ends_with("alias/aws/ebs") => None,
        None => Some(KeyFailure::Error),
    }
}

/// Lists the operations of KMS.
pub fn operations() -> Vec<Operation> {
    vec![Operation::read("KMS", "DescribeKey", describe)]
}

fn describe(input: &DescribeKeyInput, call: &mut Call<'_>) -> Answer<DescribeKeyOutput> {
    let account = call.account().to_owned();
    let refused = || Refusal::access_denied(&account, "kms:DescribeKey");
    if call.is_denied() {
        return Err(refused());
    }
    let name = input.key_id().unwrap_or_default();
    let key = find(&call.estate().keys, name).cloned();
    let key = key
        .or_else(|| own_key(name, call))
        .ok_or_else(|| absent(name))?;
    if key.denied {
        return Err(refused());
    }
    let metadata = metadata(&key, &account)?;
    answer(move |output: &mut DescribeKeyOutput| output.key_metadata = Some(metadata))
}

fn find<'a>(keys: &'a BTreeMap<String, Key>, name: &str) -> Option<&'a Key> {
    keys.values().find(|key| key.answers_to(name))
}

/// AWS's own keys: asked for by its alias, one that is not there yet is made (KMS API reference, `DescribeKey`).
fn own_key(name: &str, call: &Call<'_>) -> Option<Key> {
    let (region, account) = (call.region(), call.account());
    let known = [
        ("ebs", "Default key that protects my EBS volumes"),
        ("dynamodb", "Default key that protects my DynamoDB data"),
    ];
    let asked = |service: &str| name.ends_with(&format!("alias/aws/{service}"));
    let (service, description) = known.into_iter().find(|(service, _)| asked(service))?;
    let id = format!("aws-managed-{service}-key");
    Some(Key {
        arn: format!("arn:aws:kms:{region}:{account}:key/{id}"),
        id,
        alias: Some(format!("alias/aws/{service}")),
        description: description.to_owned(),
        state: "Enabled".to_owned(),
        managed_by_aws: true,
        denied: false,
        failure: KeyFailure::Error,
    })
}

fn absent(name: &str) -> Refusal {
    let message = if name.contains("alias/") {
        format!("Alias {name} is not found.")
    } else {
        format!("Key '{name}' does not exist")
    };
    Refusal::client("NotFoundException", message)
}

fn metadata(key: &Key, account: &str) -> Result<kms::KeyMetadata, Refusal> {
    let manager = if key.managed_by_aws {
        kms::KeyManagerType::Aws
    } else {
        kms::KeyManagerType::Customer
    };
    kms::KeyMetadata::builder()
        .key_id(&key.id)
        .arn(&key.arn)
        .aws_account_id(account)
        .description(&key.description)
        .enabled(key.state == "Enabled")
        .key_state(kms::KeyState::from(key.state.as_str()))
        .key_manager(manager)
        .key_usage(kms::KeyUsageType::EncryptDecrypt)
        .build()
        .map_err(|error| Refusal::new(500, "KMSInternalException", error.to_string()))
}
