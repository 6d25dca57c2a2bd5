//! Points applications to another table by the parameter that they look it up in.
//!
//! Parameter Store compares nothing when it overwrites: what is there is looked at before, and a value that is neither
//! the old one nor the new one is left to a person. No value is written down but the names of tables.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::dynamodb_table::not_ready;
use crate::domain::failure::Failure;
use crate::domain::plan::Ref;
use crate::restore::operation::{Context, Issued, Operation, Probe, Request, Resend};

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

    async fn probe(&self, _cx: &Context) -> Result<Probe<ParameterSet>, Failure> {
        Err(not_ready(CALL))
    }

    async fn issue(&self, _cx: &Context) -> Result<Issued<ParameterSet>, Failure> {
        Err(not_ready(CALL))
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[("version", "Version")]
    }
}
