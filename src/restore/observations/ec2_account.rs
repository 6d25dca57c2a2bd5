//! EBS settings of an account in one Region.
//! They decide what AWS does where a request says nothing about encryption.

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::failure::Failure;

use super::incomplete;

/// Reads whether new volumes are always encrypted.
///
/// # Errors
/// The failure of the read.
pub async fn encryption_by_default(clients: &Clients) -> Result<bool, Failure> {
    const CALL: &str = "ec2:GetEbsEncryptionByDefault";
    let answer = clients.ec2.get_ebs_encryption_by_default().send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    answer
        .ebs_encryption_by_default()
        .ok_or_else(|| incomplete(CALL, "EbsEncryptionByDefault"))
}

/// Reads the key of new encrypted volumes for which no key is named.
///
/// # Errors
/// The failure of the read.
pub async fn default_key(clients: &Clients) -> Result<String, Failure> {
    const CALL: &str = "ec2:GetEbsDefaultKmsKeyId";
    let answer = clients.ec2.get_ebs_default_kms_key_id().send().await;
    let answer = answer.map_err(|error| failure(CALL, &error))?;
    answer
        .kms_key_id()
        .map(str::to_owned)
        .ok_or_else(|| incomplete(CALL, "KmsKeyId"))
}
