//! What operations send, held against what they say they send.
//!
//! A client with a recording HTTP client issues a sample of every registered operation; the form in the
//! request's body must hold exactly the parameters of `request()`.

use std::collections::{BTreeMap, BTreeSet};
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

use super::REGISTRY;
use super::ec2_active::{MarkActive, UnmarkActive};
use super::ec2_instance::{SetDeleteOnTermination, StartInstance, StopInstance};
use super::ec2_instance_status::InstanceIsHealthy;
use super::ec2_snapshot::CreateSnapshot;
use super::ec2_tags::{RemoveTags, TagResource, TagValue};
use super::ec2_volume::{AttachVolume, CreateVolume, DetachVolume};
use crate::aws::connect::Clients;
use crate::aws::guard::{AWAITED, DELETIONS, MUTATIONS, READS, sdk_service};
use crate::domain::place::Place;
use crate::domain::plan::Ref;
use crate::domain::text::Untrusted;
use crate::restore::operation::{AnyOperation, Context, Request, Stamp};

/// Keeps the bodies of what was sent and answers each with an empty document.
#[derive(Clone, Debug, Default)]
struct Recorder(Arc<Mutex<Vec<String>>>);

impl HttpConnector for Recorder {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8(body.to_vec()).unwrap();
        self.0.lock().unwrap().push(body);
        let status = 200_u16.try_into().unwrap();
        let answer = HttpResponse::new(status, SdkBody::from("<Response></Response>"));
        HttpConnectorFuture::ready(Ok(answer))
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

fn context(recorder: &Recorder) -> Context {
    let keys = Credentials::new("a", "b", None, None, "test");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(recorder.clone())
        .build();
    Context {
        clients: Clients {
            place: Place {
                profile: None,
                account: "111122223333".into(),
                region: "eu-west-1".into(),
            },
            role: "arn:aws:iam::111122223333:role/ops".into(),
            endpoints: std::collections::BTreeSet::new(),
            ec2: aws_sdk_ec2::Client::new(&config),
            ec2_once: aws_sdk_ec2::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            autoscaling: aws_sdk_autoscaling::Client::new(&config),
            autoscaling_once: aws_sdk_autoscaling::Client::new(&config),
            elb: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            elb_once: aws_sdk_elasticloadbalancingv2::Client::new(&config),
            route53: aws_sdk_route53::Client::new(&config),
            route53_once: aws_sdk_route53::Client::new(&config),
            rds: aws_sdk_rds::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            backup: aws_sdk_backup::Client::new(&config),
            clock: crate::clock::Clock::real(),
            expiration: crate::aws::connect::expiration::Expiration::never(),
            by_code: false,
        },
        stamp: Stamp {
            run: "01JD4Q00000000000000000000".into(),
            step: "the-step".into(),
            generation: 3,
            token: "TOKEN".into(),
            source: "snap-1".into(),
            by: "ops@bastion since 2026-03-10T02:31:00Z".into(),
        },
        accepted: Value::Null,
    }
}

fn hostile_tags() -> BTreeMap<Untrusted, Untrusted> {
    let tags = [
        ("Name", "a'b\"c$(d)\ne"),
        ("bidi", "\u{202e}x"),
        ("empty", ""),
    ];
    let own = |(key, value): (&str, &str)| (Untrusted::from(key), Untrusted::from(value));
    tags.into_iter().map(own).collect()
}

fn create_volume(full: bool) -> CreateVolume {
    CreateVolume {
        snapshot: "snap-1".into(),
        zone: "eu-west-1a".into(),
        volume_type: "io2".into(),
        size: 200,
        iops: full.then_some(9000),
        throughput: full.then_some(250),
        encrypted: full,
        kms_key: full.then(|| "arn:aws:kms:eu-west-1:111122223333:key/k".into()),
        multi_attach: full,
        initialization_rate: full.then_some(300),
        tags: hostile_tags(),
    }
}

fn samples() -> Vec<Box<dyn AnyOperation>> {
    let volume = || Ref::Known("vol-1".into());
    vec![
        Box::new(CreateSnapshot {
            volume: "vol-1".into(),
            description: "before a swap & more".into(),
            tags: hostile_tags(),
        }),
        Box::new(create_volume(true)),
        Box::new(create_volume(false)),
        Box::new(AttachVolume {
            volume: volume(),
            instance: "i-1".into(),
            device: "/dev/sdf".into(),
        }),
        Box::new(DetachVolume {
            volume: volume(),
            instance: "i-1".into(),
            device: "/dev/sdf".into(),
            while_running: true,
        }),
        Box::new(StopInstance {
            instance: "i-1".into(),
        }),
        Box::new(StartInstance {
            instance: "i-1".into(),
        }),
        Box::new(InstanceIsHealthy {
            instance: "i-1".into(),
        }),
        Box::new(SetDeleteOnTermination {
            instance: "i-1".into(),
            device: "/dev/sdf".into(),
            volume: volume(),
            delete: false,
        }),
        Box::new(TagResource {
            resource: "vol-1".into(),
            tags: BTreeMap::from([
                ("defib:run".into(), TagValue::Run),
                (
                    "defib:keep-until".into(),
                    TagValue::Text("2026-03-08".into()),
                ),
            ]),
        }),
        Box::new(MarkActive {
            resource: "i-1".into(),
            instead_of: Some("another".into()),
        }),
        Box::new(UnmarkActive {
            resource: "i-1".into(),
        }),
        Box::new(RemoveTags {
            resource: "vol-1".into(),
            keys: vec!["defib:run".into(), "defib:keep-until".into()],
        }),
    ]
}

/// Names of parameters that differ between API and wire (EC2 API model).
fn wire_name(name: &str) -> &str {
    match name {
        "TagSpecifications" => "TagSpecification",
        "Tags" => "Tag",
        "Resources" => "ResourceId",
        "InstanceIds" => "InstanceId",
        "BlockDeviceMappings" => "BlockDeviceMapping",
        same => same,
    }
}

/// Flattens parameters as EC2's query protocol does: `Tag.1.Key`.
fn flatten(prefix: &str, value: &Value, out: &mut BTreeMap<String, String>) {
    let join = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        }
    };
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                flatten(&join(wire_name(name)), field, out);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                flatten(&join(&(n + 1).to_string()), item, out);
            }
        }
        Value::String(text) => {
            out.insert(prefix.to_owned(), text.clone());
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            out.insert(prefix.to_owned(), value.to_string());
        }
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            b'+' => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn form(body: &str) -> BTreeMap<String, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (decoded(name), decoded(value))
    };
    body.split('&').map(pair).collect()
}

