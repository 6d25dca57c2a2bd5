//! Whether an instance may be terminated or stopped by a call.
//! Both are attributes that are read one by one; what is not told is off.

use async_trait::async_trait;
use aws_sdk_ec2::operation::describe_instance_attribute::DescribeInstanceAttributeOutput;
use aws_sdk_ec2::types::{AttributeBooleanValue, InstanceAttributeName};
use aws_types::request_id::RequestId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aws::failure::failure;
use crate::domain::failure::Failure;
use crate::domain::ids::InstanceId;
use crate::domain::plan::Ref;
use crate::restore::operation::{
    Context, Issued, Operation, Probe, Request, Resend, Wait, conflict_of, resolved,
};

use super::ec2_instance::{Handled, present};
use super::ec2_read::gone_or;

const CALL: &str = "ec2:ModifyInstanceAttribute";

/// An instance is protected from termination, or is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetTerminationProtection {
    /// The instance.
    pub instance: Ref<InstanceId>,
    /// Whether it is protected.
    pub on: bool,
}

/// An instance is protected from being stopped, or is not.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetStopProtection {
    /// The instance.
    pub instance: Ref<InstanceId>,
    /// Whether it is protected.
    pub on: bool,
}

fn request(attribute: &str, instance: &Ref<InstanceId>, on: bool) -> Request {
    Request {
        service: "ec2",
        api: "ModifyInstanceAttribute",
        parameters: json!({"InstanceId": instance, attribute: {"Value": on}}),
    }
}

async fn attribute(
    cx: &Context,
    id: &InstanceId,
    name: InstanceAttributeName,
) -> Result<Option<DescribeInstanceAttributeOutput>, Failure> {
    let request = cx.clients.ec2.describe_instance_attribute();
    let request = request.instance_id(id.as_str()).attribute(name);
    match request.send().await {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => gone_or(failure("ec2:DescribeInstanceAttribute", &error)),
    }
}

fn compared(
    id: &InstanceId,
    what: &str,
    found: Option<&AttributeBooleanValue>,
    wanted: bool,
) -> Probe<Handled> {
    let on = found
        .and_then(AttributeBooleanValue::value)
        .unwrap_or(false);
    if on == wanted {
        let word = if on { "on" } else { "off" };
        return present(id, format!("{what} protection: {word}"));
    }
    Probe::Absent {
        found: json!({"on": on}),
    }
}

fn gone(id: &InstanceId) -> Probe<Handled> {
    Probe::Conflict(format!("instance {id} is not there"))
}

fn accepted(id: &InstanceId, answer: &impl RequestId) -> Issued<Handled> {
    Issued {
        request_id: answer.request_id().map(str::to_owned),
        output: Some(Handled {
            instance: id.clone(),
        }),
    }
}

fn wait(attribute: &str, query: &str, instance: &Ref<InstanceId>, on: bool) -> Wait {
    let parameters: Value = json!({"InstanceId": instance, "Attribute": attribute});
    Wait {
        service: "ec2",
        api: "DescribeInstanceAttribute",
        parameters,
        query: format!("{query}.Value"),
        wanted: if on { &["True"] } else { &["False"] },
        fatal: &[],
    }
}

#[async_trait]
impl Operation for SetTerminationProtection {
    type Output = Handled;
    const NAME: &'static str = "ec2:SetTerminationProtection";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("DisableApiTermination", &self.instance, self.on)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        let id = resolved(&self.instance, CALL)?;
        let Some(found) = attribute(cx, id, InstanceAttributeName::DisableApiTermination).await?
        else {
            return Ok(gone(id));
        };
        let found = found.disable_api_termination();
        Ok(compared(id, "termination", found, self.on))
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Handled>, Failure> {
        let id = resolved(&self.instance, CALL)?;
        let value = AttributeBooleanValue::builder().value(self.on).build();
        let request = cx.clients.ec2_once.modify_instance_attribute();
        let request = request
            .instance_id(id.as_str())
            .disable_api_termination(value);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(id, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        let attribute = ("disableApiTermination", "DisableApiTermination");
        Some(wait(attribute.0, attribute.1, &self.instance, self.on))
    }
}

#[async_trait]
impl Operation for SetStopProtection {
    type Output = Handled;
    const NAME: &'static str = "ec2:SetStopProtection";
    const VERSION: u32 = 1;
    const RESEND: Resend = Resend::AfterProbe;

    fn request(&self) -> Request {
        request("DisableApiStop", &self.instance, self.on)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Handled>, Failure> {
        let id = resolved(&self.instance, CALL)?;
        let Some(found) = attribute(cx, id, InstanceAttributeName::DisableApiStop).await? else {
            return Ok(gone(id));
        };
        let found = found.disable_api_stop();
        Ok(compared(id, "stop", found, self.on))
    }

    async fn obstacle(&self, cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(conflict_of(self.probe(cx).await?))
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Handled>, Failure> {
        let id = resolved(&self.instance, CALL)?;
        let value = AttributeBooleanValue::builder().value(self.on).build();
        let request = cx.clients.ec2_once.modify_instance_attribute();
        let request = request.instance_id(id.as_str()).disable_api_stop(value);
        let answer = request.send().await;
        let answer = answer.map_err(|error| failure(CALL, &error))?;
        Ok(accepted(id, &answer))
    }

    fn wait(&self) -> Option<Wait> {
        let attribute = ("disableApiStop", "DisableApiStop");
        Some(wait(attribute.0, attribute.1, &self.instance, self.on))
    }
}

#[cfg(test)]
mod tests {
    use crate::restore::operations::recorder::Recorder;

    use super::*;

    #[tokio::test]
    async fn protection_is_what_the_attribute_says_and_off_where_it_says_nothing() {
        let answer = |on: &str| {
            let value = format!("<value>{on}</value>");
            Recorder::default().answers(
                "DescribeInstanceAttribute",
                &format!(
                    "<R><disableApiTermination>{value}</disableApiTermination>\
                     <disableApiStop>{value}</disableApiStop></R>"
                ),
            )
        };
        let instance = || Ref::Known("i-1".into());
        for on in [true, false] {
            let there = answer(if on { "true" } else { "false" });
            let not = answer(if on { "false" } else { "true" });
            let termination = SetTerminationProtection {
                instance: instance(),
                on,
            };
            let stop = SetStopProtection {
                instance: instance(),
                on,
            };
            assert!(matches!(
                there.probe(&termination).await,
                Probe::Present { .. }
            ));
            assert!(matches!(
                not.probe(&termination).await,
                Probe::Absent { .. }
            ));
            assert!(matches!(there.probe(&stop).await, Probe::Present { .. }));
            assert!(matches!(not.probe(&stop).await, Probe::Absent { .. }));
        }
        let silent = Recorder::default();
        let off = SetStopProtection {
            instance: instance(),
            on: false,
        };
        assert!(matches!(silent.probe(&off).await, Probe::Present { .. }));
        let gone = Recorder::default();
        let gone = gone.refuses("DescribeInstanceAttribute", "InvalidInstanceID.NotFound");
        assert!(matches!(gone.probe(&off).await, Probe::Conflict(_)));
    }
}
