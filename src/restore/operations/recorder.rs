//! Clients that lead to a recorder: it keeps what was sent, and answers as it was told to.
//!
//! For the tests of operations alone. A request without an answer of its own gets an empty document.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_sdk_ec2::config::{BehaviorVersion, Region, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use serde_json::Value;

use crate::aws::connect::Clients;
use crate::clock::Clock;
use crate::domain::place::Place;
use crate::restore::operation::{AnyOperation, Context, Probe, Stamp};
use crate::sim::cbor;

/// A request as it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::restore) struct Sent {
    /// `Action` of the form, the last part of the target of a JSON service, that of the path of a service that speaks
    /// CBOR, or method and path.
    pub action: String,
    /// What was sent; of CBOR, the JSON that says the same.
    pub body: String,
}

/// Keeps what was sent and answers by action.
#[derive(Clone, Debug, Default)]
pub(in crate::restore) struct Recorder {
    sent: Arc<Mutex<Vec<Sent>>>,
    answers: BTreeMap<String, Answer>,
}

#[derive(Clone, Debug)]
enum Answer {
    Document(String),
    Refusal { code: String, message: String },
}

impl Recorder {
    /// Answers an action, or a method and path, with a document.
    pub(in crate::restore) fn answers(mut self, action: &str, document: &str) -> Self {
        let answer = Answer::Document(document.to_owned());
        self.answers.insert(action.to_owned(), answer);
        self
    }

    /// Refuses an action by a code.
    pub(in crate::restore) fn refuses(self, action: &str, code: &str) -> Self {
        self.refuses_saying(action, code, "no")
    }

    /// Refuses an action by a code and a message.
    pub(in crate::restore) fn refuses_saying(
        mut self,
        action: &str,
        code: &str,
        message: &str,
    ) -> Self {
        let answer = Answer::Refusal {
            code: code.to_owned(),
            message: message.to_owned(),
        };
        self.answers.insert(action.to_owned(), answer);
        self
    }

    pub(in crate::restore) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Probes with this recorder behind the clients.
    pub(in crate::restore) async fn probe(&self, operation: &dyn AnyOperation) -> Probe<Value> {
        operation.probe(&context(self)).await.unwrap()
    }
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let speaks = Speech::of(&request);
        let body = request.body().bytes().unwrap_or_default();
        let body = match speaks {
            Speech::Cbor => cbor::to_json(body).unwrap().to_string(),
            Speech::Json | Speech::Xml => String::from_utf8(body.to_vec()).unwrap(),
        };
        let path = request.uri().split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        // A page of Lambda's is known by its marker.
        let page = query
            .split('&')
            .find_map(|pair| pair.strip_prefix("Marker="));
        let page = page.map_or_else(String::new, |marker| format!("?{marker}"));
        let form = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action="));
        let named = match speaks {
            Speech::Cbor => path.rsplit('/').next(),
            Speech::Json => request.headers().get("x-amz-target"),
            Speech::Xml => form,
        };
        let named = named.and_then(|name| name.split('.').next_back());
        let address = format!("{} {path}{page}", request.method());
        let action = named.map_or(address, str::to_owned);
        let (status, document) = match self.answers.get(&action) {
            None => (200, speaks.empty(&action)),
            Some(Answer::Document(document)) => (200, speaks.answer(&action, document)),
            Some(Answer::Refusal { code, message }) => {
                (400, speaks.refusal(request.uri(), code, message))
            }
        };
        self.sent.lock().unwrap().push(Sent { action, body });
        let answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(document));
        HttpConnectorFuture::ready(Ok(answer))
    }
}

/// How the addresses of Lambda begin that are used here; it names its operations nowhere else.
const LAMBDA: &str = "/2015-03-31/";

/// What a service speaks.
#[derive(Clone, Copy)]
enum Speech {
    Json,
    Cbor,
    Xml,
}