#[tokio::test]
async fn every_operation_sends_exactly_what_its_request_says() {
    for operation in samples() {
        let recorder = Recorder::default();
        let cx = context(&recorder);
        let name = operation.name();
        // The empty answer may not parse; only what was sent matters here.
        let _ = operation.issue(&cx).await;
        let sent = recorder.0.lock().unwrap().clone();
        assert_eq!(sent.len(), 1, "{name} must send exactly one request");
        let mut sent = form(&sent[0]);
        let request = operation.request().stamped(&cx.stamp);
        assert_eq!(
            sent.remove("Action").as_deref(),
            Some(request.api),
            "{name}"
        );
        sent.remove("Version");
        let mut said = BTreeMap::new();
        flatten("", &request.parameters, &mut said);
        assert_eq!(sent, said, "{name}");
    }
}

#[test]
fn every_registered_operation_has_a_sample_here() {
    let sampled: BTreeSet<&str> = samples().iter().map(|operation| operation.name()).collect();
    let registered: BTreeSet<&str> = REGISTRY.iter().map(|(name, _)| *name).collect();
    assert_eq!(sampled, registered);
}

#[test]
fn the_guard_lists_the_call_of_every_operation_and_no_other() {
    let requests = samples().into_iter().map(|operation| operation.request());
    let named = |request: Request| (sdk_service(request.service).to_owned(), request.api);
    let sent: BTreeSet<(String, &str)> = requests.map(named).collect();
    let listed = |lists: &[&[(&'static str, &'static str)]]| {
        let calls = lists.concat().into_iter();
        let own = calls.map(|(service, api)| (service.to_owned(), api));
        own.collect::<BTreeSet<_>>()
    };
    let reads = listed(&[READS]);
    let mutations: BTreeSet<_> = sent.difference(&reads).cloned().collect();
    let awaited = listed(&[AWAITED]);
    assert!(mutations.is_disjoint(&awaited), "one of them has come");
    let made_or_awaited: BTreeSet<_> = mutations.union(&awaited).cloned().collect();
    assert_eq!(made_or_awaited, listed(&[MUTATIONS, DELETIONS]));
}
