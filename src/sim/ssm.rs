//! Systems Manager: parameters, which applications find their configuration by.
//!
//! No name is a path with a meaning here, no older version can be asked for, and none is made: only a value that is
//! there can be put.

use std::collections::BTreeMap;

use aws_sdk_ssm::operation::get_parameter::{GetParameterInput, GetParameterOutput};
use aws_sdk_ssm::operation::put_parameter::{PutParameterInput, PutParameterOutput};
use aws_sdk_ssm::types as ssm;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::Call;
use super::ec2::date;
use super::refusal::Refusal;
use super::registry::{Answer, Operation, answer};

/// How the SDK names the service.
const SSM: &str = "SSM";

/// The most characters of a value (Systems Manager API reference, the standard tier).
const MOST: usize = 4096;

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// `String`, `StringList` or `SecureString`.
    pub kind: String,
    pub value: String,
    pub version: i64,
    pub modified: Timestamp,
}

/// Lists the operations of Systems Manager.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::read(SSM, "GetParameter", get),
        Operation::mutation(SSM, "PutParameter", put),
    ]
}

/// Dumps the parameters by their names, without their versions.
pub fn picture(parameters: &BTreeMap<String, Parameter>) -> (&'static str, Value) {
    let all = parameters.iter().map(|(name, parameter)| {
        let told = json!({"type": parameter.kind, "value": parameter.value});
        (name.clone(), told)
    });
    ("parameters", Value::Object(all.collect()))
}

/// `GetParameter`. What is encrypted is told as a cipher text unless it is asked to be decrypted.
fn get(input: &GetParameterInput, call: &mut Call<'_>) -> Answer<GetParameterOutput> {
    permit(call, "GetParameter")?;
    let (region, account) = (call.region().to_owned(), call.account().to_owned());
    let name = input.name().unwrap_or_default();
    let found = call.estate().parameters.get(name);
    let found = found.ok_or_else(|| Refusal::client("ParameterNotFound", ""))?;
    let secret = found.kind == "SecureString" && input.with_decryption() != Some(true);
    let value = if secret {
        data_encoding::BASE64.encode(format!("simulated cipher of {name}").as_bytes())
    } else {
        found.value.clone()
    };
    let slash = if name.starts_with('/') { "" } else { "/" };
    let row = ssm::Parameter::builder()
        .name(name)
        .r#type(ssm::ParameterType::from(found.kind.as_str()))
        .value(value)
        .version(found.version)
        .last_modified_date(date(found.modified))
        .arn(format!(
            "arn:aws:ssm:{region}:{account}:parameter{slash}{name}"
        ))
        .data_type("text")
        .build();
    answer(move |output: &mut GetParameterOutput| output.parameter = Some(row))
}

/// `PutParameter`, over the value that is there: there is no way to say which one it has to be.
fn put(input: &PutParameterInput, call: &mut Call<'_>) -> Answer<PutParameterOutput> {
    permit(call, "PutParameter")?;
    let now = call.now();
    let value = input.value().unwrap_or_default();
    if value.is_empty() || value.chars().count() > MOST {
        return Err(invalid(
            "Standard tier parameters support a maximum parameter value of 4096 characters.",
        ));
    }
    let name = input.name().unwrap_or_default();
    let found = call.estate().parameters.get_mut(name);
    let found = found.ok_or_else(|| invalid("The simulated AWS makes no parameters"))?;
    if input.overwrite() != Some(true) {
        return Err(Refusal::client(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        ));
    }
    if input
        .r#type()
        .is_some_and(|kind| kind.as_str() != found.kind)
    {
        return Err(Refusal::client(
            "HierarchyTypeMismatchException",
            "The parameter has another type",
        ));
    }
    value.clone_into(&mut found.value);
    found.version += 1;
    found.modified = now;
    let version = found.version;
    answer(move |output: &mut PutParameterOutput| output.version = version)
}

fn permit(call: &Call<'_>, operation: &str) -> Result<(), Refusal> {
    if call.is_denied() {
        let action = format!("ssm:{operation}");
        return Err(Refusal::access_denied(call.account(), &action));
    }
    Ok(())
}

fn invalid(message: &str) -> Refusal {
    Refusal::client("ValidationException", message)
}
