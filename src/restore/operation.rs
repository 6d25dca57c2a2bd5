//! An operation: a wanted state that can be probed for, and the one call that brings it about.
//!
//! Typed operations implement [`Operation`]; the engine sees only [`AnyOperation`]. The registry maps
//! names to decoders, so a plan read from disk becomes operations again.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::aws::connect::Clients;
use crate::domain::failure::{Effect, Failure, FailureClass};
use crate::domain::ids::{RunId, StepId};
use crate::domain::plan::{Call, Ref};
use crate::domain::run::{Created, RunState};

/// What marks a request as belonging to one step of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The run.
    pub run: RunId,
    /// The step.
    pub step: StepId,
    /// The generation, from 1.
    pub generation: u32,
    /// At most 64 ASCII characters; the same for every attempt of one generation.
    pub token: String,
    /// The recovery point of the plan.
    pub source: String,
    /// Who started the run and since when it is under way: `ops@bastion since 2026-03-10T02:31:00Z`.
    pub by: String,
}

/// Tag key for the run that made a resource.
pub const TAG_RUN: &str = "defib:run";
/// Tag key for the step that made a resource.
pub const TAG_STEP: &str = "defib:step";
/// Tag key for the generation that made a resource.
pub const TAG_GENERATION: &str = "defib:generation";
/// Tag key for the recovery point behind a resource.
pub const TAG_SOURCE: &str = "defib:source";
/// Tag key for the date until which a resource is meant to be kept.
pub const TAG_KEEP_UNTIL: &str = "defib:keep-until";

/// The most characters of a name in [`Stamp::by`]; AWS takes 256 in a tag's value.
const NAME_LENGTH: usize = 64;

/// Says who started a run and when, in the characters that every AWS service takes in a tag's value.
#[must_use]
pub fn started_by(state: &RunState) -> String {
    let plain = |name: &str| -> String {
        let safe = |c: char| match c {
            c if c.is_ascii_alphanumeric() => c,
            '+' | '-' | '=' | '.' | '_' | ':' | '/' => c,
            _other => '_',
        };
        name.chars().take(NAME_LENGTH).map(safe).collect()
    };
    let (user, host) = (plain(&state.by.user), plain(&state.by.host));
    let since = state.started_at.strftime("%FT%TZ");
    format!("{user}@{host} since {since}")
}

impl Stamp {
    /// Returns the name of what is made by its name: of one step of one run, in characters that every AWS
    /// service takes.
    #[must_use]
    pub fn name(&self) -> String {
        let run = self.run.as_str().to_ascii_lowercase();
        format!("defib-{run}-{}", self.step.as_str())
    }

    /// Returns the tags of every creation.
    #[must_use]
    pub fn tags(&self) -> [(&'static str, String); 4] {
        [
            (TAG_RUN, self.run.as_str().to_owned()),
            (TAG_STEP, self.step.as_str().to_owned()),
            (TAG_GENERATION, self.generation.to_string()),
            (TAG_SOURCE, self.source.clone()),
        ]
    }
}

/// What an operation works with.
#[derive(Clone)]
pub struct Context {
    /// Clients of the plan's place.
    pub clients: Clients,
    /// The step's stamp.
    pub stamp: Stamp,
    /// What AWS answered to the step's request, so far as it told; null before.
    pub accepted: Value,
    /// When the request was last sent, as far as the record tells; `None` before.
    pub sent_at: Option<Timestamp>,
    /// Whether a request of the step may have been sent that its record does not show.
    pub lost: bool,
}

impl Context {
    /// Returns a text out of what AWS answered: the id of what was made.
    #[must_use]
    pub fn accepted_id(&self, field: &str) -> Option<&str> {
        self.accepted.get(field)?.as_str()
    }
}

/// Returns what a look has found to be somebody else's doing. For the obstacles of what no other step of a run can
/// bring into such a state: it stays so whatever is taken back first.
#[must_use]
pub fn conflict_of<T>(seen: Probe<T>) -> Option<String> {
    match seen {
        Probe::Conflict(why) => Some(why),
        Probe::Absent { .. }
        | Probe::InProgress { .. }
        | Probe::Present { .. }
        | Probe::Failed(_) => None,
    }
}

/// A request in AWS's own words, as the AWS CLI takes it by `--cli-input-json`.
///
/// What is only known while running stands as `{"$stamp":"run"}` (also `step`, `generation`,
/// `token`, `source`, `by`, `name`) or as a [`Ref`] marker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// Service as the AWS CLI names it, `ec2`.
    pub service: &'static str,
    /// API name, `CreateVolume`.
    pub api: &'static str,
    /// Parameters by their API names.
    pub parameters: Value,
}