impl Speech {
    fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        if headers.get("smithy-protocol") == Some("rpc-v2-cbor") {
            Self::Cbor
        } else if headers.get("x-amz-target").is_some() || request.uri().contains(LAMBDA) {
            Self::Json
        } else {
            Self::Xml
        }
    }

    /// Writes an answer; one in CBOR is told in JSON.
    fn answer(self, action: &str, document: &str) -> Vec<u8> {
        match self {
            Self::Json => document.as_bytes().to_vec(),
            Self::Cbor => cbor::of_json(&serde_json::from_str(document).unwrap()),
            Self::Xml => within_root(action, document).into_bytes(),
        }
    }

    fn empty(self, action: &str) -> Vec<u8> {
        let document = match self {
            Self::Json | Self::Cbor => "{}",
            Self::Xml => "<R></R>",
        };
        self.answer(action, document)
    }

    fn refusal(self, uri: &str, code: &str, message: &str) -> Vec<u8> {
        let document = serde_json::json!({"__type": code, "message": message});
        match self {
            Self::Json => document.to_string().into_bytes(),
            Self::Cbor => cbor::of_json(&document),
            Self::Xml => refusal_in_xml(uri, code, message).into_bytes(),
        }
    }
}

/// EC2 wraps an error otherwise than the other query services do.
fn refusal_in_xml(uri: &str, code: &str, message: &str) -> String {
    let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    if uri.contains("://ec2.") {
        format!("<Response><Errors>{error}</Errors></Response>")
    } else {
        format!("<ErrorResponse>{error}</ErrorResponse>")
    }
}

/// Writes out the roots of an answer: `R` is EC2's, `Q` is the one of the other query services, which have the
/// result in a root of its own.
fn within_root(action: &str, document: &str) -> String {
    let root = |name: &str, inner: &str| format!("<{name}>{inner}</{name}>");
    let inside = |name: &str| {
        let inner = document.strip_prefix(&format!("<{name}>"))?;
        inner.strip_suffix(&format!("</{name}>"))
    };
    if let Some(inner) = inside("R") {
        root(&format!("{action}Response"), inner)
    } else if let Some(inner) = inside("Q") {
        let result = root(&format!("{action}Result"), inner);
        root(&format!("{action}Response"), &result)
    } else {
        document.to_owned()
    }
}

impl HttpClient for Recorder {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

pub(in crate::restore) fn context(recorder: &Recorder) -> Context {
    Context {
        clients: clients(recorder),
        stamp: Stamp {
            run: "01JD4Q00000000000000000000".into(),
            step: "the-step".into(),
            generation: 3,
            token: "TOKEN".into(),
            source: "snap-1".into(),
            by: "ops@bastion since 2026-03-10T02:31:00Z".into(),
        },
        accepted: Value::Null,
        sent_at: None,
        lost: false,
    }
}

fn clients(recorder: &Recorder) -> Clients {
    let keys = Credentials::new("a", "b", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(recorder.clone())
        .build();
    Clients {
        place: Place {
            profile: None,
            account: "111122223333".into(),
            region: "eu-west-1".into(),
        },
        role: "arn:aws:iam::111122223333:role/ops".into(),
        endpoints: std::collections::BTreeSet::new(),
        ec2: aws_sdk_ec2::Client::new(&config),
        ec2_once: aws_sdk_ec2::Client::new(&config),
        ec2_rehearsed: aws_sdk_ec2::Client::new(&config),
        kms: aws_sdk_kms::Client::new(&config),
        autoscaling: aws_sdk_autoscaling::Client::new(&config),
        autoscaling_once: aws_sdk_autoscaling::Client::new(&config),
        elb: aws_sdk_elasticloadbalancingv2::Client::new(&config),
        elb_once: aws_sdk_elasticloadbalancingv2::Client::new(&config),
        route53: aws_sdk_route53::Client::new(&config),
        route53_once: aws_sdk_route53::Client::new(&config),
        rds: aws_sdk_rds::Client::new(&config),
        dynamodb: aws_sdk_dynamodb::Client::new(&config),
        dynamodb_once: aws_sdk_dynamodb::Client::new(&config),
        application_autoscaling: aws_sdk_applicationautoscaling::Client::new(&config),
        application_autoscaling_once: aws_sdk_applicationautoscaling::Client::new(&config),
        ssm: aws_sdk_ssm::Client::new(&config),
        ssm_once: aws_sdk_ssm::Client::new(&config),
        cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
        cloudwatch_once: aws_sdk_cloudwatch::Client::new(&config),
        lambda: aws_sdk_lambda::Client::new(&config),
        lambda_once: aws_sdk_lambda::Client::new(&config),
        iam: aws_sdk_iam::Client::new(&config),
        backup: aws_sdk_backup::Client::new(&config),
        clock: Clock::real(),
        expiration: crate::aws::connect::expiration::Expiration::never(),
        by_code: false,
        origin: None,
    }
}
