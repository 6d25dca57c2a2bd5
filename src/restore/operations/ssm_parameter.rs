//! Points applications to another table by the parameter that they look it up in.
//!
//! Parameter Store compares nothing when it overwrites: what is there is looked at before, and a value that is neither
//! the old one nor the new one is left to a person. No value is written down but the names of tables.

use async_trait::async_trait;
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::domain::text::shown;
use crate::restore::observations::parameter::found;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, conflict_of, resolved,
};

#[cfg(test)]
mod tests;

const CALL: &str = "ssm:PutParameter";

/// A parameter has a value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetParameter {
    /// Name of the parameter.
    pub parameter: String,
    /// Name or ARN of the table that it is to hold.
    pub value: Ref<String>,
    /// Name or ARN of the table that it holds before.
    pub instead_of: Ref<String>,
}

/// A parameter as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterSet {
    /// Its name.
    pub parameter: String,
    /// Its version, one more after every change.
    pub version: i64,
}

#[async_trait]
impl Operation for SetParameter {
    type Output = ParameterSet;
    const NAME: &'static str = "ssm:SetParameter";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        Request {
            service: "ssm",
            api: "PutParameter",
            parameters: json!({
                "Name": self.parameter,
                "Value": self.value,
                "Overwrite": true,
            }),
        }
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<ParameterSet>, Failure> {
        let (value, before) = (
            resolved(&self.value, CALL)?,
            resolved(&self.instead_of, CALL)?,
        );
        let named = shown(&self.parameter);
        let Some(found) = found(&cx.clients, &self.parameter).await? else {
            return Ok(Probe::Conflict(format!(
                "parameter {named} is not there any more"
            )));
        };
        let version = found.version;
        Ok(if found.value == *value {
            Probe::Present {
                output: self.set(version),
                detail: format!("version {version} holds {}", shown(value)),
            }
        } else if found.value == *before {
            Probe::Absent {
                found: json!({"value": before, "version": version}),
            }
        } else {
            Probe::Conflict(format!(
                "somebody else has changed parameter {named}: version {version} holds neither {} nor {}",
                shown(value),
                shown(before)
            ))
        })
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<ParameterSet>, Failure> {
        let answer = cx
            .clients
            .ssm_once
            .put_parameter()
            .name(&self.parameter)
            .value(resolved(&self.value, CALL)?)
            .overwrite(true)
            .send()
            .await
            .map_err(|error| failure(CALL, &error))?;
        Ok(Issued {
            request_id: answer.request_id().map(str::to_owned),
            output: Some(self.set(answer.version())),
        })
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("version", "Version")]
    }
}

impl SetParameter {
    fn set(&self, version: i64) -> ParameterSet {
        ParameterSet {
            parameter: self.parameter.clone(),
            version,
        }
    }
}
