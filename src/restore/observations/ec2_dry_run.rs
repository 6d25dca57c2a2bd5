//! Asks EC2 with `DryRun` whether the calls of a plan would be allowed.
//!
//! Nothing is changed: the guard lets such a request pass only where `DryRun` is honoured. The answer
//! proves permission for these very ids, not the rights on a KMS key, and neither quota nor capacity.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::facts::Fact;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::plan::Call;
use crate::domain::text::Untrusted;
use crate::restore::operation::{Context, Stamp, decode};

/// Stands in a tag for a run that does not exist yet.
const NO_RUN_YET: &str = "preflight";

/// What EC2 says about a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// It would have been done.
    Allowed,
    /// The caller may not, in AWS's words.
    Denied(Untrusted),
}

/// Whether one call of a plan would be allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// Name in the operation registry.
    pub operation: String,
    /// IAM action, `ec2:CreateVolume`.
    pub action: String,
    /// True where something else stood in for what does not exist yet.
    pub advisory: bool,
    /// The answer.
    pub answer: Fact<Answer>,
}

/// What takes the place of what does not exist yet: by the name of the output that will tell of it.
#[derive(Clone, Debug, Default)]
pub struct StandIns(BTreeMap<&'static str, Value>);

impl StandIns {
    /// Has something that is there stand for an output.
    #[must_use]
    pub fn with(mut self, output: &'static str, stands: Option<impl Into<Value>>) -> Self {
        if let Some(stands) = stands {
            self.0.insert(output, stands.into());
        }
        self
    }

    /// Puts them into an input. Tells whether any had to.
    ///
    /// # Errors
    /// The name of what nothing stands for.
    fn put_into(&self, value: &mut Value) -> Result<bool, String> {
        if let Some(output) = output_of(value) {
            let stands = self.0.get(output.as_str());
            *value = stands.cloned().ok_or_else(|| output.replace('_', " "))?;
            return Ok(true);
        }
        let mut any = false;
        match value {
            Value::Array(all) => {
                for one in all {
                    any |= self.put_into(one)?;
                }
            }
            Value::Object(fields) => {
                for one in fields.values_mut() {
                    any |= self.put_into(one)?;
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Ok(any)
    }
}

/// Returns the field that a reference to a step's output names.
fn output_of(value: &Value) -> Option<String> {
    let fields = value.as_object().filter(|fields| fields.len() == 1)?;
    let reference = fields.get("$output").or_else(|| fields.get("$before"))?;
    let (_, field) = reference.as_str()?.rsplit_once('.')?;
    Some(field.to_owned())
}

/// Asks about one call: it is sent as it would be, but for `DryRun` and for what stands in.
pub async fn permission(
    clients: &Clients,
    call: &Call,
    stand_ins: &StandIns,
    clock: &Clock,
) -> Permission {
    let mut stood_in = call.clone();
    let (advisory, answer) = match stand_ins.put_into(&mut stood_in.input) {
        Ok(advisory) => (advisory, ask(clients, &stood_in).await),
        Err(missing) => (
            true,
            Err(format!("not asked: the {missing} does not exist yet")),
        ),
    };
    Permission {
        operation: call.operation.clone(),
        action: action(call),
        advisory,
        answer: fact(answer, clock),
    }
}

async fn ask(clients: &Clients, call: &Call) -> Outcome {
    let operation = decode(call).map_err(|error| format!("not asked: {error}"))?;
    if let Some(service) = without_dry_run(operation.request().service) {
        return Err(format!("not asked: {service} knows no DryRun"));
    }
    let text = || NO_RUN_YET.to_owned();
    let cx = Context {
        clients: clients.rehearsing(),
        stamp: Stamp {
            run: NO_RUN_YET.into(),
            step: NO_RUN_YET.into(),
            generation: 1,
            token: text(),
            source: text(),
            by: text(),
        },
        accepted: Value::Null,
        sent_at: None,
        lost: false,
    };
    match operation.issue(&cx).await {
        Err(failure) => Ok(failure),
        // An endpoint that honours DryRun never answers like this.
        Ok(_) => Err("the endpoint answered without saying that it was a dry run".to_owned()),
    }
}

/// Returns what a service is called that cannot be asked in advance.
fn without_dry_run(service: &str) -> Option<&str> {
    match service {
        "ec2" => None,
        "elbv2" => Some("Elastic Load Balancing"),
        "route53" => Some("Route 53"),
        "autoscaling" => Some("Auto Scaling"),
        "application-autoscaling" => Some("Application Auto Scaling"),
        "dynamodb" => Some("DynamoDB"),
        "ssm" => Some("Systems Manager"),
        "cloudwatch" => Some("CloudWatch"),
        "lambda" => Some("Lambda"),
        other => Some(other),
    }
}

/// Returns the IAM action that a call needs, `ec2:CreateVolume`.
pub fn action(call: &Call) -> String {
    let request = decode(call).map(|operation| operation.request());
    request.map_or_else(
        |_| call.operation.clone(),
        |request| format!("{}:{}", iam_prefix(request.service), iam_name(request.api)),
    )
}

/// Returns by what name policies know a call: a transaction needs what each of its parts does (`DynamoDB` developer
/// guide), and ours puts.
fn iam_name(api: &str) -> &str {
    match api {
        "TransactWriteItems" => "PutItem",
        other => other,
    }
}

/// Returns by what name policies know a service that the AWS CLI names `service`.
fn iam_prefix(service: &str) -> &str {
    match service {
        "elbv2" => "elasticloadbalancing",
        other => other,
    }
}

/// Why there is no answer, or what the endpoint said.
type Outcome = Result<Failure, String>;

fn fact(outcome: Outcome, clock: &Clock) -> Fact<Answer> {
    let known = |value| Fact::Observed {
        value,
        at: clock.now(),
    };
    match outcome {
        Err(why) => Fact::Unknown(why),
        Ok(failure) => match failure.class {
            FailureClass::DryRunAllowed => known(Answer::Allowed),
            FailureClass::Denied => known(Answer::Denied(failure.message)),
            FailureClass::Refused => {
                Fact::Unknown("not asked: this endpoint is not known to honour DryRun".to_owned())
            }
            FailureClass::Throttled
            | FailureClass::Server
            | FailureClass::Unanswered
            | FailureClass::CredentialsExpired
            | FailureClass::CredentialsBroken
            | FailureClass::NotFound
            | FailureClass::State
            | FailureClass::Exists
            | FailureClass::Token
            | FailureClass::Quota
            | FailureClass::Capacity
            | FailureClass::Key
            | FailureClass::Validation
            | FailureClass::Other => Fact::Unknown(failure.line()),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_in_takes_every_place_of_what_does_not_exist_yet() {
        let stand_ins = StandIns::default()
            .with("group", Some("sg-1"))
            .with("egress_rules", Some(json!([])));
        let open = json!({"group": {"$output": "create-group.group"},
            "rules": {"$output": "create-group.egress_rules"}, "more": [{"$output": "x.group"}]});
        let mut input = open.clone();
        assert_eq!(stand_ins.put_into(&mut input), Ok(true));
        assert_eq!(
            input,
            json!({"group": "sg-1", "rules": [], "more": ["sg-1"]})
        );
        assert_eq!(stand_ins.put_into(&mut input), Ok(false));
        let none = StandIns::default().with("group", None::<String>);
        let missing = none.put_into(&mut open.clone());
        assert_eq!(missing, Err("group".to_owned()));
    }
}