/// A marker for a part of the stamp, to stand in [`Request::parameters`].
#[must_use]
pub fn stamp_marker(part: &str) -> Value {
    json!({ "$stamp": part })
}

/// The four tags of every creation as API parameters, with markers for the stamp.
#[must_use]
pub fn stamp_tags() -> Vec<Value> {
    [
        (TAG_RUN, "run"),
        (TAG_STEP, "step"),
        (TAG_GENERATION, "generation"),
        (TAG_SOURCE, "source"),
    ]
    .into_iter()
    .map(|(key, part)| json!({"Key": key, "Value": stamp_marker(part)}))
    .collect()
}

/// A look at the world that tells when the wanted state of an operation holds, as the AWS CLI can
/// make it: for scripts and runbooks. The engine probes instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wait {
    /// Service as the AWS CLI names it, `ec2`.
    pub service: &'static str,
    /// API name of a read, `DescribeVolumes`.
    pub api: &'static str,
    /// Parameters by their API names, with the markers of [`Request`] and of [`own_output`].
    pub parameters: Value,
    /// `JMESPath` for `--query`. Read with `--output text`: values of a list are parted by one
    /// space, what is not there reads `None`.
    pub query: String,
    /// Answers that mean the wanted state holds.
    pub wanted: &'static [&'static str],
    /// Answers after which waiting is in vain.
    pub fatal: &'static [&'static str],
}

/// A look that tells the outputs which the answer of the call does not, once the wanted state holds: for scripts and
/// runbooks. The engine probes instead.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Service as the AWS CLI names it, `ec2`.
    pub service: &'static str,
    /// API name of a read, `DescribeInstances`.
    pub api: &'static str,
    /// Parameters by their API names, with the markers of [`Request`] and of [`own_output`].
    pub parameters: Value,
    /// Field and `JMESPath` of each.
    pub outputs: Vec<(&'static str, Path)>,
}

/// Where an output stands in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Path {
    /// One id.
    One(String),
    /// Several ids.
    List(String),
}

/// A marker for an output of the operation itself, to stand in [`Wait::parameters`].
#[must_use]
pub fn own_output(field: &str) -> Value {
    json!({ "$output": format!(".{field}") })
}

impl Request {
    /// Returns the kinds of resources that the call tags when it makes them, in the service's words.
    #[must_use]
    pub fn tags_on_creation(&self) -> Vec<String> {
        let all = self.parameters["TagSpecifications"].as_array();
        let kinds = all.into_iter().flatten();
        let kinds = kinds.filter_map(|one| one["ResourceType"].as_str());
        kinds.map(str::to_owned).collect()
    }

    /// Returns the request with every stamp marker replaced.
    #[must_use]
    pub fn stamped(mut self, stamp: &Stamp) -> Self {
        replace_stamps(&mut self.parameters, stamp);
        self
    }
}

fn replace_stamps(value: &mut Value, stamp: &Stamp) {
    let part = value.get("$stamp").and_then(Value::as_str);
    if let Some(part) = part {
        *value = Value::String(match part {
            "run" => stamp.run.as_str().to_owned(),
            "step" => stamp.step.as_str().to_owned(),
            "generation" => stamp.generation.to_string(),
            "token" => stamp.token.clone(),
            "by" => stamp.by.clone(),
            "name" => stamp.name(),
            _source => stamp.source.clone(),
        });
        return;
    }
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| replace_stamps(item, stamp)),
        Value::Object(fields) => fields
            .values_mut()
            .for_each(|field| replace_stamps(field, stamp)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a probe found.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe<O> {
    /// The wanted state does not hold and nothing is on the way to it.
    Absent {
        /// The state found instead, kept for undo and shown to the operator.
        found: Value,
    },
    /// The world is on the way to the wanted state.
    InProgress {
        /// In AWS's words.
        detail: String,
        /// Per cent, if AWS tells.
        percent: Option<u8>,
    },
    /// The wanted state holds.
    Present {
        /// What it yields.
        output: O,
        /// In AWS's words.
        detail: String,
    },
    /// The world is not as the plan recorded it; a person decides.
    Conflict(String),
    /// The wanted state was not and will not be reached by what was sent; a new generation may.
    Failed(String),
}

/// AWS accepted a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Issued<O> {
    /// Request id of AWS.
    pub request_id: Option<String>,
    /// What the answer tells of the output, if it does.
    pub output: Option<O>,
}

