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

/// A request as it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// `Action` of the form, or method and path.
    pub action: String,
    pub body: String,
}

/// Keeps what was sent and answers by action.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    sent: Arc<Mutex<Vec<Sent>>>,
    answers: BTreeMap<String, (u16, String)>,
}

impl Recorder {
    /// Answers an action of a query service, or a method and path, with a document.
    pub(super) fn answers(mut self, action: &str, document: &str) -> Self {
        self.answers
            .insert(action.to_owned(), (200, document.to_owned()));
        self
    }

    /// Refuses an action of a query service by a code.
    pub(super) fn refuses(mut self, action: &str, code: &str) -> Self {
        let document = format!("<Error><Code>{code}</Code><Message>no</Message></Error>");
        self.answers.insert(action.to_owned(), (400, document));
        self
    }

    pub(super) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }

    /// Probes with this recorder behind the clients.
    pub(super) async fn probe(&self, operation: &dyn AnyOperation) -> Probe<Value> {
        operation.probe(&context(self)).await.unwrap()
    }
}

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let path = request.uri().split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]);
        let path = path.split('?').next().unwrap_or_default();
        let address = format!("{} {path}", request.method());
        let action = body
            .split('&')
            .find_map(|pair| pair.strip_prefix("Action="));
        let action = action.map_or(address, str::to_owned);
        let empty = (200, "<R></R>".to_owned());
        let (status, document) = self.answers.get(&action).unwrap_or(&empty).clone();
        let document = match status {
            200 => within_root(&action, &document),
            _refused if request.uri().contains("://ec2.") => {
                format!("<Response><Errors>{document}</Errors></Response>")
            }
            _refused => format!("<ErrorResponse>{document}</ErrorResponse>"),
        };
        self.sent.lock().unwrap().push(Sent { action, body });
        let answer = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(document));
        HttpConnectorFuture::ready(Ok(answer))
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

pub(super) fn context(recorder: &Recorder) -> Context {
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
        backup: aws_sdk_backup::Client::new(&config),
        clock: Clock::real(),
        expiration: crate::aws::connect::expiration::Expiration::never(),
        by_code: false,
    }
}
