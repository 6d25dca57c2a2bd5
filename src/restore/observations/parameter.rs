//! A parameter of Systems Manager by which applications find a table.
//!
//! Its value is compared and goes no further; a `SecureString` is never decrypted.

use aws_sdk_ssm::types::ParameterType;

use crate::aws::connect::Clients;
use crate::aws::failure::failure;
use crate::domain::dynamodb::{Holds, Parameter};
use crate::domain::failure::Failure;

use super::{incomplete, none_if_missing, text};

const CALL: &str = "ssm:GetParameter";

/// A parameter with its value, which is not to be kept.
pub(in crate::restore) struct Found {
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    /// Its version.
    pub version: i64,
    /// Its value; a cipher text for a `SecureString`.
    pub value: String,
}

/// Reads a parameter by its name; `None` if there is none.
pub(in crate::restore) async fn found(
    clients: &Clients,
    name: &str,
) -> Result<Option<Found>, Failure> {
    let answer = clients.ssm.get_parameter().name(name).send().await;
    let answer = answer.map_err(|error| failure(CALL, &error));
    let Some(answer) = none_if_missing(answer.map(Some))? else {
        return Ok(None);
    };
    let found = answer
        .parameter()
        .ok_or_else(|| incomplete(CALL, "Parameter"))?;
    Ok(Some(Found {
        kind: text(found.r#type().map(ParameterType::as_str)),
        version: found.version(),
        value: text(found.value()),
    }))
}

/// Reads whether a parameter holds the name of a table, or its ARN; `None` if there is no such parameter.
///
/// # Errors
/// The failure of the read.
pub async fn parameter(
    clients: &Clients,
    name: &str,
    table: &str,
    arn: &str,
) -> Result<Option<Parameter>, Failure> {
    let found = found(clients, name).await?;
    Ok(found.map(|found| Parameter {
        holds: if found.value == table {
            Holds::Name
        } else if found.value == arn {
            Holds::Arn
        } else {
            Holds::Other
        },
        kind: found.kind,
        version: found.version,
    }))
}