/// How a request whose outcome is unknown may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resend {
    /// AWS de-duplicates by the token.
    SameToken,
    /// Sending it twice ends in the same state; look first.
    AfterProbe,
    /// It would be made twice: only after several misses over two minutes, else a person decides.
    AfterMisses,
}

/// A typed operation. Its serialized form is its input in the plan.
#[async_trait]
pub trait Operation: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What later steps may refer to.
    type Output: Serialize + DeserializeOwned + Send;

    /// Name in the registry: `ec2:CreateVolume`, unique even where two operations make one call.
    const NAME: &'static str;
    /// Version of the input.
    const VERSION: u32;
    /// How it may be sent again.
    const RESEND: Resend;

    /// Returns the call as data; equal to what [`Operation::issue`] sends.
    fn request(&self) -> Request;

    /// Reads the world for the wanted state.
    ///
    /// # Errors
    /// The failure of a read.
    async fn probe(&self, cx: &Context) -> Result<Probe<Self::Output>, Failure>;

    /// Sends exactly one mutating call, once.
    ///
    /// # Errors
    /// The failure of the call, with what is known of its effect.
    async fn issue(&self, cx: &Context) -> Result<Issued<Self::Output>, Failure>;

    /// Reads whether anything keeps the wanted state from ever being reached, whatever the steps before
    /// this one do; `ours` are the ids of what the run made. `None` if nothing is seen.
    ///
    /// # Errors
    /// The failure of a read.
    async fn obstacle(&self, _cx: &Context, _ours: &[String]) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    /// Returns what exists because of this operation.
    fn created(&self, _output: &Self::Output) -> Vec<Created> {
        Vec::new()
    }

    /// Returns what to look at to see whether the wanted state holds; `None` if the answer of the
    /// call is proof enough.
    fn wait(&self) -> Option<Wait> {
        None
    }

    /// Returns where the outputs stand in the call's answer, as field and `JMESPath`.
    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Returns what tells the outputs that do not stand there.
    fn told(&self) -> Option<Told> {
        None
    }

    /// Returns the call of this operation for a plan.
    fn call(&self) -> Call {
        Call {
            operation: Self::NAME.to_owned(),
            version: Self::VERSION,
            input: serde_json::to_value(self).expect("an operation's input is plain data"),
        }
    }
}

/// An operation whose types are hidden: inputs and outputs are JSON.
#[async_trait]
pub trait AnyOperation: Send + Sync {
    /// Name in the registry.
    fn name(&self) -> &'static str;
    /// How it may be sent again.
    fn resend(&self) -> Resend;
    /// The call as data.
    fn request(&self) -> Request;
    /// Reads the world for the wanted state.
    ///
    /// # Errors
    /// The failure of a read.
    async fn probe(&self, cx: &Context) -> Result<Probe<Value>, Failure>;
    /// Sends exactly one mutating call, once.
    ///
    /// # Errors
    /// The failure of the call.
    async fn issue(&self, cx: &Context) -> Result<Issued<Value>, Failure>;
    /// Reads whether anything keeps the wanted state from ever being reached.
    ///
    /// # Errors
    /// The failure of a read.
    async fn obstacle(&self, cx: &Context, ours: &[String]) -> Result<Option<String>, Failure>;
    /// Returns what exists because of this operation.
    fn created(&self, output: &Value) -> Vec<Created>;
    /// What to look at to see whether the wanted state holds.
    fn wait(&self) -> Option<Wait>;
    /// Where the outputs stand in the call's answer, as field and `JMESPath`.
    fn outputs(&self) -> &'static [(&'static str, &'static str)];
    /// What tells the outputs that do not stand there.
    fn told(&self) -> Option<Told>;
}

#[async_trait]
impl<T: Operation> AnyOperation for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn resend(&self) -> Resend {
        T::RESEND
    }

    fn request(&self) -> Request {
        Operation::request(self)
    }

    async fn probe(&self, cx: &Context) -> Result<Probe<Value>, Failure> {
        Ok(match Operation::probe(self, cx).await? {
            Probe::Absent { found } => Probe::Absent { found },
            Probe::InProgress { detail, percent } => Probe::InProgress { detail, percent },
            Probe::Present { output, detail } => Probe::Present {
                output: json!(output),
                detail,
            },
            Probe::Conflict(why) => Probe::Conflict(why),
            Probe::Failed(why) => Probe::Failed(why),
        })
    }

    async fn issue(&self, cx: &Context) -> Result<Issued<Value>, Failure> {
        let issued = Operation::issue(self, cx).await?;
        Ok(Issued {
            request_id: issued.request_id,
            output: issued.output.map(|output| json!(output)),
        })
    }

    async fn obstacle(&self, cx: &Context, ours: &[String]) -> Result<Option<String>, Failure> {
        Operation::obstacle(self, cx, ours).await
    }

    fn created(&self, output: &Value) -> Vec<Created> {
        serde_json::from_value(output.clone())
            .map(|output| Operation::created(self, &output))
            .unwrap_or_default()
    }

    fn wait(&self) -> Option<Wait> {
        Operation::wait(self)
    }

    fn outputs(&self) -> &'static [(&'static str, &'static str)] {
        Operation::outputs(self)
    }

    fn told(&self) -> Option<Told> {
        Operation::told(self)
    }
}

/// Returns the value of a reference that the engine has resolved.
///
/// # Errors
/// Refuses while the reference is open, so that nothing is sent with a hole in it.
pub fn resolved<'a, T>(reference: &'a Ref<T>, call: &str) -> Result<&'a T, Failure> {
    reference.known().ok_or_else(|| Failure {
        class: FailureClass::Refused,
        effect: Effect::None,
        call: call.to_owned(),
        code: None,
        message: "its input refers to a step that has no output yet".into(),
        request_id: None,
    })
}

/// A call that no operation of this defib can decode.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The name is not in the registry.
    #[error("this defib has no operation “{0}”")]
    Unknown(String),
    /// The input has a version this defib does not know.
    #[error("operation {name} has version {found}, this defib knows {known}")]
    Version {
        /// Name.
        name: &'static str,
        /// Version found.
        found: u32,
        /// Version known.
        known: u32,
    },
    /// A gate's check changes something.
    #[error("the plan has a person's answer checked by “{0}”, which is not a read")]
    NoRead(String),
    /// The input is not of the operation's shape.
    #[error("the input of {name} cannot be read")]
    Input {
        /// Name.
        name: &'static str,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// Turns an input into an operation.
pub type Decoder = fn(&Call) -> Result<Box<dyn AnyOperation>, DecodeError>;

/// Decodes one kind of operation.
///
/// # Errors
/// [`DecodeError::Version`] and [`DecodeError::Input`].
pub fn decode_as<T: Operation>(call: &Call) -> Result<Box<dyn AnyOperation>, DecodeError> {
    if call.version != T::VERSION {
        return Err(DecodeError::Version {
            name: T::NAME,
            found: call.version,
            known: T::VERSION,
        });
    }
    let operation: T =
        serde_json::from_value(call.input.clone()).map_err(|source| DecodeError::Input {
            name: T::NAME,
            source,
        })?;
    Ok(Box::new(operation))
}

/// Decodes a call with the registry of all operations.
///
/// # Errors
/// [`DecodeError`] if the call is not one of ours.
pub fn decode(call: &Call) -> Result<Box<dyn AnyOperation>, DecodeError> {
    super::operations::REGISTRY
        .iter()
        .find(|(name, _)| *name == call.operation)
        .ok_or_else(|| DecodeError::Unknown(crate::domain::text::shown(&call.operation)))
        .and_then(|(_, decoder)| decoder(call))
}
